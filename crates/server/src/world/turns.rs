//! Turns: those who change one row at the same moment on this node do so one after the other, in the order in which they
//! came. The guards in the store decide; this keeps a node from fighting with itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tokio::sync::{Mutex, MutexGuard};

/// Rows that share a place wait for each other too, so there are many places.
const PLACES: usize = 1024;

/// Who may change what, now.
pub struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn at a row. Whoever has a turn must not wait for another one.
    pub async fn at(&self, row: &str) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        let place = hasher.finish() % PLACES as u64;
        match usize::try_from(place).ok().and_then(|place| self.0.get(place)) {
            Some(place) => Some(place.lock().await),
            None => None,
        }
    }
}
