//! The door of pages. To people a refusal is a page; what is no person reads the meaning's name.

use http::StatusCode;
use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Refusal, What};

use crate::http::ctx::Ctx;
use crate::http::door::{Door, Said};
use crate::http::refused::Named;

/// The door.
pub(crate) struct Pages;

#[derive(Serialize)]
struct Envelope {
    request_id: RequestId,
    error: String,
}

impl Door for Pages {
    const NAME: &'static str = "pages";

    type Success<T: Serialize> = T;

    fn success<T: Serialize>(_: RequestId, _: Vec<String>, body: T) -> T {
        body
    }

    fn refuse(refusal: &Refusal, ctx: &Ctx, _: &str) -> Said {
        let envelope = Envelope { request_id: ctx.request_id, error: refusal.what.name() };
        Said::json(status(refusal.what).as_u16(), &envelope)
    }

    /// No dialect has names for what these pages refuse: they say it.
    fn named(_: What) -> Named {
        Named { code: "", sentence: "" }
    }
}

/// The status of a page that is refused.
pub(super) const fn status(what: What) -> StatusCode {
    match what {
        What::NotFound(_) | What::NoSuchRoute | What::OtherTenant => StatusCode::NOT_FOUND,
        What::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        What::Forbidden | What::OriginNotAllowed => StatusCode::FORBIDDEN,
        What::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        What::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        What::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        What::Busy | What::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}
