//! How messages travel through the browser (SAML bindings 3.4 HTTP-Redirect, 3.5 HTTP-POST).
//!
//! We send requests by either binding and take responses by HTTP-POST alone: the web browser SSO profile forbids a
//! response in a URL (profiles 4.1.2).

mod input;
mod post;
mod redirect;
mod relay_state;
mod response;
mod stray;

pub use input::{InputError, InputForm, ResponseInput, read_response};
pub use post::post_value;
pub use redirect::redirect_url;
pub use relay_state::{NotARelayState, RelayState};
pub use response::{DecodeError, MOST_RESPONSE_OCTETS, decode_response};
pub use stray::Stray;
