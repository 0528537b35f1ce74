//! The Stytch-compatible dialect (contract sections 1 to 8): the backend API, the browser's endpoints of a sign-in, and
//! what we add to it.

pub mod backend;
pub mod browser;
pub mod caller;
pub mod catalogue;
mod envelope;
mod meanings;
pub mod own;
pub mod page;
pub mod redirect;
pub mod session_jwt;
pub mod wire;

pub use envelope::{Answer, Nothing, Stytch, done, message, ok};
pub use meanings::kind;

use crate::http::endpoint::Endpoints;

/// Every endpoint of this dialect.
pub fn endpoints() -> Endpoints<Stytch> {
    backend::endpoints().and(browser::endpoints()).and(own::endpoints())
}
