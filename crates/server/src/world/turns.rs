//! Turns: those who change one row at the same moment on this node do so one after the other, in the order in which they
//! came. The guards in the store decide; this keeps a node from fighting with itself.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

/// Rows that share a place wait for each other too, so there are many places.
const PLACES: usize = 1024;
/// How long somebody waits for a turn.
const LONGEST: Duration = Duration::from_secs(10);

/// Who may change what, now.
pub struct Turns {
    places: Vec<Mutex<()>>,
    /// Nobody can choose the row of somebody else whose place is the same.
    hasher: RandomState,
}

impl Default for Turns {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Turns {
    /// Waits for the turn at a row; `None` when it took too long. Whoever has a turn must not wait for another one.
    pub async fn at(&self, row: &str) -> Option<MutexGuard<'_, ()>> {
        let place = usize::try_from(self.hasher.hash_one(row) % PLACES as u64).ok()?;
        tokio::time::timeout(LONGEST, self.places.get(place)?.lock()).await.ok()
    }
}
