//! The characters that canonical XML writes as references (Canonical XML 2.3, "Text Nodes" and "Attribute Nodes").

/// Appends a text.
pub(super) fn text(value: &str, out: &mut Vec<u8>) {
    escape(value, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

/// Appends an attribute value, which the caller puts between double quotes.
pub(super) fn attribute(value: &str, out: &mut Vec<u8>) {
    escape(value, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'"' => Some(b"&quot;"),
        b'\t' => Some(b"&#x9;"),
        b'\n' => Some(b"&#xA;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn escape(value: &str, out: &mut Vec<u8>, reference: impl Fn(u8) -> Option<&'static [u8]>) {
    let mut rest = value.as_bytes();
    while let Some((length, written)) =
        rest.iter().enumerate().find_map(|(at, byte)| Some((at, reference(*byte)?)))
    {
        let (plain, special) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        out.extend_from_slice(written);
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}
