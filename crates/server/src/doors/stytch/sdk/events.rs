//! What clients tell of themselves. It is taken, because they would try again, and nothing of it is kept but how much it was.

use std::sync::Arc;

use axum::extract::{Request, State};
use serde::Serialize;
use serde::de::IgnoredAny;
use vestibule_domain::refusal::{Refusal, What};

use super::{Answer, Sdk};
use crate::doors::stytch::ok;
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::world::App;
use crate::world::telemetry::metric;

/// Whoever tells shows no credentials; whose frontend it is stands in each event.
pub(super) const PATH: &str = "/sdk/v1/events";
/// Clients send fifteen at most.
const MOST_BYTES: usize = 64 * 1024;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    Endpoints::new().post(PATH, Needs::Nothing, take)
}

#[derive(Serialize)]
struct Taken {}

async fn take(State(app): State<Arc<App>>, ctx: Ctx, request: Request) -> Answer<Taken> {
    let body = body::read(request.into_body(), MOST_BYTES, &app.bodies, ctx.ip).await?;
    let told: Vec<IgnoredAny> = serde_json::from_slice(body.bytes())
        .map_err(|_| Refusal::new(What::Unreadable).because("The body must be a JSON array of events."))?;
    metrics::counter!(metric::FRONTEND_EVENTS).increment(told.len() as u64);
    ok(&ctx, Taken {})
}
