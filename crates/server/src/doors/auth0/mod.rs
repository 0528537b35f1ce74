//! The second dialect: so far its refusals of paths under `/api/v2/` that this server does not serve, and of callers
//! without a token. The endpoints follow.

use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use crate::http::ctx::Ctx;
use crate::http::door::{Door, Said};

/// The dialect.
pub struct Auth0;

/// Whether a path is one of this dialect's.
#[must_use]
pub fn owns(path: &str) -> bool {
    path == "/api/v2" || path.starts_with("/api/v2/")
}

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
    type Success<T: Serialize> = T;

    fn success<T: Serialize>(_: RequestId, body: T) -> T {
        body
    }

    fn refuse(refusal: &Refusal, _: &Ctx, _: &str) -> Said {
        let (status, error) = match refusal.what {
            What::NoSuchRoute => (404, "Not Found"),
            What::WrongCredentials | What::UnreadableCredentials => (401, "Unauthorized"),
            _ => (500, "Internal Server Error"),
        };
        Said::json(
            status,
            &Envelope { status_code: status, error, message: error.to_owned(), error_code: None },
        )
    }
}
