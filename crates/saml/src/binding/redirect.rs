//! HTTP-Redirect (bindings 3.4): the message in the query of a URL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;

use super::relay_state::RelayState;
use crate::key::{SignError, SigningKey};

/// The best compression that does not take noticeably longer on a message of this size.
const COMPRESSION_LEVEL: u8 = 6;

/// The URL that takes `request`, an unsigned message, to `endpoint`.
///
/// The message is compressed with raw DEFLATE, then base64, then URL-encoded (bindings 3.4.4.1). With `key` the query is
/// signed: `SAMLRequest`, `RelayState` and `SigAlg` in this order, octet for octet as they stand in the URL, and the
/// signature is the last parameter. Parameters that `endpoint` has already are kept, in front; a fragment is dropped,
/// because no server would see it.
///
/// # Errors
/// [`SignError`] when the signature cannot be made.
pub fn redirect_url(
    endpoint: &str,
    request: &str,
    relay_state: Option<&RelayState>,
    key: Option<&SigningKey>,
) -> Result<String, SignError> {
    let deflated = compress_to_vec(request.as_bytes(), COMPRESSION_LEVEL);
    let mut query = String::with_capacity(2048);
    push_parameter(&mut query, "SAMLRequest", &STANDARD.encode(deflated));
    if let Some(relay_state) = relay_state {
        push_parameter(&mut query, "RelayState", relay_state.as_str());
    }
    if let Some(key) = key {
        push_parameter(&mut query, "SigAlg", SigningKey::ALGORITHM.uri());
        let signature = key.sign(query.as_bytes())?;
        push_parameter(&mut query, "Signature", &STANDARD.encode(signature));
    }
    let endpoint = endpoint.split_once('#').map_or(endpoint, |(before, _)| before);
    let separator = match endpoint.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, parameters)) if parameters.ends_with('&') => "",
        Some(_) => "&",
    };
    Ok([endpoint, separator, &query].concat())
}

fn push_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    for octet in value.bytes() {
        push_encoded(query, octet);
    }
}

/// Everything but the unreserved characters of RFC 3986 section 2.3 is written as `%` and two upper-case digits.
fn push_encoded(query: &mut String, octet: u8) {
    if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
        return query.push(char::from(octet));
    }
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase();
    query.extend(['%', digit(octet >> 4), digit(octet & 15)]);
}
