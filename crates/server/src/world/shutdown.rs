//! How everything learns that the server stops: first it is leaving, then it stops. While it leaves it answers as ever,
//! but says that it is not ready, so that load balancers send their requests elsewhere before anything is closed.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    Leaving,
    Stopping,
}

/// Tells every listener to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<Phase>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Shutdown {
    /// Says that the server will stop soon; once is enough.
    pub fn leave(&self) {
        self.reach(Phase::Leaving);
    }

    /// Starts the shutdown; once is enough.
    pub fn start(&self) {
        self.reach(Phase::Stopping);
    }

    /// Whether the server stops now or soon.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        *self.0.borrow() >= Phase::Leaving
    }

    /// Waits until the shutdown has started.
    pub async fn started(&self) {
        // An error means that nobody is left who could start it, which `self` rules out.
        let _ = self.0.subscribe().wait_for(|phase| *phase >= Phase::Stopping).await;
    }

    /// Starts the shutdown at the first SIGTERM or SIGINT, after a time of leaving; a second signal ends that time.
    ///
    /// # Errors
    /// When the signals cannot be watched.
    pub fn on_signals(&self, leaving: Duration) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            let name = either(&mut terminate, &mut interrupt).await;
            shutdown.leave();
            if !leaving.is_zero() {
                let seconds = leaving.as_secs();
                tracing::info!(signal = name, seconds, "leaving: not ready any more, still answering");
                tokio::select! {
                    () = tokio::time::sleep(leaving) => {}
                    _ = either(&mut terminate, &mut interrupt) => {}
                }
            }
            tracing::info!(signal = name, "stopping: finishing requests under way");
            shutdown.start();
        });
        Ok(())
    }

    fn reach(&self, next: Phase) {
        self.0.send_if_modified(|phase| {
            let further = next > *phase;
            if further {
                *phase = next;
            }
            further
        });
    }
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
