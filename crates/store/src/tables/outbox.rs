//! Messages to people that wait to be delivered. A message is written in the batch of what causes it; any node delivers it,
//! and of several that try at once one.

use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{MessageId, ProjectId};
use vestibule_domain::outbox::{Letter, Message, Purpose};
use vestibule_domain::refusal::Channel;
use vestibule_domain::secret::Secret;

use super::row::{parsed, time};
use crate::dialect::Row;
use crate::error::{Guard, RowError, StoreError};
use crate::params;
use crate::sql::{Param, Read, Write};
use crate::store::Store;
use crate::vault::{SealedColumn, Vault, place};

const TABLE: &str = "outbox";
const COLUMN: &str = "sealed_letter";

/// The guard of [`claim`]: somebody else delivers it, or it is gone.
pub const CLAIMED: Guard = Guard("outbox_message_claimed");
/// The guard of [`retry`]: it is not among those that were given up, or has ended.
pub const GIVEN_UP: Guard = Guard("outbox_message_given_up");
/// The guard of [`drop_message`]: there is none.
pub const EXISTS: Guard = Guard("outbox_message_exists");

/// What is said of a message that ended before it could be delivered.
pub const EXPIRED: &str = "expired";

const INSERT: &str = "INSERT INTO outbox
     (id, project_id, channel, purpose, state, tries, due_at, created_at, expires_at, reason, sealed_letter)
     VALUES (?1, ?2, ?3, ?4, 'waiting', 0, ?5, ?5, ?6, '', ?7)";
const DUE: &str =
    "SELECT id, project_id, channel, purpose, state, tries, due_at, created_at, expires_at, reason,
     sealed_letter FROM outbox WHERE state = 'waiting' AND due_at <= ?1 AND expires_at > ?1 AND channel = ?3
     ORDER BY due_at, id LIMIT ?2";
const CLAIM: &str = "UPDATE outbox SET due_at = ?4, tries = tries + 1
     WHERE id = ?1 AND state = 'waiting' AND due_at = ?2 AND tries = ?3";
const DELIVERED: &str = "DELETE FROM outbox WHERE id = ?1";
const KEEP: &str = "UPDATE outbox SET state = 'kept', due_at = ?2, reason = '' WHERE id = ?1";
const DEFER: &str = "UPDATE outbox SET due_at = ?4, reason = ?5
     WHERE id = ?1 AND state = 'waiting' AND due_at = ?2 AND tries = ?3";
const GIVE_UP: &str = "UPDATE outbox SET state = 'dead', due_at = ?4, reason = ?5
     WHERE id = ?1 AND state = 'waiting' AND due_at = ?2 AND tries = ?3";
const EXPIRE: &str = "UPDATE outbox SET state = 'dead', due_at = ?1, reason = 'expired', sealed_letter = ''
     WHERE state = 'waiting' AND due_at <= ?1 AND expires_at <= ?1";
const RETRY: &str = "UPDATE outbox SET state = 'waiting', due_at = ?2, tries = 0
     WHERE id = ?1 AND state = 'dead' AND expires_at > ?2 AND sealed_letter <> ''";
const LIST: &str =
    "SELECT id, project_id, channel, purpose, state, tries, due_at, created_at, expires_at, reason,
     sealed_letter FROM outbox WHERE (?1 = '' OR project_id = ?1) AND (?2 = '' OR state = ?2)
     ORDER BY id DESC LIMIT ?3";
const COUNTS: &str = "SELECT state, COUNT(*), MIN(created_at) FROM outbox GROUP BY state";

pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: TABLE,
    column: COLUMN,
    select: "SELECT id, sealed_letter FROM outbox
     WHERE sealed_letter <> '' AND sealed_letter NOT LIKE ?1 LIMIT ?2",
    update: "UPDATE outbox SET sealed_letter = ?2 WHERE id = ?1 AND sealed_letter = ?3",
};

pub(crate) const ALL: &[&str] = &[
    INSERT,
    DUE,
    CLAIM,
    DELIVERED,
    KEEP,
    DEFER,
    GIVE_UP,
    EXPIRE,
    RETRY,
    LIST,
    COUNTS,
    SEALED.select,
    SEALED.update,
];

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It is to be delivered.
    Waiting,
    /// It is not tried any more.
    Dead,
    /// It was "delivered" by a server that keeps everything for its developer.
    Kept,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Dead, Self::Kept];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dead => "dead",
            Self::Kept => "kept",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A message as it is kept. Its letter is sealed: [`Store::letter`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// The id.
    pub id: MessageId,
    /// The project.
    pub project_id: ProjectId,
    /// How it travels.
    pub channel: Channel,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next, or since when it stands as it does.
    pub due_at: Time,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// Why the last try failed, `""` before it did: a word of ours, never the other side's.
    pub reason: String,
    sealed_letter: String,
}

/// How many messages stand somewhere, and since when the oldest of them was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCount {
    /// Where.
    pub state: MessageState,
    /// How many.
    pub count: i64,
    /// The oldest.
    pub oldest: Time,
}

/// The right to deliver a message, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    id: MessageId,
    until: Time,
    tries: i64,
}

impl Claim {
    /// How many tries there were with this one.
    #[must_use]
    pub const fn tries(&self) -> i64 {
        self.tries
    }

    fn params(&self) -> [Param; 3] {
        [Param::display(self.id), self.until.into(), self.tries.into()]
    }
}

/// Keeps a new message, to be delivered as soon as the batch that it is part of is kept.
///
/// # Errors
/// When the letter cannot be sealed.
pub fn insert(message: &Message, vault: &Vault, entropy: &dyn Entropy) -> Result<Write, StoreError> {
    let letter =
        serde_json::to_string(&message.letter).map_err(|error| StoreError::Document(error.to_string()))?;
    let at = place(TABLE, COLUMN, &message.id.to_string());
    let sealed = vault.seal(&at, &Secret::new(letter), entropy)?;
    let params = params![
        Param::display(message.id),
        Param::display(message.project_id),
        message.letter.to.channel().as_str(),
        message.purpose.as_str(),
        message.created_at,
        message.expires_at,
        sealed,
    ];
    Ok(Write::any(INSERT, params))
}

/// Claims a message that is due until `until`: of all who try, one succeeds. Should whoever claimed it never come back, it
/// is due again then. Fails with the guard [`CLAIMED`].
#[must_use]
pub fn claim(message: &StoredMessage, until: Time) -> (Write, Claim) {
    let params = params![Param::display(message.id), message.due_at, message.tries, until];
    let claim = Claim { id: message.id, until, tries: message.tries + 1 };
    (Write::one(CLAIM, params, CLAIMED), claim)
}

/// Forgets a message that was delivered, whoever else has claimed it meanwhile.
#[must_use]
pub fn delivered(id: MessageId) -> Write {
    Write::any(DELIVERED, params![Param::display(id)])
}

/// Keeps a message as delivered, for a developer to read.
#[must_use]
pub fn keep(id: MessageId, now: Time) -> Write {
    Write::any(KEEP, params![Param::display(id), now])
}

/// Puts a message back that could not be delivered. Whoever has claimed it meanwhile goes on.
#[must_use]
pub fn defer(claim: &Claim, due_at: Time, reason: &str) -> Write {
    let [id, until, tries] = claim.params();
    Write::any(DEFER, vec![id, until, tries, due_at.into(), reason.into()])
}

/// Gives a message up that nobody takes.
#[must_use]
pub fn give_up(claim: &Claim, reason: &str, now: Time) -> Write {
    let [id, until, tries] = claim.params();
    Write::any(GIVE_UP, vec![id, until, tries, now.into(), reason.into()])
}

/// Gives all messages up that have ended, and forgets what they said.
#[must_use]
pub fn expire(now: Time) -> Write {
    Write::any(EXPIRE, params![now])
}

/// Has a message tried again that was given up. Fails with the guard [`GIVEN_UP`].
#[must_use]
pub fn retry(id: MessageId, now: Time) -> Write {
    Write::one(RETRY, params![Param::display(id), now], GIVEN_UP)
}

/// Forgets a message. Fails with the guard [`EXISTS`].
#[must_use]
pub fn drop_message(id: MessageId) -> Write {
    Write::one(DELIVERED, params![Param::display(id)], EXISTS)
}

impl Store {
    /// Messages that are due and travel by a channel, those that have waited for the longest first.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn due_messages(
        &self,
        channel: Channel,
        now: Time,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let params = params![now, i64::from(limit), channel.as_str()];
        self.list(Read::new(TABLE, DUE, params), message).await
    }

    /// Messages, the newest first: of a project, in a state, or all.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn messages(
        &self,
        project: Option<ProjectId>,
        state: Option<MessageState>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let project = project.map(|id| id.to_string()).unwrap_or_default();
        let state = state.map_or("", MessageState::as_str);
        self.list(Read::new(TABLE, LIST, params![project, state, i64::from(limit)]), message).await
    }

    /// What a message says, to whom. `None` when that was forgotten, because it has ended.
    ///
    /// # Errors
    /// [`StoreError::Seal`] and [`StoreError::Row`] when it cannot be read.
    pub async fn letter(&self, vault: &Vault, message: &StoredMessage) -> Result<Option<Letter>, StoreError> {
        if message.sealed_letter.is_empty() {
            return Ok(None);
        }
        let id = message.id.to_string();
        let letter = vault.unseal(&place(TABLE, COLUMN, &id), &message.sealed_letter).await?;
        // What the parser says may quote the letter.
        let unreadable = |_| StoreError::from(RowError::because("the letter is no document").at(TABLE, &id));
        serde_json::from_str(letter.expose()).map(Some).map_err(unreadable)
    }

    /// How many messages stand where.
    ///
    /// # Errors
    /// As for [`Store::list`].
    pub async fn message_counts(&self) -> Result<Vec<StateCount>, StoreError> {
        let parse = |row: &Row<'_>| {
            Ok(StateCount { state: state(row, 0)?, count: row.int(1)?, oldest: time(row, 2)? })
        };
        self.list(Read::new(TABLE, COUNTS, Vec::new()), parse).await
    }
}

fn message(row: &Row<'_>) -> Result<StoredMessage, RowError> {
    let unknown = |column: usize| RowError::because(format!("column {column}: a name that is not known"));
    Ok(StoredMessage {
        id: parsed(row, 0)?,
        project_id: parsed(row, 1)?,
        channel: Channel::from_name(row.str(2)?).ok_or_else(|| unknown(2))?,
        purpose: Purpose::from_name(row.str(3)?).ok_or_else(|| unknown(3))?,
        state: state(row, 4)?,
        tries: row.int(5)?,
        due_at: time(row, 6)?,
        created_at: time(row, 7)?,
        expires_at: time(row, 8)?,
        reason: row.text(9)?,
        sealed_letter: row.text(10)?,
    })
}

fn state(row: &Row<'_>, column: usize) -> Result<MessageState, RowError> {
    let name = row.str(column)?;
    MessageState::from_name(name)
        .ok_or_else(|| RowError::because(format!("column {column}: a state that is not known")))
}
