//! OpenID Connect relying party.

pub mod authorize;
pub mod callback;
pub mod claims;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod id_token;
mod id_token_error;
pub mod issuer;
pub mod jose;
mod json;
pub mod pkce;
pub mod request;
pub mod time;
pub mod token;
pub mod userinfo;

pub use error::{Excerpt, JsonError, Refusal};
pub use issuer::{Issuer, IssuerRule, UrlPolicy};
pub use time::UnixSeconds;
