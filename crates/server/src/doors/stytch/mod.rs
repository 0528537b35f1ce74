//! The Stytch-compatible dialect: the backend API, the browser's endpoints of a sign-in, and
//! what we add to it.

pub(crate) mod authenticated;
pub(crate) mod backend;
pub(crate) mod browser;
pub(crate) mod by_mail;
pub(crate) mod caller;
pub(crate) mod catalogue;
mod envelope;
mod meanings;
pub(crate) mod own;
pub(crate) mod page;
pub(crate) mod redirect;
pub(crate) mod sdk;
pub(crate) mod second_factor;
pub(crate) mod session_jwt;
pub(crate) mod session_request;
pub(crate) mod whereabouts;
pub(crate) mod wire;

pub use envelope::Stytch;
pub(crate) use envelope::{Answer, Nothing, Success, done, message, ok};
pub use meanings::kind;

use crate::http::endpoint::Endpoints;

/// Every endpoint of this dialect.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    backend::endpoints().and(browser::endpoints()).and(own::endpoints())
}
