//! Who holds connections, and who has to give one up: an idle connection gives way to a new one when its client, or all
//! clients together, hold as many as they may. So idle sockets shut nobody out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::world::client::Client;

/// Places beyond the bound.
const SPARE: usize = 32;

/// The connections of one listener.
pub(super) struct Connections {
    most: usize,
    most_per_client: usize,
    open: Mutex<Open>,
    closed: Notify,
}

#[derive(Default)]
struct Open {
    total: usize,
    spare: usize,
    /// The oldest first.
    clients: HashMap<Client, Vec<Arc<Connection>>>,
}

/// One connection.
#[derive(Default)]
pub(super) struct Connection {
    /// Beyond the bound: for those who ask how the server is.
    spare: bool,
    busy: AtomicBool,
    leaving: AtomicBool,
    leave: Notify,
}

impl Connection {
    /// Says whether a request is under way.
    pub(super) fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }

    /// Whether the connection is beyond the bound, and only there for those who ask how the server is.
    pub(super) const fn is_spare(&self) -> bool {
        self.spare
    }

    /// Whether a request is under way. A head that is not complete is none.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Waits until the connection has to give way.
    pub(super) async fn told_to_leave(&self) {
        self.leave.notified().await;
    }

    fn give_way(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.leave.notify_one();
    }

    fn is_idle(&self) -> bool {
        !self.is_busy() && !self.leaving.load(Ordering::Relaxed)
    }
}

/// Why a connection is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The client holds all that it may, with a request under way on each.
    Client,
    /// All together do.
    Server,
}

/// A connection that is counted until this is dropped.
pub(super) struct Admitted {
    all: Arc<Connections>,
    client: Client,
    /// The connection.
    pub(super) connection: Arc<Connection>,
}

impl Connections {
    pub(super) fn new(most: usize, most_per_client: usize) -> Arc<Self> {
        Arc::new(Self { most, most_per_client, open: Mutex::default(), closed: Notify::new() })
    }

    /// Counts a connection of a client. `bounded` is false for a proxy, which brings those of many.
    ///
    /// # Errors
    /// There is no room, and no idle connection that could give way.
    pub(super) fn admit(self: &Arc<Self>, client: Client, bounded: bool) -> Result<Admitted, Full> {
        let mut open = self.open();
        let own = open.clients.get(&client).map(Vec::as_slice).unwrap_or_default();
        if bounded && staying(own) >= self.most_per_client {
            own.iter().find(|held| held.is_idle()).ok_or(Full::Client)?.give_way();
        } else if open.total >= self.most {
            // Whoever holds the most gives one up.
            let holders = open.clients.values().filter(|held| held.iter().any(|held| held.is_idle()));
            let greatest = holders.max_by_key(|held| held.len()).ok_or(Full::Server)?;
            let idle = greatest.iter().find(|held| held.is_idle());
            idle.ok_or(Full::Server)?.give_way();
        }
        let connection = Arc::new(Connection::default());
        open.total += 1;
        open.clients.entry(client).or_default().push(connection.clone());
        Ok(Admitted { all: self.clone(), client, connection })
    }

    /// A place beyond the bound, if one is free.
    pub(super) fn admit_spare(self: &Arc<Self>, client: Client) -> Option<Admitted> {
        let mut open = self.open();
        if open.spare >= SPARE {
            return None;
        }
        open.spare += 1;
        let connection = Arc::new(Connection { spare: true, ..Connection::default() });
        Some(Admitted { all: self.clone(), client, connection })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let open = self.open();
        open.total + open.spare
    }

    /// Waits until one of them has ended, if there is still no room then, nor a place beyond the bound.
    pub(super) async fn room(&self) {
        self.until(|open| open.total < self.most || open.spare < SPARE).await;
    }

    /// Waits until there is none.
    pub(super) async fn none(&self) {
        self.until(|open| open.total + open.spare == 0).await;
    }

    async fn until(&self, holds: impl Fn(&Open) -> bool) {
        loop {
            let mut closed = std::pin::pin!(self.closed.notified());
            // Counted from here on: what closes while we look is not missed.
            closed.as_mut().enable();
            if holds(&self.open()) {
                return;
            }
            closed.await;
        }
    }

    /// Nothing that is done under the lock can leave it half done.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.all.open();
        if self.connection.spare {
            open.spare -= 1;
            drop(open);
            return self.all.closed.notify_waiters();
        }
        open.total -= 1;
        if let Some(held) = open.clients.get_mut(&self.client) {
            held.retain(|held| !Arc::ptr_eq(held, &self.connection));
            if held.is_empty() {
                open.clients.remove(&self.client);
            }
        }
        drop(open);
        self.all.closed.notify_waiters();
    }
}

fn staying(held: &[Arc<Connection>]) -> usize {
    held.iter().filter(|held| !held.leaving.load(Ordering::Relaxed)).count()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(last: u8) -> Client {
        Client::from(IpAddr::from([192, 0, 2, last]))
    }

    fn leaves(admitted: &Admitted) -> bool {
        admitted.connection.leaving.load(Ordering::Relaxed)
    }

    #[test]
    fn the_oldest_idle_connection_of_a_client_gives_way() {
        let all = Connections::new(100, 2);
        let [first, second, third] =
            [(); 3].map(|()| all.admit(client(1), true).unwrap_or_else(|_| panic!()));
        assert_eq!([leaves(&first), leaves(&second), leaves(&third)], [true, false, false]);
        second.connection.set_busy(true);
        let fourth = all.admit(client(1), true).unwrap_or_else(|_| panic!());
        assert_eq!([leaves(&second), leaves(&third)], [false, true]);
        fourth.connection.set_busy(true);
        assert_eq!(all.admit(client(1), true).err(), Some(Full::Client));
        assert!(all.admit(client(2), true).is_ok(), "another client is not concerned");
        assert!(all.admit(client(1), false).is_ok(), "a proxy is not bounded");
    }

    #[test]
    fn who_holds_the_most_gives_way_when_all_is_taken() {
        let all = Connections::new(3, 100);
        let greedy = [(); 2].map(|()| all.admit(client(1), true).unwrap_or_else(|_| panic!()));
        let modest = all.admit(client(2), true).unwrap_or_else(|_| panic!());
        let late = all.admit(client(3), true).unwrap_or_else(|_| panic!());
        assert!(leaves(&greedy[0]) && !leaves(&greedy[1]) && !leaves(&modest));
        for held in greedy.iter().chain([&modest, &late]) {
            held.connection.set_busy(true);
        }
        assert_eq!(all.admit(client(4), true).err(), Some(Full::Server));
        drop((greedy, modest, late));
        assert_eq!((all.count(), all.open().clients.len()), (0, 0));
    }
}
