//! What a request to a provider was like, as far as its answer is judged by it: settings may change while somebody signs in,
//! and what was sent does not.

use serde::{Deserialize, Serialize};

use crate::connection::{CallbackAddress, Channel, Connection, PkceMethod};

const SHARED: u8 = 1;
const WITHOUT_NONCE: u8 = 2;
const WITHOUT_PKCE: u8 = 4;
const PLAIN_PKCE: u8 = 8;

/// How a code was bound to its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentPkce {
    /// By the hash of a verifier: every request from before there was a choice.
    #[default]
    S256,
    /// By the verifier itself.
    Plain,
    /// Not at all.
    None,
}

impl SentPkce {
    /// How the challenge is made, if there is one.
    #[must_use]
    pub const fn method(self) -> Option<PkceMethod> {
        match self {
            Self::S256 => Some(PkceMethod::S256),
            Self::Plain => Some(PkceMethod::Plain),
            Self::None => None,
        }
    }
}

impl From<Option<PkceMethod>> for SentPkce {
    fn from(method: Option<PkceMethod>) -> Self {
        match method {
            Some(PkceMethod::S256) => Self::S256,
            Some(PkceMethod::Plain) => Self::Plain,
            None => Self::None,
        }
    }
}

/// What a request was like. Missing in a stored attempt is what every request was like before there was a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// Where the answer comes back to.
    pub callback: CallbackAddress,
    /// How a code is bound to it.
    pub pkce: SentPkce,
    /// It had no nonce.
    pub without_nonce: bool,
}

impl Sent {
    /// What a request through a connection is like now; of one that is borrowed, through the one that it borrows.
    #[must_use]
    pub fn through(source: &Connection) -> Self {
        let callback = source.common.callback;
        let Some(settings) = source.oidc() else { return Self { callback, ..Self::default() } };
        match settings.channel {
            Channel::BackChannel => Self {
                callback,
                pkce: settings.pkce_method().into(),
                without_nonce: settings.no_back_channel_nonce,
            },
            // An id token in a browser's hands is bound by its nonce, always.
            Channel::FrontChannel => Self { callback, ..Self::default() },
        }
    }

    /// Whether it says nothing that was not always so.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// As one byte.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        let callback = match self.callback {
            CallbackAddress::Own => 0,
            CallbackAddress::Shared => SHARED,
        };
        let pkce = match self.pkce {
            SentPkce::S256 => 0,
            SentPkce::Plain => PLAIN_PKCE,
            SentPkce::None => WITHOUT_PKCE,
        };
        callback | pkce | if self.without_nonce { WITHOUT_NONCE } else { 0 }
    }

    /// Reads the byte. `None` for what no version of us writes.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        let pkce = match byte & (WITHOUT_PKCE | PLAIN_PKCE) {
            0 => SentPkce::S256,
            PLAIN_PKCE => SentPkce::Plain,
            WITHOUT_PKCE => SentPkce::None,
            _ => return None,
        };
        if byte & !(SHARED | WITHOUT_NONCE | WITHOUT_PKCE | PLAIN_PKCE) != 0 {
            return None;
        }
        let callback = if byte & SHARED == 0 { CallbackAddress::Own } else { CallbackAddress::Shared };
        Some(Self { callback, pkce, without_nonce: byte & WITHOUT_NONCE != 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_read_as_it_was_written_and_no_other() {
        let mut written = Vec::new();
        for callback in CallbackAddress::ALL {
            for pkce in [SentPkce::S256, SentPkce::Plain, SentPkce::None] {
                for without_nonce in [false, true] {
                    let sent = Sent { callback, pkce, without_nonce };
                    assert_eq!(Sent::from_byte(sent.to_byte()), Some(sent));
                    written.push(sent.to_byte());
                }
            }
        }
        for byte in (0..=u8::MAX).filter(|byte| !written.contains(byte)) {
            assert_eq!(Sent::from_byte(byte), None, "{byte}");
        }
        assert!(Sent::default().is_usual() && Sent::default().to_byte() == 0);
    }
}
