//! The token in `Authorization` (RFC 6750 section 2.1). One provider shows a field for it of which nobody can tell
//! whether the word Bearer belongs into it.

use crate::message::Read;
use crate::tolerance::{Tolerance, Tolerances};

/// The token that a header carries, if it carries one.
#[must_use]
pub fn token(header: &str) -> Option<Read<&str>> {
    let mut tolerances = Tolerances::none();
    let is_bearer = |word: &str| word.eq_ignore_ascii_case("Bearer");
    let words: Vec<_> = header.split_ascii_whitespace().take(4).collect();
    let token = match words[..] {
        [first, token] if is_bearer(first) && !is_bearer(token) => token,
        [first, second, token] if is_bearer(first) && is_bearer(second) => {
            tolerances.note(Tolerance::BearerTwice, "");
            token
        }
        [token] if !is_bearer(token) => {
            tolerances.note(Tolerance::BareToken, "");
            token
        }
        _ => return None,
    };
    let is_token = token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    is_token.then_some(Read { value: token, tolerances })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_with_and_without_its_word() {
        let read = |text| {
            token(text).map(|read| (read.value, read.tolerances.iter().next().map(|found| found.tolerance)))
        };
        assert_eq!(read("Bearer abc"), Some(("abc", None)));
        assert_eq!(read("bearer  abc "), Some(("abc", None)));
        assert_eq!(read("abc"), Some(("abc", Some(Tolerance::BareToken))));
        assert_eq!(read("Bearer bearer abc"), Some(("abc", Some(Tolerance::BearerTwice))));
        for text in
            ["", "Bearer ", "Bearer Bearer", "Basic dTpw", "Bearer a b", "Bearer é", "Bearer Bearer a b"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
