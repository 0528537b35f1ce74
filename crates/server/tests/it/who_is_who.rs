//! Who is who: names have one owner, claims need proof, and a provider speaks only for those it may speak for.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use vestibule_domain::time::Span;
use vestibule_server::routes;
use vestibule_testidp::Fault;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::reply::{Reply, parameter};
use crate::saml_idp::connect_in;

on_both_engines!(
    a_name_of_another_is_never_ones_own,
    names_that_read_as_ids_or_paths_are_refused_by_name,
    a_derived_slug_avoids_names_that_are_taken,
    what_a_member_may_not_claim,
    a_claimed_domain_is_neither_let_in_nor_taken_over,
    an_address_is_verified_in_own_domains_only,
    a_mapped_address_is_not_vouched_for_by_another_claim,
    unverified_addresses_where_the_connection_says_so,
    a_second_connection_takes_nobody_over,
    a_planted_member_is_not_joined,
    many_subjects_at_once_make_one_bond,
    a_connection_that_moves_takes_its_people_along,
    a_person_made_anew_is_refused_and_has_a_way_back,
    own_domains_may_relink_by_themselves,
    a_shared_issuer_needs_a_pin,
    a_pin_keeps_strangers_out,
    a_new_name_follows,
    the_backends_metadata_is_not_overwritten,
    a_second_factor_is_not_a_session,
    a_subject_that_is_no_text_is_told,
    names_of_one_address_are_one_person,
);

fn organization_path(organization: &str) -> String {
    format!("/v1/b2b/organizations/{organization}")
}

async fn owned(app: &TestApp, slug: &str) -> String {
    app.organization(slug, json!({ "claimed_email_domains": ["example.com"] })).await
}

async fn set(app: &TestApp, organization: &str, connection: &str, body: Value) -> Reply {
    app.put(&format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}"), body).await
}

async fn registrations(app: &TestApp, organization: &str, member: &str) -> Vec<Value> {
    let path = format!("/v1/vestibule/organizations/{organization}/members/{member}/registrations");
    app.get(&path).await.ok()["registrations"].as_array().unwrap().clone()
}

/// A provider of its own, to which a connection leads or moves.
async fn another_provider(app: &TestApp) -> Provider {
    Provider::start(&app.app.clock, &app.app.entropy, &format!("{}/", crate::app::BASE_URL)).await
}

fn at(provider: &Provider) -> Value {
    let issuer = &provider.issuer;
    json!({
        "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "authorization_url": format!("{issuer}/authorize"), "token_url": format!("{issuer}/token"),
        "userinfo_url": format!("{issuer}/userinfo"), "jwks_url": format!("{issuer}/jwks"),
    })
}

/// The same app, whose browsers go to another provider.
fn with(app: &TestApp, provider: &Provider) -> TestApp {
    let mut app = app.clone();
    app.provider = provider.clone();
    app
}

async fn a_name_of_another_is_never_ones_own(app: TestApp) {
    let victim = app.organization("victim", json!({ "organization_external_id": "customer-7" })).await;
    let evil = app.organization("evil", json!({})).await;
    let connection = app.connection(&evil).await;
    let session = text(&app.session(&connection, "ada@example.com").await["session_token"]);
    let member = text(
        &app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": session })).await.ok()["member"]
            ["member_id"],
    );
    app.put(&format!("{}/members/{member}", organization_path(&evil)), json!({ "roles": ["stytch_admin"] }))
        .await
        .ok();
    for slug in ["customer-7", "CUSTOMER-7", "Victim"] {
        let body = json!({ "organization_slug": slug });
        let refused = app.as_member(&session, Method::PUT, &organization_path(&evil), body.clone()).await;
        refused.refused(400, "organization_slug_already_used");
        app.put(&organization_path(&evil), body).await.refused(400, "organization_slug_already_used");
    }
    let external = json!({ "organization_external_id": "VICTIM" });
    app.put(&organization_path(&evil), external).await.refused(400, "organization_external_id_already_used");
    for name in ["customer-7", "victim", "VICTIM", victim.as_str()] {
        let found = app.get(&organization_path(name)).await.ok();
        assert_eq!(found["organization"]["organization_id"], victim.as_str(), "{name}");
    }
    // What is given up may be taken, and what is removed is free.
    app.delete(&format!("{}/external_id", organization_path(&victim))).await.ok();
    app.put(&organization_path(&evil), json!({ "organization_slug": "customer-7" })).await.ok();
    app.delete(&organization_path(&evil)).await.ok();
    app.put(&organization_path(&victim), json!({ "organization_external_id": "customer-7" })).await.ok();
}

async fn names_that_read_as_ids_or_paths_are_refused_by_name(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let gone = app.organization("gone", json!({})).await;
    app.delete(&organization_path(&gone)).await.ok();
    for name in [gone.to_uppercase(), "Organization-Live-x".to_owned(), "member-test-1".to_owned()] {
        let prefix = name.to_lowercase();
        let prefix = prefix.split_inclusive('-').take(2).collect::<String>();
        for field in ["organization_slug", "organization_external_id"] {
            let refused = app.put(&organization_path(&acme), json!({ field: name })).await;
            refused.refused(400, &format!("invalid_{field}"));
            assert!(refused.text().contains(&prefix), "{}", refused.text());
        }
    }
    for word in ["search", "Members", "..", "."] {
        let refused = app.put(&organization_path(&acme), json!({ "organization_slug": word })).await;
        refused.refused(400, "invalid_organization_slug");
    }
    app.get(&organization_path(&acme.to_uppercase())).await.refused(404, "organization_not_found");
}

async fn a_derived_slug_avoids_names_that_are_taken(app: TestApp) {
    app.organization("first", json!({ "organization_external_id": "acme-corp" })).await;
    for name in ["Acme Corp", "Search", "organization test 1"] {
        let made = app.post("/v1/b2b/organizations", json!({ "organization_name": name })).await.ok();
        let (slug, id) = (
            text(&made["organization"]["organization_slug"]),
            made["organization"]["organization_id"].clone(),
        );
        assert_ne!(slug, name.to_lowercase().replace(' ', "-"));
        assert_eq!(app.get(&organization_path(&slug)).await.ok()["organization"]["organization_id"], id);
    }
}

/// Every literal that stands where an organization's name can stand is nobody's name.
#[test]
fn the_words_of_paths_are_reserved() {
    let all = routes::endpoints();
    let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (mut checked, mut free) = (0, BTreeSet::new());
    for named in all.iter().filter(|endpoint| endpoint.path.contains("{organization_id}")) {
        let named = segments(&named.path);
        let place = named.iter().position(|segment| segment == "{organization_id}").unwrap();
        for other in &all {
            let other = segments(&other.path);
            let word = other.get(place).filter(|_| other[..place] == named[..place]);
            if let Some(word) = word.filter(|word| !word.starts_with('{')) {
                checked += 1;
                if vestibule_domain::name::reserved(word).is_none() {
                    free.insert(word.clone());
                }
            }
        }
    }
    assert!(checked > 2 && free.is_empty(), "of {checked} words these can be names: {free:?}");
}

async fn what_a_member_may_not_claim(app: TestApp) {
    let (evil, victim) =
        (app.organization("evil", json!({})).await, app.organization("victim", json!({})).await);
    let connection = app.connection(&evil).await;
    let signed_in = app.session(&connection, "ada@example.com").await;
    let (session, member) = (text(&signed_in["session_token"]), text(&signed_in["member_id"]));
    app.put(&format!("{}/members/{member}", organization_path(&evil)), json!({ "roles": ["stytch_admin"] }))
        .await
        .ok();
    for body in [
        json!({ "claimed_email_domains": ["victim.test"] }),
        json!({ "claimed_email_domains": [] }),
        json!({ "organization_external_id": "mine" }),
    ] {
        let refused = app.as_member(&session, Method::PUT, &organization_path(&evil), body).await;
        refused.refused(403, "session_authorization_error");
    }
    let until = app.app.clock.now().plus(Span::days(1)).to_string();
    let path = format!("/v1/b2b/sso/oidc/{evil}/connections/{connection}");
    let body = json!({ "link_existing_members_until": until });
    app.as_member(&session, Method::PUT, &path, body.clone())
        .await
        .refused(403, "session_authorization_error");
    // Nor may they turn off what the project has turned on.
    app.put(&path, body).await.ok();
    let clear = json!({ "link_existing_members_until": "" });
    let refused = app.as_member(&session, Method::PUT, &path, clear.clone()).await;
    refused.refused(403, "session_authorization_error");
    assert_eq!(app.put(&path, json!({})).await.ok()["connection"]["link_existing_members_until"], until);
    assert_eq!(app.put(&path, clear).await.ok()["connection"]["link_existing_members_until"], "");
    for wrong in ["2027-01-01", "2020-01-01T00:00:00Z"] {
        let refused = app.put(&path, json!({ "link_existing_members_until": wrong })).await;
        refused.refused(400, "invalid_field");
        let said = refused.text();
        assert!(said.contains("in link_existing_members_until") && !said.contains("legacy"), "{said}");
    }
    app.member(&victim, "owner@victim.test", json!({})).await;
    app.put(&organization_path(&victim), json!({ "claimed_email_domains": ["victim.test"] })).await.ok();
}

async fn a_claimed_domain_is_neither_let_in_nor_taken_over(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    let mapping = json!({ "attribute_mapping": { "idp_user_id": "name" } });
    set(&app, &acme, &connection, mapping).await.ok();
    let globex = owned(&app, "globex").await;
    let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    refused.refusal_page("action_not_allowed_email_domain_is_claimed");
    assert_eq!(app.member_count(&acme).await, 0);
    // Somebody who is known keeps the address they have.
    app.put(&organization_path(&globex), json!({ "claimed_email_domains": [] })).await.ok();
    set(&app, &acme, &connection, json!({ "attribute_mapping": "" })).await.ok();
    let known = app.session(&connection, "ada@example.com").await;
    app.put(&organization_path(&globex), json!({ "claimed_email_domains": ["example.com"] })).await.ok();
    let again = app.session(&connection, "ada.king@example.com").await;
    assert_eq!(again["member_id"], known["member_id"]);
    assert_eq!(again["member"]["email_address"], "ada@example.com");
}

async fn an_address_is_verified_in_own_domains_only(app: TestApp) {
    let roles = json!({ "email_implicit_role_assignments": [{ "domain": "example.com", "role_id": "stytch_admin" }] });
    for (slug, policy, is_verified) in [
        ("nobodys", json!({}), false),
        ("allowed", json!({ "email_allowed_domains": ["example.com"] }), false),
        ("own", json!({ "claimed_email_domains": ["example.com"] }), true),
    ] {
        let mut policy = policy;
        policy["rbac_email_implicit_role_assignments"] = roles["email_implicit_role_assignments"].clone();
        let organization = app.organization(slug, policy).await;
        let connection = app.connection(&organization).await;
        let signed_in = app.session(&connection, "ada@example.com").await;
        assert_eq!(signed_in["member"]["email_address_verified"], is_verified, "{slug}");
        let roles = signed_in["member_session"]["roles"].as_array().unwrap();
        assert_eq!(roles.contains(&json!("stytch_admin")), is_verified, "{slug}: {roles:?}");
        app.delete(&organization_path(&organization)).await.ok();
    }
}

async fn a_mapped_address_is_not_vouched_for_by_another_claim(app: TestApp) {
    let organization = owned(&app, "acme").await;
    // The test provider sends the name where the address is looked for: it is none, whatever email_verified says.
    let mapping = json!({ "attribute_mapping": { "email": "sub" } });
    let connection = app.connection_with(&organization, mapping).await;
    let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    refused.refusal_page("oidc_response_email_missing");
    // email_verified: false is about email, and says nothing about an address that comes from elsewhere.
    let provider = another_provider(&app).await;
    provider.set_people(&[("somebody@example.com", "real@example.com", "Somebody Else")]);
    let elsewhere = with(&app, &provider);
    let mut settings = at(&provider);
    settings["attribute_mapping"] = json!({ "email": "sub" });
    set(&app, &organization, &connection, settings).await.ok();
    let mut browser = Browser::new(&elsewhere);
    let fault = Some(Fault::UnverifiedEmail);
    let back = browser.sign_in_with(&connection, "real@example.com", fault).await.location();
    let signed_in = app.redeem(&parameter(&back, "token")).await.ok();
    assert_eq!(signed_in["member"]["email_address"], "somebody@example.com");
    provider.stop();
}

async fn unverified_addresses_where_the_connection_says_so(app: TestApp) {
    let organization = owned(&app, "acme").await;
    let connection = app.connection(&organization).await;
    let fault = Some(Fault::UnverifiedEmail);
    let refused = Browser::new(&app).sign_in_with(&connection, "ada@example.com", fault).await;
    refused.refusal_page("oidc_response_unverified_email");
    assert!(refused.text().contains("trust_unverified_addresses") && refused.text().contains("Keycloak"));
    set(&app, &organization, &connection, json!({ "trust_unverified_addresses": true })).await.ok();
    Browser::new(&app).sign_in_with(&connection, "ada@example.com", fault).await.location();
    app.put(&organization_path(&organization), json!({ "claimed_email_domains": [] })).await.ok();
    let refused = Browser::new(&app).sign_in_with(&connection, "alan@example.com", fault).await;
    refused.refusal_page("oidc_response_unverified_email");
}

async fn a_second_connection_takes_nobody_over(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (first, second) = (app.connection(&organization).await, app.connection(&organization).await);
    let ada = app.session(&first, "ada@example.com").await;
    let refused = Browser::new(&app).sign_in(&second, "ada@example.com").await;
    refused.refusal_page("oidc_response_subject_mismatch");
    assert!(refused.text().contains("link_existing_members_until"), "{}", refused.text());
    let member = text(&ada["member_id"]);
    assert_eq!(registrations(&app, &organization, &member).await.len(), 1);
    let saml = connect_in(&app, &organization, json!({})).await;
    let refused = Browser::new(&app).sign_in_saml(&saml, "ada@example.com", &[]).await;
    refused.refusal_page("saml_response_subject_mismatch");
    // For a migration the project lets it, for a while, and loudly.
    let until = app.app.clock.now().plus(Span::days(1)).to_string();
    set(&app, &organization, &second, json!({ "link_existing_members_until": until })).await.ok();
    let linked = app.session(&second, "ada@example.com").await;
    assert_eq!(linked["member_id"], member.as_str());
    let events = app.get("/v1/vestibule/events?action=member.sign_in&limit=100").await.ok();
    let loud = |event: &Value| event["detail"]["linked_by"] == "link_existing_members";
    assert_eq!(
        events["events"].as_array().unwrap().iter().filter(|event| loud(event)).count(),
        1,
        "{events}"
    );
    // All of this is within one millisecond, so the traces are in no order.
    let traces = app.traces().await;
    assert!(
        traces.iter().any(|trace| trace.to_string().contains("link_existing_members_until")),
        "{traces:?}"
    );
    app.pass(2 * 86_400);
    app.session(&first, "grace@example.com").await;
    Browser::new(&app)
        .sign_in(&second, "grace@example.com")
        .await
        .refusal_page("oidc_response_subject_mismatch");
}

/// Whoever comes first through a connection that nobody vouches for does not get the one who comes after.
async fn a_planted_member_is_not_joined(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let saml = connect_in(&app, &organization, json!({})).await;
    let planted = app.redeem(&Browser::new(&app).saml_token(&saml, "ada@example.com").await).await.ok();
    assert_eq!(planted["member"]["email_address_verified"], false);
    let connection = app.connection(&organization).await;
    app.put(&organization_path(&organization), json!({ "claimed_email_domains": ["example.com"] }))
        .await
        .ok();
    Browser::new(&app)
        .sign_in(&connection, "ada@example.com")
        .await
        .refusal_page("oidc_response_subject_mismatch");
}

async fn many_subjects_at_once_make_one_bond(app: TestApp) {
    for round in 0..10 {
        let organization = app.organization(&format!("round-{round}"), json!({})).await;
        let connection = app.connection(&organization).await;
        let waits = if round % 2 == 0 {
            let pending =
                app.member(&organization, "grace@example.com", json!({ "create_member_as_pending": true }));
            Some(pending.await)
        } else {
            None
        };
        let provider = another_provider(&app).await;
        let people = ["s1", "s2", "s3", "s4"].map(|subject| (subject, "grace@example.com", "Grace Hopper"));
        provider.set_people(&people);
        set(&app, &organization, &connection, at(&provider)).await.ok();
        let elsewhere = with(&app, &provider);
        let tabs: Vec<_> = people
            .into_iter()
            .map(|(subject, ..)| {
                let (mut browser, connection) = (Browser::new(&elsewhere), connection.clone());
                tokio::spawn(async move { browser.sign_in(&connection, subject).await.status.as_u16() })
            })
            .collect();
        let mut signed_in = 0;
        for tab in tabs {
            signed_in += usize::from(tab.await.unwrap() == 302);
        }
        assert_eq!(signed_in, 1, "round {round}");
        assert_eq!(app.member_count(&organization).await, 1);
        let search = json!({ "organization_ids": [organization] });
        let found = app.post("/v1/b2b/organizations/members/search", search).await.ok();
        let member = text(&found["members"][0]["member_id"]);
        assert!(waits.is_none_or(|pending| pending == member));
        assert_eq!(registrations(&app, &organization, &member).await.len(), 1, "round {round}");
        provider.stop();
    }
}

async fn a_connection_that_moves_takes_its_people_along(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let ada = app.session(&connection, "ada@example.com").await;
    let grace = app.session(&connection, "subject-grace").await;
    let provider = another_provider(&app).await;
    // Ada has another subject at the new provider, and somebody else has hers.
    provider.set_people(&[
        ("new-ada", "ada@example.com", "Ada Lovelace"),
        ("subject-ada", "eve@example.com", "Eve"),
        ("subject-grace", "grace@example.com", "Grace Hopper"),
    ]);
    set(&app, &organization, &connection, at(&provider)).await.ok();
    let elsewhere = with(&app, &provider);
    let eve = elsewhere.session(&connection, "eve@example.com").await;
    assert_ne!(eve["member_id"], ada["member_id"], "the same sub is another person now");
    for (before, email) in [(&ada, "ada@example.com"), (&grace, "grace@example.com")] {
        let after = elsewhere.session(&connection, email).await;
        assert_eq!(after["member_id"], before["member_id"], "{email}");
        let found = registrations(&app, &organization, before["member_id"].as_str().unwrap()).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["issuer"], provider.issuer.as_str());
    }
    assert_eq!(app.member_count(&organization).await, 3);
    // Moved back, the same holds again.
    set(&app, &organization, &connection, at(&app.provider)).await.ok();
    assert_eq!(app.session(&connection, "ada@example.com").await["member_id"], ada["member_id"]);
    provider.stop();
}

async fn a_person_made_anew_is_refused_and_has_a_way_back(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let before = app.session(&connection, "subject-grace").await;
    let (member, session) = (text(&before["member_id"]), text(&before["session_token"]));
    let refused = Browser::new(&app).sign_in(&connection, "subject-other-grace").await;
    refused.refusal_page("oidc_response_subject_mismatch");
    let registration = text(&registrations(&app, &organization, &member).await[0]["registration_id"]);
    for piece in [registration.as_str(), "at the same issuer", "release", "relink_changed_subjects"] {
        assert!(refused.text().contains(piece), "{piece}: {}", refused.text());
    }
    let path =
        format!("/v1/vestibule/organizations/{organization}/members/{member}/registrations/{registration}");
    for around in [" subject-other-grace", "subject-other-grace\u{a0}"] {
        let refused = app.put(&path, json!({ "external_id": around })).await;
        refused.refused(400, "invalid_field");
        assert!(refused.text().contains("white space around external_id"), "{}", refused.text());
    }
    let relinked = app.put(&path, json!({ "external_id": "subject-other-grace" })).await.ok();
    assert_eq!(relinked["registration"]["external_id"], "subject-other-grace");
    let ended = app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": session })).await;
    ended.refused(404, "session_not_found");
    let after = app.session(&connection, "subject-other-grace").await;
    assert_eq!(after["member_id"], member.as_str());
    Browser::new(&app)
        .sign_in(&connection, "subject-grace")
        .await
        .refusal_page("oidc_response_subject_mismatch");

    app.delete(&path).await.ok();
    app.delete(&path).await.refused(404, "sso_registration_not_found");
    app.put(&path, json!({ "external_id": "x" })).await.refused(404, "sso_registration_not_found");
    assert_eq!(app.session(&connection, "subject-grace").await["member_id"], member.as_str());
    let other = app.session(&connection, "alan@example.com").await;
    let others = registrations(&app, &organization, other["member_id"].as_str().unwrap()).await;
    let path = format!(
        "/v1/vestibule/organizations/{organization}/members/{}/registrations/{}",
        text(&other["member_id"]),
        text(&others[0]["registration_id"])
    );
    for (subject, why) in
        [("subject-grace", "another registration"), ("", "external_id"), ("a\u{0}b", "external_id")]
    {
        let refused = app.put(&path, json!({ "external_id": subject })).await;
        refused.refused(400, "invalid_field");
        assert!(refused.text().contains(why), "{}", refused.text());
    }
    for action in ["member.registration.relink", "member.registration.release"] {
        let events = app.get(&format!("/v1/vestibule/events?action={action}")).await.ok();
        assert_eq!(events["events"].as_array().unwrap().len(), 1, "{events}");
    }
}

async fn own_domains_may_relink_by_themselves(app: TestApp) {
    let organization = owned(&app, "acme").await;
    let connection = app.connection_with(&organization, json!({ "relink_changed_subjects": true })).await;
    let before = app.session(&connection, "subject-grace").await;
    let after = app.session(&connection, "subject-other-grace").await;
    assert_eq!(after["member_id"], before["member_id"]);
    app.put(&organization_path(&organization), json!({ "claimed_email_domains": [] })).await.ok();
    Browser::new(&app)
        .sign_in(&connection, "subject-grace")
        .await
        .refusal_page("oidc_response_subject_mismatch");
}

async fn a_shared_issuer_needs_a_pin(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    for (issuer, pin, value) in [
        ("https://accounts.google.com", "hosted_domain", "acme.com"),
        (
            "https://login.microsoftonline.com/common/v2.0",
            "tenant_id",
            "11111111-2222-3333-4444-555555555555",
        ),
    ] {
        let connection = app.pending_connection(&organization).await;
        let mut settings = at(&app.provider);
        settings["issuer"] = json!(issuer);
        let saved = set(&app, &organization, &connection, settings).await.ok();
        assert_eq!(saved["connection"]["status"], "pending", "{saved}");
        let warning = text(&saved["warning"]);
        assert!(warning.contains(&format!("pending until {pin}")), "{warning}");
        assert!(warning.contains("could not be used"), "{warning}");
        let pinned = set(&app, &organization, &connection, json!({ pin: value })).await.ok();
        assert!(!text(&pinned["warning"]).contains("pending"), "{pinned}");
        assert_eq!(
            (&pinned["connection"]["status"], &pinned["connection"][pin]),
            (&json!("active"), &json!(value))
        );
        set(&app, &organization, &connection, json!({ pin: "nonsense" })).await.refused(400, "invalid_field");
    }
}

async fn a_pin_keeps_strangers_out(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection_with(&organization, json!({ "hosted_domain": "example.com" })).await;
    let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    refused.refusal_page("oidc_invalid_id_token");
    assert!(refused.text().contains("hosted_domain"), "{}", refused.text());
    set(&app, &organization, &connection, json!({ "hosted_domain": "" })).await.ok();
    app.session(&connection, "ada@example.com").await;
}

async fn a_new_name_follows(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let before = app.session(&connection, "ada@example.com").await;
    let path = format!("{}/members/{}", organization_path(&organization), text(&before["member_id"]));
    app.put(&path, json!({ "name": "The Countess" })).await.ok();
    let same = app.session(&connection, "ada@example.com").await;
    assert_eq!(same["member"]["name"], "The Countess", "the provider has said nothing new");
    let married = app.session(&connection, "ada.king@example.com").await;
    assert_eq!(married["member"]["name"], "Ada King");
    // What a sign-in does to a member is told as such.
    let member = text(&before["member_id"]);
    let events = app.get(&format!("/v1/vestibule/events?object_id={member}&limit=100")).await.ok();
    let actions: Vec<_> =
        events["events"].as_array().unwrap().iter().map(|event| text(&event["action"])).collect();
    assert!(actions.contains(&"member.create".to_owned()), "{actions:?}");
    let renamed = |event: &&Value| {
        event["action"] == "member.update"
            && event["actor"]["type"] == "member"
            && event["changes"].to_string().contains("Ada King")
    };
    assert_eq!(events["events"].as_array().unwrap().iter().filter(renamed).count(), 1, "{events}");
}

async fn the_backends_metadata_is_not_overwritten(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let mapping = json!({ "attribute_mapping": { "label": "name", "teams": "groups" } });
    let connection = app.connection_with(&organization, mapping).await;
    let first = app.session(&connection, "ada@example.com").await;
    let path = format!("{}/members/{}", organization_path(&organization), text(&first["member_id"]));
    assert_eq!(first["member"]["trusted_metadata"]["label"], "Ada Lovelace");
    let second = app.session(&connection, "ada.king@example.com").await;
    assert_eq!(second["member"]["trusted_metadata"]["label"], "Ada King", "the provider's own value follows");
    app.put(&path, json!({ "trusted_metadata": { "label": "gold", "plan": "pro" } })).await.ok();
    let third = app.session(&connection, "ada@example.com").await;
    let metadata = &third["member"]["trusted_metadata"];
    assert_eq!((&metadata["label"], &metadata["plan"]), (&json!("gold"), &json!("pro")));
    assert_eq!(metadata["teams"], json!(["engineering"]));
}

async fn a_second_factor_is_not_a_session(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let session = text(&app.session(&connection, "ada@example.com").await["session_token"]);
    app.put(&organization_path(&organization), json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await.ok();
    let token = Browser::new(&app).token(&connection, "ada@example.com").await;
    let body = json!({ "sso_token": token, "session_token": session });
    let answer = app.post("/v1/b2b/sso/authenticate", body).await.ok();
    assert_eq!(answer["member_authenticated"], false, "{answer}");
    assert_eq!(answer["session_token"], "");
    assert_ne!(answer["intermediate_session_token"], "");
}

async fn a_subject_that_is_no_text_is_told(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let number = json!({ "attribute_mapping": { "idp_user_id": "auth_time" } });
    let connection = app.connection_with(&organization, number).await;
    let signed_in = app.session(&connection, "ada@example.com").await;
    let external = text(&signed_in["member"]["sso_registrations"][0]["external_id"]);
    assert!(external.bytes().all(|byte| byte.is_ascii_digit()) && external.len() > 8, "{external}");
    for (claim, kind) in [("groups", "a list"), ("email_verified", "a yes or no"), ("nothing", "nothing")] {
        let mapping = json!({ "attribute_mapping": { "idp_user_id": claim } });
        set(&app, &organization, &connection, mapping).await.ok();
        let refused = Browser::new(&app).sign_in(&connection, "alan@example.com").await;
        refused.refusal_page("oidc_response_subject_missing");
        assert!(refused.text().contains(kind) && refused.text().contains(claim), "{}", refused.text());
    }
}

async fn names_of_one_address_are_one_person(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let at = connect_in(&app, &organization, json!({})).await;
    let mut members = Vec::new();
    for name in ["First.Last@example.com", "first.last@example.com", "FIRST.last@EXAMPLE.com"] {
        let token = Browser::new(&app).saml_token(&at, name).await;
        members.push(text(&app.redeem(&token).await.ok()["member_id"]));
    }
    members.dedup();
    assert_eq!(members.len(), 1);
    // The same text in another format is another name: refused, by which registration, with a way out.
    let refused =
        Browser::new(&app).sign_in_saml(&at, "first.last@example.com", &[("name_id", "persistent")]).await;
    refused.refusal_page("saml_response_subject_mismatch");
    let found = registrations(&app, &organization, &members[0]).await;
    assert!(refused.text().contains(found[0]["registration_id"].as_str().unwrap()), "{}", refused.text());
}
