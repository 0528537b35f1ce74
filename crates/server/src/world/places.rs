//! Places for work that may be under way: a few of each owner, in front of the bound of the whole process. Who is slow holds
//! places of their own and no others.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Beyond it the owners who have no work under way are forgotten.
const MOST: usize = 1000;

/// The places of this process.
#[derive(Debug)]
pub(crate) struct Places<K> {
    all: Arc<Semaphore>,
    own: Mutex<HashMap<K, Arc<Semaphore>>>,
    each: usize,
    patience: Duration,
}

/// A place, given back when this is dropped.
pub(crate) struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

/// No place became free while it was waited for.
pub(crate) struct Crowded;

impl<K: Eq + Hash> Places<K> {
    /// So many places in all, and for each owner. `patience` is how long one is waited for.
    pub(crate) fn new(all: usize, each: usize, patience: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(all.max(1))), own: Mutex::default(), each: each.max(1), patience }
    }

    /// A place for work of an owner, or of the operator. Whoever waits for a place of their own holds none of the process.
    ///
    /// # Errors
    /// None became free in time.
    pub(crate) async fn take(&self, owner: Option<K>) -> Result<Place, Crowded> {
        let both = async {
            // Nobody closes a semaphore; were it closed, going on without a place is harmless.
            let own = match owner {
                Some(owner) => self.of(owner).acquire_owned().await.ok(),
                None => None,
            };
            Place { _own: own, _all: self.all.clone().acquire_owned().await.ok() }
        };
        timeout(self.patience, both).await.map_err(|_| Crowded)
    }

    fn of(&self, owner: K) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= MOST {
            own.retain(|_, places| Arc::strong_count(places) > 1);
        }
        own.entry(owner).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}
