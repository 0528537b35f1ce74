//! Threads that give way: what may take a while runs on them with a lower priority of the operating system, so that a
//! processor that both want goes to those who answer everybody else.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

/// How much nicer these threads are than the others: of a processor that both want they get about a tenth.
const NICER: i32 = 10;

/// The threads, started when they are first needed.
#[derive(Default)]
pub(crate) struct Yielding(OnceLock<Option<Runtime>>);

impl Yielding {
    /// Runs a future here to its end, or until nobody waits for it any more.
    ///
    /// # Errors
    /// It panicked.
    pub(crate) async fn serve<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let mut task = JoinSet::new();
        task.spawn_on(work.in_current_span(), &self.handle());
        match task.join_next().await {
            Some(done) => done,
            // What was spawned just now is there to be joined.
            None => std::future::pending().await,
        }
    }

    /// Does something that takes a processor for a while. It goes on when nobody waits for it any more.
    ///
    /// # Errors
    /// It panicked.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.handle().spawn_blocking(work).await
    }

    /// Where the threads cannot be had, the ones that are there do it.
    fn handle(&self) -> Handle {
        self.0.get_or_init(started).as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for Yielding {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            // Waiting for it would hold up the thread that lets go of the last of this server.
            runtime.shutdown_background();
        }
    }
}

fn started() -> Option<Runtime> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut builder = Builder::new_multi_thread();
    builder
        .enable_all()
        .worker_threads((processors / 2).max(1))
        .thread_name("yielding")
        .on_thread_start(give_way);
    builder.build().inspect_err(|error| tracing::warn!(%error, "threads that give way were not started")).ok()
}

/// On Linux this is about the thread that asks, elsewhere about the whole process.
fn give_way() {
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(NICER)
    {
        tracing::warn!(%error, "a thread that is to give way has the priority of all others");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::oneshot::channel;

    use super::*;

    fn niceness() -> i32 {
        rustix::process::nice(0).unwrap()
    }

    #[tokio::test]
    async fn what_is_done_here_gives_way() {
        let (threads, own) = (Yielding::default(), niceness());
        let yields = |niceness| !cfg!(target_os = "linux") || niceness == (own + NICER).min(19);
        assert!(yields(threads.serve(async { niceness() }).await.unwrap()));
        assert!(yields(threads.compute(niceness).await.unwrap()));
        assert_eq!(niceness(), own);
        assert!(threads.serve(async { panic!("a defect") }).await.unwrap_err().is_panic());
    }

    #[tokio::test]
    async fn a_request_that_nobody_waits_for_ends() {
        let threads = Arc::new(Yielding::default());
        let (begun, has_begun) = channel();
        let (held, ended) = channel::<()>();
        let task = tokio::spawn({
            let threads = threads.clone();
            async move {
                let work = async move {
                    let _held = held;
                    begun.send(()).ok();
                    std::future::pending::<()>().await;
                };
                threads.serve(work).await
            }
        });
        has_begun.await.unwrap();
        task.abort();
        assert!(ended.await.is_err(), "it was dropped");
    }
}
