//! Reading what people paste: PEM (RFC 7468), several of them in a row, or the bare base64 of metadata.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use vestibule_refusal::Excerpt;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Characters of a line that we write.
const LINE: usize = 64;

/// Most octets of a pasted text. Certificates have 1 to 3 KiB, keys of 4096 bits 3.2 KiB.
const MOST_OCTETS: usize = 256 * 1024;

/// Why a text is not armoured data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ArmorError {
    Empty,
    TooLong,
    /// The line breaks came as a backslash and an `n`.
    EscapedLineBreaks,
    /// A `BEGIN` line without its `END` line.
    Unclosed(Excerpt),
    NotBase64 {
        line: usize,
    },
}

/// One armoured piece. Its octets are decoded when somebody asks, so that a private key pasted as a certificate is
/// never decoded at all.
pub(super) struct Block<'a> {
    /// What the `BEGIN` line says, or nothing for bare base64.
    pub(super) label: &'a str,
    body: &'a str,
    /// The line that the body begins on, counted from 1.
    line: usize,
}

impl Block<'_> {
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, ArmorError> {
        let mut compact = Zeroizing::new(String::with_capacity(self.body.len()));
        compact.extend(self.body.chars().filter(|character| !character.is_ascii_whitespace()));
        let octets = STANDARD.decode(compact.as_bytes());
        octets.map(Zeroizing::new).map_err(|_| ArmorError::NotBase64 { line: self.first_foreign_line() })
    }

    /// As [`Block::decode`], also of several base64 texts that stand one after the other, each with its own padding.
    pub(super) fn decode_pieces(&self) -> Result<Zeroizing<Vec<u8>>, ArmorError> {
        // Web pages and word processors add spaces that nobody sees.
        let is_blank = |character: char| {
            character.is_whitespace()
                || matches!(character, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
        };
        let mut compact = Zeroizing::new(String::with_capacity(self.body.len()));
        compact.extend(self.body.chars().filter(|character| !is_blank(*character)));
        let mut octets = Zeroizing::new(Vec::with_capacity(compact.len()));
        let mut rest = compact.as_str();
        while let Some(at) = rest.find('=') {
            let end = rest.len() - rest.get(at..).unwrap_or_default().trim_start_matches('=').len();
            let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if after.is_empty() {
                break;
            }
            octets.extend(self.piece(piece)?);
            rest = after;
        }
        octets.extend(self.piece(rest)?);
        Ok(octets)
    }

    fn piece(&self, base64: &str) -> Result<Vec<u8>, ArmorError> {
        STANDARD.decode(base64).map_err(|_| ArmorError::NotBase64 { line: self.first_foreign_line() })
    }

    /// Whether OpenSSL's older header says that the octets are encrypted (RFC 1421 section 4.6.1.1).
    pub(super) fn is_encrypted(&self) -> bool {
        self.body.trim_start().starts_with("Proc-Type:") && self.body.contains("ENCRYPTED")
    }

    /// The first line with a character that base64 does not have; the last line when only the length is wrong.
    fn first_foreign_line(&self) -> usize {
        let body = self.body.trim_end();
        let foreign = |line: &str| line.chars().any(|character| !is_base64(character));
        let offset = body.lines().position(foreign);
        self.line + offset.unwrap_or_else(|| body.lines().count().saturating_sub(1))
    }
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '+' | '/' | '=')
        || character.is_ascii_whitespace()
}

/// The armoured pieces of `text`, at least one. Text before, between and after PEM blocks explains (RFC 7468 section 2)
/// and is passed over; text without any `BEGIN` line is one bare piece.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, ArmorError> {
    if text.len() > MOST_OCTETS {
        return Err(ArmorError::TooLong);
    }
    if text.trim().is_empty() {
        return Err(ArmorError::Empty);
    }
    if text.contains("-----\\n") || text.contains("-----\\r\\n") {
        return Err(ArmorError::EscapedLineBreaks);
    }
    if !text.contains(BEGIN) {
        return Ok(vec![Block { label: "", body: text, line: 1 }]);
    }
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        line += line_breaks(before);
        let (label, after) = after.split_once(DASHES).ok_or_else(|| unclosed(after))?;
        let (body, after) = after.split_once(END).ok_or_else(|| unclosed(label))?;
        let (end_label, after) = after.split_once(DASHES).ok_or_else(|| unclosed(label))?;
        if end_label != label || body.contains(BEGIN) {
            return Err(unclosed(label));
        }
        found.push(block(label, body, line));
        line += line_breaks(body);
        rest = after;
    }
    Ok(found)
}

/// The body's first line is counted from where its text begins, which is after the line break of the `BEGIN` line.
fn block<'a>(label: &'a str, body: &'a str, begin_line: usize) -> Block<'a> {
    let text = body.trim_start();
    let blank = body.get(..body.len() - text.len()).unwrap_or_default();
    Block { label, body: text, line: begin_line + line_breaks(blank) }
}

fn line_breaks(text: &str) -> usize {
    text.bytes().filter(|octet| *octet == b'\n').count()
}

fn unclosed(label: &str) -> ArmorError {
    ArmorError::Unclosed(Excerpt::of(label.lines().next().unwrap_or_default()))
}

/// `octets` as one PEM block with lines of 64 characters (RFC 7468 section 2).
pub(super) fn pem(label: &str, octets: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(octets));
    let mut text =
        Zeroizing::new(String::with_capacity(encoded.len() / LINE * (LINE + 1) + 2 * label.len() + 64));
    text.push_str(BEGIN);
    text.push_str(label);
    text.push_str(DASHES);
    for (position, character) in encoded.chars().enumerate() {
        if position % LINE == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push('\n');
    text.push_str(END);
    text.push_str(label);
    text.push_str(DASHES);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Vec<&str>, ArmorError> {
        blocks(text).map(|found| found.iter().map(|block| block.label).collect())
    }

    #[test]
    fn blocks_are_found_between_explanations_and_on_one_line() {
        let text = "Bag Attributes\n-----BEGIN A-----\nAAEC\n-----END A-----\nand\n-----BEGIN B----- AA== -----END B-----";
        let found = blocks(text).unwrap();
        assert_eq!(labels(text).unwrap(), ["A", "B"]);
        assert_eq!(found[0].decode().unwrap().as_slice(), [0, 1, 2]);
        assert_eq!(found[1].decode().unwrap().as_slice(), [0]);
        let bare = blocks(" AAEC\r\n\tAA== \n").unwrap();
        assert_eq!((bare.len(), bare[0].label), (1, ""));
        assert_eq!(bare[0].decode().unwrap().as_slice(), [0, 1, 2, 0]);
    }

    #[test]
    fn the_line_that_is_not_base64_is_named() {
        let line = |text: &str| blocks(text).unwrap()[0].decode().unwrap_err();
        assert_eq!(
            line("x\n-----BEGIN A-----\nAAEC\nAA\u{2026}C\n-----END A-----"),
            ArmorError::NotBase64 { line: 4 }
        );
        assert_eq!(line("AAEC\nAAEC\nA-EC"), ArmorError::NotBase64 { line: 3 });
        assert_eq!(line("AAEC\nAAE"), ArmorError::NotBase64 { line: 2 });
        // Padding inside, and bits that no encoder writes.
        assert_eq!(line("AA==\nAAEC"), ArmorError::NotBase64 { line: 2 });
        assert_eq!(line("AB=="), ArmorError::NotBase64 { line: 1 });
    }

    #[test]
    fn half_a_block_is_not_a_block() {
        for text in [
            "-----BEGIN A-----\nAAEC",
            "-----BEGIN A",
            "-----BEGIN A-----\nAAEC\n-----END B-----",
            "-----BEGIN A-----\nAAEC\n-----END A",
            "-----BEGIN A-----\nAA\n-----BEGIN B-----\nAA\n-----END B-----",
        ] {
            assert!(matches!(labels(text), Err(ArmorError::Unclosed(_))), "{text}");
        }
        assert_eq!(labels(" \n"), Err(ArmorError::Empty));
        assert_eq!(labels("-----BEGIN A-----\\nAAEC\\n-----END A-----"), Err(ArmorError::EscapedLineBreaks));
        assert_eq!(labels(&"A".repeat(MOST_OCTETS + 1)), Err(ArmorError::TooLong));
    }
}
