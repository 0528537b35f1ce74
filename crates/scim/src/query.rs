//! What is asked of a list: by the parameters of a GET, or by the body of a POST to `.search` (RFC 7644 sections 3.4.2
//! and 3.4.3).

use crate::filter::Filter;
use crate::json::{self, Json};
use crate::limits;
use crate::message::{Read, schemas};
use crate::page::Page;
use crate::projection::Projection;
use crate::refusal::ScimRefusal;
use crate::schema::ResourceType;
use crate::tolerance::Tolerances;

/// The schema of a search.
pub const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What is asked of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which resources.
    pub filter: Option<Filter>,
    /// Which part of them.
    pub page: Page,
    /// Which of their attributes.
    pub projection: Projection,
}

const NAMES: [&str; 6] = ["filter", "startIndex", "count", "attributes", "excludedAttributes", "sortBy"];

impl Query {
    /// Reads the parameters of a GET, decoded. Those that SCIM does not have are ignored.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or sorting is asked for.
    pub fn of_parameters<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        resource: ResourceType,
    ) -> Result<Read<Self>, ScimRefusal> {
        let mut found: [Option<&str>; 6] = [None; 6];
        for (name, value) in parameters {
            for (slot, known) in found.iter_mut().zip(NAMES) {
                if known.eq_ignore_ascii_case(name) && slot.is_none() {
                    *slot = Some(value);
                }
            }
        }
        Self::of(found, resource, Tolerances::none())
    }

    /// Reads the body of a search.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or sorting is asked for.
    pub fn of_body(body: &[u8], resource: ResourceType) -> Result<Read<Self>, ScimRefusal> {
        let mut noted = Tolerances::none();
        let mut body = json::parse(body, limits::QUERY_BYTES)?;
        schemas(&mut body, SEARCH, None, &mut noted);
        let mut texts: [Option<String>; 6] = Default::default();
        for (slot, name) in texts.iter_mut().zip(NAMES) {
            *slot = body.take(name).map(|json| text(name, json)).transpose()?.flatten();
        }
        Self::of(texts.each_ref().map(Option::as_deref), resource, noted)
    }

    fn of(
        [filter, start_index, count, attributes, excluded, sort_by]: [Option<&str>; 6],
        resource: ResourceType,
        mut noted: Tolerances,
    ) -> Result<Read<Self>, ScimRefusal> {
        if sort_by.is_some_and(|name| !name.is_empty()) {
            return Err(ScimRefusal::Sorting);
        }
        let filter = filter.filter(|text| !text.trim_ascii().is_empty());
        let filter = filter.map(|text| Filter::parse(text, resource, &mut noted)).transpose();
        let value = Self {
            filter: filter.map_err(ScimRefusal::Filter)?,
            page: Page::read(start_index, count)?,
            projection: Projection::read(attributes, excluded, resource)?,
        };
        Ok(Read { value, tolerances: noted })
    }
}

/// As a parameter would say it: names are a list here and joined by commas there.
fn text(name: &str, json: Json) -> Result<Option<String>, ScimRefusal> {
    let wrong = |found: &Json| {
        let (attribute, found) = (name.to_owned(), found.kind());
        ScimRefusal::WrongType { attribute, found, expected: "text, a number or a list of text" }
    };
    match json {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(text)),
        Json::Number(number) => Ok(Some(number.to_string())),
        Json::List(items) => {
            let names = items.into_iter().map(|item| match item {
                Json::Text(text) => Ok(text),
                other => Err(wrong(&other)),
            });
            Ok(Some(names.collect::<Result<Vec<_>, _>>()?.join(",")))
        }
        other => Err(wrong(&other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_bodies_say_the_same() {
        let parameters = [
            ("filter", "userName eq \"a\""),
            ("startIndex", "11"),
            ("count", "10"),
            ("excludedAttributes", "emails,title"),
            ("aadOptscim062020", ""),
        ];
        let one = Query::of_parameters(parameters, ResourceType::User).unwrap();
        let body = br#"{
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName eq \"a\"",
            "startIndex": 11, "count": 10, "excludedAttributes": ["emails", "title"], "attributes": null
        }"#;
        let two = Query::of_body(body, ResourceType::User).unwrap();
        assert_eq!(one, two);
        assert!(one.tolerances.is_empty());
        assert_eq!(one.value.page.offset(), 10);
    }

    #[test]
    fn sorting_is_refused_and_the_rest_is_checked() {
        let read =
            |name, value| Query::of_parameters([(name, value)], ResourceType::User).map(|read| read.value);
        assert_eq!(read("sortBy", "userName"), Err(ScimRefusal::Sorting));
        assert_eq!(read("sortBy", ""), Ok(Query::default()));
        assert_eq!(read("filter", " "), Ok(Query::default()));
        assert!(matches!(read("filter", "x"), Err(ScimRefusal::Filter(_))));
        assert!(matches!(read("count", "many"), Err(ScimRefusal::NotANumber { .. })));
        assert!(Query::of_body(b"{\"filter\": {}}", ResourceType::User).is_err());
    }
}
