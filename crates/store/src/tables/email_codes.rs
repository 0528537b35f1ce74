//! Codes that were sent by mail. There are so few codes that a hash of one hides nothing: what is kept is a stamp, which only
//! who has the data key can compare.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_domain::Time;
use vestibule_domain::id::{MemberId, ProjectId};
use vestibule_domain::login::by_mail::{CODE_TRIES, Code, SentTo};

use super::row::opt_parsed;
use crate::error::{Guard, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::stamp::Stamped;
use crate::store::Store;
use crate::vault::Vault;

/// The guard of [`count`]: there is no code, it has ended, or it was tried as often as it may be.
pub const TRIABLE: Guard = Guard("email_code_triable");
/// The guard of [`spend`]: it was used before, replaced, or has ended.
pub const UNUSED: Guard = Guard("email_code_unused");

const ISSUE: &str = "INSERT INTO email_codes (project_id, subject, tag, member_id, moves, tries, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
     ON CONFLICT (project_id, subject) DO UPDATE SET
       tag = ?3, member_id = ?4, moves = ?5, tries = 0, expires_at = ?6";
const COUNT: &str = "UPDATE email_codes SET tries = tries + 1
     WHERE project_id = ?1 AND subject = ?2 AND expires_at > ?3 AND tries < ?4";
const FIND: &str = "SELECT subject, tag, member_id, moves FROM email_codes
     WHERE project_id = ?1 AND subject = ?2 AND expires_at > ?3";
const SPEND: &str =
    "DELETE FROM email_codes WHERE project_id = ?1 AND subject = ?2 AND tag = ?3 AND expires_at > ?4";

pub(crate) const ALL: &[&str] = &[ISSUE, COUNT, FIND, SPEND];

/// A code as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// Whose it is, unless it is of somebody who looks for organizations.
    pub member_id: Option<MemberId>,
    /// Whether the address that it was sent to becomes theirs by it.
    pub moves: bool,
    project_id: ProjectId,
    subject: String,
    tag: String,
}

impl StoredCode {
    /// Whether this is the code. Compared in constant time.
    #[must_use]
    pub fn is(&self, code: &Code, vault: &Vault) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(&self.tag).unwrap_or_default();
        let project = self.project_id.to_string();
        vault.is_stamp(&tag, stamped(&parts(&project, &self.subject, code)))
    }
}

fn parts<'a>(project: &'a str, subject: &'a str, code: &'a Code) -> [&'a [u8]; 3] {
    [project.as_bytes(), subject.as_bytes(), code.expose().as_bytes()]
}

const fn stamped<'a>(parts: &'a [&'a [u8]]) -> Stamped<'a> {
    Stamped { purpose: "code by mail", parts }
}

/// Keeps a new code of a subject; the one before is good no more.
#[must_use]
pub fn issue(
    (project, subject): (ProjectId, &str),
    code: &Code,
    to: SentTo,
    expires_at: Time,
    vault: &Vault,
) -> Write {
    let member = match to {
        SentTo::Member(_, member) | SentTo::Moving(_, member) => Some(member),
        SentTo::Seeker => None,
    };
    let moves = matches!(to, SentTo::Moving(..));
    let project = project.to_string();
    let tag = URL_SAFE_NO_PAD.encode(vault.stamp(stamped(&parts(&project, subject, code))));
    Write::any(ISSUE, params![project, subject, tag, Param::opt_display(member), moves, expires_at])
}

/// Counts a try, before anything is compared: of any number who try at once, only so many may. Fails with the guard
/// [`TRIABLE`].
#[must_use]
pub fn count(project: ProjectId, subject: &str, now: Time) -> Write {
    Write::one(COUNT, params![Param::display(project), subject, now, CODE_TRIES], TRIABLE)
}

/// Uses a code up: of all who try, one succeeds. Fails with the guard [`UNUSED`].
#[must_use]
pub fn spend(code: &StoredCode, now: Time) -> Write {
    let project = Param::display(code.project_id);
    Write::one(SPEND, params![project, &code.subject, &code.tag, now], UNUSED)
}

impl Store {
    /// The code of a subject that has not ended.
    ///
    /// # Errors
    /// As for [`Store::query_opt`].
    pub async fn email_code(
        &self,
        project: ProjectId,
        subject: &str,
        now: Time,
    ) -> Result<Option<StoredCode>, StoreError> {
        let read = Read::new("email_codes", FIND, params![Param::display(project), subject, now]);
        let parse = |row: &crate::Row<'_>| {
            Ok(StoredCode {
                project_id: project,
                subject: row.text(0)?,
                tag: row.text(1)?,
                member_id: opt_parsed(row, 2)?,
                moves: row.int(3)? == 1,
            })
        };
        self.query_opt(read, parse).await
    }
}
