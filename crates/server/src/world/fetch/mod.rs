//! The one guarded way out to the network.
//!
//! Identity providers are named by customers, so every URL fetched here is foreign input. A request leaves only
//! over https, only to an allowed port, and only to an address that was judged: literals before the request,
//! names at resolution, with the connection made to the judged address itself. Redirects are not followed, proxies
//! of the environment are ignored, the body is cut at a limit and the whole exchange at a deadline. A kept connection
//! that the other side had forgotten is replaced by a new one, once. What is only read is asked for once more where the answer may be another in a moment. Every request is on somebody's behalf: an organization
//! has a few places, and a host that does not answer it is left alone for a while.
//! `docs/adr/0005-one-guarded-way-out.md` says why it looks like this.

mod breaker;
mod client;
mod dns;
mod error;
mod guard;
mod message;
mod network;
pub(crate) mod own;
mod policy;
pub mod protocol;
mod proxy;
mod resolve;
mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;
use vestibule_domain::domain_proof::{Looked, Unanswered};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::tenant::Tenant;
use vestibule_store::{Crowded, Payer, Places, Shares};

pub use client::FetcherError;
pub use error::FetchError;
pub use message::{DEFAULT_LIMIT_BYTES, FetchRequest, FetchResponse};
pub use network::{Network, NetworkError};
pub use policy::FetchPolicy;
pub use proxy::{EXPECTED_PROXY, Proxy};
pub use resolve::{Resolved, Resolver, SystemResolver};

use breaker::{Breakers, Resting, Way};
use client::{http_client, tls_config};
use dns::NameServers;
use guard::{Guard, Reach};
use resolve::GuardedResolver;
use tunnel::Tunnel;

/// Between two tries of one read.
const PAUSE: Duration = Duration::from_millis(100);
/// Connections to one host that are kept while nobody needs them.
const MOST_IDLE: usize = 32;

/// The response headers a caller can need; all others are dropped.
const KEPT_HEADERS: [HeaderName; 4] = [CACHE_CONTROL, CONTENT_TYPE, DATE, RETRY_AFTER];

/// The only way out to the network. Cheap to clone; all clones share connections and bounds.
#[derive(Clone, Debug)]
pub struct Fetcher(Arc<Out>);

#[derive(Debug)]
struct Out {
    guard: Arc<Guard>,
    checked: Ways,
    /// Present with the development switch only, and apart from `checked` because its resolver is narrower.
    loopback: Option<Ways>,
    /// The way through a proxy, instead of `checked`.
    tunnel: Option<Tunnel>,
    places: Places,
    breakers: Breakers,
    name_servers: NameServers,
    total_timeout: Duration,
    /// Where connections are driven, whoever asks: a kept one is used by others next. `None` where a fetcher was made
    /// outside of any runtime.
    home: Option<Handle>,
}

/// The way out on somebody's behalf.
#[derive(Clone, Debug)]
pub struct Errand {
    out: Arc<Out>,
    payer: Payer,
}

/// One way out, on connections that are kept and on new ones.
#[derive(Clone, Debug)]
struct Ways {
    kept: reqwest::Client,
    /// For the second try: another kept connection may be as dead as the first.
    new: reqwest::Client,
}

impl Fetcher {
    /// A fetcher that resolves names as the operating system does.
    ///
    /// # Errors
    /// When the CA file cannot be used.
    pub fn new(policy: &FetchPolicy) -> Result<Self, FetcherError> {
        Self::with_resolver(policy, &(Arc::new(SystemResolver) as Arc<dyn Resolver>))
    }

    /// A fetcher that asks `resolver` for addresses; its answers are judged like any others.
    ///
    /// # Errors
    /// When the CA file cannot be used.
    pub fn with_resolver(policy: &FetchPolicy, resolver: &Arc<dyn Resolver>) -> Result<Self, FetcherError> {
        let guard = Arc::new(Guard::new(policy));
        let tls = tls_config(policy)?;
        let client = |reach| {
            let one = |idle| {
                let resolver = GuardedResolver { guard: guard.clone(), reach, resolver: resolver.clone() };
                http_client(policy, tls.clone(), resolver, reach, idle)
            };
            Ok::<_, FetcherError>(Ways { kept: one(MOST_IDLE)?, new: one(0)? })
        };
        let tunnel = policy.proxy.clone().map(|proxy| Tunnel {
            proxy,
            tls: Arc::new(tls.clone()),
            resolver: GuardedResolver {
                guard: guard.clone(),
                reach: Reach::Checked,
                resolver: resolver.clone(),
            },
            connect_timeout: policy.connect_timeout,
        });
        let loopback = policy.allow_loopback_http.then(|| client(Reach::LoopbackOnly)).transpose()?;
        Ok(Self(Arc::new(Out {
            checked: client(Reach::Checked)?,
            loopback,
            guard,
            tunnel,
            places: Places::new(shares(policy), policy.patience),
            breakers: Breakers::new(policy),
            name_servers: NameServers::new(policy.name_servers.clone()),
            total_timeout: policy.total_timeout,
            home: Handle::try_current().ok(),
        })))
    }

    /// The way out on behalf of an organization, in its own places.
    #[must_use]
    pub fn for_tenant(&self, tenant: Tenant) -> Errand {
        Errand { out: self.0.clone(), payer: Payer::Organization(tenant) }
    }

    /// The way out on behalf of whoever runs this server.
    #[must_use]
    pub fn for_operator(&self) -> Errand {
        Errand { out: self.0.clone(), payer: Payer::Operator }
    }

    /// Whether `url` could be fetched as far as it can be told without resolving a name: for refusing a setting
    /// when it is made instead of when it is used.
    ///
    /// # Errors
    /// The same as [`Fetcher::send`] gives for scheme, user info, fragment, port and address literals.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        self.0.guard.reach(url).map(|_| ())
    }
}

impl Errand {
    /// Sends `request` and reads the whole answer. Connections are kept and used again.
    ///
    /// # Errors
    /// When a rule refuses the URL or an address, when the answer is a redirect or too long, when time is up, or
    /// when the exchange fails. [`FetchError::Busy`] when no place became free, [`FetchError::Resting`] when the host has
    /// not answered for a while. A status of 4xx or 5xx is an answer, not an error.
    pub async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let outcome = self.at_home(request).await;
        match &outcome {
            Err(FetchError::Address { host, address, kind }) => {
                tracing::warn!(host, %address, kind, "a request was not sent, because its address may not be reached");
            }
            Err(error) if error.is_silence() => tracing::info!(%error, "a request got no answer"),
            _ => {}
        }
        let word = outcome.as_ref().err().map_or("answered", FetchError::code);
        metrics::counter!("vestibule_outbound_requests_total", "outcome" => word).increment(1);
        outcome
    }

    /// The texts at a name of DNS, in a place of whoever asks.
    ///
    /// # Errors
    /// Why nobody knows them. Whoever finds no place is told that nobody answered.
    pub async fn texts(&self, name: &str, entropy: &dyn Entropy) -> Looked {
        let Ok(_place) = self.out.places.take(self.payer).await else { return Err(Unanswered::Silent) };
        let looked = self.out.name_servers.texts(name, entropy).await;
        let word = looked.as_ref().err().map_or("answered", |why| why.as_str());
        metrics::counter!("vestibule_dns_questions_total", "outcome" => word).increment(1);
        looked
    }

    async fn at_home(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        match &self.out.home {
            Some(home) if home.id() != Handle::current().id() => {
                let (errand, mut task) = (self.clone(), JoinSet::new());
                task.spawn_on(async move { errand.admitted(request).await }.in_current_span(), home);
                // It ends early only with the runtime, and then nobody waits.
                match task.join_next().await {
                    Some(Ok(outcome)) => outcome,
                    _ => Err(FetchError::Busy),
                }
            }
            _ => self.admitted(request).await,
        }
    }

    /// Waits for a place, and lets no request go to a host that is left alone.
    async fn admitted(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let out = &self.out;
        let ways = out.ways(&request.url)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let port = request.url.port_or_known_default().unwrap_or_default();
        let way = Way { payer: self.payer, authority: format!("{host}:{port}") };
        let resting = |Resting { seconds }| FetchError::Resting { host: host.clone(), seconds };
        out.breakers.check(&way, Instant::now()).map_err(resting)?;
        let busy = |Crowded| FetchError::Busy;
        let _place = out.places.take(self.payer).await.map_err(busy)?;
        // Others have found out while this one waited.
        let passage = out.breakers.pass(way, Instant::now()).map_err(resting)?;
        let exchange = tokio::time::timeout(out.total_timeout, out.tried(ways, request, &host)).await;
        let outcome = exchange
            .unwrap_or_else(|_| Err(FetchError::Timeout { host: host.clone(), after: out.total_timeout }));
        if outcome.as_ref().is_err_and(FetchError::is_silence) {
            passage.failed(Instant::now());
        } else {
            passage.answered();
        }
        outcome
    }
}

impl Out {
    /// One exchange, and where something is only read (RFC 9110 section 9.2.2) one more if it came to nothing that lasts: a
    /// balancer that changes its servers fails for a moment. Both have the time of one.
    async fn tried(
        &self,
        ways: &Ways,
        request: FetchRequest,
        host: &str,
    ) -> Result<FetchResponse, FetchError> {
        let again = (request.method == Method::GET).then(|| request.clone());
        let first = self.exchange(ways, request, host).await;
        match again {
            Some(request) if first.as_ref().is_ok_and(may_pass) => {
                tokio::time::sleep(PAUSE).await;
                self.exchange(ways, request, host).await
            }
            _ => first,
        }
    }

    async fn exchange(
        &self,
        ways: &Ways,
        request: FetchRequest,
        host: &str,
    ) -> Result<FetchResponse, FetchError> {
        if let Some(tunnel) = &self.tunnel
            && self.guard.reach(&request.url)? == Reach::Checked
        {
            let answer = tunnel.exchange(&request, host).await?;
            if answer.status.is_redirection() {
                return Err(redirected(answer.status, &answer.headers, &request.url, host));
            }
            return Ok(FetchResponse {
                status: answer.status,
                headers: kept(&answer.headers),
                body: answer.body,
            });
        }
        let limit = request.limit_bytes;
        let broken = |error: &reqwest::Error| FetchError::from_client(error, host, self.total_timeout);
        let response = match sent(&ways.kept, &request).await {
            // Load balancers forget idle connections without a word, and only the next request learns of it. It was not
            // looked at then, so it is sent again, whatever it asks for: once, and on a connection of its own.
            Err(error) if FetchError::ended_early(&error) => sent(&ways.new, &request).await,
            first => first,
        };
        let response = response.map_err(|error| broken(&error))?;
        if response.status().is_redirection() {
            return Err(redirected(response.status(), response.headers(), response.url(), host));
        }
        let too_large = || FetchError::TooLarge { host: host.to_owned(), limit };
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        read(response, limit).await.map_err(|error| error.map_or_else(too_large, |error| broken(&error)))
    }

    fn ways(&self, url: &Url) -> Result<&Ways, FetchError> {
        match (self.guard.reach(url)?, &self.loopback) {
            (Reach::LoopbackOnly, Some(loopback)) => Ok(loopback),
            (Reach::LoopbackOnly, None) => Err(FetchError::Scheme { found: url.scheme().to_owned() }),
            (Reach::Checked, _) => Ok(&self.checked),
        }
    }
}

/// Whether an answer may be another one in a moment. A connection that broke was replaced already, and one that was refused says
/// so at once: whoever waits hears of both.
fn may_pass(answer: &FetchResponse) -> bool {
    matches!(answer.status.as_u16(), 502..=504) && !answer.headers.contains_key(RETRY_AFTER)
}

const fn shares(policy: &FetchPolicy) -> Shares {
    Shares {
        all: policy.max_concurrent,
        of_project: policy.max_of_project,
        of_organization: policy.max_of_organization,
    }
}

async fn sent(client: &reqwest::Client, request: &FetchRequest) -> Result<reqwest::Response, reqwest::Error> {
    client
        .request(request.method.clone(), request.url.clone())
        .headers(request.headers.clone())
        .body(request.body.clone())
        .send()
        .await
}

/// Reads the body piece by piece; `Err(None)` when it passes `limit`.
async fn read(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<FetchResponse, Option<reqwest::Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Some)? {
        if chunk.len() > limit - body.len() {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(FetchResponse { status: response.status(), headers: kept(response.headers()), body })
}

fn kept(given: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in KEPT_HEADERS {
        if let Some(value) = given.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers
}

fn redirected(status: StatusCode, headers: &HeaderMap, from: &Url, host: &str) -> FetchError {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    let origin = target.map(|url| url.origin()).filter(url::Origin::is_tuple);
    FetchError::Redirected {
        host: host.to_owned(),
        status: status.as_u16(),
        to: origin.map(|origin| origin.ascii_serialization()),
    }
}
