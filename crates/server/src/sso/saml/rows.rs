//! Which row of the catalogue says that a response was refused (contract 8.3).

use vestibule_domain::fault::FaultKind;
use vestibule_saml::dsig::SignatureRefusal;
use vestibule_saml::response::{ResponseRefusal, SignatureFailure};

/// The row of a refusal. `has_relay_state` tells a provider that lost the `RelayState` from one that sent back
/// somebody else's.
pub(super) fn row(refusal: &ResponseRefusal, has_relay_state: bool) -> FaultKind {
    use ResponseRefusal as R;
    match refusal {
        R::Xml(_) => FaultKind::InvalidXmlSamlResponse,
        R::Status(_) => FaultKind::FailedSamlResponse,
        R::Signature(failure) => signature(failure),
        // One row for everything that can be wrong with what was encrypted.
        R::NoDecryptionKey
        | R::EncryptedAssertion
        | R::Decryption(_)
        | R::DecryptedXml(_)
        | R::NotAnAssertion { .. } => FaultKind::UndecryptableSamlResponse,
        R::NotSigned => FaultKind::MissingSignatureSamlResponse,
        R::NoDestination { .. } | R::Destination(_) | R::NoRecipient { .. } | R::Recipient(_) => {
            FaultKind::InvalidRecipientSamlResponse
        }
        R::Issuer { .. } | R::IssuerFormat { .. } => FaultKind::InvalidIssuerSamlResponse,
        R::NoAudience { .. } | R::Audience(_) => FaultKind::InvalidAudienceSamlResponse,
        R::IssuedInFuture { .. } | R::NotYetValid(_) => FaultKind::NotYetValidSamlResponse,
        R::IssuedTooLongAgo { .. } | R::Expired(_) | R::ConfirmationExpired(_) | R::SessionExpired(_) => {
            FaultKind::ExpiredSamlResponse
        }
        R::Unasked { .. } if !has_relay_state => FaultKind::MissingSamlRelayState,
        R::Unasked { .. } | R::NoInResponseTo { .. } | R::InResponseTo { .. } => {
            FaultKind::UnsolicitedSamlResponse
        }
        R::NotAResponse { .. }
        | R::Version { .. }
        | R::UnexpectedElement { .. }
        | R::Missing { .. }
        | R::MixedContent { .. }
        | R::NoAssertion
        | R::SeveralAssertions { .. }
        | R::PlainAndEncrypted
        | R::Hidden { .. }
        | R::DuplicateId { .. }
        | R::MalformedTime { .. }
        | R::NoConditions
        | R::UnknownCondition { .. }
        | R::NoSubject
        | R::NoBearerConfirmation { .. }
        | R::ConfirmationNotBefore
        | R::NoConfirmationExpiry
        | R::NoAuthnStatement
        | R::EncryptedNameId
        | R::EmptyNameId
        | R::AttributeWithoutName => FaultKind::InvalidSamlResponse,
    }
}

fn signature(failure: &SignatureFailure) -> FaultKind {
    match failure.refusal() {
        SignatureRefusal::LegacyAlgorithm { .. }
        | SignatureRefusal::SignatureAlgorithm { .. }
        | SignatureRefusal::DigestAlgorithm { .. }
        | SignatureRefusal::Canonicalization { .. }
        | SignatureRefusal::LegacyCanonicalization => FaultKind::UnsupportedAlgorithmSamlResponse,
        // A message that names a certificate we have was changed after it was signed.
        SignatureRefusal::Key(_)
            if failure.claimed().is_none_or(|name| !failure.configured().contains(name)) =>
        {
            FaultKind::SamlCertificateMismatch
        }
        _ => FaultKind::InvalidSignatureSamlResponse,
    }
}
