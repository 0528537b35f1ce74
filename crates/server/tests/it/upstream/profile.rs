//! What is kept of what a provider says about somebody, by the connection's map of attributes.

use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::connection::{CommonPatch, OidcPatch};
use vestibule_testidp::{Fault, Whims};

use super::{map, set};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;

on_both_engines!(
    user_information_is_asked_for_only_where_it_is_mapped,
    what_is_listed_is_kept_and_nothing_of_the_protocol,
    an_address_counts_by_what_is_said_of_that_very_one,
);

const ADA: &str = "ada@example.com";

fn mapped(stored: Value) -> OidcPatch {
    OidcPatch { attribute_map: map(stored), ..OidcPatch::default() }
}

async fn connection(app: &TestApp) -> (String, String) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    (organization, connection)
}

/// What is kept with the registration of whoever signs in.
async fn kept(app: &TestApp, connection: &str) -> Value {
    let signed_in = app.session(connection, ADA).await;
    signed_in["member"]["sso_registrations"][0]["sso_attributes"].clone()
}

async fn user_information_is_asked_for_only_where_it_is_mapped(app: TestApp) {
    let (_, connection) = connection(&app).await;
    set(&app, &connection, mapped(json!({ "mode": "bind_all" }))).await;
    let attributes = kept(&app, &connection).await;
    assert_eq!(app.provider.hits("/userinfo"), 0);
    assert_eq!(attributes["email"], ADA);
    for protocols in ["iss", "aud", "exp", "iat", "nonce", "sub", "at_hash"] {
        assert!(attributes.get(protocols).is_none(), "{attributes}");
    }
    // Nor does a missing address make us ask.
    Browser::new(&app)
        .sign_in_with(&connection, "new@example.com", Some(Fault::EmailInUserinfo))
        .await
        .refusal_page("oidc_response_email_missing");
    assert_eq!(app.provider.hits("/userinfo"), 0);
    let reads = json!({ "mode": "use_map", "userinfo_scope": "openid phone",
        "attributes": { "email": "${context.tokenset.email}", "name_there": "${context.userinfo.name}" } });
    set(&app, &connection, mapped(reads)).await;
    let to = Browser::new(&app).start(&connection, &[]).await;
    let scope = crate::reply::parameter(&to, "scope");
    assert!(scope.split(' ').any(|name| name == "phone"), "{scope}");
    assert_eq!(kept(&app, &connection).await, json!({ "email": ADA, "name_there": "Ada Lovelace" }));
    assert_eq!(app.provider.hits("/userinfo"), 1);
    // What a map reads has to be had, and about the same person.
    app.provider.set_path_down(Some("/userinfo"));
    Browser::new(&app).sign_in(&connection, ADA).await.refusal_page("oidc_provider_unreachable");
    app.provider.set_path_down(None);
    Browser::new(&app)
        .sign_in_with(&connection, ADA, Some(Fault::UserinfoOtherSub))
        .await
        .refusal_page("oidc_response_subject_mismatch");
}

async fn what_is_listed_is_kept_and_nothing_of_the_protocol(app: TestApp) {
    let (_, connection) = connection(&app).await;
    let claims =
        json!({ "amr": ["pwd"], "address": { "country": "GB" }, "level": 7, "user_id": "oidc|other|1" });
    app.provider.set_whims(Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() });
    let listed = json!({ "mode": "use_map", "attributes": {
        "email": "${context.tokenset.email}", "country": "${context.tokenset.address.country}",
        "level": "${context.tokenset.level}", "federated_amr": "${context.tokenset.amr}", "tier": "gold",
        "amr": "${context.tokenset.amr}", "user_id": "${context.tokenset.user_id}", "sub": "x",
        "app_metadata": "${context.tokenset.address}", "at": "${context.tokenset.access_token}",
        "short": "${context.tokenset.level}",
    } });
    let common =
        CommonPatch { passing_attributes: Patch::Set(vec!["short".to_owned()]), ..CommonPatch::default() };
    set(&app, &connection, OidcPatch { common, ..mapped(listed) }).await;
    let attributes = kept(&app, &connection).await;
    assert_eq!(
        attributes,
        json!({ "email": ADA, "country": "GB", "level": 7, "federated_amr": ["pwd"], "tier": "gold" })
    );
    // Neither what serves one sign-in nor the provider's token is anywhere.
    let token = app.provider.granted().remove("access_token").unwrap();
    let traces = serde_json::to_string(&app.traces().await).unwrap();
    assert!(!traces.contains(&token));
}

async fn an_address_counts_by_what_is_said_of_that_very_one(app: TestApp) {
    let (organization, first) = connection(&app).await;
    let patch = json!({ "claimed_email_domains": ["example.com"] });
    app.put(&format!("/v1/b2b/organizations/{organization}"), patch).await.ok();
    // The boss is known through another connection.
    app.session(&first, "boss@example.com").await;
    let second = app.connection(&organization).await;
    let claims = json!({ "upn": "boss@example.com", "email_verified": true });
    app.provider.set_whims(Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() });
    let by_upn = json!({ "mode": "use_map",
        "attributes": { "email": "${context.tokenset.upn}", "email_verified": true } });
    set(&app, &second, mapped(by_upn)).await;
    // That ada's address is verified says nothing of the boss's.
    Browser::new(&app).sign_in(&second, ADA).await.refusal_page("oidc_response_");
    // And that ada's is not verified does not either.
    let claims = json!({ "upn": "grace@example.com", "email_verified": false });
    app.provider.set_whims(Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() });
    let signed_in = app.session(&second, ADA).await;
    assert_eq!(signed_in["member"]["email_address"], "grace@example.com");
    let by_email = json!({ "mode": "use_map", "attributes": { "email": "${context.tokenset.email}" } });
    set(&app, &second, mapped(by_email)).await;
    Browser::new(&app)
        .sign_in(&second, "new@example.com")
        .await
        .refusal_page("oidc_response_unverified_email");
}
