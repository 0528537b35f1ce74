//! Keys of identity providers: kept parsed, fetched again when they are old or when a token names a key
//! nobody knows, by one request at a time for each connection (decisions, section 5).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use url::Url;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::time::{Span, Time};
use vestibule_oidc::jose::JwkSet;

use crate::world::fetch::{FetchRequest, Fetcher};

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
    // Held while fetching: whoever comes meanwhile waits for the same answer.
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<JwkSet>>,
    fetched_at: Time,
    tried_at: Option<Time>,
    /// The latest fetch because a known key did not verify.
    doubted_at: Option<Time>,
}

/// Why there are no keys: a sentence for the admin.
pub(crate) type NoKeys = String;

impl ProviderKeys {
    /// The keys of a connection's provider.
    ///
    /// # Errors
    /// Why there are none, when there never were any or they are too old.
    pub async fn current(
        &self,
        fetcher: &Fetcher,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        let entry = self.entry(connection, url);
        let mut state = entry.state.lock().await;
        if let Some(keys) = &state.keys
            && now < state.fetched_at.plus(FRESH)
        {
            return Ok(keys.clone());
        }
        state.refresh(fetcher, url, now).await
    }

    /// The keys after a token named one that is not among them: fetched again unless that just happened.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn after_unknown(
        &self,
        fetcher: &Fetcher,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        self.entry(connection, url).state.lock().await.refresh(fetcher, url, now).await
    }

    /// The keys after a token did not verify by the one that it names: fetched again, because a provider may have replaced
    /// a key under its name, at most once a minute.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn after_doubt(
        &self,
        fetcher: &Fetcher,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Result<Arc<JwkSet>, NoKeys> {
        let entry = self.entry(connection, url);
        let mut state = entry.state.lock().await;
        if state.doubted_at.is_none_or(|doubted| now >= doubted.plus(COOL_DOWN)) {
            state.doubted_at = Some(now);
            state.tried_at = None;
        }
        state.refresh(fetcher, url, now).await
    }

    /// Forgets a connection's keys: it was changed, and the next sign-in asks for them.
    pub fn forget(&self, connection: ConnectionId) {
        if let Ok(mut connections) = self.connections.lock() {
            connections.remove(&connection);
        }
    }

    fn entry(&self, connection: ConnectionId, url: &str) -> Arc<Entry> {
        let fresh = || Arc::new(Entry { url: url.to_owned(), state: tokio::sync::Mutex::default() });
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

impl State {
    async fn refresh(&mut self, fetcher: &Fetcher, url: &str, now: Time) -> Result<Arc<JwkSet>, NoKeys> {
        let cooling = self.tried_at.is_some_and(|tried| now < tried.plus(COOL_DOWN));
        // Without any keys a short retry is harmless and saves the first user a minute.
        if !cooling || self.keys.is_none() {
            self.tried_at = Some(now);
            match fetch(fetcher, url).await {
                Ok(keys) => {
                    self.keys = Some(Arc::new(keys));
                    self.fetched_at = now;
                }
                Err(why) if self.keys.is_none() => return Err(why),
                Err(why) => {
                    tracing::warn!(why, "the identity provider's keys could not be fetched; old ones serve");
                }
            }
        }
        match &self.keys {
            Some(keys) if now < self.fetched_at.plus(STALE) => Ok(keys.clone()),
            _ => Err("the provider's keys are older than a day and cannot be fetched again".to_owned()),
        }
    }
}

async fn fetch(fetcher: &Fetcher, url: &str) -> Result<JwkSet, NoKeys> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let mut request = FetchRequest::get(url);
    request.limit_bytes = LIMIT;
    let response = fetcher.send(request).await.map_err(|error| error.told())?;
    if response.status != http::StatusCode::OK {
        return Err(format!("jwks_url answered with status {}, expected 200", response.status.as_u16()));
    }
    JwkSet::parse(&response.body).map_err(|error| format!("the JWK set at jwks_url: {error}"))
}
