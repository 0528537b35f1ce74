//! One setting of a change: it stays, it is unset, or it gets a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::metadata::{Metadata, merge};
use crate::refusal::Refusal;
use crate::secret::Secret;

/// What a change does to one setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is unset.
    Clear,
    /// It gets a value. A list replaces the whole list.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the setting stays as it is.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Whether the change says anything about the setting.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        !self.is_keep()
    }

    /// The new value, if there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The same change with another form of the value.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn try_map<U, E>(self, read: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(read(value)?),
        })
    }

    /// The same change with another form of the value.
    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(read(value)),
        }
    }

    /// The same change, where unsetting means a value: for settings that always have one.
    #[must_use]
    pub fn clear_as(self, value: T) -> Self {
        if matches!(self, Self::Clear) { Self::Set(value) } else { self }
    }

    /// What was given, for whoever has nothing yet to change: what is unset is empty.
    #[must_use]
    pub fn given(self) -> Option<T>
    where
        T: Default,
    {
        match self {
            Self::Keep => None,
            Self::Clear => Some(T::default()),
            Self::Set(value) => Some(value),
        }
    }

    /// Changes a setting; unset, it is empty.
    pub fn onto<S: From<T> + Default>(self, setting: &mut S) {
        self.onto_or(setting, S::default());
    }

    /// Changes a setting that has another value than the empty one when it is unset.
    pub fn onto_or<S: From<T>>(self, setting: &mut S, unset: S) {
        match self {
            Self::Keep => {}
            Self::Clear => *setting = unset,
            Self::Set(value) => *setting = value.into(),
        }
    }
}

impl Patch<Metadata> {
    /// Merges into metadata: keys are replaced one by one, a null deletes its key.
    ///
    /// # Errors
    /// The result is too large; nothing is changed then.
    pub fn merge_into(self, metadata: &mut Metadata) -> Result<(), Refusal> {
        match self {
            Self::Keep => {}
            Self::Clear => metadata.clear(),
            Self::Set(given) => merge(metadata, &given)?,
        }
        Ok(())
    }
}

/// What the members of a body may be read as. A text says by being empty that a setting is to be unset; an empty list or
/// object is a value.
pub trait Given {
    /// Whether it is a list or a map.
    const MANY: bool = false;

    /// Whether it unsets.
    fn unsets(&self) -> bool {
        false
    }

    /// Whether it is a list or a map with nothing in it.
    fn has_none(&self) -> bool {
        false
    }
}

impl Given for String {
    fn unsets(&self) -> bool {
        self.is_empty()
    }
}

impl Given for Secret {
    fn unsets(&self) -> bool {
        self.is_empty()
    }
}

impl Given for bool {}

impl<T> Given for Vec<T> {
    const MANY: bool = true;

    fn has_none(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Given for BTreeMap<String, T> {
    const MANY: bool = true;

    fn has_none(&self) -> bool {
        self.is_empty()
    }
}

impl Given for Map<String, Value> {
    const MANY: bool = true;

    fn has_none(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Given> Patch<T> {
    /// Whether a list or a map is not named at all. In the body of a client that sends defaults for what its caller left
    /// away, there is none of these.
    #[must_use]
    pub const fn leaves_many_away(&self) -> bool {
        T::MANY && self.is_keep()
    }

    /// The same change, where an empty list or map is a default and not a wish.
    #[must_use]
    pub fn without_defaults(self) -> Self {
        match self {
            Self::Set(given) if given.has_none() => Self::Keep,
            other => other,
        }
    }
}

/// Null is as good as nothing. With `#[serde(default)]` so is a member that is not there.
impl<'de, T: Given + Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            None => Self::Keep,
            Some(given) if given.unsets() => Self::Clear,
            Some(given) => Self::Set(given),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Body {
        text: Patch<String>,
        list: Patch<Vec<String>>,
        flag: Patch<bool>,
        data: Patch<Metadata>,
    }

    fn read(body: Value) -> Body {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn absent_and_null_keep_the_empty_text_clears_and_the_rest_sets() {
        assert_eq!(read(json!({})), Body::default());
        assert_eq!(read(json!({"text": null, "list": null, "flag": null, "data": null})), Body::default());
        let unset = read(json!({"text": "", "list": [], "flag": false, "data": {}}));
        assert_eq!(unset.text, Patch::Clear);
        assert_eq!((unset.list, unset.flag), (Patch::Set(vec![]), Patch::Set(false)));
        assert_eq!(unset.data, Patch::Set(Metadata::new()));
        assert_eq!(read(json!({"text": " "})).text, Patch::Set(" ".to_owned()));
        assert!(serde_json::from_value::<Body>(json!({"list": ""})).is_err());
    }

    #[test]
    fn a_setting_stays_is_unset_or_gets_the_value() {
        let after = |patch: Patch<String>| {
            let (mut text, mut maybe) = ("old".to_owned(), Some("old".to_owned()));
            patch.clone().onto(&mut text);
            patch.onto(&mut maybe);
            (text, maybe)
        };
        assert_eq!(after(Patch::Keep), ("old".to_owned(), Some("old".to_owned())));
        assert_eq!(after(Patch::Clear), (String::new(), None));
        assert_eq!(after(Patch::Set("new".to_owned())), ("new".to_owned(), Some("new".to_owned())));
        let mut number = 1;
        Patch::<i32>::Clear.onto_or(&mut number, 7);
        assert_eq!(number, 7);
        assert_eq!(Patch::Clear.clear_as(3), Patch::Set(3));
        assert_eq!(Patch::Keep.clear_as(3), Patch::Keep);
    }

    #[test]
    fn metadata_is_merged_and_can_be_emptied() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let mut metadata = object(json!({"a": 1, "b": 2}));
        Patch::Set(object(json!({"a": null, "c": 3}))).merge_into(&mut metadata).unwrap();
        assert_eq!(metadata, object(json!({"b": 2, "c": 3})));
        Patch::Clear.merge_into(&mut metadata).unwrap();
        assert_eq!(metadata, Metadata::new());
    }
}
