//! The markup that is no element: where it ends, and what is in it.

use super::chars::{is_space, ncname_length};

/// Whether `text` begins with an XML declaration (XML 2.8).
pub(super) fn is_declaration(text: &str) -> bool {
    text.strip_prefix("<?xml").is_some_and(|after| after.bytes().next().is_some_and(is_space))
}

/// `name = "value"` at the beginning of `parts`, with the white space before it; `parts` is what comes after.
pub(super) fn pseudo_attribute<'x>(parts: &mut &'x str, name: &str) -> Option<&'x str> {
    const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
    let named = parts.trim_start_matches(SPACE);
    let after = named.strip_prefix(name).filter(|_| named.len() < parts.len())?;
    let quoted = after.trim_start_matches(SPACE).strip_prefix('=')?.trim_start_matches(SPACE);
    let quote = quoted.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (value, after) = quoted.get(1..)?.split_once(quote)?;
    *parts = after;
    Some(value)
}

/// XML 2.5: `--` stands only at the end.
pub(super) fn comment_length(text: &str) -> Option<usize> {
    let inside = text.get(4..)?;
    let end = inside.find("--")?;
    inside.get(end..)?.starts_with("-->").then_some(end + 7)
}

/// XML 2.6: a target that is a name (without a colon, Namespaces 7) but not `xml`, then white space or the end.
pub(super) fn instruction_length(text: &str) -> Option<usize> {
    let inside = text.get(2..)?;
    let target = ncname_length(inside);
    let end = inside.find("?>")?;
    let separated = end == target || inside.as_bytes().get(target).copied().is_some_and(is_space);
    let reserved = inside.get(..target)?.eq_ignore_ascii_case("xml");
    (target > 0 && separated && !reserved).then_some(end + 4)
}
