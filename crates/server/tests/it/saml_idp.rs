//! SAML connections to the test provider, and what somebody presses there.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::app::{BASE_URL, TestApp, text};
use crate::browser::{Browser, Return, form_of};
use crate::reply::{Reply, parameter};

/// An organization with a SAML connection to the test provider.
pub(crate) struct At {
    pub(crate) organization: String,
    pub(crate) connection: String,
}

impl At {
    /// The callback: at once ACS, audience and entity id.
    pub(crate) fn acs(&self) -> String {
        format!("{BASE_URL}/v1/b2b/sso/callback/{}", self.connection)
    }

    /// The connection's place in the API.
    pub(crate) fn path(&self) -> String {
        format!("/v1/b2b/sso/saml/{}/connections/{}", self.organization, self.connection)
    }
}

/// The certificate that the provider signs with now.
pub(crate) fn certificate(app: &TestApp) -> String {
    app.provider.saml().key().unwrap().certificate_pem()
}

/// A connection that is ready for use, with other or further settings.
pub(crate) async fn connect(app: &TestApp, slug: &str, more: Value) -> At {
    let organization = app.organization(slug, json!({})).await;
    connect_in(app, &organization, more).await
}

/// The same in an organization that is there.
pub(crate) async fn connect_in(app: &TestApp, organization: &str, more: Value) -> At {
    let made = app.post(&format!("/v1/b2b/sso/saml/{organization}"), json!({ "display_name": "IdP" })).await;
    let connection = text(&made.ok()["connection"]["connection_id"]);
    let at = At { organization: organization.to_owned(), connection };
    let idp = app.provider.saml();
    let mut body = json!({
        "idp_entity_id": idp.entity_id(),
        "idp_sso_url": idp.sso_url(),
        "x509_certificate": certificate(app),
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let updated = app.put(&at.path(), body).await.ok();
    assert_eq!(updated["connection"]["status"], "active", "{updated}");
    at
}

impl Browser {
    /// Follows a request to the provider and signs in there, with further choices of its page.
    pub(crate) async fn answer_saml(&self, to: &Url, email: &str, choices: &[(&str, &str)]) -> Return {
        let path = format!("{}?{}", to.path(), to.query().unwrap_or_default());
        let page = self.at_provider(Request::get(path).body(Body::empty()).unwrap()).await;
        self.choose_saml(&page, email, choices).await
    }

    /// The same for a request that is posted.
    pub(crate) async fn answer_saml_post(&self, form: &Return, email: &str) -> Return {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        let path = format!("{}?{}", form.url.path(), form.url.query().unwrap_or_default());
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let page = self.at_provider(request.body(Body::from(body)).unwrap()).await;
        self.choose_saml(&page, email, &[]).await
    }

    async fn choose_saml(&self, page: &Reply, email: &str, choices: &[(&str, &str)]) -> Return {
        let carried = ["acs_url", "audience", "in_response_to", "RelayState"];
        let fields = form_of(&page.text()).fields.into_iter();
        let fields: Vec<_> = fields.filter(|(name, _)| carried.contains(&name.as_str())).collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.submit_saml(email, &[&fields, choices].concat()).await
    }

    /// Begins at the provider: nobody asked for this answer.
    pub(crate) async fn begin_saml(&self, at: &At, email: &str, choices: &[(&str, &str)]) -> Return {
        let acs = at.acs();
        let to = [("acs_url", acs.as_str()), ("audience", acs.as_str())];
        self.submit_saml(email, &[&to, choices].concat()).await
    }

    /// Begins at the provider with these fields.
    pub(crate) async fn begin_at(&self, fields: &[(&str, &str)], email: &str) -> Return {
        self.submit_saml(email, fields).await
    }

    async fn submit_saml(&self, email: &str, fields: &[(&str, &str)]) -> Return {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("email", email)
            .finish();
        let request = Request::post("/saml/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let page = self.at_provider(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(page.status, 200, "{}", page.text());
        form_of(&page.text())
    }

    /// The whole way from start to the callback's answer.
    pub(crate) async fn sign_in_saml(&mut self, at: &At, email: &str, choices: &[(&str, &str)]) -> Reply {
        let to = self.start(&at.connection, &[]).await;
        let back = self.answer_saml(&to, email, choices).await;
        self.bring(&back).await
    }

    /// The SSO token of a sign-in that succeeds.
    pub(crate) async fn saml_token(&mut self, at: &At, email: &str) -> String {
        parameter(&self.sign_in_saml(at, email, &[]).await.location(), "token")
    }
}

/// An RSA key as people paste it (PKCS#1), and a certificate of it.
pub(crate) fn decryption_key() -> (String, Vec<u8>) {
    use vestibule_saml::key::{RsaPrivateKey, SigningKey};
    let key = RsaPrivateKey::generate().unwrap();
    let from = vestibule_saml::UnixMillis(1_700_000_000_000);
    let signing = SigningKey::new(&key).unwrap();
    let certificate =
        signing.self_signed_certificate("sp", from, from.plus(400 * 86_400_000 * 10), [7; 16]).unwrap();
    (key.to_pkcs1_pem().to_string(), certificate.der().to_vec())
}
