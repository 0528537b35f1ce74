//! Members of organizations who have come through a connection, and their roles there.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_domain::member::{Member, MemberPatch};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Entry;
use vestibule_domain::rbac::asks::SearchMembers;
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::needs::*;
use super::users::person;
use super::{Answer, IdPath, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::listing::{BOUNDS, Fields, Paging};
use crate::doors::auth0::wire::organization::{MembersIn, RolesIn};
use crate::doors::auth0::wire::query::Query;
use crate::doors::auth0::wire::user as wire;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::{members, people, views};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let all = "/api/v2/organizations/{id}/members";
    let roles = "/api/v2/organizations/{id}/members/{user_id}/roles";
    Endpoints::new()
        .get(all, READ_ORGANIZATION_MEMBERS, list)
        .post(all, CREATE_ORGANIZATION_MEMBERS, add)
        .delete(all, DELETE_ORGANIZATION_MEMBERS, remove)
        .get(roles, READ_ORGANIZATION_MEMBER_ROLES, list_roles)
        .post(roles, CREATE_ORGANIZATION_MEMBER_ROLES, add_roles)
        .delete(roles, DELETE_ORGANIZATION_MEMBER_ROLES, remove_roles)
}

#[derive(Deserialize)]
struct MemberPath {
    id: String,
    user_id: String,
}

/// What an organization knows of somebody.
async fn member(app: &App, manager: &Manager, entry: &Entry, user: &str) -> Result<Member, Failure> {
    let person = person(app, manager, user).await?;
    let here = entry.organization().id;
    let standing = person.standings.into_iter().find(|one| one.member.organization_id == here);
    Ok(standing.ok_or(What::NotFound(Thing::Member))?.member)
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    query: Query,
) -> Answer<Value> {
    let (paging, fields) = (Paging::read(&query, BOUNDS)?, Fields::read(&query)?);
    let entry = manager.organization(&app, &path.id).await?;
    let part = (paging.after.clone(), paging.skip(), paging.limit);
    let found = people::of_organization(&app, &entry.grant::<SearchMembers>()?, part).await?;
    let origin = manager.origin();
    let shown =
        found.items.iter().map(|(source, one)| fields.of(wire::show_member(source, one, origin))).collect();
    ok(&ctx, paging.shown("members", shown, found.total, found.next.as_ref()))
}

/// Users become members of an organization by signing in for it. Those who are members stay members.
async fn add(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<MembersIn>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    for user in body.read()? {
        let here = entry.organization().id;
        let found = person(&app, &manager, &user).await?;
        if found.is_member_of(here) {
            continue;
        }
        if let Err(failure) = people::join(&app, &ctx, entry.clone(), &found).await
            && !person(&app, &manager, &user).await?.is_member_of(here)
        {
            return Err(failure);
        }
    }
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}

/// Who is no member is none: nothing has to be said of it.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<MembersIn>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    for user in body.read()? {
        match member(&app, &manager, &entry, &user).await {
            Err(failure) if failure.is(What::NotFound(Thing::Member)) => {}
            Err(failure) => return Err(failure),
            Ok(found) => {
                let grant = entry.clone().delete_member(found.id)?;
                gone(members::delete(&app, &ctx, &grant, found.id).await, Thing::Member)?;
            }
        }
    }
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}

async fn list_roles(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<MemberPath>,
    query: Query,
) -> Answer<Value> {
    let paging = Paging::read(&query, BOUNDS)?;
    let entry = manager.organization(&app, &path.id).await?;
    let member = member(&app, &manager, &entry, &path.user_id).await?;
    let view = views::member(&app, entry.organization(), member).await?;
    let mut granted: Vec<String> = view.grants.into_iter().map(|grant| grant.role_id).collect();
    granted.sort();
    granted.dedup();
    let total = granted.len() as u64;
    let described = |role: &String| {
        let known = entry.policy().roles.iter().chain(&entry.organization().custom_roles);
        let description =
            known.into_iter().find(|one| one.role_id == *role).map(|one| one.description.as_str());
        json!({ "id": role, "name": role, "description": description.unwrap_or_default() })
    };
    let wanted = granted.iter().skip(paging.skip() as usize).take(paging.limit as usize);
    ok(&ctx, paging.shown("roles", wanted.map(described).collect(), total, None))
}

async fn add_roles(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<MemberPath>,
    Body(body): Body<RolesIn>,
) -> Answer<Value> {
    change_roles(&app, &ctx, &manager, &path, body, |has, named| {
        let new = named.into_iter().filter(|role| !has.contains(role));
        has.iter().cloned().chain(new).collect()
    })
    .await
}

async fn remove_roles(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<MemberPath>,
    Body(body): Body<RolesIn>,
) -> Answer<Value> {
    change_roles(&app, &ctx, &manager, &path, body, |has, named| {
        has.iter().filter(|role| !named.contains(role)).cloned().collect()
    })
    .await
}

async fn change_roles(
    app: &App,
    ctx: &Ctx,
    manager: &Manager,
    path: &MemberPath,
    body: RolesIn,
    change: impl Fn(&[String], Vec<String>) -> Vec<String>,
) -> Answer<Value> {
    let entry = manager.organization(app, &path.id).await?;
    let found = member(app, manager, &entry, &path.user_id).await?;
    let roles = change(&found.roles, body.read()?);
    let patch = MemberPatch { roles: Patch::Set(roles), ..MemberPatch::default() };
    let grant = entry.change_member(found.id, &patch)?;
    let changed = members::update(app, ctx, &grant, found.id, patch).await;
    changed.map_err(|failure| match failure {
        Failure::Refused(Refusal { what: What::UnknownRole, found, .. }) => {
            Refusal::new(What::UnknownRole).because(format!("The role does not exist: {found}")).into()
        }
        other => other,
    })?;
    with(StatusCode::NO_CONTENT, ctx, Value::Null)
}
