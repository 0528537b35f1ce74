//! What is said on a connection for which there is no room.

use std::time::Duration;

use axum::body::Body;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use vestibule_domain::refusal::What;

use super::accept::is_read_by_person;
use super::html::{POLICY, put};
use super::languages::Language;
use super::refused;

/// How long such a connection may take to say what it wants.
pub(super) const CROWDED_PATIENCE: Duration = Duration::from_secs(2);

/// That all connections are taken, and when to try again. `asked` are the headers of the request.
pub(super) fn crowded(asked: &HeaderMap) -> Response<Body> {
    let mut answer = Response::new(Body::from("All connections are taken. Try again in a second.\n"));
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    if is_read_by_person(asked) {
        put(&mut answer, refused::plain(Language::of_request(asked), What::Busy), POLICY);
    }
    answer
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, ACCEPT_LANGUAGE};
    use http_body_util::BodyExt as _;

    use super::*;

    async fn said(asked: &HeaderMap) -> (String, String) {
        let (head, body) = crowded(asked).into_parts();
        assert_eq!((head.status.as_u16(), &head.headers[RETRY_AFTER]), (503, &HeaderValue::from_static("1")));
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (head.headers[CONTENT_TYPE].to_str().unwrap().to_owned(), text)
    }

    #[tokio::test]
    async fn a_person_is_told_on_a_page_and_a_program_in_a_line() {
        let mut asked = HeaderMap::new();
        let (media, text) = said(&asked).await;
        assert!(
            media.starts_with("text/plain") && text.starts_with("All connections are taken."),
            "{media} {text}"
        );
        asked.insert(ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        asked.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("fr"));
        let (media, text) = said(&asked).await;
        assert!(media.starts_with("text/html") && text.contains("<html lang=\"fr\">"), "{media} {text}");
    }
}
