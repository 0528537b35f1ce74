//! Connections: make, find and remove. What only one protocol has is in a file of its own.

pub(crate) mod assertion_key;
pub(crate) mod choice;
pub(crate) mod described;
pub(crate) mod discovery;
pub(crate) mod drafts;
pub(crate) mod external;
pub(crate) mod finding;
pub(crate) mod idp_metadata;
pub(crate) mod key_pairs;
pub(crate) mod learning;
pub(crate) mod oidc;
pub(crate) mod provider;
pub(crate) mod saml;
pub(crate) mod saml_keys;
pub(crate) mod sp_metadata;
mod warnings;
pub(crate) mod whole;

use std::sync::{Mutex, PoisonError};

use vestibule_domain::connection::{
    Connection, MAX_CONNECTIONS, MAX_LENT, NewConnection, ProviderLabel, RoleAssignments,
};
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::asks::{
    ChangeConnection, CreateConnection, DeleteConnection, ReadAllConnections, ReadConnections,
};
use vestibule_domain::rbac::{Grant, ProjectGrant};
use vestibule_domain::refusal::{Counted, Refusal, Thing, What};
use vestibule_domain::{Patch, Tenant, Time};
use vestibule_store::Batch;
use vestibule_store::tables::connection_lists::{Wanted, Window};
use vestibule_store::tables::lending::Lent;
use vestibule_store::tables::{
    application_connections, connections, directories, homes, notices, organizations, refreshes,
    registrations, sign_outs,
};

use super::change::{Decision, change};
use super::events::Scene;
use super::lending;
use super::meaning::meaning;
use super::organizations::{Found, naming_roles};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// All connections of the grant's organization.
///
/// # Errors
/// The store's.
pub(crate) async fn list(app: &App, grant: &Grant<ReadConnections>) -> Result<Vec<Connection>, Failure> {
    Ok(app.store.connections(&app.vault, grant.tenant()).await?)
}

/// A part of the connections of a project, whichever of its organizations has them, without their secrets.
///
/// # Errors
/// The store's.
pub(crate) async fn list_all(
    app: &App,
    grant: &ProjectGrant<ReadAllConnections>,
    wanted: &Wanted,
    window: &Window,
) -> Result<Found<Connection>, Failure> {
    let (page, total) = app.store.connections_of_project(grant.project_id(), wanted, window).await?;
    Ok(Found { items: page.items, total, next: page.next })
}

/// Checks that the roles exist that a connection gives. What it gave before may stand: it grants nothing when the role has
/// gone, and stops no other change.
fn check_roles<A>(grant: &Grant<A>, connection: &Connection, stood: &RoleAssignments) -> Result<(), Refusal> {
    let (organization, policy) = (grant.organization(), grant.policy());
    let checked = connection.check_roles(|role| {
        policy.has_role_in(organization, role) || stood.roles().any(|given| given == role)
    });
    checked.map_err(|refusal| naming_roles(policy, organization, refusal))
}

/// One connection of a tenant.
///
/// # Errors
/// There is none, also when it is another organization's.
pub(super) async fn load(app: &App, tenant: Tenant, id: ConnectionId) -> Result<Connection, Failure> {
    let found = app.store.connection_of(&app.vault, tenant, id).await?;
    Ok(found.ok_or(What::NotFound(Thing::Connection))?)
}

/// What every new connection is made of.
fn draft<'a>(
    app: &App,
    organization: &Organization,
    kind: ConnectionKind,
    display_name: &'a str,
    label: ProviderLabel,
) -> NewConnection<'a> {
    NewConnection {
        id: ConnectionId::generate(kind, organization.id.environment(), app.entropy.as_ref()),
        project_id: organization.project_id,
        organization_id: organization.id,
        display_name,
        identity_provider: label,
    }
}

/// Keeps a new connection, if there is room for it.
async fn insert(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    connection: &Connection,
) -> Result<(), Failure> {
    insert_with(app, ctx, grant, connection, (Batch::new(), MAX_CONNECTIONS)).await
}

/// The same with more writes in its batch, and another bound.
async fn insert_with(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    connection: &Connection,
    (more, most): (Batch, usize),
) -> Result<(), Failure> {
    let batch = insertion(app, ctx, grant, connection, most)?.and(more);
    app.store.commit(batch).await.map_err(|error| full(meaning(error), most))
}

/// What keeps a new connection, if there is room for it.
fn insertion(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    connection: &Connection,
    most: usize,
) -> Result<Batch, Failure> {
    let event = Scene::of(ctx, grant)
        .event(app, EventKind::ConnectionCreated, Object::Connection(connection.id))
        .changed(Facts::default(), connection);
    Ok(event
        .acted()
        .with([connections::insert(connection, &app.vault, app.entropy.as_ref())?])
        .with(homes::home_domains(connection))
        .requires(connections::room(grant.tenant(), most)))
}

/// A refusal for want of room says how much there is.
fn full(failure: Failure, most: usize) -> Failure {
    match failure {
        Failure::Refused(full) => match full.what {
            What::TooMany(Counted::Connections) => {
                full.because(format!("At most {most} are possible.")).into()
            }
            What::TooMany(Counted::LentConnections) => {
                full.because(format!("At most {MAX_LENT} times.")).into()
            }
            _ => full.into(),
        },
        other => other,
    }
}

/// Changes a connection. What `decide` gives is saved in the same batch. Whoever came in through one that is switched off by that
/// is signed out.
async fn change_one(
    app: &App,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    mut decide: impl FnMut(&mut Connection) -> Result<Decision, Failure>,
) -> Result<Connection, Failure> {
    let decide = |connection: &mut Connection| {
        let was_off = connection.common.is_switched_off;
        Ok(match decide(connection)? {
            Decision::Save(batch, ()) if connection.common.is_switched_off && !was_off => {
                Decision::save(batch.with(sign_outs::of_connection(connection.tenant(), id)))
            }
            other => other,
        })
    };
    let (connection, ()) = change(app, id, || load(app, grant.tenant(), id), decide).await?;
    Ok(connection)
}

/// Refuses a member who wants to say whether and until when a connection takes over whoever has an address: that reaches
/// people who came in through other connections, and is for the project to say, turning it off as well.
fn may_link(grant: &Grant<ChangeConnection>, switch: &Patch<Time>) -> Result<(), Refusal> {
    if !switch.is_keep() && grant.actor().member().is_some() {
        return Err(Refusal::new(What::Forbidden).because(
            "Only the project's own credentials may set link_existing_members_until: leave the member session out.",
        ));
    }
    Ok(())
}

/// Removes a connection, with its registrations, the sessions that hold a factor of it, and those that borrow it.
///
/// # Errors
/// No such connection, or it is the organization's default.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeleteConnection>,
    id: ConnectionId,
) -> Result<(), Failure> {
    let tenant = grant.tenant();
    let lent = Lent::Connection(tenant, id);
    // Loaded with the organization, so that both are new when it is decided anew.
    let borrowers = Mutex::new(Vec::new());
    // Asked by id alone: a connection that cannot be read can still be removed.
    let load = async || {
        if !app.store.connection_ids(tenant).await?.iter().any(|(known, _)| *known == id) {
            return Err(What::NotFound(Thing::Connection).into());
        }
        let found = app.store.borrowers(lent).await?;
        *borrowers.lock().unwrap_or_else(PoisonError::into_inner) = found;
        let organization = app.store.organization_of(tenant).await?;
        Ok(organization.ok_or(What::NotFound(Thing::Organization))?)
    };
    let decide = |organization: &mut Organization| {
        if organization.policy.sso_default_connection_id == Some(id) {
            return Err(What::IsDefault.into());
        }
        let loaded = organization.version;
        let goes = Batch::from(sign_outs::of_connection(tenant, id))
            .with([
                connections::delete(tenant, id, ctx.now),
                directories::end_of_connection(tenant, id, ctx.now),
                homes::forget_domains(id),
                registrations::delete_of_connection(tenant.project_id(), id),
                application_connections::forget_connection(tenant.project_id(), id),
                refreshes::forget(id),
                notices::forget(id),
            ])
            .and(
                Scene::of(ctx, grant)
                    .event(app, EventKind::ConnectionDeleted, Object::Connection(id))
                    .acted(),
            )
            .and(lending::taken_back(
                app,
                lent,
                &borrowers.lock().unwrap_or_else(PoisonError::into_inner),
                ctx.now,
            ));
        // An organization that does not name the connection must not begin to.
        if organization.forget_connection(id, ctx.now) {
            return Ok(Decision::save(goes));
        }
        Ok(Decision::SaveOthers(goes.requires(organizations::at_version(tenant, loaded)), ()))
    };
    change(app, tenant.organization_id(), load, decide).await.map(drop)
}

/// What is said of a sign-in whose connection leads to another identity provider than when it began.
#[must_use]
pub(crate) fn moved() -> Refusal {
    Refusal::new(What::UnknownCallback)
        .because("The connection was moved to another identity provider during this sign-in. Start again.")
}
