//! Codes by text message.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::mfa::totp::checked_code;
use vestibule_domain::refusal::Field;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::second_factor::{MemberPart, ProvedOut, choices, named};
use crate::doors::stytch::session_request::{SessionFields, begins_session, check_locale};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
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
    intermediate_session_token: Option<String>,
    session_token: Option<String>,
    session_jwt: Option<String>,
}

async fn send(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<SendIn>,
) -> Answer<MemberPart> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    body.locale.as_deref().map_or(Ok(()), check_locale)?;
    let fields = SessionFields {
        session_token: body.session_token.as_deref(),
        session_jwt: body.session_jwt.as_deref(),
        intermediate_session_token: body.intermediate_session_token.as_deref(),
        ..SessionFields::default()
    };
    let joins = fields.joins(&app, &ctx, &caller.project).await?;
    let to = (body.mfa_phone_number.as_deref(), body.locale.as_deref());
    let view = sms::send(&app, &ctx, &caller.project, (&grant, &member), to, joins.as_ref()).await?;
    ok(&ctx, MemberPart::of(&app, grant.organization(), &view).await?)
}

begins_session! {
    /// A code, and the session that it goes with.
    AuthenticateIn {
        organization_id: String,
        member_id: String,
        code: String,
        set_mfa_enrollment: String,
        set_default_mfa: bool,
    }
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<ProvedOut> {
    let (grant, member) =
        named(&app, &caller, body.organization_id.as_deref(), body.member_id.as_deref()).await?;
    let code = checked_code(required(body.code.as_deref(), "code")?, Field::SentCode)?;
    let choices = choices(body.set_mfa_enrollment.as_deref(), body.set_default_mfa)?;
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let whose = (&grant, &member);
    let view = sms::authenticate(&app, &ctx, &caller.project, whose, (&code, choices, &request)).await?;
    ok(&ctx, ProvedOut::of(&app, &ctx, &caller.project, &view).await?)
}
