//! Pages of lists (RFC 7644 section 3.4.2.4).

use serde_json::{Map, Value};

use crate::limits;
use crate::refusal::{Excerpt, ScimRefusal};

/// The schema of a list.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first resource, from 1.
    pub start_index: u64,
    /// The most resources. None at all asks for the number of them alone.
    pub count: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { start_index: 1, count: limits::USUAL_PAGE }
    }
}

impl Page {
    /// How many resources come before it.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.start_index - 1
    }

    /// Reads `startIndex` and `count`. Less than the least is the least, and more than the most is the most.
    pub(crate) fn read(start_index: Option<&str>, count: Option<&str>) -> Result<Self, ScimRefusal> {
        let usual = Self::default();
        let start_index = start_index.map(|text| whole("startIndex", text)).transpose()?;
        let count = count.map(|text| whole("count", text)).transpose()?;
        Ok(Self {
            start_index: start_index.map_or(usual.start_index, |found| found.max(1).unsigned_abs()),
            count: count.map_or(usual.count, |found| {
                usize::try_from(found.max(0)).unwrap_or(limits::PAGE).min(limits::PAGE)
            }),
        })
    }
}

fn whole(parameter: &'static str, text: &str) -> Result<i64, ScimRefusal> {
    text.parse().map_err(|_| ScimRefusal::NotANumber { parameter, found: Excerpt::of(text) })
}

/// The document of a page.
#[must_use]
pub fn list(total: u64, page: Page, resources: Vec<Map<String, Value>>) -> Value {
    document(total, page.start_index, resources.into_iter().map(Value::Object).collect())
}

/// The document of a list that has no pages.
pub(crate) fn whole_list(resources: Vec<Value>) -> Value {
    document(resources.len() as u64, 1, resources)
}

fn document(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    let mut document = Map::new();
    document.insert("schemas".to_owned(), Value::from(vec![SCHEMA]));
    document.insert("totalResults".to_owned(), total.into());
    document.insert("startIndex".to_owned(), start_index.into());
    document.insert("itemsPerPage".to_owned(), resources.len().into());
    document.insert("Resources".to_owned(), Value::Array(resources));
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_are_bounded() {
        let read = |start, count| Page::read(start, count).map(|page| (page.offset(), page.count));
        assert_eq!(read(None, None), Ok((0, 100)));
        assert_eq!(read(Some("1"), Some("100")), Ok((0, 100)));
        assert_eq!(read(Some("-5"), Some("-1")), Ok((0, 0)));
        assert_eq!(read(Some("101"), Some("100000")), Ok((100, 200)));
        assert_eq!(read(Some("9223372036854775807"), Some("0")), Ok((9_223_372_036_854_775_806, 0)));
        for text in ["", "a", "1.5", " 1", "9223372036854775808"] {
            assert!(matches!(read(Some(text), None), Err(ScimRefusal::NotANumber { .. })), "{text}");
        }
    }

    #[test]
    fn an_empty_list_has_its_list() {
        let empty = list(0, Page::default(), Vec::new());
        assert_eq!(empty["Resources"], json!([]));
        assert_eq!((&empty["totalResults"], &empty["itemsPerPage"]), (&json!(0), &json!(0)));
    }
}
