//! Garbage: requests put together from pieces that once broke somebody's parser.

use http::header::CONTENT_TYPE;
use serde_json::json;
use vestibule_domain::rbac::Action;
use vestibule_server::{Endpoint, Needs};

use super::scene::{Ids, all, names, refusal};
use crate::app::TestApp;
use crate::garbage::Garbage;

/// Requests put together from pieces that once broke somebody's parser. The sequence repeats, so a failure does.
pub(super) async fn garbage_is_never_our_mistake(app: TestApp) {
    let ids = Ids::of(&app, "globex").await;
    // There is an organization of this name until one of the requests deletes it.
    app.organization("acme", json!({})).await;
    let endpoints = all();
    let garbage = Garbage::new(4711);
    let pieces = [
        "null",
        "{}",
        "[]",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "1e999",
        "-0",
        "9223372036854775808",
        "true",
        "\"organization-test-\"",
        "\"a@b\"",
        "{\"a\":null}",
        "[null]",
        "\"\u{202e}\u{fb01}\"",
        "\"%00\"",
        "\"' OR 1=1 --\"",
        "{\"operator\":\"AND\",\"operands\":[{}]}",
        "[{\"domain\":\"\",\"role_id\":\"\"}]",
        "\"ALL_ALLOWED\"",
        "0.1",
        "{\"roles\":[{\"role_id\":\"stytch\"}]}",
        "{\"roles\":[{\"permissions\":[{}]}],\"resources\":[null]}",
    ];
    let fields = [
        "organization_name",
        "organization_slug",
        "organization_external_id",
        "trusted_metadata",
        "email_address",
        "roles",
        "external_id",
        "query",
        "limit",
        "cursor",
        "organization_ids",
        "issuer",
        "attribute_mapping",
        "custom_scopes",
        "session_token",
        "session_jwt",
        "sso_token",
        "session_duration_minutes",
        "member_id",
        "authorization_check",
        "session_custom_claims",
        "mfa_phone_number",
        "organization_id",
        "code",
        "secret",
        "recovery_code",
        "recovery_codes",
        "expiration_minutes",
        "set_mfa_enrollment",
        "intermediate_session_token",
        "claimed_email_domains",
        "name",
        "rbac_email_implicit_role_assignments",
        "allowed_oauth_tenants",
        "pkce_code_verifier",
        "unlink_email",
        "policy",
        "org_policy",
        "force",
    ];
    let segments =
        ["acme", "%00", "%F0%9F%92%A5", "..", "%2e%2e", "a%2Fb", "'", "organization-test-", "-1", "%25"];
    let nobodys = Ids::nobodys();
    for round in 0..60 * endpoints.len() {
        let endpoint = &endpoints[round % endpoints.len()];
        // What would end the scene itself is asked for what nobody has.
        let ids = if ends(endpoint) { &nobodys } else { &ids };
        let mut path = ids.fill(endpoint);
        if garbage.pick(4) == 0 {
            path = broken(ids, endpoint, garbage.one_of(&segments));
        }
        let body = garbage.body(&fields, &pieces);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = app.raw(endpoint.method.clone(), &path, body).await;
        let asked = format!("{round}: {} {path} {shown}", endpoint.method);
        assert!(!answer.status.is_server_error(), "{asked}: {}", answer.text());
        let is_page =
            answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/"));
        if answer.status.is_client_error() && !is_page {
            refusal(endpoint.door, &answer);
        }
    }
}

fn ends(endpoint: &Endpoint) -> bool {
    endpoint.needs == Needs::Right(Action::DeleteOrganization)
}

/// The address of an endpoint whose first parameter is garbage.
fn broken(ids: &Ids, endpoint: &Endpoint, garbage: &str) -> String {
    let address = ids.fill(endpoint);
    match names(endpoint).first() {
        Some(name) => address.replacen(ids.value(endpoint, name), garbage, 1),
        None => address,
    }
}
