//! Links into the set-up portal: for whom one is, what may be done with it, and how far whoever holds it has come (ADR 50).
//! A link is opened once, by an act of a person; from then on it is the portal's session that counts.

mod embedding;
mod session;
mod terms;

use serde::{Deserialize, Serialize};

pub use embedding::{EMBED_LIFETIME, embed_origin};
pub use session::{IDLE, PortalSession};
pub use terms::{DomainVerification, Intent, Requirement, SetupProtocol, Terms, TermsDraft};

use crate::entropy::Entropy;
use crate::id::{ConnectionId, OrganizationId, ProjectId, SetupLinkId};
use crate::rbac::{Action, Actor};
use crate::refusal::{Refusal, Thing, What};
use crate::secret::{Token, TokenHash};
use crate::spelled::spelled;
use crate::tenant::Tenant;
use crate::time::{Span, Time};

/// The most links of one organization.
pub const MAX_SETUP_LINKS: usize = 1000;
/// The most connections that are made with one link.
pub const MAX_MADE: usize = 10;
/// The most steps that are remembered of one link.
const MOST_STEPS: usize = 200;
/// How many characters of the hash of a link tell its cookies and pages from those of others.
const HANDLE: usize = 12;

spelled! {
    /// How far a link is.
    pub enum SetupLinkStatus {
        /// Nobody has opened it.
        Created = "created",
        /// Somebody has opened it.
        Opened = "opened",
        /// What it is for is done.
        Completed = "completed",
        /// Nobody has opened it in time.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

spelled! {
    /// A step of setting up, as the vendor sees it.
    pub enum Step {
        /// A provider was chosen, and the connection is there as a draft.
        ProviderChosen = "provider_chosen",
        /// The application was made at the provider, as whoever did it says.
        ApplicationMade = "application_made",
        /// The provider has our values, as whoever gave them says.
        ValuesGiven = "values_given",
        /// We have the provider's values.
        ValuesReceived = "values_received",
        /// What the provider calls an address, a name and groups was said.
        AttributesMapped = "attributes_mapped",
        /// People may use the application at the provider, as whoever let them says.
        PeopleAssigned = "people_assigned",
        /// A test has passed.
        TestPassed = "test_passed",
        /// The connection was switched on.
        Enabled = "enabled",
        /// The vendor was asked to switch it on.
        EnablingAsked = "enabling_asked",
        /// A domain was named, whose record is waited for.
        DomainAdded = "domain_added",
        /// A domain was shown to be the organization's.
        DomainVerified = "domain_verified",
        /// A certificate was added.
        CertificateAdded = "certificate_added",
    }
}

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which.
    pub step: Step,
    /// Of which connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// When it was done first.
    pub at: Time,
}

/// Who opened a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// When.
    pub at: Time,
    /// From which address.
    pub ip_address: String,
    /// With which browser, in its own words.
    pub user_agent: String,
    /// The mail address that was proved by a code, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// A connection that was made with a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Which.
    pub id: ConnectionId,
    /// By which guide.
    pub guide: String,
}

/// A link. Stored under the hash of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// The id.
    pub id: SetupLinkId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization whose sign-in is set up.
    pub organization_id: OrganizationId,
    /// The hash of the token in its address.
    pub token_hash: TokenHash,
    /// What may be done with it.
    pub terms: Terms,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: Time,
    /// Until when it may be opened.
    pub expires_at: Time,
    /// Who opened it, the last time.
    pub opened: Option<Opened>,
    /// When what it is for was done.
    pub completed_at: Option<Time>,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
    /// When something was last done with it.
    pub last_activity_at: Option<Time>,
    /// What was done.
    pub progress: Vec<Progress>,
    /// The connections that were made with it.
    pub connections: Vec<Made>,
    /// Counts changes; an update names the version it was decided on.
    pub version: i64,
}

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// It was taken back.
    Revoked,
    /// Nobody opened it in time.
    Expired,
    /// Somebody has opened it.
    InUse {
        /// When.
        since: Time,
    },
}

impl SetupLink {
    /// A new link for an organization, which nobody has opened.
    #[must_use]
    pub fn create(
        tenant: Tenant,
        (terms, lifetime): (Terms, Span),
        token: &Token,
        by: Actor,
        (now, entropy): (Time, &dyn Entropy),
    ) -> Self {
        Self {
            id: SetupLinkId::generate(tenant.project_id().environment(), entropy),
            project_id: tenant.project_id(),
            organization_id: tenant.organization_id(),
            token_hash: token.hash(),
            terms,
            created_by: by,
            created_at: now,
            expires_at: now.plus(lifetime),
            opened: None,
            completed_at: None,
            revoked_at: None,
            last_activity_at: None,
            progress: Vec::new(),
            connections: Vec::new(),
            version: 1,
        }
    }

    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::stored(self.project_id, self.organization_id)
    }

    /// Who acts with it.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::SetupLink(self.id)
    }

    /// What tells its pages and cookies from those of other links. It opens nothing.
    #[must_use]
    pub fn handle(&self) -> String {
        self.token_hash.as_str().chars().take(HANDLE).collect()
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self, now: Time) -> SetupLinkStatus {
        if self.revoked_at.is_some() {
            SetupLinkStatus::Revoked
        } else if self.completed_at.is_some() {
            SetupLinkStatus::Completed
        } else if self.opened.is_some() {
            SetupLinkStatus::Opened
        } else if now >= self.expires_at {
            SetupLinkStatus::Expired
        } else {
            SetupLinkStatus::Created
        }
    }

    /// Whether it may be opened now.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn check_openable(&self, now: Time) -> Result<(), NotOpened> {
        if self.revoked_at.is_some() {
            return Err(NotOpened::Revoked);
        }
        match &self.opened {
            Some(opened) if !self.terms.reopen => Err(NotOpened::InUse { since: opened.at }),
            _ if now >= self.expires_at => Err(NotOpened::Expired),
            _ => Ok(()),
        }
    }

    /// Opens it, and gives the session that goes on with it. Of several who try at once one is let through, because the
    /// link is saved as it was loaded.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn open(&mut self, by: Opened, secret: &Token, now: Time) -> Result<PortalSession, NotOpened> {
        self.check_openable(now)?;
        self.opened = Some(by);
        self.touched(now);
        Ok(PortalSession::begin(self, secret, now))
    }

    /// Takes it back: nobody opens it, and nobody goes on with it. Whether it was not taken back before.
    pub fn revoke(&mut self, now: Time) -> bool {
        if self.revoked_at.is_some() {
            return false;
        }
        self.revoked_at = Some(now);
        self.version += 1;
        true
    }

    /// Notes a step. Whether it was not done before; doing it again is activity and nothing more.
    pub fn done(&mut self, step: Step, connection: Option<ConnectionId>, now: Time) -> bool {
        let known = |one: &Progress| one.step == step && one.connection_id == connection;
        let is_new = !self.progress.iter().any(known) && self.progress.len() < MOST_STEPS;
        if is_new {
            self.progress.push(Progress { step, connection_id: connection, at: now });
        }
        let is_last = match step {
            Step::Enabled | Step::EnablingAsked => true,
            Step::DomainVerified | Step::CertificateAdded => !self.terms.has(Intent::Sso),
            _ => false,
        };
        if is_last && self.completed_at.is_none() {
            self.completed_at = Some(now);
        }
        self.touched(now);
        is_new
    }

    /// Whether a step was done.
    #[must_use]
    pub fn has_done(&self, step: Step, connection: ConnectionId) -> bool {
        self.progress.iter().any(|one| one.step == step && one.connection_id == Some(connection))
    }

    /// Notes a connection that was made with it.
    ///
    /// # Errors
    /// It is for one that is there, or has made as many as it may.
    pub fn made(&mut self, made: Made) -> Result<(), Refusal> {
        self.check_may_make()?;
        self.connections.push(made);
        Ok(())
    }

    /// Whether another connection may be made with it.
    ///
    /// # Errors
    /// As for [`SetupLink::made`].
    pub fn check_may_make(&self) -> Result<(), Refusal> {
        if self.terms.connection_id.is_some() || !self.terms.has(Intent::Sso) {
            return Err(What::Forbidden.into());
        }
        if self.connections.len() >= MAX_MADE {
            let found = format!("{MAX_MADE} connections that were made with this link");
            return Err(Refusal::new(What::Forbidden).found(found));
        }
        Ok(())
    }

    /// The connection, if whoever holds the link may see and change it: the one that it is for, or one that was made with it. Any
    /// other is not there.
    ///
    /// # Errors
    /// [`Thing::Connection`] is not found.
    pub fn check_reach(&self, connection: ConnectionId) -> Result<(), Refusal> {
        let is_its_own = match self.terms.connection_id {
            Some(only) => only == connection,
            None => self.guide_of(connection).is_some(),
        };
        if is_its_own { Ok(()) } else { Err(What::NotFound(Thing::Connection).into()) }
    }

    /// The one connection of which whoever holds it sees sign-ins and what ends; without one it is the whole organization.
    #[must_use]
    pub const fn sees_only(&self) -> Option<ConnectionId> {
        self.terms.connection_id
    }

    /// By which guide a connection was made with it.
    #[must_use]
    pub fn guide_of(&self, connection: ConnectionId) -> Option<&str> {
        self.connections.iter().find(|made| made.id == connection).map(|made| made.guide.as_str())
    }

    /// What whoever holds it may do in the organization. Never remove anything but a certificate that has a successor.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        let mut actions = vec![Action::ReadConnections];
        actions.extend(self.terms.shows_domains().then_some(Action::UpdateAllowedDomains));
        if self.terms.has(Intent::Sso) || self.terms.has(Intent::Certificates) {
            actions.push(Action::UpdateConnection);
        }
        if self.terms.has(Intent::Sso) {
            actions.extend(self.terms.connection_id.is_none().then_some(Action::CreateConnection));
        }
        actions
    }

    fn touched(&mut self, now: Time) {
        self.last_activity_at = Some(now);
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    use crate::id::{ConnectionKind, Environment};

    const NOW: Time = Time::from_seconds(1_800_000_000);

    /// Chance that is never the same twice.
    #[derive(Default)]
    pub(super) struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn link(terms: Terms) -> SetupLink {
        let entropy = Counting::default();
        let project = ProjectId::generate(Environment::Test, &entropy);
        let tenant = Tenant::stored(project, OrganizationId::generate(Environment::Test, &entropy));
        let token = Token::generate(&entropy);
        SetupLink::create(tenant, (terms, Span::days(7)), &token, Actor::Backend, (NOW, &entropy))
    }

    fn terms() -> Terms {
        TermsDraft { intents: vec!["sso".to_owned()], ..TermsDraft::default() }.read().unwrap()
    }

    fn opened(at: Time) -> Opened {
        Opened { at, ip_address: "192.0.2.1".to_owned(), user_agent: String::new(), contact: None }
    }

    #[test]
    fn a_link_is_opened_once_in_time_and_never_after_it_was_taken_back() {
        let secret = Token::presented("secret");
        let mut once = link(terms());
        assert_eq!(once.status(NOW), SetupLinkStatus::Created);
        let session = once.open(opened(NOW), &secret, NOW).unwrap();
        assert_eq!(session.ends_at, NOW.plus(Span::minutes(480)));
        assert_eq!(once.open(opened(NOW), &secret, NOW), Err(NotOpened::InUse { since: NOW }));
        assert_eq!(once.status(NOW.plus(Span::days(30))), SetupLinkStatus::Opened);

        let mut late = link(terms());
        let then = NOW.plus(Span::days(7));
        assert_eq!(late.open(opened(then), &secret, then), Err(NotOpened::Expired));
        assert_eq!(late.status(then), SetupLinkStatus::Expired);

        let mut again = link(Terms { reopen: true, ..terms() });
        for _ in 0..2 {
            assert!(again.open(opened(NOW), &secret, NOW).is_ok());
        }
        assert_eq!(again.open(opened(then), &secret, then), Err(NotOpened::Expired));
        assert!(again.revoke(NOW) && !again.revoke(NOW));
        assert_eq!(again.open(opened(NOW), &secret, NOW), Err(NotOpened::Revoked));
        assert_eq!(again.status(NOW), SetupLinkStatus::Revoked);
    }

    #[test]
    fn a_link_reaches_what_it_is_for_and_what_was_made_with_it() {
        let entropy = Counting::default();
        let id = |_| ConnectionId::generate(ConnectionKind::Saml, Environment::Test, &entropy);
        let [ours, others] = [(); 2].map(id);
        let mut free = link(terms());
        let made = |id| Made { id, guide: "okta".to_owned() };
        free.made(made(ours)).unwrap();
        assert_eq!((free.check_reach(ours), free.guide_of(ours)), (Ok(()), Some("okta")));
        assert_eq!(free.check_reach(others).unwrap_err().what, What::NotFound(Thing::Connection));
        let bound = link(Terms { connection_id: Some(ours), ..terms() });
        assert!(bound.check_reach(ours).is_ok() && bound.check_reach(others).is_err());
        assert_eq!(bound.check_may_make().unwrap_err().what, What::Forbidden);
        assert!(!bound.actions().contains(&Action::CreateConnection));
        for _ in 1..MAX_MADE {
            free.made(made(id(()))).unwrap();
        }
        assert!(free.made(made(id(()))).is_err());
    }

    #[test]
    fn steps_are_noted_once_and_the_last_one_completes() {
        let entropy = Counting::default();
        let connection = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &entropy);
        let mut link = link(terms());
        assert!(link.done(Step::TestPassed, Some(connection), NOW));
        let later = NOW.plus(Span::minutes(1));
        assert!(!link.done(Step::TestPassed, Some(connection), later));
        assert_eq!((link.progress[0].at, link.last_activity_at), (NOW, Some(later)));
        assert!(link.completed_at.is_none() && link.has_done(Step::TestPassed, connection));
        link.done(Step::Enabled, Some(connection), later);
        assert_eq!(link.status(later), SetupLinkStatus::Completed);
    }
}
