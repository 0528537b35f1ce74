//! The envelopes of this dialect.

use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use super::catalogue::ErrorKind;
use super::meanings::kind;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::{Door, Reply, Said};
use crate::http::refused::Named;

/// The dialect.
pub struct Stytch;

/// A success: the body's members beside `request_id` and `status_code`.
#[derive(Serialize)]
pub struct Success<T> {
    request_id: RequestId,
    status_code: u16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(flatten)]
    body: T,
}

#[derive(Serialize)]
struct Envelope<'a> {
    status_code: u16,
    request_id: RequestId,
    error_type: &'a str,
    error_message: String,
    error_url: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl Door for Stytch {
    const NAME: &'static str = "stytch";

    type Success<T: Serialize> = Success<T>;

    fn success<T: Serialize>(request_id: RequestId, warnings: Vec<String>, body: T) -> Success<T> {
        Success { request_id, status_code: 200, warnings, body }
    }

    /// The URL leads to this server's own list of errors.
    fn refuse(refusal: &Refusal, ctx: &Ctx, base_url: &str) -> Said {
        let kind = kind(refusal.what);
        let (name, status) = (kind.name(), kind.status());
        let mut said = Said::json(
            status,
            &Envelope {
                status_code: status,
                request_id: ctx.request_id,
                error_type: name,
                error_message: message(kind, refusal),
                error_url: format!("{base_url}/errors/{status}#{name}"),
                warnings: ctx.warnings(),
            },
        );
        if status == 401 {
            said.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"vestibule\""));
        }
        said
    }

    fn named(what: What) -> Named {
        let kind = kind(what);
        Named { code: kind.name(), sentence: kind.message() }
    }
}

/// The sentence of an error, followed by what was found and expected this time.
#[must_use]
pub(crate) fn message(kind: ErrorKind, refusal: &Refusal) -> String {
    match refusal.detail() {
        Some(detail) => format!("{} {detail}", kind.message()),
        None => kind.message().to_owned(),
    }
}

/// The answer of an API handler, behind the door of backends where no other is named.
pub(crate) type Answer<T, D = Stytch> = Result<Reply<D, T>, Failure>;

/// A success.
pub(crate) fn ok<D: Door, T: Serialize>(ctx: &Ctx, body: T) -> Answer<T, D> {
    Ok(Reply::new(ctx, body))
}

/// A success with nothing to say.
#[derive(Serialize)]
pub(crate) struct Nothing {}

/// The answer that says no more than that it was done.
pub(crate) fn done<D: Door>(ctx: &Ctx) -> Answer<Nothing, D> {
    ok(ctx, Nothing {})
}
