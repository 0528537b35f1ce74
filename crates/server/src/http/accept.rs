//! Who reads the answer, as the request says: a person in a browser, or a program.

use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION};

/// Whether a person reads what comes: a browser that opens an address names `text/html`, and likes JSON no better. Whoever
/// brings credentials of the API is a program, whatever its library accepts.
pub(super) fn is_read_by_person(headers: &HeaderMap) -> bool {
    if headers.contains_key(AUTHORIZATION) {
        return false;
    }
    let lines = || headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    match (lines().next(), lines().nth(1)) {
        (None, _) => false,
        (Some(only), None) => wants_page(only),
        (Some(_), Some(_)) => wants_page(&lines().collect::<Vec<_>>().join(",")),
    }
}

/// Whether `Accept` asks for a page (RFC 9110 section 12.5.1): `text/html` is named, and at least as welcome as JSON. Every
/// wildcard says only that anything is taken, as programs say.
#[must_use]
pub(super) fn wants_page(accept: &str) -> bool {
    let weight = |range: &str| weight_of(accept, range);
    let Some(page) = weight("text/html").filter(|page| *page > 0.0) else { return false };
    let json = weight("application/json").or_else(|| weight("application/*")).or_else(|| weight("*/*"));
    page >= json.unwrap_or_default()
}

/// How welcome a media range is that is named; `None` when it is not, or when its weight is no number.
fn weight_of(accept: &str, range: &str) -> Option<f32> {
    accept.split(',').find_map(|part| {
        let mut words = part.split(';').map(str::trim);
        if !words.next()?.eq_ignore_ascii_case(range) {
            return None;
        }
        weight(words)
    })
}

/// The weight among the parameters of a part of a list; 1 when there is none.
pub(super) fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Option<f32> {
    let given = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value)
    });
    let Some(given) = given else { return Some(1.0) };
    given.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_gets_a_page() {
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "TEXT/HTML",
            "text/html, application/json",
            "application/json;q=0.9, text/html;q=0.9",
            "text/html;level=1;q=0.8, */*;q=0.5",
            "text/html , */*; q=.2",
        ] {
            assert!(wants_page(accept), "{accept}");
        }
    }

    #[test]
    fn a_program_gets_its_json() {
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/json, text/plain, */*",
            "application/json, text/html;q=0.9",
            "text/html;q=0.5, */*",
            "text/html;q=0.5, application/*",
            "text/html;q=0",
            "text/html;q=0, */*;q=0",
            "text/html;q=lots",
            "text/html;q=NaN",
            "text/html;q=2",
            "text/*",
            "text/plain",
            "text/htmlx",
            "application/xhtml+xml",
            ",;,q=1",
        ] {
            assert!(!wants_page(accept), "{accept}");
        }
    }

    #[test]
    fn what_the_header_says_in_several_lines_counts_together_and_credentials_are_a_program_s() {
        let mut headers = HeaderMap::new();
        assert!(!is_read_by_person(&headers));
        headers.append(ACCEPT, HeaderValue::from_static("application/json;q=0.5"));
        headers.append(ACCEPT, HeaderValue::from_static("text/html"));
        assert!(is_read_by_person(&headers));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        assert!(!is_read_by_person(&headers));
    }
}
