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

/// One write as a value: what to change and what must be true for it.
#[derive(Clone, Debug)]
pub struct Write {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) expect: Expect,
    pub(crate) guard: &'static str,
}

impl Write {
    /// A write that may touch any number of rows.
    #[must_use]
    pub const fn any(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, expect: Expect::Any, guard: "" }
    }

    /// A write that must touch exactly one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn one(sql: &'static str, params: Vec<Param>, guard: &'static str) -> Self {
        Self { sql, params, expect: Expect::One, guard }
    }

    /// A write that must touch at least one row; otherwise its batch fails with
    /// [`StoreError::Guard`]`(guard)`.
    #[must_use]
    pub const fn some(sql: &'static str, params: Vec<Param>, guard: &'static str) -> Self {
        Self { sql, params, expect: Expect::Some, guard }
    }

    /// Judges how many rows the write touched.
    pub(crate) const fn judge(&self, rows: u64) -> Result<(), StoreError> {
        if self.expect.holds(rows) { Ok(()) } else { Err(StoreError::Guard(self.guard)) }
    }
}

/// Writes that happen together, in order, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch(pub(crate) Vec<Write>);

impl Batch {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a write at the end.
    pub fn push(&mut self, write: Write) {
        self.0.push(write);
    }

    /// Adds writes at the end; for chaining.
    #[must_use]
    pub fn with(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.0.extend(writes);
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[Write; N]> for Batch {
    fn from(writes: [Write; N]) -> Self {
        Self(writes.into())
    }
}

impl From<Write> for Batch {
    fn from(write: Write) -> Self {
        Self(vec![write])
    }
}

impl From<Vec<Write>> for Batch {
    fn from(writes: Vec<Write>) -> Self {
        Self(writes)
    }
}

impl Extend<Write> for Batch {
    fn extend<T: IntoIterator<Item = Write>>(&mut self, writes: T) {
        self.0.extend(writes);
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
pub(crate) struct Rewritten(RwLock<HashMap<&'static str, Arc<str>>>);

impl Rewritten {
    pub(crate) fn sql(&self, sql: &'static str) -> Arc<str> {
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(sql) {
            return Arc::clone(found);
        }
        let rewritten: Arc<str> = dollar_placeholders(sql).into();
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(sql).or_insert(rewritten))
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
