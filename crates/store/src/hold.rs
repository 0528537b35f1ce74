//! What a batch relies on and does not change: rows that are held while it is kept.
//!
//! All holds run before the first write, in one order for all batches ([`Rank`], then key), so that two
//! batches never wait for each other in a circle. PostgreSQL locks the rows; on SQLite one writer works at a
//! time, and a hold is a question asked inside the same savepoint.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Guard;
use crate::sql::{Batch, Expect, Param, Statement};

/// How firmly PostgreSQL holds a row: what nobody else can do to it meanwhile. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// The row stays; it may change (`FOR KEY SHARE`). What a foreign key takes.
    Stays,
    /// The row stays as it is (`FOR SHARE`): deleting softly and counting a version are changes too.
    Unchanged,
    /// The batch changes the row, or takes turns on it with others (`FOR NO KEY UPDATE`).
    Mine,
    /// The batch deletes the row, or changes a column that foreign keys could name (`FOR UPDATE`).
    Going,
}

/// The order in which every batch takes its locks: from what contains to what is contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Rows of `projects`.
    Project,
    /// Rows of `organizations`.
    Organization,
    /// Rows of `connections`.
    Connection,
    /// Rows of `directories`.
    Directory,
    /// Rows of `members`.
    Member,
    /// Rows of `identities`.
    Registration,
    /// Rows of `sessions`.
    Session,
    /// Rows of `login_sessions`.
    LoginSession,
}

/// Where a hold stands in the order of locks. Many rows at once have no key and come before single ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: Rank,
    key: Option<String>,
}

/// A row that must be there, and be so, for a batch to be kept.
#[derive(Clone, Debug)]
pub struct Hold {
    pub(crate) statement: Statement,
    place: Place,
    /// `None` is a question that locks nothing. It is asked after the locks of its place.
    lock: Option<Lock>,
}

impl Hold {
    /// Locks one row: `sql` selects it by its id, `key`. Whether there is one makes no difference until
    /// [`Hold::or`] says so.
    pub(crate) fn row(
        rank: Rank,
        key: impl fmt::Display,
        lock: Lock,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Self {
        let place = Place { rank, key: Some(key.to_string()) };
        Self { statement: Statement::new(sql, params), place, lock: Some(lock) }
    }

    /// Locks all rows that a later statement of the batch deletes. `sql` selects them ordered by id: a
    /// deletion alone would lock them as it finds them.
    pub(crate) fn rows(rank: Rank, sql: &'static str, params: Vec<Param>) -> Self {
        let place = Place { rank, key: None };
        Self { statement: Statement::new(sql, params), place, lock: Some(Lock::Going) }
    }

    /// Asks about what belongs to the row `key` once that row is locked: a statement of its own, so that it
    /// sees what the lock has waited for.
    pub(crate) fn question(
        rank: Rank,
        key: impl fmt::Display,
        sql: &'static str,
        params: Vec<Param>,
    ) -> Self {
        let place = Place { rank, key: Some(key.to_string()) };
        Self { statement: Statement::new(sql, params), place, lock: None }
    }

    /// Makes the batch fail with [`crate::StoreError::Guard`]`(guard)` when no row is found.
    #[must_use]
    pub(crate) fn or(mut self, guard: Guard) -> Self {
        self.statement = self.statement.expecting(Expect::Some, guard);
        self
    }

    /// Whether it is of many rows.
    const fn is_many(&self) -> bool {
        self.place.key.is_none()
    }

    fn is_condition(&self) -> bool {
        self.statement.expect != Expect::Any
    }

    fn position(&self) -> (&Place, bool, bool) {
        (&self.place, self.lock.is_none(), !self.is_condition())
    }

    /// Whether `later` adds nothing: the same question again, or no more than a lock on the same row.
    fn covers(&self, later: &Self) -> bool {
        let same_question =
            self.statement.sql == later.statement.sql && self.statement.params == later.statement.params;
        let locks_the_row = !self.is_many() && self.lock.is_some() && !later.is_condition();
        self.place == later.place && (same_question || locks_the_row)
    }
}

impl Batch {
    /// The holds that may refuse the batch, in the order of locks: what an engine with one writer checks. It has
    /// nothing to lock.
    pub(crate) fn conditions(&self) -> Vec<&Hold> {
        let mut holds: Vec<&Hold> = self.holds.iter().filter(|hold| hold.is_condition()).collect();
        holds.sort_by(|a, b| a.position().cmp(&b.position()));
        holds
    }

    /// The holds that were asked for and the rows that the writes lock anyway, in the order of locks, each
    /// row as firmly as the firmest asks. Nothing for a batch that holds nothing and deletes row by row: it
    /// locks with its writes.
    pub(crate) fn locks(&self) -> Vec<(&Hold, Option<Lock>)> {
        let implied = || self.writes.iter().filter_map(|write| write.locks.as_ref());
        if self.holds.is_empty() && !implied().any(Hold::is_many) {
            return Vec::new();
        }
        let mut holds: Vec<&Hold> = self.holds.iter().chain(implied()).collect();
        holds.sort_by(|a, b| a.position().cmp(&b.position()));
        let mut firmest: BTreeMap<&Place, Option<Lock>> = BTreeMap::new();
        for hold in &holds {
            let lock = firmest.entry(&hold.place).or_default();
            *lock = hold.lock.max(*lock);
        }
        let mut locks: Vec<(&Hold, Option<Lock>)> = Vec::with_capacity(holds.len());
        for hold in holds {
            if locks.iter().any(|(earlier, _)| earlier.covers(hold)) {
                continue;
            }
            let firmest = firmest.get(&hold.place).copied().flatten();
            locks.push((hold, hold.lock.and(firmest)));
        }
        locks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Write;

    const FIRST: Guard = Guard("first");
    const SECOND: Guard = Guard("second");

    fn row(rank: Rank, key: &str, lock: Lock) -> Hold {
        Hold::row(rank, key, lock, "by id", vec![key.into()])
    }

    fn seen(batch: &Batch) -> Vec<(&'static str, &'static str, Option<Lock>)> {
        let locks = batch.locks();
        locks.iter().map(|(hold, lock)| (hold.statement.sql, hold.statement.guard.0, *lock)).collect()
    }

    #[test]
    fn a_batch_that_holds_nothing_locks_with_its_writes() {
        let write = || Write::any("write", Vec::new()).locking(row(Rank::Member, "m", Lock::Mine));
        assert_eq!(seen(&Batch::new().with([write(), write()])), []);
        let of_many = Write::any("delete", Vec::new()).locking(Hold::rows(Rank::Session, "all", Vec::new()));
        let locks = [("by id", "", Some(Lock::Mine)), ("all", "", Some(Lock::Going))];
        assert_eq!(seen(&Batch::new().with([of_many, write()])), locks);
    }

    #[test]
    fn holds_are_ordered_and_merged_to_the_firmest() {
        let question = Hold::question(Rank::Organization, "o", "count", Vec::new()).or(SECOND);
        let moved =
            Hold::row(Rank::Organization, "o", Lock::Unchanged, "version", vec!["o".into()]).or(FIRST);
        let batch = Batch::new()
            .with([Write::any("write", Vec::new()).locking(row(Rank::Organization, "o", Lock::Going))])
            .requires([
                row(Rank::Member, "b", Lock::Unchanged).or(SECOND),
                row(Rank::Member, "a", Lock::Stays).or(SECOND),
                row(Rank::Member, "a", Lock::Unchanged).or(SECOND),
                question,
                moved,
            ]);
        let locks = [
            ("version", "first", Some(Lock::Going)),
            ("count", "second", None),
            ("by id", "second", Some(Lock::Unchanged)),
            ("by id", "second", Some(Lock::Unchanged)),
        ];
        assert_eq!(seen(&batch), locks);
        let conditions: Vec<_> = batch.conditions().iter().map(|hold| hold.statement.sql).collect();
        assert_eq!(conditions, ["version", "count", "by id", "by id", "by id"]);
    }
}
