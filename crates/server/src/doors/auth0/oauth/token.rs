//! `POST /oauth/token`: an application gets tokens.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use vestibule_domain::application::GrantType;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::spelled::names;
use vestibule_refusal::Excerpt;

use super::OAuth;
use super::asked::{Asked, Given, shown};
use super::client_credentials;
use super::cross_origin::note_page;
use super::fields::Fields;
use super::grants;
use crate::caller::application::known;
use crate::caller::site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::endpoint::{Endpoints, Needs};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new().post("/oauth/token", Needs::Nothing, token)
}

async fn token(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    mut fields: Fields,
) -> Result<Reply<OAuth, Given>, Failure> {
    let site = site::asked(&app, &ctx).await?;
    let grant_type = grant_type(&mut fields)?;
    let shown = shown(&mut fields);
    let known = known(&app, &ctx, &site, &headers, shown).await?;
    note_page(&ctx, &headers, &known.application);
    if !known.application.settings.may(grant_type) {
        return Err(Refusal::new(What::GrantTypeNotAllowed)
            .because(format!("Grant type '{}' not allowed for the client.", grant_type.as_str()))
            .into());
    }
    let asked = Asked { app: &app, ctx: &ctx, site: &site, known, fields };
    let given = match grant_type {
        GrantType::ClientCredentials => client_credentials::give(asked).await?,
        GrantType::AuthorizationCode => grants::by_code(asked).await?,
        GrantType::RefreshToken => grants::by_refresh(asked).await?,
        // Its tokens come by way of the browser, and none from here.
        GrantType::Implicit => return Err(unsupported(grant_type.as_str()).into()),
    };
    Ok(Reply::new(&ctx, given))
}

fn grant_type(fields: &mut Fields) -> Result<GrantType, Refusal> {
    let named = fields
        .text("grant_type")
        .ok_or_else(|| Refusal::new(What::MissingField).because("grant_type is required."))?;
    GrantType::from_name(&named).ok_or_else(|| unsupported(&named))
}

fn unsupported(named: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::GrantType))
        .found(Excerpt::of(named))
        .expected(format!("one of {}", names::<GrantType>()))
}
