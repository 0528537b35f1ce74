//! As a member of which organization somebody signs in, where the application has to know; and the ways to a provider.

use serde_json::{Value, json};
use url::Url;
use vestibule_domain::Patch;
use vestibule_domain::application::{
    ApplicationKind, ApplicationPatch, OrganizationPrompt, OrganizationUsage,
};
use vestibule_domain::id::ConnectionId;
use vestibule_store::tables::application_connections;
use vestibule_testidp::AuthnRequest;

use super::sign_in::{CALLBACK, Scene};
use super::{claims, given, made, named};
use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::management::{Manager, said};
use crate::reply::{Reply, parameter};
use crate::saml_idp::connect;

on_both_engines!(
    an_application_says_whether_it_takes_organizations,
    a_connection_of_the_project_makes_users_of_applications,
    the_name_of_the_organization_is_asked_for_first,
    the_organization_is_chosen_once_it_is_known_who_it_is,
    a_session_is_answered_for_each_organization_that_knows_the_person,
    an_address_leads_to_the_connection_of_its_domain,
    somebody_signs_in_to_an_application_over_saml,
);

/// A connection of the project that two organizations have, and an application for it.
struct House {
    scene: Scene,
    manager: Manager,
    organizations: Vec<String>,
    connection: String,
}

async fn house(app: &TestApp, usage: OrganizationUsage, prompt: OrganizationPrompt) -> House {
    let manager = Manager::new(app).await;
    let connection = manager.connection("acme-oidc").await;
    let patch = ApplicationPatch {
        callbacks: Patch::Set(vec![CALLBACK.to_owned()]),
        organization_usage: Patch::Set(usage),
        organization_prompt: Patch::Set(prompt),
        ..named(ApplicationKind::RegularWeb)
    };
    let application = made(app, patch, &[]).await;
    let enabled = json!([{ "client_id": application.client_id.as_str(), "status": true }]);
    said(&manager.patch(&format!("/connections/{connection}/clients"), &enabled).await, 204);
    let mut organizations = Vec::new();
    for name in ["acme", "globex"] {
        let enabled = json!([{ "connection_id": connection, "assign_membership_on_login": true }]);
        let body =
            json!({ "name": name, "display_name": name.to_uppercase(), "enabled_connections": enabled });
        organizations.push(text(&said(&manager.post("/organizations", &body).await, 201)["id"]));
    }
    let scene =
        Scene { app: app.clone(), application, connection: String::new(), name: "acme-oidc".to_owned() };
    House { scene, manager, organizations, connection }
}

impl House {
    /// Joins an organization by signing in for it.
    async fn joined(&self, organization: &str, email: &str) -> Browser {
        let mut browser = Browser::new(&self.scene.app);
        let address = self.scene.address(&[("organization", organization)]);
        let back = self.by_provider(&mut browser, &address, email).await;
        self.claims(&back).await;
        browser
    }

    async fn by_provider(&self, browser: &mut Browser, address: &str, email: &str) -> Reply {
        let provider = browser.get(address).await.location();
        assert!(provider.as_str().starts_with(self.scene.app.provider.issuer.as_str()), "{provider}");
        let back = browser.approve(&provider, email, None).await;
        browser.bring(&back).await
    }

    async fn claims(&self, back: &Reply) -> Value {
        let location = back.location();
        assert!(location.as_str().starts_with(CALLBACK), "{location}");
        claims(&text(&given(&self.scene.redeemed(&parameter(&location, "code")).await)["id_token"]))
    }
}

async fn an_application_says_whether_it_takes_organizations(app: TestApp) {
    let house = house(&app, OrganizationUsage::Deny, OrganizationPrompt::Before).await;
    let asked = async |scene: &Scene, more: &[(&str, &str)]| {
        parameter(&Browser::new(&app).get(&scene.address(more)).await.location(), "error_description")
    };
    assert_eq!(
        asked(&house.scene, &[("organization", "acme")]).await,
        "parameter organization is not allowed for this client"
    );
    let patch = ApplicationPatch {
        callbacks: Patch::Set(vec![CALLBACK.to_owned()]),
        organization_usage: Patch::Set(OrganizationUsage::Require),
        ..named(ApplicationKind::RegularWeb)
    };
    let strict = Scene { application: made(&app, patch, &[]).await, ..house.scene.clone() };
    assert_eq!(asked(&strict, &[]).await, "parameter organization is required for this client");
}

async fn the_name_of_the_organization_is_asked_for_first(app: TestApp) {
    let house = house(&app, OrganizationUsage::Require, OrganizationPrompt::Before).await;
    let mut browser = Browser::new(&app);
    let page = browser.get(&house.scene.address(&[])).await;
    assert!(page.status == 200 && page.text().contains("Enter your organization"), "{}", page.text());
    let typed = [("organization_name_typed", "nobody\"><script>")];
    let again = browser.get(&house.scene.address(&typed)).await.text();
    assert!(
        again.contains("There is no organization of this name") && !again.contains("<script>"),
        "{again}"
    );
    let silent = browser.get(&house.scene.address(&[("prompt", "none")])).await.location();
    assert_eq!(parameter(&silent, "error"), "interaction_required");
    let address = house.scene.address(&[("organization_name_typed", "Acme")]);
    let told = house.claims(&house.by_provider(&mut browser, &address, "ada@example.com").await).await;
    assert_eq!((&told["org_id"], &told["org_name"]), (&json!(house.organizations[0]), &json!("acme")));
}

async fn the_organization_is_chosen_once_it_is_known_who_it_is(app: TestApp) {
    let house = house(&app, OrganizationUsage::Require, OrganizationPrompt::After).await;
    house.joined("acme", "ada@example.com").await;
    house.joined("globex", "ada@example.com").await;
    house.joined("globex", "grace@example.com").await;
    let follow = async |browser: &mut Browser, email: &str| {
        let asked = [("nonce", "n-1"), ("prompt", "login")];
        let next = house.by_provider(browser, &house.scene.address(&asked), email).await.location();
        assert!(next.as_str().starts_with(&format!("{BASE_URL}/authorize?")), "{next}");
        (browser.get(next.as_str()).await, next)
    };
    let mut browser = Browser::new(&app);
    let (page, next) = follow(&mut browser, "ada@example.com").await;
    let shown = page.text();
    assert!(shown.contains("Select an organization") && shown.contains("ACME") && shown.contains("GLOBEX"));
    let chosen = format!("{next}&organization={}", house.organizations[1]);
    let told = house.claims(&browser.get(&chosen).await).await;
    assert_eq!((&told["org_id"], &told["nonce"]), (&json!(house.organizations[1]), &json!("n-1")));
    // Who is a member of one is not asked; who is a member of none is let in nowhere.
    let (answer, _) = follow(&mut Browser::new(&app), "grace@example.com").await;
    assert_eq!(house.claims(&answer).await["org_id"], json!(house.organizations[1]));
    let (refused, _) = follow(&mut Browser::new(&app), "joan@example.com").await;
    assert_eq!(parameter(&refused.location(), "error"), "access_denied");
}

async fn a_session_is_answered_for_each_organization_that_knows_the_person(app: TestApp) {
    let house = house(&app, OrganizationUsage::Allow, OrganizationPrompt::None).await;
    let mut browser = house.joined("acme", "ada@example.com").await;
    let silently = async |browser: &mut Browser, organization: &str| {
        browser.get(&house.scene.address(&[("prompt", "none"), ("organization", organization)])).await
    };
    assert_eq!(house.claims(&silently(&mut browser, "acme").await).await["org_name"], json!("acme"));
    // Nobody is made a member out of a session.
    let refused = silently(&mut browser, "globex").await.location();
    assert_eq!(parameter(&refused, "error"), "login_required");
    house.joined("globex", "ada@example.com").await;
    assert_eq!(house.claims(&silently(&mut browser, "globex").await).await["org_name"], json!("globex"));
    // Without the connection there, nobody is let in.
    let path = format!("/organizations/{}/enabled_connections/{}", house.organizations[1], house.connection);
    said(&house.manager.delete(&path).await, 204);
    let refused = silently(&mut browser, "globex").await.location();
    assert_eq!(parameter(&refused, "error"), "login_required");
    house.claims(&silently(&mut browser, "acme").await).await;
}

async fn an_address_leads_to_the_connection_of_its_domain(app: TestApp) {
    let house = house(&app, OrganizationUsage::Allow, OrganizationPrompt::None).await;
    let manager = &house.manager;
    let mut options = manager.options();
    options["domain_aliases"] = json!(["initech.example"]);
    let provider = app.provider.issuer.as_str().trim_end_matches('/').to_owned();
    options["icon_url"] = json!(format!("{provider}/.well-known/openid-configuration"));
    let body = json!({ "strategy": "oidc", "name": "initech", "options": options, "show_as_button": true });
    let second = text(&said(&manager.post("/connections", &body).await, 201)["id"]);
    let enabled = json!([{ "client_id": house.scene.application.client_id.as_str(), "status": true }]);
    said(&manager.patch(&format!("/connections/{second}/clients"), &enabled).await, 204);
    let asked = async |more: &[(&str, &str)]| {
        let more = [&[("connection", "")], more].concat();
        Browser::new(&app).get(&house.scene.address(&more)).await
    };
    let page = asked(&[]).await.text();
    assert!(page.contains("Continue with initech") && !page.contains("Continue with acme-oidc"), "{page}");
    for more in [[("identifier", "Peter@Initech.example")], [("login_hint", "peter@initech.example")]] {
        let provider = asked(&more).await.location();
        assert_eq!(parameter(&provider, "login_hint").to_lowercase(), "peter@initech.example");
    }
    // A logo comes from here; what is no picture is none, and of other connections nothing is said.
    assert!(page.contains("src=\"/login/logos/initech\""), "{page}");
    for name in ["initech", "acme-oidc", "nobody"] {
        assert_eq!(Browser::new(&app).get(&format!("/login/logos/{name}")).await.status, 404, "{name}");
    }
    let elsewhere = asked(&[("identifier", "peter@sub.initech.example")]).await;
    assert!(elsewhere.text().contains("Email does not match any enterprise directory"));
}

async fn somebody_signs_in_to_an_application_over_saml(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let scene = Scene::through(&app, &at.connection).await;
    let id: ConnectionId = at.connection.parse().unwrap();
    app.app
        .store
        .commit(application_connections::enable(app.project.id, scene.application.id, id))
        .await
        .unwrap();
    let mut browser = Browser::new(&app);
    let provider = browser.get(&scene.address(&[])).await.location();
    let back = browser.answer_saml(&provider, "ada@example.com", &[]).await;
    let answer = browser.bring(&back).await.location();
    assert!(answer.as_str().starts_with(CALLBACK), "{answer}");
    let told = claims(&text(&given(&scene.redeemed(&parameter(&answer, "code")).await)["id_token"]));
    assert!(text(&told["sub"]).starts_with("samlp|"), "{told}");
    assert_eq!(told["email"], "ada@example.com");
    let silent = browser.get(&scene.address(&[("prompt", "none")])).await.location();
    assert!(silent.query_pairs().any(|(name, _)| name == "code"), "{silent}");
    let again = browser.get(&scene.address(&[("prompt", "login")])).await.location();
    let asks_again =
        |url: &Url| AuthnRequest::from_redirect(&parameter(url, "SAMLRequest")).unwrap().force_authn;
    assert!(asks_again(&again) && !asks_again(&provider));
}

async fn a_connection_of_the_project_makes_users_of_applications(app: TestApp) {
    let house = house(&app, OrganizationUsage::Allow, OrganizationPrompt::None).await;
    let back = house.by_provider(&mut Browser::new(&app), &house.scene.address(&[]), "ada@example.com").await;
    let told = house.claims(&back).await;
    assert_eq!((&told["sub"], &told["org_id"]), (&json!("oidc|acme-oidc|subject-ada"), &Value::Null));
    assert_eq!((&told["name"], &told["nickname"]), (&json!("Ada Lovelace"), &json!("ada")));
    // Who is shown to applications is shown to the Management API in the same words.
    let user = said(&house.manager.get("/users/oidc%7Cacme-oidc%7Csubject-ada").await, 200);
    for name in ["name", "nickname", "picture", "email", "email_verified"] {
        assert_eq!(told[name], user[name], "{name}");
    }
    // The first dialect makes nobody a member of no company.
    let id = vestibule_domain::connection::ConnectionName::parse("acme-oidc").unwrap();
    let found = app.app.store.connection_named(&app.app.vault, app.project.id, &id).await.unwrap().unwrap();
    let refused = Browser::new(&app).sign_in(&found.id.to_string(), "joan@example.com").await;
    assert!(!refused.status.is_redirection(), "{}", refused.text());
}
