//! Queries of the Management API: names may come several times, and what clients send that is not known here is ignored.

use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use http::request::Parts;
use vestibule_domain::refusal::{Refusal, SearchPart, Searched, What};
use vestibule_refusal::Excerpt;

use crate::failure::Failure;
use crate::http::takes::Takes;

/// The most parameters of a query.
const MOST: usize = 200;
/// The most bytes of a value.
const LONGEST: usize = 8192;

/// The parameters of a query, in their order.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self::read(parts.uri.query().unwrap_or_default())?)
    }
}

impl Takes for Query {}

impl Query {
    fn read(text: &str) -> Result<Self, Refusal> {
        let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned();
        let read: Vec<_> = pairs.take(MOST + 1).collect();
        if read.len() > MOST {
            return Err(wrong(SearchPart::Filter, "more parameters than are read", ""));
        }
        match read.iter().find(|(_, value)| value.len() > LONGEST || value.contains('\0')) {
            Some((name, _)) => {
                Err(wrong(SearchPart::Filter, "a value that is too long, or holds a NUL", name))
            }
            None => Ok(Self(read)),
        }
    }

    /// The first value of a parameter; an empty one is none.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was given, with or without a value.
    #[must_use]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// True or false.
    ///
    /// # Errors
    /// Another value.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(wrong(
                SearchPart::Filter,
                format_args!("Expected true or false but found {:?}", Excerpt::of(other).as_str()),
                name,
            )),
        }
    }

    /// A whole number within bounds, of a parameter that pages.
    ///
    /// # Errors
    /// Another value.
    pub(crate) fn number(&self, name: &str, bounds: &RangeInclusive<u32>) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(number) if bounds.contains(&number) => Ok(Some(number)),
            _ => Err(wrong(
                SearchPart::Limit,
                format_args!(
                    "Expected a number from {} to {} but found {:?}",
                    bounds.start(),
                    bounds.end(),
                    Excerpt::of(text).as_str()
                ),
                name,
            )),
        }
    }
}

/// The refusal of a parameter, in the dialect's sentence.
#[must_use]
pub(crate) fn wrong(part: SearchPart, reason: impl std::fmt::Display, name: &str) -> Refusal {
    let place = if name.is_empty() { String::new() } else { format!(" on property {}", Excerpt::of(name)) };
    let sentence = format!("Query validation error: '{reason}'{place}.");
    Refusal::new(What::InvalidSearch(Searched::Organizations, part)).because(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_repeated_and_values_are_bounded() {
        let query = Query::read("strategy=oidc&strategy=samlp&page=2&name=&x=%7C+a").unwrap();
        assert_eq!(query.all("strategy").collect::<Vec<_>>(), ["oidc", "samlp"]);
        assert_eq!((query.text("name"), query.has("name"), query.text("x")), (None, true, Some("| a")));
        assert_eq!(query.number("page", &(0..=9)).unwrap(), Some(2));
        assert_eq!(query.number("take", &(0..=9)).unwrap(), None);
        for text in ["page=-1", "page=10", "page=x", "page=1e3"] {
            let refusal = Query::read(text).unwrap().number("page", &(0..=9)).unwrap_err();
            assert!(refusal.detail().unwrap().ends_with("on property page."), "{refusal}");
        }
        assert!(Query::read("include_totals=1").unwrap().flag("include_totals").is_err());
        assert!(Query::read(&format!("a={}", "x".repeat(LONGEST + 1))).is_err());
        assert!(Query::read(&"a&".repeat(MOST + 1)).is_err());
    }
}
