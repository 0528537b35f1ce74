//! A form that a browser posts, as names and values: urlencoded, or in parts where a file is among them (RFC 7578).

use axum::extract::Request;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use url::form_urlencoded;
use vestibule_domain::refusal::{Refusal, What};

use super::body;
use super::ctx::Ctx;
use crate::failure::Failure;
use crate::world::App;

/// The most a form may take: a document of half a MiB, in the form's own spelling.
const LIMIT: usize = 1024 * 1024;
/// The most fields that are looked at.
const MOST_FIELDS: usize = 64;

/// What was entered.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads what a browser posted.
    ///
    /// # Errors
    /// What is too large, or no form.
    pub(crate) async fn read(app: &App, ctx: &Ctx, request: Request) -> Result<Self, Failure> {
        let kind = media(request.headers());
        let body = body::read(request.into_body(), LIMIT, &app.bodies, ctx.ip).await?;
        Ok(parsed(&kind, body.bytes())?)
    }

    /// A value without white space around it; `""` when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The same, if there is something in it.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }
}

fn media(headers: &HeaderMap) -> String {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn parsed(kind: &str, body: &[u8]) -> Result<Form, Refusal> {
    let (name, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    match name.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => {
            Ok(Form(form_urlencoded::parse(body).into_owned().take(MOST_FIELDS).collect()))
        }
        "multipart/form-data" => {
            let boundary = parameter(parameters, "boundary").ok_or_else(no_form)?;
            parts(body, &boundary).map(Form).ok_or_else(no_form)
        }
        _ => Err(no_form()),
    }
}

fn no_form() -> Refusal {
    Refusal::new(What::Unreadable)
        .found("a body that is no form")
        .expected("a form that was posted by a browser")
}

/// A parameter of a header's value, quoted or not.
fn parameter(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|piece| {
        let (known, value) = piece.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The parts between the delimiters (RFC 2046 section 5.1.1). Bytes that are no text, as in a file that is none, are replaced: what
/// reads the value then refuses it.
fn parts(body: &[u8], boundary: &str) -> Option<Vec<(String, String)>> {
    let is_boundary = |c: char| c.is_ascii_graphic() && c != '"';
    if boundary.is_empty() || boundary.len() > 70 || !boundary.chars().all(is_boundary) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let delimiter = format!("--{boundary}");
    let mut found = Vec::new();
    for piece in text.split(delimiter.as_str()).skip(1).take(MOST_FIELDS) {
        if piece.starts_with("--") {
            return Some(found);
        }
        let (head, value) = piece.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then(|| value.to_owned())
        })?;
        found.push((parameter(&disposition, "name")?, value.strip_suffix("\r\n")?.to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----abc";

    fn read(kind: &str, body: &str) -> Option<Vec<(String, String)>> {
        parsed(kind, body.as_bytes()).ok().map(|form| form.0)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn forms_are_read_as_browsers_send_them() {
        let urlencoded = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(read(urlencoded, "a=1+2&b=%C3%BC"), Some(vec![pair("a", "1 2"), pair("b", "ü")]));
        let body = "------abc\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    ------abc\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.xml\"\r\n\
                    Content-Type: text/xml\r\n\r\n<a>\r\n</a>\r\n------abc--\r\n";
        assert_eq!(read(KIND, body), Some(vec![pair("a", "1"), pair("file", "<a>\r\n</a>")]));
        let form = Form(vec![pair("a", " x \r\n"), pair("b", " ")]);
        assert_eq!((form.text("a"), form.given("b"), form.text("c")), ("x", None, ""));
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for (kind, body) in [
            ("", "a=1"),
            ("application/json", "{}"),
            ("multipart/form-data", "--\r\n"),
            (KIND, ""),
            (KIND, "------abc\r\n"),
            (KIND, "------abc\r\nContent-Disposition: form-data\r\n\r\n1\r\n------abc--"),
            (KIND, "------abc\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"),
            ("multipart/form-data; boundary=\"\"", "x"),
        ] {
            assert_eq!(read(kind, body), None, "{kind}: {body}");
        }
    }
}
