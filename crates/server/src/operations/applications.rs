//! The applications of a project: what they are, and through which connections people sign in to them.

use vestibule_domain::application::{Application, ApplicationPatch, ClientId};
use vestibule_domain::connection::Connection;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, ProjectId};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeProjectApplications, ReadProjectApplications};
use vestibule_domain::redirect::LoopbackHttp;
use vestibule_domain::refusal::{Thing, What};
use vestibule_store::Batch;
use vestibule_store::tables::applications::{Part, Wanted};
use vestibule_store::tables::{application_connections, applications, client_grants};

use super::change::{Decision, Patience, change, is_race};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// An application of the project, with its secret: who may see that is for the door to know.
///
/// # Errors
/// There is none.
pub(crate) async fn get(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    client_id: &ClientId,
) -> Result<Application, Failure> {
    find(app, grant.project_id(), client_id).await
}

/// A part of the applications, the oldest first, and how many there are in all.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    wanted: &Wanted,
    part: &Part,
) -> Result<(Vec<Application>, i64), Failure> {
    let project = grant.project_id();
    let total = app.store.count_applications(project, wanted).await?;
    Ok((app.store.applications(&app.vault, project, wanted, part).await?, total))
}

/// Makes an application, with a secret.
///
/// # Errors
/// A value that cannot be taken, or there are as many as there may be.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    patch: ApplicationPatch,
) -> Result<Application, Failure> {
    let project = grant.project_id();
    let loopback = loopback(app, project);
    let made = Application::create(project, patch, loopback, ctx.now, app.entropy.as_ref())?;
    let created = Scene::of_project(ctx, grant)
        .event(app, EventKind::ApplicationCreated, Object::Application(made.id))
        .changed(Facts::default(), &made)
        .with("client_id", made.client_id.as_str());
    let insert = applications::insert(&made, &app.vault, app.entropy.as_ref())?;
    let batch = Batch::from([insert, created.write()]).requires(applications::room(project));
    app.store.commit(batch).await.map_err(meaning)?;
    Ok(made)
}

/// Changes what is given.
///
/// # Errors
/// There is no such application, or a value cannot be taken.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    client_id: &ClientId,
    patch: ApplicationPatch,
) -> Result<Application, Failure> {
    let loopback = loopback(app, grant.project_id());
    decided(app, ctx, grant, client_id, EventKind::ApplicationUpdated, |application| {
        Ok(application.apply(patch.clone(), loopback, ctx.now)?)
    })
    .await
}

/// Gives an application another secret. The one before is good no more.
///
/// # Errors
/// There is no such application.
pub(crate) async fn rotate_secret(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    client_id: &ClientId,
) -> Result<Application, Failure> {
    decided(app, ctx, grant, client_id, EventKind::ApplicationSecretRotated, |application| {
        application.rotate_secret(ctx.now, app.entropy.as_ref());
        Ok(())
    })
    .await
}

async fn decided(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    client_id: &ClientId,
    kind: EventKind,
    decide: impl Fn(&mut Application) -> Result<(), Failure>,
) -> Result<Application, Failure> {
    let project = grant.project_id();
    let scene = Scene::of_project(ctx, grant);
    let load = || find(app, project, client_id);
    let (application, ()) = change(app, client_id, load, |application| {
        let before = Facts::from(&*application);
        decide(application)?;
        let told = scene
            .event(app, kind.clone(), Object::Application(application.id))
            .changed(before, &*application)
            .with("client_id", application.client_id.as_str());
        Ok(Decision::save(told.write()))
    })
    .await?;
    Ok(application)
}

/// Removes an application with all that it may do. Its tokens are good for nothing from now on.
///
/// # Errors
/// There is no such application.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    client_id: &ClientId,
) -> Result<(), Failure> {
    let project = grant.project_id();
    let mut patience = Patience::default();
    loop {
        let found = find(app, project, client_id).await?;
        let deleted = Scene::of_project(ctx, grant)
            .event(app, EventKind::ApplicationDeleted, Object::Application(found.id))
            .with("client_id", found.client_id.as_str())
            .with("name", found.settings.name.as_str());
        let batch = Batch::from([
            client_grants::delete_of(project, found.id),
            application_connections::forget_application(project, found.id),
            applications::delete(&found),
            deleted.write(),
        ]);
        match app.store.commit(batch).await {
            Err(error) if is_race(&error) => patience.wait(app).await?,
            kept => return kept.map_err(meaning),
        }
    }
}

/// Says of each application whether people sign in to it through the connection.
///
/// # Errors
/// There is no such connection, or no such application; nothing is changed then.
pub(crate) async fn enable(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    connection: ConnectionId,
    changes: &[(ClientId, bool)],
) -> Result<(), Failure> {
    let writes = switches(app, grant.project_id(), connection, changes).await?;
    kept(app, ctx, grant, connection, Batch::from(writes), changes).await
}

/// Says of all applications at once: people sign in to these through the connection, and to no other.
///
/// # Errors
/// As for [`enable`].
pub(crate) async fn enable_only(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    connection: ConnectionId,
    applications: &[ClientId],
) -> Result<(), Failure> {
    let project = grant.project_id();
    let changes: Vec<_> = applications.iter().map(|id| (id.clone(), true)).collect();
    let writes = switches(app, project, connection, &changes).await?;
    let batch = Batch::from(application_connections::forget_connection(project, connection)).with(writes);
    kept(app, ctx, grant, connection, batch, &changes).await
}

/// The applications that people sign in to through a connection, in the order of their ids: those behind `after`.
///
/// # Errors
/// The store's.
pub(crate) async fn of_connection(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    connection: ConnectionId,
    after: Option<&ClientId>,
    most: u32,
) -> Result<Vec<ClientId>, Failure> {
    Ok(app.store.applications_of_connection(grant.project_id(), connection, after, Some(most)).await?)
}

/// The same of several connections, each with its applications.
///
/// # Errors
/// The store's.
pub(crate) async fn of_connections(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    connections: &[ConnectionId],
) -> Result<Vec<(ConnectionId, ClientId)>, Failure> {
    Ok(app.store.applications_of_connections(grant.project_id(), connections).await?)
}

/// The connections through which people sign in to an application, in the order of their ids: those behind `after`.
///
/// # Errors
/// There is no such application.
pub(crate) async fn connections_of(
    app: &App,
    grant: &ProjectGrant<ReadProjectApplications>,
    client_id: &ClientId,
    after: Option<ConnectionId>,
    most: u32,
) -> Result<Vec<Connection>, Failure> {
    let project = grant.project_id();
    let application = find(app, project, client_id).await?;
    let ids = app.store.connections_of_application(project, application.id, after, Some(most)).await?;
    let mut found = app.store.connection_summaries(project, &ids).await?;
    found.sort_by_key(|connection| connection.id.to_string());
    Ok(found)
}

async fn switches(
    app: &App,
    project: ProjectId,
    connection: ConnectionId,
    changes: &[(ClientId, bool)],
) -> Result<Vec<vestibule_store::Write>, Failure> {
    if app.store.connection(&app.vault, project, connection).await?.is_none() {
        return Err(What::NotFound(Thing::Connection).into());
    }
    let mut writes = Vec::with_capacity(changes.len());
    for (client_id, enabled) in changes {
        let application = find(app, project, client_id).await?;
        writes.push(if *enabled {
            application_connections::enable(project, application.id, connection)
        } else {
            application_connections::disable(project, application.id, connection)
        });
    }
    Ok(writes)
}

async fn kept(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectApplications>,
    connection: ConnectionId,
    batch: Batch,
    changes: &[(ClientId, bool)],
) -> Result<(), Failure> {
    let named = |wanted: bool| -> Vec<String> {
        changes.iter().filter(|(_, enabled)| *enabled == wanted).map(|(id, _)| id.to_string()).collect()
    };
    let told = Scene::of_project(ctx, grant)
        .event(app, EventKind::ApplicationConnectionsChanged, Object::Connection(connection))
        .with("enabled", named(true))
        .with("disabled", named(false));
    app.store.commit(batch.with([told.write()])).await.map_err(meaning)
}

async fn find(app: &App, project: ProjectId, client_id: &ClientId) -> Result<Application, Failure> {
    let found = app.store.application(&app.vault, project, client_id).await?;
    Ok(found.ok_or(What::NotFound(Thing::Application))?)
}

fn loopback(app: &App, project: ProjectId) -> LoopbackHttp {
    app.loopback_policy(project.environment())
}
