//! Work that strangers can cause and that takes a processor for milliseconds: off the threads that answer everybody, and
//! only so much of it at once.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::failure::Failure;

/// Admits as much heavy work at once as leaves processors for the rest.
pub struct HeavyWork(Arc<Semaphore>);

impl Default for HeavyWork {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl HeavyWork {
    /// Does `work` when its turn has come. Work that has begun goes on when nobody waits for it any more, and keeps its turn
    /// until it is done.
    ///
    /// # Errors
    /// The work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        // Nobody closes the semaphore; should somebody, the work is done all the same.
        let turn = Arc::clone(&self.0).acquire_owned().await.ok();
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await
            .map_err(|error| Failure::Internal(format!("work on a blocking thread ended early: {error}")))
    }
}
