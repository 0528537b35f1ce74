//! Sessions. The token is looked up by its hash and kept sealed; what is revoked is gone.

use serde::{Deserialize, Serialize};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, MemberId, ProjectId, SessionId};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::secret::{Secret, TokenHash};
use vestibule_domain::session::{Factor, Origin, Session};
use vestibule_domain::{Tenant, Time};

use super::members;
use super::row::{doc, hash, parsed, time};
use super::search::{listed, listed_pattern};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

pub(super) const TABLE: &str = "sessions";
const COLUMN: &str = "sealed_token";

/// The guard of [`touch`] and [`stands`]: the session has expired or was revoked meanwhile.
pub const LIVE: Guard = Guard("session_live");
/// The guard of [`update`]: the session has changed meanwhile or was revoked.
pub const VERSION: Guard = Guard("session_version");

/// How many of a member's sessions are listed, the newest.
const MOST_LISTED: i64 = 1000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, organization_id, member_id, token_hash, sealed_token, started_at,
             last_accessed_at, expires_at, version, doc FROM sessions WHERE ",
            $rest
        )
    };
}

const BY_TOKEN: &str = select!("token_hash = ?2 AND project_id = ?1");
const BY_ID: &str = select!("id = ?2 AND project_id = ?1");
const LIST: &str = select!(
    "project_id = ?1 AND organization_id = ?2 AND member_id = ?3 AND expires_at > ?4
     ORDER BY started_at DESC, id DESC LIMIT ?5"
);
const INSERT: &str = "INSERT INTO sessions
     (project_id, organization_id, member_id, id, token_hash, sealed_token, connections, started_at,
      last_accessed_at, expires_at, version, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const TOUCH: &str = "UPDATE sessions
     SET last_accessed_at = CASE WHEN last_accessed_at < ?3 THEN ?3 ELSE last_accessed_at END,
         expires_at = COALESCE(?4, expires_at), version = version + 1
     WHERE project_id = ?1 AND id = ?2 AND expires_at > ?3";
const UPDATE: &str = "UPDATE sessions
     SET connections = ?3, last_accessed_at = ?4, expires_at = ?5, version = ?6, doc = ?7
     WHERE project_id = ?1 AND id = ?2 AND version = ?8";
const REVOKE: &str = "DELETE FROM sessions WHERE project_id = ?1 AND id = ?2";
const REVOKE_OF_MEMBER: &str = "DELETE FROM sessions WHERE project_id = ?1 AND member_id = ?2";
const REVOKE_OF_MEMBER_BY_CONNECTION: &str = "DELETE FROM sessions
     WHERE project_id = ?1 AND member_id = ?2 AND connections LIKE ?3 ESCAPE '\\'";
const REVOKE_BY_CONNECTION: &str = "DELETE FROM sessions
     WHERE project_id = ?1 AND organization_id = ?2 AND connections LIKE ?3 ESCAPE '\\'";
const REVOKE_OF_ORGANIZATION: &str = "DELETE FROM sessions WHERE project_id = ?1 AND organization_id = ?2";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_token FROM sessions WHERE sealed_token NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE sessions SET sealed_token = ?2 WHERE id = ?1 AND sealed_token = ?3",
};

pub(crate) const ALL: &[&str] = &[
    BY_TOKEN,
    BY_ID,
    LIST,
    INSERT,
    TOUCH,
    UPDATE,
    REVOKE,
    REVOKE_OF_MEMBER,
    REVOKE_OF_MEMBER_BY_CONNECTION,
    REVOKE_BY_CONNECTION,
    REVOKE_OF_ORGANIZATION,
    SEALED.select,
    SEALED.update,
];

const ROW: &str = "SELECT id FROM sessions WHERE project_id = ?1 AND id = ?2";
const STANDS: &str = "SELECT id FROM sessions WHERE project_id = ?1 AND id = ?2 AND expires_at > ?3";
const ALL_OF_MEMBER: &str = "SELECT id FROM sessions WHERE project_id = ?1 AND member_id = ?2 ORDER BY id";
const ALL_OF_MEMBER_BY_CONNECTION: &str = "SELECT id FROM sessions
     WHERE project_id = ?1 AND member_id = ?2 AND connections LIKE ?3 ESCAPE '\\' ORDER BY id";
const ALL_BY_CONNECTION: &str = "SELECT id FROM sessions
     WHERE project_id = ?1 AND organization_id = ?2 AND connections LIKE ?3 ESCAPE '\\' ORDER BY id";
const ALL_OF_ORGANIZATION: &str =
    "SELECT id FROM sessions WHERE project_id = ?1 AND organization_id = ?2 ORDER BY id";

pub(crate) const LOCKED: &[&str] =
    &[ROW, STANDS, ALL_OF_MEMBER, ALL_OF_MEMBER_BY_CONNECTION, ALL_BY_CONNECTION, ALL_OF_ORGANIZATION];

/// What has no column of its own. Without factors it is none: they say what was proved and how long it holds.
#[derive(Serialize, Deserialize)]
struct SessionDoc {
    factors: Vec<Factor>,
    #[serde(default)]
    custom_claims: Metadata,
    #[serde(default)]
    origin: Origin,
}

impl SessionDoc {
    fn of(session: &Session) -> Self {
        Self {
            factors: session.factors.clone(),
            custom_claims: session.custom_claims.clone(),
            origin: session.origin.clone(),
        }
    }
}

/// Keeps a new session.
///
/// # Errors
/// When the token cannot be sealed.
pub fn insert(session: &Session, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let sealed = vault.seal(&place(TABLE, COLUMN, &session.id.to_string()), &session.token, entropy)?;
    let params = params![
        Param::display(session.project_id),
        Param::display(session.organization_id),
        Param::display(session.member_id),
        Param::display(session.id),
        session.token_hash.as_str(),
        sealed,
        listed(session.factor_connections()),
        session.started_at,
        session.last_accessed_at,
        session.expires_at,
        session.version,
        Param::json(&SessionDoc::of(session)),
    ];
    let parent = members::row(session.tenant(), session.member_id, Lock::Stays);
    Ok(Write::any(INSERT, params).locking(parent))
}

/// Notes a use at `now` and, if given, moves the end. Two uses at once do not disturb each other. Fails
/// with the guard [`LIVE`] when the session has ended.
#[must_use]
pub fn touch(project: ProjectId, id: SessionId, now: Time, expires_at: Option<Time>) -> Write {
    let params = params![Param::display(project), Param::display(id), now, expires_at];
    Write::one(TOUCH, params, LIVE).locking(row(project, id, Lock::Mine))
}

/// The session lives until the batch is kept: fails with the guard [`LIVE`].
#[must_use]
pub fn stands(project: ProjectId, id: SessionId, now: Time) -> Hold {
    let params = params![Param::display(project), Param::display(id), now];
    Hold::row(Rank::Session, id, Lock::Stays, STANDS, params).or(LIVE)
}

/// Keeps a changed session; fails with the guard [`VERSION`] when it is not at `expected_version` any more.
#[must_use]
pub fn update(session: &Session, expected_version: i64) -> Write {
    let params = params![
        Param::display(session.project_id),
        Param::display(session.id),
        listed(session.factor_connections()),
        session.last_accessed_at,
        session.expires_at,
        session.version,
        Param::json(&SessionDoc::of(session)),
        expected_version,
    ];
    Write::one(UPDATE, params, VERSION).locking(row(session.project_id, session.id, Lock::Mine))
}

/// Ends a session.
#[must_use]
pub fn revoke(project: ProjectId, id: SessionId) -> Write {
    let params = params![Param::display(project), Param::display(id)];
    Write::any(REVOKE, params).locking(row(project, id, Lock::Going))
}

/// Ends all sessions of a member.
#[must_use]
pub(super) fn revoke_of_member(project: ProjectId, member: MemberId) -> Write {
    all(REVOKE_OF_MEMBER, ALL_OF_MEMBER, params![Param::display(project), Param::display(member)])
}

/// Ends the sessions of a member that hold a factor of a connection.
#[must_use]
pub fn revoke_of_member_by_connection(
    project: ProjectId,
    member: MemberId,
    connection: ConnectionId,
) -> Write {
    let params = params![Param::display(project), Param::display(member), listed_pattern(connection)];
    all(REVOKE_OF_MEMBER_BY_CONNECTION, ALL_OF_MEMBER_BY_CONNECTION, params)
}

/// Ends the sessions in an organization that hold a factor of a connection.
#[must_use]
pub(super) fn revoke_by_connection(tenant: Tenant, connection: ConnectionId) -> Write {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        listed_pattern(connection)
    ];
    all(REVOKE_BY_CONNECTION, ALL_BY_CONNECTION, params)
}

/// Ends all sessions in an organization.
#[must_use]
pub(super) fn revoke_of_organization(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    all(REVOKE_OF_ORGANIZATION, ALL_OF_ORGANIZATION, params)
}

/// Deletes many sessions, which are locked in their order first.
fn all(revoke: &'static str, rows: &'static str, params: Vec<Param>) -> Write {
    Write::any(revoke, params.clone()).locking(Hold::rows(Rank::Session, rows, params))
}

fn row(project: ProjectId, id: SessionId, lock: Lock) -> Hold {
    Hold::row(Rank::Session, id, lock, ROW, params![Param::display(project), Param::display(id)])
}

impl Store {
    /// The session with this token, also an expired one.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn session_by_token(
        &self,
        vault: &Vault,
        project: ProjectId,
        token: &TokenHash,
    ) -> Result<Option<Session>, StoreError> {
        self.one_session(vault, BY_TOKEN, params![Param::display(project), token.as_str()]).await
    }

    /// The session with this id, also an expired one.
    ///
    /// # Errors
    /// As for [`Store::query_opt`] and [`Vault::unseal`].
    pub async fn session(
        &self,
        vault: &Vault,
        project: ProjectId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        self.one_session(vault, BY_ID, params![Param::display(project), Param::display(id)]).await
    }

    /// The newest 1000 live sessions of a member, the oldest of them first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn live_sessions(
        &self,
        vault: &Vault,
        tenant: Tenant,
        member: MemberId,
        now: Time,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = self.list(live_of(tenant, member, now), read).await?;
        self.unsealed(vault, rows).await
    }

    /// The sessions that [`live_of`] read, the oldest first, without those whose token cannot be.
    pub(super) async fn unsealed(
        &self,
        vault: &Vault,
        rows: Vec<Stored>,
    ) -> Result<Vec<Session>, StoreError> {
        let mut sessions = Vec::with_capacity(rows.len());
        for stored in rows.into_iter().rev() {
            let id = stored.0.id;
            sessions.extend(self.left_out(TABLE, id, unseal(vault, stored).await)?);
        }
        Ok(sessions)
    }

    async fn one_session(
        &self,
        vault: &Vault,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Result<Option<Session>, StoreError> {
        match self.query_opt(Read::new(TABLE, sql, params), read).await? {
            Some(stored) => Ok(Some(unseal(vault, stored).await?)),
            None => Ok(None),
        }
    }
}

/// A session and its token as it is kept.
pub(super) type Stored = (Session, String);

/// The read of the newest live sessions of a member, the newest first.
pub(super) fn live_of(tenant: Tenant, member: MemberId, now: Time) -> Read {
    let params = params![
        Param::display(tenant.project_id()),
        Param::display(tenant.organization_id()),
        Param::display(member),
        now,
        MOST_LISTED
    ];
    Read::new(TABLE, LIST, params)
}

async fn unseal(vault: &Vault, (mut session, sealed): Stored) -> Result<Session, StoreError> {
    session.token = vault.unseal(&place(TABLE, COLUMN, &session.id.to_string()), &sealed).await?;
    Ok(session)
}

pub(super) fn read(row: &Row<'_>) -> Result<Stored, RowError> {
    let SessionDoc { factors, custom_claims, origin } = doc(row, 10)?;
    let session = Session {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        organization_id: parsed(row, 2)?,
        member_id: parsed(row, 3)?,
        token_hash: hash(row, 4)?,
        token: Secret::default(),
        started_at: time(row, 6)?,
        last_accessed_at: time(row, 7)?,
        expires_at: time(row, 8)?,
        factors,
        custom_claims,
        origin,
        version: row.int(9)?,
    };
    Ok((session, row.text(5)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const GOLDEN: &str = include_str!("../../tests/golden/0.1.0-fc3080b/session.json");
    const LEAST: &str = include_str!("../../tests/golden/least/session.json");

    #[test]
    fn the_document_of_a_session_evolves() {
        let stored: Value = serde_json::from_str(GOLDEN).unwrap();
        let read = |stored: &Value| serde_json::from_str::<SessionDoc>(&stored.to_string());
        assert_eq!(serde_json::to_value(read(&stored).unwrap()).unwrap(), stored);
        for name in ["custom_claims", "origin", "/origin/user_agent", "/factors/0/created_at"] {
            let mut without = stored.clone();
            let (above, name) = name.rsplit_once('/').unwrap_or(("", name));
            without.pointer_mut(above).unwrap().as_object_mut().unwrap().remove(name).unwrap();
            assert!(read(&without).is_ok(), "without {name}");
        }
        let mut newer = stored.clone();
        (newer["new"], newer["factors"][0]["new"]) = (json!(1), json!({ "a": 1 }));
        assert_eq!(serde_json::to_value(read(&newer).unwrap()).unwrap(), stored);
    }

    #[test]
    fn a_session_that_does_not_say_what_was_proved_is_none() {
        let least: SessionDoc = serde_json::from_str(LEAST).unwrap();
        assert_eq!(least.factors.len(), 1);
        assert_eq!(least.factors.first().unwrap().last_authenticated_at, Time::default());
        assert!(serde_json::from_str::<SessionDoc>("{}").is_err());
        let unknown = LEAST.replace("\"sso\"", "\"passkey\"");
        assert!(serde_json::from_str::<SessionDoc>(&unknown).is_err());
    }
}
