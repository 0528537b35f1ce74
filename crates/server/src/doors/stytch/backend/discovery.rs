//! Discovery: where somebody may go on who has shown an address (contract 3.6).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::refusal::{Choice, What};
use vestibule_domain::secret::Token;

use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::session_request::{ShownIn, begins_session};
use crate::doors::stytch::wire::OrganizationIn;
use crate::doors::stytch::wire::discovered::DiscoveredOut;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair, required};
use crate::operations::authentication::Joins;
use crate::operations::discovery::{self, Discovered, Seeker};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .post("/v1/b2b/discovery/organizations", Needs::Project, organizations)
        .post("/v1/b2b/discovery/organizations/create", Needs::Project, create)
        .post("/v1/b2b/discovery/intermediate_sessions/exchange", Needs::Project, exchange)
}

/// Who looks, by what they show.
async fn seeker(app: &App, ctx: &Ctx, caller: &Caller, shown: &ShownIn) -> Result<Seeker, Failure> {
    match shown.joins(app, ctx, &caller.project).await? {
        Some(Joins::Intermediate(token)) => Ok(Seeker::Intermediate(token)),
        Some(Joins::Session(presented) | Joins::Beside(presented)) => Ok(Seeker::Session(presented)),
        Some(Joins::Carried(_)) | None => Err(What::NoneGiven(Choice::Session).into()),
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct OrganizationsOut {
    email_address: String,
    discovered_organizations: Vec<DiscoveredOut>,
    organization_id_hint: Option<()>,
}

impl OrganizationsOut {
    /// What somebody with this address has found.
    pub(in crate::doors::stytch) fn of(address: &EmailAddress, found: &[Discovered]) -> Self {
        Self {
            email_address: address.to_string(),
            discovered_organizations: found.iter().map(DiscoveredOut::from).collect(),
            organization_id_hint: None,
        }
    }
}

async fn organizations(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(shown): Input<ShownIn>,
) -> Answer<OrganizationsOut> {
    let seeker = seeker(&app, &ctx, &caller, &shown).await?;
    let (address, found) = discovery::list(&app, &ctx, &caller.project, &seeker).await?;
    ok(&ctx, OrganizationsOut::of(&address, &found))
}

begins_session! {
    CreateIn {}
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    InputPair(body, mut settings): InputPair<CreateIn, OrganizationIn>,
) -> Answer<AuthenticatedOut> {
    let token = required(body.intermediate_session_token.as_deref(), "intermediate_session_token")?;
    let token = Token::presented(token);
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let patch = settings.patch()?;
    let came = discovery::create(&app, &ctx, &caller.project, token, patch, request).await?;
    ok(&ctx, AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?)
}

begins_session! {
    ExchangeIn {
        organization_id: String,
    }
}

async fn exchange(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<ExchangeIn>,
) -> Answer<AuthenticatedOut> {
    let token = required(body.intermediate_session_token.as_deref(), "intermediate_session_token")?;
    let token = Token::presented(token);
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let organization = caller.organization(&app, organization).await?;
    let came = discovery::exchange(&app, &ctx, &caller.project, &organization, token, request).await?;
    ok(&ctx, AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?)
}
