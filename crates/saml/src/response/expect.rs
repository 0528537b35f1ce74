//! What a response is compared with. Nothing here is optional: an expectation that is not there cannot be met.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::Excerpt;

use crate::algorithm::LegacyPolicy;
use crate::key::{DecryptionKeys, VerificationKeys};

/// The tolerance between two clocks that both sides usually need, in milliseconds.
pub const DEFAULT_SKEW_MILLIS: i64 = 60_000;

/// One or more texts, one of which a value must equal, byte for byte. None of them is empty.
///
/// URLs are compared as they are written: no case folding, no default port, no trailing slash (SAML core 1.3.2 and
/// bindings 3.5.5.2 compare URI references as strings).
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    first: &'a str,
    others: &'a [&'a str],
}

/// An expectation without a text would be met by an empty value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an expected value is empty")]
pub struct EmptyExpectation;

impl<'a> Expected<'a> {
    /// Exactly this text.
    pub const fn exactly(text: &'a str) -> Result<Self, EmptyExpectation> {
        if text.is_empty() {
            return Err(EmptyExpectation);
        }
        Ok(Self { first: text, others: &[] })
    }

    /// `first`, which is what refusals tell people to enter, or one of `others`, which are for migrations.
    ///
    /// An optional alternative fits as `alternative.as_slice()`.
    pub fn one_of(first: &'a str, others: &'a [&'a str]) -> Result<Self, EmptyExpectation> {
        if first.is_empty() || others.iter().any(|other| other.is_empty()) {
            return Err(EmptyExpectation);
        }
        Ok(Self { first, others })
    }

    /// Whether `found` is one of the expected texts.
    #[must_use]
    pub fn met_by(&self, found: &str) -> bool {
        found == self.first || self.others.contains(&found)
    }

    /// The text that people are told to enter.
    #[must_use]
    pub const fn first(&self) -> &'a str {
        self.first
    }
}

impl fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Excerpt::of(self.first))?;
        self.others.iter().try_for_each(|other| write!(f, " or {}", Excerpt::of(other)))
    }
}

/// Whether a request of ours is being answered (profiles 4.1.4) or the provider started by itself (4.1.5).
#[derive(Clone, Copy, Debug)]
pub enum Exchange<'a> {
    /// The response answers the request with this ID.
    Solicited {
        /// The `ID` of the `AuthnRequest`.
        request_id: Expected<'a>,
    },
    /// The provider started. The response must not claim to answer anything; an empty `InResponseTo` does not.
    Unsolicited,
    /// The provider started, and is known to write the same `InResponseTo` into every such response. Any other one is
    /// refused, as it would be the answer to somebody's request.
    UnsolicitedWith {
        /// What it writes.
        constant: Expected<'a>,
    },
}

/// Everything a response is judged by. All of it belongs to one connection; nothing is looked up by what the
/// response says about itself.
///
/// There is no default and no way to leave something out:
///
/// ```compile_fail,E0063
/// # use vestibule_saml::response::{Expectations, Exchange, Expected};
/// # use vestibule_saml::{algorithm::LegacyPolicy, key::{DecryptionKeys, VerificationKeys}};
/// fn without_audience<'a>(
///     text: Expected<'a>, keys: &'a VerificationKeys, decryption: &'a DecryptionKeys,
/// ) -> Expectations<'a> {
///     Expectations {
///         idp_entity_id: text, keys, acs_urls: text, exchange: Exchange::Unsolicited, decryption,
///         legacy: LegacyPolicy::default(), skew_millis: 60_000,
///     }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Expectations<'a> {
    /// The provider's entity ID: the `Issuer` of assertion and response.
    pub idp_entity_id: Expected<'a>,
    /// The provider's keys; any of them may have signed.
    pub keys: &'a VerificationKeys,
    /// Our assertion consumer service: `Destination` and `Recipient`.
    pub acs_urls: Expected<'a>,
    /// Us as an `Audience`. The old Entra form `spn:…` is accepted only when it is named here.
    pub audiences: Expected<'a>,
    /// What is being answered.
    pub exchange: Exchange<'a>,
    /// Our keys for encrypted assertions; may be none.
    pub decryption: &'a DecryptionKeys,
    /// What is tolerated although it is no longer secure.
    pub legacy: LegacyPolicy,
    /// How far the two clocks may differ, in milliseconds. [`DEFAULT_SKEW_MILLIS`] fits machines that are synchronised.
    pub skew_millis: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_is_never_empty() {
        assert_eq!(Expected::exactly("").err(), Some(EmptyExpectation));
        assert_eq!(Expected::one_of("", &["a"]).err(), Some(EmptyExpectation));
        assert_eq!(Expected::one_of("a", &[""]).err(), Some(EmptyExpectation));
    }

    #[test]
    fn texts_are_compared_as_written() {
        let expected = Expected::one_of("https://sp.example/acs", &["spn:1"]).unwrap();
        assert!(expected.met_by("https://sp.example/acs") && expected.met_by("spn:1"));
        for found in
            ["", "https://sp.example/acs/", "https://SP.example/acs", "https://sp.example:443/acs", "spn:"]
        {
            assert!(!expected.met_by(found), "{found}");
        }
        assert_eq!(expected.to_string(), "https://sp.example/acs or spn:1");
    }
}
