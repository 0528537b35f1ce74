//! Judging a `Response` (core 3.3.3, bindings 3.5, profiles 4.1.4): the only place where a message becomes an identity.
//!
//! [`judge`] goes through [`Check::ALL`] in order and stops at the first check that fails:
//!
//! 1. *Structure*, which costs little: the children of the Response, one assertion, nothing hidden elsewhere. A status
//!    that is no success ends here; it may be unsigned, so it is told and signs nobody in.
//! 2. *Signatures*, each one that there is. A signature covers the element that it is a direct child of, so what vouches
//!    for an assertion is its own or that of the Response around it. An encrypted assertion is decrypted after the
//!    Response's signature was verified, and needs its own when there is none; the attributes of the Response around it are
//!    compared before, because decryption is dear and anybody can ask for it.
//! 3. *The profile*, on what a signature covers. Attributes of an unsigned Response are compared as well, which can only
//!    refuse more.
//!
//! Values are compared and handed on as they are written: no URL is normalised, no case folded. White space around an
//! `Issuer`, an `Audience` and a `NameID` is not part of them, because indented XML has it there.
//! What the specification leaves open is decided like this:
//!
//! | | |
//! |---|---|
//! | clocks | 60 s of tolerance by default, on both sides of every time; times end with `Z` or an offset |
//! | `IssueInstant` | at most a day ago, in Response and assertion |
//! | `Conditions` | required, with an `AudienceRestriction`; `OneTimeUse` and `ProxyRestriction` are known, no others |
//! | several bearer confirmations | one must hold in every respect; other methods and `Address` are ignored, and so is a `NotBefore` that has passed |
//! | `InResponseTo` unasked | none or empty; one constant value if the connection says that its provider writes it |
//! | several `AuthnStatement`s | one is required, the first is read, the earliest `SessionNotOnOrAfter` counts |
//! | `NameID` | may be absent, but not empty and not an `EncryptedID` |
//! | attributes | `Attribute` elements of one name are joined; a value is text or one `NameID`; `xsi:nil` is no value; anything else is counted and is no reason to refuse the others; so is `EncryptedAttribute` |
//! | `Advice`, `Extensions` | may be there, but nothing in them that could be taken for an assertion or a signature |
//!
//! Not done here: that an assertion is accepted once. See [`AcceptedAssertion::replay_until`].

mod accepted;
mod check;
mod compare;
mod conditions;
mod confirmation;
mod coverage;
mod encrypted;
mod envelope;
mod expect;
mod identity;
mod name_id;
mod profile;
mod refusal;
mod refusal_sides;
mod signature_failure;
mod steps;
mod structure;
mod witness;

pub use accepted::{AcceptedAssertion, Attribute, Signed, SignedBy};
pub use check::Check;
pub use expect::{DEFAULT_SKEW_MILLIS, EmptyExpectation, Exchange, Expectations, Expected};
pub use name_id::{NameId, NameIdFormat, QualifiedName};
pub use refusal::{Mismatch, Moment, Part, ResponseRefusal, StatusReport};
pub use signature_failure::{CertificateName, SignatureFailure};
pub use witness::{Account, Outcome, Witness};

use vestibule_refusal::Excerpt;

use crate::UnixMillis;
use crate::dsig::Verified;
use crate::xml::{Document, Element, Limits};

use compare::Clock;
use coverage::Covered;
use steps::Steps;
use structure::Payload;

/// Core 3.2.2.2: the top-level status of a success.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// Core 8.3.6: the format of an `Issuer`.
const ENTITY_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
/// Profiles 3.3: whoever brings the assertion is its subject.
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// Who a response says that it is from, before anything of it is believed: what an issuer has to be compared with that
/// nobody has named yet. Whether the name is true is for [`judge`] to say, by the signature.
#[must_use]
pub fn claimed_issuer(xml: &[u8]) -> Option<String> {
    let document = Document::parse(xml, &Limits::MESSAGE).ok()?;
    let response = document.root();
    let issuer = |of: Element<'_>| {
        let found = of.only_child(crate::xml::ns::SAML, "Issuer").ok().flatten()?;
        found.text().ok().map(std::borrow::Cow::into_owned)
    };
    let assertion = response.only_child(crate::xml::ns::SAML, "Assertion").ok().flatten();
    assertion.and_then(issuer).or_else(|| issuer(response))
}

/// Judges the XML of a response as of `now`. `witness` hears of every check as it is made; `&mut ()` hears nothing.
///
/// The caller must still make sure that the assertion is accepted once, see [`AcceptedAssertion::replay_until`].
///
/// # Errors
/// [`ResponseRefusal`]: the first check that fails, in the order of [`Check::ALL`]; those of the attributes of a Response come
/// before an encrypted assertion is decrypted.
pub fn judge<W: Witness>(
    xml: &[u8],
    expectations: &Expectations<'_>,
    now: UnixMillis,
    witness: &mut W,
) -> Result<AcceptedAssertion, ResponseRefusal> {
    let mut steps = Steps { witness };
    let clock = Clock { now, skew: expectations.skew_millis };
    let document = Document::parse(xml, &Limits::MESSAGE).map_err(ResponseRefusal::Xml);
    let document = steps.step(Check::Xml, document, |_| format!("{} bytes", xml.len()))?;
    let outline = structure::outline(&mut steps, document.root())?;
    let outer = coverage::verified(&mut steps, Part::Response, outline.response, expectations)?;
    let covered = match outline.payload {
        Payload::Plain(assertion) => plain(&mut steps, assertion, outer.as_ref(), expectations)?,
        Payload::Encrypted(encrypted) => {
            encrypted::precheck(&mut steps, outline.response, outer.as_ref(), expectations, clock)?;
            let plaintext = encrypted::decrypt(&mut steps, encrypted, outer.as_ref(), expectations)?;
            let inner = encrypted::parse(&mut steps, plaintext.as_bytes(), encrypted, outer.as_ref())?;
            let covered =
                encrypted::cover(&mut steps, inner.root(), encrypted, outer.as_ref(), expectations)?;
            return profile::accept(&mut steps, outline.response, &covered, expectations, clock);
        }
    };
    profile::accept(&mut steps, outline.response, &covered, expectations, clock)
}

/// An assertion in the clear, with the signature that covers it.
fn plain<'d, W: Witness>(
    steps: &mut Steps<'_, W>,
    assertion: Element<'d>,
    outer: Option<&Verified<'d>>,
    expectations: &Expectations<'_>,
) -> Result<Covered<'d>, ResponseRefusal> {
    steps.skip(Check::Decryption, "the assertion is not encrypted");
    steps.skip(Check::DecryptedAssertion, "the assertion is not encrypted");
    steps.step(Check::AssertionStructure, structure::assertion(assertion), |()| {
        structure::children_of(assertion)
    })?;
    let own = coverage::verified(steps, Part::Assertion, assertion, expectations)?;
    coverage::plain(steps, assertion, outer, own.as_ref())
}
