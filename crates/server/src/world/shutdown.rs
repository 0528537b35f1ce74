//! How everything learns that the server stops.

use std::io;

use tokio::sync::watch;

/// Tells every listener to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Starts the shutdown; once is enough.
    pub fn start(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the shutdown has started.
    pub async fn started(&self) {
        // An error means that nobody is left who could start it, which `self` rules out.
        let _ = self.0.subscribe().wait_for(|started| *started).await;
    }

    /// Starts the shutdown at the first SIGTERM or SIGINT.
    ///
    /// # Errors
    /// When the signals cannot be watched.
    pub fn on_signals(&self) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => tracing::info!(signal = "SIGTERM", "stopping: finishing requests under way"),
                _ = interrupt.recv() => tracing::info!(signal = "SIGINT", "stopping: finishing requests under way"),
            }
            shutdown.start();
        });
        Ok(())
    }
}
