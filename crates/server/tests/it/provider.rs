//! The customer's identity provider: the test provider behind a real loopback listener, whose requests are
//! counted and which can be down or exchange its keys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{Request, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;
use vestibule_domain::entropy::Entropy;
use vestibule_server::Clock;
use vestibule_server::Shutdown;
use vestibule_server::{ListenOptions, serve};
use vestibule_testidp::{Algorithm, Config, SamlIdp, TestIdp, User, Whims};

pub(crate) const CLIENT_ID: &str = "vestibule-it";
pub(crate) const CLIENT_SECRET: &str = "upstream-client-secret-that-is-nowhere-else";

/// A running provider.
#[derive(Clone)]
pub(crate) struct Provider {
    inner: Arc<Inner>,
    /// The issuer, which is also the origin.
    pub(crate) issuer: String,
    shutdown: Shutdown,
}

struct Inner {
    config: Config,
    idp: Mutex<TestIdp>,
    hits: Mutex<BTreeMap<String, u32>>,
    down: Mutex<Option<&'static str>>,
    /// The path whose next request gets 503.
    blinking: Mutex<Option<&'static str>>,
    /// The path whose requests get no answer until it is another.
    held: watch::Sender<Option<&'static str>>,
    /// The latest form that was posted to a token endpoint.
    redeemed: Mutex<String>,
    /// The latest answer of a token endpoint.
    granted: Mutex<Vec<u8>>,
}

impl Provider {
    /// Starts a provider whose client may be redirected to URLs that begin with `redirect_prefix`.
    pub(crate) async fn start(clock: &Clock, entropy: &Arc<dyn Entropy>, redirect_prefix: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let (clock, entropy) = (clock.clone(), entropy.clone());
        let config = Config {
            issuer: issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            redirect_prefix: redirect_prefix.to_owned(),
            users: people(),
            auto_approve: true,
            algorithm: Algorithm::Es256,
            signing_key: None,
            clock: Arc::new(move || clock.now().seconds()),
            random: Arc::new(move |out| entropy.fill(out)),
        };
        let idp = Mutex::new(TestIdp::new(config.clone()));
        let inner = Arc::new(Inner {
            config,
            idp,
            hits: Mutex::default(),
            down: Mutex::default(),
            blinking: Mutex::default(),
            held: watch::Sender::new(None),
            redeemed: Mutex::default(),
            granted: Mutex::default(),
        });
        let shutdown = Shutdown::default();
        let answering = inner.clone();
        let router = Router::new().fallback(move |request| {
            let inner = answering.clone();
            async move { inner.answer(request).await }
        });
        tokio::spawn(serve(listener, router, ListenOptions::default(), shutdown.clone()));
        Self { inner, issuer, shutdown }
    }

    /// Answers a request of the browser, without the detour over the listener.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        self.inner.answer(request).await
    }

    /// How often a path was asked for.
    pub(crate) fn hits(&self, path: &str) -> u32 {
        self.inner.hits.lock().unwrap().get(path).copied().unwrap_or_default()
    }

    /// Makes one path answer 503, or all answer again.
    pub(crate) fn set_path_down(&self, path: Option<&'static str>) {
        *self.inner.down.lock().unwrap() = path;
    }

    /// Makes one path answer 503 once.
    pub(crate) fn blink(&self, path: &'static str) {
        *self.inner.blinking.lock().unwrap() = Some(path);
    }

    /// From now on these people are known: subject, address and name. The keys are other ones too.
    pub(crate) fn set_people(&self, people: &[(&str, &str, &str)]) {
        let users = people.iter().map(|(subject, email, name)| user(subject, email, name)).collect();
        *self.inner.idp.lock().unwrap() = TestIdp::new(Config { users, ..self.inner.config.clone() });
    }

    /// Lets the requests for one path hang, or answers all of them.
    pub(crate) fn hold(&self, path: Option<&'static str>) {
        self.inner.held.send_replace(path);
    }

    /// Waits until a path was asked for so often.
    pub(crate) async fn asked(&self, path: &str, times: u32) {
        while self.hits(path) < times {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// From now on tokens are signed with another key, and only that key is published.
    pub(crate) fn rotate_keys(&self) {
        *self.inner.idp.lock().unwrap() = TestIdp::new(self.inner.config.clone());
    }

    /// Makes the provider peculiar from now on.
    pub(crate) fn set_whims(&self, whims: Whims) {
        self.inner.idp.lock().unwrap().set_whims(whims);
    }

    /// From now on tokens are signed with a key of another algorithm.
    pub(crate) fn change_algorithm(&self, algorithm: Algorithm) {
        let config = Config { algorithm, ..self.inner.config.clone() };
        *self.inner.idp.lock().unwrap() = TestIdp::new(config);
    }

    /// The latest form that was posted to a token endpoint.
    pub(crate) fn redeemed(&self) -> BTreeMap<String, String> {
        let form = self.inner.redeemed.lock().unwrap().clone();
        url::form_urlencoded::parse(form.as_bytes()).into_owned().collect()
    }

    /// The latest texts that a token endpoint answered with.
    pub(crate) fn granted(&self) -> BTreeMap<String, String> {
        let answer: Value = serde_json::from_slice(&self.inner.granted.lock().unwrap()).unwrap_or_default();
        let texts = answer.as_object().into_iter().flatten();
        texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// The SAML side.
    pub(crate) fn saml(&self) -> SamlIdp {
        self.inner.idp.lock().unwrap().saml().clone()
    }

    /// Stops listening.
    pub(crate) fn stop(&self) {
        self.shutdown.start();
    }
}

impl Inner {
    async fn answer(&self, request: Request<Body>) -> Response {
        let path = request.uri().path().to_owned();
        *self.hits.lock().unwrap().entry(path.clone()).or_default() += 1;
        self.held.subscribe().wait_for(|held| *held != Some(path.as_str())).await.unwrap();
        if *self.down.lock().unwrap() == Some(path.as_str()) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        if self.blinking.lock().unwrap().take_if(|blinking| *blinking == path.as_str()).is_some() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let router = self.idp.lock().unwrap().router();
        let is_exchange = path.ends_with("/token");
        let request = if is_exchange { self.noted(request).await } else { request };
        let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
        if is_exchange { self.noted_answer(response).await } else { response }
    }

    async fn noted_answer(&self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        *self.granted.lock().unwrap() = bytes.to_vec();
        Response::from_parts(parts, Body::from(bytes))
    }

    async fn noted(&self, request: Request<Body>) -> Request<Body> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        *self.redeemed.lock().unwrap() = String::from_utf8_lossy(&bytes).into_owned();
        Request::from_parts(parts, Body::from(bytes))
    }
}

fn user(subject: &str, email: &str, name: &str) -> User {
    User {
        subject: subject.to_owned(),
        email: email.to_owned(),
        name: name.to_owned(),
        groups: vec!["engineering".to_owned()],
    }
}

/// Ada twice under one subject: her address changed. And somebody who was given Grace's old address.
fn people() -> Vec<User> {
    vec![
        user("subject-ada", "ada@example.com", "Ada Lovelace"),
        user("subject-ada", "ada.king@example.com", "Ada King"),
        user("subject-grace", "grace@example.com", "Grace Hopper"),
        user("subject-other-grace", "Grace@Example.com", "Grace Kelly"),
        user("subject-alan", "alan@example.com", "Alan Turing"),
    ]
}
