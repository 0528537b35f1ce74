//! Signing in, whatever the dialect and the protocol: start, callback, and what the identity provider is asked in
//! between. A folder for what only one protocol does: the request to the provider, reading its answer, judging it.

pub mod attempt;
pub mod callback;
pub mod cookie;
pub mod oidc;
pub mod saml;
pub mod start;
pub mod trace;
