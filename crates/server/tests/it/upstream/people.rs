//! Who somebody is by what a connection is set to: when their profile follows the provider, who is made, and what is counted.

use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::connection::{CommonPatch, OidcPatch, ProfileSync, SamlPatch, UrlPolicy};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::identity::Registration;
use vestibule_domain::profile::{Profile, UserId};
use vestibule_testidp::Whims;

use super::{change, load, map, set, set_common};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::external::{Lent, Source};
use crate::saml_idp::connect;

on_both_engines!(
    what_is_kept_follows_as_the_connection_says,
    nobody_is_made_where_somebody_else_makes_people,
    sign_ins_are_counted_also_through_borrowed_connections,
    attributes_of_an_assertion_make_a_profile,
    an_avatar_is_made_of_letters_alone,
);

const ADA: &str = "ada@example.com";

fn syncs(sync: ProfileSync) -> CommonPatch {
    CommonPatch { profile_sync: Patch::Set(sync), ..CommonPatch::default() }
}

fn in_department(app: &TestApp, department: &str) {
    let claims = json!({ "department": department });
    app.provider.set_whims(Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() });
}

fn attributes(signed_in: &Value) -> Value {
    signed_in["member"]["sso_registrations"][0]["sso_attributes"].clone()
}

async fn what_is_kept_follows_as_the_connection_says(app: TestApp) {
    for (index, (sync, then)) in
        [(ProfileSync::OnEachLogin, "poetry"), (ProfileSync::OnFirstLogin, "math")].into_iter().enumerate()
    {
        let organization = app.organization(&format!("acme-{index}"), json!({})).await;
        let connection = app.connection(&organization).await;
        let bound = OidcPatch { attribute_map: map(json!({ "mode": "bind_all" })), ..OidcPatch::default() };
        set(&app, &connection, OidcPatch { common: syncs(sync), ..bound }).await;
        in_department(&app, "math");
        assert_eq!(attributes(&app.session(&connection, ADA).await)["department"], "math");
        in_department(&app, "poetry");
        assert_eq!(attributes(&app.session(&connection, ADA).await)["department"], then, "{sync:?}");
    }
}

async fn nobody_is_made_where_somebody_else_makes_people(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    set_common(&app, &connection, syncs(ProfileSync::NeverOnLogin)).await;
    let refused = Browser::new(&app).sign_in(&connection, ADA).await;
    refused.refusal_page("sso_connection_creates_no_members");
    assert_eq!(app.member_count(&organization).await, 0);
    let body = json!({ "create_member_as_pending": true, "name": "As the directory says" });
    let made = app.member(&organization, ADA, body).await;
    let signed_in = app.session(&connection, ADA).await;
    assert_eq!(signed_in["member_id"], made.as_str());
    assert_eq!(
        (&signed_in["member"]["name"], attributes(&signed_in)),
        (&json!("As the directory says"), json!({}))
    );
}

async fn sign_ins_are_counted_also_through_borrowed_connections(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    app.session(&lent.source, ADA).await;
    let first = app.session(&lent.source, ADA).await;
    app.session(&lent.borrowed, ADA).await;
    let source = load(&app, &lent.source).await;
    let subject = text(&first["member"]["sso_registrations"][0]["external_id"]);
    let found = registrations(&app, source.id, &subject).await;
    let count = |id| found.iter().find(|one| one.connection_id == id).map(|one| one.arrivals.count);
    assert_eq!((found.len(), count(source.id)), (2, Some(2)));
    assert_eq!(count(lent.borrowed.parse().unwrap()), Some(1));
    assert!(found.iter().all(|one| !one.arrivals.last_ip.is_empty()));
    // One person at one provider, whichever organization they signed in to.
    let ids: Vec<_> = found.iter().map(|one| UserId::of(&source, one).to_string()).collect();
    assert_eq!(ids, vec![format!("oidc|{}|{subject}", source.name); 2]);
    assert!(registrations(&app, source.id, "nobody").await.is_empty());
    let own = found.iter().find(|one| one.connection_id == source.id).unwrap();
    let member = app.app.store.member_of(source.tenant(), own.member_id).await.unwrap().unwrap();
    let profile = Profile::of(&member, own, &source, &serde_json::Map::new());
    assert_eq!((profile.email.as_str(), profile.name.as_str()), (ADA, "Ada Lovelace"));
    assert!(profile.other("iss").is_none() && profile.other("nonce").is_none());
}

async fn registrations(app: &TestApp, source: ConnectionId, subject: &str) -> Vec<Registration> {
    let found = app.app.store.person(app.project.id, source, subject).await.unwrap();
    found.into_iter().map(|standing| standing.registration).collect()
}

async fn attributes_of_an_assertion_make_a_profile(app: TestApp) {
    let saml = connect(&app, "acme", json!({})).await;
    change(&app, &saml.connection, |connection| {
        let fields = json!({ "fields": { "family_name": ["ghost", "lastName"], "team": ["groups"] } });
        let patch = SamlPatch {
            profile_fields: Patch::Set(serde_json::from_value(fields).unwrap()),
            common: CommonPatch {
                passing_attributes: Patch::Set(vec!["groups".to_owned()]),
                ..CommonPatch::default()
            },
            ..SamlPatch::default()
        };
        connection.apply_saml(patch, None, UrlPolicy::HttpsOrLoopback, app.app.clock.now()).unwrap();
    })
    .await;
    let mut browser = Browser::new(&app);
    let token = browser.saml_token(&saml, ADA).await;
    let kept = attributes(&app.redeem(&token).await.ok());
    assert_eq!(kept["email"], ADA, "{kept}");
    assert_eq!(kept["given_name"], "Ada", "{kept}");
    assert!(kept.get("groups").is_none(), "{kept}");
}

async fn an_avatar_is_made_of_letters_alone(app: TestApp) {
    let drawn = app.get("/avatars/AL").await;
    assert_eq!(
        (drawn.status.as_u16(), drawn.headers["content-type"].to_str().unwrap()),
        (200, "image/svg+xml")
    );
    assert!(drawn.text().contains(">AL</text>") && !drawn.text().contains("script"));
    for none in ["%3Cb%3E", "ABC", "%22", "..%2F", "A%00"] {
        let missing = app.get(&format!("/avatars/{none}")).await;
        assert!(missing.status.is_client_error(), "{none}: {}", missing.status);
    }
    assert_eq!(app.get("/avatars/-").await.status, 200);
}
