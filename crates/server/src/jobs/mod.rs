//! What the server does unasked: forgets what is over, reads providers' metadata again, warns before certificates
//! end. Every node does it; they do not disturb each other.

pub mod certificate_expiry;

use std::sync::Arc;
use std::time::Duration;

use vestibule_store::tables::cleanup::Retention;

use crate::failure::Failure;
use crate::operations::connections::idp_metadata::refresh;
use crate::world::App;
use crate::world::shutdown::Shutdown;
use crate::world::telemetry::metric;

const EVERY: Duration = Duration::from_secs(60);
/// Certificates end by the day: looking at them once an hour is enough.
const ROUNDS_BETWEEN_WARNINGS: u64 = 60;

/// Runs the jobs until the server stops.
pub(crate) async fn run(app: Arc<App>, kept: Retention, shutdown: Shutdown) {
    tokio::join!(forget(app.clone(), kept, shutdown.clone()), attend(app, shutdown));
}

/// Whether a round may begin; `false` when the server stops.
async fn next_round(shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.started() => false,
        () = tokio::time::sleep(EVERY) => true,
    }
}

async fn forget(app: Arc<App>, kept: Retention, shutdown: Shutdown) {
    while next_round(&shutdown).await {
        app.limits.forget_idle();
        metrics::gauge!(metric::UNREADABLE_ROWS).set(app.store.unreadable_rows() as f64);
        if let Err(error) = app.vault.reload().await {
            tracing::warn!(%error, "the data keys could not be loaded again; the next round tries again");
        }
        if let Err(error) = app.store.cleanup(app.clock.now(), kept).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
    }
}

/// Apart from forgetting, because a provider that does not answer takes its time.
async fn attend(app: Arc<App>, shutdown: Shutdown) {
    let mut round = 0_u64;
    while next_round(&shutdown).await {
        report(refresh::due(&app).await);
        if round.is_multiple_of(ROUNDS_BETWEEN_WARNINGS) {
            report(certificate_expiry::announce(&app).await);
        }
        round += 1;
    }
}

fn report(outcome: Result<usize, Failure>) {
    if let Err(failure) = outcome {
        failure.log();
    }
}
