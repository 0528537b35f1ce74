//! The Management API. Nothing issues its tokens yet, so every caller is refused; which paths there are is
//! known all the same.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use vestibule_domain::refusal::What;

use super::Auth0;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::takes::Takes;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    Endpoints::new().get("/api/v2/connections", Needs::Token, connections).get(
        "/api/v2/connections/{connection_id}",
        Needs::Token,
        connection,
    )
}

/// Somebody with a token of the Management API. There is no value of it before tokens are issued.
enum Holder {}

impl Takes for Holder {}

impl FromRequestParts<Arc<App>> for Holder {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        app.limits.check_api_failure(ctx.ip)?;
        Err(What::WrongCredentials.into())
    }
}

/// What the API answers; its shape comes with its endpoints.
type Answer = Result<Reply<Auth0, ()>, Failure>;

async fn connections(holder: Holder) -> Answer {
    match holder {}
}

async fn connection(holder: Holder) -> Answer {
    match holder {}
}
