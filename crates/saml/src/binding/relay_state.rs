//! `RelayState`: what the other side gives back as it was (bindings 3.4.3, 3.5.3).

use std::fmt;

use thiserror::Error;

/// Most octets that the bindings allow.
const MOST_OCTETS: usize = 80;

/// A value that comes back with the answer, of 1 to 80 octets. The provider sees it, and anybody can send another one
/// back: it is a reference to something that we know, and never an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayState(String);

/// The value is empty or has more than 80 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a RelayState has 1 to 80 octets")]
pub struct NotARelayState;

impl RelayState {
    /// Takes a value of 1 to 80 octets.
    ///
    /// # Errors
    /// [`NotARelayState`] for any other.
    pub fn new(value: impl Into<String>) -> Result<Self, NotARelayState> {
        let value = value.into();
        if value.is_empty() || value.len() > MOST_OCTETS {
            return Err(NotARelayState);
        }
        Ok(Self(value))
    }

    /// The value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
