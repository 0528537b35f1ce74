//! The keys by which a connection proves itself to its provider (`private_key_jwt`), and how one takes the place of another.

use serde::{Deserialize, Serialize};

use super::{Connection, OidcSettings, Protocol};
use crate::id::ClientAssertionKeyId;
use crate::refusal::{Refusal, Thing, What};
use crate::secret::Secret;
use crate::time::{Span, Time};

/// How long a key that signs no more stays published: an assertion lives for minutes, and providers may fetch the keys after
/// it has come.
const PUBLISHED_AFTER: Span = Span::days(1);
/// From when a key signs that waits until somebody says so: the end of the year 9999.
const UNTIL_TOLD: Time = Time::from_seconds(253_402_300_799);

/// A connection's own key for client assertions, made when it is first needed. Nothing else is signed with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientAssertionKey {
    /// The id, which is also the `kid`.
    pub id: ClientAssertionKeyId,
    /// PKCS#8 in Base64. The store keeps it sealed, apart from the rest.
    #[serde(skip)]
    pub private_key: Secret,
    /// When it was made.
    #[serde(default)]
    pub created_at: Time,
}

/// A key that takes the place of the first one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextClientAssertionKey {
    /// The key, published from the start.
    pub key: ClientAssertionKey,
    /// From when it signs: providers have read it by then.
    pub signs_from: Time,
}

impl OidcSettings {
    /// The key that signs client assertions now. None was needed yet, or there is one.
    #[must_use]
    pub fn assertion_key(&self, now: Time) -> Option<&ClientAssertionKey> {
        let next = self.next_client_assertion_key.as_ref().filter(|next| next.signs_from <= now);
        next.map(|next| &next.key).or(self.client_assertion_key.as_ref())
    }

    /// The keys that the provider should know now.
    #[must_use]
    pub fn published_assertion_keys(&self, now: Time) -> Vec<&ClientAssertionKey> {
        let next = self.next_client_assertion_key.as_ref();
        let is_over = next.is_some_and(|next| next.signs_from.plus(PUBLISHED_AFTER) <= now);
        let first = self.client_assertion_key.as_ref().filter(|_| !is_over);
        first.into_iter().chain(next.map(|next| &next.key)).collect()
    }

    /// All that are kept.
    pub fn assertion_keys_mut(&mut self) -> impl Iterator<Item = &mut ClientAssertionKey> {
        let next = self.next_client_assertion_key.as_mut().map(|next| &mut next.key);
        self.client_assertion_key.iter_mut().chain(next)
    }

    /// The same, to be read.
    pub fn assertion_keys(&self) -> impl Iterator<Item = &ClientAssertionKey> {
        let next = self.next_client_assertion_key.as_ref().map(|next| &next.key);
        self.client_assertion_key.iter().chain(next)
    }
}

impl Connection {
    /// Gives the connection its own key for client assertions, unless it has one. Whether it was given.
    ///
    /// # Errors
    /// A connection of another protocol.
    pub fn give_client_assertion_key(&mut self, key: ClientAssertionKey, now: Time) -> Result<bool, Refusal> {
        let mut next = self.own_settings()?;
        if next.client_assertion_key.is_some() {
            return Ok(false);
        }
        next.client_assertion_key = Some(key);
        self.set(Protocol::Oidc(Box::new(next)), now);
        Ok(true)
    }

    /// Lets another key sign from `signs_from` on. The one that signs now does so until then, and both are published. A key
    /// that waited for its turn is given up.
    ///
    /// # Errors
    /// A connection of another protocol, or one that has no key.
    pub fn rotate_client_assertion_key(
        &mut self,
        key: ClientAssertionKey,
        signs_from: Time,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.with_key(now)?;
        next.next_client_assertion_key = Some(NextClientAssertionKey { key, signs_from });
        self.set(Protocol::Oidc(Box::new(next)), now);
        Ok(())
    }

    /// Keeps a key ready that signs once [`Connection::advance_client_assertion_key`] says so, unless one is ready. Whether it
    /// was taken.
    ///
    /// # Errors
    /// As for [`Connection::rotate_client_assertion_key`].
    pub fn prepare_client_assertion_key(
        &mut self,
        key: ClientAssertionKey,
        now: Time,
    ) -> Result<bool, Refusal> {
        let waits = |next: &NextClientAssertionKey| next.signs_from > now;
        if self.own_settings()?.next_client_assertion_key.as_ref().is_some_and(waits) {
            return Ok(false);
        }
        self.rotate_client_assertion_key(key, UNTIL_TOLD, now)?;
        Ok(true)
    }

    /// Lets the key sign that is ready, and keeps another one ready. The one that signed before is good no more.
    ///
    /// # Errors
    /// As for [`Connection::rotate_client_assertion_key`], or none is ready.
    pub fn advance_client_assertion_key(
        &mut self,
        key: ClientAssertionKey,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.own_settings()?;
        let ready = next.next_client_assertion_key.take().filter(|ready| ready.signs_from > now);
        let ready = ready.ok_or(What::NotFound(Thing::OidcConnection))?;
        next.client_assertion_key = Some(ready.key);
        next.next_client_assertion_key = Some(NextClientAssertionKey { key, signs_from: UNTIL_TOLD });
        self.set(Protocol::Oidc(Box::new(next)), now);
        Ok(())
    }

    /// Lets another key sign from now on, and forgets those before it: one of them has leaked.
    ///
    /// # Errors
    /// As for [`Connection::rotate_client_assertion_key`].
    pub fn replace_client_assertion_key(
        &mut self,
        key: ClientAssertionKey,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.with_key(now)?;
        (next.client_assertion_key, next.next_client_assertion_key) = (Some(key), None);
        self.set(Protocol::Oidc(Box::new(next)), now);
        Ok(())
    }

    /// The settings with the key in the first place that signs now.
    fn with_key(&self, now: Time) -> Result<OidcSettings, Refusal> {
        let mut settings = self.own_settings()?;
        let signs = settings.assertion_key(now).cloned().ok_or_else(|| {
            Refusal::new(What::NotFound(Thing::OidcConnection)).because(
                "The connection has no key for client assertions: it gets one when it is saved or used with \
                 private_key_jwt.",
            )
        })?;
        settings.client_assertion_key = Some(signs);
        Ok(settings)
    }

    fn own_settings(&self) -> Result<OidcSettings, Refusal> {
        Ok(self.oidc().ok_or(What::NotFound(Thing::OidcConnection))?.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{NewConnection, ProviderLabel};
    use crate::entropy::Entropy;
    use crate::id::{ConnectionId, ConnectionKind, Environment, OrganizationId, ProjectId};

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn key(number: u8) -> ClientAssertionKey {
        let id = ClientAssertionKeyId::generate(Environment::Test, &Fixed(number));
        ClientAssertionKey { id, private_key: Secret::new(format!("key {number}")), created_at: NOW }
    }

    fn connection() -> Connection {
        let new = NewConnection {
            id: ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &Fixed(1)),
            project_id: ProjectId::generate(Environment::Test, &Fixed(1)),
            organization_id: OrganizationId::generate(Environment::Test, &Fixed(1)),
            display_name: "IdP",
            identity_provider: ProviderLabel::Generic,
        };
        Connection::new_oidc(&new, NOW).unwrap()
    }

    #[test]
    fn a_key_takes_anothers_place_when_providers_know_it() {
        let mut connection = connection();
        let later = NOW.plus(Span::days(1));
        assert!(connection.rotate_client_assertion_key(key(2), later, NOW).is_err(), "there is none");
        assert!(connection.give_client_assertion_key(key(1), NOW).unwrap());
        let state = |connection: &Connection, at: Time| {
            let settings = connection.oidc().unwrap();
            let published: Vec<_> =
                settings.published_assertion_keys(at).into_iter().map(|key| key.id).collect();
            (settings.assertion_key(at).unwrap().id, published)
        };
        assert_eq!(state(&connection, NOW), (key(1).id, vec![key(1).id]));
        connection.rotate_client_assertion_key(key(2), later, NOW).unwrap();
        let both = vec![key(1).id, key(2).id];
        assert_eq!(state(&connection, NOW), (key(1).id, both.clone()));
        assert_eq!(state(&connection, later), (key(2).id, both));
        let long_after = later.plus(PUBLISHED_AFTER);
        assert_eq!(state(&connection, long_after), (key(2).id, vec![key(2).id]));
        // One that waits is given up for another; one that signs stays until its successor does.
        connection.rotate_client_assertion_key(key(3), later, NOW).unwrap();
        assert_eq!(state(&connection, NOW), (key(1).id, vec![key(1).id, key(3).id]));
        connection.rotate_client_assertion_key(key(4), long_after, later).unwrap();
        assert_eq!(state(&connection, later), (key(3).id, vec![key(3).id, key(4).id]));
        connection.replace_client_assertion_key(key(5), later).unwrap();
        assert_eq!(state(&connection, NOW), (key(5).id, vec![key(5).id]));
    }

    #[test]
    fn a_key_that_is_ready_signs_when_it_is_told_to() {
        let mut connection = connection();
        connection.give_client_assertion_key(key(1), NOW).unwrap();
        assert!(connection.advance_client_assertion_key(key(3), NOW).is_err(), "none is ready");
        assert!(connection.prepare_client_assertion_key(key(2), NOW).unwrap());
        assert!(!connection.prepare_client_assertion_key(key(3), NOW).unwrap(), "one is ready");
        let later = NOW.plus(Span::days(400));
        let keys = |connection: &Connection, at: Time| {
            let settings = connection.oidc().unwrap();
            let published: Vec<_> =
                settings.published_assertion_keys(at).into_iter().map(|key| key.id).collect();
            (settings.assertion_key(at).unwrap().id, published)
        };
        assert_eq!(keys(&connection, later), (key(1).id, vec![key(1).id, key(2).id]));
        connection.advance_client_assertion_key(key(3), later).unwrap();
        assert_eq!(keys(&connection, later), (key(2).id, vec![key(2).id, key(3).id]));
    }
}
