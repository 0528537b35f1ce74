//! Statements as values: written once in the SQL that SQLite and PostgreSQL share, with `?1..?n` for
//! parameters.
//!
//! Conventions that the rest of the crate and its tests rely on: time is BIGINT milliseconds, a yes or no is
//! BIGINT 0/1, JSON is TEXT; every read selects an identifying text as its first column; unique indexes
//! have names.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use vestibule_domain::Time;

use crate::error::{Guard, StoreError};
use crate::hold::Hold;

/// One parameter. NULL keeps its type, because PostgreSQL asks for it.
#[derive(Clone, PartialEq, Eq)]
pub enum Param {
    /// A text.
    Text(String),
    /// A text or NULL.
    OptText(Option<String>),
    /// A number, an instant in milliseconds, or a yes (1) or no (0).
    Int(i64),
    /// A number or NULL.
    OptInt(Option<i64>),
    /// A value that has no JSON form: whatever it is part of is refused.
    Unwritable(String),
}

/// Values stay out of logs: the drivers print parameters at debug level.
impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "text",
            Self::OptText(_) => "text?",
            Self::Int(_) => "int",
            Self::OptInt(_) => "int?",
            Self::Unwritable(_) => "unwritable",
        })
    }
}

impl Param {
    /// Any value that prints as the text to keep, such as an id.
    pub fn display(value: impl fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// The same for a value that may be missing.
    pub fn opt_display(value: Option<impl fmt::Display>) -> Self {
        Self::OptText(value.map(|value| value.to_string()))
    }

    /// A document as JSON text. One that cannot be written makes its batch fail with
    /// [`StoreError::Document`].
    pub fn json(value: &impl serde::Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Unwritable(error.to_string()),
        }
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Param {
    fn from(text: Option<String>) -> Self {
        Self::OptText(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Option<i64>> for Param {
    fn from(number: Option<i64>) -> Self {
        Self::OptInt(number)
    }
}

impl From<bool> for Param {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl From<Time> for Param {
    fn from(time: Time) -> Self {
        Self::Int(time.millis())
    }
}

impl From<Option<Time>> for Param {
    fn from(time: Option<Time>) -> Self {
        Self::OptInt(time.map(Time::millis))
    }
}

/// Refuses what only one engine could store, so that both behave the same, and what cannot be stored at all.
pub(crate) fn check(params: &[Param]) -> Result<(), StoreError> {
    params.iter().try_for_each(|param| match param {
        Param::Text(text) | Param::OptText(Some(text)) if text.contains('\0') => Err(StoreError::Nul),
        Param::Unwritable(reason) => Err(StoreError::Document(reason.clone())),
        Param::Text(_) | Param::OptText(_) | Param::Int(_) | Param::OptInt(_) => Ok(()),
    })
}

/// How many rows a write must touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Any number, also none.
    Any,
    /// Exactly one.
    One,
    /// At least one.
    Some,
}

impl Expect {
    /// Whether `rows` is as expected.
    #[must_use]
    pub const fn holds(self, rows: u64) -> bool {
        match self {
            Self::Any => true,
            Self::One => rows == 1,
            Self::Some => rows >= 1,
        }
    }
}

/// A fixed statement, its parameters, and how many rows it must find or touch.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) expect: Expect,
    pub(crate) guard: Guard,
}

impl Statement {
    /// A statement that may find any number of rows.
    pub(crate) const fn new(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, expect: Expect::Any, guard: Guard("") }
    }

    /// The same, but its batch fails with `guard` unless it finds as many rows as expected.
    #[must_use]
    pub(crate) const fn expecting(mut self, expect: Expect, guard: Guard) -> Self {
        (self.expect, self.guard) = (expect, guard);
        self
    }

    /// Judges how many rows it found.
    pub(crate) const fn judge(&self, rows: u64) -> Result<(), StoreError> {
        if self.expect.holds(rows) { Ok(()) } else { Err(StoreError::Guard(self.guard)) }
    }
}

/// One write as a value: what to change and what must be true for it.
#[derive(Clone, Debug)]
pub struct Write {
    pub(crate) statement: Statement,
    /// What it locks, for batches that take their locks before their writes.
    pub(crate) locks: Option<Hold>,
}

impl Write {
    /// A write that may touch any number of rows.
    #[must_use]
    pub const fn any(sql: &'static str, params: Vec<Param>) -> Self {
        Self { statement: Statement::new(sql, params), locks: None }
    }

    /// A write that must touch exactly one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn one(sql: &'static str, params: Vec<Param>, guard: Guard) -> Self {
        Self { statement: Statement::new(sql, params).expecting(Expect::One, guard), locks: None }
    }

    /// A write that must touch at least one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn some(sql: &'static str, params: Vec<Param>, guard: Guard) -> Self {
        Self { statement: Statement::new(sql, params).expecting(Expect::Some, guard), locks: None }
    }

    /// Says what the write locks: its own row, the row that its foreign key names, or the rows it deletes.
    #[must_use]
    pub(crate) fn locking(mut self, rows: Hold) -> Self {
        self.locks = Some(rows);
        self
    }
}

/// Writes that happen together, in order, or not at all, and only while what they rely on holds.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) holds: Vec<Hold>,
    pub(crate) writes: Vec<Write>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { holds: Vec::new(), writes: Vec::new() }
    }

    /// Adds rows that the batch relies on; for chaining. They are held before the first write, whatever the
    /// order in which they are given. The batch fails with the guard of the first that is not there.
    #[must_use]
    pub fn requires(mut self, holds: impl IntoIterator<Item = Hold>) -> Self {
        self.holds.extend(holds);
        self
    }

    /// Adds another batch at the end, with what it requires.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        self.requires(more.holds).with(more.writes)
    }

    /// Adds a write at the end.
    pub fn push(&mut self, write: Write) {
        self.writes.push(write);
    }

    /// Adds writes at the end; for chaining.
    #[must_use]
    pub fn with(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.writes.extend(writes);
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.holds.is_empty()
    }

    /// All parameters, for checking them. What a write locks has none that the write itself has not.
    pub(crate) fn params(&self) -> impl Iterator<Item = &[Param]> {
        let holds = self.holds.iter().map(|hold| hold.statement.params.as_slice());
        holds.chain(self.writes.iter().map(|write| write.statement.params.as_slice()))
    }
}

impl<const N: usize> From<[Write; N]> for Batch {
    fn from(writes: [Write; N]) -> Self {
        Self { holds: Vec::new(), writes: writes.into() }
    }
}

impl From<Write> for Batch {
    fn from(write: Write) -> Self {
        Self::from([write])
    }
}

impl From<Vec<Write>> for Batch {
    fn from(writes: Vec<Write>) -> Self {
        Self { holds: Vec::new(), writes }
    }
}

impl Extend<Write> for Batch {
    fn extend<T: IntoIterator<Item = Write>>(&mut self, writes: T) {
        self.writes.extend(writes);
    }
}

/// One read as a value: the table it is about (for error messages), the statement and its parameters.
#[derive(Clone, Debug)]
pub struct Read {
    pub(crate) table: &'static str,
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Param>,
}

impl Read {
    /// A read by a fixed statement, which both drivers keep prepared.
    #[must_use]
    pub const fn new(table: &'static str, sql: &'static str, params: Vec<Param>) -> Self {
        Self { table, sql: Cow::Borrowed(sql), params }
    }

    /// A read by a statement composed at run time out of fixed pieces (a search); it is not kept prepared.
    #[must_use]
    pub const fn composed(table: &'static str, sql: String, params: Vec<Param>) -> Self {
        Self { table, sql: Cow::Owned(sql), params }
    }

    /// The question how an engine goes about it: `explain` is its word for that.
    #[must_use]
    pub fn explained(&self, explain: &'static str) -> Self {
        Self::composed(self.table, format!("{explain} {}", self.sql), self.params.clone())
    }
}

/// Rewrites `?1..?n` as `$1..$n`, leaving quoted text alone.
#[must_use]
pub(crate) fn dollar_placeholders(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quote = None;
    for c in sql.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        out.push(if quote.is_none() && c == '?' { '$' } else { c });
    }
    out
}

/// Fixed statements in the form PostgreSQL reads, each rewritten once.
#[derive(Default)]
pub(crate) struct Rewritten(RwLock<HashMap<(&'static str, &'static str), Arc<str>>>);

impl Rewritten {
    pub(crate) fn sql(&self, sql: &'static str) -> Arc<str> {
        self.locking(sql, "")
    }

    /// The same with a clause at its end that locks.
    pub(crate) fn locking(&self, sql: &'static str, suffix: &'static str) -> Arc<str> {
        let key = (sql, suffix);
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(found);
        }
        let rewritten: Arc<str> = format!("{}{suffix}", dollar_placeholders(sql)).into();
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(key).or_insert(rewritten))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_outside_quotes_are_rewritten() {
        assert_eq!(
            dollar_placeholders("SELECT '?1', \"a?\" FROM t WHERE a = ?1 AND b LIKE ?12 ESCAPE '\\'"),
            "SELECT '?1', \"a?\" FROM t WHERE a = $1 AND b LIKE $12 ESCAPE '\\'"
        );
    }

    #[test]
    fn a_nul_is_refused_and_values_do_not_print() {
        let params = [Param::from("a\0b"), Param::from(None::<i64>)];
        assert_eq!(check(&params), Err(StoreError::Nul));
        assert_eq!(format!("{params:?}"), "[text, int?]");
    }
}
