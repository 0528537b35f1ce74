//! What the server does unasked: forgets what is over. Every node does it; the deletes do not disturb each
//! other.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::listen::Shutdown;
use crate::sso::trace::KEPT;

const EVERY: Duration = Duration::from_secs(60);

/// Runs the jobs until the server stops.
pub async fn run(app: Arc<App>, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = shutdown.started() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        app.limits.forget_idle();
        if let Err(error) = app.store.cleanup(app.clock.now(), KEPT).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
    }
}
