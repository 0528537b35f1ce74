//! Which documents this node is reading right now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use vestibule_domain::id::ConnectionId;

/// Beyond it those that nobody waits for are forgotten.
const MOST: usize = 1000;

/// One lock a connection: whoever holds it reads, the others wait for what it brings.
#[derive(Default)]
pub struct Flights(Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>);

impl Flights {
    /// The lock of a connection.
    #[must_use]
    pub fn of(&self, connection: ConnectionId) -> Arc<tokio::sync::Mutex<()>> {
        let Ok(mut flights) = self.0.lock() else { return Arc::default() };
        if flights.len() >= MOST {
            flights.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        flights.entry(connection).or_default().clone()
    }
}
