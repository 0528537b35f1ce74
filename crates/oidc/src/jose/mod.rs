//! JSON Object Signing: the part of RFC 7515, 7517, 7518 and 8037 that OpenID Connect needs, and nothing besides.
//!
//! Keys are parsed once and know which algorithms they may serve. A token only names a key and an algorithm; whether
//! that pair is acceptable is decided by the key and by the allow-list of the connection.

pub mod alg;
pub mod b64;
pub mod jwk;
pub mod jwk_set;
pub mod jws;
pub mod sign;

pub use alg::{AlgorithmSet, HmacAlgorithm, SignatureAlgorithm};
pub use jwk::{Jwk, KeyRefusal};
pub use jwk_set::{JwkSet, JwkSetError, SkippedKey};
pub use jws::{Header, HmacKey, HmacKeyError, JwsError, VerifiedJws};
pub use sign::{PublicJwk, SignError, SigningAlgorithm, SigningKey, SigningKeyError};
