//! What has leaked is replaced without a new project: secrets, session keys, data keys and the master key, seen by the
//! clients of a running server and of a second one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::SigningKeyId;
use vestibule_domain::project::SigningKey;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::{Span, Time};
use vestibule_server::assertion_key::{self, Handover};
use vestibule_server::{Tools, secret, session_key};
use vestibule_store::tables::cleanup::Retention;
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::keys;
use vestibule_store::vault::rotate_master_key;
use vestibule_store::{MasterKey, Write};

use crate::app::{TestApp, master_key, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    a_secret_is_replaced_while_both_are_good,
    two_revocations_at_once_leave_a_secret,
    a_session_key_is_replaced_and_nobody_is_signed_out,
    a_leaked_session_key_is_forgotten,
    an_assertion_key_is_replaced_when_the_provider_knows_the_next_one,
    a_retired_key_that_cannot_be_used_stops_nobody,
    data_keys_and_the_master_key_are_replaced,
);

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn tools(server: &TestApp) -> Tools<'_> {
    Tools { now: server.app.clock.now(), entropy: server.app.entropy.as_ref() as &dyn Entropy }
}

fn with_secret(server: &TestApp, secret: &str) -> TestApp {
    let mut same = server.clone();
    secret.clone_into(&mut same.secret);
    same
}

async fn rotate(server: &TestApp) -> String {
    let app = &server.app;
    session_key::rotate(&app.store, &app.vault, &server.project, tools(server)).await.unwrap().to_string()
}

/// Somebody who has signed in: the session token and the JWT.
async fn signed_in(server: &TestApp) -> (String, String) {
    let organization = server.organization("acme", json!({})).await;
    let connection = server.connection(&organization).await;
    let session = server.session(&connection, "ada@acme.example").await;
    (text(&session["session_token"]), text(&session["session_jwt"]))
}

async fn authenticate(server: &TestApp, field: &str, value: &str) -> Reply {
    server.post("/v1/b2b/sessions/authenticate", json!({ field: value })).await
}

async fn jwt_now(server: &TestApp, token: &str) -> String {
    text(&authenticate(server, "session_token", token).await.ok()["session_jwt"])
}

async fn published(server: &TestApp) -> Vec<String> {
    let keys = server.get(&format!("/v1/b2b/sessions/jwks/{}", server.project.id)).await.ok();
    keys["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"])).collect()
}

fn kid(jwt: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap()).unwrap();
    text(&serde_json::from_slice::<Value>(&header).unwrap()["kid"])
}

async fn actions(server: &TestApp) -> Vec<String> {
    let page = server.app.store.events(server.project.id, &EventFilter::default(), None, 100).await.unwrap();
    let by_operator = page.items.iter().filter(|event| event.actor.kind() == "operator");
    // Those of one instant are in no order.
    let mut names: Vec<_> = by_operator.map(|event| event.kind.as_str().to_owned()).collect();
    names.sort_unstable();
    names
}

/// Two operators who each leave the other's secret leave one.
async fn two_revocations_at_once_leave_a_secret(server: TestApp) {
    let (store, project) = (&server.app.store, &server.project);
    for _ in 0..8 {
        let made = secret::create(store, project, String::new(), tools(&server)).await.unwrap();
        let other = secret::create(store, project, String::new(), tools(&server)).await.unwrap();
        for kept in store.project_secrets(project.id).await.unwrap() {
            let hex = kept.hash.hex();
            if kept.ends_at.is_none()
                && ![&made, &other].iter().any(|s| TokenHash::of(s.expose().as_bytes()).hex() == hex)
            {
                secret::revoke(store, project, &hex[..12], false, tools(&server)).await.unwrap();
            }
        }
        let handle = |secret: &str| TokenHash::of(secret.as_bytes()).hex()[..12].to_owned();
        let (first, second) = (handle(made.expose()), handle(other.expose()));
        let (a, b) = tokio::join!(
            secret::revoke(store, project, &first, false, tools(&server)),
            secret::revoke(store, project, &second, false, tools(&server)),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let refused = a.err().or(b.err()).unwrap().to_string();
        assert!(refused.contains("the last secret"), "{refused}");
    }
}

async fn a_secret_is_replaced_while_both_are_good(server: TestApp) {
    let store = &server.app.store;
    let works =
        async |server: &TestApp| server.get("/v1/b2b/sso/does-not-exist").await.status.as_u16() != 401;
    assert!(works(&server).await);
    let made = secret::create(store, &server.project, String::new(), tools(&server)).await.unwrap();
    let renewed = with_secret(&server, made.expose());
    assert!(works(&server).await && works(&renewed).await, "both are good");
    assert!(works(&renewed.second_node().await).await, "on every node");

    let handle = |secret: &str| TokenHash::of(secret.as_bytes()).hex()[..8].to_owned();
    let revoke =
        async |named: &str, force| secret::revoke(store, &server.project, named, force, tools(&server)).await;
    revoke(&handle(&server.secret), false).await.unwrap();
    assert!(!works(&server).await && works(&renewed).await, "the old one is over at once");
    assert!(!works(&server.second_node().await).await);
    let again = revoke(&handle(&server.secret), false).await.unwrap_err().to_string();
    assert!(again.contains("was revoked before"), "{again}");
    let last = revoke(&handle(made.expose()), false).await.unwrap_err().to_string();
    assert!(last.contains("the last secret") && last.contains("--force"), "{last}");
    assert!(works(&renewed).await, "a refusal changes nothing");
    revoke(&handle(made.expose()), true).await.unwrap();
    assert!(!works(&renewed).await);
    let expected = ["project.secret.create", "project.secret.revoke", "project.secret.revoke"];
    assert_eq!(actions(&server).await, expected);
}

async fn a_session_key_is_replaced_and_nobody_is_signed_out(server: TestApp) {
    let other = server.second_node().await;
    let (token, before) = signed_in(&server).await;
    let old = kid(&before);
    // The other node has read the keys just before the rotation.
    assert_eq!(published(&other).await, [old.as_str()]);
    server.pass(1);
    let new = rotate(&server).await;
    assert_eq!(kid(&jwt_now(&other, &token).await), old, "what nobody knows yet signs nothing");
    server.pass(MINUTE + 1);
    for node in [&server, &other] {
        assert_eq!(published(node).await, [old.as_str(), new.as_str()]);
        assert_eq!(kid(&jwt_now(node, &token).await), old);
    }
    server.pass(2 * MINUTE);
    for (node, reader) in [(&server, &other), (&other, &server)] {
        let jwt = jwt_now(node, &token).await;
        assert_eq!(kid(&jwt), new);
        authenticate(reader, "session_jwt", &jwt).await.ok();
        authenticate(reader, "session_jwt", &before).await.ok();
    }
    assert_eq!(actions(&server).await, ["project.session_key.rotate"]);

    server.pass(30 * DAY);
    assert_eq!(
        published(&server).await,
        [new.as_str()],
        "nothing that the old key signed is of use any more"
    );
    assert_eq!(server.app.store.key_standings(server.project.id).await.unwrap().len(), 2);
    server.app.store.cleanup(server.app.clock.now(), Retention::default()).await.unwrap();
    assert_eq!(server.app.store.key_standings(server.project.id).await.unwrap().len(), 1);
}

async fn a_leaked_session_key_is_forgotten(server: TestApp) {
    let other = server.second_node().await;
    let (token, before) = signed_in(&server).await;
    authenticate(&other, "session_jwt", &before).await.ok();
    let new = rotate(&server).await;
    let forgotten = session_key::forget(&server.app.store, &server.project, tools(&server)).await.unwrap();
    assert_eq!(forgotten.iter().map(ToString::to_string).collect::<Vec<_>>(), [kid(&before)]);
    server.pass(MINUTE + 1);
    for node in [&server, &other] {
        assert_eq!(published(node).await, [new.as_str()]);
        authenticate(node, "session_jwt", &before).await.refused(400, "unable_to_parse_session_jwt");
        let jwt = jwt_now(node, &token).await;
        assert_eq!(kid(&jwt), new, "the session goes on, under the new key");
        authenticate(node, "session_jwt", &jwt).await.ok();
    }
    assert_eq!(actions(&server).await, ["project.session_key.forget", "project.session_key.rotate"]);
}

async fn broken_key(server: &TestApp, retired_at: Option<Time>) -> SigningKeyId {
    let app = &server.app;
    let key = SigningKey {
        id: SigningKeyId::generate(server.project.environment(), app.entropy.as_ref()),
        project_id: server.project.id,
        private_key: STANDARD.encode("not a key").into(),
        created_at: app.clock.now(),
        retired_at,
    };
    if retired_at.is_none() {
        // Only one is active.
        let retire = "UPDATE signing_keys SET retired_at = ?1 WHERE retired_at IS NULL";
        app.store.commit(Write::any(retire, vec![app.clock.now().into()])).await.unwrap();
    }
    app.store.commit([keys::insert(&key, &app.vault, app.entropy.as_ref()).unwrap()]).await.unwrap();
    key.id
}

async fn a_retired_key_that_cannot_be_used_stops_nobody(server: TestApp) {
    let (token, before) = signed_in(&server).await;
    let now = server.app.clock.now();
    let unparsable = broken_key(&server, Some(now)).await;
    let altered = broken_key(&server, Some(now)).await;
    let alter = "UPDATE signing_keys SET sealed_private_key = 'v1.a.b' WHERE id = ?1";
    server.app.store.commit(Write::any(alter, vec![altered.to_string().into()])).await.unwrap();
    server.pass(MINUTE + 1);
    assert_eq!(published(&server).await, [kid(&before)], "neither {unparsable} nor {altered}");
    authenticate(&server, "session_jwt", &before).await.ok();
    assert_eq!(server.app.store.unreadable_rows(), 1);

    broken_key(&server, None).await;
    server.pass(MINUTE + 1);
    let stopped = authenticate(&server, "session_token", &token).await;
    assert_eq!(stopped.status.as_u16(), 500, "one that is to sign is not passed over");
    let new = rotate(&server).await;
    server.pass(MINUTE + 1);
    assert!(published(&server).await.contains(&new), "unusable keys are replaced like any other");
    authenticate(&server, "session_token", &token).await.ok();
    authenticate(&server, "session_jwt", &before).await.ok();
}

async fn data_keys_and_the_master_key_are_replaced(server: TestApp) {
    let organization = server.organization("acme", json!({})).await;
    let connection = server.connection(&organization).await;
    let (app, other) = (&server.app, server.second_node().await);
    let first = app.vault.active_key();
    app.vault.rotate_data_key(app.entropy.as_ref(), app.clock.now()).await.unwrap();
    assert!(app.vault.reseal(app.entropy.as_ref()).await.unwrap() >= 2, "a client secret and a signing key");
    let second = app.vault.active_key();
    assert_ne!(second, first);
    // The other server still seals with the old key until its next round of jobs, and both read what either sealed.
    let late = other.connection(&organization).await;
    assert_eq!(other.app.vault.active_key(), first);
    server.session(&late, "bob@acme.example").await;
    other.app.vault.reload().await.unwrap();
    assert_eq!(other.app.vault.active_key(), second);
    assert!(app.vault.reseal(app.entropy.as_ref()).await.unwrap() > 0, "what was sealed meanwhile");
    assert_eq!(app.vault.reseal(app.entropy.as_ref()).await.unwrap(), 0);

    let new = MasterKey::from_bytes([8; 32]);
    rotate_master_key(&app.store, &master_key(), &new, app.entropy.as_ref()).await.unwrap();
    let after = server.node_under(new).await;
    for node in [&server, &other, &after] {
        node.session(&connection, "ada@acme.example").await;
    }
}

/// Which key signs the client assertion of a sign-in now, and which ones the provider can read.
async fn assertion_keys(server: &TestApp, connection: &str) -> (String, Vec<String>) {
    // The test provider takes secrets alone: what it is sent is what counts.
    Browser::new(server).sign_in(connection, "ada@example.com").await.refusal_page("oidc_auth_code_error");
    let sent = server.provider.redeemed()["client_assertion"].clone();
    let header = URL_SAFE_NO_PAD.decode(sent.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let published = server.get(&format!("/v1/public/sso/oidc/{connection}/jwks")).await.json();
    let published = published["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"])).collect();
    (text(&header["kid"]), published)
}

async fn an_assertion_key_is_replaced_when_the_provider_knows_the_next_one(server: TestApp) {
    let organization = server.organization("acme", json!({})).await;
    let by_secret = server.connection(&organization).await;
    let by_key = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let connection = server.connection_with(&organization, by_key).await;
    let replace = async |connection: &str, handover| {
        let (app, id) = (&server.app, connection.parse().unwrap());
        let new = assertion_key::rotate(&app.store, &app.vault, id, handover, tools(&server)).await;
        new.map(|id| id.to_string()).map_err(|error| error.to_string())
    };
    let (first, published) = assertion_keys(&server, &connection).await;
    assert_eq!(published, [first.as_str()]);
    let in_a_day = || Handover::At(server.app.clock.now().plus(Span::days(1)));
    let second = replace(&connection, in_a_day()).await.unwrap();
    let both = vec![first.clone(), second.clone()];
    assert_eq!(assertion_keys(&server, &connection).await, (first.clone(), both.clone()));
    server.pass(86_401);
    assert_eq!(assertion_keys(&server, &connection).await, (second.clone(), both));
    server.pass(86_401);
    assert_eq!(assertion_keys(&server, &connection).await, (second.clone(), vec![second.clone()]));
    // One that has leaked is gone at once.
    let third = replace(&connection, Handover::Leaked).await.unwrap();
    assert_eq!(assertion_keys(&server, &connection).await, (third.clone(), vec![third]));
    // Who has none is told so, and what was done is in the trail without a key.
    assert!(replace(&by_secret, in_a_day()).await.unwrap_err().contains("private_key_jwt"));
    assert!(replace("oidc-connection-test-00000000-0000-4000-8000-000000000000", in_a_day()).await.is_err());
    let told = server.get("/v1/vestibule/events").await.ok();
    let rotations = told["events"].as_array().unwrap().iter();
    let rotations = rotations.filter(|event| event["action"] == "connection.assertion_key.rotate");
    assert_eq!(rotations.count(), 2);
}
