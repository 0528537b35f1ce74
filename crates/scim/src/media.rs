//! Types of bodies (RFC 7644 sections 3.1 and 8.1).

use crate::refusal::{Excerpt, ScimRefusal};

/// The type of every body that we send.
pub const SCIM_JSON: &str = "application/scim+json";

/// Whether a body of that `Content-Type` is read. One that says nothing is taken for what it should be.
///
/// # Errors
///
/// When it is of another type, or not in UTF-8.
pub fn accepted(content_type: Option<&str>) -> Result<(), ScimRefusal> {
    let Some(text) = content_type else { return Ok(()) };
    let mut pieces = text.split(';').map(str::trim_ascii);
    let essence = pieces.next().unwrap_or_default();
    let is_json = [SCIM_JSON, "application/json"].iter().any(|known| known.eq_ignore_ascii_case(essence));
    let in_utf8 = pieces.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim_ascii().eq_ignore_ascii_case("charset") => {
            value.trim_ascii().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_json && in_utf8 {
        return Ok(());
    }
    Err(ScimRefusal::MediaType { found: Excerpt::of(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_are_read() {
        for text in [
            "application/scim+json",
            "Application/JSON",
            "application/scim+json; charset=\"UTF-8\"",
            "application/json;q=1",
        ] {
            assert_eq!(accepted(Some(text)), Ok(()), "{text}");
        }
        assert_eq!(accepted(None), Ok(()));
        for text in ["", "text/plain", "application/json; charset=utf-16", "application/scim+xml"] {
            assert_eq!(accepted(Some(text)).unwrap_err().status(), 415, "{text}");
        }
    }
}
