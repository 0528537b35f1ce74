//! One answer, read to its end.

use axum::body::Bytes;
use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use url::Url;

/// An answer of the server or of the identity provider.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: head.status, headers: head.headers, body }
    }

    /// The body as text, for messages and for pages.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; anything else ends the test.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is no JSON ({error}): {}", self.status, self.text()))
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        let body = self.json();
        assert_eq!(body["status_code"], 200);
        assert!(body["request_id"].as_str().unwrap().starts_with("request-id-"), "{body}");
        body
    }

    /// Checks that this is the error envelope with this status and `error_type`, and gives the whole of it.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error_type: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), &body["error_type"]), (status, &error_type.into()), "{body}");
        self.envelope();
        body
    }

    /// Checks the members every refusal has and gives its `error_type`.
    #[track_caller]
    pub(crate) fn envelope(&self) -> String {
        let body = self.json();
        assert_eq!(body["status_code"], self.status.as_u16(), "{body}");
        assert!(body["request_id"].as_str().is_some_and(|id| id.starts_with("request-id-")), "{body}");
        assert!(body["error_message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        let error_type = body["error_type"].as_str().unwrap().to_owned();
        let place = format!("/errors/{}#{error_type}", self.status.as_u16());
        let url = body["error_url"].as_str().unwrap();
        assert!(url.starts_with("http") && url.ends_with(&place), "{body}");
        error_type
    }

    /// Where a redirect leads.
    #[track_caller]
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, StatusCode::FOUND, "{}", self.text());
        Url::parse(self.headers[LOCATION].to_str().unwrap()).unwrap()
    }

    /// Where a redirect leads to that stays here.
    #[track_caller]
    pub(crate) fn location_path(&self) -> String {
        assert_eq!(self.status, StatusCode::FOUND, "{}", self.text());
        self.headers[LOCATION].to_str().unwrap().to_owned()
    }

    /// What a page shows under a name (`data-testid`).
    #[track_caller]
    pub(crate) fn shown(&self, name: &str) -> String {
        let page = self.text();
        let mark = format!("data-testid=\"{name}\">");
        let rest = page.split_once(&mark).unwrap_or_else(|| panic!("no {name} on: {page}")).1;
        rest.split('<').next().unwrap().to_owned()
    }

    /// Checks that this is the page a person sees when a sign-in is refused, with this code on it.
    #[track_caller]
    pub(crate) fn refusal_page(&self, code: &str) {
        let page = self.text();
        assert!(
            self.status.is_client_error() || matches!(self.status.as_u16(), 502 | 503),
            "{} {page}",
            self.status
        );
        assert!(self.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{page}");
        assert!(page.contains(code), "expected {code} on: {page}");
        assert!(page.contains("request-id-"), "no request id on: {page}");
        assert!(!self.headers.contains_key(LOCATION));
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(self.headers["referrer-policy"], "no-referrer");
        let policy = self.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
}

/// A parameter of a URL's query.
#[track_caller]
pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}
