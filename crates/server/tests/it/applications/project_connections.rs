//! Connections that the Management API makes belong to the project: people sign in to applications through them, and to no
//! organization of the first dialect.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{claims, given, token};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::management::{Manager, said};
use crate::reply::{Reply, parameter};

on_both_engines!(
    somebody_new_signs_in_through_a_connection_of_the_project,
    the_project_is_no_place_of_the_first_dialect,
);

pub(crate) const CALLBACK: &str = "https://app.example.com/callback";

/// An application that the Management API made, and a connection of the project that is enabled for it.
pub(crate) struct Shop {
    pub(crate) manager: Manager,
    pub(crate) client_id: String,
    secret: String,
    pub(crate) connection: String,
}

impl Shop {
    pub(crate) async fn open(app: &TestApp) -> Self {
        let manager = Manager::new(app).await;
        let body = json!({ "name": "Shop", "callbacks": [CALLBACK] });
        let client = said(&manager.post("/clients", &body).await, 201);
        let connection = manager.connection("hooli-oidc").await;
        let enabled = json!([{ "client_id": client["client_id"], "status": true }]);
        said(&manager.patch(&format!("/connections/{connection}/clients"), &enabled).await, 204);
        let (client_id, secret) = (text(&client["client_id"]), text(&client["client_secret"]));
        Self { manager, client_id, secret, connection }
    }

    /// Where a sign-in begins; `more` go in the place of what is usual, and an empty one takes it away.
    pub(crate) fn address(&self, more: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email offline_access"),
            ("connection", "hooli-oidc"),
        ];
        let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(more.iter().copied().chain(usual).filter(|(_, value)| !value.is_empty()))
            .finish();
        format!("/authorize?{query}")
    }

    /// The whole way to the answer that the application gets.
    pub(crate) async fn answered(&self, more: &[(&str, &str)]) -> Reply {
        let mut browser = Browser::new(&self.manager.app);
        let provider = browser.get(&self.address(more)).await.location();
        let back = browser.approve(&provider, "ada@example.com", None).await;
        browser.bring(&back).await
    }

    /// What the application asks at the token endpoint, as itself.
    pub(crate) async fn shown(&self, grant_type: &str, more: &[(&str, &str)]) -> Reply {
        let own = [
            ("grant_type", grant_type),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        token(&self.manager.app, &[own.as_slice(), more].concat()).await
    }

    /// The tokens of a sign-in.
    pub(crate) async fn tokens(&self) -> Value {
        let code = parameter(&self.answered(&[]).await.location(), "code");
        let form = [("code", code.as_str()), ("redirect_uri", CALLBACK)];
        given(&self.shown("authorization_code", &form).await)
    }
}

async fn somebody_new_signs_in_through_a_connection_of_the_project(app: TestApp) {
    let shop = Shop::open(&app).await;
    // Somebody new, and the same once more.
    for _ in 0..2 {
        let who = claims(&text(&shop.tokens().await["id_token"]));
        assert_eq!((&who["sub"], &who["org_id"]), (&json!("oidc|hooli-oidc|subject-ada"), &Value::Null));
        let found = said(&shop.manager.get("/users?q=email:%22ada@example.com%22").await, 200);
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    }
}

async fn the_project_is_no_place_of_the_first_dialect(app: TestApp) {
    let shop = Shop::open(&app).await;
    let name = vestibule_domain::connection::ConnectionName::parse("hooli-oidc").unwrap();
    let found = app.app.store.connection_named(&app.app.vault, app.project.id, &name).await.unwrap();
    let id = found.unwrap().id.to_string();
    // Neither somebody new nor a user of the project gets a session in the organization that nobody sees.
    for _ in 0..2 {
        let refused = Browser::new(&app).sign_in(&id, "ada@example.com").await;
        refused.refusal_page("jit_provisioning_not_allowed");
        shop.tokens().await;
    }
    // In an organization that borrows it they are at home.
    let acme = app.organization("acme", json!({})).await;
    let lent = json!({ "connection_id": shop.connection, "assign_membership_on_login": true });
    let organization = said(&shop.manager.get("/organizations/name/acme").await, 200);
    let path = format!("/organizations/{}/enabled_connections", text(&organization["id"]));
    said(&shop.manager.post(&path, &lent).await, 201);
    let listed = app.get(&format!("/v1/b2b/sso/{acme}")).await.ok();
    let borrowed = text(&listed["external_connections"][0]["connection_id"]);
    app.session(&borrowed, "ada@example.com").await;
}
