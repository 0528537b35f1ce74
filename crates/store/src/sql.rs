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

use crate::error::StoreError;

/// One parameter. NULL keeps its type, because PostgreSQL asks for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// How strongly a row is held. The names say what nobody else can do to it meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    /// Nothing is held: the statement counts, after what it counts was serialised.
    Counted,
    /// The row stays; its content may change.
    Stays,
    /// The row stays as it is.
    Unchanged,
    /// The batch changes it, or serialises on it.
    Mine,
    /// The batch deletes it, with all that refers to it.
    Going,
}

/// The order in which rows are held. All batches keep it, so no two wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Organizations come first.
    Organization,
    /// Then connections.
    Connection,
    /// Then members.
    Member,
    /// Then registrations.
    Registration,
    /// Counting comes last.
    Count,
}

/// A row that a batch relies on, as a value: a statement that finds it while it is as expected. Held until the batch is
/// kept; a row that is not found fails the batch with [`StoreError::Guard`]`(guard)`.
#[derive(Clone, Debug)]
pub struct Hold {
    pub(crate) rank: Rank,
    pub(crate) lock: Lock,
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) guard: &'static str,
}

impl Hold {
    /// A row to hold. `sql` selects it by its key first, so that all holds of one row sort together.
    #[must_use]
    pub const fn new(
        rank: Rank,
        lock: Lock,
        sql: &'static str,
        params: Vec<Param>,
        guard: &'static str,
    ) -> Self {
        Self { rank, lock, sql, params, guard }
    }

    /// Whether the row was found.
    pub(crate) const fn judge(&self, rows: u64) -> Result<(), StoreError> {
        if rows >= 1 { Ok(()) } else { Err(StoreError::Guard(self.guard)) }
    }
}

/// One write as a value: what to change and what must be true for it.
#[derive(Clone, Debug)]
pub struct Write {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) expect: Expect,
    pub(crate) guard: &'static str,
    /// The row that it changes, to be held in its place among others.
    pub(crate) row: Option<Hold>,
}

impl Write {
    /// A write that may touch any number of rows.
    #[must_use]
    pub const fn any(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, expect: Expect::Any, guard: "", row: None }
    }

    /// A write that must touch exactly one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn one(sql: &'static str, params: Vec<Param>, guard: &'static str) -> Self {
        Self { sql, params, expect: Expect::One, guard, row: None }
    }

    /// A write that must touch at least one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn some(sql: &'static str, params: Vec<Param>, guard: &'static str) -> Self {
        Self { sql, params, expect: Expect::Some, guard, row: None }
    }

    /// The same write, saying which row it changes.
    #[must_use]
    pub fn of(mut self, row: Hold) -> Self {
        self.row = Some(row);
        self
    }

    /// Judges how many rows the write touched.
    pub(crate) const fn judge(&self, rows: u64) -> Result<(), StoreError> {
        if self.expect.holds(rows) { Ok(()) } else { Err(StoreError::Guard(self.guard)) }
    }
}

/// Writes that happen together, in order, or not at all, and the rows that must stand for them.
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

    /// Adds another batch at the end, with what it requires.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.holds.extend(more.holds);
        self.writes.extend(more.writes);
        self
    }

    /// Adds rows that must stand, as they are expected, until the batch is kept. In which order they are given does not
    /// matter: they are held in the order of their [`Rank`], before anything is written.
    #[must_use]
    pub fn requires(mut self, rows: impl IntoIterator<Item = Hold>) -> Self {
        self.holds.extend(rows);
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// All parameters, for checking them.
    pub(crate) fn params(&self) -> impl Iterator<Item = &[Param]> {
        let holds = self.holds.iter().map(|hold| hold.params.as_slice());
        holds.chain(self.writes.iter().map(|write| write.params.as_slice()))
    }

    /// What is required, in the order in which it is judged.
    pub(crate) fn required(&self) -> Vec<&Hold> {
        let mut rows: Vec<&Hold> = self.holds.iter().collect();
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        rows
    }

    /// The same and the rows that are written, where rows are locked one by one: what is written must be locked in its
    /// place too, or two batches could wait for each other. A batch that requires nothing needs none of it.
    pub(crate) fn locked(&self) -> Vec<&Hold> {
        if self.holds.is_empty() {
            return Vec::new();
        }
        let mut rows: Vec<&Hold> = self.writes.iter().filter_map(|write| write.row.as_ref()).collect();
        rows.extend(&self.holds);
        // Of several holds of one row the strongest comes first, or raising a lock could wait for one who does the same.
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        rows
    }
}

impl Hold {
    /// Where it stands in the order of locking: by kind of row, by row, the strongest first.
    fn place(&self) -> (Rank, &[Param], std::cmp::Reverse<Lock>) {
        (
            self.rank,
            self.params.get(..self.params.len().min(3)).unwrap_or_default(),
            std::cmp::Reverse(self.lock),
        )
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
