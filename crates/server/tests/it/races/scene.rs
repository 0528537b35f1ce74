//! What a race is about: an organization with a connection and somebody who is signed in through it.

use serde_json::{Value, json};

use super::name_of;
use crate::app::{TestApp, text};
use crate::browser::{Browser, Return};
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::Reply;
use crate::saml_connections::certificate;
use crate::saml_idp::connect_in;
use http::Method;

pub(super) const ADA: &str = "ada@example.com";

/// How the scene's connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Oidc,
    Saml,
}

#[derive(Clone)]
pub(super) struct Scene {
    pub(super) app: TestApp,
    pub(super) protocol: Protocol,
    pub(super) organization: String,
    pub(super) connection: String,
    pub(super) member: String,
    /// The session's token and its id.
    pub(super) session: String,
    pub(super) session_id: String,
    /// The issuer of the provider that the connection may move to.
    pub(super) elsewhere: String,
}

impl Scene {
    pub(super) async fn new(app: &TestApp, slug: &str, protocol: Protocol, elsewhere: &str) -> Self {
        let external = json!({ "organization_external_id": format!("{slug}-external") });
        let organization = app.organization(slug, external).await;
        let connection = match protocol {
            Protocol::Oidc => app.connection(&organization).await,
            Protocol::Saml => {
                let two = format!("{}\n{}", crate::saml_idp::certificate(app), certificate("spare", 2040));
                connect_in(app, &organization, json!({ "x509_certificate": two })).await.connection
            }
        };
        let mut scene = Self {
            app: app.clone(),
            protocol,
            organization,
            connection,
            member: String::new(),
            session: String::new(),
            session_id: String::new(),
            elsewhere: elsewhere.to_owned(),
        };
        let signed_in = app.redeem(&scene.sso_token().await).await.ok();
        scene.member = text(&signed_in["member_id"]);
        scene.hold(&signed_in);
        scene
    }

    /// From now on this session is the scene's.
    pub(super) fn hold(&mut self, signed_in: &Value) {
        self.session = text(&signed_in["session_token"]);
        self.session_id = text(&signed_in["member_session"]["member_session_id"]);
    }

    /// A sign-in up to the point where the browser is about to come back.
    pub(super) async fn returning(&self) -> (Browser, Return) {
        let mut browser = Browser::new(&self.app);
        let to = browser.start(&self.connection, &[]).await;
        let back = match self.protocol {
            Protocol::Oidc => browser.approve(&to, ADA, None).await,
            Protocol::Saml => browser.answer_saml(&to, ADA, &[]).await,
        };
        (browser, back)
    }

    /// A token that waits to be redeemed.
    pub(super) async fn sso_token(&self) -> String {
        let (mut browser, back) = self.returning().await;
        crate::reply::parameter(&browser.bring(&back).await.location(), "token")
    }

    pub(super) fn organization_path(&self, rest: &str) -> String {
        format!("/v1/b2b/organizations/{}{rest}", self.organization)
    }

    pub(super) fn member_path(&self, rest: &str) -> String {
        self.organization_path(&format!("/members/{}{rest}", self.member))
    }

    /// Where the settings of the connection are changed.
    pub(super) fn settings_path(&self) -> String {
        let protocol = match self.protocol {
            Protocol::Oidc => "oidc",
            Protocol::Saml => "saml",
        };
        format!("/v1/b2b/sso/{protocol}/{}/connections/{}", self.organization, self.connection)
    }

    /// The settings with which the connection belongs to the other provider.
    pub(super) fn moved(&self) -> Value {
        let issuer = &self.elsewhere;
        if self.protocol == Protocol::Saml {
            return json!({ "idp_entity_id": issuer, "idp_sso_url": format!("{issuer}/saml/sso") });
        }
        json!({
            "issuer": issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorization_url": format!("{issuer}/authorize"),
            "token_url": format!("{issuer}/token"),
            "userinfo_url": format!("{issuer}/userinfo"),
            "jwks_url": format!("{issuer}/jwks"),
        })
    }
}

/// One request that is ready to be sent.
pub(super) enum Act {
    Api(Method, String, Value),
    Bring(Box<(Browser, Return)>),
    Start(Box<Browser>),
}

impl Act {
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::Api(Method::POST, path.into(), body)
    }

    pub(super) fn put(path: impl Into<String>, body: Value) -> Self {
        Self::Api(Method::PUT, path.into(), body)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::Api(Method::DELETE, path.into(), json!({}))
    }

    pub(super) async fn run(self, scene: Scene) -> Reply {
        match self {
            Self::Api(method, path, body) => scene.app.raw(method, &path, body.to_string()).await,
            Self::Bring(visit) => {
                let (mut browser, back) = *visit;
                browser.bring(&back).await
            }
            Self::Start(mut browser) => browser.start_reply(&scene.connection, &[]).await,
        }
    }
}

/// What an answer says, or the refusal's name.
pub(super) fn read(reply: &Reply) -> Result<Value, String> {
    if reply.status.is_success() {
        return Ok(reply.json());
    }
    let name = name_of(reply).unwrap_or_else(|| "without a name".to_owned());
    Err(format!("{} {name}", reply.status.as_u16()))
}
