//! The envelope of the Management API's refusals.

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use super::meanings::{Sentence, row};
use crate::http::ctx::Ctx;
use crate::http::door::{Door, Said};
use crate::http::refused::Named;

/// The dialect.
pub struct Auth0;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    status_code: u16,
    error: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
}

impl Door for Auth0 {
    const NAME: &'static str = "auth0";

    type Success<T: Serialize> = T;

    fn success<T: Serialize>(_: RequestId, _: Vec<String>, body: T) -> T {
        body
    }

    fn refuse(refusal: &Refusal, _: &Ctx, _: &str) -> Said {
        let row = row(refusal.what);
        let message = match row.sentence {
            Sentence::Fixed(text) => text.to_owned(),
            Sentence::Told(text) => refusal.detail().unwrap_or_else(|| text.to_owned()),
        };
        let mut said = Said::json(
            row.status.as_u16(),
            &Envelope {
                status_code: row.status.as_u16(),
                error: row.status.canonical_reason().unwrap_or_default(),
                message,
                error_code: row.code,
            },
        );
        said.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if row.status == StatusCode::UNAUTHORIZED {
            said.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        said
    }

    fn named(what: What) -> Named {
        let row = row(what);
        let (Sentence::Fixed(sentence) | Sentence::Told(sentence)) = row.sentence;
        Named { code: row.code.or(row.status.canonical_reason()).unwrap_or_default(), sentence }
    }
}
