//! The members of the organization of whoever is signed in: the handlers are those of the backend API where only the caller
//! differs.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::rbac::Action::{
    CreateMember, DeleteMember, DeleteMemberPassword, DeleteMemberPhone, DeleteMemberTotp,
    EndMemberApplication, ReadMemberApplications, SearchMembers, UnlinkMemberEmail, UpdateMemberEmail,
};
use vestibule_domain::rbac::asks;

use super::caller::{Acting, Granted, Visitor};
use super::{Answer, Sdk};
use crate::doors::stytch::backend::connected_apps;
use crate::doors::stytch::backend::member_parts::{self, UpdateIn};
use crate::doors::stytch::backend::members::{self, Body, FoundOut, MemberPath};
use crate::doors::stytch::backend::search::MemberSearchFields;
use crate::doors::stytch::ok;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let all = "/sdk/v1/b2b/organizations/members";
    let one = format!("{all}/{{member_id}}");
    let apps = format!("{one}/connected_apps");
    Endpoints::new()
        .post(all, Needs::Right(CreateMember), members::create::<Sdk>)
        .post("/sdk/v1/b2b/organizations/me/members/search", Needs::Right(SearchMembers), search)
        .put(&one, Needs::RightsOfFields, members::update::<Sdk>)
        .delete(&one, Needs::Right(DeleteMember), members::remove::<Sdk>)
        .put(&format!("{one}/reactivate"), Needs::Right(CreateMember), members::reactivate::<Sdk>)
        .delete(
            &format!("{all}/passwords/{{member_password_id}}"),
            Needs::Right(DeleteMemberPassword),
            member_parts::delete_password::<Sdk>,
        )
        .delete(
            &format!("{all}/mfa_phone_numbers/{{member_id}}"),
            Needs::Right(DeleteMemberPhone),
            member_parts::delete_phone::<Sdk>,
        )
        .delete(
            &format!("{all}/totp/{{member_id}}"),
            Needs::Right(DeleteMemberTotp),
            members::remove_totp::<Sdk>,
        )
        .post(
            &format!("{one}/unlink_retired_email"),
            Needs::Right(UnlinkMemberEmail),
            member_parts::unlink_retired_email::<Sdk>,
        )
        .post(&format!("{one}/start_email_update"), Needs::Right(UpdateMemberEmail), start_email_update)
        .get(&apps, Needs::Right(ReadMemberApplications), connected_apps::of_member::<Sdk>)
        // The official client forgets the slash.
        .get(
            "/sdk/v1b2b/organizations/members/{member_id}/connected_apps",
            Needs::Right(ReadMemberApplications),
            connected_apps::of_member::<Sdk>,
        )
        .post(
            &format!("{apps}/{{connected_app_id}}/revoke"),
            Needs::Right(EndMemberApplication),
            connected_apps::revoke::<Sdk>,
        )
        .post(&format!("{all}/search"), Needs::Project, look_up)
}

async fn search(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::SearchMembers>,
    Input(fields): Input<MemberSearchFields>,
) -> Answer<FoundOut> {
    members::found(&app, &ctx, &[granted.into()], fields).await
}

async fn start_email_update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    who: Acting,
    Path(path): Path<MemberPath>,
    Input(body): Input<UpdateIn>,
) -> Answer<Body> {
    let whose = (who.entry, path.member_id.as_str());
    member_parts::begin_email_update(&app, &ctx, &who.visitor.project, whose, body).await
}

#[derive(Serialize)]
struct LookedUpOut {
    member: Option<()>,
}

/// Prebuilt screens ask whether somebody has a password. Nobody has one, and who is a member is told to nobody.
async fn look_up(ctx: Ctx, _: Visitor) -> Answer<LookedUpOut> {
    ok(&ctx, LookedUpOut { member: None })
}
