//! Options that nobody here interprets: an object that is kept with its connection and given back as it came.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::bounds::{MOST_LEVELS, levels};
use crate::refusal::{Bounded, Refusal, What};

/// The most bytes of all kept options together, as JSON text: room for a provider's document of 128 KiB.
pub const MOST_KEPT_BYTES: usize = 192 * 1024;

/// An object as JSON text: it is read only by whoever asks for it, and a sign-in does not.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeptOptions(Option<Arc<str>>);

impl KeptOptions {
    /// Takes an object to be kept.
    ///
    /// # Errors
    /// [`Bounded::Options`]: too large, or deeper than anybody reads.
    pub fn of(options: &Map<String, Value>) -> Result<Self, Refusal> {
        if options.is_empty() {
            return Ok(Self(None));
        }
        let deepest = 1 + options.values().map(levels).max().unwrap_or_default();
        if deepest > MOST_LEVELS {
            return Err(Refusal::new(What::TooLarge(Bounded::Options))
                .found(format!("{deepest} lists and maps inside each other"))
                .expected(format!("at most {MOST_LEVELS}")));
        }
        let text = serde_json::to_string(options).unwrap_or_default();
        if text.len() > MOST_KEPT_BYTES {
            return Err(Refusal::new(What::TooLarge(Bounded::Options))
                .found(format!("{} bytes of JSON", text.len()))
                .expected(format!("at most {MOST_KEPT_BYTES}")));
        }
        Ok(Self(Some(text.into())))
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: Option<String>) -> Self {
        Self(text.map(Into::into))
    }

    /// The text to store; `None` for none.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The options. A text that is no object, which nobody here wrote, is none.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.as_text().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// What is kept may be anything, also what somebody would not have in a log.
impl fmt::Debug for KeptOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptOptions({} bytes)", self.as_text().map_or(0, str::len))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(value: &Value) -> Result<KeptOptions, Refusal> {
        KeptOptions::of(&value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn what_was_given_is_given_back_within_bounds() {
        let given = json!({ "z": null, "a": { "b": [1, 2.5, "x", true] }, "1": "" });
        assert_eq!(Value::Object(kept(&given).unwrap().to_map()), given);
        assert_eq!(kept(&json!({})).unwrap(), KeptOptions::default());
        let deep = (0..MOST_LEVELS).fold(json!(1), |inner, _| json!([inner]));
        for much in [json!({ "deep": deep }), json!({ "long": "x".repeat(MOST_KEPT_BYTES) })] {
            assert_eq!(kept(&much).unwrap_err().what, What::TooLarge(Bounded::Options));
        }
        assert!(KeptOptions::stored(Some("[1]".to_owned())).to_map().is_empty());
        assert!(!format!("{:?}", kept(&given).unwrap()).contains('x'));
    }
}
