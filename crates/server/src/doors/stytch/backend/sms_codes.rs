//! Codes by text message.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::refusal::Field;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::second_factor::{CodeIn, MemberPart, ProvedOut, named};
use crate::doors::stytch::session_request::{ShownIn, check_locale};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair};
use crate::operations::mfa::sms;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().post("/v1/b2b/otps/sms/send", Needs::ProjectAlone, send).post(
        "/v1/b2b/otps/sms/authenticate",
        Needs::ProjectAlone,
        authenticate,
    )
}

#[derive(Deserialize)]
struct SendIn {
    organization_id: Option<String>,
    member_id: Option<String>,
    mfa_phone_number: Option<String>,
    locale: Option<String>,
}

async fn send(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    InputPair(body, shown): InputPair<SendIn, ShownIn>,
) -> Answer<MemberPart> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    body.locale.as_deref().map_or(Ok(()), check_locale)?;
    let joins = shown.joins(&app, &ctx, &caller.project).await?;
    let to = (body.mfa_phone_number.as_deref(), body.locale.as_deref());
    let view = sms::send(&app, &ctx, &caller.project, (&grant, &member), to, joins.as_ref()).await?;
    ok(&ctx, MemberPart::of(&app, grant.organization(), &view).await?)
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<CodeIn>,
) -> Answer<ProvedOut> {
    let shown = body.read(&app, &ctx, &caller, Field::SentCode).await?;
    let (whose, wanted) = ((&shown.grant, &shown.member), (&shown.code, shown.choices, &shown.request));
    let view = sms::authenticate(&app, &ctx, &caller.project, whose, wanted).await?;
    ok(&ctx, ProvedOut::of(&app, &ctx, &caller.project, &view).await?)
}
