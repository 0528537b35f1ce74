//! An encrypted assertion (core 2.3.4): a second document, which stands where the first one has ciphertext.
//!
//! Anybody can encrypt for us, so decryption proves nothing. Somebody who changes the ciphertext of another person's
//! message and is told what became of it can decrypt that message step by step (XML-Enc 1.1 section 6.1). So unless a
//! signature over the ciphertext was verified before, everything that goes wrong from here to the inner signature is
//! one refusal.

use super::compare::Clock;
use super::coverage::{self, Covered};
use super::refusal::{Part, ResponseRefusal};
use super::steps::Steps;
use super::{Check, Expectations, Witness, envelope, structure};
use crate::dsig::Verified;
use crate::xml::{Document, Element, Limits};
use crate::xmlenc::{self, DecryptionRefusal, Plaintext};

/// Decryption costs more than everything else, and anybody can ask for it. So what the Response around says in the clear is
/// compared before; it can only refuse. It is compared again, and heard of, when its turn comes.
pub(super) fn precheck<W: Witness>(
    steps: &mut Steps<'_, W>,
    response: Element<'_>,
    outer: Option<&Verified<'_>>,
    expectations: &Expectations<'_>,
    clock: Clock,
) -> Result<(), ResponseRefusal> {
    let signed = coverage::of_envelope(outer);
    let unheard = &mut Steps { witness: &mut () };
    envelope::check(unheard, response, signed, expectations, clock).inspect_err(|refusal| {
        steps.witness.failed(refusal.check(), refusal);
    })
}

pub(super) fn decrypt<W: Witness>(
    steps: &mut Steps<'_, W>,
    encrypted: Element<'_>,
    outer: Option<&Verified<'_>>,
    expectations: &Expectations<'_>,
) -> Result<Plaintext, ResponseRefusal> {
    let plaintext = xmlenc::decrypt(encrypted, expectations.decryption).map_err(|refusal| match refusal {
        DecryptionRefusal::NoKey => ResponseRefusal::NoDecryptionKey,
        other => ResponseRefusal::Decryption(other),
    });
    let found = |_: &Plaintext| "decrypted by a key of this connection".to_owned();
    steps.step(Check::Decryption, plaintext, found).map_err(|refusal| told(refusal, outer))
}

/// Reads what was decrypted. It has the namespaces in scope of the element that it replaces (XML-Enc 4.3.3).
pub(super) fn parse<'x, W: Witness>(
    steps: &mut Steps<'_, W>,
    plaintext: &'x [u8],
    encrypted: Element<'x>,
    outer: Option<&Verified<'_>>,
) -> Result<Document<'x>, ResponseRefusal> {
    let document = Document::parse_in_context(plaintext, encrypted, &Limits::MESSAGE)
        .map_err(ResponseRefusal::DecryptedXml)
        .and_then(|document| structure::decrypted(document.root(), encrypted).map(|()| document));
    let found = |_: &Document<'_>| "one Assertion".to_owned();
    steps.step(Check::DecryptedAssertion, document, found).map_err(|refusal| told(refusal, outer))
}

/// The decrypted assertion, with the signature that covers it.
pub(super) fn cover<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    assertion: Element<'d>,
    encrypted: Element<'_>,
    outer: Option<&Verified<'_>>,
    expectations: &Expectations<'_>,
) -> Result<Covered<'d>, ResponseRefusal> {
    let found = |(): &()| structure::children_of(assertion);
    steps
        .step(Check::AssertionStructure, structure::assertion(assertion), found)
        .and_then(|()| coverage::verified(steps, Part::Assertion, assertion, expectations))
        .and_then(|own| coverage::decrypted(steps, assertion, encrypted, outer, own.as_ref()))
        .map_err(|refusal| told(refusal, outer))
}

/// What the sender is told.
fn told(refusal: ResponseRefusal, outer: Option<&Verified<'_>>) -> ResponseRefusal {
    match (refusal, outer) {
        // What stands in the clear, and what the provider itself signed, gives nothing away.
        (refusal @ ResponseRefusal::NoDecryptionKey, _) | (refusal, Some(_)) => refusal,
        (ResponseRefusal::Decryption(refusal), None) if refusal != DecryptionRefusal::Failed => {
            ResponseRefusal::Decryption(refusal)
        }
        (_, None) => ResponseRefusal::EncryptedAssertion,
    }
}
