//! Looks after the certificate that the server shows: takes a renewed one over within a minute, or at SIGHUP, and tells the
//! metrics how long it is good for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::http::tls::ServedCertificate;
use crate::world::App;
use crate::world::telemetry::metric;

/// How often the files are looked at without being asked.
const EVERY: Duration = Duration::from_secs(60);
/// From here on the log says it too, daily.
const SOON: i64 = 14;

/// Watches until the server stops. SIGHUP is taken in any case: it never ends the program.
///
/// # Errors
/// When the signal cannot be watched.
pub(super) fn watch(
    certificate: Option<Arc<ServedCertificate>>,
    app: Arc<App>,
    base_url: Url,
) -> io::Result<()> {
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        let mut told = None;
        loop {
            if let Some(certificate) = &certificate {
                let days = look(certificate, &app, &base_url);
                if days < SOON && told != Some(days) {
                    tracing::warn!(
                        days,
                        "the certificate of this server ends soon, and has not been renewed"
                    );
                }
                told = Some(days);
            }
            tokio::select! {
                () = app.shutdown.started() => return,
                () = tokio::time::sleep(EVERY) => {}
                _ = hang_up.recv() => tracing::info!("SIGHUP: looking at the certificate files again"),
            }
        }
    });
    Ok(())
}

/// Takes over what is new, and says for how many days what is shown is good.
fn look(certificate: &ServedCertificate, app: &App, base_url: &Url) -> i64 {
    match certificate.reload() {
        Ok(true) => tracing::info!("the certificate was renewed and is shown from now on"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "the certificate files cannot be used; the one before is still shown");
        }
    }
    let host = base_url.host_str().unwrap_or_default();
    let days = certificate.standing(host, app.clock.now()).map_or(i64::MAX, |standing| standing.days_left);
    metrics::gauge!(metric::TLS_DAYS_LEFT).set(days as f64);
    days
}
