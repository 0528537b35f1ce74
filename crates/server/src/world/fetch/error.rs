//! What can go wrong on the way out, in words an administrator may read.
//!
//! No message ever holds a byte of a response body, a header value or a query string: an error text must not
//! become a way to read an internal service.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use super::guard::Refusal;
use super::resolve::Unresolved;
use crate::failure::Failure;

/// What those are told whose request found no place.
const BUSY: &str = "This server has as many requests to the identity providers of the organization under way as it may \
                    have at once.";

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not https.
    #[error("the URL uses {found}; only https is fetched")]
    Scheme {
        /// The scheme of the URL.
        found: String,
    },
    /// `https://user:password@host/`.
    #[error("the URL contains a user name or password; remove the part before the @")]
    Credentials,
    /// `https://host/#fragment`.
    #[error("the URL contains a fragment; remove the # and what follows it")]
    Fragment,
    /// No host at all, as in `data:`.
    #[error("the URL has no host")]
    NoHost,
    /// A port outside the policy.
    #[error("the URL uses port {found}; allowed are {}. Add it to `outbound.allowed_ports` if this is intended", list(.allowed))]
    Port {
        /// The port of the URL.
        found: u16,
        /// The ports of the policy.
        allowed: Vec<u16>,
    },
    /// The host is, or resolves to, an address that may not be reached.
    #[error(
        "{host} is at {address}, which is {kind}. Add its network to `outbound.allowed_networks` if this is intended"
    )]
    Address {
        /// The host of the URL.
        host: String,
        /// The address that was refused.
        address: IpAddr,
        /// What kind of address it is, with its article.
        kind: &'static str,
    },
    /// The name does not resolve.
    #[error("the name {host} could not be resolved: {reason}")]
    Resolve {
        /// The host of the URL.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection, or the TLS handshake failed.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// The innermost cause.
        reason: String,
        /// The reason is in words of the operating system, which are for the log.
        by_system: bool,
    },
    /// The whole exchange took too long.
    #[error("{host} did not finish its answer within {} s", .after.as_secs_f32())]
    Timeout {
        /// The host of the URL.
        host: String,
        /// The deadline.
        after: Duration,
    },
    /// The answer is a redirect, which is never followed.
    #[error("{host} answered {status}, a redirect{}; configure the final URL, redirects are not followed", towards(.to.as_deref()))]
    Redirected {
        /// The host of the URL.
        host: String,
        /// The 3xx status.
        status: u16,
        /// The origin it points to, when it could be read. Never path or query.
        to: Option<String>,
    },
    /// The body is larger than the caller asked for.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge {
        /// The host of the URL.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The exchange broke off, or the answer is not HTTP.
    #[error("the exchange with {host} failed: {reason}")]
    Broken {
        /// The host of the URL.
        host: String,
        /// The innermost cause.
        reason: String,
        /// The reason is in words of the operating system, which are for the log.
        by_system: bool,
    },
    /// Nothing was sent: no place became free.
    #[error(
        "this server has as many requests to identity providers of the organization under way as it may have at once"
    )]
    Busy,
    /// Nothing was sent: the host is left alone for a while.
    #[error("{host} did not answer several times in a row; it is asked again in {seconds} s")]
    Resting {
        /// The host of the URL.
        host: String,
        /// Until it is asked again.
        seconds: u64,
    },
}

impl FetchError {
    /// What it means to the one who waited for the answer. That we are busy is our own trouble; all else is told as
    /// `otherwise` has it.
    pub(crate) fn failure(&self, otherwise: impl FnOnce(String) -> Failure) -> Failure {
        match self {
            Self::Busy => Failure::Busy(BUSY),
            other => otherwise(other.told()),
        }
    }

    /// Whether the other side did not answer in time.
    pub(crate) const fn is_late(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }

    /// Whether the other side could not be reached or did not finish its answer.
    pub(super) const fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::Resolve { .. } | Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. }
        )
    }

    /// The same for tenants and browsers: without the address that a name leads to inside the operator's networks, and
    /// without the words of the operating system. Both go to the log.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Address { host, kind, .. } => format!(
                "{host} leads to {kind}, where this server does not connect; its operator finds the address in the log \
                 and can allow its network (`outbound.allowed_networks`)"
            ),
            Self::Resolve { host, .. } => format!("the name {host} could not be resolved"),
            Self::Connect { host, by_system: true, .. } => format!("{host} does not answer"),
            Self::Broken { host, by_system: true, .. } => format!("{host} does not answer to the end"),
            other => other.to_string(),
        }
    }

    /// Whether the other side ended the connection before anything of an answer came.
    pub(super) fn ended_early(error: &reqwest::Error) -> bool {
        let reset = |error: &std::io::Error| {
            use std::io::ErrorKind::{
                BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof,
            };
            matches!(
                error.kind(),
                ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected | UnexpectedEof
            )
        };
        let early = causes(error).any(|cause| {
            cause.downcast_ref::<std::io::Error>().is_some_and(reset)
                || cause.downcast_ref::<hyper::Error>().is_some_and(|error| {
                    error.is_incomplete_message() || error.is_canceled() || error.is_closed()
                })
        });
        early && !error.is_connect() && !error.is_timeout()
    }

    /// A stable word for logs and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Scheme { .. } => "scheme",
            Self::Credentials => "credentials",
            Self::Fragment => "fragment",
            Self::NoHost => "no_host",
            Self::Port { .. } => "port",
            Self::Address { .. } => "address",
            Self::Resolve { .. } => "resolve",
            Self::Connect { .. } => "connect",
            Self::Timeout { .. } => "timeout",
            Self::Redirected { .. } => "redirected",
            Self::TooLarge { .. } => "too_large",
            Self::Broken { .. } => "broken",
            Self::Busy => "busy",
            Self::Resting { .. } => "resting",
        }
    }

    /// Reads a client error by its causes; the text of the client itself is dropped, it may hold the URL.
    pub(super) fn from_client(error: &reqwest::Error, host: &str, after: Duration) -> Self {
        let host = host.to_owned();
        if let Some(refusal) = cause::<Refusal>(error) {
            return refusal.clone().into();
        }
        if let Some(unresolved) = cause::<Unresolved>(error) {
            return Self::Resolve { host, reason: unresolved.to_string() };
        }
        if error.is_timeout() && !error.is_connect() {
            return Self::Timeout { host, after };
        }
        let (reason, by_system) = (innermost(error), is_of_system(error));
        if error.is_connect() {
            return Self::Connect { host, reason, by_system };
        }
        Self::Broken { host, reason, by_system }
    }
}

impl From<Refusal> for FetchError {
    fn from(Refusal { host, address, kind }: Refusal) -> Self {
        Self::Address { host, address, kind }
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).find_map(|error| error.downcast_ref())
}

fn is_of_system(error: &(dyn Error + 'static)) -> bool {
    causes(error)
        .any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.raw_os_error().is_some()))
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).skip(1).last().map_or_else(|| "unknown reason".to_owned(), ToString::to_string)
}

fn list(ports: &[u16]) -> String {
    let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
    if ports.is_empty() { "none".to_owned() } else { ports.join(", ") }
}

fn towards(to: Option<&str>) -> String {
    to.map(|origin| format!(" to {origin}")).unwrap_or_default()
}
