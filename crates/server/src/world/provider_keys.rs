//! Keys of identity providers: kept parsed, fetched again when they are old or when a token names a key
//! nobody knows, by one request at a time for each connection (decisions, section 5).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::time::{Span, Time};
use vestibule_oidc::jose::JwkSet;

use super::flights::Flight;
use crate::failure::Failure;
use crate::world::fetch::{Errand, FetchError, FetchRequest};

/// How long keys are taken without asking again.
const FRESH: Span = Span::minutes(10);
/// The least time between two fetches: an unknown `kid` is no way to make us hammer a provider.
const COOL_DOWN: Span = Span::seconds(60);
/// How long old keys serve while the provider is down.
const STALE: Span = Span::days(1);
const LIMIT: usize = 256 * 1024;
/// Connections whose keys are kept; beyond it the ones not fetched for the longest go.
const MOST_CONNECTIONS: usize = 10_000;

/// Keys of identity providers, by connection.
#[derive(Default)]
pub struct ProviderKeys {
    connections: Mutex<HashMap<ConnectionId, Arc<Entry>>>,
}

struct Entry {
    url: String,
    state: Mutex<State>,
    // Whoever comes while keys are fetched waits for the same answer.
    flight: Arc<Flight<Result<(), NoKeys>>>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<JwkSet>>,
    fetched_at: Time,
    tried_at: Option<Time>,
    /// The latest fetch because a known key did not verify.
    doubted_at: Option<Time>,
}

/// Why there are no keys.
#[derive(Clone, Debug)]
pub(crate) enum NoKeys {
    /// A sentence for the admin.
    Because(String),
    /// The same, where the provider did not answer in time.
    Late(String),
    /// It is our own trouble.
    Failed(Failure),
}

impl ProviderKeys {
    /// The keys of a connection's provider.
    ///
    /// # Errors
    /// Why there are none, when there never were any or they are too old.
    pub(crate) async fn current(
        &self,
        errand: &Errand,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        let entry = self.entry(connection, url);
        if let Some(keys) = entry.state().fresh(now) {
            return Ok(keys);
        }
        entry.refreshed(errand, now).await
    }

    /// The keys after a token named one that is not among them: fetched again unless that just happened.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn after_unknown(
        &self,
        errand: &Errand,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        self.entry(connection, url).refreshed(errand, now).await
    }

    /// The keys after a token did not verify by the one that it names: fetched again, because a provider may have replaced
    /// a key under its name, at most once a minute.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn after_doubt(
        &self,
        errand: &Errand,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        let entry = self.entry(connection, url);
        entry.state().doubt(now);
        entry.refreshed(errand, now).await
    }

    /// Forgets a connection's keys: it was changed, and the next sign-in asks for them.
    pub fn forget(&self, connection: ConnectionId) {
        if let Ok(mut connections) = self.connections.lock() {
            connections.remove(&connection);
        }
    }

    fn entry(&self, connection: ConnectionId, url: &str) -> Arc<Entry> {
        let fresh =
            || Arc::new(Entry { url: url.to_owned(), state: Mutex::default(), flight: Arc::default() });
        let Ok(mut connections) = self.connections.lock() else { return fresh() };
        match connections.get(&connection) {
            // Another URL than the one the keys came from: the connection was changed, the keys are nothing.
            Some(entry) if entry.url == url => entry.clone(),
            _ => {
                if connections.len() >= MOST_CONNECTIONS {
                    connections.retain(|_, entry| Arc::strong_count(entry) > 1);
                }
                let entry = fresh();
                connections.insert(connection, entry.clone());
                entry
            }
        }
    }
}

impl Entry {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, fetched again unless that just happened: by a task of its own, for all who wait.
    async fn refreshed(self: &Arc<Self>, errand: &Errand, now: Time) -> Result<Arc<JwkSet>, NoKeys> {
        if self.flight.is_under_way() || self.state().may_ask(now) {
            let (entry, errand) = (self.clone(), errand.clone());
            let fetched = self.flight.share(|| async move { entry.refresh(&errand, now).await });
            fetched.await.map_err(NoKeys::Failed)??;
        }
        self.state().usable(now)
    }

    async fn refresh(&self, errand: &Errand, now: Time) -> Result<(), NoKeys> {
        self.state().tried_at = Some(now);
        let fetched = fetch(errand, &self.url).await;
        let mut state = self.state();
        match fetched {
            Ok(keys) => {
                state.keys = Some(Arc::new(keys));
                state.fetched_at = now;
                Ok(())
            }
            Err(why) if state.keys.is_none() => Err(why),
            Err(why) => {
                tracing::warn!(?why, "the identity provider's keys could not be fetched; old ones serve");
                Ok(())
            }
        }
    }
}

impl State {
    fn fresh(&self, now: Time) -> Option<Arc<JwkSet>> {
        self.keys.clone().filter(|_| now < self.fetched_at.plus(FRESH))
    }

    fn usable(&self, now: Time) -> Result<Arc<JwkSet>, NoKeys> {
        self.keys.clone().filter(|_| now < self.fetched_at.plus(STALE)).ok_or_else(|| {
            NoKeys::Because("the provider's keys are older than a day and cannot be fetched again".to_owned())
        })
    }

    /// Without any keys a short retry is harmless and saves the first user a minute.
    fn may_ask(&self, now: Time) -> bool {
        self.keys.is_none() || self.tried_at.is_none_or(|tried| now >= tried.plus(COOL_DOWN))
    }

    fn doubt(&mut self, now: Time) {
        if self.doubted_at.is_none_or(|doubted| now >= doubted.plus(COOL_DOWN)) {
            self.doubted_at = Some(now);
            self.tried_at = None;
        }
    }
}

async fn fetch(errand: &Errand, url: &str) -> Result<JwkSet, NoKeys> {
    let because = |why: String| NoKeys::Because(why);
    let url = Url::parse(url).map_err(|error| because(error.to_string()))?;
    let mut request = FetchRequest::get(url);
    request.limit_bytes = LIMIT;
    let response = errand.send(request).await.map_err(|error| match error {
        FetchError::Busy => NoKeys::Failed(error.failure(Failure::Internal)),
        late if late.is_late() => NoKeys::Late(late.told()),
        other => because(other.told()),
    })?;
    if response.status != http::StatusCode::OK {
        let status = response.status.as_u16();
        return Err(because(format!("it answered with status {status}, expected 200")));
    }
    JwkSet::parse(&response.body).map_err(|error| because(format!("the JWK set: {error}")))
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use vestibule_domain::id::{ConnectionKind, Environment};

    use super::*;
    use crate::world::entropy::SystemEntropy;
    use crate::world::fetch::{FetchPolicy, Fetcher};

    /// A provider that refuses to show its keys, and how often it was asked.
    async fn closed() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let answer =
                    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
            }
        });
        (url, asked)
    }

    #[tokio::test]
    async fn those_who_wait_share_one_failure() {
        let (url, asked) = closed().await;
        let policy = FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() };
        let errand = Fetcher::new(&policy).unwrap().for_operator();
        let connection = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &SystemEntropy);
        let (keys, now) = (ProviderKeys::default(), Time::from_seconds(1_800_000_000));
        let mut all: Vec<_> =
            (0..10).map(|_| Box::pin(keys.current(&errand, connection, &url, now))).collect();
        // All of them wait before anything is sent: there is one thread.
        for one in &mut all {
            assert!(
                std::future::poll_fn(|context| Poll::Ready(one.as_mut().poll(context))).await.is_pending()
            );
        }
        for one in all {
            assert!(matches!(one.await, Err(NoKeys::Because(why)) if why.contains("503")));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(keys.current(&errand, connection, &url, now).await.is_err());
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
