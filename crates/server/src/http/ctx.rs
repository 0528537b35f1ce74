//! What is known about a request before anybody looks at it: its id, the time, who sent it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use tracing::Instrument as _;
use vestibule_domain::id::{Environment, RequestId};
use vestibule_domain::session::Origin;
use vestibule_domain::time::Time;

use crate::http::accept::is_read_by_person;
use crate::http::chosen_language;
use crate::http::forwarded::{Peer, client_ip};
use crate::http::framing;
use crate::http::languages::Language;
use crate::world::App;
use crate::world::limits::Allowance;
use crate::world::telemetry::{Stopwatch, request_span};

/// One request's own facts. Cheap to clone: everybody who looks at a request takes a copy.
#[derive(Clone, Debug)]
pub struct Ctx(Arc<Facts>);

/// What they are.
#[derive(Debug)]
pub struct Facts {
    /// The request's id, in every answer and log line.
    pub request_id: RequestId,
    /// The time of the request: read once.
    pub now: Time,
    /// The client's address.
    pub ip: IpAddr,
    /// By which name of ours the client came, as it says: host and port.
    pub host: String,
    /// The client's own words, at most 512 bytes of them.
    pub user_agent: String,
    /// Whether a person reads the answer, so that a refusal is a page.
    pub is_read_by_person: bool,
    /// The language of pages: the one that was chosen, else the one that the browser likes best.
    pub language: Language,
    /// The language that somebody chose on a page.
    pub chosen_language: Option<Language>,
    /// The members of its body that nobody knows, in `vestibule dev` only: the answer tells them.
    pub unknown: OnceLock<Vec<String>>,
    /// How much more may be asked for, once that was counted.
    pub allowance: OnceLock<Allowance>,
    /// Whether a page asks that belongs to the application that is answered, once that is known.
    pub is_asked_by_own_page: OnceLock<()>,
    /// The one origin whose pages may have the answer in a frame, once that is known. Otherwise nobody's may.
    pub framed_by: OnceLock<String>,
}

impl From<Facts> for Ctx {
    fn from(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }
}

impl Deref for Ctx {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl Ctx {
    /// What an answer says of a body with members that nobody knows. They are tolerated, because clients are older and newer
    /// than this server; whoever writes one wants to hear of a typing error.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let names = self.unknown.get().into_iter().flatten();
        names.map(|name| format!("{name} is not known here and was ignored.")).collect()
    }

    /// The language of a page that somebody else has a wish for: what the reader chose goes before the wish, and the wish before the
    /// browser's. `""` is no wish.
    #[must_use]
    pub(crate) fn language_or(&self, wish: &str) -> Language {
        self.chosen_language.or_else(|| Language::of(wish)).unwrap_or(self.language)
    }

    /// Where the request came from, as a session remembers it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { user_agent: self.user_agent.clone(), ip_address: self.ip.to_string() }
    }
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // `enter` runs before every handler, so the extension is there; the fallback keeps this total.
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::unknown))
    }
}

impl Ctx {
    fn unknown() -> Self {
        struct Zeroes;
        impl vestibule_domain::entropy::Entropy for Zeroes {
            fn fill(&self, out: &mut [u8]) {
                out.fill(0);
            }
        }
        Facts {
            request_id: RequestId::generate(Environment::Test, &Zeroes),
            now: Time::default(),
            ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            host: String::new(),
            user_agent: String::new(),
            is_read_by_person: false,
            language: Language::default(),
            chosen_language: None,
            unknown: OnceLock::new(),
            allowance: OnceLock::new(),
            is_asked_by_own_page: OnceLock::new(),
            framed_by: OnceLock::new(),
        }
        .into()
    }
}

/// The outermost layer: gives the request its context, logs and counts it, and gives every answer the
/// headers that all answers have.
pub async fn enter(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let ctx = context(&app, &request);
    let watch = Stopwatch::start();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = request_span(&ctx.request_id.to_string(), &method, &route);
    request.extensions_mut().insert(ctx.clone());
    let mut response = next.run(request).instrument(span).await;
    if let Some(origin) = ctx.framed_by.get() {
        framing::let_into_frame(response.headers_mut(), origin);
    }
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    if app.is_https() {
        headers.insert(
            http::header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    watch.answered(&method, &route, response.status());
    response
}

fn context(app: &App, request: &Request) -> Ctx {
    let peer =
        request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let user_agent =
        request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let host = request.uri().authority().map(http::uri::Authority::as_str).or(named).unwrap_or_default();
    let now = app.clock.now();
    let chosen_language = chosen_language::of_request(app, request.uri(), request.headers());
    Facts {
        // With its time: the trace that it may leave is found by it, among those of that time.
        request_id: RequestId::generate_at(Environment::Test, now, app.entropy.as_ref()),
        now,
        ip: client_ip(peer, request.headers(), &app.trusted_proxies),
        host: beginning(host, 255),
        user_agent: beginning(user_agent, 512),
        is_read_by_person: is_read_by_person(request.headers()),
        language: chosen_language.unwrap_or_else(|| Language::of_request(request.headers())),
        chosen_language,
        unknown: OnceLock::new(),
        allowance: OnceLock::new(),
        is_asked_by_own_page: OnceLock::new(),
        framed_by: OnceLock::new(),
    }
    .into()
}

/// At most so many bytes of a header, which is ASCII; of what is not, nothing.
fn beginning(text: &str, most: usize) -> String {
    text.get(..most.min(text.len())).unwrap_or_default().to_owned()
}
