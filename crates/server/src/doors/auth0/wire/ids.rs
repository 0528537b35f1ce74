//! Ids as this dialect spells them: a word, and letters and digits. They are the ids of the house in another alphabet: nothing
//! is stored for them, and whoever has one has the other. Where a path takes one, it takes the house's own spelling too, so that
//! a script that reads ids through one dialect can name them in the other.

use std::fmt;

use vestibule_domain::id::{ConnectionId, ConnectionKind, Environment, Id, Kind, OrganizationId};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits that 128 bits need.
const DIGITS: usize = 22;

/// What connections' ids begin with.
const CONNECTION: &str = "con_";
/// What organizations' ids begin with. Browsers' clients tell ids from names by it.
const ORGANIZATION: &str = "org_";

/// A connection's id.
#[must_use]
pub(crate) fn connection(id: ConnectionId) -> String {
    let kind = match id.kind() {
        ConnectionKind::Oidc => 0,
        ConnectionKind::Saml => 1,
        ConnectionKind::External => 2,
    };
    spell(CONNECTION, kind, id.environment(), id.bytes())
}

/// Reads a connection's id.
#[must_use]
pub(crate) fn read_connection(text: &str) -> Option<ConnectionId> {
    let Some((kind, environment, bytes)) = read(CONNECTION, text) else { return text.parse().ok() };
    let kind = match kind {
        0 => ConnectionKind::Oidc,
        1 => ConnectionKind::Saml,
        2 => ConnectionKind::External,
        _ => return None,
    };
    Some(ConnectionId::of_bytes(kind, environment, bytes))
}

/// An organization's id.
#[must_use]
pub(crate) fn organization(id: OrganizationId) -> String {
    of(ORGANIZATION, &id)
}

/// Reads an organization's id.
#[must_use]
pub(crate) fn read_organization(text: &str) -> Option<OrganizationId> {
    read_of(ORGANIZATION, text)
}

/// An id of one kind behind a word that ends in `_`.
#[must_use]
pub(crate) fn of<K: Kind>(word: &str, id: &Id<K>) -> String {
    spell(word, 0, id.environment(), id.bytes())
}

/// Reads an id of one kind behind a word.
#[must_use]
pub(crate) fn read_of<K: Kind>(word: &str, text: &str) -> Option<Id<K>> {
    match read(word, text) {
        Some((0, environment, bytes)) => Some(Id::of_bytes(environment, bytes)),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// The word, one sign for kind and environment, and the bytes as a number.
fn spell(word: &str, kind: u8, environment: Environment, bytes: [u8; 16]) -> String {
    let environment = match environment {
        Environment::Test => 0,
        Environment::Live => 1,
    };
    format!("{word}{}{}", sign(kind * 2 + environment), Number(u128::from_be_bytes(bytes)))
}

fn read(word: &str, text: &str) -> Option<(u8, Environment, [u8; 16])> {
    let rest = text.strip_prefix(word)?;
    let (first, digits) = rest.as_bytes().split_first()?;
    if digits.len() != DIGITS {
        return None;
    }
    let first = value(*first)?;
    let number = digits
        .iter()
        .try_fold(0_u128, |number, digit| number.checked_mul(62)?.checked_add(u128::from(value(*digit)?)))?;
    let environment = if first.is_multiple_of(2) { Environment::Test } else { Environment::Live };
    Some((first / 2, environment, number.to_be_bytes()))
}

/// A number with leading zeros, so that one thing has one spelling.
struct Number(u128);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = ['0'; DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = sign(u8::try_from(rest % 62).unwrap_or_default());
            rest /= 62;
        }
        f.write_str(&digits.iter().collect::<String>())
    }
}

fn sign(value: u8) -> char {
    ALPHABET.get(usize::from(value)).map_or('0', |sign| char::from(*sign))
}

fn value(sign: u8) -> Option<u8> {
    ALPHABET.iter().position(|known| *known == sign).and_then(|place| u8::try_from(place).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_one_spelling_and_both_are_read() {
        for environment in [Environment::Test, Environment::Live] {
            for kind in [ConnectionKind::Oidc, ConnectionKind::Saml, ConnectionKind::External] {
                for byte in [0, 1, 0x7f, 0xff] {
                    let id = ConnectionId::of_bytes(kind, environment, [byte; 16]);
                    let spelled = connection(id);
                    assert_eq!(spelled.len(), 27, "{spelled}");
                    assert!(spelled.chars().skip(4).all(|c| c.is_ascii_alphanumeric()), "{spelled}");
                    assert_eq!(read_connection(&spelled), Some(id));
                    assert_eq!(read_connection(&id.to_string()), Some(id));
                    let id = OrganizationId::of_bytes(environment, [byte; 16]);
                    assert_eq!(read_organization(&organization(id)), Some(id));
                    assert_eq!(read_organization(&id.to_string()), Some(id));
                }
            }
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        let id = connection(ConnectionId::of_bytes(ConnectionKind::Saml, Environment::Test, [7; 16]));
        let longer = format!("{id}0");
        for text in [
            "",
            "con_",
            "con_KSTUfqlg41KKwagU",
            &longer,
            &id.replace("con_", "org_"),
            &id.replace('2', "-"),
            // More than 128 bits.
            "con_0zzzzzzzzzzzzzzzzzzzzzz",
            // A kind that there is not.
            "con_60000000000000000000000",
            "con_ä000000000000000000000",
        ] {
            assert_eq!(read_connection(text), None, "{text}");
        }
        assert_eq!(read_organization("org_20000000000000000000000"), None);
        assert_eq!(read_organization("acme"), None);
    }
}
