//! `vestibule serve`: puts the parts together and serves until told to stop.

use std::io;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::cli::open::{open, open_vault};
use crate::cli::post::post;
use crate::cli::{CliError, ConfigArgs, certificates, out, variables};
use crate::http::listen::{ListenOptions, serve};
use crate::http::tls::ServedCertificate;
use crate::jobs::Kept;
use crate::jobs::certificate_expiry::Reminders;
use crate::world::clock::Clock;
use crate::world::config::{self, Config};
use crate::world::entropy::{SystemEntropy, warm_up};
use crate::world::fetch::Fetcher;
use crate::world::limits::{MessageLimits, RateLimits};
use crate::world::shutdown::Shutdown;
use crate::world::telemetry::{Metrics, start_logs};
use crate::world::{App, Mode, Parts};
use crate::{jobs, routes};

/// Open files that are no connection of a client: the store's, the way out, logs.
const OTHER_FILES: usize = 256;

/// Serves with the settings of a production server.
///
/// # Errors
/// Settings that make no sense, a store that cannot be opened, a port that is taken.
pub(crate) async fn run(arguments: ConfigArgs) -> Result<(), CliError> {
    let settings = arguments.load()?;
    let misspelt = variables::misspelt();
    // Without one that is misspelt the settings may be refused, before there is a log.
    let config = Config::resolve(&settings).inspect_err(|_| misspelt.iter().for_each(out::remark))?;
    let _logs = start_logs(&config.log).map_err(refused)?;
    variables::warn(&misspelt);
    let clock = Clock::System;
    let entropy = Arc::new(SystemEntropy);
    let store = open(&config.store.database).await?;
    let vault = open_vault(&store, &config.store, entropy.as_ref(), clock.now()).await?;
    let fetcher = Fetcher::new(&config.outbound).map_err(refused)?;
    let post = post(&config, &fetcher).map_err(refused)?;
    let app = App::new(Parts {
        store,
        vault,
        fetcher,
        clock,
        entropy,
        base_url: origin(&config),
        support_contact: config.support_contact.clone(),
        mode: Mode::Production,
        trusted_proxies: config.trusted_proxies.clone(),
        limits: limits(&config),
        post,
    });
    let shutdown = app.shutdown.clone();
    shutdown.on_signals(config.limits.lame_duck).map_err(refused)?;
    let certificate = certificate(&config)?;
    certificates::watch(certificate.clone(), app.clone(), config.base_url.clone()).map_err(refused)?;
    if let Some(address) = config.metrics_listen {
        let router = Metrics::start().map_err(refused)?.router().merge(routes::health(app.clone()));
        let listener = bind(address, "metrics.listen").await?;
        tokio::spawn(serve(listener, router, ListenOptions::default(), shutdown.clone()));
    }
    let reminders = if config.reminders { Reminders::Mailed } else { Reminders::Off };
    let kept = Kept { history: config.retention, session_keys: config.session_key_age, reminders };
    let listener = bind(config.listen, "listen").await?;
    tracing::info!(listen = %config.listen, base_url = %app.base_url, "serving");
    serve_app(
        listener,
        app.clone(),
        routes::router(app),
        options(&config, certificate.as_ref())?,
        kept,
        shutdown,
    )
    .await
}

/// Serves an application and its jobs until told to stop.
///
/// # Errors
/// The listener's.
pub(crate) async fn serve_app(
    listener: TcpListener,
    app: Arc<App>,
    router: Router,
    mut options: ListenOptions,
    kept: Kept,
    shutdown: Shutdown,
) -> Result<(), CliError> {
    options.max_connections = options.max_connections.min(open_files());
    tokio::spawn(jobs::run(app, kept, shutdown.clone()));
    tokio::task::spawn_blocking(warm_up);
    serve(listener, router, options, shutdown).await.map_err(refused)?;
    tracing::info!("stopped");
    Ok(())
}

fn limits(config: &Config) -> RateLimits {
    let limits = &config.limits;
    let messages = MessageLimits {
        to_address_per_hour: limits.messages_per_address,
        of_project_per_minute: limits.messages_per_project,
        texts_of_project_per_hour: limits.sms_per_project_and_hour,
    };
    RateLimits::new(limits.browser_per_minute, limits.api_failures_per_minute)
        .with_messages(messages)
        .with_codes(limits.codes_per_minute)
        .with_api(limits.api)
}

/// What is shown to clients, when TLS is served here.
fn certificate(config: &Config) -> Result<Option<Arc<ServedCertificate>>, CliError> {
    let load = |files: &config::TlsFiles| ServedCertificate::load(&files.certificate, &files.key);
    config.tls.as_ref().map(load).transpose().map_err(refused)
}

fn options(config: &Config, certificate: Option<&Arc<ServedCertificate>>) -> Result<ListenOptions, CliError> {
    let tls = certificate.map(ServedCertificate::config).transpose();
    Ok(ListenOptions {
        tls: tls.map_err(refused)?,
        max_connections: config.limits.max_connections,
        max_connections_per_client: config.limits.max_connections_per_client,
        trusted_proxies: config.trusted_proxies.clone(),
        drain_timeout: config.limits.drain,
        ..ListenOptions::default()
    })
}

/// Raises the bound on open files to what the system lets us have, and says how many of them connections may use.
fn open_files() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the bound on open files could not be raised");
    }
    let most = getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    most.saturating_sub(OTHER_FILES).max(1)
}

/// The public origin without a path: `Url` prints one with a final slash.
fn origin(config: &Config) -> String {
    config.base_url.origin().ascii_serialization()
}

/// Binds a listener, saying which setting to change when it cannot.
///
/// # Errors
/// The address and the setting.
pub(crate) async fn bind(address: std::net::SocketAddr, key: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error: io::Error| {
        CliError::Refused(format!(
            "cannot listen on {address} ({error}); change {} or stop what uses it",
            config::flag(key)
        ))
    })
}

/// A refusal in the words of its cause.
pub(crate) fn refused(error: impl std::fmt::Display) -> CliError {
    CliError::Refused(error.to_string())
}

/// Runs to the end and says why it could not, for the process's exit status.
pub(crate) fn report(outcome: Result<(), CliError>) -> std::process::ExitCode {
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            out::refusal(error);
            std::process::ExitCode::FAILURE
        }
    }
}
