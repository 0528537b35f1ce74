//! How much more may be asked for, in the headers of every answer of the Management API: its clients wait by them. Where nothing is
//! limited there is nothing to say.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::http::ctx::Ctx;
use crate::world::App;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Tells it. Outside the door, which says when it is worth coming back.
pub(crate) async fn told(State(app): State<Arc<App>>, ctx: Ctx, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let now = ctx.now.seconds();
    let told = match ctx.allowance.get() {
        Some(left) => Some((left.limit, left.remaining, now + i64::from(left.whole_in))),
        None if response.status() == StatusCode::TOO_MANY_REQUESTS => {
            let after =
                response.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
            app.limits.api_per_minute().map(|limit| (limit, 0, now + after.unwrap_or(1_i64)))
        }
        None => app.limits.api_per_minute().map(|limit| (limit, limit, now)),
    };
    if let Some((limit, remaining, reset)) = told {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(limit));
        headers.insert(REMAINING, HeaderValue::from(remaining));
        headers.insert(RESET, HeaderValue::from(reset));
    }
    response
}
