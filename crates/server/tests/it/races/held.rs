//! A callback that is held while it waits for its provider: what was deleted or moved meanwhile, before the
//! callback could save anything, signs nobody in. Here the order is certain.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::deletions::Deletion;
use super::scene::{Act, Protocol, Scene};
use super::{is_done, is_orderly, said};
use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::provider::Provider;

on_both_engines!(
    a_connection_that_is_moved_under_a_callback_signs_nobody_in,
    a_connection_that_is_deleted_under_a_callback_signs_nobody_in,
    an_organization_that_is_deleted_under_a_callback_signs_nobody_in,
    a_member_who_is_deleted_under_a_callback_stays_deleted,
);

async fn a_connection_that_is_moved_under_a_callback_signs_nobody_in(app: TestApp) {
    refused(app, Deletion::Move).await;
}

async fn a_connection_that_is_deleted_under_a_callback_signs_nobody_in(app: TestApp) {
    refused(app, Deletion::Connection).await;
}

async fn an_organization_that_is_deleted_under_a_callback_signs_nobody_in(app: TestApp) {
    refused(app, Deletion::Organization).await;
}

/// The organization lets people in, so whoever was deleted comes back as somebody new.
async fn a_member_who_is_deleted_under_a_callback_stays_deleted(app: TestApp) {
    let (scene, reply) = held(app, Deletion::Member).await;
    assert!(is_orderly(&reply), "{}", said(&reply));
    if is_done(&reply) {
        let token = crate::reply::parameter(&reply.location(), "token");
        let member = scene.app.redeem(&token).await.ok()["member_id"].clone();
        assert_ne!(member, scene.member.as_str());
    }
}

async fn refused(app: TestApp, deletion: Deletion) {
    let (_, reply) = held(app, deletion).await;
    eprintln!("a callback is held, and meanwhile {deletion:?}: {}", said(&reply));
    assert!(reply.status.is_client_error() && is_orderly(&reply), "{deletion:?}: {}", said(&reply));
}

/// Runs a callback up to the exchange of its code, then the deletion to its end, then the rest of the callback.
async fn held(app: TestApp, deletion: Deletion) -> (Scene, crate::reply::Reply) {
    let other = Provider::start(&app.app.clock, &app.app.entropy, &format!("{BASE_URL}/")).await;
    let scene = Scene::new(&app, "held", Protocol::Oidc, &other.issuer).await;
    let gate = Gate::open(&app.provider).await;
    app.put(&scene.settings_path(), json!({ "token_url": format!("{}/token", gate.origin) })).await.ok();
    let visit = Box::new(scene.returning().await);
    let callback = tokio::spawn(Act::Bring(visit).run(scene.clone()));
    gate.reached.notified().await;
    let done = deletion.act(&scene).run(scene.clone()).await;
    assert!(is_done(&done), "{}", done.text());
    gate.passed.notify_one();
    let reply = callback.await.unwrap();
    gate.listening.abort();
    other.stop();
    (scene, reply)
}

/// Stands before the provider: tells that somebody is there, and lets them in when told.
struct Gate {
    origin: String,
    reached: Arc<Notify>,
    passed: Arc<Notify>,
    listening: JoinHandle<()>,
}

impl Gate {
    async fn open(provider: &Provider) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (reached, passed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait, provider) = (reached.clone(), passed.clone(), provider.clone());
        let router = Router::new().fallback(move |request: Request<Body>| {
            let (tell, wait, provider) = (tell.clone(), wait.clone(), provider.clone());
            async move {
                tell.notify_one();
                wait.notified().await;
                provider.answer(request).await
            }
        });
        let listening = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, reached, passed, listening }
    }
}
