//! What an accepted response says. The only source of an identity.

use crate::UnixMillis;
use crate::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::key::KeyIndex;

use super::name_id::NameId;

/// The assertion of a response that passed every check.
///
/// Only [`judge`](super::judge) makes one:
///
/// ```compile_fail,E0451
/// # use vestibule_saml::response::AcceptedAssertion;
/// fn as_somebody_else(accepted: AcceptedAssertion) -> AcceptedAssertion {
///     AcceptedAssertion { issuer: "https://idp.example".to_owned(), ..accepted }
/// }
/// ```
///
/// The message is accepted again and again until [`replay_until`](Self::replay_until): whoever calls must remember
/// [`assertion_id`](Self::assertion_id) (unique for the connection) until then and refuse a second time.
#[derive(Clone, Debug)]
pub struct AcceptedAssertion {
    pub(super) issuer: String,
    pub(super) assertion_id: String,
    pub(super) name_id: Option<NameId>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) encrypted_attributes: usize,
    pub(super) session: Session,
    /// See [`AcceptedAssertion::signer`].
    pub(super) signer: [u8; 32],
    pub(super) replay_until: UnixMillis,
    pub(super) signed: Signed,
}

/// What the `AuthnStatement` says (core 2.7.2).
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) authn_instant: UnixMillis,
    pub(super) index: Option<String>,
    pub(super) not_on_or_after: Option<UnixMillis>,
    pub(super) context_class: Option<String>,
}

/// An attribute of the person (core 2.7.3.1). All `Attribute` elements of one name are one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub(super) name: String,
    pub(super) friendly_name: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) unreadable_values: usize,
}

impl Attribute {
    /// The `Name`, which is what it is looked up by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `FriendlyName`, for people only: nothing is looked up by it.
    #[must_use]
    pub fn friendly_name(&self) -> Option<&str> {
        self.friendly_name.as_deref()
    }

    /// The values in order, exactly as they are written. An `xsi:nil` value is no value, an empty one is.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// How many values are neither text nor a `NameID`, and so not among the values.
    #[must_use]
    pub const fn unreadable_values(&self) -> usize {
        self.unreadable_values
    }
}

/// What was signed, by which key, and whether the assertion was encrypted. At least one of the two is there.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    pub(super) response: Option<SignedBy>,
    pub(super) assertion: Option<SignedBy>,
    pub(super) encrypted: bool,
}

/// A signature that was verified.
#[derive(Clone, Copy, Debug)]
pub struct SignedBy {
    /// How it was made.
    pub algorithm: SignatureAlgorithm,
    /// How what it covers was digested.
    pub digest: DigestAlgorithm,
    /// Whether it was made with inclusive canonicalisation, under which context can leak into what is signed.
    pub inclusive_c14n: bool,
    /// The key of the expectations that verified it.
    pub key: KeyIndex,
}

impl SignedBy {
    /// What about it is accepted only because a [`LegacyPolicy`](crate::algorithm::LegacyPolicy) says so.
    pub fn legacy(self) -> impl Iterator<Item = &'static str> {
        [
            self.algorithm.is_legacy().then_some(self.algorithm.name()),
            self.digest.is_legacy().then_some("SHA-1 digest"),
            self.inclusive_c14n.then_some("inclusive canonicalization"),
        ]
        .into_iter()
        .flatten()
    }
}

impl Signed {
    /// The signature of the whole response, if it has one.
    #[must_use]
    pub const fn response(&self) -> Option<SignedBy> {
        self.response
    }

    /// The signature of the assertion, if it has one.
    #[must_use]
    pub const fn assertion(&self) -> Option<SignedBy> {
        self.assertion
    }

    /// Whether the assertion was encrypted.
    #[must_use]
    pub const fn encrypted(&self) -> bool {
        self.encrypted
    }
}

impl AcceptedAssertion {
    /// The provider's entity ID, which is the expected one.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The assertion's `ID`, to be accepted once.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.assertion_id
    }

    /// The key that vouches for the assertion: SHA-256 of its `SubjectPublicKeyInfo`. It is that of the assertion's own
    /// signature if there is one, so that it stays the same when a signature around it is left away.
    #[must_use]
    pub const fn signer(&self) -> [u8; 32] {
        self.signer
    }

    /// The person's name identifier. Some providers send none.
    #[must_use]
    pub const fn name_id(&self) -> Option<&NameId> {
        self.name_id.as_ref()
    }

    /// The person's attributes, each name once, in the order of their first appearance.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// How many attributes were encrypted one by one. They are not read: encrypt the whole assertion instead.
    #[must_use]
    pub const fn encrypted_attributes(&self) -> usize {
        self.encrypted_attributes
    }

    /// The name of the session at the provider, for logging out there.
    #[must_use]
    pub fn session_index(&self) -> Option<&str> {
        self.session.index.as_deref()
    }

    /// When the session at the provider ends. A session of ours must not outlive it.
    #[must_use]
    pub const fn session_not_on_or_after(&self) -> Option<UnixMillis> {
        self.session.not_on_or_after
    }

    /// When the person authenticated.
    #[must_use]
    pub const fn authn_instant(&self) -> UnixMillis {
        self.session.authn_instant
    }

    /// How the person authenticated (`AuthnContextClassRef`).
    #[must_use]
    pub fn authn_context_class(&self) -> Option<&str> {
        self.session.context_class.as_deref()
    }

    /// From when on the message would be refused as too old, so that its ID may be forgotten.
    #[must_use]
    pub const fn replay_until(&self) -> UnixMillis {
        self.replay_until
    }

    /// What was signed and by which key.
    #[must_use]
    pub const fn signed(&self) -> Signed {
        self.signed
    }
}
