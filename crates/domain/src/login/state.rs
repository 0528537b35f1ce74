//! The state of a sign-in (RFC 6749 section 10.12): 128 random bits, when it was made, and a tag by which we know our own
//! without having kept it. As long as any token of ours, 43 characters, and so short enough for a SAML `RelayState`
//! (bindings 3.4.3: at most 80 bytes).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entropy::{Entropy, bytes};
use crate::secret::Token;
use crate::time::Time;

/// The bytes of a stamp that a state has room for.
pub const TAG_BYTES: usize = 12;
const CHANCE_BYTES: usize = 16;
const BODY_BYTES: usize = CHANCE_BYTES + 4;

/// A state without its tag: what the tag is made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body([u8; BODY_BYTES]);

impl Body {
    /// Draws a new one. Its time is in seconds.
    #[must_use]
    pub fn generate(now: Time, entropy: &dyn Entropy) -> Self {
        let seconds = u32::try_from(now.seconds()).unwrap_or_default().to_be_bytes();
        let chance = bytes::<CHANCE_BYTES>(entropy);
        let mut body = [0; BODY_BYTES];
        body.iter_mut().zip(chance.iter().chain(&seconds)).for_each(|(byte, drawn)| *byte = *drawn);
        Self(body)
    }

    /// What is to be stamped.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// When it was made, as it says: true where the tag is ours.
    #[must_use]
    pub fn made_at(&self) -> Time {
        let seconds = self.0.iter().skip(CHANCE_BYTES).fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte));
        Time::from_millis(seconds * 1000)
    }

    /// The state, with the beginning of its stamp.
    #[must_use]
    pub fn with_tag(&self, stamp: &[u8]) -> Token {
        let whole: Vec<u8> = self.0.iter().chain(stamp.iter().take(TAG_BYTES)).copied().collect();
        Token::presented(&URL_SAFE_NO_PAD.encode(whole))
    }

    /// The two parts of a state, if it can be one.
    #[must_use]
    pub fn of(state: &Token) -> Option<(Self, [u8; TAG_BYTES])> {
        let whole = URL_SAFE_NO_PAD.decode(state.expose()).ok()?;
        let (body, tag) = whole.split_at_checked(BODY_BYTES)?;
        Some((Self(body.try_into().ok()?), tag.try_into().ok()?))
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
    fn a_state_says_when_it_was_made_and_is_as_long_as_a_token() {
        let now = Time::from_millis(1_700_000_123_456);
        let body = Body::generate(now, &Counting);
        let state = body.with_tag(&[7; 32]);
        assert_eq!(state.expose().len(), Token::generate(&Counting).expose().len());
        assert_eq!(Body::of(&state), Some((body, [7; TAG_BYTES])));
        assert_eq!(body.made_at(), Time::from_millis(1_700_000_123_000));
        for other in ["", "a", &"a".repeat(42), &"a".repeat(44), &"ü".repeat(43)] {
            assert_eq!(Body::of(&Token::presented(other)), None, "{other}");
        }
    }
}
