//! A relay between a server and PostgreSQL that counts what passes (PostgreSQL's manual, "Message Formats"). It reads the
//! client's messages only, and changes none.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::Result;

/// What went by.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) statements: u64,
    pub(crate) commits: u64,
    /// Times that the client waited: simple queries and `Sync`.
    pub(crate) round_trips: u64,
    pub(crate) octets: u64,
}

impl Counts {
    pub(crate) const fn since(self, before: Self) -> Self {
        Self {
            statements: self.statements - before.statements,
            commits: self.commits - before.commits,
            round_trips: self.round_trips - before.round_trips,
            octets: self.octets - before.octets,
        }
    }
}

#[derive(Default)]
struct Counters {
    statements: AtomicU64,
    commits: AtomicU64,
    round_trips: AtomicU64,
    octets: AtomicU64,
}

/// A relay that runs until the program ends.
pub(crate) struct Relay {
    /// The URL of the database behind it.
    pub(crate) url: String,
    counters: Arc<Counters>,
}

impl Relay {
    /// Opens one before the database at `url`.
    pub(crate) async fn before(url: &str) -> Result<Self> {
        let mut behind = Url::parse(url)?;
        let (host, port) =
            (behind.host_str().ok_or("a database without a host")?, behind.port().unwrap_or(5432));
        let database = tokio::net::lookup_host((host, port)).await?.next().ok_or("no such host")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = listener.local_addr()?;
        behind.set_host(Some("127.0.0.1"))?;
        behind.set_port(Some(own.port())).map_err(|()| "a URL without a port")?;
        behind.query_pairs_mut().append_pair("sslmode", "disable");
        let counters = Arc::new(Counters::default());
        tokio::spawn(serve(listener, database, Arc::clone(&counters)));
        Ok(Self { url: behind.to_string(), counters })
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            statements: read(&self.counters.statements),
            commits: read(&self.counters.commits),
            round_trips: read(&self.counters.round_trips),
            octets: read(&self.counters.octets),
        }
    }
}

async fn serve(listener: TcpListener, database: SocketAddr, counters: Arc<Counters>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(behind) = TcpStream::connect(database).await else { continue };
        if client.set_nodelay(true).is_err() || behind.set_nodelay(true).is_err() {
            continue;
        }
        let (from_client, to_client) = client.into_split();
        let (from_database, to_database) = behind.into_split();
        tokio::spawn(copy(from_database, to_client));
        let counters = Arc::clone(&counters);
        tokio::spawn(async move { watched(from_client, to_database, &counters).await.is_ok() });
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // Either side may go away at any time; then both do.
    drop(tokio::io::copy(&mut from, &mut to).await);
}

/// Passes messages on as they come and looks at each.
async fn watched(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counters: &Counters) -> Result<()> {
    let (mut pending, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    let mut started = false;
    loop {
        let length = from.read(&mut chunk).await?;
        let read = chunk.get(..length).unwrap_or_default();
        if read.is_empty() {
            return Ok(());
        }
        to.write_all(read).await?;
        pending.extend_from_slice(read);
        while let Some((kind, whole)) = first(&pending, started) {
            // The message that starts a session has no kind.
            started = true;
            counters.octets.fetch_add(whole as u64, Ordering::Relaxed);
            count(kind, pending.get(..whole).unwrap_or_default(), counters);
            pending.drain(..whole);
        }
    }
}

/// The kind and the length of the message at the beginning, once all of it is there.
fn first(pending: &[u8], started: bool) -> Option<(u8, usize)> {
    let skipped = usize::from(started);
    let length = pending.get(skipped..skipped + 4)?.try_into().ok().map(u32::from_be_bytes)? as usize;
    let kind = if started { *pending.first()? } else { 0 };
    (pending.len() >= skipped + length).then_some((kind, skipped + length))
}

fn count(kind: u8, message: &[u8], counters: &Counters) {
    let add = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
    match kind {
        b'Q' => {
            add(&counters.statements);
            add(&counters.round_trips);
            let text = message.get(5..).unwrap_or_default();
            if text.len() >= 6 && text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"COMMIT")) {
                add(&counters.commits);
            }
        }
        b'E' => {
            add(&counters.statements);
        }
        b'S' => {
            add(&counters.round_trips);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let counters = Counters::default();
        let query = b"Q\0\0\0\x0bCOMMIT\0rest";
        assert_eq!(first(query, true), Some((b'Q', 12)));
        count(b'Q', query.get(..12).unwrap(), &counters);
        count(b'E', b"E\0\0\0\x09\0\0\0\0\0", &counters);
        count(b'S', b"S\0\0\0\x04", &counters);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let found = [&counters.statements, &counters.commits, &counters.round_trips].map(read);
        assert_eq!(found, [2, 1, 2]);
        assert_eq!(first(query.get(..5).unwrap(), true), None);
    }
}
