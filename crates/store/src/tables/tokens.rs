//! SSO tokens: what an application's backend redeems, once, for a session.

use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;
use vestibule_domain::login::SsoToken;
use vestibule_domain::secret::TokenHash;

use super::row::{doc, opt_time};
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`redeem`]: the token was redeemed before or has expired.
pub const UNREDEEMED: Guard = Guard("sso_token_unredeemed");

const INSERT: &str = "INSERT INTO sso_tokens (hash, project_id, expires_at, doc) VALUES (?1, ?2, ?3, ?4)";
const FIND: &str = "SELECT hash, doc, redeemed_at FROM sso_tokens WHERE hash = ?1 AND project_id = ?2";
const REDEEM: &str = "UPDATE sso_tokens SET redeemed_at = ?3
     WHERE hash = ?1 AND project_id = ?2 AND redeemed_at IS NULL AND expires_at > ?3";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, REDEEM];

/// Keeps a new token.
#[must_use]
pub fn insert(token: &SsoToken) -> Write {
    let project = Param::display(token.project_id);
    Write::any(INSERT, params![token.hash.as_str(), project, token.expires_at, Param::json(token)])
}

/// Redeems a token: of all who try, one succeeds. Fails with the guard [`UNREDEEMED`].
#[must_use]
pub fn redeem(token: &SsoToken, now: Time) -> Write {
    Write::one(REDEEM, params![token.hash.as_str(), Param::display(token.project_id), now], UNREDEEMED)
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// The token.
    pub token: SsoToken,
    /// When it was redeemed.
    pub redeemed_at: Option<Time>,
}

impl Store {
    /// The project's token with this hash, redeemed and expired ones too until they are cleaned up.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn sso_token(
        &self,
        project: ProjectId,
        hash: &TokenHash,
    ) -> Result<Option<StoredToken>, StoreError> {
        let read = Read::new("sso_tokens", FIND, params![hash.as_str(), Param::display(project)]);
        let parse =
            |row: &crate::Row<'_>| Ok(StoredToken { token: doc(row, 1)?, redeemed_at: opt_time(row, 2)? });
        self.query_opt(read, parse).await
    }
}
