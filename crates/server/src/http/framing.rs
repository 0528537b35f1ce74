//! Who may have a page in a frame: nobody, unless whoever answers has said whose page may (ADR 62).

use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderValue};

/// What a policy says of frames unless it is said otherwise.
const NOBODY_S: &str = "frame-ancestors 'none'";

/// Lets pages of one origin have an answer in a frame, which nobody else's may. An answer without a policy stays as it is.
pub(super) fn let_into_frame(headers: &mut HeaderMap, origin: &str) {
    let policy = headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let framed = policy.map(|policy| policy.replace(NOBODY_S, &format!("frame-ancestors {origin}")));
    let Some(framed) = framed.and_then(|policy| HeaderValue::from_str(&policy).ok()) else { return };
    headers.insert(CONTENT_SECURITY_POLICY, framed);
    // It knows nobody or ourselves, and browsers of today go by the policy alone.
    headers.remove(X_FRAME_OPTIONS);
}
