//! `/userinfo`: who somebody is (OpenID Connect Core section 5.3). And `/oauth/revoke` (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Token;

use super::OAuth;
use super::asked::shown;
use super::cross_origin::note_page;
use super::fields::Fields;
use super::person;
use crate::caller::application::known;
use crate::caller::site;
use crate::doors::auth0::holder::bearer;
use crate::failure::Failure;
use crate::http::cors;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::endpoint::{Endpoints, Needs};
use crate::operations::sign_in_grants;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new()
        .get("/userinfo", Needs::SignIn, userinfo)
        .post("/userinfo", Needs::SignIn, userinfo)
        .post("/oauth/revoke", Needs::Nothing, revoke)
}

async fn userinfo(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
) -> Result<Reply<OAuth, Map<String, Value>>, Failure> {
    Ok(Reply::new(&ctx, told(&app, &ctx, &headers).await?))
}

async fn told(app: &App, ctx: &Ctx, headers: &HeaderMap) -> Result<Map<String, Value>, Failure> {
    let unknown = |failure: Failure| match failure {
        Failure::Refused(_) => What::WrongToken.into(),
        other => other,
    };
    let token = bearer(headers).ok_or(What::WrongToken)?;
    let site = site::asked(app, ctx).await.map_err(unknown)?;
    let read = async {
        let id = person::grant_of(app, ctx, &site, token).await?;
        sign_in_grants::holder(app, ctx, site.project.id, id).await
    };
    let (grant, person) = match read.await {
        Ok(found) => found,
        Err(failure) => {
            app.limits.check_api_failure(ctx.ip)?;
            return Err(unknown(failure));
        }
    };
    if cors::origin(headers).is_some() {
        let (project, id) = (site.project.id, grant.request.application_id);
        let application = app.store.application_by_id(&app.vault, project, id).await?;
        application.iter().for_each(|application| note_page(ctx, headers, application));
    }
    Ok(person::profile(&grant, &person, &grant.request.scopes))
}

async fn revoke(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    mut fields: Fields,
) -> Result<Response, Failure> {
    let site = site::asked(&app, &ctx).await?;
    let token = fields.secret("token");
    let known = known(&app, &ctx, &site, &headers, shown(&mut fields)).await?;
    note_page(&ctx, &headers, &known.application);
    if let Some(token) = token {
        sign_in_grants::revoke(&app, &known.application, &Token::presented(token.expose())).await?;
    }
    Ok(StatusCode::OK.into_response())
}
