//! Links whose pages stand in a frame of the vendor's own application: for one origin, opened at once or never (ADR 62).

use crate::project::PageOrigin;
use crate::redirect::LoopbackHttp;
use crate::refusal::{Field, Refusal, What};
use crate::time::Span;

/// How long such a link may be opened: the page that asked for it puts it into a frame at once.
pub const EMBED_LIFETIME: Span = Span::seconds(60);

/// The origin that may have the pages in a frame. It becomes a part of a policy that browsers read, so it is made of nothing that
/// means something there.
///
/// # Errors
/// [`Field::PageOrigin`] for what is no origin of pages.
pub fn embed_origin(text: &str, loopback: LoopbackHttp) -> Result<String, Refusal> {
    let origin = PageOrigin::parse(text, loopback)?.as_str().to_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '/' | '[' | ']');
    if (origin.starts_with("https://") || origin.starts_with("http://")) && origin.chars().all(is_plain) {
        return Ok(origin);
    }
    Err(Refusal::new(What::Invalid(Field::PageOrigin))
        .found(format!("{text:?} in embed_origin"))
        .expected("an origin such as https://app.example.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_page_s_and_means_nothing_else_in_a_policy() {
        let read = |text| embed_origin(text, LoopbackHttp::Allowed).ok();
        for (given, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://app.example.com/", "https://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com:8443"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ] {
            assert_eq!(read(given).as_deref(), Some(origin));
        }
        for other in [
            "",
            "null",
            "*",
            "https://*.example.com",
            "https://app.example.com/path",
            "https://app.example.com;script-src",
            "https://a.test,https://b.test",
            "https://a.test https://b.test",
            "https://a'b.test",
            "http://app.example.com",
            "com.example.app://host",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert!(embed_origin("http://127.0.0.1:3000", LoopbackHttp::Refused).is_err());
    }
}
