//! Borrowed connections: members of one organization sign in through the provider of another one's connection. Only the
//! project lends; neither organization can help itself to the other's.

use serde::{Deserialize, Serialize};

use super::{
    CommonPatch, Connection, ConnectionStatus, GroupRole, NewConnection, Protocol, UrlPolicy,
    checked_display_name, roles,
};
use crate::id::{ConnectionId, OrganizationId};
use crate::patch::Patch;
use crate::refusal::{Field, Missing, Refusal, Thing, What};
use crate::tenant::Tenant;
use crate::time::Time;

/// How often an organization may lend its connections, all together. Whatever takes one of them away takes along
/// what was lent, in one batch.
pub const MAX_LENT: usize = 100;

/// How often one connection of a project's home organization may be lent. Each is taken away by itself, and takes along those
/// that borrow it.
pub const MAX_LENT_OF_HOME: usize = 1000;

/// What a borrowed connection is made of. Which one it borrows never changes. Missing in a stored document is what is not
/// set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalSettings {
    /// The organization that lends.
    pub lender_id: OrganizationId,
    /// Its connection.
    pub lent_id: ConnectionId,
    /// The roles of everybody who signs in through it. They are this organization's.
    #[serde(default)]
    pub connection_roles: Vec<String>,
    /// The roles of groups that the provider reports.
    #[serde(default)]
    pub group_roles: Vec<GroupRole>,
    /// The provider speaks for the domains that this organization has claimed, as one of its own would.
    #[serde(default)]
    pub speaks_for_claimed_domains: bool,
}

/// A change to a borrowed connection.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names of the API and of the settings")]
pub struct ExternalPatch {
    pub display_name: Patch<String>,
    pub connection_roles: Patch<Vec<String>>,
    pub group_roles: Patch<Vec<GroupRole>>,
    pub speaks_for_claimed_domains: Patch<bool>,
    pub common: CommonPatch,
}

impl ExternalSettings {
    /// The settings after a change. `lent` is the connection that is borrowed.
    fn changed(&self, patch: ExternalPatch, lent: &Connection) -> Result<Self, Refusal> {
        let mut next = self.clone();
        roles::change_for_everybody(patch.connection_roles, &mut next.connection_roles)?;
        roles::change_for_groups(patch.group_roles, &mut next.group_roles)?;
        patch.speaks_for_claimed_domains.onto(&mut next.speaks_for_claimed_domains);
        next.check_roles_of(lent)?;
        Ok(next)
    }

    /// Refuses roles that nobody would ever get.
    fn check_roles_of(&self, lent: &Connection) -> Result<(), Refusal> {
        if self.connection_roles.is_empty() && self.group_roles.is_empty() {
            return Ok(());
        }
        let Some(settings) = lent.saml() else {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .found("role assignments of a connection that borrows an OpenID Connect one")
                .expected("none: they are given through SAML connections only"));
        };
        if !self.group_roles.is_empty() && !settings.mapping(lent.identity_provider).maps("groups") {
            return Err(Refusal::new(What::Incomplete(Missing::GroupsMapping))
                .because("It is missing in the connection that is borrowed."));
        }
        Ok(())
    }
}

impl Connection {
    /// A connection that borrows `lent`, which is another organization's.
    ///
    /// # Errors
    /// A connection of the same organization, one that is borrowed itself or is not active; roles that nobody would get, a
    /// display name that is too long.
    pub fn new_external(
        new: &NewConnection<'_>,
        lent: &Connection,
        patch: ExternalPatch,
        now: Time,
    ) -> Result<Self, Refusal> {
        if lent.organization_id == new.organization_id {
            return Err(What::LentToItself.into());
        }
        if lent.project_id != new.project_id || lent.borrowed().is_some() {
            return Err(What::NotFound(Thing::LentConnection).into());
        }
        if lent.status() != ConnectionStatus::Active {
            let missing = lent.missing().join(", ");
            return Err(Refusal::new(What::LentNotActive).because(format!("Missing there: {missing}.")));
        }
        let settings = ExternalSettings {
            lender_id: lent.organization_id,
            lent_id: lent.id,
            connection_roles: Vec::new(),
            group_roles: Vec::new(),
            speaks_for_claimed_domains: false,
        };
        let settings = settings.changed(patch, lent)?;
        Self::new(new, Protocol::External(Box::new(settings)), now)
    }

    /// The settings of a borrowed connection.
    #[must_use]
    pub fn borrowed(&self) -> Option<&ExternalSettings> {
        match &self.protocol {
            Protocol::External(settings) => Some(settings),
            Protocol::Oidc(_) | Protocol::Saml(_) => None,
        }
    }

    /// Where the connection is that it borrows.
    #[must_use]
    pub fn lender(&self) -> Option<Tenant> {
        self.borrowed().map(|settings| Tenant::new(self.project_id, settings.lender_id))
    }

    /// Applies a change to a borrowed connection as a whole or not at all.
    ///
    /// # Errors
    /// A value that is not usable, or a connection that is not borrowed.
    pub fn apply_external(
        &mut self,
        patch: ExternalPatch,
        lent: &Connection,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.clone();
        next.change_common(patch.common.clone(), urls)?;
        patch.display_name.clone().try_map(checked_display_name)?.onto(&mut next.display_name);
        let settings = self.borrowed().ok_or(What::NotFound(Thing::Connection))?;
        next.set(Protocol::External(Box::new(settings.changed(patch, lent)?)), now);
        *self = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{ProviderLabel, Route, Way};
    use crate::entropy::Entropy;
    use crate::id::{ConnectionKind, Environment, ProjectId};

    const NOW: Time = Time::from_seconds(1_700_000_000);

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    fn new(kind: ConnectionKind, organization: u8) -> NewConnection<'static> {
        NewConnection {
            id: ConnectionId::generate(kind, Environment::Test, &Fixed(organization)),
            project_id: ProjectId::generate(Environment::Test, &Fixed(1)),
            organization_id: OrganizationId::generate(Environment::Test, &Fixed(organization)),
            display_name: "IdP",
            identity_provider: ProviderLabel::Generic,
        }
    }

    /// A borrowed connection as it may be stored, without having been made.
    fn borrowing(lent: &Connection, organization: u8) -> Connection {
        let settings = format!(r#"{{"lender_id":"{}","lent_id":"{}"}}"#, lent.organization_id, lent.id);
        let settings: ExternalSettings = serde_json::from_str(&settings).unwrap();
        assert!(!settings.speaks_for_claimed_domains && settings.group_roles.is_empty());
        let protocol = Protocol::External(Box::new(settings));
        Connection::new(&new(ConnectionKind::External, organization), protocol, NOW).unwrap()
    }

    #[test]
    fn what_is_not_active_is_not_lent_nor_is_ones_own_nor_what_is_borrowed() {
        let lent = Connection::new_oidc(&new(ConnectionKind::Oidc, 2), NOW).unwrap();
        let lend = |lent: &Connection, organization| {
            let new = new(ConnectionKind::External, organization);
            Connection::new_external(&new, lent, ExternalPatch::default(), NOW).unwrap_err()
        };
        let refused = lend(&lent, 3);
        assert_eq!(refused.what, What::LentNotActive);
        assert!(refused.detail().unwrap().contains("client_id"), "{refused}");
        assert_eq!(lend(&lent, 2).what, What::LentToItself);
        assert_eq!(lend(&borrowing(&lent, 3), 4).what, What::NotFound(Thing::LentConnection));
        let elsewhere = Connection { project_id: ProjectId::generate(Environment::Test, &Fixed(9)), ..lent };
        assert_eq!(lend(&elsewhere, 3).what, What::NotFound(Thing::LentConnection));
    }

    #[test]
    fn a_way_leads_to_what_is_borrowed_and_nowhere_else() {
        let lent = Connection::new_oidc(&new(ConnectionKind::Oidc, 2), NOW).unwrap();
        let other = Connection::new_oidc(&new(ConnectionKind::Oidc, 4), NOW).unwrap();
        let borrowed = borrowing(&lent, 3);
        assert!(Route::borrowed(&borrowed, &lent).is_some_and(Route::is_borrowed));
        assert!(Route::own(&borrowed).is_none() && Route::borrowed(&borrowed, &other).is_none());
        assert!(Route::borrowed(&lent, &lent).is_none() && Route::own(&lent).is_some());
        // An id is not enough: it has to be the lender's.
        let moved = Connection { organization_id: other.organization_id, ..lent.clone() };
        assert!(Route::borrowed(&borrowed, &moved).is_none());
        assert!(
            Way::new(borrowed.clone(), Some(lent.clone())).is_ok() && Way::new(lent.clone(), None).is_ok()
        );
        for nowhere in [None, Some(other), Some(borrowed.clone())] {
            let refused = Way::new(borrowed.clone(), nowhere).unwrap_err();
            assert_eq!(refused.what, What::ConnectionNotActive);
        }
        let refused = Route::borrowed(&borrowed, &lent).unwrap().ready().unwrap_err();
        let told = refused.detail().unwrap();
        assert!(told.contains(&lent.id.to_string()) && !told.contains("client_id"), "{told}");
    }
}
