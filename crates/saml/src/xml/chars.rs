//! Classes of characters (XML 2.2 and 2.3, without the colon, as Namespaces 3 has it).

const NAME_START: u8 = 1;
const NAME: u8 = 2;
const SPACE: u8 = 4;
/// What a URI has without escapes (RFC 3986 section 2), except for the brackets of IP literals.
const URI: u8 = 8;
const SCHEME: u8 = 16;

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = class(byte as u8);
        byte += 1;
    }
    classes
};

const fn class(byte: u8) -> u8 {
    let in_markup = match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => NAME_START | NAME,
        b'0'..=b'9' | b'-' | b'.' => NAME,
        b' ' | b'\t' | b'\n' | b'\r' => SPACE,
        _ => 0,
    };
    let in_uri = match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'+' => URI | SCHEME,
        b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' => URI,
        b'*' | b',' | b';' | b'=' | b'%' => URI,
        _ => 0,
    };
    in_markup | in_uri
}

fn has(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & class != 0)
}

/// White space (XML 2.3).
pub(super) fn is_space(byte: u8) -> bool {
    has(byte, SPACE)
}

/// The length of the `NCName` at the beginning of `text`; 0 when there is none.
pub(super) fn ncname_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let length = bytes.iter().take_while(|byte| has(**byte, NAME)).count();
    if bytes.get(length).is_some_and(|byte| !byte.is_ascii()) {
        return wide_ncname_length(text);
    }
    if bytes.first().is_some_and(|first| has(*first, NAME_START)) { length } else { 0 }
}

fn wide_ncname_length(text: &str) -> usize {
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|character| !is_name(character)).unwrap_or(text.len())
}

fn is_name_start(character: char) -> bool {
    matches!(character,
        'a'..='z' | 'A'..='Z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// What a document may contain at all (XML 2.2).
pub(super) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether there is a control character in `text`, a tab and line ends included, or what a forbidden character beyond ASCII
/// begins with. Most messages have none and need not be looked at for any of them.
pub(super) fn has_controls(text: &str) -> bool {
    // Free of branches, so that the compiler makes vector instructions of it.
    text.as_bytes().iter().fold(false, |found, byte| found | (*byte < 0x20) | (*byte == 0xEF))
}

/// The first character that no document may contain, and where it is.
pub(super) fn first_forbidden(text: &str) -> Option<(usize, char)> {
    let control = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
    let suspicious =
        text.as_bytes().iter().fold(false, |found, byte| found | control(*byte) | (*byte == 0xEF));
    if !suspicious {
        return None;
    }
    text.char_indices().find(|(_, character)| !is_allowed(*character))
}

/// Whether `name` is an absolute URI of the characters that RFC 3986 allows outside of IP literals. Namespace names
/// are compared and never resolved; one that is no URI makes canonicalisers fail, and some take the failure for an
/// empty result.
pub(super) fn is_absolute_uri(name: &str) -> bool {
    let bytes = name.as_bytes();
    let scheme = bytes.iter().position(|byte| !has(*byte, SCHEME)).unwrap_or(bytes.len());
    let begins_well = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(scheme) == Some(&b':');
    let rest = bytes.get(scheme + 1..).unwrap_or_default();
    begins_well
        && !rest.is_empty()
        && rest.iter().all(|byte| has(*byte, URI))
        && has_good_escapes(rest)
        && rest.iter().filter(|byte| **byte == b'#').count() < 2
        && name.get(scheme + 1..).and_then(|rest| rest.strip_prefix("//")).is_none_or(begins_with_authority)
}

/// RFC 3986 section 3.2, with at least one digit in a port and at most one `@`: what stands before the path.
fn begins_with_authority(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.split_once('@').map_or(authority, |(_, after)| after);
    let (host, port) = host_and_port.split_once(':').unwrap_or((host_and_port, "0"));
    let port_is_good = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    port_is_good && !host.contains('@')
}

/// Whether two hexadecimal digits follow each percent sign.
fn has_good_escapes(name: &[u8]) -> bool {
    let is_escape =
        |after: &[u8]| matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    !name.contains(&b'%') || name.split(|byte| *byte == b'%').skip(1).all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_grammar_says() {
        for (text, length) in [
            ("a", 1),
            ("a.b-c_1 x", 7),
            ("é\u{B7}x>", 5),
            ("a\u{300}=", 3),
            (":a", 0),
            ("1a", 0),
            ("-a", 0),
            ("", 0),
            ("\u{300}a", 0),
            ("a\u{D7}", 1),
        ] {
            assert_eq!(ncname_length(text), length, "{text:?}");
        }
    }

    #[test]
    fn namespace_names_are_absolute() {
        for good in [
            "urn:a",
            "http://www.w3.org/2000/09/xmldsig#",
            "a+b.c-1:x",
            "http://a/?b=%20&c",
            "x://u:p@h:80/p:q@r",
            "x:///a",
            "x:a//b:c",
        ] {
            assert!(is_absolute_uri(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a/b:c",
            ":a",
            "1a:b",
            "urn:",
            "urn:a b",
            "urn:a#b#c",
            "urn:<",
            "urn:é",
            "//host/a",
            "urn:%",
            "urn:%2",
            "urn:%zz",
            "urn:%%20",
            "http://host:/a",
            "http://host:port/a",
            "http://host:80:80",
            "http://a@b@c/",
            "http://host:123456",
        ] {
            assert!(!is_absolute_uri(bad), "{bad}");
        }
    }

    #[test]
    fn forbidden_characters_are_found() {
        assert_eq!(first_forbidden("a\tb\r\n\u{EFFF}\u{FFFD}\u{7F}"), None);
        assert_eq!(first_forbidden("ab\u{1}"), Some((2, '\u{1}')));
        assert_eq!(first_forbidden("é\u{FFFE}"), Some((2, '\u{FFFE}')));
    }
}
