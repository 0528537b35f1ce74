//! `xs:base64Binary` (XML Schema part 2, section 3.2.16) and the form fields of bindings 3.5.4: the alphabet of RFC 4648
//! section 4 with padding, white space anywhere, and nothing else.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The octets of `text`, or `None` when it is not base64 of any octets: a foreign character, wrong or missing padding,
/// or bits beyond the last octet that are not zero.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(&*compact(text.as_bytes())).ok()
}

fn compact(text: &[u8]) -> Cow<'_, [u8]> {
    // Without an early end, so that the compiler makes vector instructions of it.
    if !text.iter().fold(false, |found, octet| found | is_space(octet)) {
        return Cow::Borrowed(text);
    }
    let mut compact = Vec::with_capacity(text.len());
    for run in text.split(is_space) {
        compact.extend_from_slice(run);
    }
    Cow::Owned(compact)
}

/// White space of XML 1.0 section 2.3.
fn is_space(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn white_space_is_nothing_and_everything_else_is_an_error() {
        for text in ["AAEC", "\r\n A A\tE\nC ", "AAE\nC"] {
            assert_eq!(decode(text).as_deref(), Some([0, 1, 2].as_slice()), "{text:?}");
        }
        assert_eq!(decode("AA =\n="), Some(vec![0]));
        assert_eq!(decode(" \n"), Some(Vec::new()));
        for text in [
            "AAE",
            "AA",
            "A===",
            "AA==AAEC",
            "AB==",
            "A-EC",
            "A_EC",
            "AAEC\u{b}",
            "AAEC\u{a0}",
            "AAEC.",
            "AAEC=",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
