//! Links that were sent: whoever follows one shows that mail reaches them, once.

use vestibule_domain::Time;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::ProjectId;
use vestibule_domain::login::by_mail::{MagicLink, SentTo};
use vestibule_domain::secret::TokenHash;

use super::row::{hash, opt_parsed, parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;

/// The guard of [`spend`]: it was followed before, or has ended.
pub const UNUSED: Guard = Guard("magic_link_unused");

const INSERT: &str = "INSERT INTO magic_links
     (hash, project_id, organization_id, member_id, moves, address, code_challenge, created_at, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const FIND: &str = "SELECT hash, project_id, organization_id, member_id, moves, address, code_challenge,
     created_at, expires_at FROM magic_links WHERE hash = ?1 AND project_id = ?2 AND used_at IS NULL AND expires_at > ?3";
const SPEND: &str = "UPDATE magic_links SET used_at = ?3
     WHERE hash = ?1 AND project_id = ?2 AND used_at IS NULL AND expires_at > ?3";

pub(crate) const ALL: &[&str] = &[INSERT, FIND, SPEND];

/// Keeps a new link.
#[must_use]
pub fn insert(link: &MagicLink) -> Write {
    let (organization, member) = match link.to {
        SentTo::Member(organization, member) | SentTo::Moving(organization, member) => {
            (Some(organization), Some(member))
        }
        SentTo::Seeker => (None, None),
    };
    let params = params![
        link.hash.as_str(),
        Param::display(link.project_id),
        Param::opt_display(organization),
        Param::opt_display(member),
        matches!(link.to, SentTo::Moving(..)),
        link.address.as_str(),
        link.code_challenge.clone(),
        link.created_at,
        link.expires_at,
    ];
    Write::any(INSERT, params)
}

/// Uses a link up: of all who try, one succeeds. Fails with the guard [`UNUSED`].
#[must_use]
pub fn spend(link: &MagicLink, now: Time) -> Write {
    Write::one(SPEND, params![link.hash.as_str(), Param::display(link.project_id), now], UNUSED)
}

impl Store {
    /// The project's link with this hash that can still be followed.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn magic_link(
        &self,
        project: ProjectId,
        hash: &TokenHash,
        now: Time,
    ) -> Result<Option<MagicLink>, StoreError> {
        let params = params![hash.as_str(), Param::display(project), now];
        self.query_opt(Read::new("magic_links", FIND, params), link).await
    }
}

fn link(row: &Row<'_>) -> Result<MagicLink, RowError> {
    let to = match (opt_parsed(row, 2)?, opt_parsed(row, 3)?, row.int(4)?) {
        (Some(organization), Some(member), 0) => SentTo::Member(organization, member),
        (Some(organization), Some(member), 1) => SentTo::Moving(organization, member),
        (None, None, 0) => SentTo::Seeker,
        _ => return Err(RowError::because("a member without an organization, or one without a member")),
    };
    let address = EmailAddress::try_from(row.text(5)?);
    Ok(MagicLink {
        hash: hash(row, 0)?,
        project_id: parsed(row, 1)?,
        to,
        address: address.map_err(|_| RowError::because("column 5: a text that is no address"))?,
        code_challenge: row.opt_text(6)?,
        created_at: time(row, 7)?,
        expires_at: time(row, 8)?,
    })
}
