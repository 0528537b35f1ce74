//! Work that many want at once is done once: by a task of its own, so that nobody who goes away stops it, and all who wait
//! share what came of it, a failure too.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tracing::Instrument as _;
use vestibule_domain::connection::Connection;

use crate::failure::Failure;

/// What came of reading a provider's document in the middle of a sign-in.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The connection is another one now: it may be worth looking again.
    Changed(Box<Connection>),
    /// The provider says what it said before.
    Unchanged,
    /// The document was read a short while ago, cannot be read, or is not given by URL.
    NotNow,
}

/// Beyond it those that nobody waits for are forgotten.
const MOST: usize = 1000;

/// One flight a key.
pub(crate) struct Flights<K, T>(Mutex<HashMap<K, Arc<Flight<T>>>>);

/// Work that is under way, if it is.
pub(crate) struct Flight<T>(Mutex<Option<Outcome<T>>>);

type Outcome<T> = watch::Receiver<Option<T>>;

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Clone + Send + Sync + 'static> Flights<K, T> {
    /// What comes of the work under way for `key`, or of `work` when there is none.
    ///
    /// # Errors
    /// The work panicked.
    pub(crate) async fn share<F>(&self, key: K, work: impl FnOnce() -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.of(key).share(work).await
    }

    fn of(&self, key: K) -> Arc<Flight<T>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.len() >= MOST {
            flights.retain(|_, flight| Arc::strong_count(flight) > 1);
        }
        flights.entry(key).or_default().clone()
    }
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// What comes of the work under way, or of `work` when there is none.
    ///
    /// # Errors
    /// The work panicked.
    pub(crate) async fn share<F>(self: &Arc<Self>, work: impl FnOnce() -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = self.joined(work);
        let done = outcome.wait_for(Option::is_some).await.ok().and_then(|done| done.clone());
        done.ok_or_else(|| Failure::Internal("work that several waited for ended early".to_owned()))
    }

    /// Whether work is under way.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(is_open)
    }

    fn joined<F>(self: &Arc<Self>, work: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = under_way.as_ref().filter(|outcome| is_open(outcome)) {
            return outcome.clone();
        }
        let (tell, outcome) = watch::channel(None);
        let (flight, work) = (self.clone(), work());
        *under_way = Some(outcome.clone());
        let task = async move {
            let done = work.await;
            // Whoever comes from now on wants it done again; those who wait have their own ear.
            flight.0.lock().unwrap_or_else(PoisonError::into_inner).take();
            tell.send_replace(Some(done));
        };
        tokio::spawn(task.in_current_span());
        outcome
    }
}

/// Whether somebody still works on it: a task that panicked does not.
fn is_open<T>(outcome: &Outcome<T>) -> bool {
    outcome.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn ten_share_one_outcome_and_the_next_has_its_own() {
        let (flights, begun) = (Flights::<u8, Result<(), usize>>::default(), Arc::new(AtomicUsize::new(0)));
        let go = Arc::new(Notify::new());
        let failing = || {
            let (begun, go) = (begun.clone(), go.clone());
            move || async move {
                let mine = begun.fetch_add(1, Ordering::SeqCst);
                go.notified().await;
                Err(mine)
            }
        };
        let waiting: Vec<_> = (0..10).map(|_| flights.share(1, failing())).collect();
        let all = waiting.into_iter().map(|one| async { one.await.ok() });
        let mut all: Vec<_> = all.map(Box::pin).collect();
        for one in &mut all {
            assert!(poll_once(one.as_mut()).await.is_none());
        }
        go.notify_one();
        for one in all {
            assert_eq!(one.await, Some(Err(0)));
        }
        go.notify_one();
        assert_eq!(flights.share(1, failing()).await.ok(), Some(Err(1)));
    }

    #[tokio::test]
    async fn whoever_goes_away_stops_nothing_and_a_panic_ends_alone() {
        let flight = Arc::new(Flight::<u8>::default());
        let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let work = {
            let (go, done) = (go.clone(), done.clone());
            move || async move {
                go.notified().await;
                done.notify_one();
                7
            }
        };
        let mut dropped = Box::pin(flight.share(work));
        assert!(poll_once(dropped.as_mut()).await.is_none());
        drop(dropped);
        assert!(flight.is_under_way());
        go.notify_one();
        done.notified().await;
        let panics = flight.share(|| async { panic!("as the test wants it") }).await;
        assert!(panics.is_err() || panics.is_ok_and(|shared| shared == 7));
        assert_eq!(flight.share(|| async { 8 }).await.ok(), Some(8));
    }

    async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match future.as_mut().poll(context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
