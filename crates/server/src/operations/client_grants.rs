//! What applications may do at APIs, on their own account.

use vestibule_domain::application::{Audience, ClientGrant, ClientId, checked_scopes};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ClientGrantId;
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeProjectApplications, ReadProjectApplications};
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::tables::client_grants::{self, Granted, Part, Wanted};
use vestibule_store::{StoreError, Write};

use super::events::{Draft, Scene};
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A grant of the project.
///
/// # Errors
/// There is none.
pub(crate) async fn get(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    id: ClientGrantId,
) -> Result<Granted, Failure> {
    let found = app.store.client_grant(grant.project_id(), id).await?;
    Ok(found.ok_or(What::NotFound(Thing::ClientGrant))?)
}

/// A part of the grants, the oldest first, and how many there are in all.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    wanted: &Wanted,
    part: &Part,
) -> Result<(Vec<Granted>, i64), Failure> {
    let project = grant.project_id();
    let total = app.store.count_client_grants(project, wanted).await?;
    Ok((app.store.client_grants(project, wanted, part).await?, total))
}

/// Lets an application do something at an API where it may do nothing yet.
///
/// # Errors
/// There is no such application, it has a grant there, or a scope cannot be taken.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    client_id: &ClientId,
    audience: Audience,
    scopes: Vec<String>,
) -> Result<Granted, Failure> {
    let project = grant.project_id();
    let scopes = checked_scopes(scopes)?;
    let application = app.store.application(&app.vault, project, client_id).await?;
    let application = application.ok_or(What::NotFound(Thing::Application))?;
    let made = Granted {
        client_id: client_id.clone(),
        grant: ClientGrant {
            id: ClientGrantId::generate(project.environment(), app.entropy.as_ref()),
            project_id: project,
            application_id: application.id,
            audience,
            scopes,
            created_at: ctx.now,
        },
    };
    let told =
        event(app, ctx, grant, EventKind::ClientGrantCreated, &made).with("after", made.grant.scopes.clone());
    save(app, client_grants::insert(&made.grant), &told).await?;
    Ok(made)
}

/// Replaces what an application may do.
///
/// # Errors
/// There is no such grant, or a scope cannot be taken.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    id: ClientGrantId,
    scopes: Vec<String>,
) -> Result<Granted, Failure> {
    let mut granted = existing(app, grant, id).await?;
    let before = std::mem::replace(&mut granted.grant.scopes, checked_scopes(scopes)?);
    let told = event(app, ctx, grant, EventKind::ClientGrantUpdated, &granted)
        .with("before", before)
        .with("after", granted.grant.scopes.clone());
    save(app, client_grants::update(&granted.grant), &told).await?;
    Ok(granted)
}

/// Lets an application do nothing at the API any more. Tokens that it has are good for nothing there from now on.
///
/// # Errors
/// There is no such grant.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    id: ClientGrantId,
) -> Result<(), Failure> {
    let granted = existing(app, grant, id).await?;
    let told = event(app, ctx, grant, EventKind::ClientGrantDeleted, &granted)
        .with("before", granted.grant.scopes.clone());
    save(app, client_grants::delete(grant.project_id(), id), &told).await
}

async fn existing(
    app: &App,
    grant: &ProjectGrant<ChangeProjectApplications>,
    id: ClientGrantId,
) -> Result<Granted, Failure> {
    let found = app.store.client_grant(grant.project_id(), id).await?;
    Ok(found.ok_or(What::NotFound(Thing::ClientGrant))?)
}

async fn save(app: &App, write: Write, told: &Draft) -> Result<(), Failure> {
    let gone = |error| match error {
        // The application was removed meanwhile.
        StoreError::Reference => What::NotFound(Thing::Application).into(),
        error => meaning(error),
    };
    app.store.commit([write, told.write()]).await.map_err(gone)
}

fn event(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    kind: EventKind,
    granted: &Granted,
) -> Draft {
    Scene::of_project(ctx, grant)
        .event(app, kind, Object::Application(granted.grant.application_id))
        .with("client_id", granted.client_id.as_str())
        .with("client_grant_id", granted.grant.id.to_string())
        .with("audience", granted.grant.audience.to_string())
}
