//! From signatures to an assertion that one of them covers. What is read afterwards is read from here.

use super::accepted::{Signed, SignedBy};
use super::refusal::{Part, ResponseRefusal};
use super::signature_failure::SignatureFailure;
use super::steps::Steps;
use super::{Check, Expectations, Witness};
use crate::dsig::{self, Verified};
use crate::xml::Element;

/// An assertion that a verified signature covers: its own, or that of the response around it. The functions that read
/// values take this and nothing else.
#[derive(Clone, Copy)]
pub(super) struct Covered<'d> {
    assertion: Element<'d>,
    signed: Signed,
}

impl<'d> Covered<'d> {
    /// The verified assertion.
    pub(super) const fn assertion(&self) -> Element<'d> {
        self.assertion
    }

    /// What vouches for it.
    pub(super) const fn signed(&self) -> Signed {
        self.signed
    }
}

/// What vouches for a response whose assertion is encrypted, before it is decrypted.
pub(super) fn of_envelope(outer: Option<&Verified<'_>>) -> Signed {
    Signed { response: outer.map(signed_by), assertion: None, encrypted: true }
}

/// Verifies the signature of `part`, if it has one.
pub(super) fn verified<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    part: Part,
    element: Element<'d>,
    expectations: &Expectations<'_>,
) -> Result<Option<Verified<'d>>, ResponseRefusal> {
    let check = part.pick(Check::ResponseSignature, Check::AssertionSignature);
    let outcome = dsig::signature_of(element)
        .and_then(|signature| {
            signature.map(|signature| signature.verify(expectations.keys, &expectations.legacy)).transpose()
        })
        .map_err(|refusal| {
            let failure = SignatureFailure::new(part, refusal, element, expectations.keys);
            ResponseRefusal::Signature(Box::new(failure))
        });
    if matches!(outcome, Ok(None)) {
        steps.skip(check, part.pick("the Response is not signed", "the assertion is not signed"));
        return Ok(None);
    }
    steps.step(check, outcome, |verified| {
        verified.as_ref().map_or_else(String::new, |by| shown(by, expectations))
    })
}

/// A plain assertion, a direct child of the response.
pub(super) fn plain<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    assertion: Element<'d>,
    outer: Option<&Verified<'d>>,
    own: Option<&Verified<'d>>,
) -> Result<Covered<'d>, ResponseRefusal> {
    covered(steps, assertion, holding(outer, assertion), own, false)
}

/// An assertion that was decrypted. The response vouches for it by its signature over `encrypted`, which was verified
/// before anything was decrypted.
pub(super) fn decrypted<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    assertion: Element<'d>,
    encrypted: Element<'_>,
    outer: Option<&Verified<'_>>,
    own: Option<&Verified<'d>>,
) -> Result<Covered<'d>, ResponseRefusal> {
    covered(steps, assertion, holding(outer, encrypted), own, true)
}

/// The signature over the parent of `child`.
fn holding<'v, 'd>(outer: Option<&'v Verified<'d>>, child: Element<'_>) -> Option<&'v Verified<'d>> {
    outer.filter(|outer| child.parent().is_some_and(|parent| parent.same(outer.element())))
}

fn covered<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    assertion: Element<'d>,
    outer: Option<&Verified<'_>>,
    own: Option<&Verified<'d>>,
    encrypted: bool,
) -> Result<Covered<'d>, ResponseRefusal> {
    let own = own.filter(|own| own.element().same(assertion));
    let signed = Signed { response: outer.map(signed_by), assertion: own.map(signed_by), encrypted };
    let outcome = match (signed.response, signed.assertion) {
        (None, None) => Err(ResponseRefusal::NotSigned),
        _ => Ok(Covered { assertion, signed }),
    };
    steps.step(Check::Signed, outcome, |covered| {
        match (covered.signed.response.is_some(), covered.signed.assertion.is_some()) {
            (true, true) => "the Response and the assertion are signed",
            (true, false) => "the Response is signed",
            _ => "the assertion is signed",
        }
        .to_owned()
    })
}

fn signed_by(verified: &Verified<'_>) -> SignedBy {
    SignedBy {
        algorithm: verified.algorithm(),
        digest: verified.digest_algorithm(),
        inclusive_c14n: verified.is_inclusive(),
        key: verified.key(),
    }
}

fn shown(verified: &Verified<'_>, expectations: &Expectations<'_>) -> String {
    let certificate = super::CertificateName::of(expectations.keys.certificate(verified.key()));
    let weak: Vec<_> = signed_by(verified).legacy().collect();
    let weak = if weak.is_empty() { String::new() } else { format!(" (legacy: {})", weak.join(", ")) };
    format!("{} by {certificate}{weak}", verified.algorithm())
}
