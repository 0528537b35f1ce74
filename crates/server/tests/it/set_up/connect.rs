//! The whole way by which a customer's administrator connects their provider, through pages alone; then somebody signs in.

use serde_json::{Value, json};

use super::{Link, Visitor, fields, steps};
use crate::app::{BASE_URL, TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};

on_both_engines!(
    a_saml_provider_is_connected_tested_and_switched_on,
    an_openid_provider_is_connected_tested_and_switched_on,
    metadata_is_shown_before_it_is_kept_and_kept_as_it_was_shown,
    what_is_shown_is_what_is_checked,
    a_draft_signs_nobody_in,
    the_vendor_may_keep_the_last_act_for_itself,
    a_link_offers_no_more_than_its_terms,
    attributes_are_called_as_the_provider_calls_them,
    wrong_values_are_told_where_they_were_entered,
);

fn id_of(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

async fn status(app: &TestApp, link: &Link, connection: &str) -> Value {
    let listed = app.get(&format!("/v1/b2b/sso/{}", link.organization)).await.ok();
    let all = ["saml_connections", "oidc_connections"].map(|kind| listed[kind].as_array().unwrap().clone());
    let found = all.concat().into_iter().find(|one| one["connection_id"] == connection).unwrap();
    found["status"].clone()
}

/// Tests a connection by its page: as whoever signs in there.
async fn tested(visitor: &mut Visitor, at: &str, email: &str, is_saml: bool) -> String {
    let begun = visitor.get(&format!("{at}/test/begin")).await.location_path();
    let to = visitor.browser.get(&begun).await.location();
    let back = if is_saml {
        visitor.browser.answer_saml(&to, email, &[]).await
    } else {
        visitor.browser.approve(&to, email, None).await
    };
    let page = visitor.browser.bring(&back).await;
    assert!(
        page.text().contains(&format!("href=\"{BASE_URL}{}{at}/test\"", visitor.home)),
        "{}",
        page.text()
    );
    visitor.get(&format!("{at}/test")).await.text()
}

async fn a_saml_provider_is_connected_tested_and_switched_on(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    assert!(visitor.get("/providers").await.text().contains("Google Workspace"));
    let at = visitor.choose("okta", "saml").await;
    let created = visitor.get(&format!("{at}/create")).await.text();
    assert!(created.contains("Press <b translate=\"no\">Create App Integration</b>."), "{created}");
    let done = visitor.submit(&format!("{at}/create"), &[]).await;
    assert_eq!(visitor.leads_to(&done), format!("{at}/ours"));
    let ours = visitor.get(&format!("{at}/ours")).await.text();
    for label in ["Single sign-on URL", "Audience URI (SP Entity ID)"] {
        assert!(ours.contains(&format!("translate=\"no\">{label}</label>")), "{ours}");
    }
    visitor.submit(&format!("{at}/ours"), &[]).await;

    let metadata = format!("{}/saml/metadata", app.provider.issuer);
    let theirs = format!("{at}/theirs");
    let preview = visitor.submit(&theirs, &[("metadata_url", &metadata)]).await;
    assert_eq!(preview.shown("preview-entity"), app.provider.saml().entity_id());
    let used = visitor.post(&theirs, fields(&preview), &[]).await;
    assert_eq!(visitor.leads_to(&used), format!("{at}/attributes"));
    // This provider sends no attribute of that name: its people are told apart by their NameID.
    visitor.submit(&format!("{at}/attributes"), &[("id", "")]).await;
    let assigned = visitor.submit(&format!("{at}/assign"), &[]).await;
    assert_eq!(visitor.leads_to(&assigned), format!("{at}/test"));

    let before = visitor.get(&format!("{at}/enable")).await.text();
    assert!(before.contains("data-testid=\"not-yet\""), "nothing is switched on without a test: {before}");
    let result = tested(&mut visitor, &at, "ada@example.com", true).await;
    assert!(result.contains("<b translate=\"no\">ada@example.com</b> would sign in"), "{result}");
    assert!(result.contains("Somebody new, who would become a member."), "{result}");
    assert_eq!(app.member_count(&link.organization).await, 0, "a test makes nobody");
    assert_eq!(status(&app, &link, &id_of(&at)).await, "pending");

    let enabled = visitor.submit(&format!("{at}/enable"), &[]).await;
    assert_eq!(visitor.leads_to(&enabled), format!("{at}/enable"));
    assert!(visitor.get(&format!("{at}/enable")).await.text().contains("data-testid=\"active\""));
    assert_eq!(status(&app, &link, &id_of(&at)).await, "active");
    let seen = link.seen(&app).await;
    assert_eq!(seen["status"], "completed");
    assert_eq!(
        steps(&seen),
        [
            "provider_chosen",
            "application_made",
            "values_given",
            "values_received",
            "attributes_mapped",
            "people_assigned",
            "test_passed",
            "enabled",
        ]
    );
    let at = crate::saml_idp::At { organization: link.organization.clone(), connection: id_of(&at) };
    Browser::new(&app).saml_token(&at, "ada@example.com").await;
    assert_eq!(app.member_count(&link.organization).await, 1);
}

async fn an_openid_provider_is_connected_tested_and_switched_on(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("keycloak", "oidc").await;
    let theirs = format!("{at}/theirs");
    // What is known already is kept, and what is missing is named.
    let half = visitor.submit(&theirs, &[("issuer", &app.provider.issuer), ("client_id", CLIENT_ID)]).await;
    assert!(half.status == 200 && half.text().contains("client_secret"), "{}", half.text());
    let page = visitor.get(&theirs).await;
    assert!(page.text().contains(&format!("value=\"{CLIENT_ID}\"")), "{}", page.text());
    let whole = visitor.submit(&theirs, &[("client_secret", CLIENT_SECRET)]).await;
    assert_eq!(visitor.leads_to(&whole), format!("{at}/attributes"));
    let page = visitor.get(&theirs).await.text();
    assert!(!page.contains(CLIENT_SECRET) && page.contains("A secret that ends with"), "{page}");

    let result = tested(&mut visitor, &at, "ada@example.com", false).await;
    assert!(result.contains("would sign in"), "{result}");
    visitor.submit(&format!("{at}/enable"), &[]).await;
    assert_eq!(status(&app, &link, &id_of(&at)).await, "active");
    app.session(&id_of(&at), "ada@example.com").await;
}

async fn metadata_is_shown_before_it_is_kept_and_kept_as_it_was_shown(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("generic", "saml").await;
    let theirs = format!("{at}/theirs");
    let document = app.provider.saml().metadata().unwrap();
    // As text, and as a file among other fields of a form.
    let preview = visitor.submit(&theirs, &[("metadata_xml", &document)]).await;
    assert_eq!(preview.shown("preview-entity"), app.provider.saml().entity_id());
    let form = visitor.get(&theirs).await;
    let token = fields(&form).into_iter().find(|(name, _)| name == "form_token").unwrap().1;
    let file = visitor.browser.upload(&format!("{}{theirs}", visitor.home), &token, &document).await;
    assert_eq!(file.shown("preview-entity"), app.provider.saml().entity_id());
    assert!(
        visitor.get(&theirs).await.text().matches("data-testid=\"kept\"").count() == 0,
        "nothing is kept yet"
    );

    // What was not seen is not kept.
    let mut given = fields(&preview);
    given.retain(|(name, _)| name != "seen");
    given.push(("seen".to_owned(), "something else".to_owned()));
    let changed = visitor.post(&theirs, given, &[]).await;
    assert!(
        changed.status == 422 && changed.text().contains("another one than you have seen"),
        "{}",
        changed.text()
    );
    let used = visitor.post(&theirs, fields(&preview), &[]).await;
    assert_eq!(visitor.leads_to(&used), format!("{at}/attributes"));
    assert!(visitor.get(&theirs).await.text().contains("data-testid=\"kept\""));

    // By hand.
    let at = visitor.choose("shibboleth", "saml").await;
    let theirs = format!("{at}/theirs");
    let idp = app.provider.saml();
    let (entity, url, pem) = ("urn:by:hand", idp.sso_url(), crate::saml_idp::certificate(&app));
    let by_hand = [("entity_id", entity), ("sso_url", url), ("certificate", pem.as_str())];
    let preview = visitor.submit(&theirs, &by_hand).await;
    assert_eq!(preview.shown("preview-entity"), entity);
    visitor.post(&theirs, fields(&preview), &[]).await;
    assert!(visitor.get(&theirs).await.text().contains(entity));
}

/// The values that a page shows are the ones that a message is judged by.
async fn what_is_shown_is_what_is_checked(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("onelogin", "saml").await;
    let connection = id_of(&at);
    let page = visitor.get(&format!("{at}/ours")).await.text();
    let listed = app.get(&format!("/v1/b2b/sso/{}", link.organization)).await.ok();
    let saml = listed["saml_connections"].as_array().unwrap();
    let saml = saml.iter().find(|one| one["connection_id"] == connection.as_str()).unwrap();
    for value in ["acs_url", "audience_uri"] {
        assert!(page.contains(&format!("value=\"{}\"", text(&saml[value]))), "{value}: {page}");
    }
    let pattern = text(&saml["acs_url"]).replace('/', r"\/").replace('.', r"\.");
    assert!(page.contains(&format!("value=\"^{pattern}$\"")), "{page}");
    assert_eq!(visitor.get("/providers/no-such-product").await.status, 404);
    let at = visitor.choose("okta", "oidc").await;
    let page = visitor.get(&format!("{at}/ours")).await.text();
    let redirect = format!("{BASE_URL}/v1/b2b/sso/callback/{}", id_of(&at));
    assert!(page.contains(&format!("value=\"{redirect}\"")), "{page}");
}

async fn a_draft_signs_nobody_in(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("generic", "saml").await;
    let theirs = format!("{at}/theirs");
    let metadata = format!("{}/saml/metadata", app.provider.issuer);
    let preview = visitor.submit(&theirs, &[("metadata_url", &metadata)]).await;
    visitor.post(&theirs, fields(&preview), &[]).await;
    let mut browser = Browser::new(&app);
    let refused = browser.start_reply(&id_of(&at), &[]).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
    // Nor does what begins at the provider, or a test that nobody has prepared.
    let at_idp = crate::saml_idp::At { organization: link.organization.clone(), connection: id_of(&at) };
    let back = browser.begin_saml(&at_idp, "ada@example.com", &[]).await;
    assert!(browser.bring(&back).await.status.is_client_error());
    let token = &app.project.public_token;
    let test = format!("/v1/public/sso/test?public_token={token}&connection_id={}", id_of(&at));
    assert!(browser.get(&test).await.status.is_client_error());
    assert_eq!(app.member_count(&link.organization).await, 0);
}

async fn the_vendor_may_keep_the_last_act_for_itself(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "can_enable": false, "require_test": "off" })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("keycloak", "oidc").await;
    let issuer = app.provider.issuer.clone();
    let given = [("issuer", issuer.as_str()), ("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
    visitor.submit(&format!("{at}/theirs"), &given).await;
    let enable = format!("{at}/enable");
    assert!(
        visitor
            .get(&enable)
            .await
            .text()
            .contains("Ask <b translate=\"no\">Acme Software</b> to switch it on")
    );
    visitor.submit(&enable, &[]).await;
    assert_eq!(status(&app, &link, &id_of(&at)).await, "pending");
    assert!(visitor.get(&enable).await.text().contains("data-testid=\"was-asked\""));
    assert!(steps(&link.seen(&app).await).contains(&"enabling_asked".to_owned()));
}

async fn a_link_offers_no_more_than_its_terms(app: TestApp) {
    let terms = json!({ "identity_providers": ["okta", "duo"], "protocols": ["saml"] });
    let link = Link::made(&app, "acme", terms).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let page = visitor.get("/providers").await.text();
    assert!(page.contains("Duo") && page.contains("Okta") && !page.contains("Keycloak"), "{page}");
    assert!(!visitor.get("/providers/okta").await.text().contains("OpenID Connect"));
    assert_eq!(visitor.get("/providers/keycloak").await.status, 404);
    let form = fields(&visitor.get("/providers/okta").await);
    assert_eq!(visitor.post("/providers/okta", form, &[("protocol", "oidc")]).await.status, 400);
    // A link for one connection makes no other, and reaches no other.
    let (mine, other) = (app.connection(&link.organization).await, app.connection(&link.organization).await);
    let link = Link::made_in(&app, &link.organization, json!({ "connection_id": mine })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    assert_eq!(visitor.get(&format!("/connections/{mine}/theirs")).await.status, 200);
    assert_eq!(visitor.get(&format!("/connections/{other}/theirs")).await.status, 404);
    let form = fields(&visitor.get("/providers/okta").await);
    assert_eq!(visitor.post("/providers/okta", form, &[("protocol", "saml")]).await.status, 403);
}

async fn attributes_are_called_as_the_provider_calls_them(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "required_attributes": ["email", "department"] })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("adfs", "saml").await;
    let page = visitor.get(&format!("{at}/attributes")).await;
    assert!(page.text().contains("department"), "{}", page.text());
    let email = fields(&page).into_iter().find(|(name, _)| name == "email").unwrap().1;
    assert_eq!(email, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress");
    let none = visitor.submit(&format!("{at}/attributes"), &[("email", "")]).await;
    assert_eq!(none.status, 422);
    visitor.submit(&format!("{at}/attributes"), &[("email", "mail")]).await;
    let listed = app.get(&format!("/v1/b2b/sso/{}", link.organization)).await.ok();
    assert_eq!(listed["saml_connections"][0]["attribute_mapping"]["email"], "mail");
}

async fn wrong_values_are_told_where_they_were_entered(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("microsoft-entra", "saml").await;
    let theirs = format!("{at}/theirs");
    let missing = format!("{}/no/such/page", app.provider.issuer);
    for (given, said) in [
        (vec![], "Give an address, a file, a text"),
        (vec![("metadata_url", missing.as_str())], "Nothing could be read at this address."),
        (vec![("metadata_url", "http://10.0.0.1/metadata")], "Nothing could be read at this address."),
        (vec![("metadata_xml", "<html>no</html>")], "This is not the metadata of an identity provider"),
        (vec![("entity_id", "x"), ("certificate", "no certificate")], "A value cannot be used as it is."),
    ] {
        let page = visitor.submit(&theirs, &given).await;
        assert_eq!(page.status, 422, "{given:?}: {}", page.text());
        assert!(page.text().contains(said), "{given:?}: {}", page.text());
    }
    let at = visitor.choose("keycloak", "oidc").await;
    let page = visitor.submit(&format!("{at}/theirs"), &[("issuer", "nonsense")]).await;
    assert_eq!(page.status, 422, "{}", page.text());
}
