//! A provider's document in full, for whoever says where it is or has it at hand: what it says is taken over for what was not
//! given, and the document is kept. The issuer is the document's: whose address it was given by need not be its own.

use serde_json::{Map, Value};
use vestibule_domain::connection::{Channel, pasted};
use vestibule_domain::refusal::{Field, Refusal, What, sentence};
use vestibule_domain::tenant::Tenant;
use vestibule_oidc::Issuer;
use vestibule_oidc::discovery;
use vestibule_refusal::Excerpt;

use super::discovery::{Document, document, url_policy};
use crate::failure::Failure;
use crate::world::App;
use crate::world::fetch::FetchError;
use crate::world::fetch::protocol::send;

/// The most bytes of a document that is kept.
pub(crate) const MOST_BYTES: usize = 128 * 1024;
/// Where a document is below its issuer.
const PATH: &str = "/.well-known/openid-configuration";
/// What Entra writes in the place of a tenant.
const ANY_TENANT: &str = "{tenantid}";

/// What is known of a provider without its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoints {
    /// Whose id tokens are taken.
    pub issuer: Option<String>,
    /// Where the browser goes.
    pub authorization: Option<String>,
    /// Where a code is redeemed.
    pub token: Option<String>,
    /// Where more claims are.
    pub userinfo: Option<String>,
    /// Where the keys are.
    pub jwks: Option<String>,
}

impl Endpoints {
    /// The same with what a document says of what is not known.
    #[must_use]
    pub(crate) fn completed(self, found: Option<&Described>) -> Self {
        let Some(Described { says: Document { issuer, says, .. }, .. }) = found else { return self };
        Self {
            issuer: self.issuer.or_else(|| Some(issuer.clone())),
            authorization: self.authorization.or_else(|| says.authorization_endpoint.clone()),
            token: self.token.or_else(|| says.token_endpoint.clone()),
            userinfo: self.userinfo.or_else(|| says.userinfo_endpoint.clone()),
            jwks: self.jwks.or_else(|| says.jwks_uri.clone()),
        }
    }

    /// What sign-ins over a channel need, by the names that documents have for it.
    fn needed(&self, channel: Channel) -> impl Iterator<Item = (&'static str, bool)> {
        let all = [
            ("issuer", true, self.issuer.is_some()),
            ("authorization_endpoint", true, self.authorization.is_some()),
            ("token_endpoint", channel == Channel::BackChannel, self.token.is_some()),
            ("jwks_uri", true, self.jwks.is_some()),
        ];
        all.into_iter().filter(|(_, needed, _)| *needed).map(|(name, _, known)| (name, known))
    }

    fn is_complete(&self, channel: Channel) -> bool {
        self.needed(channel).all(|(_, known)| known)
    }
}

/// Where a document is looked for, and what is known without it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Where<'a> {
    /// The address of the document, or of what it is below.
    pub place: Option<&'a str>,
    /// The document itself.
    pub document: Option<&'a Map<String, Value>>,
    /// What was given.
    pub given: &'a Endpoints,
    /// What sign-ins will need.
    pub channel: Channel,
}

/// A document that was found.
#[derive(Debug)]
pub(crate) struct Described {
    /// What sign-ins need of it.
    pub says: Document,
    /// All of it.
    pub document: Map<String, Value>,
}

/// Looks for the document, if there is anything to be found in it. One that somebody names must be there, unless they have said
/// all that is needed themselves; one that is only where the issuer's should be is asked for and not missed.
///
/// # Errors
/// It cannot be had, is too large, or lacks what nobody has given; each with the address and what was found there.
pub(crate) async fn described(
    app: &App,
    tenant: Tenant,
    wanted: Where<'_>,
) -> Result<Option<Described>, Failure> {
    if let Some(document) = wanted.document {
        return read(app, document.clone(), wanted, None).map(Some).map_err(Failure::from);
    }
    let is_complete = wanted.given.is_complete(wanted.channel);
    match (wanted.place, wanted.given.issuer.as_deref()) {
        (Some(place), _) => match ask(app, tenant, place, wanted).await {
            Err(Failure::Refused(_)) if is_complete => Ok(None),
            found => found.map(Some),
        },
        (None, Some(issuer)) if !is_complete => match ask(app, tenant, issuer, wanted).await {
            Err(Failure::Refused(_)) => Ok(None),
            found => found.map(Some),
        },
        _ => Ok(None),
    }
}

async fn ask(app: &App, tenant: Tenant, place: &str, wanted: Where<'_>) -> Result<Described, Failure> {
    let base = pasted::issuer(place).trim_end_matches('/');
    let address = format!("{base}{PATH}");
    let refused = |why: String| {
        let address = Excerpt::of(&address);
        Failure::from(
            Refusal::new(What::Invalid(Field::Issuer))
                .because(format!("The discovery document at {address} cannot be used: {}", sentence(why))),
        )
    };
    let policy = url_policy(app.mode);
    let request = Issuer::parse(base, policy).and_then(|base| discovery::request(&base, policy));
    let request = request.map_err(|error| refused(error.to_string()))?;
    let response = send(&app.fetcher.for_tenant(tenant), &request, MOST_BYTES + 1).await;
    let response = match response {
        Err(FetchError::TooLarge { .. }) => return Err(too_large().into()),
        Err(error) => return Err(error.failure(|why| refused(why.to_string()))),
        Ok(response) if response.body.len() > MOST_BYTES => return Err(too_large().into()),
        Ok(response) => response,
    };
    if response.status != http::StatusCode::OK {
        return Err(refused(format!(
            "it was answered with status {}, expected 200",
            response.status.as_u16()
        )));
    }
    let text = response.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&response.body);
    match serde_json::from_slice(text) {
        Ok(Value::Object(document)) => Ok(read(app, document, wanted, Some(base))?),
        _ => Err(refused("it is no JSON object".to_owned())),
    }
}

fn too_large() -> Refusal {
    Refusal::new(What::Invalid(Field::Issuer))
        .because("Discovery document exceeds the maximum allowed size of 128 KB")
}

/// Judges a document. `base` is what it was found below.
fn read(
    app: &App,
    document: Map<String, Value>,
    wanted: Where<'_>,
    base: Option<&str>,
) -> Result<Described, Refusal> {
    let text = serde_json::to_vec(&document).unwrap_or_default();
    if text.len() > MOST_BYTES {
        return Err(too_large());
    }
    let missing = lacking(&document, wanted);
    if !missing.is_empty() {
        return Err(Refusal::new(What::Invalid(Field::Issuer)).because(format!(
            "The discovery document lacks {}, which sign-ins over this connection need.",
            missing.join(", ")
        )));
    }
    let policy = url_policy(app.mode);
    let unusable = |why: String| {
        Refusal::new(What::Invalid(Field::Issuer))
            .because(format!("The discovery document cannot be used: {}", sentence(why)))
    };
    let says = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    // A template is completed by what the document was asked for, or by what was given.
    let issuer = match (says.contains(ANY_TENANT), wanted.given.issuer.as_deref().or(base)) {
        (true, Some(known)) => known,
        _ => says,
    };
    let issuer = Issuer::parse(issuer, policy).map_err(|error| unusable(error.to_string()))?;
    let parsed = discovery::parse(200, &completed(&document, wanted.given), &issuer, policy);
    let metadata = parsed.map_err(|error| unusable(error.to_string()))?;
    Ok(Described { says: self::document(&issuer, &metadata), document })
}

/// The document with what was given, so that it is judged for what will be used.
fn completed(document: &Map<String, Value>, given: &Endpoints) -> Vec<u8> {
    let mut document = document.clone();
    for (name, url) in [("authorization_endpoint", &given.authorization), ("jwks_uri", &given.jwks)] {
        if let (false, Some(url)) = (document.contains_key(name), url) {
            document.insert(name.to_owned(), url.clone().into());
        }
    }
    serde_json::to_vec(&document).unwrap_or_default()
}

/// What a document lacks that nobody has given, by its names.
fn lacking(document: &Map<String, Value>, wanted: Where<'_>) -> Vec<&'static str> {
    let is_text = |name: &str| document.get(name).is_some_and(Value::is_string);
    let endpoints = wanted.given.needed(wanted.channel);
    // Whose tokens are taken, and signed how, only the document says.
    let mut missing: Vec<_> = endpoints
        .filter(|(name, known)| !is_text(name) && (!known || *name == "issuer"))
        .map(|(name, _)| name)
        .collect();
    if !document.get("id_token_signing_alg_values_supported").is_some_and(Value::is_array) {
        missing.push("id_token_signing_alg_values_supported");
    }
    missing
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_document_lacks_is_named_unless_it_was_given() {
        let document = json!({ "issuer": "https://idp.test", "authorization_endpoint": 7, "jwks_uri": "https://idp.test/keys" });
        let document = document.as_object().unwrap();
        let given = Endpoints { token: Some("https://idp.test/token".to_owned()), ..Endpoints::default() };
        let lacks = |given: &Endpoints, channel| {
            lacking(document, Where { place: None, document: None, given, channel })
        };
        let algorithms = "id_token_signing_alg_values_supported";
        assert_eq!(
            lacks(&Endpoints::default(), Channel::BackChannel),
            ["authorization_endpoint", "token_endpoint", algorithms]
        );
        assert_eq!(lacks(&given, Channel::BackChannel), ["authorization_endpoint", algorithms]);
        assert_eq!(lacks(&given, Channel::FrontChannel), ["authorization_endpoint", algorithms]);
    }
}
