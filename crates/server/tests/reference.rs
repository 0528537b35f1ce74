//! `docs/reference/` is written from what is served: endpoints, rights and bodies from the types, answers from
//! `tests/clients/shapes.json`, which the suite of shapes holds against a running server. So are `spec/openapi.json` and the
//! table of client methods in `docs/compatibility.md`. This fails when one of them is out of date;
//! `VESTIBULE_WRITE_REFERENCE=1 cargo test -p vestibule-server --test reference` writes them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a repository that cannot be read fails the test"
)]

#[path = "reference/auth0.rs"]
mod auth0;
#[path = "reference/bounds.rs"]
mod bounds;
#[path = "reference/frontend.rs"]
mod frontend;
#[path = "reference/matrix.rs"]
mod matrix;
#[path = "reference/openapi.rs"]
mod openapi;
#[path = "reference/required.rs"]
mod required;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};
use vestibule_server::{Endpoint, Needs, Shape, routes};

/// A page: file, title, what it is about, and what the paths on it begin with. The first that fits has it.
const PAGES: &[(&str, &str, &str, &[&str])] = &[
    (
        "frontend",
        "Frontend API",
        "What browsers and phones ask by themselves. Credentials are `Basic public_token:session_token`, with the public token twice \
         where nobody is signed in. A success stands in `data`. Whose pages are served, and what members may do, says \
         `/v1/vestibule/project/sdk`.",
        &["/sdk/v1"],
    ),
    (
        "setup",
        "Setting up",
        "Links into the set-up portal, tests of connections, and guides to the consoles of identity providers. The guide is \
         [setting up](../guides/set-up.md).",
        &[
            "/v1/vestibule/setup_links",
            "/v1/vestibule/organizations/{organization_id}/domains",
            "/v1/vestibule/provider_guides",
            "/v1/vestibule/connections",
            "/v1/public/sso/tests",
        ],
    ),
    (
        "members",
        "Members",
        "People of an organization. They are made by the API, or by their first sign-in.",
        &[
            "/v1/b2b/organizations/members",
            "/v1/b2b/organizations/{organization_id}/member",
            "/v1/vestibule/organizations/{organization_id}/members",
        ],
    ),
    (
        "organizations",
        "Organizations",
        "A customer. `{organization_id}` is its id, its slug or its external id.",
        &["/v1/b2b/organizations"],
    ),
    (
        "oidc",
        "OpenID Connect connections",
        "How an organization's people sign in. The fields are explained in [compatibility](../compatibility.md).",
        &["/v1/b2b/sso/oidc", "/v1/public/sso/oidc"],
    ),
    (
        "saml",
        "SAML connections",
        "How an organization's people sign in. The fields are explained in [compatibility](../compatibility.md).",
        &["/v1/b2b/sso/saml", "/v1/public/sso/saml"],
    ),
    (
        "external",
        "External connections",
        "An organization's people sign in through another organization's connection. The fields are explained in \
         [compatibility](../compatibility.md).",
        &["/v1/b2b/sso/external"],
    ),
    (
        "scim",
        "SCIM connections",
        "The directory of an organization, which makes, changes and removes its members by itself. What the directory asks below \
         `base_url` is SCIM 2.0; the guide is [directories](../guides/directories.md).",
        &["/v1/b2b/scim", "/v1/vestibule/organizations/{organization_id}/directories"],
    ),
    (
        "sign-in",
        "Sign-in",
        "Where browsers begin and come back. The guide is [sign-in](../guides/sign-in.md). All spellings of the start are one. A start \
         needs one of `connection_id` and `organization_id` (an id, a slug or an external id); what begins with `provider_` is passed \
         on to the provider without it.",
        &[
            "/v1/b2b/sso/callback",
            "/v1/public/sso",
            "/b2b/public/sso",
            "/v1/b2b/public/sso",
            "/errors",
            "/openapi.json",
        ],
    ),
    (
        "sso",
        "Connections and tokens",
        "All connections of an organization, and what a token is worth.",
        &["/v1/b2b/sso"],
    ),
    ("sessions", "Sessions", "The guide is [sessions](../guides/sessions.md).", &["/v1/b2b/sessions"]),
    (
        "second-factors",
        "Second factors",
        "Authenticator applications, recovery codes and codes by text message. `organization_id` and `member_id` may be external ids. \
         What goes with a session names it by `session_token`, `session_jwt` or `intermediate_session_token`, one of them. Who may do \
         what is in [compatibility](../compatibility.md).",
        &["/v1/b2b/totp", "/v1/b2b/recovery_codes", "/v1/b2b/otps/sms"],
    ),
    (
        "discovery",
        "Discovery",
        "Somebody has shown that mail to an address reaches them, and chooses where to go with it.",
        &["/v1/b2b/discovery"],
    ),
    (
        "mail",
        "Magic links and codes by mail",
        "A link or a six-digit code shows that mail to an address reaches somebody. Links lead to the project's redirect URLs of the kinds \
         login, signup, invite and discovery, with `token` and `stytch_token_type`.",
        &["/v1/b2b/magic_links", "/v1/b2b/otps/email"],
    ),
    (
        "rbac",
        "Roles",
        "What the roles may do. The guide is [roles](../guides/roles.md).",
        &["/v1/b2b/rbac", "/v1/vestibule/rbac"],
    ),
    (
        "project",
        "The project",
        "API secrets, keys of session tokens, and where sessions of another system are asked for.",
        &["/v1/vestibule/project", "/v1/debug"],
    ),
    (
        "audit",
        "Traces and events",
        "What happened: sign-ins check by check, and every change.",
        &["/v1/vestibule"],
    ),
];

/// What is answered: an entry of `answers` in `shapes.json`.
const ANSWERS: &[(&str, &str)] = &[
    ("POST /v1/b2b/organizations", "organization"),
    ("POST /v1/b2b/organizations/search", "organizations"),
    ("GET /v1/b2b/organizations/{organization_id}", "organization"),
    ("PUT /v1/b2b/organizations/{organization_id}", "organization"),
    ("DELETE /v1/b2b/organizations/{organization_id}", "organization_deleted"),
    ("GET /v1/b2b/organizations/{organization_id}/metrics", "metrics"),
    ("DELETE /v1/b2b/organizations/{organization_id}/external_id", "organization"),
    ("POST /v1/b2b/organizations/members/search", "members"),
    ("GET /v1/b2b/organizations/members/dangerously_get/{member_id}", "member"),
    ("POST /v1/b2b/organizations/{organization_id}/members", "member"),
    ("GET /v1/b2b/organizations/{organization_id}/member", "member"),
    ("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}", "member"),
    ("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}", "member_deleted"),
    ("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", "member"),
    ("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", "member"),
    ("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp", "member"),
    ("POST /v1/b2b/totp", "totp_created"),
    ("POST /v1/b2b/totp/authenticate", "second_factor_authenticated"),
    ("POST /v1/b2b/totp/migrate", "totp_migrated"),
    ("POST /v1/b2b/recovery_codes/recover", "recovered"),
    ("GET /v1/b2b/recovery_codes/{organization_id}/{member_id}", "recovery_codes"),
    ("POST /v1/b2b/recovery_codes/rotate", "recovery_codes"),
    ("POST /v1/b2b/otps/sms/send", "member"),
    ("POST /v1/b2b/otps/sms/authenticate", "second_factor_authenticated"),
    ("GET /v1/b2b/rbac/policy", "policy"),
    ("GET /v1/b2b/rbac/organizations/{organization_id}", "organization_policy"),
    ("PUT /v1/b2b/rbac/organizations/{organization_id}", "organization_policy"),
    ("GET /v1/vestibule/rbac/policy", "policy_kept"),
    ("PUT /v1/vestibule/rbac/policy", "policy_set"),
    ("POST /v1/vestibule/rbac/policy/diff", "policy_compared"),
    ("GET /v1/b2b/sso/{organization_id}", "connections"),
    ("DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}", "connection_deleted"),
    ("POST /v1/b2b/sso/authenticate", "sso_authenticated"),
    ("POST /v1/b2b/sso/oidc/{organization_id}", "connection"),
    ("PUT /v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}", "connection_updated"),
    ("POST /v1/b2b/sso/saml/{organization_id}", "saml_connection"),
    ("PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}", "saml_connection"),
    ("PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url", "saml_connection"),
    ("POST /v1/b2b/sso/external/{organization_id}", "external_connection"),
    ("PUT /v1/b2b/sso/external/{organization_id}/connections/{connection_id}", "external_connection"),
    ("POST /v1/b2b/scim/{organization_id}/connection", "scim_connection_made"),
    ("GET /v1/b2b/scim/{organization_id}/connection", "scim_connection"),
    ("PUT /v1/b2b/scim/{organization_id}/connection/{connection_id}", "scim_connection"),
    ("DELETE /v1/b2b/scim/{organization_id}/connection/{connection_id}", "scim_connection_deleted"),
    ("GET /v1/b2b/scim/{organization_id}/connection/{connection_id}", "scim_groups"),
    (
        "POST /v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/start",
        "scim_connection_rotating",
    ),
    ("POST /v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/complete", "scim_connection"),
    ("POST /v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/cancel", "scim_connection"),
    (
        "GET /v1/vestibule/organizations/{organization_id}/directories/{connection_id}/requests",
        "directory_requests",
    ),
    (
        "GET /v1/vestibule/organizations/{organization_id}/directories/{connection_id}/requests/{trace_id}",
        "directory_request",
    ),
    ("GET /v1/b2b/sessions", "sessions"),
    ("POST /v1/b2b/sessions/authenticate", "session_authenticated"),
    ("POST /v1/b2b/sessions/revoke", "revoked"),
    ("POST /v1/b2b/sessions/exchange", "sso_authenticated"),
    ("POST /v1/b2b/discovery/organizations", "discovered"),
    ("POST /v1/b2b/discovery/organizations/create", "sso_authenticated"),
    ("POST /v1/b2b/discovery/intermediate_sessions/exchange", "sso_authenticated"),
    ("GET /v1/b2b/sessions/jwks/{project_id}", "keys"),
    ("POST /v1/b2b/magic_links/email/login_or_signup", "sent"),
    ("POST /v1/b2b/magic_links/email/invite", "member"),
    ("POST /v1/b2b/magic_links/email/discovery/send", "revoked"),
    ("POST /v1/b2b/magic_links/authenticate", "magic_link_authenticated"),
    ("POST /v1/b2b/magic_links/discovery/authenticate", "found_by_mail"),
    ("POST /v1/b2b/otps/email/login_or_signup", "sent"),
    ("POST /v1/b2b/otps/email/authenticate", "code_authenticated"),
    ("POST /v1/b2b/otps/email/discovery/send", "revoked"),
    ("POST /v1/b2b/otps/email/discovery/authenticate", "found_by_mail"),
    (
        "DELETE /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/verification_certificates/{certificate_id}",
        "certificate_deleted",
    ),
    (
        "DELETE /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys/{private_key_id}",
        "private_key_deleted",
    ),
    (
        "DELETE /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_key/{private_key_id}",
        "private_key_deleted",
    ),
    ("GET /v1/vestibule/sign_in_traces", "traces"),
    ("GET /v1/vestibule/sign_in_traces/{trace_id}", "trace"),
    ("GET /v1/vestibule/organizations/{organization_id}/sign_in_traces", "traces"),
    ("GET /v1/vestibule/organizations/{organization_id}/sign_in_traces/{trace_id}", "trace"),
    ("GET /v1/vestibule/organizations/{organization_id}/expirations", "expirations"),
    ("GET /v1/vestibule/events", "events"),
    ("GET /v1/vestibule/organizations/{organization_id}/members/{member_id}/registrations", "registrations"),
    (
        "PUT /v1/vestibule/organizations/{organization_id}/members/{member_id}/registrations/{registration_id}",
        "registration",
    ),
    (
        "DELETE /v1/vestibule/organizations/{organization_id}/members/{member_id}/registrations/{registration_id}",
        "registration",
    ),
    (
        "POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email",
        "retired_email_unlinked",
    ),
    ("POST /v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update", "member"),
    ("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oidc_providers", "oidc_providers"),
    ("DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", "member"),
    ("DELETE /v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}", "nothing"),
    ("GET /v1/b2b/organizations/{organization_id}/connected_apps", "connected_apps"),
    ("GET /v1/b2b/organizations/{organization_id}/connected_apps/{connected_app_id}", "nothing"),
    ("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/connected_apps", "connected_apps"),
    ("POST /v1/b2b/sessions/migrate", "migrated_session"),
    ("POST /v1/b2b/sessions/attest", "nothing"),
    ("POST /v1/b2b/sessions/exchange_access_token", "nothing"),
    ("GET /v1/debug/whoami", "whoami"),
    ("GET /v1/vestibule/project/secrets", "api_secrets"),
    ("POST /v1/vestibule/project/secrets", "api_secret_made"),
    ("DELETE /v1/vestibule/project/secrets/{secret_id}", "api_secret"),
    ("POST /v1/vestibule/project/secrets/{secret_id}/rotate", "api_secret_made"),
    ("GET /v1/vestibule/project/session_keys", "session_keys"),
    ("POST /v1/vestibule/project/session_keys/rotate", "session_keys_rotated"),
    ("GET /v1/vestibule/project/session_migration", "session_migration"),
    ("PUT /v1/vestibule/project/session_migration", "session_migration"),
    ("GET /v1/vestibule/organizations/{organization_id}/domains", "domains"),
    ("POST /v1/vestibule/organizations/{organization_id}/domains", "domain"),
    ("GET /v1/vestibule/organizations/{organization_id}/domains/{domain}", "domain"),
    ("DELETE /v1/vestibule/organizations/{organization_id}/domains/{domain}", "domain_removed"),
    ("POST /v1/vestibule/organizations/{organization_id}/domains/{domain}/check", "domain"),
    ("GET /v1/vestibule/setup_links", "setup_links"),
    ("POST /v1/vestibule/setup_links", "setup_link_made"),
    ("GET /v1/vestibule/setup_links/{setup_link_id}", "setup_link"),
    ("POST /v1/vestibule/setup_links/{setup_link_id}/revoke", "setup_link"),
    ("GET /v1/vestibule/provider_guides", "provider_guides"),
    ("POST /v1/vestibule/connections/{connection_id}/tests", "connection_test_prepared"),
    ("GET /v1/vestibule/connections/{connection_id}/tests/{test_id}", "connection_test"),
    ("GET /v1/vestibule/project/sdk", "sdk_settings"),
    ("PUT /v1/vestibule/project/sdk", "sdk_settings"),
];

/// What a call answers, by its title.
fn answer_of(title: &str) -> Option<&'static str> {
    let all = ANSWERS.iter().chain(frontend::ANSWERS);
    all.copied().find(|(call, _)| *call == title).map(|(_, answer)| answer)
}

/// What is answered where it is no envelope, by the end of the path.
const TOLD: [(&str, &str); 9] = [
    (
        "/sso/tests/{test_token}",
        "302 to the identity provider, or a form that posts itself there. The browser comes back to a page that shows what was found; \
         nobody is signed in.",
    ),
    (
        "/sso/start",
        "302 to the identity provider, or a form that posts itself there. The browser comes back to the callback, and from there goes \
         to the login URL with `token`, `stytch_token_type=sso` and `slug`.",
    ),
    (
        "/sso/test",
        "302 to the identity provider. The browser comes back to a page that shows what the provider said; nobody is signed in.",
    ),
    (
        "/sso/callback/{connection_id}",
        "302 to the login or the sign-up URL of the start, or a page that says why not.",
    ),
    ("/sso/callback/{connection_id}/", "As without the slash."),
    ("/errors/{status}", "A page that explains the errors of a status."),
    ("/openapi.json", "What is served, for programs to read (OpenAPI 3.1)."),
    (
        "/oidc/{connection_id}/jwks",
        "The public keys by which this connection's client signs its assertions (RFC 7517).",
    ),
    (
        "/saml/{connection_id}/metadata",
        "The metadata of the service provider (SAML metadata, section 2.4.4).",
    ),
];

#[test]
fn the_reference_is_what_is_served() {
    let pages = pages();
    let directory = root().join("docs/reference");
    if std::env::var_os("VESTIBULE_WRITE_REFERENCE").is_some() {
        fs::create_dir_all(&directory).unwrap();
        for (name, text) in &pages {
            fs::write(directory.join(name), text).unwrap();
        }
    }
    for (name, text) in &pages {
        let found = fs::read_to_string(directory.join(name)).unwrap_or_default();
        assert!(
            &found == text,
            "docs/reference/{name} is out of date: VESTIBULE_WRITE_REFERENCE=1 cargo test -p vestibule-server --test reference"
        );
    }
    for entry in fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains_key(&name), "docs/reference/{name} is about nothing that is served");
    }
}

/// A body whose members cannot be read from its type would leave the reference, and a typing error unnoticed.
#[test]
fn every_body_and_query_is_an_object_with_members() {
    for endpoint in routes::endpoints() {
        let taken = endpoint.takes();
        for shape in [taken.query, taken.body].into_iter().flatten() {
            // The second dialect has bodies that are lists or open, and refuses itself what it does not know.
            let is_open = endpoint.door.starts_with("auth0") && matches!(shape, Shape::List(_) | Shape::Map);
            let is_named = matches!(shape, Shape::Object(_)) || is_open;
            assert!(is_named, "{} {}: {shape:?}", endpoint.method, endpoint.path);
        }
    }
}

#[test]
fn every_answer_that_is_named_is_there() {
    let shapes = shapes();
    let served: Vec<String> = routes::endpoints().iter().map(title).collect();
    for (call, answer) in ANSWERS.iter().chain(frontend::ANSWERS).copied() {
        assert!(served.iter().any(|one| one == call), "{call} is not served");
        assert!(shapes["answers"].get(answer).is_some(), "{answer} is not in shapes.json");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shapes() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("tests/clients/shapes.json")).unwrap()).unwrap()
}

fn pages() -> BTreeMap<String, String> {
    let mut endpoints: Vec<Endpoint> = routes::endpoints();
    endpoints.retain(|endpoint| endpoint.door.starts_with("stytch") && !endpoint.path.ends_with('z'));
    let shapes = shapes();
    let mut pages = BTreeMap::new();
    for (file, name, about, _) in PAGES.iter().copied() {
        let here = endpoints.iter().filter(|endpoint| page_of(&endpoint.path) == Some(file));
        let mut text = format!("{MADE}# {name}\n\n{about}\n");
        here.for_each(|endpoint| call(&mut text, endpoint, &shapes));
        pages.insert(format!("{file}.md"), text);
    }
    for endpoint in &endpoints {
        assert!(page_of(&endpoint.path).is_some(), "{} is on no page", endpoint.path);
    }
    pages.insert("objects.md".to_owned(), objects(&shapes));
    pages.insert("README.md".to_owned(), contents());
    pages
}

const MADE: &str = "<!-- Written from the types by crates/server/tests/reference.rs. -->\n\n";

fn page_of(path: &str) -> Option<&'static str> {
    let fits = |start: &&str| path.starts_with(start);
    PAGES.iter().find(|(_, _, _, starts)| starts.iter().any(fits)).map(|(file, ..)| *file)
}

fn title(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

fn call(text: &mut String, endpoint: &Endpoint, shapes: &Value) {
    let taken = endpoint.takes();
    writeln!(text, "\n## `{}`\n\n{}", title(endpoint), needs(endpoint)).unwrap();
    for (what, shape) in [("Query", &taken.query), ("Body", &taken.body)] {
        let Some(Shape::Object(members)) = shape else { continue };
        writeln!(text, "\n| {what} | |\n|---|---|").unwrap();
        rows(text, "", members, required::members(&title(endpoint)));
    }
    let title = title(endpoint);
    let Some(answer) = answer_of(&title) else {
        let told = TOLD.iter().find(|(end, _)| endpoint.path.ends_with(end));
        assert!(told.is_some(), "nothing says what {title} answers");
        let (_, told) = told.unwrap();
        writeln!(text, "\n{told}").unwrap();
        return;
    };
    let members = shapes["answers"][answer].as_object().unwrap();
    if members.is_empty() {
        writeln!(text, "\nThe answer has nothing but the envelope.").unwrap();
        return;
    }
    writeln!(text, "\n| Answer | |\n|---|---|").unwrap();
    answer_rows(text, members);
}

fn rows(text: &mut String, at: &str, members: &[(&str, Shape)], demanded: &[&str]) {
    for (name, shape) in members {
        let name = format!("{at}{name}");
        let required = if demanded.contains(&name.as_str()) { ", required" } else { "" };
        writeln!(text, "| `{name}` | {}{required} |", kind(shape)).unwrap();
        match shape {
            Shape::Object(inner) => rows(text, &format!("{name}."), inner, demanded),
            Shape::List(item) => {
                if let Shape::Object(inner) = item.as_ref() {
                    rows(text, &format!("{name}[]."), inner, demanded);
                }
            }
            _ => {}
        }
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Anything => "any value".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Map => "object of your own".to_owned(),
        Shape::Object(_) => "object".to_owned(),
        Shape::List(item) => format!("list of {}", plural(item)),
    }
}

fn plural(shape: &Shape) -> String {
    match shape {
        Shape::Text => "texts".to_owned(),
        Shape::Number => "numbers".to_owned(),
        Shape::Object(_) | Shape::Map => "objects".to_owned(),
        other => kind(other),
    }
}

fn needs(endpoint: &Endpoint) -> String {
    if frontend::is_frontend(endpoint) {
        return frontend::needs(endpoint.needs);
    }
    match endpoint.needs {
        Needs::Nothing => "For everybody, without credentials.".to_owned(),
        Needs::OpenedLink => "For whoever has opened a set-up link in this browser.".to_owned(),
        Needs::SignIn => "With an access token that came of signing in to an application.".to_owned(),
        Needs::Directory(Some(scope)) => {
            format!("With a token of the directory that allows `{}`.", scope.as_str())
        }
        Needs::Directory(None) => "With a token of the directory.".to_owned(),
        Needs::AnyScope(scopes) => format!("With a token of any of these scopes: {}.", scopes.join(", ")),
        Needs::EveryScope(scopes) => format!("With a token of these scopes: {}.", scopes.join(", ")),
        Needs::Project => "With the project's credentials.".to_owned(),
        Needs::ProjectAlone | Needs::ProjectAloneIn => {
            "With the project's credentials, and not with a member's session beside them.".to_owned()
        }
        Needs::Session | Needs::Belonging => {
            "With the project's credentials; with a member's session beside them, in that member's organization."
                .to_owned()
        }
        Needs::Right(action) => format!(
            "With the project's credentials; a member whose session is passed on needs `{}` on `{}`.",
            action.verb(),
            action.resource().id()
        ),
        Needs::RightsOfFields => {
            "With the project's credentials; a member whose session is passed on needs the right to change each of the fields \
             that are given."
                .to_owned()
        }
    }
}

fn answer_rows(text: &mut String, members: &Map<String, Value>) {
    for (name, kind) in members {
        writeln!(text, "| `{name}` | {} |", linked(kind.as_str().unwrap())).unwrap();
    }
}

/// The type of a member of an answer; an object's name leads to the page of objects.
fn linked(kind: &str) -> String {
    let (kind, list) = match kind.strip_suffix("[]") {
        Some(item) => (item, "list of "),
        None => (kind, ""),
    };
    let words = kind.split(' ').map(|word| match word.starts_with(char::is_uppercase) {
        true => format!("[{word}](objects.md#{})", word.to_lowercase()),
        false => match word {
            "string" => "text",
            "integer" => "number",
            "boolean" => "true or false",
            other => other,
        }
        .to_owned(),
    });
    format!("{list}{}", words.collect::<Vec<_>>().join(" "))
}

fn objects(shapes: &Value) -> String {
    let mut text = format!(
        "{MADE}# Objects\n\nWhat answers are made of. Further members may come with any version; a client ignores what it does not \
         know.\n"
    );
    for (name, members) in shapes["objects"].as_object().unwrap() {
        writeln!(text, "\n## {name}\n\n| | |\n|---|---|").unwrap();
        answer_rows(&mut text, members.as_object().unwrap());
    }
    text
}

fn contents() -> String {
    let mut text = format!(
        "{MADE}# Reference\n\nOne page for each family of calls. Credentials are the project's id and secret as HTTP Basic \
         authentication; a member's session is passed on in `X-Stytch-Member-Session` or `X-Stytch-Member-SessionJWT`. A body is a \
         JSON object; each member may be left away or null that is not called required here. Every answer has \
         `request_id` and `status_code`, every refusal is an [Error](objects.md#error), and each error is explained at \
         `/errors/{{status}}`.\n\nMembers of a body that nobody knows are ignored. `vestibule dev` says which, by name: in \
         `warnings` of the answer and in its log.\n\n"
    );
    for (file, name, about, _) in PAGES {
        writeln!(text, "* [{name}]({file}.md): {}", about.split(". ").next().unwrap().trim_end_matches('.'))
            .unwrap();
    }
    writeln!(text, "* [Objects](objects.md): what answers are made of").unwrap();
    text
}
