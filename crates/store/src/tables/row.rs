//! Columns parsed into domain values.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use vestibule_domain::Time;
use vestibule_domain::secret::TokenHash;

use crate::dialect::Row;
use crate::error::RowError;

/// A text column in the form its type reads, such as an id. What the type says against it may quote it, and ends in a log.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> Result<T, RowError> {
    row.str(column)?.parse().map_err(|_| {
        let kind = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
        RowError::because(format!("column {column}: a text that is no {kind}"))
    })
}

/// The same for a column that may be NULL.
pub(super) fn opt_parsed<T: FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>, RowError> {
    match row.opt_text(column)? {
        Some(_) => parsed(row, column).map(Some),
        None => Ok(None),
    }
}

/// A JSON document.
pub(super) fn doc<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, RowError> {
    serde_json::from_str(row.str(column)?)
        .map_err(|error| RowError::because(format!("column {column}: {}", without_content(&error))))
}

/// What is wrong with a document. What the parser says may quote it, and ends in a log: only the name of a field
/// that is missing is ours.
fn without_content(error: &serde_json::Error) -> String {
    let (said, place) = (error.to_string(), format!("line {} column {}", error.line(), error.column()));
    match said.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        Some((field, _)) => format!("the field {field} is missing, {place}"),
        None => format!("a document with a {:?} error, {place}", error.classify()),
    }
}

/// A document that must agree with the id that stands in the column before it.
pub(super) fn doc_of<T, I>(row: &Row<'_>, column: usize, id: impl Fn(&T) -> I) -> Result<T, RowError>
where
    T: DeserializeOwned,
    I: Display,
{
    let value: T = doc(row, column)?;
    let inside = id(&value).to_string();
    if inside != row.str(column.saturating_sub(1))? {
        return Err(RowError::because(format!("column {column}: the document says {inside}")));
    }
    Ok(value)
}

/// An instant.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Time, RowError> {
    row.int(column).map(Time::from_millis)
}

/// An instant or NULL.
pub(super) fn opt_time(row: &Row<'_>, column: usize) -> Result<Option<Time>, RowError> {
    Ok(row.opt_int(column)?.map(Time::from_millis))
}

/// A token hash.
pub(super) fn hash(row: &Row<'_>, column: usize) -> Result<TokenHash, RowError> {
    row.text(column).map(TokenHash::from_stored)
}
