//! Authenticator applications of members.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::TotpId;
use vestibule_domain::member::Member;
use vestibule_domain::mfa::totp::{Expiration, TotpSecret};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::refusal::Field;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::second_factor::{CodeIn, MemberPart, ProvedOut, named};
use crate::doors::stytch::session_request::ShownIn;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair, required};
use crate::http::qr_code;
use crate::operations::authentication::Joins;
use crate::operations::mfa::totp;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .post("/v1/b2b/totp", Needs::ProjectAlone, create)
        .post("/v1/b2b/totp/authenticate", Needs::ProjectAlone, authenticate)
        .post("/v1/b2b/totp/migrate", Needs::ProjectAlone, migrate)
}

#[derive(Deserialize)]
struct CreateIn {
    organization_id: Option<String>,
    member_id: Option<String>,
    expiration_minutes: Option<i64>,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct CreateOut {
    totp_registration_id: TotpId,
    secret: String,
    qr_code: String,
    recovery_codes: Vec<String>,
    #[serde(flatten)]
    member: MemberPart,
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    InputPair(body, shown): InputPair<CreateIn, ShownIn>,
) -> Answer<CreateOut> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    let expiration =
        body.expiration_minutes.map(Expiration::minutes).transpose()?.unwrap_or(Expiration::DEFAULT);
    let joins = shown.joins(&app, &ctx, &caller.project).await?;
    created(&app, &ctx, &caller.project, (&grant, &member), (expiration, joins.as_ref())).await
}

/// Begins to give a member an application, and shows how they get it.
pub(in crate::doors::stytch) async fn created<D: Door>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    wish: (Expiration, Option<&Joins>),
) -> Answer<CreateOut, D> {
    let made = totp::begin(app, ctx, project, (grant, member), wish).await?;
    let uri = made.totp.secret.uri(&project.name, made.member.member.email.as_str());
    ok(
        ctx,
        CreateOut {
            totp_registration_id: made.totp.id,
            secret: made.totp.secret.expose().to_owned(),
            qr_code: qr_code::data_url(uri.expose()).map_err(Failure::Internal)?,
            recovery_codes: made.totp.recovery_codes.expose().map(str::to_owned).collect(),
            member: MemberPart::of(app, grant.organization(), &made.member).await?,
        },
    )
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<CodeIn>,
) -> Answer<ProvedOut> {
    let shown = body.read(&app, &ctx, &caller, Field::TotpCode).await?;
    let (whose, wanted) = ((&shown.grant, &shown.member), (&shown.code, shown.choices, &shown.request));
    let view = totp::authenticate(&app, &ctx, &caller.project, whose, wanted).await?;
    ok(&ctx, ProvedOut::of(&app, &ctx, &caller.project, &view).await?)
}

#[derive(Deserialize)]
struct MigrateIn {
    organization_id: Option<String>,
    member_id: Option<String>,
    secret: Option<String>,
    recovery_codes: Option<Vec<String>>,
}

#[derive(Serialize)]
struct MigrateOut {
    totp_registration_id: TotpId,
    recovery_codes: Vec<String>,
    #[serde(flatten)]
    member: MemberPart,
}

async fn migrate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<MigrateIn>,
) -> Answer<MigrateOut> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    let secret = TotpSecret::brought(required(body.secret.as_deref(), "secret")?)?;
    let codes = body.recovery_codes.unwrap_or_default();
    let made = totp::migrate(&app, &ctx, (&grant, &member), secret, codes).await?;
    ok(
        &ctx,
        MigrateOut {
            totp_registration_id: made.totp.id,
            recovery_codes: made.totp.recovery_codes.expose().map(str::to_owned).collect(),
            member: MemberPart::of(&app, grant.organization(), &made.member).await?,
        },
    )
}
