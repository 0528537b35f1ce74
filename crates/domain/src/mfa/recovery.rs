//! Recovery codes: what a member keeps for the day on which their authenticator is lost. Each is used once.

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::entropy::{Entropy, bytes};
use crate::refusal::{Counted, Field, Refusal, What};
use crate::secret::Secret;

/// How many there are.
const CODES: usize = 10;
/// Letters and digits of one: 62 bits, guessed through a door that shuts after five.
const LENGTH: usize = 12;
/// Between them stands a hyphen after so many.
const GROUP: usize = 4;
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The most that can be brought along from elsewhere, and the longest of them.
const MOST_BROUGHT: usize = 50;
const LONGEST_BROUGHT: usize = 64;
/// A shorter one would be guessed.
const SHORTEST_BROUGHT: usize = 8;

/// The codes of one authenticator that were not used yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryCodes(Vec<Secret>);

impl RecoveryCodes {
    /// Draws new ones.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self((0..CODES).map(|_| draw(entropy)).collect())
    }

    /// Takes codes that somebody has from another system.
    ///
    /// # Errors
    /// [`Counted::RecoveryCodes`]; [`Field::RecoveryCodes`] for one that is too short, too long or no plain text, and for one that is there twice.
    pub fn brought(codes: Vec<String>) -> Result<Self, Refusal> {
        if codes.len() > MOST_BROUGHT {
            return Err(Refusal::new(What::TooMany(Counted::RecoveryCodes)).found(codes.len()));
        }
        let is_plain = |code: &String| {
            let length = plain(code).len();
            (SHORTEST_BROUGHT..=LONGEST_BROUGHT).contains(&length)
                && code.len() <= 2 * LONGEST_BROUGHT
                && code.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        };
        let refused = |why: String| Err(Refusal::new(What::Invalid(Field::RecoveryCodes)).because(why));
        if !codes.iter().all(is_plain) {
            return refused(format!(
                "A recovery code has {SHORTEST_BROUGHT} to {LONGEST_BROUGHT} letters, digits or signs of ASCII."
            ));
        }
        let mut seen: Vec<_> = codes.iter().map(|code| plain(code)).collect();
        seen.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        if seen.windows(2).any(|pair| matches!(pair, [one, next] if one == next)) {
            return refused("One of the codes is there twice.".to_owned());
        }
        Ok(Self(codes.into_iter().map(Secret::from).collect()))
    }

    /// Those that were kept.
    #[must_use]
    pub fn kept(codes: Vec<String>) -> Self {
        Self(codes.into_iter().map(Secret::from).collect())
    }

    /// The codes in the clear, for whoever may see them.
    pub fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Secret::expose)
    }

    /// How many are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    /// Uses one up. Case, spaces and hyphens make no difference: people type them from paper. All are compared, whichever it
    /// is. Whether there was such a one.
    pub fn use_up(&mut self, code: &str) -> bool {
        let given = plain(code);
        let (mut found, mut place) = (Choice::from(0), 0_u64);
        for (at, kept) in (0_u64..).zip(&self.0) {
            let is_it = plain(kept.expose()).as_bytes().ct_eq(given.as_bytes());
            place.conditional_assign(&at, is_it);
            found |= is_it;
        }
        let place = usize::try_from(place).unwrap_or_default();
        let is_found = bool::from(found) && place < self.0.len();
        if is_found {
            self.0.remove(place);
        }
        is_found
    }
}

/// A code without what only helps the eye.
fn plain(code: &str) -> Zeroizing<String> {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    Zeroizing::new(letters.map(|c| c.to_ascii_lowercase()).collect())
}

fn draw(entropy: &dyn Entropy) -> Secret {
    let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
    for at in 0..LENGTH {
        if at > 0 && at % GROUP == 0 {
            code.push('-');
        }
        code.push(letter(entropy));
    }
    Secret::from(code)
}

/// A letter or digit, each as likely as any other: bytes beyond the last whole round of the alphabet are drawn anew.
fn letter(entropy: &dyn Entropy) -> char {
    loop {
        let [byte] = bytes::<1>(entropy);
        if byte < 252
            && let Some(letter) = ALPHABET.get(usize::from(byte) % ALPHABET.len())
        {
            return char::from(*letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut().for_each(|byte| *byte = self.0.fetch_add(7, Ordering::Relaxed));
        }
    }

    fn drawn() -> RecoveryCodes {
        RecoveryCodes::generate(&Counting(AtomicU8::new(1)))
    }

    #[test]
    fn ten_codes_in_three_groups() {
        let codes: HashSet<String> = drawn().expose().map(str::to_owned).collect();
        assert_eq!(codes.len(), CODES);
        for code in codes {
            assert!(code.split('-').all(|group| group.len() == GROUP), "{code}");
            assert!(code.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)), "{code}");
        }
        assert!(!format!("{:?}", drawn()).contains('-'), "codes do not print");
    }

    #[test]
    fn a_code_is_used_once_however_it_is_typed() {
        let mut codes = drawn();
        let one = codes.expose().nth(3).unwrap().to_owned();
        for wrong in ["", "-", "0000-0000-0000", &one[1..], &format!("{one}0")] {
            assert!(!codes.use_up(wrong), "{wrong}");
        }
        assert!(codes.use_up(&format!(" {} ", one.to_uppercase().replace('-', " "))));
        assert!(!codes.use_up(&one));
        assert_eq!(codes.remaining(), CODES - 1);
        assert!(codes.expose().all(|left| left != one));
    }

    #[test]
    fn codes_from_elsewhere_are_plain_and_few() {
        let mut brought = RecoveryCodes::brought(vec!["AbCd 1234".into(), "ABCD-9999".into()]).unwrap();
        assert!(brought.use_up("abcd1234") && !brought.use_up("abcd1234"));
        let many = (0..51).map(|n| format!("code-{n:06}")).collect();
        assert_eq!(RecoveryCodes::brought(many).unwrap_err().what, What::TooMany(Counted::RecoveryCodes));
        for wrong in ["short", &"x".repeat(65), "with\ttab12", "über-lang-code"] {
            let refused = RecoveryCodes::brought(vec![wrong.to_owned()]).unwrap_err();
            assert_eq!(refused.what, What::Invalid(Field::RecoveryCodes), "{wrong}");
        }
        assert!(RecoveryCodes::brought(vec!["abcd1234".into(), "ABCD-1234".into()]).is_err());
    }
}
