//! What it means that a response was refused.

use vestibule_domain::refusal::{Judged, Via, What};
use vestibule_saml::dsig::SignatureRefusal;
use vestibule_saml::response::{ResponseRefusal, SignatureFailure};
use vestibule_saml::sign::MessageId;

use super::solicitation::Solicitation;

/// The meaning of a refusal of an answer to `solicitation`.
pub(super) fn meaning(refusal: &ResponseRefusal, solicitation: &Solicitation) -> What {
    use ResponseRefusal as R;
    match refusal {
        R::Xml(_) => What::Assertion(Judged::NotXml),
        R::Status(_) => What::ProviderRefused(Via::Saml),
        R::Signature(failure) => signature(failure),
        // One meaning for everything that can be wrong with what was encrypted.
        R::NoDecryptionKey
        | R::EncryptedAssertion
        | R::Decryption(_)
        | R::DecryptedXml(_)
        | R::NotAnAssertion { .. } => What::Assertion(Judged::Undecryptable),
        R::NotSigned => What::Assertion(Judged::NotSigned),
        R::NoDestination { .. } | R::Destination(_) | R::NoRecipient { .. } | R::Recipient(_) => {
            What::Assertion(Judged::Recipient)
        }
        R::Issuer { .. } | R::IssuerFormat { .. } => What::Assertion(Judged::Issuer),
        R::NoAudience { .. } | R::Audience(_) => What::Assertion(Judged::Audience),
        R::IssuedInFuture { .. } | R::NotYetValid(_) | R::ConfirmationNotBefore(_) => {
            What::Assertion(Judged::NotYetValid)
        }
        R::IssuedTooLongAgo { .. } | R::Expired(_) | R::ConfirmationExpired(_) | R::SessionExpired(_) => {
            match solicitation {
                Solicitation::Solicited(_) => What::OverOnArrival(Via::Saml),
                // Whoever loads a page again brings an old one.
                Solicitation::Unsolicited { .. } => What::Expired(Via::Saml),
            }
        }
        // Anything but an id of ours is what the provider writes by itself, and no state was lost.
        R::Unasked { found, .. }
            if lost_the_state(solicitation) && MessageId::has_form_of(found.as_str()) =>
        {
            What::NoState(Via::Saml)
        }
        R::NoInResponseTo { .. } => What::Assertion(Judged::AnswersNothing),
        R::Unasked { .. } | R::InResponseTo { .. } => What::Unsolicited(Via::Saml),
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
        | R::NoConfirmationExpiry
        | R::NoAuthnStatement
        | R::EncryptedNameId
        | R::EmptyNameId
        | R::AttributeWithoutName => What::Assertion(Judged::Unacceptable),
    }
}

/// A provider that lost the `RelayState`, told from one that sent back somebody else's.
const fn lost_the_state(solicitation: &Solicitation) -> bool {
    matches!(solicitation, Solicitation::Unsolicited { has_relay_state: false })
}

fn signature(failure: &SignatureFailure) -> What {
    match failure.refusal() {
        SignatureRefusal::LegacyAlgorithm { .. }
        | SignatureRefusal::SignatureAlgorithm { .. }
        | SignatureRefusal::DigestAlgorithm { .. }
        | SignatureRefusal::Canonicalization { .. }
        | SignatureRefusal::LegacyCanonicalization => What::Assertion(Judged::Algorithm),
        // A message that names a certificate we have was changed after it was signed.
        SignatureRefusal::Key(_)
            if failure.claimed().is_none_or(|name| !failure.configured().contains(name)) =>
        {
            What::Assertion(Judged::OtherCertificate)
        }
        _ => What::Assertion(Judged::Signature),
    }
}
