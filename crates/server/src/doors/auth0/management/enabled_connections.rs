//! The connections that are enabled for an organization: its own, and those of the project that it borrows. Two resources show
//! them, of which the second is the newer.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vestibule_domain::connection::{CommonPatch, Connection, ExternalPatch};
use vestibule_domain::id::{ConnectionId, OrganizationId};
use vestibule_domain::organization::{Access, Organization, OrganizationPatch, PolicyPatch};
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Entry;
use vestibule_domain::rbac::asks::{ChangeConnection, DeleteConnection, ReadConnections};
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::needs::*;
use super::{Answer, IdPath, Manager, gone, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::Body;
use crate::doors::auth0::wire::ids;
use crate::doors::auth0::wire::listing::{BOUNDS, Paging};
use crate::doors::auth0::wire::organization::{Enabled, EnabledConnection, EnabledIn, show_enabled};
use crate::doors::auth0::wire::query::Query;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::connections::external::{self, Wanted};
use crate::operations::connections::{self, whole};
use crate::operations::organizations;
use crate::operations::people::Title;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let of = |resource: &str| format!("/api/v2/organizations/{{id}}/{resource}");
    let (older, newer) = (of("enabled_connections"), of("connections"));
    let (one_older, one_newer) = (format!("{older}/{{connection_id}}"), format!("{newer}/{{connection_id}}"));
    Endpoints::new()
        .get(&older, READ_ORGANIZATION_CONNECTIONS, list::<Older>)
        .post(&older, CREATE_ORGANIZATION_CONNECTIONS, add::<Older>)
        .get(&one_older, READ_ORGANIZATION_CONNECTIONS, show::<Older>)
        .patch(&one_older, UPDATE_ORGANIZATION_CONNECTIONS, update::<Older>)
        .delete(&one_older, DELETE_ORGANIZATION_CONNECTIONS, remove)
        .get(&newer, READ_ORGANIZATION_CONNECTIONS, list::<Newer>)
        .post(&newer, CREATE_ORGANIZATION_CONNECTIONS, add::<Newer>)
        .get(&one_newer, READ_ORGANIZATION_CONNECTIONS, show::<Newer>)
        .patch(&one_newer, UPDATE_ORGANIZATION_CONNECTIONS, update::<Newer>)
        .delete(&one_newer, DELETE_ORGANIZATION_CONNECTIONS, remove)
}

/// Which of the two resources is asked.
trait Resource: Send + 'static {
    const KEY: &'static str;
    const IS_NEWER: bool;
}

enum Older {}
enum Newer {}

impl Resource for Older {
    const KEY: &'static str = "enabled_connections";
    const IS_NEWER: bool = false;
}

impl Resource for Newer {
    const KEY: &'static str = "connections";
    const IS_NEWER: bool = true;
}

#[derive(Deserialize)]
struct RowPath {
    id: String,
    connection_id: String,
}

/// All connections that are enabled for an organization, the oldest first.
pub(super) async fn all(app: &App, entry: &Entry) -> Result<Vec<EnabledConnection>, Failure> {
    let own = connections::list(app, &entry.clone().grant::<ReadConnections>()?).await?;
    let mut rows = Vec::with_capacity(own.len());
    for through in own {
        let source = match through.borrowed() {
            None => Some(through.clone()),
            Some(_) => app.store.lent(&app.vault, &through).await?,
        };
        rows.extend(source.map(|source| row(through, &source)));
    }
    Ok(rows)
}

fn row(through: Connection, source: &Connection) -> EnabledConnection {
    EnabledConnection { through, source: source.id, title: Title::of(source) }
}

/// The one of a connection.
async fn one(app: &App, entry: &Entry, connection: &str) -> Result<EnabledConnection, Failure> {
    let none = || Failure::from(What::NotFound(Thing::Connection));
    let id = ids::read_connection(connection).ok_or_else(none)?;
    all(app, entry).await?.into_iter().find(|row| row.source == id).ok_or_else(none)
}

/// Enables a connection of the project for an organization.
pub(super) async fn enable(
    app: &App,
    ctx: &Ctx,
    manager: &Manager,
    organization: OrganizationId,
    id: ConnectionId,
    how: Enabled,
) -> Result<EnabledConnection, Failure> {
    let source = manager.connection_of(app, id).await?;
    let entry = manager.place(app, organization).await?;
    if source.organization_id == organization {
        // It is the organization's own: it is enabled there by being there.
        return settled(app, ctx, manager, entry, row(source.clone(), &source), how).await;
    }
    let is_home = source.organization_id == manager.project().home_organization;
    let wanted = if is_home { Wanted::OfHome(&source) } else { Wanted::Known(&source) };
    // The project itself enables it: its provider speaks for those whom the organization has claimed.
    let patch = ExternalPatch { speaks_for_claimed_domains: Patch::Set(true), ..ExternalPatch::default() };
    let name = how.display_name.clone().unwrap_or_default();
    let grant = entry.clone().project_grant()?;
    let through = external::create(app, ctx, &grant, &wanted, &name, patch).await?;
    let how = Enabled { assigns: Some(how.assigns.unwrap_or(false)), ..how };
    settled(app, ctx, manager, entry, row(through, &source), how).await
}

/// Sets how a connection is enabled.
async fn settled(
    app: &App,
    ctx: &Ctx,
    manager: &Manager,
    entry: Entry,
    row: EnabledConnection,
    how: Enabled,
) -> Result<EnabledConnection, Failure> {
    let EnabledConnection { through, source, title } = row;
    let organization = entry.organization().clone();
    let common = CommonPatch {
        shows_button: how.shows_button.map_or(Patch::Keep, Patch::Set),
        ..CommonPatch::default()
    };
    let display_name = how.display_name.map_or(Patch::Keep, Patch::Set);
    let through = if common == CommonPatch::default() && display_name.is_keep() {
        through
    } else {
        let grant = entry.grant::<ChangeConnection>()?;
        if through.borrowed().is_some() {
            let patch = ExternalPatch { display_name, common, ..ExternalPatch::default() };
            external::update(app, ctx, &grant, through.id, patch).await?
        } else {
            whole::change_common(app, ctx, &grant, through.id, display_name, common).await?
        }
    };
    if let Some(assigns) = how.assigns.filter(|assigns| *assigns != organization.allows_jit_by(through.id)) {
        assign(app, ctx, manager, &organization, through.id, assigns).await?;
    }
    Ok(EnabledConnection { through, source, title })
}

/// Whoever signs in through a connection becomes a member, or nobody does. All others stay as they are.
async fn assign(
    app: &App,
    ctx: &Ctx,
    manager: &Manager,
    organization: &Organization,
    connection: ConnectionId,
    assigns: bool,
) -> Result<(), Failure> {
    let entry = manager.place(app, organization.id).await?;
    let all = app.store.connection_ids(entry.tenant()).await?;
    let is_assigned = |id: &ConnectionId| {
        if *id == connection { assigns } else { entry.organization().allows_jit_by(*id) }
    };
    let allowed = all.into_iter().map(|(id, _)| id).filter(is_assigned).collect();
    let policy = PolicyPatch {
        sso_jit_provisioning: Patch::Set(Access::Restricted),
        sso_jit_provisioning_allowed_connections: Patch::Set(allowed),
        ..PolicyPatch::default()
    };
    let patch = OrganizationPatch { policy, ..OrganizationPatch::default() };
    let grant = entry.change_organization(&patch)?;
    organizations::update(app, ctx, &grant, patch).await.map(drop)
}

async fn list<R: Resource>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    query: Query,
) -> Answer<Value> {
    let paging = Paging::read(&query, BOUNDS)?;
    let entry = manager.organization(&app, &path.id).await?;
    let rows = all(&app, &entry).await?;
    let total = rows.len() as u64;
    let wanted = rows.iter().skip(paging.skip() as usize).take(paging.limit as usize);
    let shown = wanted.map(|row| show_enabled(entry.organization(), row, R::IS_NEWER)).collect();
    ok(&ctx, paging.shown(R::KEY, shown, total, None))
}

async fn add<R: Resource>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<EnabledIn>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    let (connection, organization) = (body.connection()?, entry.organization().id);
    let row = enable(&app, &ctx, &manager, organization, connection, body.read()?).await?;
    let entry = manager.place(&app, organization).await?;
    with(StatusCode::CREATED, &ctx, show_enabled(entry.organization(), &row, R::IS_NEWER))
}

async fn show<R: Resource>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<RowPath>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    let row = one(&app, &entry, &path.connection_id).await?;
    ok(&ctx, show_enabled(entry.organization(), &row, R::IS_NEWER))
}

async fn update<R: Resource>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<RowPath>,
    Body(body): Body<EnabledIn>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    let organization = entry.organization().id;
    let row = one(&app, &entry, &path.connection_id).await?;
    let row = settled(&app, &ctx, &manager, entry, row, body.read()?).await?;
    let entry = manager.place(&app, organization).await?;
    ok(&ctx, show_enabled(entry.organization(), &row, R::IS_NEWER))
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<RowPath>,
) -> Answer<Value> {
    let entry = manager.organization(&app, &path.id).await?;
    let row = match one(&app, &entry, &path.connection_id).await {
        // Not enabled, and not enabled any more, is the same.
        Err(failure)
            if failure.is(What::NotFound(Thing::Connection))
                && ids::read_connection(&path.connection_id).is_some() =>
        {
            return with(StatusCode::NO_CONTENT, &ctx, Value::Null);
        }
        found => found?,
    };
    if row.through.borrowed().is_none() {
        return Err(Refusal::new(What::NotOffered)
            .because("The connection is the organization's own: it is enabled there as long as it exists.")
            .into());
    }
    let done = connections::delete(&app, &ctx, &entry.grant::<DeleteConnection>()?, row.through.id).await;
    gone(done, Thing::Connection)?;
    with(StatusCode::NO_CONTENT, &ctx, Value::Null)
}
