//! Judging a `Response` (core 3.3.3, bindings 3.5, profiles 4.1.4): the only place where a message becomes an identity.

mod accepted;
mod check;
mod expect;
mod name_id;
mod refusal;
mod refusal_sides;
mod signature_failure;
mod steps;
mod structure;
mod witness;

pub use accepted::{AcceptedAssertion, Attribute, Signed, SignedBy};
pub use check::Check;
pub use expect::{DEFAULT_SKEW_MILLIS, EmptyExpectation, Exchange, Expectations, Expected};
pub use name_id::{NameId, NameIdFormat};
pub use refusal::{Mismatch, Moment, Part, ResponseRefusal, StatusReport};
pub use signature_failure::{CertificateName, SignatureFailure};
pub use witness::{Account, Outcome, Witness};

use crate::UnixMillis;
use crate::xml::{Document, Limits};

use steps::Steps;

/// Core 3.2.2.2: the top-level status of a success.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// Core 8.3.6: the format of an `Issuer`.
const ENTITY_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
/// Profiles 3.3: whoever brings the assertion is its subject.
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// Judges the XML of a response as of `now`. `witness` hears of every check as it is made; `&mut ()` hears nothing.
///
/// # Errors
/// [`ResponseRefusal`]: the first check that fails, in the order of [`Check::ALL`].
pub fn judge<W: Witness>(
    xml: &[u8],
    expectations: &Expectations<'_>,
    now: UnixMillis,
    witness: &mut W,
) -> Result<AcceptedAssertion, ResponseRefusal> {
    let mut steps = Steps { witness };
    let document = Document::parse(xml, &Limits::MESSAGE).map_err(ResponseRefusal::Xml);
    let document = steps.step(Check::Xml, document, |_| format!("{} bytes", xml.len()))?;
    let outline = structure::outline(&mut steps, document.root())?;
    let _ = (expectations, now, outline);
    steps.step(Check::Signed, Err(ResponseRefusal::NotSigned), |_| String::new())
}
