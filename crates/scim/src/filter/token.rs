//! The words of filters and paths (RFC 7644 figures 1 and 7).

/// One word, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, an operator, a number, `true`, `false`, `null`, `and`, `or`, `not`.
    Word(&'a str),
    /// A text with its quotation marks, as JSON has it.
    Quoted(&'a str),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// A text without its end, or a character that begins nothing.
    Stray(&'a str),
    End,
}

impl<'a> Token<'a> {
    /// As it was written.
    pub(super) const fn text(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Stray(text) => text,
            Self::Open => "(",
            Self::Close => ")",
            Self::OpenBracket => "[",
            Self::CloseBracket => "]",
            Self::End => "",
        }
    }

    pub(super) const fn is_word(self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }
}

/// The words of a text, one after the other. Each octet is looked at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word, and the octet at which it begins.
    pub(super) fn next(&mut self) -> (Token<'a>, usize) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_ascii_start().len();
        self.at += blank;
        let rest = rest.get(blank..).unwrap_or_default();
        let token = first(rest);
        let begins = self.at;
        self.at += token.text().len();
        #[cfg(test)]
        crate::steps::count(blank + token.text().len() + 1);
        (token, begins)
    }
}

fn first(text: &str) -> Token<'_> {
    let Some(character) = text.chars().next() else { return Token::End };
    let upto = |end: usize| text.get(..end).unwrap_or(text);
    match character {
        '(' => Token::Open,
        ')' => Token::Close,
        '[' => Token::OpenBracket,
        ']' => Token::CloseBracket,
        '"' => match quoted(text) {
            Some(end) => Token::Quoted(upto(end)),
            None => Token::Stray(text),
        },
        _ if is_of_word(character) => {
            Token::Word(upto(text.find(|other| !is_of_word(other)).unwrap_or(text.len())))
        }
        _ => Token::Stray(upto(character.len_utf8())),
    }
}

/// Names, URNs, numbers with sign and exponent.
const fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | ':' | '-' | '_' | '$' | '+')
}

/// How many octets a text has, with both of its quotation marks.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let mut tokens = Tokens::of(r#"emails[type eq "a\"]"].value  eq -1.5e+3)é"#);
        let words: Vec<_> =
            std::iter::from_fn(|| Some(tokens.next().0).filter(|word| *word != Token::End)).collect();
        let texts: Vec<_> = words.iter().map(|word| word.text()).collect();
        assert_eq!(
            texts,
            ["emails", "[", "type", "eq", r#""a\"]""#, "]", ".value", "eq", "-1.5e+3", ")", "é"]
        );
        assert_eq!(words.last(), Some(&Token::Stray("é")));
        assert_eq!(Tokens::of("  \"a\\\"").next(), (Token::Stray("\"a\\\""), 2));
    }
}
