//! Where somebody may go on who has shown an address.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Token;

use super::caller::{Visitor, Wish};
use super::{Answer, Sdk};
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::backend::discovery::OrganizationsOut;
use crate::doors::stytch::ok;
use crate::doors::stytch::wire::OrganizationIn;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair, required};
use crate::operations::authentication::{Joins, waiting};
use crate::operations::discovery::{self, Membership, Seeker};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let all = "/sdk/v1/b2b/discovery";
    Endpoints::new()
        .post(&format!("{all}/organizations"), Needs::Project, organizations)
        .post(&format!("{all}/organizations/create"), Needs::Project, create)
        .post(&format!("{all}/intermediate_sessions/exchange"), Needs::Project, exchange)
}

#[derive(Deserialize)]
struct SeekerIn {
    intermediate_session_token: Option<String>,
}

async fn organizations(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<SeekerIn>,
) -> Answer<OrganizationsOut> {
    let seeker = match visitor.joins(body.intermediate_session_token.as_deref()) {
        Some(Joins::Intermediate(token)) => Seeker::Intermediate(token),
        Some(Joins::Session(presented) | Joins::Beside(presented)) => Seeker::Session(presented),
        Some(Joins::Carried(_)) | None => return Err(What::NotSignedIn.into()),
    };
    let (address, mut found) = discovery::list(&app, &ctx, &visitor.project, &seeker).await?;
    for one in &mut found {
        // Who could join is no member yet. What the backend keeps about a customer is not for them.
        if matches!(one.membership, Membership::Domain(_)) {
            one.organization.organization.trusted_metadata.clear();
        }
    }
    ok(&ctx, OrganizationsOut::of(&address, &found))
}

/// A sign-in that waits, as a body or the browser names it.
fn named(visitor: &Visitor, given: Option<&str>) -> Result<Token, Failure> {
    match visitor.joins(given) {
        Some(Joins::Intermediate(token)) => Ok(token),
        _ => Ok(required(None, "intermediate_session_token")?),
    }
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(mut wish, mut settings): InputPair<Wish, OrganizationIn>,
) -> Answer<AuthenticatedOut> {
    if !visitor.settings.organization_creation {
        return Err(Refusal::new(What::MemberActionsOff).because("organization_creation is off.").into());
    }
    let token = named(&visitor, wish.intermediate_session_token.take().as_deref())?;
    let request = visitor.session_request(&wish)?;
    let patch = settings.patch()?;
    patch.require_founders()?;
    let came = discovery::create(&app, &ctx, &visitor.project, token, patch, request).await?;
    visitor.answer(&app, &ctx, AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?)
}

#[derive(Deserialize)]
struct ExchangeIn {
    organization_id: Option<String>,
}

async fn exchange(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, mut wish): InputPair<ExchangeIn, Wish>,
) -> Answer<AuthenticatedOut> {
    let token = named(&visitor, wish.intermediate_session_token.take().as_deref())?;
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let request = visitor.session_request(&wish)?;
    // Who shows no sign-in that waits learns nothing about organizations.
    waiting(&app, &ctx, &visitor.project, &token).await?;
    let organization = visitor.organization(&app, organization).await?;
    let came = discovery::exchange(&app, &ctx, &visitor.project, &organization, token, request).await?;
    visitor.answer(&app, &ctx, AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?)
}
