//! How much memory the bodies of requests may take at once: in the whole process, and of one client. When there is no room
//! left, a body that is still being read gives way: the oldest of whoever holds the most. So those who hold much shut out
//! nobody who wants little.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

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
    /// Of them, what was told to give way and has not done so yet.
    leaving: usize,
    clients: HashMap<Client, Own>,
}

/// What one client holds, the oldest first.
#[derive(Default)]
struct Own {
    bytes: usize,
    places: Vec<Place>,
}

struct Place {
    number: Arc<Notify>,
    bytes: usize,
    /// Whether it may be told to give way, and whether it was.
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Read,
    Leaving,
}

/// There is no room now: of one's own, or because one's body had to give way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom;

/// Bytes for one body, given back when this is dropped.
pub(crate) struct Reservation {
    bodies: Bodies,
    client: Client,
    bytes: usize,
    /// Tells that the body has to give way; also what the place is known by. There is none as long as nothing is reserved.
    told: Option<Arc<Notify>>,
}

impl Bodies {
    /// A reservation of nothing, for a client.
    pub(crate) fn of(&self, client: Client) -> Reservation {
        Reservation { bodies: self.clone(), client, bytes: 0, told: None }
    }

    /// Nothing that is done under the lock can leave it half done.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Makes room for so many bytes of somebody who holds `own`, at the cost of those who hold more.
    fn make_room(&mut self, more: usize, own: usize) -> Result<(), NoRoom> {
        while self.total - self.leaving + more > MOST {
            let readers = self.clients.values_mut().filter(|held| held.bytes > own + more);
            let readers =
                readers.filter(|held| held.places.iter().any(|place| place.state == State::Reading));
            let greatest = readers.max_by_key(|held| held.bytes).ok_or(NoRoom)?;
            let oldest =
                greatest.places.iter_mut().find(|place| place.state == State::Reading).ok_or(NoRoom)?;
            oldest.state = State::Leaving;
            oldest.number.notify_one();
            // It holds them until its reader has noticed, but counts against its client no more.
            self.leaving += oldest.bytes;
            greatest.bytes -= oldest.bytes;
        }
        Ok(())
    }
}

impl Reservation {
    /// Makes sure that there are `needed` bytes in all, and says how many there are.
    ///
    /// # Errors
    /// The client has as many as it may, or all have and nobody holds more than this one.
    pub(crate) fn grow(&mut self, needed: usize) -> Result<usize, NoRoom> {
        if needed <= self.bytes {
            return Ok(self.bytes);
        }
        let more = (needed - self.bytes).next_multiple_of(STEP);
        let mut held = self.bodies.held();
        let own = held.clients.get(&self.client).map_or(0, |own| own.bytes);
        if own + more > MOST_OF_CLIENT {
            return Err(NoRoom);
        }
        held.make_room(more, own)?;
        let told = self.told.get_or_insert_with(Arc::default);
        let own = held.clients.entry(self.client).or_default();
        match own.places.iter_mut().find(|place| Arc::ptr_eq(&place.number, told)) {
            Some(place) if place.state == State::Leaving => return Err(NoRoom),
            Some(place) => place.bytes += more,
            None => own.places.push(Place { number: told.clone(), bytes: more, state: State::Reading }),
        }
        own.bytes += more;
        held.total += more;
        drop(held);
        self.bytes += more;
        Ok(self.bytes)
    }

    /// Waits until the body has to give way.
    pub(crate) async fn told_to_give_way(&self) {
        match &self.told {
            Some(told) => told.notified().await,
            None => pending().await,
        }
    }

    /// Says that the body is complete: from here on it does not give way.
    pub(crate) fn complete(&self) {
        let Some(told) = &self.told else { return };
        let mut held = self.bodies.held();
        let own = held.clients.get_mut(&self.client);
        let place = own.and_then(|own| own.places.iter_mut().find(|place| Arc::ptr_eq(&place.number, told)));
        if let Some(place) = place.filter(|place| place.state == State::Reading) {
            place.state = State::Read;
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(told) = &self.told else { return };
        let mut held = self.bodies.held();
        held.total -= self.bytes;
        let Some(own) = held.clients.get_mut(&self.client) else { return };
        let place = own.places.iter().position(|place| Arc::ptr_eq(&place.number, told));
        let state = place.map(|at| own.places.remove(at).state);
        if state != Some(State::Leaving) {
            own.bytes -= self.bytes;
        }
        if own.places.is_empty() {
            held.clients.remove(&self.client);
        }
        if state == Some(State::Leaving) {
            held.leaving -= self.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(last: u8) -> Client {
        Client::from(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_client_leaves_room_for_others_and_all_is_given_back() {
        let bodies = Bodies::default();
        let mut greedy = bodies.of(client(1));
        assert_eq!(greedy.grow(1), Ok(STEP));
        assert_eq!(greedy.grow(STEP), Ok(STEP));
        assert_eq!(greedy.grow(MOST_OF_CLIENT), Ok(MOST_OF_CLIENT));
        assert_eq!(bodies.of(client(1)).grow(1), Err(NoRoom));
        let mut others: Vec<Reservation> = (2..5).map(|last| bodies.of(client(last))).collect();
        for other in &mut others {
            assert_eq!(other.grow(MOST_OF_CLIENT), Ok(MOST_OF_CLIENT));
            other.complete();
        }
        greedy.complete();
        assert_eq!(bodies.of(client(9)).grow(1), Err(NoRoom), "what is complete does not give way");
        drop((greedy, others));
        let held = bodies.held();
        assert_eq!((held.total, held.leaving, held.clients.len()), (0, 0, 0));
    }

    #[tokio::test]
    async fn those_who_hold_much_give_way_to_those_who_want_little() {
        let bodies = Bodies::default();
        let half = MOST_OF_CLIENT / 2;
        let mut strangers: Vec<Reservation> =
            (0..8).map(|number| bodies.of(client(1 + number / 2))).collect();
        for stranger in &mut strangers {
            assert_eq!(stranger.grow(half), Ok(half));
        }
        let mut small = bodies.of(client(9));
        assert_eq!(small.grow(1000), Ok(STEP));
        let mut gave_way = 0;
        for stranger in &mut strangers {
            let told = tokio::time::timeout(std::time::Duration::ZERO, stranger.told_to_give_way()).await;
            if told.is_ok() {
                gave_way += 1;
                assert_eq!(stranger.grow(half + 1), Err(NoRoom));
            }
        }
        assert_eq!(gave_way, 1);
        // Nobody can push others out by holding as much as they do.
        drop(small);
        strangers.retain(|stranger| stranger.bytes == half);
        let mut greedy = bodies.of(client(10));
        assert!(greedy.grow(half).is_ok());
        assert_eq!(greedy.grow(MOST_OF_CLIENT), Err(NoRoom));
        drop((greedy, strangers));
        let held = bodies.held();
        assert_eq!((held.total, held.leaving, held.clients.len()), (0, 0, 0));
    }
}
