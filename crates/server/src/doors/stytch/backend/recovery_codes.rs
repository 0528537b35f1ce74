//! Recovery codes of members.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::member::Member;
use vestibule_domain::mfa::recovery::RecoveryCodes;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::secret::Secret;

use crate::doors::stytch::caller::{Caller, Here};
use crate::doors::stytch::second_factor::{MemberPart, ProvedOut, named};
use crate::doors::stytch::session_request::begins_session;
use crate::doors::stytch::wire::tokens::{HoldsTokens, Tokens};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::mfa::{self, recovery_codes};
use crate::operations::views;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let of_member = "/v1/b2b/recovery_codes/{organization_id}/{member_id}";
    Endpoints::new()
        .post("/v1/b2b/recovery_codes/recover", Needs::ProjectAlone, recover)
        .get(of_member, Needs::ProjectAloneIn, show)
        .post("/v1/b2b/recovery_codes/rotate", Needs::ProjectAlone, rotate)
}

begins_session! {
    /// A recovery code, and the session that it goes with.
    RecoverIn {
        organization_id: String,
        member_id: String,
        recovery_code: String,
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RecoverOut {
    #[serde(flatten)]
    pub(in crate::doors::stytch) proved: ProvedOut,
    pub(in crate::doors::stytch) recovery_codes_remaining: usize,
}

impl HoldsTokens for RecoverOut {
    fn take_tokens(&mut self) -> Tokens {
        self.proved.take_tokens()
    }
}

async fn recover(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<RecoverIn>,
) -> Answer<RecoverOut> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    let code = Secret::from(required(body.recovery_code.as_deref(), "recovery_code")?);
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let whose = (&grant, &member);
    let (view, recovery_codes_remaining) =
        recovery_codes::recover(&app, &ctx, &caller.project, whose, (&code, &request)).await?;
    let proved = ProvedOut::of(&app, &ctx, &caller.project, &view).await?;
    ok(&ctx, RecoverOut { proved, recovery_codes_remaining })
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct CodesOut {
    recovery_codes: Vec<String>,
    #[serde(flatten)]
    member: MemberPart,
}

/// Shows the codes of a member.
pub(in crate::doors::stytch) async fn shown<D: Door>(
    app: &App,
    ctx: &Ctx,
    (grant, member): (Grant<ManageFactors>, Member),
    codes: &RecoveryCodes,
) -> Answer<CodesOut, D> {
    let view = views::member(app, grant.organization(), member).await?;
    let recovery_codes = codes.expose().map(str::to_owned).collect();
    ok(ctx, CodesOut { recovery_codes, member: MemberPart::of(app, grant.organization(), &view).await? })
}

/// The member in a path, by id or external id.
#[derive(Deserialize)]
struct MemberPath {
    member_id: String,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<CodesOut> {
    let grant = entry.project_grant::<ManageFactors>()?;
    let member = mfa::member(&app, &grant, &path.member_id).await?;
    let codes = recovery_codes::show(&app, &ctx, (&grant, &member)).await?;
    shown(&app, &ctx, (grant, member), &codes).await
}

#[derive(Deserialize)]
struct RotateIn {
    organization_id: Option<String>,
    member_id: Option<String>,
}

async fn rotate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<RotateIn>,
) -> Answer<CodesOut> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    let codes = recovery_codes::rotate(&app, &ctx, (&grant, &member)).await?;
    shown(&app, &ctx, (grant, member), &codes).await
}
