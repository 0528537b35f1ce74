//! Any text as a filter and as a path: nothing panics, what is read is written and read again as the same, and what an
//! index is asked together with the rest is what the filter says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use vestibule_scim::filter::{Filter, Key, Lookup, Term, fold};
use vestibule_scim::path::Path;
use vestibule_scim::query::Query;
use vestibule_scim::schema::ResourceType;
use vestibule_scim::tolerance::Tolerances;

static RESOURCES: LazyLock<[Map<String, Value>; 3]> = LazyLock::new(|| {
    let ada = json!({
        "id": "1", "externalId": "e", "userName": "Ada", "displayName": "Ada L", "active": true, "title": "",
        "name": { "givenName": "Ada" }, "meta": { "created": "2026-01-01T00:00:00.000Z" },
        "emails": [{ "value": "a@x", "type": "work", "primary": true }, { "value": "A@y", "type": "home" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "d", "manager": { "value": "2" } },
    });
    let staff = json!({ "id": "1", "displayName": "staff", "members": [{ "value": "1" }, { "value": "2" }] });
    [ada, staff, json!({})].map(|document| document.as_object().cloned().expect("an object"))
});

fn indexed(term: &Term, resource: &Map<String, Value>) -> bool {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let any = |name: &str, how: fn(&str) -> String| {
        let items = resource.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item["value"].as_str()).any(|text| how(text) == term.value)
    };
    match term.key {
        Key::Id => text("id") == Some(&term.value),
        Key::ExternalId => text("externalId") == Some(&term.value),
        Key::UserName => text("userName").is_some_and(|text| fold(text) == term.value),
        Key::DisplayName => text("displayName").is_some_and(|text| fold(text) == term.value),
        Key::Email => any("emails", fold),
        Key::Member => any("members", str::to_owned),
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for kind in ResourceType::ALL {
        if let Ok(path) = Path::parse(text, kind) {
            assert_eq!(Path::parse(&path.to_string(), kind), Ok(path));
        }
        let _ = Query::of_parameters([("attributes", text), ("count", text)], kind);
        let Ok(filter) = Filter::parse(text, kind, &mut Tolerances::none()) else { continue };
        let shown = filter.to_string();
        // What is shown may be longer than what was written: operators are spelled out, times in full.
        if shown.len() < 4096 {
            assert_eq!(Filter::parse(&shown, kind, &mut Tolerances::none()).as_ref(), Ok(&filter), "{shown}");
        }
        let lookup = Lookup::of(Some(filter.clone()));
        for resource in RESOURCES.iter() {
            let by_index = match &lookup {
                Lookup::Everything => true,
                Lookup::Scan(filter) => filter.matches(resource),
                Lookup::Terms { terms, rest } => {
                    assert!(!terms.is_empty());
                    terms.iter().all(|term| indexed(term, resource))
                        && rest.as_ref().is_none_or(|rest| rest.matches(resource))
                }
            };
            assert_eq!(by_index, filter.matches(resource), "{shown}");
        }
    }
});
