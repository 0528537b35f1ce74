//! What a PATCH does to a user, and what a whole body says: the second is the first, over nothing.

use serde_json::Value;

use super::raw::{self, Kind, Raw};
use crate::attributes::{Attributes, Verb, shape};
use crate::json::{Json, Object};
use crate::limits;
use crate::message::Read;
use crate::path::{Path, Target};
use crate::refusal::ScimRefusal;
use crate::schema::{Mutability, ResourceType, Schema};
use crate::tolerance::{Tolerance, Tolerances};

/// Operations on a user that fit the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPatch(Vec<Operation>);

#[derive(Clone, Debug, PartialEq)]
enum Operation {
    /// Sets a value that has the form of its attribute, or takes it away.
    Set(Verb, Path, Option<Value>),
    /// Takes away what a path leads to, or those values of it.
    Remove(Path, Option<Vec<Value>>),
}

impl UserPatch {
    /// Reads a PATCH of a user.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or one of its operations can fit no user.
    pub fn read(body: &[u8]) -> Result<Read<Self>, ScimRefusal> {
        let mut reader = Reader { operations: Vec::new(), noted: Tolerances::none() };
        for operation in raw::read(body, limits::USER_BYTES, &mut reader.noted)? {
            reader.operation(operation)?;
        }
        Ok(Read { value: Self(reader.operations), tolerances: reader.noted })
    }

    /// Does all of them, one after the other (RFC 7644 section 3.5.2: all or none).
    pub(crate) fn apply(
        &self,
        attributes: &mut Attributes,
        noted: &mut Tolerances,
    ) -> Result<(), ScimRefusal> {
        for operation in &self.0 {
            match operation {
                Operation::Set(verb, path, value) => attributes.assign(*verb, path, value.as_ref(), noted)?,
                Operation::Remove(path, values) => attributes.remove(path, values.as_deref()),
            }
        }
        Ok(())
    }
}

/// Reads a whole user: each of its attributes is set, and what only we write is ignored (RFC 7644 section 3.3).
pub(crate) fn whole(body: Object, noted: Tolerances) -> Result<(Attributes, Tolerances), ScimRefusal> {
    let mut reader = Reader { operations: Vec::new(), noted };
    reader.named(Verb::Add, body, Origin::Body)?;
    let mut attributes = Attributes::default();
    UserPatch(reader.operations).apply(&mut attributes, &mut reader.noted)?;
    Ok((attributes, reader.noted))
}

/// Where names of attributes stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// In a whole resource, in which what only we write is expected.
    Body,
    /// In the value of an operation.
    Operation,
}

struct Reader {
    operations: Vec<Operation>,
    noted: Tolerances,
}

impl Reader {
    fn operation(&mut self, mut operation: Raw) -> Result<(), ScimRefusal> {
        let path = operation.path.take();
        let verb = match operation.kind {
            Kind::Remove => return self.removal(path, operation.value),
            Kind::Add => Verb::Add,
            Kind::Replace => Verb::Replace,
        };
        let Some(path) = path else { return self.named(verb, operation.attributes()?, Origin::Operation) };
        match self.target(&path)? {
            Target::Path(path) => {
                writable(&path)?;
                let value = self.shaped(&path, operation.value()?)?;
                self.set(verb, path, value)
            }
            Target::Schema(schema) => {
                self.of_schema(verb, schema, operation.attributes()?, Origin::Operation)
            }
            Target::Password | Target::Unknown => Ok(()),
        }
    }

    fn removal(&mut self, path: Option<String>, value: Option<Json>) -> Result<(), ScimRefusal> {
        let path = path.ok_or(ScimRefusal::RemovesNothing)?;
        match self.target(&path)? {
            Target::Path(path) => {
                writable(&path)?;
                removable(&path)?;
                let values = self.listed(&path, value)?;
                self.operations.push(Operation::Remove(path, values));
            }
            Target::Schema(schema) if ResourceType::User.schema() == schema => {
                return Err(ScimRefusal::RemovesNothing);
            }
            Target::Schema(schema) => {
                for attribute in schema.attributes {
                    if let Target::Path(path) = self.target(&format!("{}:{}", schema.id, attribute.name))? {
                        self.operations.push(Operation::Remove(path, None));
                    }
                }
            }
            Target::Password | Target::Unknown => {}
        }
        Ok(())
    }

    /// The values that are to be removed, if they are named one by one.
    fn listed(&mut self, path: &Path, value: Option<Json>) -> Result<Option<Vec<Value>>, ScimRefusal> {
        let whole_list =
            path.to.attribute.multi_valued && path.to.sub_attribute.is_none() && path.filter.is_none();
        let Some(value) = value.filter(|value| whole_list && *value != Json::Null) else { return Ok(None) };
        self.noted.note(Tolerance::RemovedByList, path.to.attribute.name);
        match shape(path.to.attribute, value, &mut self.noted)? {
            Some(Value::Array(values)) => Ok(Some(values)),
            _ => Ok(Some(Vec::new())),
        }
    }

    /// The attributes of an object, each by its name or its path.
    fn named(&mut self, verb: Verb, object: Object, origin: Origin) -> Result<(), ScimRefusal> {
        for (name, json) in object {
            let target = self.target(&name)?;
            match target {
                Target::Path(path) if is_ours(&path) => {
                    if origin == Origin::Operation {
                        self.noted.note(Tolerance::ReadOnlyLeft, &name);
                    }
                }
                Target::Path(path) => {
                    self.note_form(&name, &path);
                    let value = self.shaped(&path, json)?;
                    // In a whole resource null is as good as nothing.
                    if value.is_some() || origin == Origin::Operation {
                        self.set(verb, path, value)?;
                    }
                }
                Target::Schema(schema) => match json {
                    Json::Object(object) => self.of_schema(verb, schema, object, origin)?,
                    Json::Null => {}
                    other => {
                        let (attribute, found) = (schema.id.to_owned(), other.kind());
                        return Err(ScimRefusal::WrongType { attribute, found, expected: "an object" });
                    }
                },
                Target::Password | Target::Unknown => {}
            }
        }
        Ok(())
    }

    /// The attributes of one schema, in an object of its own.
    fn of_schema(
        &mut self,
        verb: Verb,
        schema: &'static Schema,
        object: Object,
        origin: Origin,
    ) -> Result<(), ScimRefusal> {
        for (name, json) in object {
            let Target::Path(path) = self.target(&format!("{}:{name}", schema.id))? else { continue };
            if is_ours(&path) {
                continue;
            }
            if path.to.sub_attribute.is_some() {
                self.noted.note(Tolerance::DottedName, &name);
            }
            let value = self.shaped(&path, json)?;
            if value.is_some() || origin == Origin::Operation {
                self.set(verb, path, value)?;
            }
        }
        Ok(())
    }

    fn target(&mut self, path: &str) -> Result<Target, ScimRefusal> {
        Target::parse(path, ResourceType::User, &mut self.noted).map_err(ScimRefusal::Path)
    }

    /// Which liberty a name takes that is a path.
    fn note_form(&mut self, name: &str, path: &Path) {
        if path.filter.is_some() {
            self.noted.note(Tolerance::FilteredName, path.to.attribute.name);
        } else if path.to.extension.is_some() || name.contains(':') {
            self.noted.note(Tolerance::UrnName, name);
        } else if path.to.sub_attribute.is_some() {
            self.noted.note(Tolerance::DottedName, name);
        }
    }

    /// A part has one value, and so has what a filter chooses.
    fn shaped(&mut self, path: &Path, json: Json) -> Result<Option<Value>, ScimRefusal> {
        if path.filter.is_none() || path.to.sub_attribute.is_some() {
            return shape(path.to.leaf(), json, &mut self.noted);
        }
        let list = match json {
            Json::List(items) if items.len() > 1 => {
                let (attribute, found) = (path.to_string(), format!("a list of {}", items.len()));
                return Err(ScimRefusal::WrongType { attribute, found, expected: "an object" });
            }
            Json::List(items) => Json::List(items),
            other => Json::List(vec![other]),
        };
        match shape(path.to.attribute, list, &mut self.noted)? {
            Some(Value::Array(mut values)) => Ok(values.pop()),
            other => Ok(other),
        }
    }

    fn set(&mut self, verb: Verb, path: Path, value: Option<Value>) -> Result<(), ScimRefusal> {
        if value.is_none() {
            removable(&path)?;
        }
        self.operations.push(Operation::Set(verb, path, value));
        Ok(())
    }
}

fn is_ours(path: &Path) -> bool {
    let read_only = |mutability: Mutability| mutability == Mutability::ReadOnly;
    read_only(path.to.attribute.mutability) || read_only(path.to.leaf().mutability)
}

/// RFC 7644 section 3.5.2: what only we write is not written by a path either.
fn writable(path: &Path) -> Result<(), ScimRefusal> {
    if is_ours(path) { Err(ScimRefusal::ReadOnly { attribute: path.to.to_string() }) } else { Ok(()) }
}

/// RFC 7644 section 3.5.2.2. Whether somebody may sign in is said, never left open: without a value, who was locked out
/// would be let in.
fn removable(path: &Path) -> Result<(), ScimRefusal> {
    let leaf = path.to.leaf();
    if leaf.required || path.to.is("active", None) {
        return Err(ScimRefusal::Required { attribute: leaf.name });
    }
    Ok(())
}
