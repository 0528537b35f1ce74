//! What octets are that are not read as they are: by how they begin, which is how people find out what went wrong.

use std::borrow::Cow;

use super::error::XmlProblem;

/// The name of what `octets` are, where their beginning tells.
pub(crate) fn recognised(octets: &[u8]) -> Option<&'static str> {
    match octets {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            Some("it begins with the byte order mark of UTF-32")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("it begins with the byte order mark of UTF-16"),
        [b'<', 0, ..] | [0, b'<', ..] => Some("it is UTF-16"),
        [0x1F, 0x8B, ..] => Some("it is compressed by gzip"),
        [b'P', b'K', 3, 4, ..] => Some("it is a ZIP archive"),
        _ => None,
    }
}

/// What is wrong with octets that are no UTF-8.
pub(super) fn problem(octets: &[u8]) -> XmlProblem {
    recognised(octets).map_or(XmlProblem::NotUtf8, XmlProblem::OtherOctets)
}

/// The text of a document that may be in another encoding than it declares, as people save and paste them: UTF-8 whenever
/// the octets are UTF-8, UTF-16 with or without its mark, and otherwise ISO-8859-1 in the wider form that Windows gives it.
/// `None` for what is no text.
pub(crate) fn text_of(octets: &[u8]) -> Option<Cow<'_, str>> {
    if let Ok(text) = std::str::from_utf8(octets) {
        return Some(without_gaps(text));
    }
    match octets {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0x1F, 0x8B, ..] | [b'P', b'K', 3, 4, ..] => None,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [first, 0, ..] if first.is_ascii() => utf16(octets, u16::from_le_bytes),
        [0, first, ..] if first.is_ascii() => utf16(octets, u16::from_be_bytes),
        // In a text of markup every octet is a character. What decides in metadata is ASCII and reads the same.
        _ if octets.contains(&0) || !octets.trim_ascii_start().starts_with(b"<") => None,
        _ => Some(Cow::Owned(octets.iter().map(|octet| windows_1252(*octet)).collect())),
    }
}

/// UTF-16 whose octets somebody took for characters: a zero beside each. It comes so inside of JSON.
fn without_gaps(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start_matches(['\u{FEFF}', '\u{FFFD}', '\u{FF}', '\u{FE}']);
    let mut first = begins.chars();
    match (first.next(), first.next(), first.next(), first.next()) {
        (Some('\0'), Some(_), Some('\0'), Some(_)) | (Some(_), Some('\0'), Some(_), Some('\0')) => {
            Cow::Owned(begins.chars().filter(|character| *character != '\0').collect())
        }
        _ => Cow::Borrowed(text),
    }
}

fn utf16<'o>(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'o, str>> {
    let pairs = octets.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
    char::decode_utf16(units).collect::<Result<String, _>>().ok().map(Cow::Owned)
}

/// ISO-8859-1, where Windows has characters in the place of control characters.
fn windows_1252(octet: u8) -> char {
    const WINDOWS: [char; 32] = [
        '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
        '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}',
        '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}',
        '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
    ];
    let windows = octet.checked_sub(0x80).and_then(|place| WINDOWS.get(usize::from(place)));
    windows.copied().unwrap_or(char::from(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_that_people_save_gives_the_same_text() {
        const TEXT: &str = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>J\u{fc}rgen</a>";
        let units = |order: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let latin: Vec<u8> =
            TEXT.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
        let marked = |mark: &[u8], octets: Vec<u8>| [mark, &octets].concat();
        for octets in [
            TEXT.as_bytes().to_vec(),
            units(u16::to_le_bytes),
            units(u16::to_be_bytes),
            marked(&[0xFF, 0xFE], units(u16::to_le_bytes)),
            marked(&[0xFE, 0xFF], units(u16::to_be_bytes)),
            latin,
        ] {
            assert_eq!(text_of(&octets).as_deref(), Some(TEXT), "{octets:02x?}");
        }
        let gaps: String = "\u{FF}\u{FE}<a>".chars().flat_map(|character| [character, '\0']).collect();
        let gaps = gaps.replacen("\u{FF}\0\u{FE}\0", "\u{FF}\u{FE}", 1);
        assert_eq!(text_of(gaps.as_bytes()).as_deref(), Some("<a>"));
    }

    #[test]
    fn what_is_no_text_is_not_made_one() {
        for octets in [
            &b"J\xfcrgen"[..],
            b"<a>\xfc\0</a>",
            b"\x1f\x8b\x08\xff",
            b"\xff\xfe<",
            b"\xff\xfe\x00\xd8",
            b"\xff\xfe\0\0<\0\0\0",
        ] {
            assert_eq!(text_of(octets), None, "{octets:02x?}");
        }
        assert_eq!(recognised(b"\x1f\x8b\x08"), Some("it is compressed by gzip"));
        assert_eq!(recognised(b"<a/>"), None);
    }
}
