//! How much memory the bodies of requests may take at once: in the whole process, and of one client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::client::Client;

/// What bodies may take in this process.
const MOST: usize = 64 * 1024 * 1024;
/// What the bodies of one client may.
const MOST_OF_CLIENT: usize = 16 * 1024 * 1024;
/// How much is reserved at a time.
const STEP: usize = 16 * 1024;

/// The bytes that are reserved.
#[derive(Clone, Default)]
pub(crate) struct Bodies(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    total: usize,
    clients: HashMap<Client, usize>,
}

/// There is no room for more now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom;

/// Bytes for one body, given back when this is dropped.
pub(crate) struct Reservation {
    bodies: Bodies,
    client: Client,
    bytes: usize,
}

impl Bodies {
    /// A reservation of nothing, for a client.
    pub(crate) fn of(&self, client: Client) -> Reservation {
        Reservation { bodies: self.clone(), client, bytes: 0 }
    }
}

impl Reservation {
    /// Makes sure that there are `needed` bytes in all, and says how many there are.
    ///
    /// # Errors
    /// The client, or all clients together, have as many as they may.
    pub(crate) fn grow(&mut self, needed: usize) -> Result<usize, NoRoom> {
        if needed <= self.bytes {
            return Ok(self.bytes);
        }
        let more = (needed - self.bytes).next_multiple_of(STEP);
        let mut held = self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.clients.get(&self.client).copied().unwrap_or_default();
        if held.total + more > MOST || own + more > MOST_OF_CLIENT {
            return Err(NoRoom);
        }
        held.total += more;
        held.clients.insert(self.client, own + more);
        drop(held);
        self.bytes += more;
        Ok(self.bytes)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut held = self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.total -= self.bytes;
        let left = held.clients.get(&self.client).map_or(0, |own| own - self.bytes);
        if left == 0 {
            held.clients.remove(&self.client);
        } else {
            held.clients.insert(self.client, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn one_client_leaves_room_for_others_and_all_is_given_back() {
        let bodies = Bodies::default();
        let client = |last| Client::from(IpAddr::from([192, 0, 2, last]));
        let mut greedy = bodies.of(client(1));
        assert_eq!(greedy.grow(1), Ok(STEP));
        assert_eq!(greedy.grow(STEP), Ok(STEP));
        assert_eq!(greedy.grow(MOST_OF_CLIENT), Ok(MOST_OF_CLIENT));
        assert_eq!(bodies.of(client(1)).grow(1), Err(NoRoom));
        let mut others: Vec<Reservation> = (2..5).map(|last| bodies.of(client(last))).collect();
        for other in &mut others {
            assert_eq!(other.grow(MOST_OF_CLIENT), Ok(MOST_OF_CLIENT));
        }
        assert_eq!(bodies.of(client(9)).grow(1), Err(NoRoom));
        drop((greedy, others));
        let held = bodies.0.lock().unwrap();
        assert_eq!((held.total, held.clients.len()), (0, 0));
    }
}
