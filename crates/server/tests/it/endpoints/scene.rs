//! Two organizations with everything that an endpoint can name, so that each parameter of a path can be filled.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use vestibule_server::Endpoint;
use vestibule_server::routes;

use crate::app::{BASE_URL, TestApp, text};
use crate::directories::{Directory, refused as directory_refused};
use crate::external::{Source, borrowed, lender};
use crate::reply::Reply;
use crate::saml_connections::certificate;
use crate::saml_idp::{certificate as signing_certificate, connect_in, decryption_key};
use crate::upstream::load;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// Every endpoint, but for those of the frontend, which has callers of its own (`sdk/walk.rs`), and those that are pages
/// (`set_up/walls.rs`). A list that is suddenly short
/// would make every test that walks it pass.
pub(super) fn all() -> Vec<Endpoint> {
    let all: Vec<Endpoint> = routes::endpoints()
        .into_iter()
        .filter(|endpoint| !matches!(endpoint.door, "stytch-sdk" | "pages"))
        .collect();
    assert!(all.len() >= 45, "only {} endpoints are listed", all.len());
    all
}

/// The things of one organization, by the names that paths have for them.
#[derive(Clone)]
pub(super) struct Ids {
    pub(super) organization: String,
    pub(super) member: String,
    pub(super) oidc_connection: String,
    pub(super) saml_connection: String,
    external_connection: String,
    directory: String,
    directory_trace: String,
    connection_name: String,
    letters: &'static str,
    certificate: String,
    private_key: String,
    trace: String,
    registration: String,
    secret: String,
    setup_link: String,
    domain: String,
    test: String,
    project: String,
    status: &'static str,
    /// The session of a member whom no role was given.
    pub(super) session: String,
}

impl Ids {
    pub(super) async fn of(app: &TestApp, slug: &str) -> Self {
        let organization = app.organization(slug, json!({})).await;
        let member = app.member(&organization, &format!("ada@{slug}.example.com"), json!({})).await;
        let oidc_connection = app.connection(&organization).await;
        let session = app.session(&oidc_connection, &format!("grace@{slug}.example.com")).await;
        let traces =
            app.get(&format!("/v1/vestibule/sign_in_traces?organization_id={organization}")).await.ok();
        let trace = text(&traces["sign_in_traces"][0]["trace_id"]);
        // A second certificate, because the last one cannot be removed.
        let two = format!("{}\n{}", signing_certificate(app), certificate("spare", 2040));
        let settings = json!({ "x509_certificate": two, "saml_encryption_private_key": decryption_key().0 });
        let saml_connection = connect_in(app, &organization, settings).await.connection;
        let (lender, lent) = lender(app, &format!("{slug}-lender"), Source::Oidc).await;
        let external_connection = borrowed(app, &organization, &lender, &lent, json!({})).await;
        let listed = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
        let saml = &listed["saml_connections"][0];
        let connection_name = load(app, &oidc_connection).await.name.to_string();
        let directory = Directory::of(app, &organization).await;
        directory.user(&format!("dora@{slug}.example.com"), &json!({})).await;
        let directory_trace = text(&directory.requests().await[0]["trace_id"]);
        let link = json!({ "organization_id": organization, "intents": ["sso"] });
        let link = app.post("/v1/vestibule/setup_links", link).await.ok();
        let domain = format!("{slug}.example.net");
        let domains = format!("/v1/vestibule/organizations/{organization}/domains");
        app.post(&domains, json!({ "domain": domain })).await.ok();
        let tests = format!("/v1/vestibule/connections/{oidc_connection}/tests");
        let test = app.post(&tests, json!({})).await.ok();
        let made = app.post("/v1/vestibule/project/secrets", json!({ "name": "spare" })).await.ok();
        Self {
            member,
            oidc_connection,
            certificate: text(&saml["verification_certificates"][1]["certificate_id"]),
            private_key: text(&saml["encryption_private_keys"][0]["private_key_id"]),
            trace,
            registration: text(&session["member"]["sso_registrations"][0]["registration_id"]),
            secret: text(&made["secret"]["secret_id"]),
            setup_link: text(&link["setup_link"]["setup_link_id"]),
            domain,
            test: text(&test["connection_test"]["test_id"]),
            project: app.project.id.to_string(),
            status: "404",
            session: text(&session["session_token"]),
            organization,
            saml_connection,
            external_connection,
            directory: directory.id,
            directory_trace,
            connection_name,
            letters: "AL",
        }
    }

    /// Ids of the right form that nobody has.
    pub(super) fn nobodys() -> Self {
        let id = |kind: &str| format!("{kind}-test-{UNKNOWN}");
        Self {
            organization: id("organization"),
            member: id("member"),
            oidc_connection: id("oidc-connection"),
            saml_connection: id("saml-connection"),
            external_connection: id("external-connection"),
            directory: id("scim-connection"),
            directory_trace: id("directory-trace"),
            connection_name: "nobody-is-called-so".to_owned(),
            letters: "nobody",
            certificate: id("saml-verification-key"),
            private_key: id("saml-encryption-key"),
            trace: id("sign-in-trace"),
            registration: id("oidc-member-registration"),
            secret: id("api-secret"),
            setup_link: id("setup-link"),
            domain: "nobody.example.net".to_owned(),
            test: id("connection-test"),
            project: id("project"),
            status: "999",
            session: String::new(),
        }
    }

    /// Every id where one of another kind is expected.
    pub(super) fn mixed(&self) -> Self {
        Self {
            organization: self.member.clone(),
            member: self.oidc_connection.clone(),
            oidc_connection: self.organization.clone(),
            saml_connection: self.oidc_connection.clone(),
            external_connection: self.saml_connection.clone(),
            directory: self.oidc_connection.clone(),
            directory_trace: self.directory.clone(),
            connection_name: self.organization.clone(),
            certificate: self.private_key.clone(),
            private_key: self.certificate.clone(),
            trace: self.member.clone(),
            registration: self.trace.clone(),
            secret: self.registration.clone(),
            setup_link: self.test.clone(),
            domain: self.member.clone(),
            test: self.setup_link.clone(),
            ..self.clone()
        }
    }

    /// The value of a parameter. One that is not known here fails the test: an endpoint that cannot be asked is not
    /// tested.
    pub(super) fn value(&self, endpoint: &Endpoint, name: &str) -> &str {
        match name {
            "organization_id" => &self.organization,
            "member_id" => &self.member,
            "connection_id" if endpoint.path.contains("/saml/") => &self.saml_connection,
            "connection_id" if endpoint.path.contains("/external/") => &self.external_connection,
            "connection_id" if is_of_directory(endpoint) => &self.directory,
            "connection_id" => &self.oidc_connection,
            "scim_connection_id" => &self.directory,
            "trace_id" if is_of_directory(endpoint) => &self.directory_trace,
            "connection_name" => &self.connection_name,
            "letters" => self.letters,
            "certificate_id" => &self.certificate,
            "private_key_id" => &self.private_key,
            "trace_id" => &self.trace,
            "registration_id" => &self.registration,
            "secret_id" => &self.secret,
            "setup_link_id" => &self.setup_link,
            "domain" => &self.domain,
            "test_id" => &self.test,
            // Nobody has one.
            "test_token" => "no-such-token",
            // Nobody has one.
            "member_password_id" => "member-password-test-00000000-0000-4000-8000-000000000000",
            "connected_app_id" => "connected-app-test-00000000-0000-4000-8000-000000000000",
            "project_id" => &self.project,
            "status" => self.status,
            // The second dialect takes the house's own ids, too. What else it names is walked by `management/walls.rs`.
            "id" if endpoint.door == "scim" => "nobody",
            "id" if endpoint.path.contains("/organizations/") => &self.organization,
            "id" => &self.oidc_connection,
            "client_id" | "grant_id" | "user_id" | "name" | "log_id" | "profile_id" | "ticket_id"
            | "token_id" => "nobody",
            unknown => panic!("{} {}: nothing to fill {unknown} with", endpoint.method, endpoint.path),
        }
    }

    /// The address of an endpoint, with these ids.
    pub(super) fn fill(&self, endpoint: &Endpoint) -> String {
        fill(endpoint, |name| self.value(endpoint, name))
    }

    /// The same with one parameter out of another organization.
    pub(super) fn fill_crossed(&self, endpoint: &Endpoint, crossed: &str, other: &Self) -> String {
        fill(endpoint, |name| if name == crossed { other } else { self }.value(endpoint, name))
    }

    /// A body that would change something, and names what endpoints take out of bodies.
    pub(super) fn body(&self) -> Value {
        json!({
            "organization_ids": [self.organization],
            "organization_id": self.organization,
            "member_id": self.member,
            "name": "Mallory",
            "display_name": "Mallory",
            "organization_name": "Mallory",
            "email_address": "mallory@example.com",
            "metadata_url": format!("{BASE_URL}/nobody/asks/here"),
        })
    }
}

fn is_of_directory(endpoint: &Endpoint) -> bool {
    endpoint.path.contains("/scim/") || endpoint.path.contains("/directories/")
}

fn fill<'a>(endpoint: &Endpoint, value: impl Fn(&str) -> &'a str) -> String {
    let mut address = endpoint.path.clone();
    for name in parameters(&endpoint.path) {
        address = address.replace(&format!("{{{name}}}"), value(&name));
    }
    let query: Vec<String> = endpoint.query.iter().map(|name| format!("{name}={}", value(name))).collect();
    if query.is_empty() { address } else { format!("{address}?{}", query.join("&")) }
}

/// The parameters in a path.
fn parameters(path: &str) -> Vec<String> {
    let pieces = path.split('{').skip(1);
    pieces.map(|piece| piece.split('}').next().unwrap().to_owned()).collect()
}

/// Everything that the address of an endpoint names.
pub(super) fn names(endpoint: &Endpoint) -> Vec<String> {
    [parameters(&endpoint.path), endpoint.query.clone()].concat()
}

/// Asks as the project's backend.
pub(super) async fn ask(app: &TestApp, endpoint: &Endpoint, address: &str, body: &Value) -> Reply {
    let reply = app.raw(endpoint.method.clone(), address, body.to_string()).await;
    assert!(!reply.status.is_server_error(), "{} {address}: {}", endpoint.method, reply.text());
    reply
}

/// Asks without saying who one is.
pub(super) async fn ask_unknown(app: &TestApp, endpoint: &Endpoint, address: &str) -> Reply {
    let request = Request::builder().method(endpoint.method.clone()).uri(address);
    app.send(request.header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()).await
}

/// The name of a refusal, after its envelope was found to be that of the endpoint's door.
#[track_caller]
pub(super) fn refusal(door: &str, reply: &Reply) -> String {
    match door {
        "stytch" | "stytch-sdk" => reply.envelope(),
        "auth0" => {
            let body = reply.json();
            assert_eq!(body["statusCode"], reply.status.as_u16(), "{body}");
            assert_eq!(body["error"], reply.status.canonical_reason().unwrap(), "{body}");
            assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
            body["errorCode"].as_str().unwrap_or_default().to_owned()
        }
        "auth0-oauth" => {
            let body = reply.json();
            assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
            text(&body["error"])
        }
        "scim" => directory_refused(reply).1,
        unknown => panic!("no such door: {unknown}"),
    }
}
