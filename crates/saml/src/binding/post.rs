//! HTTP-POST (bindings 3.5): the message in a hidden field of a form that submits itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The value of the form's `SAMLRequest` field: the message in base64, on one line (bindings 3.5.4). The message carries
/// its own signature. The page around it is the caller's, who must escape what it writes into HTML.
#[must_use]
pub fn post_value(message: &str) -> String {
    STANDARD.encode(message)
}
