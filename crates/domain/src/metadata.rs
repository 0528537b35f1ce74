//! Free-form metadata that API users attach to organizations, members and sessions.

use serde_json::{Map, Value};

use crate::bounds::{MOST_LEVELS, levels};
use crate::refusal::{Bounded, Refusal, What};

/// A JSON object kept for the API user.
pub type Metadata = Map<String, Value>;

/// The most a metadata object may take as JSON text, in bytes.
pub const METADATA_LIMIT: usize = 4096;

/// Merges `patch` into `target` at the top level: a null value deletes its key, any other replaces it.
///
/// # Errors
/// `metadata_too_large` when the result would exceed [`METADATA_LIMIT`], or it is deeper than [`MOST_LEVELS`];
/// `target` is then unchanged.
pub fn merge(target: &mut Metadata, patch: &Metadata) -> Result<(), Refusal> {
    require_shallow(patch, Bounded::Metadata)?;
    let mut merged = target.clone();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
        }
    }
    let size = json_size(&merged);
    if size > METADATA_LIMIT {
        return Err(Refusal::new(What::TooLarge(Bounded::Metadata))
            .found(format!("{size} bytes of JSON"))
            .expected(format!("at most {METADATA_LIMIT}")));
    }
    *target = merged;
    Ok(())
}

/// Refuses values that lie deeper than anybody reads.
///
/// # Errors
/// [`What::TooLarge`] with the levels that were found.
pub fn require_shallow(patch: &Metadata, what: Bounded) -> Result<(), Refusal> {
    match 1 + patch.values().map(levels).max().unwrap_or_default() {
        found if found > MOST_LEVELS => Err(Refusal::new(What::TooLarge(what))
            .found(format!("{found} lists and maps inside each other"))
            .expected(format!("at most {MOST_LEVELS}"))),
        _ => Ok(()),
    }
}

/// The size of an object as JSON text, in bytes.
#[must_use]
pub fn json_size(object: &Metadata) -> usize {
    serde_json::to_vec(object).map_or(usize::MAX, |text| text.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Metadata {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn null_deletes_and_the_rest_stays() {
        let mut target = object(&json!({"a": 1, "b": 2}));
        merge(&mut target, &object(&json!({"a": null, "c": {"d": null}}))).unwrap();
        assert_eq!(Value::Object(target), json!({"b": 2, "c": {"d": null}}));
    }

    #[test]
    fn too_large_changes_nothing() {
        let mut target = object(&json!({"a": 1}));
        let patch = object(&json!({"b": "x".repeat(METADATA_LIMIT)}));
        assert_eq!(merge(&mut target, &patch).unwrap_err().what, What::TooLarge(Bounded::Metadata));
        assert_eq!(target.len(), 1);
    }
}
