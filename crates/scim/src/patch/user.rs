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
        for operation in raw::read(body, (limits::USER_BYTES, limits::USER_OPERATIONS), &mut reader.noted)? {
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
            match Target::named(&name, ResourceType::User, &mut self.noted) {
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
            let name = format!("{}:{name}", schema.id);
            let target = Target::named(&name, ResourceType::User, &mut self.noted);
            let Target::Path(path) = target else { continue };
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::User;
    use crate::steps;

    const COMPANY: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn patch(operations: &Value) -> Result<Read<UserPatch>, ScimRefusal> {
        let body = json!({ "schemas": [super::super::SCHEMA], "Operations": operations });
        UserPatch::read(&serde_json::to_vec(&body).unwrap())
    }

    fn user(more: &str) -> User {
        User::read(format!("{{\"userName\":\"a\"{more}}}").as_bytes()).unwrap().value
    }

    fn after(more: &str, operation: &Value) -> Result<Value, ScimRefusal> {
        let changed = user(more).patched_by(&patch(&json!([operation]))?.value)?;
        Ok(Value::Object(changed.user.attributes().as_map().clone()))
    }

    #[test]
    fn operations_change_what_they_name() {
        let emails = r#","emails":[{"value":"w","type":"work","primary":true},{"value":"h","type":"home"}]"#;
        for (more, operation, expected) in [
            ("", json!({ "op": "add", "value": { "title": "T" } }), json!({ "title": "T" })),
            (
                emails,
                json!({ "op": "replace", "path": "emails.type", "value": "other" }),
                json!({ "emails": [{ "value": "w", "type": "other", "primary": true }, { "value": "h", "type": "other" }] }),
            ),
            (
                emails,
                json!({ "op": "replace", "path": "emails.value", "value": "x" }),
                json!({ "emails": [{ "value": "x", "type": "work", "primary": true }, { "value": "x", "type": "home" }] }),
            ),
            (
                emails,
                json!({ "op": "add", "path": "emails[type eq \"home\"].primary", "value": true }),
                json!({ "emails": [{ "value": "w", "type": "work", "primary": false }, { "value": "h", "type": "home", "primary": true }] }),
            ),
            (emails, json!({ "op": "remove", "path": "emails.value" }), json!({})),
            (
                emails,
                json!({ "op": "remove", "path": "emails", "value": [] }),
                after(emails, &json!({ "op": "add", "value": {} })).unwrap(),
            ),
            (
                "",
                json!({ "op": "add", "path": COMPANY, "value": { "department": "D", "shoe": 1, "manager.value": "m" } }),
                json!({ COMPANY: { "department": "D", "manager": { "value": "m" } } }),
            ),
            ("", json!({ "op": "add", "value": { "@odata.type": "x", "": 1, "a b": 2 } }), json!({})),
            ("", json!({ "op": "add", "path": "shoeSize", "value": 1 }), json!({})),
            ("", json!({ "op": "add", "path": "password", "value": "secret" }), json!({})),
            ("", json!({ "op": "add", "path": "ims", "value": [] }), json!({})),
        ] {
            let mut expected = expected;
            expected["userName"] = json!("a");
            assert_eq!(after(more, &operation), Ok(expected), "{operation}");
        }
    }

    #[test]
    fn what_cannot_be_done_says_why() {
        let two = r#","emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}]"#;
        for (operation, sentence) in [
            (json!(1), "an operation is a number, expected an object with \"op\""),
            (json!({ "op": "copy" }), "the operation is \"copy\", expected add, replace or remove"),
            (json!({ "op": "add" }), "an operation add has no \"value\""),
            (
                json!({ "op": "add", "value": [] }),
                "an operation without \"path\" has a list of 0 as its value, expected an object of attributes",
            ),
            (json!({ "op": "add", "path": 1, "value": 1 }), "path is a number, expected text"),
            (json!({ "op": "remove", "path": "userName" }), "userName cannot be removed; replace it"),
            (json!({ "op": "replace", "value": { "active": null } }), "active cannot be removed; replace it"),
            (
                json!({ "op": "replace", "path": "meta.version", "value": "1" }),
                "meta.version is written by us alone",
            ),
            (
                json!({ "op": "replace", "path": "emails[not (type pr)].value", "value": "x" }),
                "emails[not (type pr)].value chooses no value, and its filter does not say what a new one would be",
            ),
            (
                json!({ "op": "replace", "path": "emails.primary", "value": true }),
                "2 values of emails are primary, expected at most one",
            ),
            (
                json!({ "op": "replace", "path": "name[givenName pr]", "value": {} }),
                "name has no list of objects that a filter could choose from",
            ),
            (
                json!({ "op": "remove", "path": COMPANY.replace("extension:enterprise", "core") }),
                "an operation remove has no \"path\": it must name what is removed",
            ),
        ] {
            assert_eq!(after(two, &operation).unwrap_err().to_string(), sentence);
        }
        assert_eq!(patch(&json!([])), Err(ScimRefusal::NoOperations));
        let many = vec![json!({ "op": "add", "value": {} }); limits::USER_OPERATIONS + 1];
        assert!(matches!(patch(&Value::Array(many)), Err(ScimRefusal::TooManyOperations { .. })));
    }

    #[test]
    fn a_user_does_not_grow_without_end() {
        let more: Vec<_> = (0..limits::VALUES).map(|at| json!({ "value": at.to_string() })).collect();
        let full = user(&format!(",\"emails\":{}", Value::Array(more)));
        let one_more = patch(&json!([{ "op": "add", "path": "emails", "value": "more" }])).unwrap().value;
        assert!(matches!(full.patched_by(&one_more), Err(ScimRefusal::TooManyValues { .. })));
        let long = "a".repeat(limits::TEXT_BYTES);
        let mut grown = user("");
        for at in 0..40 {
            let operation = json!([{ "op": "add", "path": "roles", "value": [{ "value": format!("{at}"), "display": long }] }]);
            match grown.patched_by(&patch(&operation).unwrap().value) {
                Ok(changed) => grown = changed.user,
                Err(refusal) => {
                    assert!(matches!(refusal, ScimRefusal::TooMuch { .. }), "{refusal}");
                    return;
                }
            }
        }
        panic!("a user of {} roles of {} bytes", 40, limits::TEXT_BYTES);
    }

    #[test]
    fn a_patch_takes_steps_as_it_has_operations() {
        let emails: Vec<_> =
            (0..limits::VALUES).map(|at| json!({ "value": at.to_string(), "type": "work" })).collect();
        let full = user(&format!(",\"emails\":{}", Value::Array(emails)));
        let worst = [
            json!({ "op": "add", "path": "emails", "value": "1" }),
            json!({ "op": "replace", "path": "emails.display", "value": "x" }),
            json!({ "op": "replace", "path": "emails[not (value eq \"x\")].display", "value": "x" }),
            json!({ "op": "remove", "path": "emails", "value": ["none"] }),
        ];
        for operation in worst {
            let steps = |times: usize| {
                let patch = patch(&Value::Array(vec![operation.clone(); times])).unwrap().value;
                steps::of(|| full.patched_by(&patch).unwrap()).1
            };
            let one = steps(1);
            assert!(one <= 2 * limits::VALUES * limits::VALUES, "{one} steps for {operation}");
            assert!(steps(100) <= 100 * one, "{operation}");
        }
    }
}
