//! Logs and metrics. Neither ever holds a token, a secret, an assertion or an address of a person.
//!
//! Logs are one JSON object per line on stdout (`serve`) or readable lines on stderr (`dev`, and the commands, whose
//! stdout is their answer). Each request runs inside the span of [`request_span`], so every line it causes
//! carries its `request_id`.
//!
//! Libraries do not know what is secret: at `debug` a database driver prints parameters, an HTTP client prints headers.
//! Whatever the configured filter says, only their warnings and errors are written ([`may_be_logged`]).

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics::Unit;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use vestibule_store::Figures;

use crate::world::config::{Log, LogFormat, LogTarget};
use crate::world::log_lines::{self, Lines};

pub use crate::world::log_lines::Logs;

/// The names of all metrics, so that a dashboard has one place to look them up; labels stand in the comments.
pub(crate) mod metric {
    /// Counter. `route` (the pattern, never the path), `method`, `status`.
    pub(crate) const HTTP_REQUESTS: &str = "vestibule_http_requests_total";
    /// Histogram in seconds. `route`.
    pub(crate) const HTTP_SECONDS: &str = "vestibule_http_request_seconds";
    /// Counter. `protocol` (`none` where no connection was found), `outcome` (`accepted`, `tested` or `refused`),
    /// `reason` (the name of the refusal, or `none`).
    pub(crate) const SIGN_INS: &str = "vestibule_sign_ins_total";
    /// Counter. `outcome` (`answered` or the code of the fetch error).
    pub(crate) const OUTBOUND_REQUESTS: &str = "vestibule_outbound_requests_total";
    /// Counter: connections that were closed at once, because their client has as many as it may.
    pub(crate) const CONNECTIONS_REFUSED: &str = "vestibule_connections_refused_total";
    /// Counter. `limit`: which rate limit refused.
    pub(crate) const RATE_LIMITED: &str = "vestibule_rate_limited_total";
    /// Events that clients of the frontend API told of themselves.
    pub(crate) const FRONTEND_EVENTS: &str = "vestibule_frontend_events_total";
    /// Counter. `algorithm` (`sha1`, `inclusive_c14n`), `action`: a legacy switch was turned on or off.
    pub(crate) const SAML_LEGACY_SWITCHES: &str = "vestibule_saml_legacy_switches_total";
    /// Counter. `algorithm`: a sign-in was accepted while the switch was on.
    pub(crate) const SAML_LEGACY_SIGN_INS: &str = "vestibule_saml_legacy_sign_ins_total";
    /// Counter. Client assertions that the project's key signed, because the connection did so before it had its own.
    pub(crate) const FORMER_CLIENT_ASSERTIONS: &str = "vestibule_former_client_assertions_total";
    /// Counter. `outcome` (`changed`, `unchanged`, `failed`).
    pub(crate) const SAML_METADATA_REFRESHES: &str = "vestibule_saml_metadata_refreshes_total";
    /// Gauge. Rows of the store that could not be read since the start; each is in the log with table and id.
    pub(crate) const UNREADABLE_ROWS: &str = "vestibule_unreadable_rows";
    /// Gauge, always 1. `version`.
    pub(crate) const BUILD: &str = "vestibule_build_info";
    /// Gauge. Bytes of the embedded database's file.
    pub(crate) const DATABASE_BYTES: &str = "vestibule_database_bytes";
    /// Gauge. Bytes of its write-ahead log.
    pub(crate) const DATABASE_LOG_BYTES: &str = "vestibule_database_log_bytes";
    /// Gauge. `state` (`open`, `idle`, `most`, and `waiting`: who waits for one): connections to PostgreSQL that write.
    pub(crate) const DATABASE_CONNECTIONS: &str = "vestibule_database_connections";
    /// Gauge. 1 while the store can be written and read, as of the last time that somebody asked.
    pub(crate) const READY: &str = "vestibule_ready";
    /// Gauge. Bytes of memory that are in use.
    pub(crate) const RESIDENT_BYTES: &str = "process_resident_memory_bytes";
    /// Gauge. Open files and sockets.
    pub(crate) const OPEN_FILES: &str = "process_open_fds";
    /// Gauge. How many there may be.
    pub(crate) const MOST_OPEN_FILES: &str = "process_max_fds";
    /// Gauge. Log lines that could not be written since the start.
    pub(crate) const LOG_LINES_LOST: &str = "vestibule_log_lines_lost";
    /// Gauge. Days until the certificate that the server shows ends.
    pub(crate) const TLS_DAYS_LEFT: &str = "vestibule_tls_certificate_days_left";
    /// Counter. `channel` (`email`, `sms`), `outcome` (`delivered`, `put_off`, `given_up`): tries to deliver a message.
    pub(crate) const MESSAGES: &str = "vestibule_messages_total";
    /// Gauge. `state` (`waiting`, `dead`, `kept`): messages in the outbox.
    pub(crate) const OUTBOX: &str = "vestibule_outbox_messages";
    /// Gauge. Seconds since the oldest message was asked for that still waits.
    pub(crate) const OUTBOX_OLDEST: &str = "vestibule_outbox_oldest_seconds";
    /// Counter. `days` before the certificate ends.
    pub(crate) const SAML_CERTIFICATE_WARNINGS: &str = "vestibule_saml_certificate_expiry_warnings_total";
}

/// Buckets in seconds: a look-up takes microseconds, a sign-in waits for an identity provider.
const SECONDS_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log level is not a filter.
    #[error(
        "`log.level` is \"{found}\": expected error, warn, info, debug, trace or a filter such as info,hyper=warn: {reason}"
    )]
    Level {
        /// The value as configured.
        found: String,
        /// What the parser said.
        reason: String,
    },
    /// There is no place to write lines to.
    #[error("logs cannot be written: {0}")]
    Place(io::Error),
    /// Logging or metrics were set up before in this process.
    #[error("logs or metrics were already set up in this process: {0}")]
    Again(String),
}

/// Starts logging for the whole process. Lines are written as long as what is returned lives, and for a moment after.
///
/// # Errors
/// When the level is not a filter, or logging was started before.
pub fn start_logs(log: &Log) -> Result<Logs, TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(&log.level)
        .map_err(|error| TelemetryError::Level { found: log.level.clone(), reason: error.to_string() })?;
    let (lines, logs) = match log.target {
        LogTarget::Stdout => Lines::to(&io::stdout()),
        LogTarget::Stderr => Lines::to(&io::stderr()),
    }
    .map_err(TelemetryError::Place)?;
    let colours = match log.target {
        LogTarget::Stdout => io::stdout().is_terminal(),
        LogTarget::Stderr => io::stderr().is_terminal(),
    };
    let filter = filter.and(filter_fn(may_be_logged));
    let layer = tracing_subscriber::fmt::layer().with_ansi(colours).log_internal_errors(false);
    let layer = layer.with_writer(move || lines.clone());
    let layer = match log.format {
        LogFormat::Json => {
            layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        LogFormat::Pretty => layer.with_target(false).compact().boxed(),
    };
    let started = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    started.map_err(|error| TelemetryError::Again(error.to_string()))?;
    Ok(logs)
}

/// Tells the metrics how the process is, where the system says so.
fn tell_process() {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|pages| pages.split(' ').nth(1)?.parse::<u64>().ok());
    if let Some(resident) = resident {
        let bytes = resident * rustix::param::page_size() as u64;
        metrics::gauge!(metric::RESIDENT_BYTES).set(bytes as f64);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        metrics::gauge!(metric::OPEN_FILES).set(files.count() as f64);
    }
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    metrics::gauge!(metric::MOST_OPEN_FILES).set(most.map_or(f64::INFINITY, |most| most as f64));
}

/// Tells the metrics how the database is.
pub(crate) fn tell_database(figures: &Figures) {
    if let Some((bytes, log)) = figures.file {
        metrics::gauge!(metric::DATABASE_BYTES).set(bytes as f64);
        metrics::gauge!(metric::DATABASE_LOG_BYTES).set(log as f64);
    }
    for (state, count) in &figures.connections {
        metrics::gauge!(metric::DATABASE_CONNECTIONS, "state" => *state).set(*count as f64);
    }
}

/// Tells the metrics what was lost of the logs, and whoever reads them once they can be written again.
pub(crate) fn tell_lost_lines() {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    let lost = log_lines::lost();
    metrics::gauge!(metric::LOG_LINES_LOST).set(lost as f64);
    if TOLD.swap(lost, Ordering::Relaxed) < lost {
        tracing::warn!(lost, "lines of this log were lost, because they could not be written in time");
    }
}

/// Whether a line or a span may be written, if the configured filter wants it: everything of this program, and of what it
/// is built from warnings and errors alone.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    let is_ours = root == "vestibule" || root.starts_with("vestibule_");
    is_ours || *metadata.level() <= Level::WARN
}

/// The span of one request. `route` is the pattern, so that no id or token of a path reaches the logs.
#[must_use]
pub(crate) fn request_span(request_id: &str, method: &http::Method, route: &str) -> tracing::Span {
    tracing::info_span!("request", request_id, %method, route)
}

/// Whether somebody collects metrics. The recorder is global to the process, and so is the question; asking here
/// keeps label strings from being made for nobody.
static COLLECTING: AtomicBool = AtomicBool::new(false);

/// The time one request takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "elapsed time is measured here, never decided upon")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Whole milliseconds since the start.
    pub(crate) fn millis(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts an answered request. `route` is the pattern, so that labels stay few and hold no ids.
    pub(crate) fn answered(self, method: &http::Method, route: &str, status: http::StatusCode) {
        let elapsed = self.0.elapsed();
        tracing::debug!(status = status.as_u16(), micros = elapsed.as_micros() as u64, "answered");
        if !COLLECTING.load(Ordering::Relaxed) {
            return;
        }
        // Methods and statuses are few; an unknown method is not worth a label of its own.
        let method = if is_common(method) { method.to_string() } else { "other".to_owned() };
        let status = status.as_str().to_owned();
        metrics::counter!(metric::HTTP_REQUESTS, "route" => route.to_owned(), "method" => method, "status" => status)
            .increment(1);
        metrics::histogram!(metric::HTTP_SECONDS, "route" => route.to_owned()).record(elapsed.as_secs_f64());
    }
}

fn is_common(method: &http::Method) -> bool {
    use http::Method;
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS]
        .contains(method)
}

/// The metrics of this process.
#[derive(Clone, Debug)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts collecting, for the whole process. Without this the counters cost nothing and go nowhere. Must be
    /// called within a runtime: histograms are folded every few seconds by a task.
    ///
    /// # Errors
    /// When collecting was started before.
    pub(crate) fn start() -> Result<Self, TelemetryError> {
        let again = |error: BuildError| TelemetryError::Again(error.to_string());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS_BUCKETS)
            .map_err(again)?
            .install_recorder()
            .map_err(again)?;
        describe();
        metrics::gauge!(metric::BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        COLLECTING.store(true, Ordering::Relaxed);
        let folded = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                folded.run_upkeep();
                tell_process();
            }
        });
        Ok(Self(handle))
    }

    /// The router of the metrics listener: `GET /metrics` and nothing else. It never shares a listener with the
    /// API, so that it can stay inside.
    pub(crate) fn router(self) -> Router {
        Router::new().route(
            "/metrics",
            get(async move || ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], self.render())),
        )
    }

    /// All metrics in the Prometheus text format.
    #[must_use]
    pub(crate) fn render(&self) -> String {
        self.0.render()
    }
}

fn describe() {
    metrics::describe_counter!(metric::HTTP_REQUESTS, "Requests answered, by route, method and status");
    metrics::describe_histogram!(metric::HTTP_SECONDS, Unit::Seconds, "Time to answer a request, by route");
    metrics::describe_counter!(metric::SIGN_INS, "Sign-ins that ended, by protocol and outcome");
    metrics::describe_counter!(metric::OUTBOUND_REQUESTS, "Requests to identity providers, by outcome");
    metrics::describe_counter!(
        metric::CONNECTIONS_REFUSED,
        "Connections of clients that have as many as they may"
    );
    metrics::describe_counter!(metric::RATE_LIMITED, "Requests refused by a rate limit, by limit");
    metrics::describe_counter!(
        metric::SAML_LEGACY_SWITCHES,
        "Legacy switches of SAML connections turned on or off"
    );
    metrics::describe_counter!(
        metric::SAML_LEGACY_SIGN_INS,
        "Sign-ins accepted while a legacy switch was on"
    );
    metrics::describe_counter!(
        metric::FORMER_CLIENT_ASSERTIONS,
        "Client assertions signed by a project's key, as before connections had their own"
    );
    metrics::describe_counter!(metric::SAML_METADATA_REFRESHES, "Metadata read again, by outcome");
    metrics::describe_gauge!(metric::UNREADABLE_ROWS, "Stored rows that could not be read since the start");
    metrics::describe_gauge!(metric::BUILD, "The version that runs");
    metrics::describe_gauge!(metric::DATABASE_BYTES, "Size of the embedded database");
    metrics::describe_gauge!(metric::DATABASE_LOG_BYTES, "Size of its write-ahead log");
    metrics::describe_gauge!(metric::DATABASE_CONNECTIONS, "Connections to PostgreSQL that write, by state");
    metrics::describe_gauge!(metric::READY, "Whether the store can be written and read");
    metrics::describe_gauge!(metric::RESIDENT_BYTES, "Memory in use");
    metrics::describe_gauge!(metric::OPEN_FILES, "Open files and sockets");
    metrics::describe_gauge!(metric::MOST_OPEN_FILES, "Files and sockets that may be open");
    metrics::describe_gauge!(metric::LOG_LINES_LOST, "Log lines that could not be written since the start");
    metrics::describe_counter!(metric::MESSAGES, "Tries to deliver a message, by channel and outcome");
    metrics::describe_gauge!(metric::OUTBOX, "Messages in the outbox, by state");
    metrics::describe_gauge!(metric::OUTBOX_OLDEST, "Age of the oldest message that waits");
    metrics::describe_gauge!(metric::TLS_DAYS_LEFT, "Days until the certificate that the server shows ends");
    metrics::describe_counter!(
        metric::SAML_CERTIFICATE_WARNINGS,
        "Warnings before a certificate ends, by days"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_counted_is_rendered() {
        let metrics = Metrics::start().unwrap();
        metrics::counter!(metric::SIGN_INS, "protocol" => "oidc", "outcome" => "signed_in").increment(2);
        metrics::histogram!(metric::HTTP_SECONDS, "route" => "/healthz").record(0.002);
        let watch = Stopwatch::start();
        watch.answered(&http::Method::GET, "/v1/b2b/organizations/{id}", http::StatusCode::OK);
        watch.answered(&"MADEUP".parse().unwrap(), "unmatched", http::StatusCode::NOT_FOUND);
        let text = metrics.render();
        for labels in [
            "route=\"/v1/b2b/organizations/{id}\",method=\"GET\",status=\"200\"",
            "route=\"unmatched\",method=\"other\",status=\"404\"",
        ] {
            assert!(text.contains(&format!("vestibule_http_requests_total{{{labels}}} 1")), "{text}");
        }
        assert!(
            text.contains("vestibule_sign_ins_total{protocol=\"oidc\",outcome=\"signed_in\"} 2"),
            "{text}"
        );
        assert!(
            text.contains("vestibule_http_request_seconds_bucket{route=\"/healthz\",le=\"0.0025\"} 1"),
            "{text}"
        );
        assert!(matches!(Metrics::start(), Err(TelemetryError::Again(_))));
    }

    #[test]
    fn a_wrong_level_is_named() {
        let log = Log { level: "info,=".to_owned(), format: LogFormat::Json, target: LogTarget::Stdout };
        let error = start_logs(&log).unwrap_err().to_string();
        assert!(error.contains("`log.level` is \"info,=\""), "{error}");
    }
}
