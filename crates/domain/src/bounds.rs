//! How much of anything is kept: whoever lists, searches or compares it later pays for each piece. What somebody gives
//! is refused beyond its bound, with the bound in words; what a provider says is left out beyond it.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use serde_json::{Map, Value};

use crate::id::ConnectionId;
use crate::refusal::{Field, Refusal, What};

/// Most items of a list or a map.
pub const MOST_ITEMS: usize = 500;
/// Most bytes of one text in a list or a map.
pub const MOST_TEXT_BYTES: usize = 1024;
/// Most bytes, as JSON text, that are kept of what a provider says about one person.
pub const MOST_CLAIMS_BYTES: usize = 16 * 1024;
/// Most bytes, as JSON text, of one value in the audit trail.
pub const MOST_EVENT_VALUE_BYTES: usize = 2048;

/// Most levels of lists and maps inside each other in one value. What is kept is read again inside of something else, and no
/// reader follows without an end: a value that only just came in could not be shown by those who tell of it.
pub const MOST_LEVELS: usize = 32;

/// A setting that is taken in measure: lists become sets in the order of their first mention.
pub trait Measured: Sized {
    /// The value, if it is within the bounds. `field` is its name for whoever gave it.
    ///
    /// # Errors
    /// [`Field::Setting`], with the field, what was found and the bound.
    fn measured(self, field: &str) -> Result<Self, Refusal>;
}

impl Measured for String {
    fn measured(self, field: &str) -> Result<Self, Refusal> {
        if self.len() > MOST_TEXT_BYTES {
            return Err(beyond(field, &format!("a text of {} bytes", self.len()), MOST_TEXT_BYTES, "bytes"));
        }
        Ok(self)
    }
}

impl Measured for ConnectionId {
    fn measured(self, _field: &str) -> Result<Self, Refusal> {
        Ok(self)
    }
}

impl<T: Measured + Clone + Eq + Hash> Measured for Vec<T> {
    fn measured(self, field: &str) -> Result<Self, Refusal> {
        counted(field, self.len())?;
        distinct(self).into_iter().map(|item| item.measured(field)).collect()
    }
}

impl<T: Measured> Measured for BTreeMap<String, T> {
    fn measured(self, field: &str) -> Result<Self, Refusal> {
        counted(field, self.len())?;
        self.into_iter().map(|(key, value)| Ok((key.measured(field)?, value.measured(field)?))).collect()
    }
}

/// Items without repetition, in the order of their first mention.
pub fn distinct<T: Clone + Eq + Hash>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

/// Refuses more items than may be given.
///
/// # Errors
/// [`Field::Setting`], with the field, how many there are and how many there may be.
pub fn counted(field: &str, count: usize) -> Result<(), Refusal> {
    if count > MOST_ITEMS {
        Err(beyond(field, &format!("{count} items"), MOST_ITEMS, "items"))
    } else {
        Ok(())
    }
}

fn beyond(field: &str, found: &str, most: usize, unit: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{found} in {field}"))
        .expected(format!("at most {most} {unit}"))
}

/// How many lists and maps stand inside each other in a value.
#[must_use]
pub fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// What is kept of what a provider says about a person: the short claims before the long ones, as long as there is room,
/// and none that is deeper than [`MOST_LEVELS`].
/// Gives also the names of those that are left out.
#[must_use]
pub fn kept_claims(said: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
    let mut sizes: Vec<(usize, &String)> =
        said.iter().map(|(name, value)| (name.len() + value.to_string().len() + 6, name)).collect();
    sizes.sort_unstable();
    let room = |used: &mut usize, (size, name): (usize, &String)| {
        *used += size;
        (*used <= MOST_CLAIMS_BYTES).then(|| name.clone())
    };
    let kept: HashSet<String> = sizes.into_iter().scan(0, room).collect();
    let is_kept = |name: &String, value: &Value| kept.contains(name) && levels(value) <= MOST_LEVELS;
    let (kept, left): (Map<_, _>, Map<_, _>) =
        said.into_iter().partition(|(name, value)| is_kept(name, value));
    (kept, left.into_iter().map(|(name, _)| name).collect())
}

/// A value as the audit trail keeps it: of one that is too long how long it is, of one that is too deep how deep.
#[must_use]
pub fn kept_in_events(value: Value) -> Value {
    match (value.to_string().len(), levels(&value)) {
        (size, _) if size > MOST_EVENT_VALUE_BYTES => format!("[{size} bytes]").into(),
        (_, levels) if levels > MOST_LEVELS => format!("[{levels} levels]").into(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("text {n}")).collect()
    }

    #[test]
    fn lists_and_texts_have_bounds_that_are_told() {
        assert!(texts(MOST_ITEMS).measured("roles").is_ok());
        let refused = texts(MOST_ITEMS + 1).measured("roles").unwrap_err().detail().unwrap();
        assert_eq!(refused, "Found 501 items in roles, expected at most 500 items.");
        let long = vec!["x".repeat(MOST_TEXT_BYTES + 1)];
        let refused = long.clone().measured("roles").unwrap_err().detail().unwrap();
        assert_eq!(refused, "Found a text of 1025 bytes in roles, expected at most 1024 bytes.");
        let in_map = BTreeMap::from([("slack".to_owned(), long)]);
        assert!(in_map.measured("allowed_oauth_tenants").is_err());
    }

    #[test]
    fn repetition_is_dropped_and_order_stays() {
        let given = ["b", "a", "b", "c", "a"].map(str::to_owned).to_vec();
        assert_eq!(given.measured("roles").unwrap(), ["b", "a", "c"]);
    }

    #[test]
    fn short_claims_are_kept_before_long_ones() {
        let said = json!({ "sub": "1", "groups": vec!["x".repeat(20); 2000], "name": "Ada", "photo": "y".repeat(18_000) });
        let (kept, left) = kept_claims(said.as_object().cloned().unwrap());
        assert_eq!(Value::Object(kept), json!({ "sub": "1", "name": "Ada" }));
        assert_eq!(left, ["groups", "photo"]);
        let (kept, left) = kept_claims(Map::new());
        assert!(kept.is_empty() && left.is_empty());
        let deep = json!({ "deep": nested(MOST_LEVELS + 1), "just": nested(MOST_LEVELS) });
        let (kept, left) = kept_claims(deep.as_object().cloned().unwrap());
        assert!(kept.contains_key("just") && left == ["deep"]);
    }

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inner, _| json!([inner]))
    }

    #[test]
    fn what_is_too_deep_to_be_read_again_is_told_by_its_depth() {
        assert_eq!(levels(&json!({ "a": [{}, 1], "b": 2 })), 3);
        assert_eq!(kept_in_events(nested(MOST_LEVELS)), nested(MOST_LEVELS));
        assert_eq!(kept_in_events(nested(MOST_LEVELS + 1)), json!("[33 levels]"));
    }
}
