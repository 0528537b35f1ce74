//! The SAML legs of a sign-in, as a browser makes them. The provider's answer is made in this process, so that its
//! work is not counted as the server's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::{Url, form_urlencoded};
use vestibule_testidp::{AuthnRequest, ResponseSpec, SamlIdp, User};

use crate::Result;
use crate::http::{Connection, get, path_of, with_form};
use crate::sign_in::{Doors, Person, cookie, location};

/// Starts a sign-in at the server and gives the request that brings the provider's answer to it.
pub(crate) async fn answered(server: &mut Connection, doors: &Doors, person: &Person) -> Result<Vec<u8>> {
    let answer = server.send(&get(&person.start(doors), "")).await?.expect(302)?;
    let cookie = cookie(&answer)?;
    let asked = Url::parse(location(answer.header("location"))?)?;
    let parameter = |name: &str| asked.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value);
    let request = parameter("SAMLRequest").and_then(|packed| AuthnRequest::from_redirect(&packed));
    let request = request.ok_or("no SAMLRequest at the start")?;
    let relay_state = parameter("RelayState").ok_or("no RelayState at the start")?;
    let acs_url = request.acs_url.clone().ok_or("a request without an address for the answer")?;
    let response = response(&doors.saml, person, &acs_url, request)?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &STANDARD.encode(response))
        .append_pair("RelayState", &relay_state)
        .finish();
    Ok(with_form(path_of(&acs_url)?, &cookie, &body))
}

/// The assertion is signed, the response is not: the shape that most providers send.
fn response(idp: &SamlIdp, person: &Person, acs_url: &str, request: AuthnRequest) -> Result<String> {
    let user = User::from_email(&person.email).ok_or("an address that is none")?;
    let mut spec = ResponseSpec::new(user, acs_url, request.issuer);
    spec.in_response_to = Some(request.id);
    Ok(idp.response(&spec)?)
}
