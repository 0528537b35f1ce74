//! The state of a sign-in (RFC 6749 section 10.12): 128 random bits, when it was made, and a tag by which we know our own
//! without having kept it. As long as any token of ours, 43 characters. One that was made under another name of ours than
//! answers come back to says under which, as far as there is room in a SAML `RelayState` (bindings 3.4.3: 80 bytes).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entropy::{Entropy, bytes};
use crate::secret::Token;
use crate::time::Time;

/// The bytes of a stamp that a state has room for.
pub const TAG_BYTES: usize = 12;
/// The characters of a state: with and without a name.
pub const CHARS: std::ops::RangeInclusive<usize> = 43..=80;
const CHANCE_BYTES: usize = 16;
const HEAD_BYTES: usize = CHANCE_BYTES + 4;
const MOST_NAME_BYTES: usize = 60 - HEAD_BYTES - TAG_BYTES;

/// A state without its tag: what the tag is made over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    head: [u8; HEAD_BYTES],
    name: String,
}

impl Body {
    /// Draws a new one. Its time is in seconds. `name` is the other name of ours, `""` for none; one that does not fit is
    /// left out.
    #[must_use]
    pub fn generate(now: Time, name: &str, entropy: &dyn Entropy) -> Self {
        let seconds = u32::try_from(now.seconds()).unwrap_or_default().to_be_bytes();
        let chance = bytes::<CHANCE_BYTES>(entropy);
        let mut head = [0; HEAD_BYTES];
        head.iter_mut().zip(chance.iter().chain(&seconds)).for_each(|(byte, drawn)| *byte = *drawn);
        let name = if name.len() <= MOST_NAME_BYTES { name } else { "" };
        Self { head, name: name.to_owned() }
    }

    /// What is to be stamped.
    #[must_use]
    pub const fn parts(&self) -> [&[u8]; 2] {
        [&self.head, self.name.as_bytes()]
    }

    /// When it was made, as it says: true where the tag is ours.
    #[must_use]
    pub fn made_at(&self) -> Time {
        let seconds =
            self.head.iter().skip(CHANCE_BYTES).fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte));
        Time::from_millis(seconds * 1000)
    }

    /// The name of ours under which it was made, if that is another one than answers come back to and was told.
    #[must_use]
    pub fn other_name(&self) -> &str {
        &self.name
    }

    /// The state, with the beginning of its stamp.
    #[must_use]
    pub fn with_tag(&self, stamp: &[u8]) -> Token {
        let tag = stamp.iter().take(TAG_BYTES);
        let whole: Vec<u8> = self.head.iter().chain(tag).chain(self.name.as_bytes()).copied().collect();
        Token::presented(&URL_SAFE_NO_PAD.encode(whole))
    }

    /// The two parts of a state, if it can be one.
    #[must_use]
    pub fn of(state: &Token) -> Option<(Self, [u8; TAG_BYTES])> {
        if !CHARS.contains(&state.expose().len()) {
            return None;
        }
        let whole = URL_SAFE_NO_PAD.decode(state.expose()).ok()?;
        let (head, rest) = whole.split_first_chunk::<HEAD_BYTES>()?;
        let (tag, name) = rest.split_first_chunk::<TAG_BYTES>()?;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        Some((Self { head: *head, name }, *tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut().zip(1..).for_each(|(byte, number)| *byte = number);
        }
    }

    #[test]
    fn a_state_says_when_and_where_it_was_made_and_fits_everywhere() {
        let now = Time::from_millis(1_700_000_123_456);
        let fits = "n".repeat(MOST_NAME_BYTES);
        for (name, told, chars) in [
            ("", "", 43),
            ("localhost:4000", "localhost:4000", 62),
            (fits.as_str(), fits.as_str(), 80),
            (&format!("{fits}n"), "", 43),
        ] {
            let body = Body::generate(now, name, &Counting);
            let state = body.with_tag(&[7; 32]);
            assert_eq!(state.expose().len(), chars, "{name}");
            assert_eq!(Body::of(&state), Some((body.clone(), [7; TAG_BYTES])));
            assert_eq!((body.made_at(), body.other_name()), (Time::from_millis(1_700_000_123_000), told));
        }
        for other in ["", "a", &"a".repeat(42), &"a".repeat(81), &"ü".repeat(43)] {
            assert_eq!(Body::of(&Token::presented(other)), None, "{other}");
        }
    }
}
