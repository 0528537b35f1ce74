//! Which certificates of a chain carry the key that signs messages.

use super::certificate::Certificate;

/// `certificates`, which were given together, without those that are there only because they vouch for another one of
/// them: whoever issued one, and authorities beside a certificate that is none. Trust in SAML is in the key of the
/// certificate that signs; an authority's key also signs for everybody else whom it has certified.
///
/// An authority that is given alone, or several that have nothing to do with each other, are what somebody wants. A
/// certificate that occurs twice counts once.
#[must_use]
pub fn without_issuers(certificates: &[Certificate]) -> Vec<Certificate> {
    let is_self_issued = |one: &Certificate| one.issuer() == one.subject();
    let has_issued_one = |one: &Certificate| {
        certificates.iter().any(|other| {
            other != one
                && !is_self_issued(other)
                && !one.subject().is_empty()
                && other.issuer() == one.subject()
        })
    };
    let mut signers: Vec<Certificate> = Vec::with_capacity(certificates.len());
    for one in certificates {
        if !has_issued_one(one) && !signers.contains(one) {
            signers.push(one.clone());
        }
    }
    if signers.iter().any(|one| !one.is_authority()) {
        signers.retain(|one| !one.is_authority());
    }
    signers
}
