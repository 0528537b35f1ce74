//! Public keys by which an application proves itself (`private_key_jwt`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::bounds::MOST_TEXT_BYTES;
use crate::id::ApplicationKeyId;
use crate::refusal::{Counted, Field, Refusal, What};
use crate::time::Time;

/// The most keys of an application: one that is used, and its successor.
pub const MOST_KEYS: usize = 2;
/// The most bytes of a key as JSON text.
const MOST_BYTES: usize = 8 * 1024;

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationKey {
    /// The id.
    pub id: ApplicationKeyId,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// The public key as RFC 7517 writes it.
    pub jwk: Map<String, Value>,
    /// When it was registered.
    pub created_at: Time,
    /// When it is good no more, if it ends.
    #[serde(default)]
    pub expires_at: Option<Time>,
}

impl ApplicationKey {
    /// Checks what a key may take, and that nothing private is in it.
    ///
    /// # Errors
    /// [`Field::ApplicationKey`].
    pub fn checked(self) -> Result<Self, Refusal> {
        let refuse = |found: &str, expected: &str| {
            Err(Refusal::new(What::Invalid(Field::ApplicationKey)).found(found).expected(expected))
        };
        if self.name.len() > MOST_TEXT_BYTES {
            return refuse("a long name", "at most 1024 bytes");
        }
        if ["d", "p", "q", "k"].iter().any(|member| self.jwk.contains_key(*member)) {
            return refuse("a private key", "the public key alone");
        }
        if serde_json::to_vec(&self.jwk).map_or(usize::MAX, |text| text.len()) > MOST_BYTES {
            return refuse("a long key", "at most 8192 bytes");
        }
        Ok(self)
    }

    /// Whether it is good.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Adds a key.
///
/// # Errors
/// There are as many as there may be.
pub(super) fn room(count: usize) -> Result<(), Refusal> {
    if count > MOST_KEYS {
        return Err(Refusal::new(What::TooMany(Counted::ApplicationKeys))
            .found(format!("{count} keys"))
            .expected(format!("at most {MOST_KEYS}")));
    }
    Ok(())
}
