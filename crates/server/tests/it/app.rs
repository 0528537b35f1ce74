//! The application under test: the real router on a migrated store with one project, a clock that stands
//! and chance that repeats.
//!
//! PostgreSQL comes from `VESTIBULE_TEST_POSTGRES`, a URL of a server where databases may be made; each test
//! makes one of its own and drops it. Without it those tests are skipped, unless `CI` or
//! `VESTIBULE_REQUIRE_POSTGRES` says that they must not be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::Environment;
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;
use vestibule_server::Clock;
use vestibule_server::SeededEntropy;
use vestibule_server::fetch::{FetchPolicy, Fetcher};
use vestibule_server::outbox;
use vestibule_server::post::Post;
use vestibule_server::routes;
use vestibule_server::{ApiLimits, MessageLimits, RateLimits};
use vestibule_server::{App, Mode, Parts};
use vestibule_server::{Tools, project};
use vestibule_store::tables::redirects;
use vestibule_store::{MasterKey, MasterKeys, Options, Store, StoreUrl, Vault};

use crate::browser::Browser;
use crate::documented;
use crate::name_server::NameServer;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::reply::Reply;

/// The instant at which every test begins.
pub(crate) const NOW: Time = Time::from_seconds(1_800_000_000);
/// Longer than a test: what waits for it waits for something else first.
const LONG: Duration = Duration::from_secs(300);
/// The server's public origin; requests to it are answered by the router.
pub(crate) const BASE_URL: &str = "http://127.0.0.1:4000";
/// The default redirect URL of sign-ins.
pub(crate) const LOGIN_URL: &str = "https://app.example.com/authenticate";
/// The default redirect URL of first sign-ins.
pub(crate) const SIGNUP_URL: &str = "https://app.example.com/welcome";

/// The default redirect URL of invitations.
pub(crate) const INVITE_URL: &str = "https://app.example.com/welcome?invited=yes";
/// The default redirect URL of those who look for their organizations.
pub(crate) const DISCOVERY_URL: &str = "https://app.example.com/organizations";

/// The server on one engine, with one project.
#[derive(Clone)]
pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    router: Router,
    pub(crate) provider: Provider,
    pub(crate) project: Project,
    pub(crate) secret: String,
    url: StoreUrl,
}

impl TestApp {
    pub(crate) async fn new(url: &StoreUrl) -> Self {
        let (app, provider) = start(url, NOW, 1).await;
        let (project, secret) = new_project(&app, "Acme Software").await;
        Self { router: routes::router(app.clone()), app, provider, project, secret, url: url.clone() }
    }

    /// A second server on the same database, with the same clock.
    pub(crate) async fn second_node(&self) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let app = node(store, self.app.clock.clone(), seeded(2), master_key()).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// Another that waits for providers as long as it is told.
    pub(crate) async fn impatient_node(&self, total_timeout: Duration) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let policy = FetchPolicy { total_timeout, ..fetch_policy() };
        let own = (seeded(4), master_key());
        let app = node_with(store, self.app.clock.clone(), own, &policy, Post::Kept).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// Another that lets each ask only for so much.
    pub(crate) async fn strict_node(&self, limits: ApiLimits) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let limits = RateLimits::new(0, 0).with_api(limits);
        let own = (seeded(6), master_key());
        let app = node_of(store, self.app.clock.clone(), own, &fetch_policy(), (Post::Kept, limits)).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// Another that asks a name server of the tests about domains.
    pub(crate) async fn asking_node(&self, names: &NameServer) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let policy = FetchPolicy { name_servers: vec![names.address], ..fetch_policy() };
        let own = (seeded(9 + u64::from(names.address.port()) + rand_turn()), master_key());
        let app = node_with(store, self.app.clock.clone(), own, &policy, Post::Kept).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// The same server, whose people go to another provider.
    pub(crate) fn at(&self, provider: &Provider) -> Self {
        Self { provider: provider.clone(), ..self.clone() }
    }

    /// Another that sends messages as it is told, instead of keeping them.
    pub(crate) async fn posting_node(&self, post: Post) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let own = (seeded(5), master_key());
        let app = node_with(store, self.app.clock.clone(), own, &fetch_policy(), post).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// Another that counts messages.
    pub(crate) async fn limited_node(&self, messages: MessageLimits, seed: u64) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let own = (seeded(seed), master_key());
        let limits = RateLimits::new(0, 0).with_messages(messages);
        let app = node_of(store, self.app.clock.clone(), own, &fetch_policy(), (Post::Kept, limits)).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// Another that lets each address try so many codes a minute.
    pub(crate) async fn doubting_node(&self, codes_per_minute: u32) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let own = (seeded(8), master_key());
        let limits = RateLimits::new(0, 0).with_codes(codes_per_minute);
        let app = node_of(store, self.app.clock.clone(), own, &fetch_policy(), (Post::Kept, limits)).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// What was sent to somebody, the newest last.
    pub(crate) async fn messages_to(&self, recipient: &str) -> Vec<outbox::Shown> {
        outbox::shown(&self.app, Some(recipient)).await.unwrap()
    }

    /// A server on the same database that is given another master key.
    pub(crate) async fn node_under(&self, master: MasterKey) -> Self {
        let store = Store::open(&self.url, &Options::default()).await.unwrap();
        let app = node(store, self.app.clock.clone(), seeded(3), master).await;
        Self { router: routes::router(app.clone()), app, ..self.clone() }
    }

    /// The server on a database that is there, as of `now`, seen by one of its projects. Chance is another
    /// than the one that filled it, so that nothing is drawn twice.
    pub(crate) async fn existing(url: &StoreUrl, now: Time, project: &str, secret: &str) -> Self {
        let (app, provider) = start(url, now, 2).await;
        let project = app.store.project(project.parse().unwrap()).await.unwrap().unwrap();
        Self {
            router: routes::router(app.clone()),
            app,
            provider,
            project,
            secret: secret.to_owned(),
            url: url.clone(),
        }
    }

    /// The same server seen by another project.
    pub(crate) async fn other_project(&self) -> Self {
        let (project, secret) = new_project(&self.app, "Another Company").await;
        Self { project, secret, ..self.clone() }
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, seconds: i64) {
        self.app.clock.advance(seconds * 1000);
    }

    /// Answers a request as it is. The answer has to be one that the document knows.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let reply = Reply::read(response).await;
        documented::check(&method, &path, &reply);
        reply
    }

    /// The header by which the project's backend is known.
    pub(crate) fn basic(&self) -> String {
        basic(&self.project.id.to_string(), &self.secret)
    }

    /// A request of the project's backend.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header(AUTHORIZATION, self.basic())
    }

    /// Sends text, which may be no JSON, as the project's backend.
    pub(crate) async fn raw(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        let request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends a request of the project's backend on behalf of a member (`X-Stytch-Member-Session`).
    pub(crate) async fn as_member(&self, session: &str, method: Method, path: &str, body: Value) -> Reply {
        let request = self.request(method, path).header("x-stytch-member-session", session);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.raw(Method::GET, path, "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.raw(Method::DELETE, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.raw(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.raw(Method::PUT, path, body.to_string()).await
    }

    /// Makes an organization and gives its id. Anybody whom its connections vouch for is let in, unless
    /// `policy` says otherwise.
    pub(crate) async fn organization(&self, slug: &str, policy: Value) -> String {
        let mut body = json!({ "organization_name": slug, "organization_slug": slug, "sso_jit_provisioning": "ALL_ALLOWED" });
        for (name, value) in policy.as_object().unwrap() {
            body[name] = value.clone();
        }
        text(&self.post("/v1/b2b/organizations", body).await.ok()["organization"]["organization_id"])
    }

    /// Makes a member and gives their id.
    pub(crate) async fn member(&self, organization: &str, email: &str, more: Value) -> String {
        let mut body = json!({ "email_address": email });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let path = format!("/v1/b2b/organizations/{organization}/members");
        text(&self.post(&path, body).await.ok()["member"]["member_id"])
    }

    /// Makes a connection to the provider that is ready for use and gives its id.
    pub(crate) async fn connection(&self, organization: &str) -> String {
        self.connection_with(organization, json!({})).await
    }

    /// The same with other or further settings.
    pub(crate) async fn connection_with(&self, organization: &str, more: Value) -> String {
        let id = self.pending_connection(organization).await;
        let issuer = &self.provider.issuer;
        let mut body = json!({
            "issuer": issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorization_url": format!("{issuer}/authorize"),
            "token_url": format!("{issuer}/token"),
            "userinfo_url": format!("{issuer}/userinfo"),
            "jwks_url": format!("{issuer}/jwks"),
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{id}");
        let updated = self.put(&path, body).await.ok();
        assert_eq!(updated["connection"]["status"], "active", "{updated}");
        id
    }

    /// Makes a connection without settings and gives its id.
    pub(crate) async fn pending_connection(&self, organization: &str) -> String {
        let path = format!("/v1/b2b/sso/oidc/{organization}");
        let made = self.post(&path, json!({ "display_name": "Company IdP" })).await.ok();
        text(&made["connection"]["connection_id"])
    }

    /// Redeems an SSO token.
    pub(crate) async fn redeem(&self, token: &str) -> Reply {
        self.post("/v1/b2b/sso/authenticate", json!({ "sso_token": token })).await
    }

    /// Signs somebody in and gives the answer to the redemption.
    pub(crate) async fn session(&self, connection: &str, email: &str) -> Value {
        let token = Browser::new(self).token(connection, email).await;
        self.redeem(&token).await.ok()
    }

    /// The sign-in traces of the project, newest first.
    pub(crate) async fn traces(&self) -> Vec<Value> {
        let listed = self.get("/v1/vestibule/sign_in_traces").await.ok();
        listed["sign_in_traces"].as_array().unwrap().clone()
    }

    /// How many members an organization has.
    pub(crate) async fn member_count(&self, organization: &str) -> usize {
        let body = json!({ "organization_ids": [organization], "limit": 1000 });
        let found = self.post("/v1/b2b/organizations/members/search", body).await.ok();
        found["members"].as_array().unwrap().len()
    }
}

/// An id or a token out of an answer.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

async fn start(url: &StoreUrl, now: Time, seed: u64) -> (Arc<App>, Provider) {
    let store = Store::open(url, &Options::default()).await.unwrap();
    let (clock, entropy) = (Clock::fixed(now), seeded(seed));
    store.migrate(now, &*entropy).await.unwrap();
    let provider = Provider::start(&clock, &entropy, &format!("{BASE_URL}/")).await;
    (node(store, clock, entropy, master_key()).await, provider)
}

/// Another number for each node that asks: their randomness must not be the same.
fn rand_turn() -> u64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    TURN.fetch_add(100_000, Ordering::Relaxed)
}

fn seeded(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(SeededEntropy::new(seed))
}

/// The master key of every server here that is not given another.
pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

fn fetch_policy() -> FetchPolicy {
    // Nobody listens there: no test asks about domains who has not started a server for it.
    let name_servers = vec![([127, 0, 0, 1], 9).into()];
    let defaults = FetchPolicy::default();
    FetchPolicy { allow_loopback_http: true, total_timeout: LONG, rest: LONG, name_servers, ..defaults }
}

async fn node(store: Store, clock: Clock, entropy: Arc<dyn Entropy>, master: MasterKey) -> Arc<App> {
    node_with(store, clock, (entropy, master), &fetch_policy(), Post::Kept).await
}

async fn node_with(
    store: Store,
    clock: Clock,
    (entropy, master): (Arc<dyn Entropy>, MasterKey),
    policy: &FetchPolicy,
    post: Post,
) -> Arc<App> {
    node_of(store, clock, (entropy, master), policy, (post, RateLimits::new(0, 0))).await
}

async fn node_of(
    store: Store,
    clock: Clock,
    (entropy, master): (Arc<dyn Entropy>, MasterKey),
    policy: &FetchPolicy,
    (post, limits): (Post, RateLimits),
) -> Arc<App> {
    let vault = Vault::open(&store, MasterKeys::only(master), entropy.as_ref(), clock.now()).await.unwrap();
    App::new(Parts {
        store,
        vault: Arc::new(vault),
        fetcher: Fetcher::new(policy).unwrap(),
        clock,
        entropy,
        base_url: BASE_URL.to_owned(),
        support_contact: "help@acme.example".parse().ok(),
        mode: Mode::Development,
        trusted_proxies: Vec::new(),
        limits,
        post,
    })
}

async fn new_project(app: &App, name: &str) -> (Project, String) {
    let tools = Tools { now: app.clock.now(), entropy: app.entropy.as_ref() };
    let key = (app.vault.as_ref(), Secret::new(STANDARD.encode(signing_key())));
    let made = project::create(&app.store, name, Environment::Test, key, tools).await;
    let (project, secret) = made.unwrap();
    let mut writes = Vec::new();
    for (kind, url) in [
        (RedirectKind::Login, LOGIN_URL),
        (RedirectKind::Signup, SIGNUP_URL),
        (RedirectKind::Invite, INVITE_URL),
        (RedirectKind::Discovery, DISCOVERY_URL),
    ] {
        writes
            .extend(redirects::add(project.id, &RedirectUrl { kind, url: url.to_owned(), is_default: true }));
    }
    app.store.commit(writes).await.unwrap();
    (project, secret.expose().to_owned())
}

/// One RSA key for every project of the run: making one takes longer than most tests.
pub(crate) fn signing_key() -> &'static [u8] {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        der.as_ref().to_vec()
    })
}

/// Runs a test on an SQLite file.
pub(crate) async fn on_sqlite<F>(test: impl FnOnce(TestApp) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::new(&StoreUrl::Sqlite(directory.path().join("vestibule.db"))).await;
    let provider = app.provider.clone();
    test(app).await;
    provider.stop();
}

/// Runs a test on PostgreSQL in a schema of its own, if there is a server: making a database costs more than most tests.
pub(crate) async fn on_postgres<F>(test: impl FnOnce(TestApp) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(base) = postgres_base() else { return };
    with_own_schema(&base, |url| async move {
        let app = TestApp::new(&StoreUrl::parse(&url).unwrap()).await;
        let provider = app.provider.clone();
        let result = tokio::spawn(test(app)).await;
        provider.stop();
        result
    })
    .await
    .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
}

/// Makes a schema for `work`, hands over the URL by which everything is found in it, and drops it afterwards.
async fn with_own_schema<F: Future>(base: &str, work: impl FnOnce(String) -> F) -> F::Output {
    let name = own_name();
    admin(base, &format!("CREATE SCHEMA {name}")).await;
    let separator = if base.contains('?') { '&' } else { '?' };
    let output = work(format!("{base}{separator}options=-c%20search_path%3D{name}")).await;
    admin(base, &format!("DROP SCHEMA {name} CASCADE")).await;
    output
}

/// A name that no other test has, of this run or another one.
fn own_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("vestibule_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Makes a database for `work`, hands over its URL, and drops it afterwards: for what drills a whole database.
pub(crate) async fn with_own_database<F: Future>(base: &str, work: impl FnOnce(String) -> F) -> F::Output {
    let name = own_name();
    admin(base, &format!("CREATE DATABASE {name}")).await;
    let output = work(with_database(base, &name)).await;
    admin(base, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    output
}

pub(crate) fn postgres_base() -> Option<String> {
    let base = std::env::var("VESTIBULE_TEST_POSTGRES").ok().filter(|base| !base.is_empty());
    if base.is_none() {
        let required = ["CI", "VESTIBULE_REQUIRE_POSTGRES"].iter().any(|name| std::env::var(name).is_ok());
        assert!(!required, "VESTIBULE_TEST_POSTGRES is not set, but this run requires PostgreSQL");
        eprintln!("skipped on PostgreSQL: VESTIBULE_TEST_POSTGRES is not set");
    }
    base
}

pub(crate) async fn admin(base: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(base, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// The same URL with another database.
fn with_database(base: &str, name: &str) -> String {
    let (address, query) =
        base.split_once('?').map_or((base, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}

/// Makes two tests out of each `async fn(TestApp)`: one on SQLite, one on PostgreSQL.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { crate::app::on_sqlite(super::$test).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { crate::app::on_postgres(super::$test).await; })*
        }
    };
}
pub(crate) use on_both_engines;
