//! A database that an earlier version filled is opened by this one: everything in it can be read, changed, used
//! and deleted, and a row that lacks what came later, or is garbage, harms nobody but itself (ADR 0016).

mod between;

use std::path::PathBuf;
use std::pin::Pin;

use vestibule_store::tables::events::EventFilter;

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use url::Url;
use vestibule_domain::Time;
use vestibule_store::{Options, Param, Read, Store, StoreUrl, Write};

use self::between::what_came_between_is_used;
use crate::app::{TestApp, admin, basic, postgres_base, text, with_own_database};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::{Reply, parameter};
use crate::saml_idp::certificate;

/// The versions whose databases are kept, each in a folder of its name.
const VERSIONS: [&str; 2] = ["0.1.0-fc3080b", "0.1.0-0ab2aeb"];

/// Those from before slugs and external ids had one table, and registrations an issuer.
pub(crate) const NAMELESS: &[&str] = &["0.1.0-fc3080b"];

macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::on_sqlite(super::$test).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::on_postgres(super::$test).await; })*
        }
    };
}

on_both_engines!(
    everything_is_read,
    everything_is_changed_and_nothing_lost,
    sessions_and_tokens_are_used,
    sign_ins_go_on,
    everything_is_deleted,
    rows_that_lack_fields_are_as_good_as_others,
    garbage_harms_only_itself,
    what_came_between_is_used,
);

/// An old database, seen by its first project, and what is known about it.
pub(crate) struct Old {
    pub(crate) app: TestApp,
    facts: Value,
}

/// What is done to an old database before this version opens it.
pub(crate) type Before = for<'a> fn(&'a Store, &'a Value) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

fn nothing<'a>(_: &'a Store, _: &'a Value) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {})
}

fn fixture(version: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version).join(name)
}

async fn on_sqlite(test: impl AsyncFn(Old)) {
    on_sqlite_after(&VERSIONS, nothing, test).await;
}

async fn on_postgres(test: impl AsyncFn(Old)) {
    on_postgres_after(&VERSIONS, nothing, test).await;
}

pub(crate) async fn on_sqlite_after(versions: &[&str], before: Before, test: impl AsyncFn(Old)) {
    for version in versions {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("vestibule.db");
        std::fs::copy(fixture(version, "sqlite.db"), &copy).unwrap();
        let old = Old::open(&StoreUrl::Sqlite(copy), version, "sqlite.json", before).await;
        let provider = old.app.provider.clone();
        test(old).await;
        provider.stop();
    }
}

pub(crate) async fn on_postgres_after(versions: &[&str], before: Before, test: impl AsyncFn(Old)) {
    let Some(base) = postgres_base() else { return };
    for version in versions {
        let dump = std::fs::read_to_string(fixture(version, "postgres.sql")).unwrap();
        with_own_database(&base, async |url: String| {
            admin(&url, &dump).await;
            let old = Old::open(&StoreUrl::parse(&url).unwrap(), version, "postgres.json", before).await;
            let provider = old.app.provider.clone();
            test(old).await;
            provider.stop();
        })
        .await;
    }
}

impl Old {
    async fn open(url: &StoreUrl, version: &str, facts: &str, before: Before) -> Self {
        let facts = std::fs::read_to_string(fixture(version, facts)).unwrap();
        let mut facts: Value = serde_json::from_str(&facts).unwrap();
        if let Some(guarded) = facts.pointer("/guarded/organization").cloned() {
            facts["organizations"]["guarded"] = guarded;
        }
        let store = Store::open(url, &Options::default()).await.unwrap();
        before(&store, &facts).await;
        drop(store);
        let at = Time::from_millis(facts["at"].as_i64().unwrap());
        let (project, secret) = (text(&facts["project"]["id"]), text(&facts["project"]["secret"]));
        Self { app: TestApp::existing(url, at, &project, &secret).await, facts }
    }

    /// What is known at a place, such as `/members/rich`.
    pub(crate) fn fact(&self, place: &str) -> String {
        text(self.facts.pointer(place).unwrap_or_else(|| panic!("no {place}")))
    }

    /// What the organizations are called here.
    fn companies(&self) -> Vec<String> {
        self.facts["organizations"].as_object().unwrap().keys().cloned().collect()
    }

    pub(crate) fn company(&self, name: &str) -> String {
        format!("/v1/b2b/organizations/{}", self.fact(&format!("/organizations/{name}")))
    }

    /// A member's place in the API and their id.
    fn member(&self, name: &str) -> (String, String) {
        let (company, id) =
            (if name == "plain" { "plain" } else { "full" }, self.fact(&format!("/members/{name}")));
        (format!("{}/members/{id}", self.company(company)), id)
    }

    async fn shown_member(&self, name: &str) -> Value {
        let path = format!("/v1/b2b/organizations/members/dangerously_get/{}", self.member(name).1);
        self.app.get(&path).await.ok()["member"].clone()
    }

    /// The connections of an organization, of both protocols and borrowed.
    async fn connections(&self, company: &str) -> Vec<Value> {
        let path = format!("/v1/b2b/sso/{}", self.fact(&format!("/organizations/{company}")));
        let found = self.app.get(&path).await.ok();
        let of = |name: &str| found[name].as_array().unwrap().clone();
        [of("oidc_connections"), of("saml_connections"), of("external_connections")].concat()
    }

    /// A connection's place in the API.
    fn connection(&self, company: &str, id: &str) -> String {
        let protocol = id.split('-').next().unwrap();
        format!("/v1/b2b/sso/{protocol}/{}/connections/{id}", self.fact(&format!("/organizations/{company}")))
    }

    /// The ids that a search for everything finds, or for all members of two organizations.
    async fn found(&self, what: &str, key: &str) -> Vec<String> {
        let (path, body) = if what == "organizations" {
            ("/v1/b2b/organizations/search", json!({ "limit": 1000 }))
        } else {
            let companies = ["full", "strict"].map(|name| self.fact(&format!("/organizations/{name}")));
            ("/v1/b2b/organizations/members/search", json!({ "organization_ids": companies, "limit": 1000 }))
        };
        let found = self.app.post(path, body).await.ok();
        found[what].as_array().unwrap().iter().map(|item| text(&item[key])).collect()
    }

    async fn authenticate(&self, body: Value) -> Reply {
        self.app.post("/v1/b2b/sessions/authenticate", body).await
    }

    /// Points an old connection at the provider of this test: that of its day is gone.
    pub(crate) async fn move_here(&self, name: &str) -> String {
        let (app, id) = (&self.app, self.fact(&format!("/connections/{name}")));
        let (issuer, idp) = (&app.provider.issuer, app.provider.saml());
        let body = if id.starts_with("saml") {
            json!({
                "idp_entity_id": idp.entity_id(), "idp_sso_url": idp.sso_url(), "x509_certificate": certificate(app),
            })
        } else {
            json!({ "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET })
        };
        app.put(&self.connection("full", &id), body).await.ok();
        id
    }

    /// Replaces the document of a row.
    async fn store_doc(&self, table: &str, id: &str, doc: &str) {
        let sql = match table {
            "organizations" => "UPDATE organizations SET doc = ?2 WHERE id = ?1",
            "members" => "UPDATE members SET doc = ?2 WHERE id = ?1",
            "connections" => "UPDATE connections SET doc = ?2 WHERE id = ?1",
            other => panic!("no table {other}"),
        };
        self.app
            .app
            .store
            .commit(vec![Write::one(sql, vec![id.into(), doc.into()], vestibule_store::Guard("spoilt"))])
            .await
            .unwrap();
    }

    /// Leaves no field of a document but these.
    async fn strip(&self, table: &'static str, id: &str, kept: &[&str]) {
        let sql = format!("SELECT id, doc FROM {table} WHERE id = ?1");
        let read = Read::composed(table, sql, vec![Param::from(id)]);
        let doc = self.app.app.store.query_opt(read, |row| row.text(1)).await.unwrap().unwrap();
        let mut doc: Value = serde_json::from_str(&doc).unwrap();
        doc.as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
        self.store_doc(table, id, &doc.to_string()).await;
    }
}

fn id_in(value: &Value) -> String {
    text(&value["connection_id"])
}

async fn everything_is_read(old: Old) {
    let app = &old.app;
    let full = app.get(&old.company("full")).await.ok()["organization"].clone();
    for (name, value) in [
        ("organization_name", json!("Full & Sons")),
        ("organization_external_id", json!("crm|7")),
        ("sso_jit_provisioning", json!("RESTRICTED")),
        ("sso_default_connection_id", json!(old.fact("/connections/oidc"))),
        ("claimed_email_domains", json!(["full.test"])),
        ("allowed_auth_methods", json!(["sso", "magic_link"])),
        ("allowed_oauth_tenants", json!({ "slack": ["T1"] })),
        ("trusted_metadata", json!({ "plan": "gold", "seats": [1, { "a": null }] })),
        ("third_party_connected_apps_allowed_type", json!("NOT_ALLOWED")),
    ] {
        assert_eq!(full[name], value, "{name}");
    }
    for name in &old.companies() {
        let shown = app.get(&old.company(name)).await.ok();
        assert_eq!(shown["organization"]["organization_id"], old.fact(&format!("/organizations/{name}")));
        app.get(&format!("{}/metrics", old.company(name))).await.ok();
        app.get(&format!("/v1/b2b/rbac/organizations/{}", old.fact(&format!("/organizations/{name}"))))
            .await
            .ok();
    }
    app.get("/v1/b2b/organizations/FULL~1").await.ok();
    let mut expected: Vec<String> =
        old.companies().iter().map(|n| old.fact(&format!("/organizations/{n}"))).collect();
    let mut found = old.found("organizations", "organization_id").await;
    expected.sort();
    found.sort();
    assert_eq!(found, expected);

    for (name, status) in
        [("rich", "active"), ("pending", "pending"), ("invited", "invited"), ("plain", "active")]
    {
        assert_eq!(old.shown_member(name).await["status"], status, "{name}");
    }
    let deleted = json!({ "operator": "AND", "operands": [{ "filter_name": "statuses", "filter_value": ["deleted"] }] });
    let body = json!({ "organization_ids": [old.fact("/organizations/full")], "query": deleted });
    let gone = app.post("/v1/b2b/organizations/members/search", body).await.ok();
    assert_eq!(gone["members"][0]["member_id"], old.fact("/members/deleted"));
    let rich = old.shown_member("rich").await;
    assert_eq!(rich["retired_email_addresses"][0]["email_address"], "rich@full.test", "{rich}");
    assert_eq!((&rich["external_id"], &rich["is_breakglass"]), (&json!("employee|1"), &json!(true)));
    assert_eq!(old.found("members", "member_id").await.len(), 7);

    let listed: Vec<String> = old.connections("full").await.iter().map(id_in).collect();
    for name in ["oidc", "front", "hs256", "oidc_pending", "saml", "saml_pending"] {
        assert!(listed.contains(&old.fact(&format!("/connections/{name}"))), "{name}: {listed:?}");
    }
    assert_eq!(listed.len(), 6, "the deleted one is gone");
    let saml = old
        .connections("full")
        .await
        .into_iter()
        .find(|c| c["connection_id"] == old.fact("/connections/saml"));
    let saml = saml.unwrap();
    assert_eq!(saml["verification_certificates"].as_array().unwrap().len(), 2);
    assert_eq!(saml["encryption_private_keys"].as_array().unwrap().len(), 1);
    assert_ne!(saml["legacy_allow_sha1_until"], "");
    let metadata = format!("/v1/public/sso/saml/{}/metadata", old.fact("/connections/saml"));
    assert_eq!(app.send(Request::get(metadata).body(Body::empty()).unwrap()).await.status, 200);

    let traces = app.traces().await;
    assert!(traces.iter().any(|trace| trace["outcome"] == "refused"), "{traces:?}");
    assert!(traces.iter().any(|trace| trace["outcome"] == "accepted"));
    for trace in &traces {
        app.get(&format!("/v1/vestibule/sign_in_traces/{}", text(&trace["trace_id"]))).await.ok();
    }
    // A policy that was kept before there was a way to set one is in force, and nothing that is built in comes out of it.
    let policy = app.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    let ids: Vec<&str> =
        policy["roles"].as_array().unwrap().iter().map(|role| role["role_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["stytch_member", "stytch_admin", "editor"]);
    assert_eq!(policy["resources"].as_array().unwrap().len(), 6, "{policy}");
    let jwks = format!("/v1/b2b/sessions/jwks/{}", app.project.id);
    let keys = app.send(Request::get(jwks).body(Body::empty()).unwrap()).await.ok();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "the retired one too");
    let events =
        app.app.store.events(app.project.id, &EventFilter::default(), None, 1000).await.unwrap().items;
    assert!(events.len() > 20, "{}", events.len());
    let listed = app.get("/v1/vestibule/events?limit=1000").await.ok()["events"].as_array().unwrap().clone();
    assert_eq!(listed.len(), events.len());
    for event in &listed {
        assert!(event["action"].as_str().is_some_and(|action| action.contains('.')), "{event}");
        assert_ne!(
            (&event["actor"]["type"], &event["object"]["type"]),
            (&Value::Null, &json!("other")),
            "{event}"
        );
        assert!(event["object"]["id"].as_str().is_some_and(|id| id.contains("-test-")), "{event}");
    }
    assert_eq!(app.app.store.unreadable_rows(), 0);
}

async fn everything_is_changed_and_nothing_lost(old: Old) {
    let app = &old.app;
    let same_but = |mut before: Value, mut after: Value, changed: &[&str]| {
        for name in changed {
            before[*name] = Value::Null;
            after[*name] = Value::Null;
        }
        assert_eq!(before, after);
    };
    app.pass(1);
    for name in &old.companies() {
        let before = app.get(&old.company(name)).await.ok()["organization"].clone();
        let after = app.put(&old.company(name), json!({ "organization_name": "Renamed" })).await.ok();
        assert_eq!(after["organization"]["organization_name"], "Renamed");
        same_but(before, after["organization"].clone(), &["organization_name", "updated_at"]);
    }
    for name in ["rich", "pending", "invited", "plain"] {
        let before = old.shown_member(name).await;
        let after = app.put(&old.member(name).0, json!({ "name": "Renamed" })).await.ok()["member"].clone();
        assert_eq!(after["name"], "Renamed");
        same_but(before, after, &["name", "updated_at"]);
    }
    let back = app.put(&format!("{}/reactivate", old.member("deleted").0), json!({})).await;
    back.refused(400, "inactive_email");
    for company in &old.companies() {
        for before in old.connections(company).await {
            let path = old.connection(company, &id_in(&before));
            let after = app.put(&path, json!({ "display_name": "Renamed" })).await.ok()["connection"].clone();
            assert_eq!(after["display_name"], "Renamed");
            same_but(before, after, &["display_name"]);
        }
    }
    // What was made by both versions stands side by side.
    let new = app.organization("brand-new", json!({})).await;
    app.member(&new, "new@new.test", json!({})).await;
    assert_eq!(old.found("organizations", "organization_id").await.len(), old.companies().len() + 1);
}

async fn sessions_and_tokens_are_used(old: Old) {
    let app = &old.app;
    for name in ["ada", "grace"] {
        let place = |part: &str| old.fact(&format!("/live/{name}/{part}"));
        let by_token = old.authenticate(json!({ "session_token": place("session_token") })).await.ok();
        assert_eq!(by_token["member"]["member_id"], place("member_id"));
        let by_new = old.authenticate(json!({ "session_jwt": by_token["session_jwt"] })).await.ok();
        assert_eq!(by_new["session_token"], place("session_token"));
        let by_old = old.authenticate(json!({ "session_jwt": place("session_jwt") })).await.ok();
        let claims = if name == "ada" { json!({ "tier": { "name": "gold" } }) } else { json!({}) };
        assert_eq!(by_old["member_session"]["custom_claims"], claims);
        let claims =
            json!({ "session_token": place("session_token"), "session_custom_claims": { "more": 1 } });
        assert_eq!(old.authenticate(claims).await.ok()["member_session"]["custom_claims"]["more"], 1);
        let list = format!(
            "/v1/b2b/sessions?organization_id={}&member_id={}",
            place("organization_id"),
            place("member_id")
        );
        assert_eq!(app.get(&list).await.ok()["member_sessions"].as_array().unwrap().len(), 1);
        app.get(&format!("/v1/b2b/organizations/members/dangerously_get/{}", place("member_id"))).await.ok();
    }
    // The certificate's groups and the connection still give their roles.
    let grace = old.fact("/live/grace/session_token");
    let roles =
        old.authenticate(json!({ "session_token": grace })).await.ok()["member_session"]["roles"].clone();
    for role in ["stytch_admin", "bookkeeper"] {
        assert!(roles.as_array().unwrap().contains(&json!(role)), "{roles}");
    }
    let redeemed = app.redeem(&old.fact("/live/sso_token")).await.ok();
    assert_eq!(redeemed["member_id"], old.fact("/live/ada/member_id"));
    for spent in ["/live/sso_token", "/over/redeemed", "/over/sso_token"] {
        let refused = app.redeem(&old.fact(spent)).await;
        assert!(refused.status.is_client_error(), "{spent}: {}", refused.text());
    }
    old.authenticate(json!({ "session_token": old.fact("/over/session") }))
        .await
        .refused(404, "session_not_found");
    let waiting = old.authenticate(json!({ "session_token": old.fact("/live/intermediate") })).await;
    waiting.refused(404, "session_not_found");
    app.post("/v1/b2b/sessions/revoke", json!({ "session_token": grace })).await.ok();
    old.authenticate(json!({ "session_token": grace })).await.refused(404, "session_not_found");

    let with = async |secret: &str| {
        let request = Request::get(old.company("full"))
            .header(AUTHORIZATION, basic(&app.project.id.to_string(), secret));
        app.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    assert_eq!(with(&old.fact("/project/secrets/second")).await, 200);
    assert_eq!(with(&old.fact("/project/secrets/revoked")).await, 401);
    // The other tenant's session is nobody's here, as before.
    let foreign = json!({ "session_token": old.fact("/other/holds/session/session_token") });
    old.authenticate(foreign).await.refused(404, "session_not_found");
}

async fn sign_ins_go_on(old: Old) {
    let app = &old.app;
    let (oidc, saml) = (old.move_here("oidc").await, old.move_here("saml").await);
    // Whoever was on the way when the version changed comes through or is refused by name: their connection has
    // moved to another provider meanwhile.
    for (name, id) in [("oidc", &oidc), ("saml", &saml)] {
        let mut browser = browser(&old, &format!("/live/attempts/{name}/cookies"));
        let to = Url::parse(&old.fact(&format!("/live/attempts/{name}/to"))).unwrap();
        let back = if name == "saml" {
            browser.answer_saml(&to, "grace@example.com", &[]).await
        } else {
            browser.approve(&to, "ada@example.com", None).await
        };
        let reply = browser.bring(&back).await;
        match reply.status.as_u16() {
            302 => drop(app.redeem(&parameter(&reply.location(), "token")).await.ok()),
            status => assert!((400..500).contains(&status), "{name} {id}: {}", reply.text()),
        }
    }
    // Who signed in before is known.
    let ada = app.session(&oidc, "ada@example.com").await;
    assert_eq!(ada["member_id"], old.fact("/live/ada/member_id"));
    let to = Browser::new(app).start(&saml, &[]).await;
    assert_eq!(to.path(), "/saml/sso", "{to}");
    for pending in ["oidc_pending", "saml_pending", "deleted"] {
        let id = old.fact(&format!("/connections/{pending}"));
        let refused = Browser::new(app).start_reply(&id, &[]).await;
        assert!(refused.status.is_client_error(), "{pending}: {}", refused.text());
    }
}

fn browser(old: &Old, cookies: &str) -> Browser {
    let mut browser = Browser::new(&old.app);
    let kept = old.facts.pointer(cookies).unwrap().as_object().unwrap();
    browser.cookies = kept.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    browser
}

async fn everything_is_deleted(old: Old) {
    let app = &old.app;
    for name in ["rich", "pending", "invited", "plain"] {
        app.delete(&old.member(name).0).await.ok();
    }
    app.delete(&format!("{}/external_id", old.company("full"))).await.ok();
    let default = old.fact("/connections/oidc");
    for company in &old.companies() {
        for connection in old.connections(company).await {
            let id = id_in(&connection);
            let keys = connection["encryption_private_keys"].as_array().into_iter().flatten();
            for key in keys.map(|key| text(&key["private_key_id"])) {
                app.delete(&format!("{}/encryption_private_keys/{key}", old.connection(company, &id)))
                    .await
                    .ok();
            }
            let path =
                format!("/v1/b2b/sso/{}/connections/{id}", old.fact(&format!("/organizations/{company}")));
            if id != default {
                app.delete(&path).await.ok();
            }
        }
    }
    assert_eq!(old.connections("full").await.len(), 1, "a default connection stays");
    let grace = json!({ "session_token": old.fact("/live/grace/session_token") });
    old.authenticate(grace).await.refused(404, "session_not_found");
    for company in &old.companies() {
        app.delete(&old.company(company)).await.ok();
        app.get(&old.company(company)).await.refused(404, "organization_not_found");
    }
    assert!(old.found("organizations", "organization_id").await.is_empty());
    let ada = json!({ "session_token": old.fact("/live/ada/session_token") });
    old.authenticate(ada).await.refused(404, "session_not_found");
    assert!(!app.traces().await.is_empty(), "what happened stays known");

    // The other tenant has lost nothing.
    let credentials = basic(&old.fact("/other/id"), &old.fact("/other/secret"));
    let path = format!("/v1/b2b/organizations/{}", old.fact("/other/holds/organization"));
    let request = Request::get(path).header(AUTHORIZATION, credentials);
    app.send(request.body(Body::empty()).unwrap()).await.ok();
}

async fn rows_that_lack_fields_are_as_good_as_others(old: Old) {
    let app = &old.app;
    let (full, rich) = (old.fact("/organizations/full"), old.fact("/members/rich"));
    let (oidc, saml) = (old.fact("/connections/oidc"), old.fact("/connections/saml"));
    old.strip("organizations", &full, &["id", "project_id", "name", "slug"]).await;
    old.strip("members", &rich, &["id", "project_id", "organization_id", "email", "status"]).await;
    old.strip("connections", &oidc, &["issuer"]).await;
    old.strip("connections", &saml, &["idp_entity_id", "signing_keys"]).await;

    let shown = app.get(&old.company("full")).await.ok()["organization"].clone();
    assert_eq!(shown["organization_slug"], "Full~1");
    assert_eq!(shown["email_jit_provisioning"], "NOT_ALLOWED", "the setting of a new organization");
    assert_ne!(shown["created_at"], "1970-01-01T00:00:00Z");
    let member = old.shown_member("rich").await;
    assert_eq!(
        (&member["email_address"], &member["is_breakglass"]),
        (&json!("rich.er@full.test"), &json!(false))
    );
    let listed = old.connections("full").await;
    for id in [&oidc, &saml] {
        let connection = listed.iter().find(|connection| connection["connection_id"] == **id).unwrap();
        assert_eq!(connection["status"], "pending", "what is missing is missing: {connection}");
        let refused = Browser::new(app).start_reply(id, &[]).await;
        assert!(refused.status.is_client_error(), "{}", refused.text());
    }
    assert!(old.found("organizations", "organization_id").await.contains(&full));
    assert!(old.found("members", "member_id").await.contains(&rich));

    app.put(&old.company("full"), json!({ "organization_logo_url": "https://full.test/new.png" })).await.ok();
    app.put(&old.member("rich").0, json!({ "name": "Rich again" })).await.ok();
    for id in [&oidc, &saml] {
        app.put(&old.connection("full", id), json!({ "display_name": "Again" })).await.ok();
    }
    app.delete(&format!("/v1/b2b/sso/{full}/connections/{saml}")).await.ok();
    app.delete(&old.member("rich").0).await.ok();
    app.delete(&old.company("full")).await.ok();
    assert_eq!(app.app.store.unreadable_rows(), 0);
}

async fn garbage_harms_only_itself(old: Old) {
    let (app, store) = (&old.app, &old.app.app.store);
    let garbage = "{\"garbage\": \"that nobody else should see\"";
    let plain = old.fact("/organizations/plain");
    let (pending, saml) = (old.fact("/members/pending"), old.fact("/connections/saml"));
    for (table, id) in [("organizations", &plain), ("members", &pending), ("connections", &saml)] {
        old.store_doc(table, id, garbage).await;
    }
    let opaque = |reply: Reply| {
        reply.refused(500, "internal_server_error");
        assert!(!reply.text().contains("garbage") && !reply.text().contains("column"), "{}", reply.text());
    };
    opaque(app.get(&old.company("plain")).await);
    opaque(app.put(&old.member("pending").0, json!({ "name": "x" })).await);
    opaque(app.put(&old.connection("full", &saml), json!({ "display_name": "x" })).await);

    let companies = old.found("organizations", "organization_id").await;
    assert_eq!(companies.len(), old.companies().len() - 1, "{companies:?}");
    let people = old.found("members", "member_id").await;
    assert!(!people.contains(&pending) && people.contains(&old.fact("/members/rich")), "{people:?}");
    assert_eq!(old.connections("full").await.len(), 5);
    app.get(&old.company("full")).await.ok();
    // Who came through that connection is signed in; the roles it gives are read without its document.
    let ada = json!({ "session_token": old.fact("/live/ada/session_token") });
    old.authenticate(ada).await.ok();
    assert!(store.unreadable_rows() >= 6, "{}", store.unreadable_rows());

    app.delete(&format!("/v1/b2b/sso/{}/connections/{saml}", old.fact("/organizations/full"))).await.ok();
    app.delete(&old.member("pending").0).await.ok();
    app.delete(&old.company("plain")).await.ok();
    app.get(&old.company("plain")).await.refused(404, "organization_not_found");
    app.put(&old.member("pending").0, json!({ "name": "x" })).await.refused(404, "member_not_found");
    assert_eq!(app.put(&old.connection("full", &saml), json!({})).await.status, 404);
}
