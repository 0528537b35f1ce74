//! Trying a connection in a browser, before anybody depends on it (`docs/compatibility.md`).
//!
//! `GET /v1/public/sso/test?public_token&connection_id&login_hint`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use vestibule_domain::login::Purpose;
use vestibule_domain::refusal::{Choice, What};

use crate::doors::stytch::Stytch;
use crate::doors::stytch::browser::{not_begun, project};
use crate::doors::stytch::redirect::to_provider;
use crate::engine::start::{ProviderHints, Started, begin};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Params;
use crate::operations::connections::choice;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().visit("/v1/public/sso/test", Needs::Nothing, "GET", start)
}

#[derive(Deserialize)]
struct TestRequest {
    public_token: Option<String>,
    connection_id: Option<String>,
    login_hint: Option<String>,
}

/// A test needs no more rights than a sign-in: it shows people what their own provider says of them.
async fn start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Params(request): Params<TestRequest>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let whose = (request.public_token.as_deref(), request.connection_id.as_deref());
    Ok(match to_begin(&app, &ctx, &request).await {
        Ok(started) => to_provider(&app, &ctx, &headers, &started),
        Err(failure) => not_begun(&app, &ctx, whose, failure).await,
    })
}

async fn to_begin(app: &Arc<App>, ctx: &Ctx, request: &TestRequest) -> Result<Started, Failure> {
    let project = project(app, request.public_token.as_deref()).await?;
    let connection = request.connection_id.as_deref().ok_or(What::NoneGiven(Choice::Connection))?;
    let way = choice::by_id(app, &project, connection).await?;
    let hints = ProviderHints { login_hint: request.login_hint.clone(), ..ProviderHints::default() };
    begin(app, ctx, way.as_route(), Purpose::Test, &hints).await
}
