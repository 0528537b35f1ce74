//! SAML 2.0, the service provider's side: bytes, expectations and the current time go in, a verdict comes out.

pub mod algorithm;
mod b64;
pub mod binding;
pub mod c14n;
pub mod dsig;
pub mod key;
pub mod metadata;
pub mod request;
pub mod response;
pub mod sign;
pub mod time;
mod write;
pub mod xml;
pub mod xmlenc;

pub use time::UnixMillis;
pub use vestibule_refusal::{Excerpt, Refusal};
