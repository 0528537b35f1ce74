//! Certificates and keys of a SAML connection. The protocol crate parses them; here they are
//! values with dates.

use serde::{Deserialize, Serialize};

use crate::id::{SamlEncryptionKeyId, SamlSigningKeyId, SamlVerificationKeyId};
use crate::secret::Secret;
use crate::time::Time;

/// The most verification certificates, and the most encryption keys, of one connection.
pub const MAX_SAML_KEYS: usize = 5;
/// The most signing keys that stay listed; the oldest goes first.
pub(super) const MAX_SIGNING_KEYS: usize = 10;

/// A certificate whose key verifies the identity provider's signatures. Only the key is trusted: neither the
/// dates nor the issuer decide (SAML metadata interoperability profile 2.6.1); they are there for people.
/// Without id and PEM a stored one is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationCertificate {
    /// The id.
    pub id: SamlVerificationKeyId,
    /// The certificate in PEM.
    pub pem: String,
    /// Whom it names.
    #[serde(default)]
    pub subject: String,
    /// Who signed it.
    #[serde(default)]
    pub issuer: String,
    /// SHA-256 of its DER form in lower-case hexadecimal: two with the same are the same certificate.
    /// Missing, it is like no other.
    #[serde(default)]
    pub fingerprint: String,
    /// From when it is meant to be used.
    #[serde(default)]
    pub not_before: Time,
    /// Until when it is meant to be used.
    /// Missing, it has ended: that is warned about and refuses nobody.
    #[serde(default)]
    pub expires_at: Time,
    /// When it was added.
    #[serde(default)]
    pub created_at: Time,
    /// Whether it came out of the provider's metadata. Those are replaced when the metadata changes, those
    /// that somebody added by hand are not.
    /// Missing, somebody added it.
    #[serde(default)]
    pub from_metadata: bool,
}

/// A key by which our own messages to the identity provider are signed, with its certificate.
/// Without id and certificate a stored one is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpSigningKey {
    /// The id.
    pub id: SamlSigningKeyId,
    /// The private key in PEM; kept apart by the store, sealed.
    #[serde(skip)]
    pub private_key: Secret,
    /// The self-signed certificate in PEM.
    pub certificate: String,
    /// When it was made.
    #[serde(default)]
    pub created_at: Time,
    /// Until when its certificate is valid; it stays listed until then.
    #[serde(default)]
    pub expires_at: Time,
}

/// A key to which the identity provider may encrypt.
/// Without id and certificate a stored one is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpEncryptionKey {
    /// The id.
    pub id: SamlEncryptionKeyId,
    /// The private key in PEM; kept apart by the store, sealed.
    #[serde(skip)]
    pub private_key: Secret,
    /// The self-signed certificate in PEM that carries its public key in our metadata.
    pub certificate: String,
    /// When it was added.
    #[serde(default)]
    pub created_at: Time,
}
