//! Whoever is signed in, about themselves.

use std::sync::Arc;

use axum::extract::State;
use vestibule_domain::rbac::Action::{
    DeleteMemberPhone, DeleteMemberTotp, EndMemberApplication, ReadMemberApplications, UnlinkMemberEmail,
    UpdateMemberEmail,
};

use super::caller::{Acting, SignedIn};
use super::{Answer, Sdk};
use crate::doors::stytch::backend::connected_apps::{self, ListOut};
use crate::doors::stytch::backend::member_parts::{self, UnlinkIn, UnlinkedOut, UpdateIn};
use crate::doors::stytch::backend::members::{self, Body};
use crate::doors::stytch::second_factor::MemberPart;
use crate::doors::stytch::wire::MemberIn;
use crate::doors::stytch::{Nothing, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Input;
use crate::world::App;

/// The endpoints of this file. Everybody has the rights on themselves that a role has on members.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let all = "/sdk/v1/b2b/organizations/members";
    Endpoints::new()
        .get(&format!("{all}/me"), Needs::Session, show)
        .put(&format!("{all}/update"), Needs::RightsOfFields, update)
        .delete(&format!("{all}/deletePhoneNumber"), Needs::Right(DeleteMemberPhone), delete_phone)
        .delete(&format!("{all}/deleteTOTP"), Needs::Right(DeleteMemberTotp), delete_totp)
        .post(&format!("{all}/unlink_retired_email"), Needs::Right(UnlinkMemberEmail), unlink_retired_email)
        .post(&format!("{all}/start_email_update"), Needs::Right(UpdateMemberEmail), start_email_update)
        .get(&format!("{all}/connected_apps"), Needs::Right(ReadMemberApplications), applications)
        .post(
            &format!("{all}/connected_apps/{{connected_app_id}}/revoke"),
            Needs::Right(EndMemberApplication),
            end_application,
        )
}

async fn show(State(app): State<Arc<App>>, ctx: Ctx, who: SignedIn) -> Answer<MemberPart> {
    ok(&ctx, MemberPart::of(&app, who.entry.organization(), &who.view.member).await?)
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    who: Acting,
    Input(body): Input<MemberIn>,
) -> Answer<Body> {
    members::change(&app, &ctx, (who.entry, &who.id), body).await
}

async fn delete_phone(State(app): State<Arc<App>>, ctx: Ctx, who: Acting) -> Answer<Body> {
    member_parts::without_phone(&app, &ctx, (who.entry, &who.id)).await
}

async fn delete_totp(State(app): State<Arc<App>>, ctx: Ctx, who: Acting) -> Answer<Body> {
    members::without_totp(&app, &ctx, (who.entry, &who.id)).await
}

async fn unlink_retired_email(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    who: Acting,
    Input(body): Input<UnlinkIn>,
) -> Answer<UnlinkedOut> {
    member_parts::unlinked(&app, &ctx, (who.entry, &who.id), body).await
}

async fn start_email_update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    who: Acting,
    Input(body): Input<UpdateIn>,
) -> Answer<Body> {
    let whose = (who.entry, who.id.as_str());
    member_parts::begin_email_update(&app, &ctx, &who.visitor.project, whose, body).await
}

async fn applications(State(app): State<Arc<App>>, ctx: Ctx, who: Acting) -> Answer<ListOut> {
    connected_apps::listed(&app, &ctx, (who.entry, &who.id)).await
}

async fn end_application(State(app): State<Arc<App>>, who: Acting) -> Answer<Nothing> {
    connected_apps::ended(&app, (who.entry, &who.id)).await
}
