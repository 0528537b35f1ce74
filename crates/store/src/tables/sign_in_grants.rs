//! What came of signing in to applications, the codes that lead to it, and the tokens that go on with it. A grant that is removed
//! takes its codes and tokens with it.

use vestibule_domain::authorization::{AuthorizationCode, SignInGrant};
use vestibule_domain::id::{ConnectionId, LoginSessionId, MemberId, ProjectId, SignInGrantId};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::{Tenant, Time};

use super::row::{doc, hash, opt_time, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

const TABLE: &str = "sign_in_grants";

/// The guard of [`use_code`]: the code was used before, or has ended.
pub const CODE_UNUSED: Guard = Guard("authorization_code_unused");
/// The guard of [`replace_refresh`] and [`touch_refresh`]: the token was replaced before, or has ended.
pub const REFRESH_UNUSED: Guard = Guard("refresh_token_unused");
/// The guard of [`prolong`]: the grant is gone.
pub const EXISTS: Guard = Guard("sign_in_grant_exists");

const INSERT: &str = "INSERT INTO sign_in_grants
     (project_id, id, application_id, member_id, connection_id, session_id, expires_at, doc)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const FIND: &str = "SELECT id, doc FROM sign_in_grants WHERE project_id = ?1 AND id = ?2 AND expires_at > ?3";
const PROLONG: &str =
    "UPDATE sign_in_grants SET expires_at = CASE WHEN expires_at < ?3 THEN ?3 ELSE expires_at END
     WHERE project_id = ?1 AND id = ?2";
const DELETE: &str = "DELETE FROM sign_in_grants WHERE project_id = ?1 AND id = ?2";
const DELETE_OF_SESSION: &str = "DELETE FROM sign_in_grants WHERE project_id = ?1 AND session_id = ?2";
const DELETE_OF_MEMBER: &str = "DELETE FROM sign_in_grants WHERE project_id = ?1 AND member_id = ?2";
const DELETE_OF_SOURCE: &str = "DELETE FROM sign_in_grants WHERE project_id = ?1 AND session_id IN
     (SELECT id FROM login_sessions WHERE project_id = ?1 AND source_id = ?2)";
const DELETE_OF_CONNECTION: &str = "DELETE FROM sign_in_grants
     WHERE project_id = ?1 AND connection_id = ?2 AND member_id IN
     (SELECT member_id FROM identities WHERE project_id = ?1 AND connection_id = ?2)";
const DELETE_OF_ORGANIZATION: &str = "DELETE FROM sign_in_grants WHERE project_id = ?1 AND member_id IN
     (SELECT id FROM members WHERE project_id = ?1 AND organization_id = ?2)";

const INSERT_CODE: &str =
    "INSERT INTO authorization_codes (hash, project_id, grant_id, expires_at) VALUES (?1, ?2, ?3, ?4)";
const FIND_CODE: &str = "SELECT c.hash, g.doc, c.used_at, c.expires_at FROM authorization_codes c
     JOIN sign_in_grants g ON g.project_id = c.project_id AND g.id = c.grant_id
     WHERE c.hash = ?1 AND c.project_id = ?2";
const USE_CODE: &str = "UPDATE authorization_codes SET used_at = ?3
     WHERE hash = ?1 AND project_id = ?2 AND used_at IS NULL AND expires_at > ?3";

const INSERT_REFRESH: &str = "INSERT INTO refresh_tokens
     (hash, project_id, grant_id, created_at, last_used_at, ends_at, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)";
const FIND_REFRESH: &str =
    "SELECT r.hash, g.doc, r.created_at, r.last_used_at, r.replaced_at, r.ends_at, r.expires_at
     FROM refresh_tokens r JOIN sign_in_grants g ON g.project_id = r.project_id AND g.id = r.grant_id
     WHERE r.hash = ?1 AND r.project_id = ?2";
const REPLACE_REFRESH: &str = "UPDATE refresh_tokens SET replaced_at = ?3, last_used_at = ?3
     WHERE hash = ?1 AND project_id = ?2 AND replaced_at IS NULL AND expires_at > ?3";
const TOUCH_REFRESH: &str = "UPDATE refresh_tokens SET last_used_at = ?3, expires_at = ?4
     WHERE hash = ?1 AND project_id = ?2 AND replaced_at IS NULL AND expires_at > ?3";

pub(crate) const ALL: &[&str] = &[
    INSERT,
    FIND,
    PROLONG,
    DELETE,
    DELETE_OF_SESSION,
    DELETE_OF_MEMBER,
    DELETE_OF_SOURCE,
    DELETE_OF_CONNECTION,
    DELETE_OF_ORGANIZATION,
    INSERT_CODE,
    FIND_CODE,
    USE_CODE,
    INSERT_REFRESH,
    FIND_REFRESH,
    REPLACE_REFRESH,
    TOUCH_REFRESH,
];

/// A refresh token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRefresh {
    /// Its hash.
    pub hash: TokenHash,
    /// What it goes on with.
    pub grant: SignInGrant,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used.
    pub last_used_at: Time,
    /// When another took its place.
    pub replaced_at: Option<Time>,
    /// When it and those that take its place end in any case.
    pub ends_at: Time,
    /// When it ends unless it is used.
    pub expires_at: Time,
}

/// Keeps a new grant.
#[must_use]
pub fn insert(grant: &SignInGrant) -> Write {
    let params = params![
        Param::display(grant.project_id),
        Param::display(grant.id),
        Param::display(grant.request.application_id),
        Param::display(grant.member_id),
        Param::display(grant.connection_id),
        Param::OptText(grant.session_id.map(|id| id.to_string())),
        grant.expires_at,
        Param::json(grant),
    ];
    Write::any(INSERT, params)
}

/// Keeps a grant until then at least; fails with the guard [`EXISTS`].
#[must_use]
pub fn prolong(project: ProjectId, id: SignInGrantId, until: Time) -> Write {
    Write::one(PROLONG, params![Param::display(project), Param::display(id), until], EXISTS)
}

/// Removes a grant, and so ends all that came of it.
#[must_use]
pub fn delete(project: ProjectId, id: SignInGrantId) -> Write {
    Write::any(DELETE, params![Param::display(project), Param::display(id)])
}

/// Removes what was granted in a browser's session.
#[must_use]
pub(super) fn delete_of_session(project: ProjectId, session: LoginSessionId) -> Write {
    Write::any(DELETE_OF_SESSION, params![Param::display(project), Param::display(session)])
}

/// Removes what was granted for a member.
#[must_use]
pub(super) fn delete_of_member(project: ProjectId, member: MemberId) -> Write {
    Write::any(DELETE_OF_MEMBER, params![Param::display(project), Param::display(member)])
}

/// Removes what was granted to whoever the provider of a connection proved.
#[must_use]
pub(super) fn delete_of_source(project: ProjectId, source: ConnectionId) -> Write {
    Write::any(DELETE_OF_SOURCE, params![Param::display(project), Param::display(source)])
}

/// Removes what was granted to whoever is registered with a connection and came through it.
#[must_use]
pub(super) fn delete_of_connection(project: ProjectId, connection: ConnectionId) -> Write {
    Write::any(DELETE_OF_CONNECTION, params![Param::display(project), Param::display(connection)])
}

/// Removes what was granted for the members of an organization.
#[must_use]
pub(super) fn delete_of_organization(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Write::any(DELETE_OF_ORGANIZATION, params)
}

/// Keeps a new code of a grant.
#[must_use]
pub fn insert_code(code: &TokenHash, grant: &SignInGrant, expires_at: Time) -> Write {
    let (project, id) = (Param::display(grant.project_id), Param::display(grant.id));
    Write::any(INSERT_CODE, params![code.as_str(), project, id, expires_at])
}

/// Uses a code: of all who try, one succeeds. Fails with the guard [`CODE_UNUSED`].
#[must_use]
pub fn use_code(project: ProjectId, code: &TokenHash, now: Time) -> Write {
    Write::one(USE_CODE, params![code.as_str(), Param::display(project), now], CODE_UNUSED)
}

/// Keeps a new refresh token of a grant.
#[must_use]
pub fn insert_refresh(
    token: &TokenHash,
    grant: &SignInGrant,
    now: Time,
    ends_at: Time,
    expires_at: Time,
) -> Write {
    let (project, id) = (Param::display(grant.project_id), Param::display(grant.id));
    Write::any(INSERT_REFRESH, params![token.as_str(), project, id, now, ends_at, expires_at])
}

/// Says that another takes the place of a refresh token: of all who try, one succeeds. Fails with the guard
/// [`REFRESH_UNUSED`].
#[must_use]
pub fn replace_refresh(project: ProjectId, token: &TokenHash, now: Time) -> Write {
    Write::one(REPLACE_REFRESH, params![token.as_str(), Param::display(project), now], REFRESH_UNUSED)
}

/// Says that a refresh token was used that stays; fails with the guard [`REFRESH_UNUSED`].
#[must_use]
pub fn touch_refresh(project: ProjectId, token: &TokenHash, now: Time, expires_at: Time) -> Write {
    let params = params![token.as_str(), Param::display(project), now, expires_at];
    Write::one(TOUCH_REFRESH, params, REFRESH_UNUSED)
}

impl Store {
    /// A grant that has not ended.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn sign_in_grant(
        &self,
        project: ProjectId,
        id: SignInGrantId,
        now: Time,
    ) -> Result<Option<SignInGrant>, StoreError> {
        let params = params![Param::display(project), Param::display(id), now];
        self.query_opt(Read::new(TABLE, FIND, params), |row| doc(row, 1)).await
    }

    /// The project's code with this hash, used and expired ones too until they are cleaned up.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn authorization_code(
        &self,
        project: ProjectId,
        code: &TokenHash,
    ) -> Result<Option<AuthorizationCode>, StoreError> {
        let read =
            Read::new("authorization_codes", FIND_CODE, params![code.as_str(), Param::display(project)]);
        let parse = |row: &Row<'_>| {
            Ok(AuthorizationCode {
                hash: hash(row, 0)?,
                grant: doc(row, 1)?,
                used_at: opt_time(row, 2)?,
                expires_at: time(row, 3)?,
            })
        };
        self.query_opt(read, parse).await
    }

    /// The project's refresh token with this hash, replaced and expired ones too until they are cleaned up.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn refresh_token(
        &self,
        project: ProjectId,
        token: &TokenHash,
    ) -> Result<Option<StoredRefresh>, StoreError> {
        let read =
            Read::new("refresh_tokens", FIND_REFRESH, params![token.as_str(), Param::display(project)]);
        self.query_opt(read, refresh).await
    }
}

fn refresh(row: &Row<'_>) -> Result<StoredRefresh, RowError> {
    Ok(StoredRefresh {
        hash: hash(row, 0)?,
        grant: doc(row, 1)?,
        created_at: time(row, 2)?,
        last_used_at: time(row, 3)?,
        replaced_at: opt_time(row, 4)?,
        ends_at: time(row, 5)?,
        expires_at: time(row, 6)?,
    })
}
