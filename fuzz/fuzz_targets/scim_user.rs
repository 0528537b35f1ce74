//! Any octets as a user: nothing panics; what is read is within the schema and the limits, is read again as it was, and is
//! what a PUT of it makes of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use vestibule_scim::UnixMillis;
use vestibule_scim::limits;
use vestibule_scim::projection::Projection;
use vestibule_scim::query::Query;
use vestibule_scim::resource::{Shown, User};
use vestibule_scim::schema::{Attribute, DataType, ENTERPRISE_USER, Mutability, ResourceType};
use vestibule_scim::version::Version;

fn walk(attributes: &Map<String, Value>, find: &dyn Fn(&str) -> Option<&'static Attribute>) {
    for (name, value) in attributes {
        if name == ENTERPRISE_USER.id {
            let parts = value.as_object().expect("an extension is an object");
            assert!(!parts.is_empty());
            walk(parts, &|name| ENTERPRISE_USER.attribute(name));
            continue;
        }
        let attribute = find(name).expect("nothing that the schema does not have");
        assert_eq!(attribute.name, name);
        assert_ne!(attribute.mutability, Mutability::ReadOnly);
        match value {
            Value::Array(items) => {
                assert!(attribute.multi_valued && (1..=limits::VALUES).contains(&items.len()));
                let preferred = items.iter().filter(|item| item["primary"] == true).count();
                assert!(preferred <= 1);
                items.iter().for_each(|item| single(attribute, item));
            }
            single_value => {
                assert!(!attribute.multi_valued);
                single(attribute, single_value);
            }
        }
    }
}

fn single(attribute: &'static Attribute, value: &Value) {
    match (attribute.data_type, value) {
        (DataType::Complex, Value::Object(parts)) => {
            assert!(!parts.is_empty());
            walk(parts, &|name| attribute.sub_attribute(name));
        }
        (DataType::Boolean, Value::Bool(_)) => {}
        (DataType::String | DataType::Reference, Value::String(text)) => {
            assert!((1..=limits::TEXT_BYTES).contains(&text.len()));
        }
        (expected, found) => panic!("{} is {found}, expected {expected:?}", attribute.name),
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(read) = User::read(data) else { return };
    let user = read.value;
    assert!(!user.user_name().is_empty());
    let attributes = user.attributes().as_map();
    walk(attributes, &|name| ResourceType::User.attribute(name));
    let kept = serde_json::to_vec(attributes).expect("it is JSON");
    assert_eq!(User::kept(&kept).as_ref(), Ok(&user));

    let locked_out = User::read(br#"{"userName": "x", "active": false}"#).expect("a user").value;
    let changed = locked_out.replaced_by(user.clone());
    assert_eq!(changed.user.is_active(), attributes.get("active") == Some(&Value::Bool(true)));

    let at = UnixMillis(0);
    let shown = Shown { id: "1", base: "https://b", created: at, last_modified: at, version: Version(1) };
    let document = user.document(&shown, &[]);
    assert_eq!(Projection::Usual.apply(document.clone(), ResourceType::User), document);
    let names = attributes.keys().cloned().collect::<Vec<_>>().join(",");
    let asked = Query::of_parameters([("attributes", names.as_str())], ResourceType::User).expect("names");
    let projected = asked.value.projection.apply(document, ResourceType::User);
    assert!(attributes.keys().all(|name| projected.contains_key(name)));
});
