//! A database of the time when the project's key signed all client assertions: its connections sign in as they did, told
//! loudly, until they leave it; and what they lend to nobody else.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_domain::Time;
use vestibule_store::{Guard, Options, Param, Store, StoreUrl, Write};

use crate::app::{BASE_URL, TestApp, admin, postgres_base, text, with_own_database};
use crate::browser::Browser;
use crate::provider::CLIENT_ID;

const FIXTURE: &str = "tests/fixtures/0.1.0-fc3080b";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_locks_nobody_out_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("vestibule.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE).join("sqlite.db"), &copy).unwrap();
    upgraded(&StoreUrl::Sqlite(copy), "sqlite.json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_locks_nobody_out_on_postgres() {
    let Some(base) = postgres_base() else { return };
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE).join("postgres.sql");
    let dump = std::fs::read_to_string(dump).unwrap();
    with_own_database(&base, async |url: String| {
        admin(&url, &dump).await;
        upgraded(&StoreUrl::parse(&url).unwrap(), "postgres.json").await;
    })
    .await;
}

/// A connection of the old database.
struct Kept {
    id: String,
    path: String,
}

async fn upgraded(url: &StoreUrl, facts: &str) {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE).join(facts);
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(facts).unwrap()).unwrap();
    // The provider of that time is gone.
    let then = facts.pointer("/live/attempts/oidc/to").unwrap();
    let then = url::Url::parse(&text(then)).unwrap().origin().ascii_serialization();
    let named = |name: &str| text(&facts["connections"][name]);
    let kept = |name: &str, organization: &str| {
        let (id, organization) = (named(name), text(&facts["organizations"][organization]));
        Kept { path: format!("/v1/b2b/sso/oidc/{organization}/connections/{id}"), id }
    };
    // As administrators had set it then. One maps a claim of that name, which is no setting.
    let before = Store::open(url, &Options::default()).await.unwrap();
    for (name, was, then) in [
        ("oidc", "\"client_secret_post\"", "\"private_key_jwt\""),
        ("strict", "\"client_authentication\":null", "\"client_authentication\":\"private_key_jwt\""),
        (
            "plain",
            "\"attribute_mapping\":{}",
            "\"attribute_mapping\":{\"client_authentication\":\"private_key_jwt\"}",
        ),
    ] {
        let sql = "UPDATE connections SET doc = REPLACE(doc, ?2, ?3) WHERE id = ?1";
        change(&before, sql, vec![named(name).as_str().into(), was.into(), then.into()]).await;
    }
    drop(before);

    let at = Time::from_millis(facts["at"].as_i64().unwrap());
    let (project, secret) = (text(&facts["project"]["id"]), text(&facts["project"]["secret"]));
    let app = TestApp::existing(url, at, &project, &secret).await;
    // The provider is where it was.
    for name in ["oidc", "strict", "plain"] {
        let sql = "UPDATE connections SET doc = REPLACE(doc, ?2, ?3), former_client = REPLACE(former_client, ?2, ?3)
             WHERE id = ?1";
        let here = app.provider.issuer.as_str();
        change(&app.app.store, sql, vec![named(name).as_str().into(), then.as_str().into(), here.into()])
            .await;
    }
    goes_on_and_leaves(&app, &kept("oidc", "full")).await;
    what_changes_is_signed_by_its_own_key(&app, &kept("strict", "strict")).await;
    nothing_is_lent_to_others(&app, &kept("plain", "plain")).await;
    assert_eq!(app.app.store.unreadable_rows(), 0);
    app.provider.stop();
}

async fn change(store: &Store, sql: &'static str, params: Vec<Param>) {
    store.commit(vec![Write::one(sql, params, Guard("changed"))]).await.unwrap();
}

/// What was signed when somebody tried to sign in: header and claims. The test provider takes no assertion.
async fn assertion(app: &TestApp, connection: &str) -> (Value, Value) {
    Browser::new(app).sign_in(connection, "ada@example.com").await.refusal_page("oidc_auth_code_error");
    let form = app.provider.redeemed();
    let part = |index: usize| {
        let part = form["client_assertion"].split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    (part(0), part(1))
}

async fn kids(app: &TestApp, path: &str) -> Vec<String> {
    let path = path.strip_prefix(BASE_URL).unwrap_or(path);
    let keys = app.get(path).await.json();
    keys["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"])).collect()
}

async fn of_project(app: &TestApp) -> Vec<String> {
    kids(app, &format!("/v1/b2b/sessions/jwks/{}", app.project.id)).await
}

async fn goes_on_and_leaves(app: &TestApp, kept: &Kept) {
    let (header, claims) = assertion(app, &kept.id).await;
    assert!(
        of_project(app).await.contains(&text(&header["kid"])),
        "the key that the provider knows: {header}"
    );
    assert_eq!((&header["typ"], &header["alg"]), (&json!("JWT"), &json!("RS256")));
    let issuer = app.provider.issuer.as_str();
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!(CLIENT_ID), &json!(CLIENT_ID), &json!(issuer))
    );

    // Whatever else is changed leaves it, and each time it is said what to do.
    let changes = json!({ "display_name": "Again", "client_assertion_audience": "token_endpoint", "custom_scopes": "groups" });
    let updated = app.put(&kept.path, changes).await.ok();
    let jwks = text(&updated["connection"]["client_jwks_url"]);
    for warning in [&updated["warning"], &updated["connection"]["client_assertion_warning"]] {
        assert!(
            text(warning).contains(&jwks) && text(warning).contains("client_assertion_signer"),
            "{updated}"
        );
    }
    assert_eq!(updated["connection"]["client_assertion_signer"], "project");
    let (header, claims) = assertion(app, &kept.id).await;
    assert!(of_project(app).await.contains(&text(&header["kid"])));
    assert_eq!(claims["aud"], issuer, "for whom it was then");

    // A provider that reads the new address knows the key of now and that of then.
    let both = kids(app, &jwks).await;
    assert!(both.contains(&text(&header["kid"])), "{both:?}");
    let left = app.put(&kept.path, json!({ "client_assertion_signer": "connection" })).await.ok();
    assert_eq!(
        (&left["connection"]["client_assertion_signer"], &left["connection"]["client_assertion_warning"]),
        (&json!("connection"), &json!(""))
    );
    assert!(!text(&left["warning"]).contains("client_assertion_signer"), "{left}");
    let own = kids(app, &jwks).await;
    assert_eq!(own.len(), 1);
    assert!(both.contains(&own[0]), "known before it signs");
    let (header, _) = assertion(app, &kept.id).await;
    assert_eq!((&header["kid"], &header["typ"]), (&json!(own[0]), &json!("client-authentication+jwt")));
    let events = app.get("/v1/vestibule/events?limit=1000").await.ok();
    assert!(events.to_string().contains("\"client_assertion_signer\":\"connection\""), "{events}");
    app.put(&kept.path, json!({ "client_assertion_signer": "project" })).await.refused(400, "invalid_field");
    app.put(&kept.path, json!({ "client_assertion_signer": "nobody" })).await.refused(400, "invalid_field");
}

/// Somebody else's client cannot be asked for, and what was changed does not come back.
async fn what_changes_is_signed_by_its_own_key(app: &TestApp, kept: &Kept) {
    let (header, _) = assertion(app, &kept.id).await;
    assert!(of_project(app).await.contains(&text(&header["kid"])));
    let moved = app.put(&kept.path, json!({ "client_id": "somebody-else" })).await.ok();
    assert_eq!(moved["connection"]["client_assertion_signer"], "connection");
    app.put(&kept.path, json!({ "client_id": CLIENT_ID })).await.ok();
    let (header, _) = assertion(app, &kept.id).await;
    assert!(!of_project(app).await.contains(&text(&header["kid"])), "{header}");
}

async fn nothing_is_lent_to_others(app: &TestApp, kept: &Kept) {
    let chosen = app.put(&kept.path, json!({ "token_endpoint_auth_method": "private_key_jwt" })).await.ok();
    assert_eq!(chosen["connection"]["client_assertion_signer"], "connection", "{chosen}");
    let (header, _) = assertion(app, &kept.id).await;
    assert_eq!(kids(app, &text(&chosen["connection"]["client_jwks_url"])).await, [text(&header["kid"])]);
    let organization = app.organization("made-later", json!({})).await;
    let method = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let new = app.connection_with(&organization, method).await;
    let (header, _) = assertion(app, &new).await;
    assert!(!of_project(app).await.contains(&text(&header["kid"])));
}
