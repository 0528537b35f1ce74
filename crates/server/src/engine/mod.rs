//! Signing in, whatever the dialect and the protocol: start, callback, and what the identity provider is asked in
//! between. It takes and gives values; doors read requests and turn what came out into answers. A folder for what only
//! one protocol does: the request to the provider, reading its answer, judging it.

pub mod attempt;
pub mod callback;
pub mod oidc;
pub mod outcome;
pub mod saml;
pub mod start;
pub mod trace;
