//! From what stands in the input to the value: references (XML 4.1, 4.6), line ends (XML 2.11) and the normalisation
//! of attribute values (XML 3.3.3).

use super::chars::is_allowed;
use super::error::XmlProblem;

/// Which rules a value follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Attribute,
}

/// Appends the value of `raw` to `out`.
///
/// # Errors
/// The problem and how many bytes of `raw` were read before it.
pub(super) fn unescape(raw: &str, kind: Kind, out: &mut String) -> Result<(), (XmlProblem, usize)> {
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.bytes().position(|byte| needs_work(byte, kind)).unwrap_or(rest.len());
        let (before, special) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.push_str(before);
        at += before.len();
        at += match special.as_bytes() {
            [b'&', ..] => {
                let (character, length) = reference(special).map_err(|problem| (problem, at))?;
                out.push(character);
                length
            }
            // A carriage return and the line feed after it are one line end.
            [b'\r', b'\n', ..] => 1,
            [_, ..] => {
                out.push(if kind == Kind::Attribute { ' ' } else { '\n' });
                1
            }
            [] => 0,
        };
    }
    Ok(())
}

fn needs_work(byte: u8, kind: Kind) -> bool {
    match byte {
        b'&' | b'\r' => true,
        b'\t' | b'\n' => kind == Kind::Attribute,
        _ => false,
    }
}

/// The character that the reference at the beginning of `text` stands for, and the length of the reference.
fn reference(text: &str) -> Result<(char, usize), XmlProblem> {
    // The longest that is any use: &#x0010FFFF; and leading zeros within reason.
    let window = text.as_bytes().get(..24).unwrap_or(text.as_bytes());
    let end = window.iter().position(|byte| *byte == b';').ok_or(XmlProblem::Reference)?;
    let name = text.get(1..end).ok_or(XmlProblem::Reference)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => numeric(name.strip_prefix('#').ok_or(XmlProblem::Reference)?)?,
    };
    Ok((character, end + 1))
}

fn numeric(digits: &str) -> Result<char, XmlProblem> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (digits, 10),
    };
    // `from_str_radix` would also take a sign.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(XmlProblem::Reference);
    }
    let number = u32::from_str_radix(digits, radix).map_err(|_| XmlProblem::Reference)?;
    char::from_u32(number).filter(|found| is_allowed(*found)).ok_or(XmlProblem::Character(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(raw: &str, kind: Kind) -> Result<String, XmlProblem> {
        let mut out = String::new();
        unescape(raw, kind, &mut out).map(|()| out).map_err(|(problem, _)| problem)
    }

    #[test]
    fn references_become_characters() {
        let text = value("&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#xD;", Kind::Text);
        assert_eq!(text.unwrap(), "&<>\"'A\u{1F600}\r");
        assert_eq!(value("&amp;lt;", Kind::Text).unwrap(), "&lt;", "once, not twice");
    }

    #[test]
    fn bad_references_are_refused() {
        for raw in
            ["&", "&;", "&amp", "& amp;", "&#;", "&#x;", "&#xg;", "&#+65;", "&#-1;", "&#X41;", "&nbsp;"]
        {
            assert_eq!(value(raw, Kind::Text), Err(XmlProblem::Reference), "{raw}");
        }
        for (raw, number) in [("&#0;", 0), ("&#x8;", 8), ("&#xD800;", 0xD800), ("&#xFFFE;", 0xFFFE)] {
            assert_eq!(value(raw, Kind::Text), Err(XmlProblem::Character(number)), "{raw}");
        }
        assert_eq!(value("&#x110000;", Kind::Text), Err(XmlProblem::Character(0x11_0000)));
        assert_eq!(value("&#99999999999;", Kind::Text), Err(XmlProblem::Reference));
    }

    #[test]
    fn line_ends_become_one_character() {
        assert_eq!(value("a\r\nb\rc\nd\r", Kind::Text).unwrap(), "a\nb\nc\nd\n");
        assert_eq!(value("a\r\nb\rc\nd\te\r\r\n", Kind::Attribute).unwrap(), "a b c d e  ");
        assert_eq!(value("&#10;&#13;&#9;", Kind::Attribute).unwrap(), "\n\r\t", "references stay");
    }
}
