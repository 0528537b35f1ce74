//! Signing in, whatever the dialect and the protocol: start, callback, and what the identity provider is asked in
//! between. It takes and gives values; doors read requests and turn what came out into answers. A folder for what only
//! one protocol does: the request to the provider, reading its answer, judging it.

pub(crate) mod attempt;
pub(crate) mod callback;
mod kept;
pub(crate) mod oidc;
mod origin;
pub(crate) mod outcome;
mod products;
pub(crate) mod saml;
pub(crate) mod shared_callback;
pub(crate) mod start;
pub(crate) mod trace;
