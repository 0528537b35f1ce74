//! A refused signature, with what helps to find the wrong setting: the certificates on both sides.

use std::fmt;

use vestibule_refusal::{Excerpt, Refusal as _};

use super::refusal::Part;
use crate::dsig::SignatureRefusal;
use crate::key::{Certificate, VerificationKeys};
use crate::xml::{Element, ns};

/// Why a signature was refused, and by which certificates it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFailure {
    part: Part,
    refusal: SignatureRefusal,
    configured: Vec<CertificateName>,
    claimed: Option<CertificateName>,
}

/// A certificate, as people compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateName {
    subject: Excerpt,
    fingerprint: String,
}

impl CertificateName {
    /// The subject and fingerprint of `certificate`.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let octets: Vec<_> =
            certificate.fingerprint_sha256().iter().map(|octet| format!("{octet:02X}")).collect();
        Self { subject: Excerpt::of(certificate.subject()), fingerprint: octets.join(":") }
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// SHA-256 of the DER, in pairs of hexadecimal digits with colons between them.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SHA-256 {})", self.subject, self.fingerprint)
    }
}

impl SignatureFailure {
    /// `signed` is the element whose signature was refused. Its `KeyInfo` is unverified and serves as a hint alone.
    pub(super) fn new(
        part: Part,
        refusal: SignatureRefusal,
        signed: Element<'_>,
        keys: &VerificationKeys,
    ) -> Self {
        let configured = keys.certificates().map(CertificateName::of).collect();
        // Only then is it of any use. Reading certificates costs more than everything before it.
        let by_unknown_key = matches!(refusal, SignatureRefusal::Key(_));
        let claimed = if by_unknown_key { claimed_certificate(signed) } else { None };
        Self { part, refusal, configured, claimed }
    }

    /// Whose signature it is.
    #[must_use]
    pub const fn part(&self) -> Part {
        self.part
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn refusal(&self) -> &SignatureRefusal {
        &self.refusal
    }

    /// The certificates of the connection.
    #[must_use]
    pub fn configured(&self) -> &[CertificateName] {
        &self.configured
    }

    /// The certificate that the message says it was signed with. Not verified.
    #[must_use]
    pub const fn claimed(&self) -> Option<&CertificateName> {
        self.claimed.as_ref()
    }

    /// Whether the signature is by no key of the connection, so that the provider may have a new one.
    #[must_use]
    pub const fn is_unknown_key(&self) -> bool {
        matches!(self.refusal, SignatureRefusal::Key(_))
    }

    /// What was found, for a table of two columns.
    pub(super) fn found(&self) -> Option<String> {
        match &self.claimed {
            Some(claimed) if self.is_unknown_key() => Some(format!("certificate {claimed}")),
            _ => self.refusal.found(),
        }
    }

    /// What was expected, for a table of two columns.
    pub(super) fn expected(&self) -> Option<String> {
        if !self.is_unknown_key() {
            return self.refusal.expected();
        }
        let names: Vec<_> = self.configured.iter().map(ToString::to_string).collect();
        Some(format!("certificate {}", names.join(" or ")))
    }
}

impl fmt::Display for SignatureFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signature of the {} is refused: {}", self.part, self.refusal)?;
        if !self.is_unknown_key() {
            return Ok(());
        }
        match &self.claimed {
            Some(claimed) if self.configured.contains(claimed) => {
                write!(
                    f,
                    ". It names the configured certificate {claimed}: the message was changed on its way"
                )
            }
            Some(claimed) => write!(
                f,
                ". It names the certificate {claimed}, which is not among those of this connection: add the \
                 provider's current signing certificate"
            ),
            None => f.write_str(
                ". Compare the provider's current signing certificate with those of this connection",
            ),
        }
    }
}

/// The first certificate in the `KeyInfo` (XML-DSig 4.5.4).
fn claimed_certificate(signed: Element<'_>) -> Option<CertificateName> {
    let data = inside(inside(inside(signed, "Signature")?, "KeyInfo")?, "X509Data")?;
    let text = inside(data, "X509Certificate")?.text().ok()?;
    Certificate::first_in(&text).as_ref().map(CertificateName::of)
}

fn inside<'d>(parent: Element<'d>, local: &str) -> Option<Element<'d>> {
    parent.elements().find(|child| child.is(ns::DS, local))
}
