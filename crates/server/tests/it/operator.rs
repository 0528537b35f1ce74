//! What an operator does by commands, on both engines, with a server that runs meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::{Value, json};
use vestibule_domain::time::Span;
use vestibule_server::session_keys::replace_old;
use vestibule_store::Write;
use vestibule_testidp::{ResponseSpec, SamlConfig, SamlIdp, User};

use crate::app::{TestApp, on_both_engines, postgres_base, text, with_own_database};
use crate::mail_server::Postbox;
use crate::program::{KEY, Place, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_is_read_and_projects_are_renamed_and_removed_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    commands(directory.path(), "sqlite:v.db");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_is_read_and_projects_are_renamed_and_removed_on_postgres() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| commands(directory.path(), &url)).await;
}

fn commands(directory: &Path, database: &str) {
    let place = Place { directory, database };
    let secret = place.prepare();
    let server = place.serve(KEY);
    for slug in ["one", "two", "three"] {
        server.organization(&secret, slug);
    }
    let id = &secret.0;
    let audit = |more: &str| place.ok(&format!("audit {id} {KEY}{more}"));
    let exported = audit(" --format ndjson");
    let events: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let listed = server.ok(&secret, "GET", "/v1/vestibule/events", &json!({}));
    assert_eq!(&events, listed["events"].as_array().unwrap(), "the export is what the API shows");
    assert_eq!(audit(" --action organization.create").lines().count(), 3);
    assert_eq!(audit(" --action organization.create --limit 2").lines().count(), 2);
    assert_eq!(audit(" --since 2100-01-01T00:00:00Z"), "");
    assert_eq!(audit(" --until 2001-01-01T00:00:00Z"), "");
    let object = text(&events[0]["object"]["id"]);
    assert_eq!(audit(&format!(" --object {object}")).lines().count(), 1);
    for (query, count) in [("since=2100-01-01T00:00:00Z", 0), ("until=2100-01-01T00:00:00%2B02:00", 3)] {
        let path = format!("/v1/vestibule/events?action=organization.create&{query}");
        let found = server.ok(&secret, "GET", &path, &json!({}));
        assert_eq!(found["events"].as_array().unwrap().len(), count, "{query}");
    }
    let wrong = server.call(&secret, "GET", "/v1/vestibule/events?since=yesterday", &json!({}));
    assert_eq!(wrong.0, 400, "{}", wrong.1);

    a_request_is_traced(&place, &server, &secret);
    a_response_is_judged_by_its_connection(&place, &server, &secret);

    place.ok(&format!("project rename {id} {KEY} Renamed"));
    assert!(place.ok(&format!("project list {KEY}")).contains("Renamed"));
    assert_eq!(audit(" --action project.rename").lines().count(), 1);
    let other: Value =
        serde_json::from_str(&place.ok(&format!("project create Other --json {KEY}"))).unwrap();
    let other = (text(&other["project_id"]), text(&other["secret"]));
    server.organization(&other, "stays");

    let counted = place.run(&format!("project remove {id} {KEY}"));
    let (out, err) = (String::from_utf8(counted.stdout).unwrap(), String::from_utf8(counted.stderr).unwrap());
    assert!(!counted.status.success() && err.contains("nothing was removed: --yes"), "{err}");
    assert!(out.contains("4  organizations"), "three and the hidden one: {out}");
    server.organization(&secret, "four");
    place.ok(&format!("project remove {id} --yes {KEY}"));
    assert!(!place.ok(&format!("project list {KEY}")).contains(id.as_str()));
    assert_eq!(server.call(&secret, "GET", "/v1/b2b/organizations/four", &json!({})).0, 401);
    server.ok(&other, "GET", "/v1/b2b/organizations/stays", &json!({}));
}

/// What a page says of a refused sign-in is enough to find all of it.
fn a_request_is_traced(place: &Place<'_>, server: &Server, secret: &(String, String)) {
    let made = server.ok(secret, "POST", "/v1/b2b/sso/oidc/one", &json!({ "display_name": "Company IdP" }));
    let connection = text(&made["connection"]["connection_id"]);
    let page = server.get(&format!("/v1/b2b/sso/callback/{connection}?state=nobodys&code=some"));
    let shown = |name: &str| {
        let mark = format!("data-testid=\"{name}\">");
        page.split_once(&mark).unwrap_or_else(|| panic!("{page}")).1.split('<').next().unwrap().to_owned()
    };
    for id in [shown("refusal-request"), shown("refusal-trace")] {
        let told = place.ok(&format!("trace {id} {KEY}"));
        assert!(told.contains(&connection) && told.contains("refused"), "{told}");
        assert!(told.contains("FAIL state") && told.contains("a state nobody waits for"), "{told}");
        let json: Value = serde_json::from_str(&place.ok(&format!("trace {id} --json {KEY}"))).unwrap();
        assert_eq!(json["request_id"], shown("refusal-request").as_str());
    }
    let unknown = "request-id-test-01a3185c-5000-7707-8707-070707070707";
    assert!(place.refused(&format!("trace {unknown} {KEY}")).contains("no sign-in trace of"));
    assert!(place.refused(&format!("trace {connection} {KEY}")).contains("neither a request id"));
}

/// A response of an hour that is long over, judged by nothing but the id of the connection that it came to.
fn a_response_is_judged_by_its_connection(place: &Place<'_>, server: &Server, secret: &(String, String)) {
    const ENTITY: &str = "https://idp.example/saml/metadata";
    let counter = AtomicU8::new(1);
    let idp = SamlIdp::new(SamlConfig {
        entity_id: ENTITY.into(),
        sso_url: "https://idp.example/saml/sso".into(),
        key: None,
        clock: Arc::new(|| 1_790_000_000),
        random: Arc::new(move |out: &mut [u8]| out.fill(counter.fetch_add(1, Ordering::SeqCst))),
    });
    let made = server.ok(secret, "POST", "/v1/b2b/sso/saml/one", &json!({ "display_name": "Company IdP" }));
    let id = text(&made["connection"]["connection_id"]);
    let settings = json!({ "idp_entity_id": ENTITY, "idp_sso_url": "https://idp.example/saml/sso",
        "x509_certificate": idp.key().unwrap().certificate_pem(),
        "attribute_mapping": { "email": "email", "full_name": "name" } });
    let path = format!("/v1/b2b/sso/saml/one/connections/{id}");
    let saved = server.ok(secret, "PUT", &path, &settings);
    assert_eq!(saved["connection"]["status"], "active", "{saved}");
    let acs = format!("https://sso.example.com/v1/b2b/sso/callback/{id}");
    let response = idp.response(&ResponseSpec::new(User::samples().swap_remove(0), &acs, &acs)).unwrap();
    std::fs::write(place.directory.join("response.xml"), response).unwrap();
    let line = format!("saml verify response.xml --base-url https://sso.example.com {KEY}");
    let old = place.run(&format!("{line} --connection {id}"));
    let told = String::from_utf8(old.stdout).unwrap();
    assert_eq!(old.status.code(), Some(1), "{told}");
    assert!(told.contains("--now "), "{told}");
    let then = told.split("--now ").nth(1).unwrap().split_whitespace().next().unwrap().trim_end_matches('.');
    let judged = place.ok(&format!("{line} --connection {id} --now {then}"));
    assert!(judged.contains("ACCEPTED") && judged.contains(ENTITY) && judged.contains(&acs), "{judged}");
    // Who names one that there is not is told of those that there are.
    let nobodys = "saml-connection-live-00000000-0000-4000-8000-000000000000";
    for unknown in [nobodys, "nonsense"] {
        let refused = place.run(&format!("{line} --connection {unknown}"));
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains(&id), "{told}");
    }
    let project = "project-live-00000000-0000-4000-8000-000000000000";
    assert!(place.refused(&format!("audit {project} {KEY}")).contains(&secret.0));
    let (status, role) = server.call(
        secret,
        "POST",
        "/v1/b2b/organizations/one/members",
        &json!({ "email_address": "a@example.com", "roles": ["admin"] }),
    );
    assert!(status == 400 && role.to_string().contains("stytch_admin"), "{role}");
    let (_, filter) = server.call(secret, "POST", "/v1/b2b/organizations/search",
        &json!({ "query": { "operator": "AND", "operands": [{ "filter_name": "slug", "filter_value": "one" }] } }));
    assert!(filter.to_string().contains("organization_slugs"), "{filter}");
}

#[test]
fn settings_are_printed_without_secrets_and_misspelt_ones_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "postgres://me:hunter2@db.example.com/v" };
    place.ok("keys generate --out master.key");
    let line = "config print --base-url https://sso.example.com --master-key-previous secret --limits-drain-seconds 7";
    let printed = place.ok(&format!("{line} {KEY}"));
    assert!(
        printed.contains("drain_seconds = 7") && printed.contains("base_url = \"https://sso.example.com\"")
    );
    assert!(printed.contains("postgres://db.example.com/v"), "{printed}");
    assert!(!printed.contains("hunter2") && !printed.contains("= \"secret\""), "{printed}");
    let embedded = Place { directory: directory.path(), database: "sqlite:v.db" };
    let mut doctor = embedded.command(&format!("doctor --base-url https://sso.example.com {KEY}"));
    let said = doctor.env("VESTIBULE_LOGLEVEL", "debug").output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("did you mean VESTIBULE_LOG_LEVEL?"), "{said}");
    assert!(embedded.ok(&format!("migrate --plan {KEY}")).contains("would apply 0001_foundation"));
    assert!(!directory.path().join("v.db").exists(), "a plan makes nothing");
}

/// The doctor goes as far as it can with whom messages leave by, and sends nobody anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tries_what_messages_leave_by() {
    let postbox = Postbox::open().await;
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    place.ok("keys generate --out master.key");
    std::fs::write(directory.path().join("password"), "pass").unwrap();
    let lines = |more: &str| {
        let line = format!("doctor --base-url https://sso.example.com {KEY} {more}");
        let said = place.run(line.trim_end()).stdout;
        let said = String::from_utf8(said).unwrap();
        let about =
            |line: &&str| [" messages ", " mail ", " sms ", "->"].iter().any(|word| line.contains(word));
        said.lines().filter(about).collect::<Vec<_>>().join("\n")
    };
    let none = lines("");
    assert!(none.contains("ok    mail          not set up: magic links"), "{none}");
    assert!(none.contains("ok    sms           not set up: codes by text message"), "{none}");
    let (host, port) = (postbox.address().ip(), postbox.address().port());
    let mail = |tls: &str, port: u16, more: &str| {
        lines(&format!("--mail-host {host} --mail-port {port} --mail-tls {tls} --mail-from {more}"))
    };
    let good = mail("none", port, "no-reply@acme.example");
    assert!(good.contains(&format!("ok    mail          [mail server {host}:{port}] takes mail")), "{good}");
    for (said, expected) in [
        (mail("none", 1, "no-reply@acme.example"), "cannot be reached: "),
        (mail("implicit", port, "no-reply@acme.example"), "cannot be reached: "),
        (mail("starttls", port, "no-reply@acme.example"), "protects nothing: "),
        (mail("none", port, "stranger@acme.example"), "takes no mail from this sender: "),
        (
            mail("none", port, "no-reply@acme.example --mail-username us --mail-password-file password"),
            "does not know these credentials: ",
        ),
        (mail("none", port, "nobody"), "`mail.from` is"),
    ] {
        assert!(said.contains("FAIL") && said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(postbox.count(), 0, "nobody was sent anything");

    std::fs::write(directory.path().join("key"), format!("whsec_{}", "A".repeat(32))).unwrap();
    let sms = |url: &str| lines(&format!("--sms-webhook-url {url} --sms-webhook-secret-file key"));
    let refused = sms("https://127.0.0.1/send");
    assert!(refused.contains("FAIL") && refused.contains("`sms.webhook_url` cannot be used"), "{refused}");
    let away = sms("https://sms.invalid/send");
    assert!(away.contains("FAIL  sms           sms.webhook_url: "), "{away}");
}

on_both_engines!(the_first_key_is_one_whoever_asks_first, keys_are_replaced_when_they_are_old);

async fn keys_are_replaced_when_they_are_old(server: TestApp) {
    let (day, age) = (24 * 3600, Span::days(90));
    let active = async || {
        let ids = server.app.store.key_standings(server.project.id).await.unwrap();
        ids.iter().find(|key| key.retired_at.is_none()).unwrap().id
    };
    let first = active().await;
    server.pass(89 * day);
    assert_eq!(replace_old(&server.app, age).await.unwrap(), 0);
    server.pass(2 * day);
    let second = server.second_node().await;
    let (one, other) = tokio::join!(replace_old(&server.app, age), replace_old(&second.app, age));
    assert_eq!(one.unwrap() + other.unwrap(), 1, "one node replaces it");
    assert_ne!(active().await, first);
    let path = format!("/v1/b2b/sessions/jwks/{}", server.project.id);
    let published = server.get(&path).await.ok();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2, "the old one is published on");
    assert_eq!(replace_old(&server.app, age).await.unwrap(), 0);
}

/// A project from before projects came with a key, asked for by two nodes and many requests at once.
async fn the_first_key_is_one_whoever_asks_first(server: TestApp) {
    let keys = "SELECT id, id FROM signing_keys";
    let ids = async || {
        let read = vestibule_store::Read::new("signing_keys", keys, Vec::new());
        server.app.store.query_all(read, |row| row.text(1)).await.unwrap()
    };
    assert_eq!(ids().await.len(), 1, "a project is made with its key");
    server.app.store.commit(Write::any("DELETE FROM signing_keys", Vec::new())).await.unwrap();
    let second = server.second_node().await;
    let path = format!("/v1/b2b/sessions/jwks/{}", server.project.id);
    let asked = (0..6).map(|number| {
        let (node, path) = (if number % 2 == 0 { server.clone() } else { second.clone() }, path.clone());
        tokio::spawn(async move { node.get(&path).await.ok()["keys"].clone() })
    });
    let asked: Vec<_> = asked.collect();
    let mut published = Vec::new();
    for asked in asked {
        published.push(asked.await.unwrap());
    }
    let kept = ids().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    for keys in published {
        let keys = keys.as_array().unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0]["kid"], kept[0].as_str(), "what signs is what is published");
    }
}
