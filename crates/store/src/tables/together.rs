//! What is always loaded together, in one go: each read of its own would begin and end for itself, and on PostgreSQL
//! wait for itself.

use vestibule_domain::directory::Directory;
use vestibule_domain::id::MemberId;
use vestibule_domain::identity::Registration;
use vestibule_domain::member::Member;
use vestibule_domain::organization::Organization;
use vestibule_domain::session::Session;
use vestibule_domain::{Tenant, Time};

use super::connections::{self, ActiveConnection};
use super::{directories, members, organizations, registrations, sessions};
use crate::dialect::Row;
use crate::error::StoreError;
use crate::store::Store;
use crate::vault::Vault;

/// What a member is shown by.
#[derive(Debug)]
pub struct Standing {
    /// The member, also a deleted one.
    pub member: Option<Member>,
    /// Their organization, with its connections that members can sign in through.
    pub organization: Option<Organization>,
    /// Those connections.
    pub active_connections: Vec<ActiveConnection>,
    /// The member's registrations, the oldest first.
    pub registrations: Vec<Registration>,
    /// The organization's directory.
    pub directory: Option<Directory>,
}

/// A member, also a deleted one, with their registrations and live sessions, the oldest first.
#[derive(Debug)]
pub struct SignedIn {
    /// The member.
    pub member: Member,
    /// Their registrations.
    pub registrations: Vec<Registration>,
    /// Their sessions.
    pub sessions: Vec<Session>,
}

impl Store {
    /// A member of an organization with all that they are shown by.
    ///
    /// # Errors
    /// As for [`Store::member_of`], [`Store::organization_of`], [`Store::registrations`] and
    /// [`Store::active_connections`].
    pub async fn standing(&self, tenant: Tenant, id: MemberId) -> Result<Standing, StoreError> {
        let (mut member, mut organization) = (None, None);
        let (mut active_connections, mut registrations) = (Vec::new(), Vec::new());
        let mut directory = None;
        self.query_together(&mut [
            (members::of(tenant, id), &mut |row: &Row<'_>| {
                member = Some(members::read_member(row)?);
                Ok(())
            }),
            (organizations::of(tenant), &mut |row: &Row<'_>| {
                organization = Some(organizations::read_organization(row)?);
                Ok(())
            }),
            (registrations::of(tenant.project_id(), id), &mut |row: &Row<'_>| {
                registrations.push(registrations::registration(row)?);
                Ok(())
            }),
            (connections::active_of(tenant), &mut |row: &Row<'_>| {
                active_connections.extend(self.shown(connections::TABLE, row, connections::read_active(row)));
                Ok(())
            }),
            (directories::at(tenant, None), &mut |row: &Row<'_>| {
                directory = self.shown("directories", row, directories::read_directory(row));
                Ok(())
            }),
        ])
        .await?;
        Ok(Standing { member, organization, active_connections, registrations, directory })
    }

    /// A member of an organization, by id or external id, with their live sessions.
    ///
    /// # Errors
    /// As for [`Store::member`], [`Store::registrations`] and [`Store::live_sessions`].
    pub async fn signed_in(
        &self,
        vault: &Vault,
        tenant: Tenant,
        locator: &str,
        now: Time,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Ok(id) = locator.parse::<MemberId>() else {
            let Some(member) = self.member(tenant, locator).await? else { return Ok(None) };
            let registrations = self.registrations(tenant.project_id(), member.id).await?;
            let sessions = self.live_sessions(vault, tenant, member.id, now).await?;
            return Ok(Some(SignedIn { member, registrations, sessions }));
        };
        let mut found = None;
        let (mut registrations, mut live) = (Vec::new(), Vec::new());
        self.query_together(&mut [
            (members::of(tenant, id), &mut |row: &Row<'_>| {
                found = Some(members::read_member(row)?);
                Ok(())
            }),
            (registrations::of(tenant.project_id(), id), &mut |row: &Row<'_>| {
                registrations.push(registrations::registration(row)?);
                Ok(())
            }),
            (sessions::live_of(tenant, id, now), &mut |row: &Row<'_>| {
                live.extend(self.shown(sessions::TABLE, row, sessions::read(row)));
                Ok(())
            }),
        ])
        .await?;
        let Some(member) = found else { return Ok(None) };
        let sessions = self.unsealed(vault, live).await?;
        Ok(Some(SignedIn { member, registrations, sessions }))
    }
}
