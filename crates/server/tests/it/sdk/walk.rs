//! What holds of every endpoint of the frontend, walked over the list from which the router is made: who may read the answer,
//! whose things a session reaches, what its roles allow. `the_table` is the golden file of all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use http::Method;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW};
use serde_json::{Value, json};
use vestibule_server::{Endpoint, Needs, routes};

use super::arrival::readable;
use super::{Company, Frontend, ORIGIN_OF_PAGE, OTHER_ORIGIN, SETTINGS};
use crate::app::{TestApp, on_both_engines, text};
use crate::directories::Directory;
use crate::garbage::Garbage;
use crate::reply::Reply;
use crate::saml_connections::certificate;

on_both_engines!(
    every_caller_and_every_endpoint,
    roles_decide_what_the_list_says,
    wrong_paths_and_methods_are_refused_readably,
    garbage_is_never_our_mistake,
);

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn all() -> Vec<Endpoint> {
    let all: Vec<Endpoint> =
        routes::endpoints().into_iter().filter(|endpoint| endpoint.door == "stytch-sdk").collect();
    assert!(all.len() >= 20, "only {} endpoints are listed", all.len());
    all
}

/// The things of one organization, by the names that paths have for them.
struct Ids {
    values: BTreeMap<&'static str, String>,
    saml: String,
    external: String,
    directory: String,
}

impl Ids {
    async fn of(page: &Frontend, company: &Company) -> Self {
        let app = &page.app;
        let path = format!("/v1/b2b/sso/saml/{}", company.organization);
        let saml = text(&app.post(&path, json!({})).await.ok()["connection"]["connection_id"]);
        let one = format!("{path}/connections/{saml}");
        let two = format!("{}\n{}", certificate("first", 2040), certificate("second", 2040));
        let changed = app.put(&one, json!({ "x509_certificate": two })).await.ok();
        let certificate = text(&changed["connection"]["verification_certificates"][0]["certificate_id"]);
        let nobodys = Self::nobodys(app);
        let mut values = nobodys.values;
        values.insert("connection_id", company.connection.clone());
        values.insert("certificate_id", certificate);
        values.insert("member_id", company.member_id.clone());
        let directory = Directory::of(app, &company.organization).await.id;
        Self { values, saml, external: nobodys.external, directory }
    }

    /// Ids of the right form that nobody has.
    fn nobodys(app: &TestApp) -> Self {
        let values = BTreeMap::from([
            ("public_token", app.project.public_token.to_string()),
            ("connection_id", format!("oidc-connection-test-{NOBODY}")),
            ("certificate_id", format!("saml-verification-key-test-{NOBODY}")),
            ("private_key_id", format!("saml-encryption-key-test-{NOBODY}")),
            ("member_id", format!("member-test-{NOBODY}")),
            ("member_password_id", format!("member-password-test-{NOBODY}")),
            ("connected_app_id", format!("connected-app-test-{NOBODY}")),
        ]);
        let (saml, external) =
            (format!("saml-connection-test-{NOBODY}"), format!("external-connection-test-{NOBODY}"));
        Self { values, saml, external, directory: format!("scim-connection-test-{NOBODY}") }
    }

    fn fill(&self, endpoint: &Endpoint) -> String {
        let mut address = endpoint.path.clone();
        for (name, value) in &self.values {
            let value = match *name {
                "connection_id" if address.contains("/saml/") => &self.saml,
                "connection_id" if address.contains("/external/") => &self.external,
                "connection_id" if address.contains("/scim/") => &self.directory,
                _ => value,
            };
            address = address.replace(&format!("{{{name}}}"), value);
        }
        assert!(!address.contains('{'), "nothing to fill {address} with");
        address
    }
}

/// A body that would change something.
fn body() -> Value {
    json!({
        "organization_name": "Mallory", "name": "Mallory", "display_name": "Mallory",
        "email_address": "mallory@example.com", "organization_slug": "acme",
    })
}

fn is_ending(endpoint: &Endpoint) -> bool {
    let Endpoint { method, path, .. } = endpoint;
    path.contains("/sessions/revoke") || (method == Method::DELETE && path.ends_with("/organizations/me"))
}

fn line(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

/// The status of an answer, and the name of a refusal.
fn verdict(reply: &Reply) -> String {
    match reply.status.as_u16() {
        200 => "200".to_owned(),
        status => format!("{status} {}", reply.envelope()),
    }
}

/// Every endpoint × {no origin, another, the right one} × {nobody, a member of another organization, a plain member, an
/// administrator}. Things of another organization are named where they could be taken; what an administrator is let do is
/// asked of what nobody has, so that the scene stays as it is.
async fn every_caller_and_every_endpoint(app: TestApp) {
    let page = Frontend::of(&app).await;
    let mut acme = Company::of(&page, "acme").await;
    let globex = Company::of(&page, "globex").await;
    let (ids, nobodys) = (Ids::of(&page, &acme).await, Ids::nobodys(&app));
    let mut table = String::new();
    for (number, endpoint) in all().into_iter().enumerate() {
        if is_ending(&endpoint) {
            acme = Company::of(&page, &format!("acme{number}")).await;
        }
        writeln!(table, "{}  {:?}", line(&endpoint), endpoint.needs).unwrap();
        let callers = [
            ("nobody", page.clone(), &ids),
            ("another's admin", globex.admin.clone(), &ids),
            ("member", acme.member.clone(), &ids),
            ("admin", acme.admin.clone(), &nobodys),
        ];
        for (who, caller, named) in callers {
            let mut verdicts = Vec::new();
            for origin in [None, Some(OTHER_ORIGIN), Some(ORIGIN_OF_PAGE)] {
                if is_ending(&endpoint) && who == "another's admin" && origin == Some(ORIGIN_OF_PAGE) {
                    // It would end the other scene.
                    verdicts.push("-".to_owned());
                    continue;
                }
                let reply =
                    caller.from(origin).ask(endpoint.method.clone(), &named.fill(&endpoint), body()).await;
                assert!(!reply.status.is_server_error(), "{}: {}", line(&endpoint), reply.text());
                readable(&reply, origin);
                // Nobody but a page of ours is answered, but for what is for everybody.
                let is_served = origin == Some(ORIGIN_OF_PAGE) || endpoint.needs == Needs::Nothing;
                let refused = verdict(&reply);
                assert_eq!(is_served, !refused.contains("bad_domain"), "{}: {refused}", line(&endpoint));
                if who == "another's admin" {
                    let tells =
                        [&acme.connection, &acme.admin_id].into_iter().any(|id| reply.text().contains(id));
                    assert!(!tells, "{} tells of another organization: {}", line(&endpoint), reply.text());
                }
                verdicts.push(refused);
            }
            let same = verdicts.iter().collect::<BTreeSet<_>>().len() == 1;
            let shown = if same { verdicts[0].clone() } else { verdicts.join(" | ") };
            writeln!(table, "    {who:<16} {shown}").unwrap();
        }
    }
    insta::assert_snapshot!("every_caller_and_every_endpoint", table);
    // Nobody has taken anything.
    let connections = app.get("/v1/b2b/sso/acme").await.ok();
    assert_eq!(connections["oidc_connections"].as_array().unwrap().len(), 1, "{connections}");
    assert_eq!(connections["saml_connections"][0]["verification_certificates"].as_array().unwrap().len(), 2);
}

/// A member without a role is refused by the very right that the list states, and without the switch everybody is.
async fn roles_decide_what_the_list_says(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let nobodys = Ids::nobodys(&app);
    let acts = |endpoint: &Endpoint| {
        matches!(endpoint.needs, Needs::Right(_) | Needs::RightsOfFields | Needs::ProjectAloneIn)
    };
    // What ends a session is for its owner, whoever that is.
    let lasting = all().into_iter().filter(|endpoint| endpoint.path != "/sdk/v1/b2b/sessions/revoke");
    for endpoint in lasting {
        let answer = acme.member.ask(endpoint.method.clone(), &nobodys.fill(&endpoint), body()).await;
        match endpoint.needs {
            Needs::Right(action) if !is_own(&endpoint) => {
                let why = format!("Needed on {}: {}", action.resource().id(), action.verb());
                // Whose it is about is looked up first.
                if answer.status != 404 {
                    answer.refused(403, "session_authorization_error");
                    assert!(
                        answer.text().contains(&why),
                        "{} expects {why}: {}",
                        line(&endpoint),
                        answer.text()
                    );
                }
            }
            Needs::ProjectAloneIn => {
                answer.refused(403, "session_authorization_error");
            }
            _ => {}
        }
    }
    app.put(SETTINGS, json!({ "member_actions": false })).await.ok();
    for endpoint in all().iter().filter(|endpoint| acts(endpoint)) {
        let answer = acme.admin.ask(endpoint.method.clone(), &nobodys.fill(endpoint), body()).await;
        answer.refused(401, "endpoint_not_authorized_for_sdk");
        readable(&answer, Some(ORIGIN_OF_PAGE));
        let nobody = page.ask(endpoint.method.clone(), &nobodys.fill(endpoint), body()).await;
        nobody.refused(401, "user_unauthenticated");
    }
}

/// About oneself another right is enough, which every member has.
fn is_own(endpoint: &Endpoint) -> bool {
    let at = endpoint.path.trim_start_matches("/sdk/v1/b2b/organizations/members");
    !endpoint.path.contains("{member_id}") && at != endpoint.path && !at.is_empty()
}

async fn wrong_paths_and_methods_are_refused_readably(app: TestApp) {
    let page = Frontend::of(&app).await;
    let nobodys = Ids::nobodys(&app);
    let mut paths: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for endpoint in all() {
        let (_, methods) =
            paths.entry(endpoint.path.clone()).or_insert((nobodys.fill(&endpoint), BTreeSet::new()));
        methods.insert(endpoint.method.to_string());
        if endpoint.method == Method::GET {
            methods.insert("HEAD".to_owned());
        }
    }
    for (path, (address, methods)) in &paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            if methods.contains(method) {
                continue;
            }
            let answer = page.ask(method.parse().unwrap(), address, json!({})).await;
            answer.refused(405, "method_not_allowed");
            readable(&answer, Some(ORIGIN_OF_PAGE));
            let allowed =
                answer.headers[ALLOW].to_str().unwrap().split(',').map(|name| name.trim().to_owned());
            assert_eq!(&allowed.collect::<BTreeSet<_>>(), methods, "{method} {path}");
        }
        let answer = page.get(&format!("{address}/no/such/path/at/all")).await;
        answer.refused(404, "route_not_found");
        readable(&answer, Some(ORIGIN_OF_PAGE));
    }
    // Families that are not served are refused in the same way, whatever is asked of them.
    let calls = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/frontend.json");
    let calls: Value = serde_json::from_str(&std::fs::read_to_string(calls).unwrap()).unwrap();
    let served: BTreeSet<String> = all().iter().map(line).collect();
    let mut missing = 0;
    for call in calls["calls"].as_array().unwrap() {
        let endpoint = call["endpoint"].as_str().unwrap();
        let (method, path) = endpoint.split_once(' ').unwrap();
        if !served.contains(endpoint) {
            missing += 1;
            let answer = page.ask(method.parse().unwrap(), &path.replace(['{', '}'], "x"), json!({})).await;
            answer.refused(404, "route_not_found");
            readable(&answer, Some(ORIGIN_OF_PAGE));
        }
    }
    assert!(missing < 35, "{missing} calls of the clients are not served");
    let elsewhere = page.get("/sdk/v10/b2b/sso").await;
    elsewhere.refused(404, "route_not_found");
    assert!(!elsewhere.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "it is not the frontend's");
}

async fn garbage_is_never_our_mistake(app: TestApp) {
    let page = Frontend::of(&app).await;
    let acme = Company::of(&page, "acme").await;
    let nobodys = Ids::nobodys(&app);
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
        "\"a@b\"",
        "[null]",
        "\"\u{202e}\u{fb01}\"",
        "\"%00\"",
        "0.1",
        "{\"a\":null}",
        "\"ALL_ALLOWED\"",
        "{\"operator\":\"AND\",\"operands\":[{}]}",
    ];
    let fields = [
        "session_duration_minutes",
        "sso_token",
        "oauth_token",
        "pkce_code_verifier",
        "locale",
        "query",
        "limit",
        "cursor",
        "intermediate_session_token",
        "organization_id",
        "member_id",
        "email_address",
        "name",
        "roles",
        "untrusted_metadata",
        "mfa_phone_number",
        "code",
        "recovery_code",
        "organization_slug",
        "email_id",
        "organization_name",
        "display_name",
        "attribute_mapping",
        "metadata_url",
        "issuer",
        "expiration_minutes",
        "magic_links_token",
        "set_mfa_enrollment",
        "login_redirect_url",
        "delivery_method",
        "access_token",
    ];
    let endpoints = all();
    for round in 0..40 * endpoints.len() {
        let endpoint = &endpoints[round % endpoints.len()];
        if is_ending(endpoint) {
            continue;
        }
        let body = garbage.body(&fields, &pieces);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let caller = [&page, &acme.member, &acme.admin][garbage.pick(3)];
        let answer = caller.raw(endpoint.method.clone(), &nobodys.fill(endpoint), body).await;
        assert!(!answer.status.is_server_error(), "{round}: {} {shown}: {}", line(endpoint), answer.text());
        if answer.status.is_client_error() {
            answer.envelope();
        }
    }
}
