//! The sessions that browsers have with the pages where people sign in. Looked up by the hash of their token. One that was ended
//! stays until it is cleaned up, because what applications were given in it is found by its id; nobody is answered out of it.

use vestibule_domain::Time;
use vestibule_domain::id::{
    ApplicationId, ConnectionId, LoginSessionId, MemberId, OrganizationId, ProjectId,
};
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::tenant::Tenant;

use super::row::{doc, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "login_sessions";

/// The guard of [`touch`]: the session was ended meanwhile.
pub const LIVE: Guard = Guard("login_session_live");

const BY_TOKEN: &str = "SELECT doc, expires_at FROM login_sessions WHERE project_id = ?1 AND token_hash = ?2";
const BY_ID: &str = "SELECT doc, expires_at FROM login_sessions WHERE project_id = ?1 AND id = ?2";
const INSERT: &str = "INSERT INTO login_sessions (project_id, id, token_hash, source_id, expires_at, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const PROVE_AGAIN: &str = "UPDATE login_sessions SET token_hash = ?3, expires_at = ?4, doc = ?5
     WHERE project_id = ?1 AND id = ?2";
const TOUCH: &str =
    "UPDATE login_sessions SET expires_at = CASE WHEN expires_at < ?3 THEN ?3 ELSE expires_at END
     WHERE project_id = ?1 AND id = ?2 AND expires_at > ?4";
const END: &str =
    "UPDATE login_sessions SET expires_at = 0 WHERE project_id = ?1 AND id = ?2 AND expires_at > 0";
const END_OF_MEMBER: &str = "UPDATE login_sessions SET expires_at = 0
     WHERE project_id = ?1 AND expires_at > 0 AND id IN
     (SELECT session_id FROM login_session_uses WHERE project_id = ?1 AND member_id = ?2)";
const END_OF_SOURCE: &str = "UPDATE login_sessions SET expires_at = 0
     WHERE project_id = ?1 AND source_id = ?2 AND expires_at > 0";
const END_OF_ORGANIZATION: &str = "UPDATE login_sessions SET expires_at = 0
     WHERE project_id = ?1 AND expires_at > 0 AND id IN
     (SELECT u.session_id FROM members m
      JOIN login_session_uses u ON u.project_id = m.project_id AND u.member_id = m.id
      WHERE m.project_id = ?1 AND m.organization_id = ?2)";
const MEMBERS: &str = "SELECT DISTINCT m.organization_id, m.id FROM login_session_uses u
     JOIN members m ON m.project_id = u.project_id AND m.id = u.member_id
     WHERE u.project_id = ?1 AND u.session_id = ?2";
const USE: &str = "INSERT INTO login_session_uses (project_id, session_id, member_id, application_id)
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (project_id, session_id, member_id, application_id) DO NOTHING";

pub(crate) const ALL: &[&str] = &[
    BY_TOKEN,
    BY_ID,
    INSERT,
    PROVE_AGAIN,
    TOUCH,
    END,
    END_OF_MEMBER,
    END_OF_SOURCE,
    END_OF_ORGANIZATION,
    MEMBERS,
    USE,
];

const ROW: &str = "SELECT id FROM login_sessions WHERE project_id = ?1 AND id = ?2";
const ALL_OF_MEMBER: &str = "SELECT id FROM login_sessions WHERE project_id = ?1 AND id IN
     (SELECT session_id FROM login_session_uses WHERE project_id = ?1 AND member_id = ?2) ORDER BY id";
const ALL_OF_SOURCE: &str =
    "SELECT id FROM login_sessions WHERE project_id = ?1 AND source_id = ?2 ORDER BY id";
const ALL_OF_ORGANIZATION: &str = "SELECT id FROM login_sessions WHERE project_id = ?1 AND id IN
     (SELECT u.session_id FROM members m
      JOIN login_session_uses u ON u.project_id = m.project_id AND u.member_id = m.id
      WHERE m.project_id = ?1 AND m.organization_id = ?2) ORDER BY id";

pub(crate) const LOCKED: &[&str] = &[ROW, ALL_OF_MEMBER, ALL_OF_SOURCE, ALL_OF_ORGANIZATION];

/// Keeps a new session.
#[must_use]
pub fn insert(session: &LoginSession) -> Write {
    let params = params![
        Param::display(session.project_id),
        Param::display(session.id),
        session.token_hash.as_str(),
        Param::display(session.proven.source_id),
        session.expires_at,
        Param::json(session),
    ];
    Write::any(INSERT, params)
}

/// Keeps that the same person was proved once more, and the session's new token. One that was ended meanwhile begins anew by that.
#[must_use]
pub fn prove_again(session: &LoginSession) -> Write {
    let params = params![
        Param::display(session.project_id),
        Param::display(session.id),
        session.token_hash.as_str(),
        session.expires_at,
        Param::json(session),
    ];
    Write::any(PROVE_AGAIN, params).locking(row(session.project_id, session.id))
}

/// Notes a use, after which the session lives until `expires_at` at least; fails with the guard [`LIVE`] when it was ended.
#[must_use]
pub fn touch(session: &LoginSession, expires_at: Time, now: Time) -> Write {
    let params = params![Param::display(session.project_id), Param::display(session.id), expires_at, now];
    Write::one(TOUCH, params, LIVE).locking(row(session.project_id, session.id))
}

/// Notes as which member somebody signed in to which application.
#[must_use]
pub fn note_use(
    project: ProjectId,
    id: LoginSessionId,
    member: MemberId,
    application: ApplicationId,
) -> Write {
    let ids = [Param::display(project), Param::display(id)];
    let who = [Param::display(member), Param::display(application)];
    Write::any(USE, ids.into_iter().chain(who).collect())
}

/// Ends a session.
#[must_use]
pub fn end(project: ProjectId, id: LoginSessionId) -> Write {
    Write::any(END, params![Param::display(project), Param::display(id)]).locking(row(project, id))
}

/// Ends the sessions in which somebody signed in as a member.
#[must_use]
pub(super) fn end_of_member(project: ProjectId, member: MemberId) -> Write {
    many(END_OF_MEMBER, ALL_OF_MEMBER, params![Param::display(project), Param::display(member)])
}

/// Ends the sessions of those whom the provider of a connection proved.
#[must_use]
pub(super) fn end_of_source(project: ProjectId, source: ConnectionId) -> Write {
    many(END_OF_SOURCE, ALL_OF_SOURCE, params![Param::display(project), Param::display(source)])
}

/// Ends the sessions in which somebody signed in as a member of an organization.
#[must_use]
pub(super) fn end_of_organization(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    many(END_OF_ORGANIZATION, ALL_OF_ORGANIZATION, params)
}

/// Changes many rows, which are locked in their order first.
fn many(sql: &'static str, rows: &'static str, params: Vec<Param>) -> Write {
    Write::any(sql, params.clone()).locking(Hold::rows(Rank::LoginSession, rows, params))
}

fn row(project: ProjectId, id: LoginSessionId) -> Hold {
    Hold::row(Rank::LoginSession, id, Lock::Mine, ROW, params![Param::display(project), Param::display(id)])
}

impl Store {
    /// The session with this token, also one that has ended.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn login_session(
        &self,
        project: ProjectId,
        token: &TokenHash,
    ) -> Result<Option<LoginSession>, StoreError> {
        let read = Read::new(TABLE, BY_TOKEN, params![Param::display(project), token.as_str()]);
        self.query_opt(read, session).await
    }

    /// As whom somebody signed in in a session: the members, with their organizations.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn members_of_login_session(
        &self,
        project: ProjectId,
        id: LoginSessionId,
    ) -> Result<Vec<(OrganizationId, MemberId)>, StoreError> {
        let read = Read::new(TABLE, MEMBERS, params![Param::display(project), Param::display(id)]);
        self.list(read, |row| Ok((parsed(row, 0)?, parsed(row, 1)?))).await
    }

    /// The session with this id, also one that has ended.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn login_session_by_id(
        &self,
        project: ProjectId,
        id: LoginSessionId,
    ) -> Result<Option<LoginSession>, StoreError> {
        let read = Read::new(TABLE, BY_ID, params![Param::display(project), Param::display(id)]);
        self.query_opt(read, session).await
    }
}

fn session(row: &Row<'_>) -> Result<LoginSession, RowError> {
    let kept: LoginSession = doc(row, 0)?;
    Ok(LoginSession { expires_at: time(row, 1)?, ..kept })
}
