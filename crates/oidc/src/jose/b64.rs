//! base64url without padding (RFC 7515 section 2), read strictly: one text for one value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes; refuses padding, white space, the other alphabet, and left-over bits that are not zero.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes what is strict in the other alphabet or has padding, as some servers write the numbers of their keys. Not for
/// tokens: what is signed has one text.
pub(crate) fn decode_plain(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    decode(&plain)
}

/// Appends the encoding of `bytes` to `text`.
pub(crate) fn encode_onto(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_value() {
        assert_eq!(decode("AQAB"), Some(vec![1, 0, 1]));
        assert_eq!(decode("_-8"), Some(vec![0xff, 0xef]));
        for refused in ["AQAB=", "_-8=", "_-9", "/+8", "A", "AQ AB", "AQ\nAB", "é"] {
            assert_eq!(decode(refused), None, "{refused}");
        }
        assert_eq!(decode_plain("/+8="), Some(vec![0xff, 0xef]));
        assert_eq!(decode_plain("A QAB"), None);
    }
}
