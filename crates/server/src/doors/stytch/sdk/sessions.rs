//! The session of whoever asks. A client shows it with every request, so a use of it must be cheap, change nothing that
//! another tab holds, and say in words that the client takes for final when there is none.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::refusal::{Refusal, What};

use super::caller::{Here, SignedIn, Visitor, Wish};
use super::{Answer, Sdk};
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::backend::members::MemberPath;
use crate::doors::stytch::second_factor::ProvedOut;
use crate::doors::stytch::{Nothing, done};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::discovery::exchange_session;
use crate::operations::members;
use crate::operations::sessions::{self, Use};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    use vestibule_domain::rbac::Action::EndMemberSessions;
    let all = "/sdk/v1/b2b/sessions";
    Endpoints::new()
        .post(&format!("{all}/authenticate"), Needs::Session, authenticate)
        .post(&format!("{all}/revoke"), Needs::Session, revoke)
        .post(&format!("{all}/revoke/{{member_id}}"), Needs::Right(EndMemberSessions), revoke_for_member)
        .post(&format!("{all}/exchange"), Needs::Session, exchange)
        .post(&format!("{all}/exchange_access_token"), Needs::Project, exchange_access_token)
        .post(&format!("{all}/attest"), Needs::Project, attest)
}

#[derive(Deserialize)]
struct AuthenticateIn {
    session_duration_minutes: Option<i64>,
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<AuthenticateIn>,
) -> Answer<ProvedOut> {
    let presented = visitor.presented()?;
    let asked = body.session_duration_minutes;
    let duration = match asked {
        Some(_) => visitor.settings.session_duration(asked)?,
        None => None,
    };
    let usage = Use { duration, ..Use::default() };
    let view = sessions::authenticate(&app, &ctx, &visitor.project, &presented, &usage).await?;
    visitor.answer(&app, &ctx, ProvedOut::of(&app, &ctx, &visitor.project, &view).await?)
}

async fn revoke(State(app): State<Arc<App>>, ctx: Ctx, who: SignedIn) -> Answer<Nothing> {
    let (member, session) = (who.view.session.member_id, who.view.session.id);
    let grant = who.entry.end_sessions(member)?;
    sessions::revoke(&app, &ctx, &grant, session).await?;
    who.visitor.forget(&app, &ctx)
}

async fn revoke_for_member(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<Nothing> {
    let id = members::find(&app, &entry, &path.member_id).await?.id;
    let grant = entry.end_sessions(id)?;
    sessions::revoke_member(&app, &ctx, &grant, id).await?;
    done(&ctx)
}

#[derive(Deserialize)]
struct ExchangeIn {
    organization_id: Option<String>,
    session_duration_minutes: Option<i64>,
    locale: Option<String>,
}

async fn exchange(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<ExchangeIn>,
) -> Answer<AuthenticatedOut> {
    let presented = visitor.presented()?;
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let wish = Wish {
        session_duration_minutes: body.session_duration_minutes,
        locale: body.locale,
        ..Wish::default()
    };
    let request = visitor.session_request(&wish)?.without_joining();
    // Who shows no session that lives learns nothing about organizations.
    sessions::live(&app, &ctx, &visitor.project, &presented).await?;
    let organization = visitor.organization(&app, organization).await?;
    let came = exchange_session(&app, &ctx, &visitor.project, &organization, &presented, request).await?;
    visitor.answer(&app, &ctx, AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?)
}

async fn exchange_access_token(_: Visitor) -> Answer<Nothing> {
    Err(Refusal::new(What::NotOffered)
        .because("Access tokens belong to connected apps, and this server issues none.")
        .into())
}

async fn attest(_: Visitor) -> Answer<Nothing> {
    Err(Refusal::new(What::NotOffered).because("There are no trusted token profiles here.").into())
}
