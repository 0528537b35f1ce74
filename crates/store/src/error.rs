//! What can go wrong in the store, in words that are the same on both engines.

use thiserror::Error;

use crate::seal::SealError;

/// The name of a condition that a batch was kept under. A type of its own: the name of a unique index is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard(pub &'static str);

/// Why the store did not do as asked. Absence is not an error: look-ups answer `None`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// A write did not touch as many rows as it must: somebody else was first, or the state has moved on.
    /// Nothing of the batch was kept.
    #[error("the guard {:?} did not hold", .0.0)]
    Guard(Guard),
    /// A unique index refused the write; carries the index name. Nothing of the batch was kept.
    #[error("the unique index {0:?} already holds such a row")]
    Unique(String),
    /// A foreign key refused the write: the row it refers to does not exist, or is still referred to.
    #[error("a foreign key refused the write")]
    Reference,
    /// A text parameter holds U+0000, which PostgreSQL cannot store. Refused on both engines.
    #[error("a text holds a NUL character, which cannot be stored")]
    Nul,
    /// A stored row does not say what it should.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A sealed value could not be made or read.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The text given as store URL is not one.
    #[error("store URL: {0}")]
    Url(String),
    /// The database was migrated by a newer version of this program.
    #[error(
        "the database has migration {found}, this program knows them up to {known}: use the newer program"
    )]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration this program knows.
        known: i64,
    },
    /// A document could not be written as JSON: a defect.
    #[error("a document could not be written as JSON: {0}")]
    Document(String),
    /// The database cannot be reached or is too busy. Whether a write was kept is unknown only when the
    /// text says so.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A file that is copied, looked through or put in place is not what it must be, or the system refuses it: a sentence
    /// that begins with its path.
    #[error("{0}")]
    File(String),
    /// The engine refused a statement for a reason that is none of the above: a defect, not an input.
    #[error("database error: {0}")]
    Engine(String),
}

impl StoreError {
    /// Whether this is a violation of the unique index `name`.
    #[must_use]
    pub fn is_unique(&self, name: &str) -> bool {
        matches!(self, Self::Unique(found) if found == name)
    }

    /// Whether this is the missed guard `guard`.
    #[must_use]
    pub fn is_guard(&self, guard: Guard) -> bool {
        matches!(self, Self::Guard(found) if *found == guard)
    }
}

/// A row that could not be read as what it should be: a defect or a hand-edited database, never an input.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("table {table}, row {id:?}: {reason}")]
pub struct RowError {
    /// The table.
    pub table: &'static str,
    /// The first column of the row, which every read selects as its id.
    pub id: String,
    /// Which column, and what is wrong with it.
    pub reason: String,
}

impl RowError {
    /// A row error whose table and id the reading code fills in.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self { table: "", id: String::new(), reason: reason.into() }
    }

    pub(crate) fn at(mut self, table: &'static str, id: &str) -> Self {
        if self.table.is_empty() {
            self.table = table;
            id.clone_into(&mut self.id);
        }
        self
    }
}
