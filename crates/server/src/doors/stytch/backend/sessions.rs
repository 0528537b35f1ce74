//! Sessions.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::rbac::{Action, Policy, Verdict, decide};
use vestibule_domain::refusal::{Choice, Refusal, Thing, What};
use vestibule_domain::session::SessionDuration;
use vestibule_oidc::jose::PublicJwk;

use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::caller::{Caller, HereWith, InOrganization};
use crate::doors::stytch::session_jwt::{mint, presented};
use crate::doors::stytch::session_request::begins_session;
use crate::doors::stytch::wire::session::SessionOut;
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Nothing, Stytch, done, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::authentication::Joins;
use crate::operations::discovery::exchange_session;
use crate::operations::sessions::{self, Presented, Use};
use crate::operations::views::SessionView;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .get("/v1/b2b/sessions?organization_id&member_id", Needs::Belonging, list)
        .post("/v1/b2b/sessions/authenticate", Needs::Project, authenticate)
        .post("/v1/b2b/sessions/exchange", Needs::Project, exchange)
        .post("/v1/b2b/sessions/revoke", Needs::Right(Action::EndMemberSessions), revoke)
        .get("/v1/b2b/sessions/jwks/{project_id}", Needs::Nothing, jwks)
}

#[derive(Deserialize)]
struct ListParams {
    organization_id: Option<String>,
    member_id: Option<String>,
}

impl InOrganization for ListParams {
    fn organization(&self) -> Option<&str> {
        self.organization_id.as_deref()
    }
}

#[derive(Serialize)]
struct ListOut {
    member_sessions: Vec<SessionOut>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    HereWith(entry, params): HereWith<ListParams>,
) -> Answer<ListOut> {
    let member = required(params.member_id, "member_id")?;
    let listed = sessions::list(&app, &ctx, entry, &member).await?;
    ok(&ctx, ListOut { member_sessions: listed.into_iter().map(SessionOut::from).collect() })
}

#[derive(Deserialize)]
struct AuthenticateIn {
    session_token: Option<String>,
    session_jwt: Option<String>,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Metadata>,
    authorization_check: Option<AuthorizationCheck>,
}

#[derive(Deserialize)]
struct AuthorizationCheck {
    organization_id: Option<String>,
    resource_id: Option<String>,
    action: Option<String>,
}

#[derive(Serialize)]
struct AuthenticateOut {
    member_session: SessionOut,
    session_token: String,
    session_jwt: String,
    member: MemberOut,
    organization: OrganizationOut,
    verdict: Option<VerdictOut>,
}

#[derive(Serialize)]
struct VerdictOut {
    authorized: bool,
    granting_roles: Vec<String>,
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<AuthenticateOut> {
    let presented = presented(&app, &ctx, &caller.project, body.session_token, body.session_jwt).await?;
    let usage = Use {
        duration: body.session_duration_minutes.map(SessionDuration::minutes).transpose()?,
        custom_claims: body.session_custom_claims.unwrap_or_default(),
    };
    // The check comes first: a session that may not do what was asked is not used.
    let verdict = match &body.authorization_check {
        Some(check) => {
            let view = sessions::live(&app, &ctx, &caller.project, &presented).await?;
            Some(authorization(caller.authority().policy(), &view, check)?)
        }
        None => None,
    };
    let view = sessions::authenticate(&app, &ctx, &caller.project, &presented, &usage).await?;
    let session_jwt = mint(&app, &ctx, &caller.project, &view).await?;
    ok(
        &ctx,
        AuthenticateOut {
            member_session: SessionOut::from(&view),
            session_token: view.session.token.expose().to_owned(),
            session_jwt,
            member: MemberOut::from(&view.member),
            organization: OrganizationOut::from(&view.organization),
            verdict,
        },
    )
}

/// Contract 7.4.
fn authorization(
    policy: &Policy,
    view: &SessionView,
    check: &AuthorizationCheck,
) -> Result<VerdictOut, Refusal> {
    let organization = &view.organization.organization;
    let asked = required(check.organization_id.as_deref(), "authorization_check.organization_id")?;
    let resource = required(check.resource_id.as_deref(), "authorization_check.resource_id")?;
    let action = required(check.action.as_deref(), "authorization_check.action")?;
    let names = [
        Some(organization.id.to_string()),
        Some(organization.slug.clone()),
        organization.external_id.clone(),
    ];
    if !names.iter().flatten().any(|name| name == asked) {
        return Err(What::OtherTenant.into());
    }
    let verdict: Verdict = decide(policy, &organization.custom_roles, &view.roles, resource, action);
    if !verdict.authorized() {
        return Err(Refusal::new(What::Forbidden).because(format!("Needed: {action} on {resource}.")));
    }
    Ok(VerdictOut { authorized: true, granting_roles: verdict.granting_roles })
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
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let Some(Joins::Session(shown)) = &request.joins else {
        return Err(What::NoneGiven(Choice::Session).into());
    };
    let organization = caller.organization(&app, organization).await?;
    let wish = request.without_joining();
    let came = exchange_session(&app, &ctx, &caller.project, &organization, shown, wish).await?;
    ok(&ctx, AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?)
}

#[derive(Deserialize)]
struct RevokeIn {
    member_session_id: Option<String>,
    session_token: Option<String>,
    session_jwt: Option<String>,
    member_id: Option<String>,
}

async fn revoke(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<RevokeIn>,
) -> Answer<Nothing> {
    let given = [&body.member_session_id, &body.session_token, &body.session_jwt, &body.member_id];
    match given.into_iter().flatten().count() {
        0 => return Err(What::NoneGiven(Choice::Revocation).into()),
        1 => {}
        _ => return Err(What::SeveralGiven(Choice::Revocation).into()),
    }
    if let Some(member) = body.member_id {
        let id = member.parse().map_err(|_| Failure::from(What::NotFound(Thing::Member)))?;
        let grant = sessions::grant_of_member(&app, caller.authority(), id).await?;
        sessions::revoke_member(&app, &ctx, &grant, id).await?;
        return done(&ctx);
    }
    let shown = match body.member_session_id {
        Some(id) => {
            Presented::Verified(id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Session)))?)
        }
        None => presented(&app, &ctx, &caller.project, body.session_token, body.session_jwt).await?,
    };
    let (grant, id) =
        sessions::grant_of_session(&app, &ctx, &caller.project, caller.authority(), &shown).await?;
    sessions::revoke(&app, &ctx, &grant, id).await?;
    done(&ctx)
}

#[derive(Serialize)]
struct JwksOut {
    keys: Vec<JwkOut>,
}

/// A published key; one client needs the certificate members too, even empty.
#[derive(Serialize)]
struct JwkOut {
    #[serde(flatten)]
    key: PublicJwk,
    x5c: [String; 0],
    #[serde(rename = "x5tS256")]
    x5t_s256: &'static str,
}

/// Public: clients fetch the keys without credentials.
async fn jwks(State(app): State<Arc<App>>, ctx: Ctx, Path(project): Path<String>) -> Answer<JwksOut> {
    let unknown = What::NotFound(Thing::Project);
    let id = project.parse().map_err(|_| Failure::from(unknown))?;
    let project = app.store.project(id).await?.ok_or(unknown)?;
    let keys = app.keyring.keys(&app, &project, ctx.now).await?;
    let keys = keys.published.iter().map(|key| JwkOut { key: key.clone(), x5c: [], x5t_s256: "" }).collect();
    ok(&ctx, JwksOut { keys })
}
