//! Adds, replaces and removes values (RFC 7644 sections 3.5.2.1 to 3.5.2.3).

use serde_json::{Map, Value};

use super::Attributes;
use super::shape::{is_primary, one_primary, says_something, too_many};
use crate::filter::{Filter, Literal, Operand, Operator};
use crate::path::Path;
use crate::refusal::ScimRefusal;
use crate::schema::Attribute;
use crate::tolerance::{Tolerance, Tolerances};

/// How a value is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Beside what is there, where there can be several.
    Add,
    /// In its place.
    Replace,
}

impl Attributes {
    /// Sets what a path leads to. The value has the form of its attribute; no value at all takes it away. After a refusal
    /// the attributes are of no use.
    pub(crate) fn assign(
        &mut self,
        verb: Verb,
        path: &Path,
        value: Option<&Value>,
        noted: &mut Tolerances,
    ) -> Result<(), ScimRefusal> {
        let attribute = path.to.attribute;
        let Some(value) = value else {
            // Nothing is added to a list by an empty one.
            if verb == Verb::Replace || !attribute.multi_valued || path.to.sub_attribute.is_some() {
                self.remove(path, None);
            }
            return Ok(());
        };
        let before = self.take(&path.to);
        if !attribute.multi_valued {
            self.put(&path.to, single(path, before, value));
            return Ok(());
        }
        let before = if let Some(Value::Array(items)) = before { items } else { Vec::new() };
        let after = list(verb, path, before, value, noted)?;
        if !after.is_empty() {
            self.put(&path.to, Value::Array(after));
        }
        Ok(())
    }

    /// Takes away what a path leads to, or of a list those values.
    pub(crate) fn remove(&mut self, path: &Path, values: Option<&[Value]>) {
        let (attribute, part) = (path.to.attribute, path.to.sub_attribute);
        let Some(mut found) = self.take(&path.to) else { return };
        let keep = match &mut found {
            Value::Array(items) => {
                let chosen = |item: &Value| path.filter.as_ref().is_none_or(|filter| filter.chooses(item));
                match (part, values) {
                    (Some(part), _) => {
                        items.iter_mut().filter(|item| chosen(item)).for_each(|item| without(item, part));
                    }
                    (None, Some(values)) => {
                        items.retain(|item| !values.iter().any(|value| same(value, item)));
                    }
                    (None, None) => items.retain(|item| !chosen(item)),
                }
                items.retain(|item| says_something(attribute, item));
                !items.is_empty()
            }
            other => part.is_some_and(|part| {
                without(other, part);
                other.as_object().is_some_and(|parts| !parts.is_empty())
            }),
        };
        if keep {
            self.put(&path.to, found);
        }
    }
}

fn without(value: &mut Value, part: &Attribute) {
    if let Some(parts) = value.as_object_mut() {
        parts.remove(part.name);
    }
}

/// Whether the first, which comes, is the second, which is there: the same `value` for the same purpose, or for none that
/// is said; where there is no `value`, the same in all.
fn same(one: &Value, two: &Value) -> bool {
    #[cfg(test)]
    crate::steps::count(1);
    match (one.get("value"), two.get("value")) {
        (Some(first), Some(second)) => {
            first == second && (one.get("type") == two.get("type") || one.get("type").is_none())
        }
        _ => one == two,
    }
}

/// Of what has one value, parts that are not named stay as they are.
fn single(path: &Path, before: Option<Value>, value: &Value) -> Value {
    let mut parts = match before {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    };
    match (path.to.sub_attribute, value) {
        (Some(part), _) => {
            parts.insert(part.name.to_owned(), value.clone());
        }
        (None, Value::Object(new)) => merge(&mut parts, new),
        (None, _) => return value.clone(),
    }
    Value::Object(parts)
}

fn merge(parts: &mut Map<String, Value>, new: &Map<String, Value>) {
    parts.extend(new.iter().map(|(name, value)| (name.clone(), value.clone())));
}

fn list(
    verb: Verb,
    path: &Path,
    mut items: Vec<Value>,
    value: &Value,
    noted: &mut Tolerances,
) -> Result<Vec<Value>, ScimRefusal> {
    let attribute = path.to.attribute;
    let whole = if let (None, None, Value::Array(new)) = (&path.filter, path.to.sub_attribute, value) {
        Some(new)
    } else {
        None
    };
    let touched = if let Some(new) = whole {
        if verb == Verb::Replace {
            items.clear();
        }
        add(&mut items, new)
    } else {
        chosen(verb, path, &mut items, value, noted)?
    };
    // Who says what is preferred says it of all others too.
    let primary = |at: &usize| items.get(*at).is_some_and(is_primary);
    if let Some(preferred) = touched.iter().copied().find(primary) {
        for (at, item) in items.iter_mut().enumerate() {
            if at != preferred && !touched.contains(&at) && is_primary(item) {
                set(item, "primary", Value::Bool(false));
            }
        }
    }
    if whole.is_none() {
        // What was changed in its place may now say nothing, or what another one says.
        items.retain(|item| says_something(attribute, item));
        let changed = std::mem::take(&mut items);
        add(&mut items, &changed);
    }
    too_many(attribute, items.len())?;
    one_primary(attribute, &items)?;
    Ok(items)
}

/// Adds values, or merges them into those that are the same. Where they stand then.
fn add(items: &mut Vec<Value>, new: &[Value]) -> Vec<usize> {
    let mut touched = Vec::with_capacity(new.len());
    for value in new {
        let found = items.iter().position(|item| same(value, item));
        if let (Some(parts), Value::Object(new)) =
            (found.and_then(|at| items.get_mut(at)).and_then(Value::as_object_mut), value)
        {
            merge(parts, new);
        }
        touched.push(found.unwrap_or(items.len()));
        if found.is_none() {
            items.push(value.clone());
        }
    }
    touched
}

/// Changes the values that the filter chooses, or makes the one that it describes. Where they stand then.
fn chosen(
    verb: Verb,
    path: &Path,
    items: &mut Vec<Value>,
    value: &Value,
    noted: &mut Tolerances,
) -> Result<Vec<usize>, ScimRefusal> {
    let chooses = |item: &Value| path.filter.as_ref().is_none_or(|filter| filter.chooses(item));
    let mut touched: Vec<_> = (0..items.len()).filter(|at| items.get(*at).is_some_and(chooses)).collect();
    if touched.is_empty() {
        let made =
            made(path.filter.as_ref()).ok_or_else(|| ScimRefusal::NoTarget { path: path.to_string() })?;
        noted.note(Tolerance::ValueMade, path.to.attribute.name);
        touched.push(items.len());
        items.push(Value::Object(made));
    }
    for at in &touched {
        let Some(item) = items.get_mut(*at) else { continue };
        match (path.to.sub_attribute, value) {
            (Some(part), _) => set(item, part.name, value.clone()),
            (None, Value::Object(new)) => {
                // All of it is replaced, except what it was chosen by.
                if verb == Verb::Replace {
                    *item = Value::Object(made(path.filter.as_ref()).unwrap_or_default());
                }
                if let Some(parts) = item.as_object_mut() {
                    merge(parts, new);
                }
            }
            (None, _) => *item = value.clone(),
        }
    }
    Ok(touched)
}

fn set(item: &mut Value, part: &str, value: Value) {
    if let Some(parts) = item.as_object_mut() {
        parts.insert(part.to_owned(), value);
    }
}

/// The value that a filter describes, if it does by nothing but equality.
fn made(filter: Option<&Filter>) -> Option<Map<String, Value>> {
    let mut parts = Map::new();
    let Some(filter) = filter else { return Some(parts) };
    let conditions = if let Filter::And(conditions) = filter {
        conditions.as_slice()
    } else {
        std::slice::from_ref(filter)
    };
    for condition in conditions {
        let Filter::Compare(Operand::Part(part), Operator::Equal, literal) = condition else { return None };
        let value = match literal {
            Literal::Text { given, .. } if !given.is_empty() => Value::from(given.as_str()),
            Literal::Boolean(value) => Value::Bool(*value),
            Literal::Text { .. } | Literal::Time(_) => return None,
        };
        parts.insert(part.name.to_owned(), value);
    }
    Some(parts)
}
