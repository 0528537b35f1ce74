//! XML Signature as SAML uses it (core 5.4): an enveloped signature over the element that it is a child of.
//!
//! [`signature_of`] reads the signature of an element against one fixed template; [`Signature::verify`] checks it with
//! the keys of the connection and gives [`Verified`], the proof that this element, without its signature, is what the
//! key signed. There is no other way to a [`Verified`], and code that reads claims asks for one.
//!
//! The order of core validation (XML Signature 3.2) is chosen so that strangers can cause little work: the signature
//! over `SignedInfo` comes first, and only what a configured key vouched for is canonicalised and digested.
//!
//! `KeyInfo` is never read. A certificate in a message says who the sender claims to be, and that is not a reason to
//! believe it; the keys come from the connection alone.
//!
//! What is inside the `Signature` element is not covered by it. Readers of a verified element take fixed paths that do
//! not lead there.

pub(crate) mod ids;
mod refusal;
mod template;

use std::borrow::Cow;
use std::fmt;

use smallvec::SmallVec;

pub use refusal::SignatureRefusal;

use crate::algorithm::{DigestAlgorithm, LegacyPolicy, SignatureAlgorithm};
use crate::key::{KeyIndex, VerificationKeys};
use crate::xml::{Element, ns};
use crate::{b64, c14n};

/// A signature that has the right shape and was not yet checked.
pub struct Signature<'d> {
    parent: Element<'d>,
    signature: Element<'d>,
    signed_info: Element<'d>,
    signed_info_form: Canonicalization<'d>,
    algorithm: SignatureAlgorithm,
    value: Cow<'d, str>,
    parent_form: Canonicalization<'d>,
    digest_algorithm: DigestAlgorithm,
    digest: Cow<'d, str>,
}

/// A canonicalisation as the signature names it.
enum Canonicalization<'d> {
    Exclusive(SmallVec<[&'d str; 4]>),
    Inclusive,
    Inclusive11,
}

impl Canonicalization<'_> {
    fn method(&self) -> c14n::Method<'_> {
        match self {
            Self::Exclusive(inclusive_prefixes) => c14n::Method::Exclusive { inclusive_prefixes },
            Self::Inclusive => c14n::Method::Inclusive,
            Self::Inclusive11 => c14n::Method::Inclusive11,
        }
    }
}

/// An element that a configured key signed. Only [`Signature::verify`] makes one.
///
/// Everything in the element is signed but its own `ds:Signature` child.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'d> {
    element: Element<'d>,
    algorithm: SignatureAlgorithm,
    digest_algorithm: DigestAlgorithm,
    is_inclusive: bool,
    key: KeyIndex,
}

impl<'d> Verified<'d> {
    /// The signed element.
    #[must_use]
    pub fn element(self) -> Element<'d> {
        self.element
    }

    /// How it was signed.
    #[must_use]
    pub fn algorithm(self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// How it was digested.
    #[must_use]
    pub fn digest_algorithm(self) -> DigestAlgorithm {
        self.digest_algorithm
    }

    /// Whether inclusive canonicalisation was used anywhere.
    #[must_use]
    pub fn is_inclusive(self) -> bool {
        self.is_inclusive
    }

    /// By which of the keys.
    #[must_use]
    pub fn key(self) -> KeyIndex {
        self.key
    }
}

/// The signature of `parent`: its `ds:Signature` child, if there is one.
///
/// # Errors
/// [`SignatureRefusal`] when there are two, or when anything about it is not as the template of a SAML signature has it:
/// a reference to another element, other transforms, an algorithm that is never accepted, unknown children.
pub fn signature_of<'d>(parent: Element<'d>) -> Result<Option<Signature<'d>>, SignatureRefusal> {
    match parent.only_child(ns::DS, "Signature") {
        Ok(None) => Ok(None),
        Ok(Some(signature)) => template::read(parent, signature).map(Some),
        Err(_) => Err(SignatureRefusal::Repeated),
    }
}

impl<'d> Signature<'d> {
    /// How the signature claims to be made.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// How the reference claims to be digested.
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest_algorithm
    }

    /// Whether it uses inclusive canonicalisation anywhere.
    #[must_use]
    pub fn is_inclusive(&self) -> bool {
        [&self.signed_info_form, &self.parent_form]
            .iter()
            .any(|form| matches!(form, Canonicalization::Inclusive | Canonicalization::Inclusive11))
    }

    /// The `ds:Signature` element itself.
    #[must_use]
    pub fn element(&self) -> Element<'d> {
        self.signature
    }

    /// Checks the signature (XML Signature 3.2).
    ///
    /// # Errors
    /// [`SignatureRefusal`]: legacy algorithms that `legacy` does not allow, an ID that is not unique in the document,
    /// a signature by none of `keys`, content that is not what was signed.
    pub fn verify(
        self,
        keys: &VerificationKeys,
        legacy: &LegacyPolicy,
    ) -> Result<Verified<'d>, SignatureRefusal> {
        self.check_policy(legacy)?;
        ids::check_unique(self.parent.document())?;
        let value = decoded(&self.value, "SignatureValue")?;
        let digest = decoded(&self.digest, "DigestValue")?;

        // Canonical forms are about as long as what they are made from, seldom longer.
        let mut octets = Vec::with_capacity(self.parent.document().input.len());
        c14n::write(self.signed_info, None, self.signed_info_form.method(), &mut octets);
        let key = keys.verify(self.algorithm, &octets, &value)?;

        octets.clear();
        c14n::write(self.parent, Some(self.signature), self.parent_form.method(), &mut octets);
        if self.digest_algorithm.digest(&octets).as_ref() != digest {
            return Err(SignatureRefusal::Digest);
        }
        let is_inclusive = self.is_inclusive();
        let Self { parent: element, algorithm, digest_algorithm, .. } = self;
        Ok(Verified { element, algorithm, digest_algorithm, is_inclusive, key })
    }

    fn check_policy(&self, legacy: &LegacyPolicy) -> Result<(), SignatureRefusal> {
        if !legacy.allows_signature(self.algorithm) {
            return Err(SignatureRefusal::LegacyAlgorithm { found: self.algorithm.name() });
        }
        if !legacy.allows_digest(self.digest_algorithm) {
            return Err(SignatureRefusal::LegacyAlgorithm { found: self.digest_algorithm.name() });
        }
        if self.is_inclusive() && !legacy.inclusive_c14n {
            return Err(SignatureRefusal::LegacyCanonicalization);
        }
        Ok(())
    }
}

impl fmt::Debug for Signature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({}, {} of {:?})", self.algorithm, self.digest_algorithm, self.parent)
    }
}

fn decoded(text: &str, element: &'static str) -> Result<Vec<u8>, SignatureRefusal> {
    b64::decode(text).ok_or(SignatureRefusal::NotBase64 { element })
}
