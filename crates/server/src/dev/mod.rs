//! `vestibule dev`: everything on one machine in one command. An embedded store, a first project, a test
//! identity provider that is already connected, and a sample application that signs in through it.

mod account;
mod admin;
mod certificates;
mod directory;
mod outbox;
mod provider;
mod saml;
mod sample;
mod sample_applications;
mod setup;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::json;
use tracing::warn;
use vestibule_testidp::TestIdp;

use crate::cli::open::make_private_directory;
use crate::cli::serve::{bind, refused, serve_app};
use crate::cli::{CliError, DevArgs, out, variables};
use crate::http::listen::ListenOptions;
use crate::jobs::Kept;
use crate::routes;
use crate::world::clock::Clock;
use crate::world::config::{DATABASE_FILE, Log, LogFormat, LogTarget, MASTER_KEY_FILE, variable};
use crate::world::entropy::SystemEntropy;
use crate::world::fetch::{FetchPolicy, Fetcher};
use crate::world::limits::RateLimits;
use crate::world::post::Post;
use crate::world::telemetry::start_logs;
use crate::world::{App, Mode, Parts};

use saml::SamlSample;
use setup::Credentials;

/// Runs the development server.
///
/// # Errors
/// A port that is taken, a data directory that cannot be used.
pub(crate) async fn run(arguments: DevArgs) -> Result<(), CliError> {
    let level = if arguments.quiet { "warn" } else { "info" };
    let log = Log { format: LogFormat::Pretty, level: level.to_owned(), target: LogTarget::Stderr };
    let _logs = start_logs(&log).map_err(refused)?;
    variables::warn(&variables::misspelt());
    if !arguments.listen.ip().is_loopback() {
        // Its provider signs in whoever asks: nobody but this machine may reach it.
        return Err(refused(
            "`vestibule dev` listens on loopback only; use `vestibule serve` to be reached by others",
        ));
    }
    make_private_directory(&arguments.data_dir)?;
    let listener = bind(arguments.listen, "listen").await?;
    let address = listener.local_addr().map_err(refused)?;
    let clock = Clock::System;
    let tls = arguments.tls.then(|| certificates::prepare(&arguments.data_dir, clock.now())).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base_url = format!("{scheme}://{address}");
    let entropy = Arc::new(SystemEntropy);
    let (store, vault) = setup::open_store(&arguments, entropy.as_ref(), clock.now()).await?;
    // The built-in provider is behind the same certificate.
    let ca_file = tls.as_ref().map(|served| served.ca_file.clone());
    let fetcher = Fetcher::new(&FetchPolicy {
        allow_loopback_http: true,
        ca_file: ca_file.clone(),
        ..FetchPolicy::default()
    });
    let app = App::new(Parts {
        store,
        vault,
        fetcher: fetcher.map_err(refused)?,
        clock,
        entropy,
        base_url,
        support_contact: "support@example.com".parse().ok(),
        mode: Mode::Development,
        trusted_proxies: Vec::new(),
        // One developer, one machine: limits would only get in the way.
        limits: RateLimits::new(0, 0),
        post: Post::Kept,
    });
    let mut credentials = setup::prepare(&app, &arguments, &provider::issuer(&app)).await?;
    sample_applications::prepare(&app, &mut credentials).await?;
    setup::keep(&arguments.data_dir, &credentials)?;
    let idp = provider::build(&app, &arguments.data_dir, &credentials)?;
    let saml = Arc::new(SamlSample::new(&app, &idp, arguments.data_dir.clone(), &credentials));
    let own = sample::router(credentials.clone(), saml.clone()).merge(outbox::router());
    let own = own.merge(directory::router(credentials.clone()));
    let router = routes::with_layers(app.clone(), own);
    let router = Router::new().nest(provider::PATH, idp.router()).merge(router);
    announce(&app, &arguments, &credentials, &idp, ca_file.as_deref())?;
    tokio::spawn(async move {
        if let Err(error) = saml.connection().await {
            warn!(%error, "the SAML connection of the sample company is not ready");
        }
    });
    let shutdown = app.shutdown.clone();
    shutdown.on_signals(Duration::ZERO).map_err(refused)?;
    let options = ListenOptions {
        tls: tls.map(|served| served.config),
        drain_timeout: Duration::from_secs(2),
        ..ListenOptions::default()
    };
    serve_app(listener, app, router, options, Kept::default(), shutdown).await
}

/// The settings of this server, for commands beside it. A database that was named is known to whoever named it.
fn settings(app: &App, arguments: &DevArgs) -> Vec<(String, String)> {
    let directory = std::path::absolute(&arguments.data_dir).unwrap_or_else(|_| arguments.data_dir.clone());
    let mut settings = vec![
        (variable("base_url"), app.base_url.clone()),
        (variable("insecure_http"), (!app.is_https()).to_string()),
        (variable("master_key_file"), directory.join(MASTER_KEY_FILE).display().to_string()),
    ];
    if arguments.database_url.is_none() {
        let url = format!("sqlite:{}", directory.join(DATABASE_FILE).display());
        settings.push((variable("database.url"), url));
    }
    settings
}

/// A value as a shell reads it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// Tells people on the terminal and programs in the ready file that everything is there.
fn announce(
    app: &App,
    arguments: &DevArgs,
    credentials: &Credentials,
    idp: &TestIdp,
    ca_file: Option<&Path>,
) -> Result<(), CliError> {
    let issuer = provider::issuer(app);

    out::answer(format_args!("Vestibule is ready: open {}/ and sign in. For your shell:\n", app.base_url));
    let metadata = format!("{issuer}/saml/metadata");
    let outbox = format!("{}{}", app.base_url, outbox::TEXT);
    for (name, value) in [
        ("BASE", app.base_url.as_str()),
        ("PROJECT_ID", &credentials.project_id),
        ("SECRET", &credentials.secret),
        ("PUBLIC_TOKEN", &credentials.public_token),
        ("IDP_ISSUER", &issuer),
        ("IDP_CLIENT_ID", &credentials.idp_client_id),
        ("IDP_CLIENT_SECRET", &credentials.idp_client_secret),
        ("IDP_METADATA_URL", &metadata),
        ("OUTBOX_URL", &outbox),
    ] {
        out::answer(format_args!("export {name}={}", quoted(value)));
    }
    for (name, value) in settings(app, arguments) {
        out::answer(format_args!("export {name}={}", quoted(&value)));
    }
    if let Some(path) = ca_file {
        // Node adds it to what it trusts. Most others trust it instead of everything else, which is for whoever calls them to say.
        for name in ["CA_FILE", "NODE_EXTRA_CA_CERTS"] {
            out::answer(format_args!("export {name}={}", quoted(&path.display().to_string())));
        }
    }
    let Some(path) = &arguments.ready_file else { return Ok(()) };
    let ready = json!({
        "base_url": app.base_url,
        "project_id": credentials.project_id,
        "secret": credentials.secret,
        "public_token": credentials.public_token,
        "outbox_url": outbox,
        "ca_file": ca_file,
        "test_idp": {
            "oidc_issuer": issuer,
            "oidc_client_id": credentials.idp_client_id,
            "oidc_client_secret": credentials.idp_client_secret,
            "saml_entity_id": idp.saml().entity_id(),
            "saml_metadata_url": metadata,
            "saml_sso_url": idp.saml().sso_url(),
            "saml_idp_initiated_url": format!("{issuer}/saml/idp-initiated"),
        },
        "auth0": credentials.applications.as_ref().map(|made| sample_applications::ready(app, made)),
    });
    setup::write_whole(path, &ready.to_string())
}
