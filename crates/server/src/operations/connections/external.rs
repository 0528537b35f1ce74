//! Borrowed connections: make and change. Whose connection is lent to whom is for the project alone to say; what their
//! people get here is for the organization that borrows.

use vestibule_domain::connection::{
    Connection, ExternalPatch, MAX_CONNECTIONS, MAX_LENT, MAX_LENT_OF_HOME, ProviderLabel, RoleAssignments,
};
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, ConnectionKind};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{BorrowConnection, ChangeConnection};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_store::tables::{connections, lending};

use super::{check_roles, draft, full, load};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Decision, Patience, change};
use crate::operations::events::Scene;
use crate::operations::meaning::meaning;
use crate::world::App;

/// Which connection is to be lent.
#[derive(Debug)]
pub(crate) enum Wanted<'a> {
    /// One of an organization that is shown.
    Named {
        /// Whose it is: an id, a slug or an external id.
        lender: &'a str,
        /// Its id.
        connection: &'a str,
    },
    /// One that was looked up.
    Known(&'a Connection),
    /// One that was looked up, of the project's home organization.
    OfHome(&'a Connection),
}

/// Lends a connection of another organization to the grant's.
///
/// # Errors
/// No such organization or connection; one that is its own, borrowed itself, not active, or borrowed already; more than may
/// be lent or had; roles that do not exist or that nobody would get.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<BorrowConnection>,
    wanted: &Wanted<'_>,
    display_name: &str,
    patch: ExternalPatch,
) -> Result<Connection, Failure> {
    let organization = grant.organization();
    let new = draft(app, organization, ConnectionKind::External, display_name, ProviderLabel::Generic);
    let mut patience = Patience::default();
    loop {
        let lent = lent(app, grant, wanted).await?;
        let connection = Connection::new_external(&new, &lent, patch.clone(), ctx.now)?;
        check_roles(grant, &connection, &RoleAssignments::default())?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::ConnectionCreated, Object::Connection(connection.id))
            .changed(Facts::default(), &connection);
        let batch = event
            .acted()
            .with([connections::insert(&connection, &app.vault, app.entropy.as_ref())?])
            .requires(connections::room(grant.tenant(), MAX_CONNECTIONS))
            .requires(match wanted {
                Wanted::OfHome(_) => lending::lendable_of_home(&lent, MAX_LENT_OF_HOME),
                _ => lending::lendable(&lent, MAX_LENT),
            });
        match app.store.commit(batch).await {
            Ok(()) => return Ok(connection),
            // What is lent was changed or removed meanwhile: looking again says which.
            Err(error) if error.is_guard(connections::VERSION) => patience.wait(app).await?,
            Err(error) => return Err(full(meaning(error), MAX_CONNECTIONS)),
        }
    }
}

/// The connection that is wanted, as it is now.
async fn lent(
    app: &App,
    grant: &Grant<BorrowConnection>,
    wanted: &Wanted<'_>,
) -> Result<Connection, Failure> {
    let none = || Failure::from(What::NotFound(Thing::LentConnection));
    let (tenant, id) = match wanted {
        Wanted::Named { lender, connection } => {
            let lender = app.store.organization(grant.project_id(), lender).await?;
            let lender = lender.ok_or_else(|| {
                Refusal::new(What::NotFound(Thing::Organization))
                    .because("Looked for external_organization_id.")
            })?;
            if lender.id == grant.organization().id {
                return Err(What::LentToItself.into());
            }
            (lender.tenant(), connection.parse().map_err(|_| none())?)
        }
        Wanted::Known(known) | Wanted::OfHome(known) if known.project_id == grant.project_id() => {
            (known.tenant(), known.id)
        }
        Wanted::Known(_) | Wanted::OfHome(_) => return Err(none()),
    };
    app.store.connection_of(&app.vault, tenant, id).await?.ok_or_else(none)
}

/// Changes what a borrowed connection is called and what its people get.
///
/// # Errors
/// No such connection; a value that is not usable, roles that do not exist or that nobody would get; a member who wants to
/// say what another organization's provider speaks for.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
    patch: ExternalPatch,
) -> Result<Connection, Failure> {
    if id.kind() != ConnectionKind::External {
        return Err(What::NotFound(Thing::Connection).into());
    }
    if !patch.speaks_for_claimed_domains.is_keep() && grant.actor().member().is_some() {
        return Err(Refusal::new(What::Forbidden)
            .because(
                "Only the project's own credentials may set speaks_for_claimed_domains: leave the member session out.",
            )
            .into());
    }
    let known = load(app, grant.tenant(), id).await?;
    // It may change meanwhile; which one it is does not.
    let lent = app.store.lent(&app.vault, &known).await?.ok_or(What::NotFound(Thing::LentConnection))?;
    let changed = change(
        app,
        id,
        || load(app, grant.tenant(), id),
        |connection: &mut Connection| {
            let before = connection.clone();
            connection.apply_external(patch.clone(), &lent, app.url_policy(), ctx.now)?;
            check_roles(grant, connection, &before.role_assignments())?;
            let event = Scene::of(ctx, grant)
                .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
                .changed(&before, &*connection);
            Ok(Decision::save(event.acted()))
        },
    );
    let (connection, ()) = changed.await?;
    Ok(connection)
}
