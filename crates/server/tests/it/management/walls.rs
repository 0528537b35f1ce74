//! What holds of every call of the Management API: another project's things are nobody's, garbage is never our mistake, and no
//! secret reaches the audit trail.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use vestibule_server::Endpoint;
use vestibule_server::routes::{self, management_scopes};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::applications::{ELSEWHERE, HERE, elsewhere};
use crate::browser::Browser;
use crate::garbage::Garbage;
use crate::provider::CLIENT_SECRET;
use crate::reply::Reply;

on_both_engines!(
    things_of_another_project_are_nobodys,
    garbage_is_never_our_mistake,
    no_secret_is_in_the_trail,
    every_answer_says_what_is_left,
);

/// One of everything that a path can name.
pub(super) struct Things {
    pub(super) connection: String,
    organization: String,
    pub(super) client: String,
    grant: String,
    pub(super) user: String,
    log: String,
}

impl Things {
    pub(super) async fn of(manager: &Manager) -> Self {
        let connection = manager.connection("acme").await;
        let wanted = json!([{ "connection_id": connection, "assign_membership_on_login": true }]);
        let body = json!({ "name": "acme", "enabled_connections": wanted });
        let organization = text(&said(&manager.post("/organizations", &body).await, 201)["id"]);
        let client = said(
            &manager.post("/clients", &json!({ "name": "Shop", "app_type": "non_interactive" })).await,
            201,
        );
        let client = text(&client["client_id"]);
        let body = json!({ "client_id": client, "audience": "https://api.test/", "scope": ["a"] });
        let grant = text(&said(&manager.post("/client-grants", &body).await, 201)["id"]);
        let there = manager.app.get("/v1/b2b/sso/acme").await.ok();
        let borrowed = text(&there["external_connections"][0]["connection_id"]);
        let token = Browser::new(&manager.app).token(&borrowed, "ada@acme.test").await;
        manager.app.redeem(&token).await.ok();
        let user = text(&said(&manager.get("/users").await, 200)[0]["user_id"]).replace('|', "%7C");
        let log = text(&said(&manager.get("/logs").await, 200)[0]["log_id"]);
        Self { connection, organization, client, grant, user, log }
    }

    /// Ids of the right form that nobody has.
    pub(super) fn nobodys() -> Self {
        Self {
            connection: "con_00000000000000000000001".to_owned(),
            organization: "org_00000000000000000000001".to_owned(),
            client: "nobodynobodynobodynobodynobodyno".to_owned(),
            grant: "cgr_00000000000000000000001".to_owned(),
            user: "oidc%7Cacme%7Cnobody".to_owned(),
            log: "log_s00000000000000000000001".to_owned(),
        }
    }

    /// The path of a call, with these ids.
    pub(super) fn fill(&self, endpoint: &Endpoint) -> String {
        let of_organization = endpoint.path.contains("/organizations/{id}");
        let pieces = endpoint.path.trim_start_matches("/api/v2").split('/');
        let filled = pieces.map(|piece| match piece {
            "{id}" if of_organization => self.organization.as_str(),
            "{id}" | "{connection_id}" => self.connection.as_str(),
            "{client_id}" => self.client.as_str(),
            "{grant_id}" => self.grant.as_str(),
            "{user_id}" => self.user.as_str(),
            "{log_id}" => self.log.as_str(),
            "{name}" => "nobody",
            "{profile_id}" | "{ticket_id}" | "{token_id}" => "nobody",
            unknown if unknown.starts_with('{') => {
                panic!("{}: nothing to fill {unknown} with", endpoint.path)
            }
            plain => plain,
        });
        filled.collect::<Vec<_>>().join("/")
    }
}

pub(super) fn all() -> Vec<Endpoint> {
    routes::endpoints().into_iter().filter(|endpoint| endpoint.needs.scoped()).collect()
}

/// A body that names what bodies name, as far as the call has members of these names.
fn body(things: &Things, endpoint: &Endpoint) -> Value {
    match (endpoint.method.as_str(), endpoint.path.as_str()) {
        ("PATCH", path) if path.ends_with("/clients") => {
            json!([{ "client_id": things.client, "status": true }])
        }
        ("POST" | "DELETE", path) if path.ends_with("/members") => {
            json!({ "members": [things.user.replace("%7C", "|")] })
        }
        ("POST" | "DELETE", path) if path.ends_with("/roles") => json!({ "roles": ["stytch_admin"] }),
        ("POST", path)
            if path.ends_with("/enabled_connections")
                || path.ends_with("/connections") && path.contains("{id}") =>
        {
            json!({ "connection_id": things.connection })
        }
        ("POST", "/api/v2/client-grants") => {
            json!({ "client_id": things.client, "audience": "https://other.test/", "scope": [] })
        }
        _ => json!({}),
    }
}

async fn things_of_another_project_are_nobodys(app: TestApp) {
    let theirs = Manager::new(&app).await;
    let things = Things::of(&theirs).await;
    let other = elsewhere(&app).await;
    let mine = Manager::at(&other, ELSEWHERE, management_scopes()).await;
    let nobodys = Things::nobodys();
    for endpoint in all() {
        let ask = async |things: &Things| -> Reply {
            let body = body(things, &endpoint).to_string();
            mine.send(endpoint.method.clone(), &things.fill(&endpoint), body).await
        };
        let (foreign, unknown) = (ask(&things).await, ask(&nobodys).await);
        let line = format!("{} {}", endpoint.method, endpoint.path);
        assert_eq!(foreign.status, unknown.status, "{line}: {} and {}", foreign.text(), unknown.text());
        assert_eq!(foreign.text(), unknown.text(), "{line}");
        if endpoint.path.contains('{') {
            let is_gone = endpoint.method == Method::DELETE && foreign.status == 204;
            assert!(foreign.status.is_client_error() || is_gone, "{line}: {}", foreign.text());
        }
        for id in [&things.connection, &things.organization, &things.client, &things.grant] {
            assert!(!foreign.text().contains(id.as_str()), "{line} tells of {id}");
        }
    }
    // A token of one project is none of another, and all is as it was.
    let strange = Manager { host: HERE, ..mine };
    assert_eq!(refused(&strange.get("/connections").await, 401).0, "Unauthorized");
    let theirs = Manager::at(&app, HERE, management_scopes()).await;
    for path in [
        format!("/connections/{}", things.connection),
        format!("/organizations/{}", things.organization),
        format!("/organizations/{}/enabled_connections/{}", things.organization, things.connection),
        format!("/clients/{}", things.client),
        format!("/client-grants/{}", things.grant),
        format!("/users/{}", things.user),
    ] {
        said(&theirs.get(&path).await, 200);
    }
}

async fn garbage_is_never_our_mistake(app: TestApp) {
    let manager = Manager::new(&app).await;
    let things = Things::of(&manager).await;
    let nobodys = Things::nobodys();
    let garbage = Garbage::new(4712);
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
        "\"oidc\"",
        "\"samlp\"",
        "[null]",
        "\"\u{202e}\u{fb01}\"",
        "\"' OR 1=1 --\"",
        "0.1",
        "{\"client_id\":\"a\"}",
        "[\"a\"]",
        "[{}]",
        "{\"a\":{\"value\":1}}",
        "{\"client_id\":\"a\",\"attribute_map\":{\"mapping_mode\":\"use_map\",\"attributes\":{\"a\":\"${\"}}}",
        "{\"signInEndpoint\":\"https://a\",\"signingCert\":\"AAAA\"}",
        "{\"metadataXml\":\"<a/>\"}",
        "\"https://api.test/\"",
    ];
    let fields = [
        "name",
        "strategy",
        "options",
        "display_name",
        "enabled_clients",
        "realms",
        "metadata",
        "authentication",
        "client_id",
        "audience",
        "scope",
        "callbacks",
        "app_type",
        "jwt_configuration",
        "refresh_token",
        "client_metadata",
        "enabled_connections",
        "connection_id",
        "members",
        "roles",
        "user_metadata",
        "app_metadata",
        "email",
        "branding",
        "signing_alg",
        "status",
    ];
    let queries = [
        "",
        "?page=-1",
        "?take=%00",
        "?from=%F0%9F%92%A5",
        "?q=%22",
        "?q=email%3A*",
        "?fields=,,&include_fields=x",
        "?strategy=%00",
        "?page=10000&per_page=100",
        "?email=%00",
        "?include_totals=true&page=9999999999",
    ];
    let endpoints = all();
    for round in 0..30 * endpoints.len() {
        let endpoint = &endpoints[round % endpoints.len()];
        let things = if endpoint.method == Method::DELETE { &nobodys } else { &things };
        let path = format!("{}{}", things.fill(endpoint), garbage.one_of(&queries));
        let body = garbage.body(&fields, &pieces);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = manager.send(endpoint.method.clone(), &path, body).await;
        let asked = format!("{round}: {} {path} {shown}", endpoint.method);
        assert!(!answer.status.is_server_error(), "{asked}: {}", answer.text());
        if answer.status.is_client_error() {
            refused(&answer, answer.status.as_u16());
        }
        assert!(answer.body.is_empty() || answer.headers.contains_key(CONTENT_TYPE), "{asked}");
    }
}

async fn no_secret_is_in_the_trail(app: TestApp) {
    let manager = Manager::new(&app).await;
    let things = Things::of(&manager).await;
    let path = format!("/connections/{}", things.connection);
    let mut options = manager.options();
    options["client_secret"] = json!("another-secret-of-the-provider");
    options["token_endpoint_auth_method"] = json!("private_key_jwt");
    options["anything"] = json!("kept-option-that-may-be-secret");
    said(&manager.patch(&path, &json!({ "options": options })).await, 200);
    said(&manager.post(&format!("{path}/keys/rotate"), &Value::Null).await, 201);
    let made = said(&manager.post("/clients", &json!({ "name": "Other" })).await, 201);
    let rotated = said(
        &manager.post(&format!("/clients/{}/rotate-secret", text(&made["client_id"])), &Value::Null).await,
        200,
    );
    let secrets = [
        CLIENT_SECRET.to_owned(),
        "another-secret-of-the-provider".to_owned(),
        "kept-option-that-may-be-secret".to_owned(),
        text(&made["client_secret"]),
        text(&rotated["client_secret"]),
    ];
    let trail = app.get("/v1/vestibule/events?limit=1000").await;
    let log = manager.get("/logs?per_page=100").await;
    assert!(trail.text().contains("connection.update") && log.text().contains("connection.update"));
    for secret in secrets {
        assert!(!trail.text().contains(&secret) && !log.text().contains(&secret), "{secret}");
    }
}

async fn every_answer_says_what_is_left(app: TestApp) {
    let limits = vestibule_server::ApiLimits { of_project: 4, ..vestibule_server::ApiLimits::default() };
    let strict = app.strict_node(limits).await;
    let manager = Manager { app: strict, ..Manager::new(&app).await };
    let number =
        |reply: &Reply, name: &str| -> i64 { reply.headers[name].to_str().unwrap().parse().unwrap() };
    let first = manager.get("/connections").await;
    assert_eq!((number(&first, "x-ratelimit-limit"), number(&first, "x-ratelimit-remaining")), (4, 3));
    assert!(number(&first, "x-ratelimit-reset") >= manager.app.app.clock.now().seconds());
    assert_eq!(
        number(&manager.get("/connections/nobody").await, "x-ratelimit-remaining"),
        2,
        "also of a refusal"
    );
    for _ in 0..2 {
        manager.get("/connections").await;
    }
    let last = manager.get("/connections").await;
    let expected = ("too_many_requests".to_owned(), "Global limit has been reached".to_owned());
    assert_eq!(refused(&last, 429), expected);
    assert_eq!(number(&last, "x-ratelimit-remaining"), 0);
    assert!(number(&last, "retry-after") > 0);
}
