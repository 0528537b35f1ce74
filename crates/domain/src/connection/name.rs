//! The name of a connection: what applications ask for it by, and what the ids of its users are made of. It never changes.

use std::fmt;

use super::Connection;
use crate::entropy::{Entropy, bytes};
use crate::id::ConnectionId;
use crate::refusal::{Field, Refusal, What};

/// The most characters of a name.
const MOST: usize = 128;
/// The most characters that a derived name takes from what people call a connection.
const MOST_DERIVED: usize = 64;
/// The letters of a derived name's tail: six of 32 are 30 bits, and whoever meets a taken name draws again.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Letters and digits, with single hyphens between them: unique in its project, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionName(String);

impl ConnectionName {
    /// Takes a name that somebody gave.
    ///
    /// # Errors
    /// [`Field::ConnectionName`] with what was found and the rule.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(What::Invalid(Field::ConnectionName))
            .found(format!("{:?}", text.chars().take(MOST + 1).collect::<String>()))
            .expected(format!("up to {MOST} letters and digits, with single hyphens between them")))
    }

    /// The name of a connection that nobody named: what people call it, as far as that can stand in a name, and a short tail
    /// that makes it unique.
    #[must_use]
    pub fn derived(display_name: &str, entropy: &dyn Entropy) -> Self {
        let tail: String = bytes::<6>(entropy).iter().filter_map(|byte| letter(*byte)).collect();
        match slug(display_name).as_str() {
            "" => Self(format!("connection-{tail}")),
            slug => Self(format!("{slug}-{tail}")),
        }
    }

    /// The name of a connection from before connections had names: its id, which reads as one.
    #[must_use]
    pub fn of_id(id: ConnectionId) -> Self {
        Self(id.to_string())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Connection {
    /// Names a connection that is being made. One that is there keeps its name.
    #[must_use]
    pub fn named(self, name: ConnectionName) -> Self {
        Self { name, ..self }
    }
}

fn is_name(text: &str) -> bool {
    let parts_are_whole = || text.split('-').all(|part| !part.is_empty());
    let characters = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    !text.is_empty() && text.len() <= MOST && characters() && parts_are_whole()
}

fn letter(byte: u8) -> Option<char> {
    LETTERS.get(usize::from(byte) % LETTERS.len()).map(|letter| char::from(*letter))
}

/// The letters and digits of a text in lower case, everything between them as one hyphen.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let room = MOST_DERIVED.saturating_sub(slug.len() + 1);
        if room == 0 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(part.chars().take(room).map(|c| c.to_ascii_lowercase()));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ConnectionKind;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn a_name_is_letters_and_digits_with_single_hyphens_between_them() {
        for good in ["a", "7", "Acme-oidc", "a-b-c", &"x".repeat(128)] {
            assert_eq!(ConnectionName::parse(good).map(|name| name.0), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "a_b",
            "a b",
            "a.b",
            "ä",
            "a|b",
            "CONNECTION_NAME",
            &"x".repeat(129),
        ] {
            let refusal = ConnectionName::parse(bad).unwrap_err();
            assert_eq!(refusal.what, What::Invalid(Field::ConnectionName), "{bad}");
        }
    }

    #[test]
    fn derived_names_are_names() {
        let derived = |text: &str| ConnectionName::derived(text, &Fixed(0)).0;
        assert_eq!(derived("Acme Inc. (SSO)"), "acme-inc-sso-aaaaaa");
        assert_eq!(derived(" ümlaut--Ω "), "mlaut-aaaaaa");
        assert_eq!(derived(""), "connection-aaaaaa");
        for text in ["Acme", "—", &"long name ".repeat(40), &"x".repeat(300), "a\u{0}b"] {
            assert!(is_name(&derived(text)), "{}", derived(text));
        }
        assert_ne!(derived("a"), ConnectionName::derived("a", &Fixed(1)).0);
        let id = ConnectionId::generate(ConnectionKind::Saml, crate::id::Environment::Test, &Fixed(1));
        assert!(is_name(ConnectionName::of_id(id).as_str()));
    }
}
