//! How protocols refuse: a stable code, and short, printable pieces of what was found and what was expected.
//!
//! The protocol crates judge messages of strangers. Their refusals are shown to people and written to logs, so
//! whatever they carry passes through [`Excerpt`], and one page, one trace and one log line serve them all through
//! [`Refusal`].

use std::fmt;

/// The most characters of foreign text that any error carries.
const EXCERPT_CHARS: usize = 200;

/// A bounded, printable piece of foreign text, safe to log and to show after HTML escaping.
///
/// Control characters, bidirectional overrides and other invisible characters become `U+FFFD`, and text beyond 200
/// characters is cut with an ellipsis. Letters of every script, the marks that combine with them, punctuation, currency
/// and quotation marks are shown as they are: people write their errors in them. An excerpt is never made of a token, a signature, a code or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// Takes the beginning of `text`, with everything unprintable replaced.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut chars = text.chars();
        let mut shown: String = chars.by_ref().take(EXCERPT_CHARS).map(printable).collect();
        if chars.next().is_some() {
            shown.push('…');
        }
        Self(shown)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn printable(character: char) -> char {
    let shown = character.is_ascii_graphic()
        || character == ' '
        || character.is_alphanumeric()
        || SHOWN.iter().any(|(first, last)| (*first..=*last).contains(&character));
    if shown { character } else { char::REPLACEMENT_CHARACTER }
}

/// Blocks of marks and punctuation that have nothing invisible in them and turn no direction.
const SHOWN: [(char, char); 12] = [
    // Latin-1 punctuation, without the soft hyphen and the no-break space.
    ('\u{a1}', '\u{ac}'),
    ('\u{ae}', '\u{bf}'),
    // Combining marks of Latin, Greek and Cyrillic; the grapheme joiner among them is left out.
    ('\u{300}', '\u{34e}'),
    ('\u{350}', '\u{36f}'),
    // Marks of Hebrew, Arabic and the scripts of India and Thailand.
    ('\u{591}', '\u{5c7}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{900}', '\u{963}'),
    ('\u{e31}', '\u{e4e}'),
    // Dashes, quotation marks, dots, per mille, primes, single guillemets.
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{205e}'),
    // Currency; CJK punctuation.
    ('\u{20a0}', '\u{20c0}'),
    ('\u{3001}', '\u{3020}'),
];

/// What every refusal of this crate can tell: a stable code for people to quote, and the two sides of the mismatch.
///
/// One page and one log line can so be written for all of them. The sentence is the error's `Display`.
pub trait Refusal: std::error::Error {
    /// A short, stable name in `snake_case`.
    fn code(&self) -> &'static str;

    /// What was found, when the refusal is about a value that may be shown.
    fn found(&self) -> Option<String> {
        None
    }

    /// What was expected instead, when there is one thing to expect.
    fn expected(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_printable_and_bounded() {
        assert_eq!(Excerpt::of("a\u{202e}b\r\nc\u{0}").as_str(), "a\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}");
        for text in ["„verweigert“ – e\u{301}", "l’accès refusé…", "¿por qué?", "«нет» ‚ja‘", "拒否「不可」"]
        {
            assert_eq!(Excerpt::of(text).as_str(), text);
        }
        for hidden in
            ['\u{ad}', '\u{a0}', '\u{34f}', '\u{200b}', '\u{200f}', '\u{2028}', '\u{2066}', '\u{feff}']
        {
            assert_eq!(Excerpt::of(&hidden.to_string()).as_str(), "\u{fffd}", "{hidden:?}");
        }
        let long = Excerpt::of(&"é".repeat(1000));
        assert_eq!(long.as_str().chars().count(), EXCERPT_CHARS + 1);
        assert!(long.as_str().ends_with('…'));
    }
}
