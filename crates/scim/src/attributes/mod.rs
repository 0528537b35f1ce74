//! What a client says of a user, in one form: names as the schema writes them, values of the types that it says, and
//! nothing that it does not know.

mod diff;
mod edit;
mod shape;

use std::io::{self, Write};

use serde_json::{Map, Value};

pub use diff::Change;
pub(crate) use edit::Verb;
pub(crate) use shape::{of as shape, text};

use crate::path::{AttributePath, Path};
use crate::schema::ALL;

/// Attributes that were given, without those that we write.
///
/// No value is null or empty; no list has the same value twice for one purpose, or two that are primary. What is written
/// is read again as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// All of them, as JSON.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The values that a path leads to: of a list those that its filter chooses.
    #[must_use]
    pub fn at(&self, path: &Path) -> Vec<&Value> {
        let found = match self.whole(&path.to) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        };
        let chosen =
            found.into_iter().filter(|value| path.filter.as_ref().is_none_or(|filter| filter.chooses(value)));
        match path.to.sub_attribute {
            Some(part) => chosen.filter_map(|value| value.get(part.name)).collect(),
            None => chosen.collect(),
        }
    }

    /// The text of a core attribute, or of a part of it.
    pub(crate) fn text(&self, attribute: &str, part: Option<&str>) -> Option<&str> {
        let value = self.0.get(attribute)?;
        part.map_or(Some(value), |part| value.get(part))?.as_str()
    }

    pub(crate) fn value(&self, attribute: &str) -> Option<&Value> {
        self.0.get(attribute)
    }

    pub(crate) fn set(&mut self, attribute: &str, value: Value) {
        self.0.insert(attribute.to_owned(), value);
    }

    /// Leaves out every attribute that has none of these names and that no path leads to, or into.
    pub(crate) fn keep(&mut self, names: &[&str], paths: &[Path]) {
        let leads = |extension: Option<&str>, name: &str| {
            let is_it = |path: &AttributePath| {
                path.extension.map(|schema| schema.id) == extension && path.attribute.name == name
            };
            paths.iter().any(|path| is_it(&path.to))
        };
        self.0.retain(|name, value| {
            let Some(schema) = ALL.iter().find(|schema| schema.id == name) else {
                return names.contains(&name.as_str()) || leads(None, name);
            };
            let Some(members) = value.as_object_mut() else { return false };
            members.retain(|name, _| leads(Some(schema.id), name));
            !members.is_empty()
        });
    }

    /// How many bytes they are as JSON.
    pub(crate) fn size(&self) -> usize {
        let mut counted = Count(0);
        serde_json::to_writer(&mut counted, &self.0).map_or(usize::MAX, |()| counted.0)
    }

    /// The value of an attribute, as it is kept.
    fn whole(&self, path: &AttributePath) -> Option<&Value> {
        let container = match path.extension {
            Some(schema) => self.0.get(schema.id)?.as_object()?,
            None => &self.0,
        };
        container.get(path.attribute.name)
    }

    /// Takes the value of an attribute out, to be put back.
    fn take(&mut self, path: &AttributePath) -> Option<Value> {
        let Some(schema) = path.extension else { return self.0.remove(path.attribute.name) };
        let container = self.0.get_mut(schema.id)?.as_object_mut()?;
        let taken = container.remove(path.attribute.name);
        if container.is_empty() {
            self.0.remove(schema.id);
        }
        taken
    }

    /// Puts the value of an attribute back.
    fn put(&mut self, path: &AttributePath, value: Value) {
        let name = path.attribute.name.to_owned();
        let Some(schema) = path.extension else {
            self.0.insert(name, value);
            return;
        };
        let container = self.0.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
        if let Some(members) = container.as_object_mut() {
            members.insert(name, value);
        }
    }
}

/// Counts what is written.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
