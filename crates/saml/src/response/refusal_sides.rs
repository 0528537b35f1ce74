//! The refusals as values: their codes, their checks, and the two sides of each mismatch.

use vestibule_refusal::Refusal;

use super::refusal::{Part, ResponseRefusal};
use super::{Check, SUCCESS};

impl ResponseRefusal {
    /// The check that failed.
    #[must_use]
    pub fn check(&self) -> Check {
        match self {
            Self::Xml(_) => Check::Xml,
            Self::NotAResponse { .. } => Check::ResponseElement,
            Self::Version { part: Part::Response, .. } => Check::ResponseVersion,
            Self::UnexpectedElement { part, .. }
            | Self::Missing { part, .. }
            | Self::MixedContent { part, .. }
            | Self::Version { part, .. } => part.pick(Check::ResponseStructure, Check::AssertionStructure),
            Self::Status(_) => Check::Status,
            Self::NoAssertion | Self::SeveralAssertions { .. } | Self::PlainAndEncrypted => {
                Check::SingleAssertion
            }
            Self::Hidden { part, .. } => part.pick(Check::NothingHidden, Check::DecryptedAssertion),
            Self::Signature(failure) => {
                failure.part().pick(Check::ResponseSignature, Check::AssertionSignature)
            }
            Self::NoDecryptionKey | Self::EncryptedAssertion | Self::Decryption(_) => Check::Decryption,
            Self::DecryptedXml(_) | Self::NotAnAssertion { .. } | Self::DuplicateId { .. } => {
                Check::DecryptedAssertion
            }
            Self::NotSigned => Check::Signed,
            Self::NoDestination { .. } | Self::Destination(_) => Check::Destination,
            Self::Issuer { part, .. } | Self::IssuerFormat { part, .. } => {
                part.pick(Check::ResponseIssuer, Check::AssertionIssuer)
            }
            Self::MalformedTime { check, .. } => *check,
            Self::IssuedInFuture { part, .. } | Self::IssuedTooLongAgo { part, .. } => {
                part.pick(Check::ResponseIssueInstant, Check::AssertionIssueInstant)
            }
            Self::NoInResponseTo { part, .. }
            | Self::InResponseTo { part, .. }
            | Self::Unasked { part, .. } => {
                part.pick(Check::ResponseInResponseTo, Check::ConfirmationInResponseTo)
            }
            Self::NoConditions | Self::UnknownCondition { .. } => Check::Conditions,
            Self::NotYetValid(_) => Check::NotBefore,
            Self::Expired(_) => Check::NotOnOrAfter,
            Self::NoAudience { .. } | Self::Audience(_) => Check::Audience,
            Self::NoSubject | Self::NoBearerConfirmation { .. } => Check::BearerConfirmation,
            Self::NoRecipient { .. } | Self::Recipient(_) => Check::Recipient,
            Self::ConfirmationNotBefore(_) | Self::NoConfirmationExpiry | Self::ConfirmationExpired(_) => {
                Check::ConfirmationExpiry
            }
            Self::NoAuthnStatement => Check::AuthnStatement,
            Self::SessionExpired(_) => Check::SessionExpiry,
            Self::EncryptedNameId | Self::EmptyNameId => Check::NameId,
            Self::AttributeWithoutName => Check::Attributes,
        }
    }

    /// Whether the message is signed by a key that is not the provider's as far as we know, so that reading the
    /// provider's metadata again may help.
    #[must_use]
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Signature(failure) if failure.is_unknown_key())
    }
}

impl Part {
    pub(super) fn pick<T>(self, response: T, assertion: T) -> T {
        match self {
            Self::Response => response,
            Self::Assertion => assertion,
        }
    }
}

impl Refusal for ResponseRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.code(),
            Self::NotAResponse { .. } => "not_a_response",
            Self::Version { part, .. } => part.pick("response_version", "assertion_version"),
            Self::UnexpectedElement { part, .. } => {
                part.pick("response_unexpected_element", "assertion_unexpected_element")
            }
            Self::Missing { part, .. } => part.pick("response_incomplete", "assertion_incomplete"),
            Self::MixedContent { part, .. } => part.pick("response_mixed_content", "assertion_mixed_content"),
            Self::Status(_) => "provider_refused",
            Self::NoAssertion => "no_assertion",
            Self::SeveralAssertions { .. } => "several_assertions",
            Self::PlainAndEncrypted => "plain_and_encrypted_assertions",
            Self::Hidden { .. } => "hidden_element",
            Self::Signature(failure) => failure.refusal().code(),
            Self::NoDecryptionKey => "no_decryption_key",
            Self::EncryptedAssertion => "encrypted_assertion_unusable",
            Self::Decryption(refusal) => refusal.code(),
            Self::DecryptedXml(_) => "decrypted_not_xml",
            Self::NotAnAssertion { .. } => "decrypted_not_an_assertion",
            Self::DuplicateId { .. } => "duplicate_id",
            Self::NotSigned => "not_signed",
            Self::NoDestination { .. } => "destination_missing",
            Self::Destination(_) => "destination_mismatch",
            Self::Issuer { part, .. } => part.pick("response_issuer_mismatch", "assertion_issuer_mismatch"),
            Self::IssuerFormat { .. } => "issuer_format",
            Self::MalformedTime { .. } => "malformed_time",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::IssuedTooLongAgo { .. } => "issued_too_long_ago",
            Self::NoInResponseTo { .. } => "in_response_to_missing",
            Self::InResponseTo { .. } => "in_response_to_mismatch",
            Self::Unasked { .. } => "in_response_to_unasked",
            Self::NoConditions => "conditions_missing",
            Self::UnknownCondition { .. } => "condition_unknown",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::Expired(_) => "expired",
            Self::NoAudience { .. } => "audience_missing",
            Self::Audience(_) => "audience_mismatch",
            Self::NoSubject => "subject_missing",
            Self::NoBearerConfirmation { .. } => "bearer_confirmation_missing",
            Self::NoRecipient { .. } => "recipient_missing",
            Self::Recipient(_) => "recipient_mismatch",
            Self::ConfirmationNotBefore(_) => "confirmation_not_before",
            Self::NoConfirmationExpiry => "confirmation_expiry_missing",
            Self::ConfirmationExpired(_) => "confirmation_expired",
            Self::NoAuthnStatement => "authn_statement_missing",
            Self::SessionExpired(_) => "session_expired",
            Self::EncryptedNameId => "name_id_encrypted",
            Self::EmptyNameId => "name_id_empty",
            Self::AttributeWithoutName => "attribute_without_name",
        }
    }

    fn found(&self) -> Option<String> {
        // What is the same whatever the message says, unless an arm says it itself.
        let fixed = match self {
            Self::Xml(error) | Self::DecryptedXml(error) => return error.found(),
            Self::Signature(failure) => return failure.found(),
            Self::Decryption(refusal) => return refusal.found(),
            Self::NotAResponse { found }
            | Self::Version { found, .. }
            | Self::NotAnAssertion { found }
            | Self::IssuerFormat { found, .. }
            | Self::Unasked { found, .. }
            | Self::UnknownCondition { found }
            | Self::NoBearerConfirmation { found }
            | Self::DuplicateId { id: found } => return Some(found.to_string()),
            Self::UnexpectedElement { inside, found, .. } | Self::Hidden { found, inside, .. } => {
                return Some(format!("{found} inside {inside}"));
            }
            Self::MixedContent { inside, .. } => return Some(inside.to_string()),
            Self::Status(report) => return Some(report.to_string()),
            Self::SeveralAssertions { found } => return Some(found.to_string()),
            Self::Destination(mismatch)
            | Self::Issuer { mismatch, .. }
            | Self::InResponseTo { mismatch, .. }
            | Self::Audience(mismatch)
            | Self::Recipient(mismatch) => return Some(mismatch.found.to_string()),
            Self::MalformedTime { name, found, .. } => return Some(format!("{name} {found}")),
            Self::IssuedInFuture { moment, .. }
            | Self::IssuedTooLongAgo { moment, .. }
            | Self::NotYetValid(moment)
            | Self::Expired(moment)
            | Self::ConfirmationNotBefore(moment)
            | Self::ConfirmationExpired(moment)
            | Self::SessionExpired(moment) => return Some(moment.time.to_string()),
            Self::Missing { missing, .. } => return Some(format!("no {missing}")),
            Self::NoAssertion => "no assertion",
            Self::PlainAndEncrypted => "plain and encrypted assertions at once",
            Self::NoDecryptionKey => "an encrypted assertion, and no key here to decrypt it with",
            // The one answer to everything that can be wrong with it.
            Self::EncryptedAssertion => "an encrypted assertion that cannot be used",
            Self::NotSigned => "no signature",
            Self::NoDestination { .. } => "no Destination",
            Self::NoInResponseTo { .. } => "no InResponseTo",
            Self::NoConditions => "no Conditions",
            Self::NoAudience { .. } => "no Audience",
            Self::NoSubject => "no Subject",
            Self::NoRecipient { .. } => "no Recipient",
            Self::NoConfirmationExpiry => "no NotOnOrAfter",
            Self::NoAuthnStatement => "no AuthnStatement",
            Self::EncryptedNameId => "an encrypted NameID",
            Self::EmptyNameId => "an empty NameID",
            Self::AttributeWithoutName => "an Attribute without a Name",
        };
        Some(fixed.to_owned())
    }

    fn expected(&self) -> Option<String> {
        // What is the same whatever the message says, unless an arm says it itself.
        let fixed = match self {
            Self::Xml(error) | Self::DecryptedXml(error) => return error.expected(),
            Self::Signature(failure) => return failure.expected(),
            Self::Decryption(refusal) => return refusal.expected(),
            Self::NotAResponse { .. } => "a Response",
            Self::Version { .. } => "2.0",
            Self::Missing { inside, missing, .. } => return Some(format!("{missing} in {inside}")),
            Self::Status(_) => SUCCESS,
            Self::NoAssertion | Self::SeveralAssertions { .. } | Self::PlainAndEncrypted => "one assertion",
            Self::NotAnAssertion { .. } => "an Assertion",
            Self::NotSigned => "a signed assertion or Response",
            Self::NoDestination { expected }
            | Self::NoInResponseTo { expected, .. }
            | Self::NoAudience { expected }
            | Self::NoRecipient { expected } => return Some(expected.clone()),
            Self::Destination(mismatch)
            | Self::Issuer { mismatch, .. }
            | Self::InResponseTo { mismatch, .. }
            | Self::Audience(mismatch)
            | Self::Recipient(mismatch) => return Some(mismatch.expected.clone()),
            Self::IssuerFormat { .. } => super::ENTITY_FORMAT,
            Self::MalformedTime { .. } => "a time such as 2026-02-28T12:00:00Z",
            Self::IssuedInFuture { moment, .. }
            | Self::NotYetValid(moment)
            | Self::ConfirmationNotBefore(moment) => return Some(format!("not after {}", moment.now)),
            Self::IssuedTooLongAgo { moment, .. } => {
                return Some(format!("at most a day before {}", moment.now));
            }
            Self::Expired(moment) | Self::ConfirmationExpired(moment) | Self::SessionExpired(moment) => {
                return Some(format!("after {}", moment.now));
            }
            Self::Unasked { .. } => "no InResponseTo, because nobody asked here",
            Self::NoBearerConfirmation { .. } => super::BEARER,
            Self::UnexpectedElement { .. } => "the elements of SAML 2.0, in their order",
            Self::MixedContent { .. } => "elements alone, or a text alone",
            Self::Hidden { .. } => "assertions and signatures where SAML has them, and nowhere else",
            Self::DuplicateId { .. } => "an ID that occurs once",
            Self::NoDecryptionKey => "an assertion in the clear, or encrypted for a key of this connection",
            Self::EncryptedAssertion => {
                "one that is encrypted for a key of this connection, and signed inside by the provider"
            }
            Self::NoConditions => "Conditions with an AudienceRestriction",
            Self::UnknownCondition { .. } => "AudienceRestriction, OneTimeUse or ProxyRestriction",
            Self::NoSubject => "a Subject with a bearer confirmation",
            Self::NoConfirmationExpiry => "NotOnOrAfter in the SubjectConfirmationData",
            Self::NoAuthnStatement => "an AuthnStatement",
            Self::EncryptedNameId => "a NameID in the clear; the whole assertion may be encrypted",
            Self::EmptyNameId => "a NameID with a text in it",
            Self::AttributeWithoutName => "a Name on every Attribute",
        };
        Some(fixed.to_owned())
    }
}
