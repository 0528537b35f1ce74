//! What clients really send, and what nobody should: the first is taken, the second is refused in the
//! envelope, and nothing is an answer of 500.

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    a_null_is_as_good_as_nothing,
    paths_are_decoded_and_win_over_bodies,
    bodies_may_be_empty_or_out_of_place,
    compact_spellings_are_taken_and_never_given,
    unknown_paths_and_methods_answer_in_the_envelope,
    wrong_types_are_refused,
    a_list_is_no_object,
    members_that_nobody_knows_are_told_by_name,
    bodies_have_bounds,
    nul_characters_are_refused,
    empty_lists_of_a_client_that_sends_defaults_are_none,
);

/// Ids for the holes of a path.
struct Ids {
    organization: String,
    member: String,
    connection: String,
}

impl Ids {
    async fn of(app: &TestApp, slug: &str) -> Self {
        let organization = app.organization(slug, json!({})).await;
        let member = app.member(&organization, "ada@example.com", json!({})).await;
        let connection = app.connection(&organization).await;
        Self { organization, member, connection }
    }

    fn fill(&self, path: &str) -> String {
        path.replace("{o}", &self.organization).replace("{m}", &self.member).replace("{c}", &self.connection)
    }
}

async fn a_null_is_as_good_as_nothing(app: TestApp) {
    let optional = [
        "organization_slug",
        "organization_logo_url",
        "trusted_metadata",
        "organization_external_id",
        "sso_jit_provisioning",
        "email_allowed_domains",
        "email_jit_provisioning",
        "email_invites",
        "auth_methods",
        "allowed_auth_methods",
        "mfa_policy",
        "mfa_methods",
        "allowed_mfa_methods",
        "rbac_email_implicit_role_assignments",
        "oauth_tenant_jit_provisioning",
        "allowed_oauth_tenants",
        "claimed_email_domains",
        "first_party_connected_apps_allowed_type",
        "allowed_first_party_connected_apps",
        "third_party_connected_apps_allowed_type",
        "allowed_third_party_connected_apps",
    ];
    let mut body = json!({ "organization_name": "Acme" });
    for name in optional {
        body[name] = Value::Null;
    }
    let made = app.post("/v1/b2b/organizations", body.clone()).await.ok()["organization"].clone();
    assert_eq!(
        (&made["sso_jit_provisioning"], &made["organization_slug"]),
        (&json!("ALL_ALLOWED"), &json!("acme"))
    );
    let path = format!("/v1/b2b/organizations/{}", text(&made["organization_id"]));
    app.put(&path, json!({ "mfa_policy": "REQUIRED_FOR_ALL", "trusted_metadata": { "a": 1, "b": 2 } }))
        .await
        .ok();
    body["organization_name"] = Value::Null;
    body["sso_default_connection_id"] = Value::Null;
    body["sso_jit_provisioning_allowed_connections"] = Value::Null;
    let same = app.put(&path, body).await.ok()["organization"].clone();
    assert_eq!(
        (&same["organization_name"], &same["mfa_policy"]),
        (&json!("Acme"), &json!("REQUIRED_FOR_ALL"))
    );
    assert_eq!(same["trusted_metadata"], json!({ "a": 1, "b": 2 }));
    // Inside metadata a null has a meaning.
    let less = app.put(&path, json!({ "trusted_metadata": { "a": null } })).await.ok();
    assert_eq!(less["organization"]["trusted_metadata"], json!({ "b": 2 }));
}

async fn paths_are_decoded_and_win_over_bodies(app: TestApp) {
    let (acme, globex) = (Ids::of(&app, "acme").await, Ids::of(&app, "globex").await);
    let escaped = acme.organization.replace('-', "%2D");
    let found = app.get(&format!("/v1/b2b/organizations/{escaped}")).await.ok();
    assert_eq!(found["organization"]["organization_id"], acme.organization.as_str());
    let path = format!("/v1/b2b/organizations/{escaped}/members/{}", acme.member.replace('-', "%2D"));
    let body = json!({ "organization_id": globex.organization, "member_id": globex.member, "name": "Ada" });
    let changed = app.put(&path, body).await.ok();
    assert_eq!(changed["member"]["member_id"], acme.member.as_str());
    let path = format!("/v1/b2b/organizations/{}?organization_id={}", acme.organization, globex.organization);
    assert_eq!(app.get(&path).await.ok()["organization"]["organization_id"], acme.organization.as_str());
    let path = format!("/v1/b2b/sso/oidc/{}/connections/{}", acme.organization, acme.connection);
    let body = json!({ "connection_id": globex.connection, "organization_id": globex.organization, "status": "deleted", "unknown": 1 });
    let changed = app.put(&path, body).await.ok();
    assert_eq!(changed["connection"]["connection_id"], acme.connection.as_str());
    assert_eq!(changed["connection"]["status"], "active");
    for unreadable in ["%ff", "%C3%28"] {
        let answer = app.get(&format!("/v1/b2b/organizations/{unreadable}")).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
        answer.envelope();
    }
}

async fn bodies_may_be_empty_or_out_of_place(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    for path in ["/v1/b2b/organizations/acme", "/v1/b2b/rbac/policy?", "/v1/b2b/sso/acme"] {
        for body in ["", "{}", "  \n"] {
            app.raw(Method::GET, path, body).await.ok();
        }
    }
    for body in ["", "{}", "null", &json!({ "organization_id": ids.organization }).to_string()] {
        let made = app.pending_connection(&ids.organization).await;
        let path = format!("/v1/b2b/sso/{}/connections/{made}", ids.organization);
        app.raw(Method::DELETE, &path, body.to_owned()).await.ok();
    }
    app.raw(Method::POST, "/v1/b2b/organizations/search", "").await.ok();
    app.raw(Method::POST, "/v1/b2b/sso/oidc/acme", "").await.ok();
    // Some clients send no content type, others one with a parameter.
    for media in [None, Some("application/json; charset=utf-8")] {
        let mut request = app.request(Method::POST, "/v1/b2b/organizations/search");
        if let Some(media) = media {
            request = request.header(CONTENT_TYPE, media);
        }
        app.send(request.body("{\"limit\": 1}".into()).unwrap()).await.ok();
    }
}

async fn compact_spellings_are_taken_and_never_given(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    for (given, shown) in [
        ("microsoftentra", "microsoft-entra"),
        ("microsoft-entra", "microsoft-entra"),
        ("googleworkspace", "google-workspace"),
        ("okta", "okta"),
    ] {
        let body = json!({ "display_name": "IdP", "identity_provider": given });
        let made = app.post("/v1/b2b/sso/oidc/acme", body).await.ok();
        assert_eq!(made["connection"]["identity_provider"], shown);
    }
    let unknown = json!({ "identity_provider": "nobody" });
    app.post("/v1/b2b/sso/oidc/acme", unknown).await.refused(400, "invalid_sso_idp");
    for locale in ["en", "ptbr", "pt-br", "deDE", "de-DE", "zhHans", "zh-Hans", "caES", "ca-ES"] {
        let token = crate::browser::Browser::new(&app).token(&ids.connection, "ada@example.com").await;
        let body = json!({ "sso_token": token, "locale": locale, "telemetry_id": "ignored" });
        app.post("/v1/b2b/sso/authenticate", body).await.ok();
    }
    let body = json!({ "sso_token": "a-token", "locale": "tlh" });
    app.post("/v1/b2b/sso/authenticate", body).await.refused(400, "invalid_locale");
}

async fn unknown_paths_and_methods_answer_in_the_envelope(app: TestApp) {
    for path in [
        "/",
        "/v1",
        "/v1/b2b/nothing",
        "/v1/b2b/passwords/authenticate",
        "/v1/b2b/organizations/",
        "/V1/b2b/sessions",
    ] {
        app.get(path).await.refused(404, "route_not_found");
        app.send(Request::get(path).body("".into()).unwrap()).await.refused(404, "route_not_found");
    }
    for (method, path) in [
        (Method::GET, "/v1/b2b/sso/authenticate"),
        (Method::PATCH, "/v1/b2b/organizations/acme"),
        (Method::TRACE, "/v1/b2b/sessions"),
        (Method::PUT, "/v1/public/sso/start"),
    ] {
        app.raw(method, path, "").await.refused(405, "method_not_allowed");
    }
    let answer = app.get("/v1/b2b/nothing").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}

async fn members_that_nobody_knows_are_told_by_name(app: TestApp) {
    let body = json!({
        "organization_name": "Acme",
        "organisation_slug": "never shown",
        "rbac_email_implicit_role_assignments": [{ "domain": "acme.example", "role_id": "stytch_admin", "colour": 1 }],
        "trusted_metadata": { "whatever": 1 },
    });
    let answer = app.post("/v1/b2b/organizations", body).await;
    let told = [
        "organisation_slug is not known here and was ignored.",
        "rbac_email_implicit_role_assignments[].colour is not known here and was ignored.",
    ];
    assert_eq!(answer.ok()["warnings"], json!(told));
    assert!(!answer.ok()["warnings"].to_string().contains("never shown"));
    // Where it helps most: what was meant is missing.
    let refused = app.post("/v1/b2b/organizations", json!({ "name": "Acme" })).await;
    assert_eq!(refused.json()["warnings"], json!(["name is not known here and was ignored."]));
    let quiet = app.post("/v1/b2b/organizations", json!({ "organization_name": "Acme" })).await;
    assert!(quiet.ok().get("warnings").is_none());
}

/// Not the members of an object in their order, at any depth.
async fn a_list_is_no_object(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let search = "/v1/b2b/organizations/search";
    for (method, path, body) in [
        (Method::POST, search, json!({ "query": [null, null] })),
        (Method::POST, search, json!({ "query": { "operands": [["organization_slugs", ["acme"]]] } })),
        (Method::POST, "/v1/b2b/organizations/members/search", json!({ "query": [] })),
        (
            Method::PUT,
            "/v1/b2b/organizations/{o}",
            json!({ "rbac_email_implicit_role_assignments": [["acme.example", "stytch_admin"]] }),
        ),
        (Method::PUT, "/v1/b2b/rbac/organizations/{o}", json!({ "org_policy": [[]] })),
    ] {
        let refused = app.raw(method, &ids.fill(path), body.to_string()).await;
        refused.refused(400, "bad_request");
    }
}

async fn wrong_types_are_refused(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let wrong =
        [json!(7), json!(-1.5), json!(true), json!([]), json!({}), json!("a string"), json!([[null]])];
    let fields = [
        (Method::POST, "/v1/b2b/organizations", "organization_name"),
        (Method::POST, "/v1/b2b/organizations/search", "limit"),
        (Method::POST, "/v1/b2b/organizations/search", "query"),
        (Method::PUT, "/v1/b2b/organizations/{o}", "mfa_policy"),
        (Method::PUT, "/v1/b2b/organizations/{o}", "email_allowed_domains"),
        (Method::PUT, "/v1/b2b/organizations/{o}", "trusted_metadata"),
        (Method::POST, "/v1/b2b/organizations/{o}/members", "email_address"),
        (Method::PUT, "/v1/b2b/organizations/{o}/members/{m}", "roles"),
        (Method::PUT, "/v1/b2b/organizations/{o}/members/{m}", "is_breakglass"),
        (Method::PUT, "/v1/b2b/sso/oidc/{o}/connections/{c}", "issuer"),
        (Method::PUT, "/v1/b2b/sso/oidc/{o}/connections/{c}", "attribute_mapping"),
        (Method::PUT, "/v1/b2b/sso/oidc/{o}/connections/{c}", "type"),
        (Method::POST, "/v1/b2b/sessions/authenticate", "authorization_check"),
        (Method::POST, "/v1/b2b/sessions/authenticate", "session_duration_minutes"),
        (Method::POST, "/v1/b2b/sso/authenticate", "session_custom_claims"),
    ];
    for (method, path, field) in fields {
        let mut refused = 0;
        for value in &wrong {
            let body = json!({ field: value }).to_string();
            let answer = app.raw(method.clone(), &ids.fill(path), body).await;
            assert!(!answer.status.is_server_error(), "{path} {field} {value}: {}", answer.text());
            if answer.status.is_client_error() {
                answer.envelope();
                refused += 1;
            }
        }
        assert!(refused >= 4, "{path} {field}: only {refused} refused");
    }
    for text in ["[]", "7", "\"text\"", "{", "{\"a\":}", "{} {}", "\u{feff}{}", "<xml/>", "a=b"] {
        let answer = app.raw(Method::POST, "/v1/b2b/organizations", text).await;
        assert_eq!(answer.status, 400, "{text}: {}", answer.text());
        answer.envelope();
    }
    let latin =
        app.raw(Method::POST, "/v1/b2b/organizations", b"{\"organization_name\":\"\xe9\"}".to_vec()).await;
    latin.refused(400, "bad_request");
}

async fn bodies_have_bounds(app: TestApp) {
    for size in [256 * 1024 + 1, 2 * 1024 * 1024] {
        let body = json!({ "organization_name": "x".repeat(size) }).to_string();
        app.raw(Method::POST, "/v1/b2b/organizations", body).await.refused(413, "request_body_too_large");
    }
    for depth in [200, 50_000] {
        let nested = format!("{{\"trusted_metadata\":{{\"a\":{}{}}}}}", "[".repeat(depth), "]".repeat(depth));
        let answer = app.raw(Method::POST, "/v1/b2b/organizations", nested).await;
        answer.refused(400, "bad_request");
    }
    // Below the bound unknown members are ignored, however many there are.
    let many: Vec<String> = (0..15_000).map(|number| format!("\"k{number}\":1")).collect();
    let answer = app.raw(Method::POST, "/v1/b2b/organizations", format!("{{{}}}", many.join(","))).await;
    answer.refused(400, "missing_required_field");
}

async fn nul_characters_are_refused(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let bodies = [
        (Method::POST, "/v1/b2b/organizations", json!({ "organization_name": "A\0B" })),
        (
            Method::POST,
            "/v1/b2b/organizations",
            json!({ "organization_name": "A", "organization_logo_url": "\0" }),
        ),
        (Method::PUT, "/v1/b2b/organizations/{o}", json!({ "trusted_metadata": { "a": "\0" } })),
        (Method::PUT, "/v1/b2b/organizations/{o}", json!({ "trusted_metadata": { "\0": 1 } })),
        (Method::PUT, "/v1/b2b/organizations/{o}/members/{m}", json!({ "name": "A\0" })),
        (Method::POST, "/v1/b2b/organizations/{o}/members", json!({ "email_address": "a\0@example.com" })),
        (Method::POST, "/v1/b2b/sso/oidc/{o}", json!({ "display_name": "\0" })),
        (Method::PUT, "/v1/b2b/sso/oidc/{o}/connections/{c}", json!({ "client_id": "\0" })),
        (
            Method::POST,
            "/v1/b2b/organizations/search",
            json!({ "query": { "operator": "AND", "operands": [{ "filter_name": "organization_name_fuzzy", "filter_value": "abc\0" }] } }),
        ),
    ];
    for (method, path, body) in bodies {
        let answer = app.raw(method, &ids.fill(path), body.to_string()).await;
        assert!(!answer.status.is_server_error(), "{path} {body}: {}", answer.text());
        // JSON keeps a NUL inside metadata as an escape, and a search may find nothing; all else is refused.
        if answer.status.is_client_error() {
            answer.envelope();
        } else {
            assert!(
                path.ends_with("search") || body.get("trusted_metadata").is_some(),
                "{path} {body} was taken"
            );
        }
    }
    for path in [
        "/v1/b2b/organizations/%00",
        "/v1/b2b/sso/a%00b",
        "/v1/b2b/organizations/members/dangerously_get/%00",
    ] {
        let answer = app.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text());
    }
}

async fn empty_lists_of_a_client_that_sends_defaults_are_none(app: TestApp) {
    let lists = [
        "rbac_email_implicit_role_assignments",
        "sso_jit_provisioning_allowed_connections",
        "email_allowed_domains",
        "claimed_email_domains",
        "allowed_auth_methods",
        "allowed_mfa_methods",
        "allowed_first_party_connected_apps",
        "allowed_third_party_connected_apps",
    ];
    let kept = json!({ "email_allowed_domains": ["acme.example"], "trusted_metadata": { "plan": "gold" } });
    let organization = app.organization("acme", kept).await;
    let path = format!("/v1/b2b/organizations/{organization}");
    let mut body =
        json!({ "organization_name": "Renamed", "trusted_metadata": {}, "allowed_oauth_tenants": {} });
    for list in lists {
        body[list] = json!([]);
    }
    let all = app.put(&path, body.clone()).await.ok();
    assert_eq!(all["organization"]["organization_name"], "Renamed");
    assert_eq!(all["organization"]["email_allowed_domains"], json!(["acme.example"]));
    // What is not empty in such a body is meant.
    body["claimed_email_domains"] = json!(["acme.example"]);
    assert_eq!(
        app.put(&path, body.clone()).await.ok()["organization"]["claimed_email_domains"],
        json!(["acme.example"])
    );
    // With one of them left away, or null, the empty ones are meant, too.
    body["allowed_oauth_tenants"] = Value::Null;
    let some = app.put(&path, body).await.ok();
    assert_eq!(some["organization"]["email_allowed_domains"], json!([]));
    let alone = app.put(&path, json!({ "claimed_email_domains": [] })).await.ok();
    assert_eq!(alone["organization"]["claimed_email_domains"], json!([]));

    // The mapping is the only one of an OpenID Connect connection: the empty text unsets it.
    let mapped = json!({ "attribute_mapping": { "email": "mail" } });
    let connection = app.connection_with(&organization, mapped).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    let mapping = |body: Value| {
        let (app, path) = (app.clone(), path.clone());
        async move { app.put(&path, body).await.ok()["connection"]["attribute_mapping"].clone() }
    };
    assert_eq!(
        mapping(json!({ "display_name": "X", "attribute_mapping": {} })).await,
        json!({ "email": "mail" })
    );
    assert_eq!(
        mapping(json!({ "attribute_mapping": { "full_name": "n" } })).await,
        json!({ "full_name": "n" })
    );
    assert_eq!(mapping(json!({ "attribute_mapping": "" })).await, json!({}));
    let nested = json!({ "attribute_mapping": { "email": ["mail"] } });
    app.put(&path, nested).await.refused(400, "invalid_attribute_mapping");
}
