//! Evaluates filters over a resource as it is shown whole.

use serde_json::{Map, Value};

use super::{Filter, Literal, Operand, Operator, fold};
use crate::path::AttributePath;
use crate::schema::Attribute;
use crate::time::UnixMillis;

pub(super) fn resource(filter: &Filter, resource: &Map<String, Value>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| self::resource(part, resource)),
        Filter::Or(parts) => parts.iter().any(|part| self::resource(part, resource)),
        Filter::Not(inner) => !self::resource(inner, resource),
        Filter::Within(path, inner) => values(path, resource).iter().any(|found| value(inner, found)),
        Filter::Present(operand) => leaves(operand, resource).iter().any(|leaf| is_present(leaf)),
        Filter::Compare(operand, operator, literal) => {
            let compared = operand.compared();
            holds(compared, &leaves(operand, resource), *operator, literal)
        }
    }
}

/// Over one value of a list.
pub(super) fn value(filter: &Filter, found: &Value) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| value(part, found)),
        Filter::Or(parts) => parts.iter().any(|part| value(part, found)),
        Filter::Not(inner) => !value(inner, found),
        // Brackets have no brackets inside, and paths no paths: neither is read there.
        Filter::Within(..) | Filter::Present(Operand::Path(_)) | Filter::Compare(Operand::Path(_), ..) => {
            false
        }
        Filter::Present(Operand::Part(part)) => found.get(part.name).is_some_and(is_present),
        Filter::Compare(operand @ Operand::Part(part), operator, literal) => {
            let leaf: Vec<_> = found.get(part.name).into_iter().collect();
            holds(operand.compared(), &leaf, *operator, literal)
        }
    }
}

/// The values of an attribute: each of a list, or the one.
fn values<'v>(path: &AttributePath, resource: &'v Map<String, Value>) -> Vec<&'v Value> {
    let container = match path.extension {
        Some(schema) => resource.get(schema.id).and_then(Value::as_object),
        None => Some(resource),
    };
    match container.and_then(|container| container.get(path.attribute.name)) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

/// What is compared of them.
fn leaves<'v>(operand: &Operand, resource: &'v Map<String, Value>) -> Vec<&'v Value> {
    let Operand::Path(path) = operand else { return Vec::new() };
    let found = values(path, resource);
    match path.sub_attribute {
        Some(part) => found.into_iter().filter_map(|value| value.get(part.name)).collect(),
        None => found,
    }
}

/// RFC 7644 table 3: neither null nor empty; an object with at least one member that is not.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Whether one of the values compares so. Where there is none, only `ne` holds.
fn holds(
    compared: Option<&'static Attribute>,
    found: &[&Value],
    operator: Operator,
    literal: &Literal,
) -> bool {
    let Some(attribute) = compared else { return false };
    let mut comparable = found.iter().filter_map(|value| {
        // A complex attribute is compared by its `value`.
        let leaf = if value.is_object() { value.get(attribute.name)? } else { value };
        compare(attribute, leaf, operator, literal)
    });
    let first = comparable.next();
    first.map_or(operator == Operator::NotEqual, |first| first || comparable.any(|holds| holds))
}

/// `None` when the value is of another type than the schema says.
fn compare(attribute: &Attribute, value: &Value, operator: Operator, literal: &Literal) -> Option<bool> {
    #[cfg(test)]
    crate::steps::count(1);
    match literal {
        Literal::Boolean(wanted) => {
            let equal = value.as_bool()? == *wanted;
            Some(if operator == Operator::NotEqual { !equal } else { equal })
        }
        Literal::Time(wanted) => Some(ordered(&UnixMillis::parse(value.as_str()?)?, operator, wanted)),
        Literal::Text { compared, .. } => {
            let text = value.as_str()?;
            if attribute.case_exact {
                return Some(text_holds(text, operator, compared));
            }
            Some(text_holds(&fold(text), operator, compared))
        }
    }
}

fn text_holds(text: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Contains => text.contains(wanted),
        Operator::StartsWith => text.starts_with(wanted),
        Operator::EndsWith => text.ends_with(wanted),
        _ => ordered(text, operator, wanted),
    }
}

fn ordered<T: Ord + ?Sized>(found: &T, operator: Operator, wanted: &T) -> bool {
    match operator {
        Operator::Equal => found == wanted,
        Operator::NotEqual => found != wanted,
        Operator::Greater => found > wanted,
        Operator::GreaterOrEqual => found >= wanted,
        Operator::Less => found < wanted,
        Operator::LessOrEqual => found <= wanted,
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits;
    use crate::schema::ResourceType;
    use crate::steps;
    use crate::tolerance::Tolerances;

    fn matches(text: &str, resource: &Value) -> bool {
        let filter = Filter::parse(text, ResourceType::User, &mut Tolerances::none()).unwrap();
        filter.matches(resource.as_object().unwrap())
    }

    #[test]
    fn filters_hold_as_the_schema_says() {
        let ada = json!({
            "id": "Ab1", "userName": "Ada@Example.com", "active": true, "externalId": "X",
            "name": { "familyName": "Lovelace" },
            "emails": [
                { "value": "ada@work.example", "type": "work", "primary": true },
                { "value": "ada@home.example", "type": "home" },
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R&D", "manager": { "value": "m1" } },
            "meta": { "created": "2026-01-01T00:00:00.000Z" },
        });
        for text in [
            r#"userName eq "ada@EXAMPLE.com""#,
            r#"id eq "Ab1" and not (id eq "ab1")"#,
            r#"externalId ne "x""#,
            r#"name.familyName sw "LOVE" and name pr"#,
            r#"emails co "work.example" and emails.value ew "home.EXAMPLE""#,
            r#"emails[type eq "work" and primary eq true]"#,
            r#"emails[type eq "home" and not (primary eq true)]"#,
            r#"emails.type ne "work""#,
            r#"title ne "x" and title eq null"#,
            r#"meta.created gt "2025-12-31T23:59:59Z" and meta.created le "2026-01-01T01:00:00+01:00""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "r&d""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#,
            r#"userName gt "AD" and userName lt "b""#,
        ] {
            assert!(matches(text, &ada), "{text}");
        }
        for text in [
            r#"emails[type eq "home" and primary eq true]"#,
            r#"emails[type eq "work" and value co "home"]"#,
            r#"title eq "x" or title pr"#,
            r#"title gt """#,
            "active eq false",
        ] {
            assert!(!matches(text, &ada), "{text}");
        }
    }

    #[test]
    fn evaluating_takes_steps_as_there_are_terms_and_values() {
        let emails: Vec<_> =
            (0..limits::VALUES).map(|at| json!({ "value": format!("{at}"), "type": "work" })).collect();
        let many = json!({ "emails": emails });
        let terms = limits::FILTER_TERMS;
        for term in [r#"emails eq "none""#, r#"not (emails.type ne "none")"#] {
            let text = vec![term; terms / 2].join(" or ");
            let (held, steps) = steps::of(|| matches(&text, &many));
            assert!(!held);
            assert!(steps <= terms * limits::VALUES + text.len() * 3, "{steps}");
        }
    }
}
