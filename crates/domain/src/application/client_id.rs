//! What an application is called where it signs people in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::entropy::{Entropy, bytes};
use crate::refusal::{Field, Refusal, What};

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// How long one of ours is: 62^32 is more than 190 bits, so nobody meets another's by chance.
const LENGTH: usize = 32;
/// The most characters of one that was brought along from another system.
const MOST: usize = 128;

/// Letters, digits, `-`, `.` and `_`, compared exactly.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// Draws a new one: 32 letters and digits.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut text = String::with_capacity(LENGTH);
        while text.len() < LENGTH {
            // 248 is four times the alphabet: what is left of 256 is drawn again, so that no letter is likelier than another.
            let fair = bytes::<48>(entropy).into_iter().filter(|byte| *byte < 248);
            let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)).copied());
            text.extend(letters.take(LENGTH - text.len()).map(char::from));
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if (1..=MOST).contains(&text.len()) && text.bytes().all(is_letter) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(What::Invalid(Field::ClientId))
            .expected(format!("1 to {MOST} letters, digits, hyphens, dots and underscores")))
    }
}

impl TryFrom<String> for ClientId {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            for (at, byte) in out.iter_mut().enumerate() {
                *byte = u8::try_from(at * 7 % 256).unwrap_or_default();
            }
        }
    }

    #[test]
    fn one_of_ours_is_32_letters_and_digits() {
        let id = ClientId::generate(&Counting);
        assert_eq!(id.as_str().len(), 32);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(id.to_string().parse::<ClientId>(), Ok(id));
    }

    #[test]
    fn what_cannot_stand_in_a_url_is_none() {
        for text in ["", "a b", "a/b", "a@clients", "ä", &"a".repeat(129)] {
            assert!(text.parse::<ClientId>().is_err(), "{text}");
        }
    }
}
