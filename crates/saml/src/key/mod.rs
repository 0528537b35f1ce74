//! Certificates and keys: what identity providers sign with, what we sign with, and what decrypts.
//!
//! SAML's trust lies in configured keys, so a certificate is a public key with a name and dates for people to read.
//! Private keys are RSA: it is what identity providers encrypt to, and what all of them can verify.

mod armor;
mod certificate;
mod certificate_error;
mod chain;
mod decryption;
mod der;
mod private;
mod public;
mod raw;
mod signing;
mod verification;

pub use certificate::{Certificate, certificates_from_pem};
pub use certificate_error::{CertificateError, Found};
pub use chain::without_issuers;

pub use decryption::{DecryptionKey, DecryptionKeys};
pub use private::{PrivateKeyError, RsaPrivateKey};
pub use public::{Curve, KeyKind};
pub use signing::{SelfSignError, SignError, SigningKey};
pub use verification::{KeyIndex, KeyRefusal, NoKeys, VerificationKeys};
