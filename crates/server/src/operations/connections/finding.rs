//! Which connections somebody could sign in through who has not said more than their address.

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::{ConnectionId, ProjectId};
use vestibule_domain::member::MemberStatus;
use vestibule_store::tables::connections::ActiveConnection;

use crate::failure::Failure;
use crate::world::App;

/// Most organizations of each kind that are looked at.
const MOST: i64 = 100;

/// The active connections of the organizations in which the address is an active member's; where there is none, those that
/// would make a member of whoever comes with it: the organization is for the address' domain, and lets the connection do so.
///
/// # Errors
/// The store's.
pub(crate) async fn by_address(
    app: &App,
    project: ProjectId,
    address: &EmailAddress,
) -> Result<Vec<ActiveConnection>, Failure> {
    let mut found = Vec::new();
    let members = app.store.members_by_address(project, address, MOST).await?;
    for member in members.iter().filter(|member| member.status == MemberStatus::Active) {
        found.extend(app.store.active_connections(member.tenant()).await?);
    }
    if found.is_empty() {
        found = joinable(app, project, address.domain()).await?;
    }
    Ok(found)
}

async fn joinable(app: &App, project: ProjectId, domain: &str) -> Result<Vec<ActiveConnection>, Failure> {
    let claimant = app.store.organization_claiming(project, domain).await?;
    let mut open = app.store.organizations_allowing(project, domain, MOST).await?;
    if let Some(claimant) = claimant {
        // What a company has claimed is nobody else's to join by.
        open.retain(|organization| organization.id == claimant);
        if open.is_empty() {
            open.extend(app.store.organization_of(Tenant::stored(project, claimant)).await?);
        }
    }
    let mut found = Vec::new();
    for organization in open {
        let creates = |id: ConnectionId| organization.allows_jit_by(id);
        let active = app.store.active_connections(organization.tenant()).await?;
        found.extend(active.into_iter().filter(|connection| creates(connection.id)));
    }
    Ok(found)
}
