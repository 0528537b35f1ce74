//! A form that a browser posts, as names and values: urlencoded, or in parts where a file is among them (RFC 7578).

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use http::HeaderValue;
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
        let kind = request.headers().get(CONTENT_TYPE).cloned();
        let body = body::read(request.into_body(), LIMIT, &app.bodies, ctx.ip).await?;
        Ok(parsed(kind.as_ref(), body.bytes()).await?)
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

async fn parsed(kind: Option<&HeaderValue>, body: &[u8]) -> Result<Form, Refusal> {
    let kind = kind.ok_or_else(no_form)?;
    let name = kind.to_str().map_or("", |kind| kind.split(';').next().unwrap_or_default().trim());
    if name.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(Form(form_urlencoded::parse(body).into_owned().take(MOST_FIELDS).collect()));
    }
    // What is of no other kind is refused by what reads the parts.
    parts(kind, body).await.map(Form).ok_or_else(no_form)
}

fn no_form() -> Refusal {
    Refusal::new(What::Unreadable)
        .found("a body that is no form")
        .expected("a form that was posted by a browser")
}

/// The parts of a body that was read. Bytes that are no text, as in a file that is none, are replaced: what reads the value then
/// refuses it.
async fn parts(kind: &HeaderValue, body: &[u8]) -> Option<Vec<(String, String)>> {
    let mut request = Request::new(Body::from(body.to_vec()));
    request.headers_mut().insert(CONTENT_TYPE, kind.clone());
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut found = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        let value = part.bytes().await.ok()?;
        if found.len() < MOST_FIELDS {
            found.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----abc";

    async fn read(kind: &str, body: &str) -> Option<Vec<(String, String)>> {
        let kind = HeaderValue::from_str(kind).unwrap();
        parsed(Some(&kind), body.as_bytes()).await.ok().map(|form| form.0)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[tokio::test]
    async fn forms_are_read_as_browsers_send_them() {
        let urlencoded = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(read(urlencoded, "a=1+2&b=%C3%BC").await, Some(vec![pair("a", "1 2"), pair("b", "ü")]));
        let body = "------abc\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    ------abc\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.xml\"\r\n\
                    Content-Type: text/xml\r\n\r\n<a>\r\n</a>\r\n------abc--\r\n";
        assert_eq!(read(KIND, body).await, Some(vec![pair("a", "1"), pair("file", "<a>\r\n</a>")]));
        let within =
            "------abc\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1 ------abc 2\r\n------abc--\r\n";
        assert_eq!(read(KIND, within).await, Some(vec![pair("a", "1 ------abc 2")]));
        let form = Form(vec![pair("a", " x \r\n"), pair("b", " ")]);
        assert_eq!((form.text("a"), form.given("b"), form.text("c")), ("x", None, ""));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
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
            assert_eq!(read(kind, body).await, None, "{kind}: {body}");
        }
    }
}
