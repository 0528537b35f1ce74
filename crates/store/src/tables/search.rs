//! Searches and pages: statements composed out of fixed pieces, with every value a parameter.
//!
//! Paging is by key: a page begins after the last row of the one before, so rows that come and go in
//! between shift nothing.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_domain::Time;
use vestibule_domain::id::ProjectId;

use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::sql::{Param, Read};
use crate::store::Store;

/// Where a page ended. Its text form is opaque to API users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: Time,
    id: String,
    /// How many rows the search found, when it was counted.
    total: Option<u64>,
}

impl Cursor {
    /// A cursor at a row.
    pub fn new(at: Time, id: impl fmt::Display) -> Self {
        Self { at, id: id.to_string(), total: None }
    }

    /// Reads the text form; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (at, rest) = decoded.split_once('.')?;
        let (id, total) = match rest.split_once('/') {
            Some((id, total)) => (id, Some(total.parse().ok()?)),
            None => (rest, None),
        };
        Some(Self { at: Time::from_millis(at.parse().ok()?), id: id.to_owned(), total })
    }

    /// The time of the row.
    pub(super) const fn at(&self) -> Time {
        self.at
    }

    /// The row: when it was made, and its id.
    #[must_use]
    pub fn parts(&self) -> (Time, &str) {
        (self.at, &self.id)
    }

    /// The parameters of a page in descending order.
    pub(super) fn or_end(before: Option<&Self>) -> (Param, Param) {
        before.map_or((Param::Int(i64::MAX), "".into()), Self::params)
    }

    fn params(&self) -> (Param, Param) {
        (self.at.into(), (&self.id).into())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total.map_or_else(String::new, |total| format!("/{total}"));
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{}.{}{total}", self.at.millis(), self.id)))
    }
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page out of up to `limit` + 1 rows, each with where it stands: the one too many says that there is
    /// another page. Rows that could not be read count, so that they end no listing before its end.
    pub(crate) fn cut(mut rows: Vec<(Cursor, Option<T>)>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(place, _)| place.clone());
        Self { items: rows.into_iter().filter_map(|(_, item)| item).collect(), next }
    }
}

/// How the filters of a search go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// All of them hold.
    #[default]
    And,
    /// At least one of them holds.
    Or,
}

/// A search. No filters find everything.
#[derive(Clone, Debug)]
pub struct Search<F> {
    /// How the filters go together.
    pub operator: Operator,
    /// The filters.
    pub filters: Vec<F>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// The most rows of a page.
    pub limit: u32,
}

impl<F> Search<F> {
    /// How far the search goes, when each of its filters goes as far as `each` says.
    pub(super) fn reach(&self, each: impl Fn(&F) -> Reach) -> Reach {
        let mut reaches = self.filters.iter().map(each);
        match self.operator {
            Operator::And if self.filters.len() == 1 => reaches.next().unwrap_or(Reach::Wide),
            Operator::And => reaches.min().unwrap_or(Reach::Wide).max(Reach::Narrow),
            Operator::Or => reaches.max().unwrap_or(Reach::Wide).max(Reach::Narrow),
        }
    }

    /// How many rows there are, if the page before said it.
    fn known_total(&self) -> Option<u64> {
        self.after.as_ref().and_then(|cursor| cursor.total)
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The rows of this page, the oldest first.
    pub page: Page<T>,
    /// How many rows there were on all pages when the first was read, those that cannot be read among them.
    pub total: u64,
}

impl<T> Found<T> {
    /// A page of a search that finds `total` rows.
    fn new(mut page: Page<T>, total: u64) -> Self {
        if let Some(next) = &mut page.next {
            next.total = Some(total);
        }
        Self { page, total }
    }

    /// Nothing at all.
    pub(super) const fn nothing() -> Self {
        Self { page: Page { items: Vec::new(), next: None }, total: 0 }
    }
}

/// How many rows a search has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Those that an index finds for at most [`MOST_KEYS`] keys: not more than other reads by key.
    Keys,
    /// Those that an index finds, however many. They are found first and then put in order: an engine that is left to
    /// choose goes through the listing, which is in order already and holds everything.
    Narrow,
    /// All that are listed, in their order, until the page is full.
    Wide,
}

/// The most keys that are looked up as reads by key are, past the places of scans.
const MOST_KEYS: usize = 100;

impl Reach {
    /// That of so many keys of an index.
    pub(super) const fn of_keys(keys: usize) -> Self {
        if keys <= MOST_KEYS { Self::Keys } else { Self::Narrow }
    }

    /// The sign before a column by which the listing's index is not to be taken: it changes no value, and hides the column.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Keys | Self::Narrow => "+",
            Self::Wide => "",
        }
    }
}

/// What a search looks for: rows of a table, under the alias that the conditions give it.
pub(super) struct Sought {
    pub(super) table: &'static str,
    pub(super) alias: &'static str,
    pub(super) conditions: Conditions,
    pub(super) reach: Reach,
    /// What says how many rows there are, where nobody has to count them.
    pub(super) known: Option<Read>,
}

impl Store {
    /// One page of a search.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub(super) async fn search<T: Send + 'static, F>(
        &self,
        project: ProjectId,
        sought: Sought,
        search: &Search<F>,
        parse: impl Fn(&Row<'_>) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Found<T>, StoreError> {
        let read = sought.page(search.after.as_ref(), search.limit);
        let payer = (sought.reach > Reach::Keys).then_some(project);
        let rows = self.rows_of_page(payer, read, 2, parse).await?;
        let seen = rows.len();
        let page = Page::cut(rows, search.limit);
        let is_all = search.after.is_none() && page.next.is_none();
        let total = match search.known_total() {
            Some(known) => known,
            None if is_all => u64::try_from(seen).unwrap_or(u64::MAX),
            None => self.count(project, sought).await?,
        };
        Ok(Found::new(page, total))
    }

    /// How many rows a search finds, for a first page that is not all of them. Its cursor says it to the next ones.
    async fn count(&self, project: ProjectId, sought: Sought) -> Result<u64, StoreError> {
        let Sought { table, alias, conditions, known, .. } = sought;
        if let Some(known) = known
            && let Some(total) = self.query_opt(known, |row| row.int(1)).await?
        {
            return Ok(u64::try_from(total).unwrap_or(0));
        }
        let (clause, params) = conditions.finish();
        let sql = format!("SELECT 'count', COUNT(*) FROM {table} {alias} WHERE {clause}");
        let counts = self.scan(project, Read::composed(table, sql, params), |row| row.int(1)).await?;
        Ok(counts.first().map_or(0, |count| u64::try_from(*count).unwrap_or(0)))
    }
}

impl Sought {
    /// The read of one page, and one row more.
    fn page(&self, after: Option<&Cursor>, limit: u32) -> Read {
        let Self { table, alias, conditions, reach, .. } = self;
        let (mut conditions, sign) = (conditions.clone(), reach.sign());
        if let Some(after) = after {
            let (at, id) = after.params();
            let (at, id) = (conditions.bind(at), conditions.bind(id));
            conditions.require(format!("({sign}{alias}.created_at, {alias}.id) > ({at}, {id})"));
        }
        let limit = conditions.bind(i64::from(limit) + 1);
        let (clause, params) = conditions.finish();
        let sql = format!(
            "SELECT {alias}.id, {alias}.doc, {alias}.created_at, {alias}.version FROM {table} {alias}
             WHERE {clause} ORDER BY {sign}{alias}.created_at, {alias}.id LIMIT {limit}"
        );
        Read::composed(table, sql, params)
    }
}

/// A `WHERE` clause under construction: numbers parameters as they are added.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    clauses: Vec<String>,
    params: Vec<Param>,
}

impl Conditions {
    /// Adds a parameter and answers its placeholder.
    pub(super) fn bind(&mut self, param: impl Into<Param>) -> String {
        self.params.push(param.into());
        format!("?{}", self.params.len())
    }

    /// Adds a condition that must hold.
    pub(super) fn require(&mut self, clause: String) {
        self.clauses.push(clause);
    }

    /// Adds the conditions of a search. An empty list holds always, whatever the operator.
    pub(super) fn require_filters(&mut self, operator: Operator, clauses: &[String]) {
        let word = match operator {
            Operator::And => " AND ",
            Operator::Or => " OR ",
        };
        if !clauses.is_empty() {
            self.require(format!("({})", clauses.join(word)));
        }
    }

    /// `column IN (…)`; nothing is in an empty list.
    pub(super) fn is_in<P: Into<Param>>(
        &mut self,
        column: &str,
        values: impl IntoIterator<Item = P>,
    ) -> String {
        let places: Vec<String> = values.into_iter().map(|value| self.bind(value)).collect();
        if places.is_empty() { "1 = 0".to_owned() } else { format!("{column} IN ({})", places.join(", ")) }
    }

    /// `column` contains `text`, without regard to the case of ASCII letters. `column` must be lower case.
    pub(super) fn contains(&mut self, column: &str, text: &str) -> String {
        let place = self.bind(format!("%{}%", escape_like(&text.to_ascii_lowercase())));
        format!("{column} LIKE {place} ESCAPE '\\'")
    }

    /// `column` begins with `text`, without regard to the case of ASCII letters: a range of an index. `column` must be lower case
    /// and be compared by its octets.
    pub(super) fn begins(&mut self, column: &str, text: &str) -> String {
        let from = text.to_ascii_lowercase();
        let end = after_all_that_begin(&from).map(|end| format!(" AND {column} < {}", self.bind(end)));
        format!("{column} >= {}{}", self.bind(from), end.unwrap_or_default())
    }

    /// The clause and its parameters.
    pub(super) fn finish(self) -> (String, Vec<Param>) {
        (self.clauses.join(" AND "), self.params)
    }
}

/// The least text that comes after everything which begins with `text`, octet by octet; `None` when nothing does.
fn after_all_that_begin(text: &str) -> Option<String> {
    let mut signs: Vec<char> = text.chars().collect();
    while let Some(last) = signs.pop() {
        // The next character there is; the range leaves out the surrogates by itself.
        if let Some(next) = (last..=char::MAX).nth(1) {
            signs.push(next);
            return Some(signs.into_iter().collect());
        }
    }
    None
}

/// Takes the special meaning from the signs of a `LIKE` pattern.
pub(super) fn escape_like(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Several names in one text column, so that each can be found by [`listed_pattern`].
pub(super) fn listed(names: impl IntoIterator<Item = impl fmt::Display>) -> String {
    names.into_iter().fold("\n".to_owned(), |text, name| format!("{text}{name}\n"))
}

/// The `LIKE` pattern that finds a name in such a column.
pub(super) fn listed_pattern(name: impl fmt::Display) -> String {
    format!("%\n{}\n%", escape_like(&name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_text_ends_before_the_next() {
        assert_eq!(after_all_that_begin("ab").as_deref(), Some("ac"));
        assert_eq!(after_all_that_begin("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_all_that_begin("a\u{10ffff}\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_all_that_begin("\u{10ffff}"), None);
        assert_eq!(after_all_that_begin(""), None);
    }

    #[test]
    fn cursors_read_back() {
        let cursor = Cursor::new(Time::from_millis(-5), "a.b");
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor.clone()));
        let counted = Cursor { total: Some(7), ..cursor };
        assert_eq!(Cursor::parse(&counted.to_string()), Some(counted));
        assert_eq!(Cursor::parse("!"), None);
        assert_eq!(Cursor::parse(""), None);
    }

    #[test]
    fn values_are_parameters_and_patterns_are_plain() {
        let mut conditions = Conditions::default();
        let clause = conditions.contains("lower(name)", "50%_Off\\");
        assert_eq!(clause, "lower(name) LIKE ?1 ESCAPE '\\'");
        assert_eq!(conditions.is_in("id", Vec::<String>::new()), "1 = 0");
        assert_eq!(conditions.is_in("id", ["a", "b"]), "id IN (?2, ?3)");
        let (_, params) = conditions.finish();
        assert_eq!(params.first(), Some(&Param::from("%50\\%\\_off\\\\%")));
    }
}
