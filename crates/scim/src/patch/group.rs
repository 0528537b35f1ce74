//! What a request does to a group: its names, and a change of its members that never looks at who they are.
//!
//! A group of fifty thousand changes by as much as the request says, and two requests that change different members of
//! one group have nothing to do with each other.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::{self, Kind, Raw};
use crate::attributes::text;
use crate::filter::{Filter, FilterRefusal, Literal, Operand, Operator};
use crate::json::{Json, Object};
use crate::limits;
use crate::message::Read;
use crate::path::{AttributePath, Path, PathRefusal, Target};
use crate::refusal::{Excerpt, ScimRefusal};
use crate::resource::{Member, members};
use crate::schema::{Mutability, ResourceType, Schema};
use crate::tolerance::{Tolerance, Tolerances};

/// What changes of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// The new name, if one is said.
    pub display_name: Option<String>,
    /// The new identifier of the client, or that there is none, if it is said.
    pub external_id: Option<Option<String>>,
    /// What changes of the members.
    pub members: MembersDelta,
}

/// What changes of a group's members. The last word about each counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersDelta {
    cleared: bool,
    /// What the client calls each, by id.
    added: BTreeMap<String, Option<String>>,
    removed: BTreeSet<String>,
}

impl MembersDelta {
    /// Whether nothing is said of members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.cleared && self.added.is_empty() && self.removed.is_empty()
    }

    /// Whether everybody leaves who is not [`Self::added`].
    #[must_use]
    pub const fn is_cleared(&self) -> bool {
        self.cleared
    }

    /// Who is a member afterwards, whether or not before: the id, and what the client calls the person.
    pub fn added(&self) -> impl ExactSizeIterator<Item = (&str, Option<&str>)> {
        self.added.iter().map(|(id, display)| (id.as_str(), display.as_deref()))
    }

    /// Who is none afterwards, by id; nobody, when all are cleared.
    pub fn removed(&self) -> impl ExactSizeIterator<Item = &str> {
        self.removed.iter().map(String::as_str)
    }

    /// Whether somebody is a member afterwards who was one before, or was not.
    #[must_use]
    pub fn keeps(&self, id: &str, is_member: bool) -> bool {
        self.added.contains_key(id) || (is_member && !self.cleared && !self.removed.contains(id))
    }

    pub(crate) fn replace(&mut self, members: Vec<Member>) {
        *self = Self { cleared: true, ..Self::default() };
        self.add(members);
    }

    fn add(&mut self, members: Vec<Member>) {
        for member in members {
            #[cfg(test)]
            crate::steps::count(1);
            self.removed.remove(&member.value);
            self.added.insert(member.value, member.display);
        }
    }

    fn remove(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            #[cfg(test)]
            crate::steps::count(1);
            self.added.remove(&id);
            if !self.cleared {
                self.removed.insert(id);
            }
        }
    }
}

impl GroupChange {
    /// Reads a PATCH of a group.
    ///
    /// # Errors
    ///
    /// When it cannot be read, can fit no group, or chooses members by anything but their ids.
    pub fn read(body: &[u8]) -> Result<Read<Self>, ScimRefusal> {
        let mut reader = Reader { change: Self::default(), noted: Tolerances::none() };
        for operation in raw::read(body, (limits::GROUP_BYTES, limits::GROUP_OPERATIONS), &mut reader.noted)?
        {
            reader.operation(operation)?;
        }
        Ok(Read { value: reader.change, tolerances: reader.noted })
    }
}

struct Reader {
    change: GroupChange,
    noted: Tolerances,
}

impl Reader {
    fn operation(&mut self, mut operation: Raw) -> Result<(), ScimRefusal> {
        let kind = operation.kind;
        let Some(path) = operation.path.take() else {
            if kind == Kind::Remove {
                return Err(ScimRefusal::RemovesNothing);
            }
            return self.named(kind, operation.attributes()?, None);
        };
        match self.target(&path)? {
            Target::Path(path) if path.to.attribute.mutability == Mutability::ReadOnly => {
                Err(ScimRefusal::ReadOnly { attribute: path.to.to_string() })
            }
            Target::Path(path) if path.to.attribute.name == "members" => {
                self.members_at(kind, &path, operation.value)
            }
            Target::Path(path) if kind == Kind::Remove => self.head(&path.to, Json::Null),
            Target::Path(path) => self.head(&path.to, operation.value()?),
            Target::Schema(_) if kind == Kind::Remove => Err(ScimRefusal::RemovesNothing),
            Target::Schema(schema) => self.named(kind, operation.attributes()?, Some(schema)),
            Target::Password | Target::Unknown => Ok(()),
        }
    }

    /// The attributes of an object.
    fn named(
        &mut self,
        kind: Kind,
        object: Object,
        schema: Option<&'static Schema>,
    ) -> Result<(), ScimRefusal> {
        for (name, json) in object {
            let name = schema.map_or_else(|| name.to_string(), |schema| format!("{}:{name}", schema.id));
            let target = Target::named(&name, ResourceType::Group, &mut self.noted);
            match target {
                Target::Path(path) if path.to.attribute.mutability == Mutability::ReadOnly => {
                    self.noted.note(Tolerance::ReadOnlyLeft, &name);
                }
                Target::Path(path) if path.to.attribute.name == "members" => {
                    // Among others null is what a client writes that knows no members, not one that wants none.
                    if json != Json::Null {
                        self.members_at(kind, &path, Some(json))?;
                    }
                }
                Target::Path(path) => self.head(&path.to, json)?,
                Target::Schema(schema) => match json {
                    Json::Object(object) => self.named(kind, object, Some(schema))?,
                    other => return Err(ScimRefusal::NoPath { found: other.kind() }),
                },
                Target::Password | Target::Unknown => {}
            }
        }
        Ok(())
    }

    fn head(&mut self, path: &AttributePath, json: Json) -> Result<(), ScimRefusal> {
        let value = text(path.attribute, json, &mut self.noted)?;
        if path.is("externalId", None) {
            self.change.external_id = Some(value);
            return Ok(());
        }
        let name = value.ok_or(ScimRefusal::Required { attribute: path.attribute.name })?;
        self.change.display_name = Some(name);
        Ok(())
    }

    fn members_at(&mut self, kind: Kind, path: &Path, value: Option<Json>) -> Result<(), ScimRefusal> {
        let elsewhere = || ScimRefusal::Path(PathRefusal::Members { found: Excerpt::of(&path.to_string()) });
        if path.to.sub_attribute.is_some() {
            return Err(elsewhere());
        }
        let delta = &mut self.change.members;
        if kind == Kind::Remove {
            if let Some(filter) = &path.filter {
                delta.remove(ids(filter).map_err(ScimRefusal::Filter)?);
                return Ok(());
            }
            match value {
                None | Some(Json::Null) => delta.replace(Vec::new()),
                Some(value) => {
                    self.noted.note(Tolerance::RemovedByList, "members");
                    let named = members(value, &mut self.noted)?;
                    delta.remove(named.into_iter().map(|member| member.value));
                }
            }
            return Ok(());
        }
        if path.filter.is_some() {
            return Err(elsewhere());
        }
        let named = members(value.ok_or(ScimRefusal::NoValue { operation: kind.name() })?, &mut self.noted)?;
        match kind {
            Kind::Replace => delta.replace(named),
            Kind::Add | Kind::Remove => delta.add(named),
        }
        Ok(())
    }

    fn target(&mut self, path: &str) -> Result<Target, ScimRefusal> {
        Target::parse(path, ResourceType::Group, &mut self.noted).map_err(ScimRefusal::Path)
    }
}

/// The ids that a filter chooses, whoever the members are. Every member is a user.
fn ids(filter: &Filter) -> Result<BTreeSet<String>, FilterRefusal> {
    let other = || FilterRefusal::Members { found: Excerpt::of(&filter.to_string()) };
    match filter {
        Filter::Compare(Operand::Part(part), Operator::Equal, Literal::Text { given, .. })
            if part.name == "value" =>
        {
            Ok(BTreeSet::from([given.clone()]))
        }
        Filter::Or(parts) => {
            let mut all = BTreeSet::new();
            for part in parts {
                all.extend(ids(part)?);
            }
            Ok(all)
        }
        Filter::And(parts) => {
            let mut chosen = parts.iter().filter(|part| !is_user(part)).map(ids);
            let first = chosen.next().ok_or_else(other)??;
            chosen.try_fold(first, |these, those| Ok(&these & &those?))
        }
        _ => Err(other()),
    }
}

fn is_user(filter: &Filter) -> bool {
    matches!(filter, Filter::Compare(Operand::Part(part), Operator::Equal, Literal::Text { compared, .. })
        if part.name == "type" && compared == "user")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::steps;

    fn read(operations: &Value) -> Result<GroupChange, ScimRefusal> {
        let body = json!({ "schemas": [super::super::SCHEMA], "Operations": operations });
        GroupChange::read(&serde_json::to_vec(&body).unwrap()).map(|read| read.value)
    }

    fn removed(path: &str) -> Result<Vec<String>, ScimRefusal> {
        let change = read(&json!([{ "op": "remove", "path": path }]))?;
        Ok(change.members.removed().map(str::to_owned).collect())
    }

    #[test]
    fn the_last_word_about_each_counts() {
        let change = read(&json!([
            { "op": "add", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] },
            { "op": "remove", "path": "members[value eq \"a\" or value eq \"c\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "c" }] },
        ]));
        let members = change.unwrap().members;
        assert_eq!(members.added().map(|(id, _)| id).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(members.removed().collect::<Vec<_>>(), ["a"]);
        let change = read(&json!([
            { "op": "add", "path": "members", "value": [{ "value": "a" }] },
            { "op": "remove", "path": "members" },
            { "op": "add", "path": "members", "value": [{ "value": "b" }] },
        ]));
        let members = change.unwrap().members;
        assert!(members.is_cleared() && members.removed().len() == 0);
        assert!(!members.keeps("a", true) && members.keeps("b", false));
    }

    #[test]
    fn members_are_chosen_by_their_ids_alone() {
        assert_eq!(removed(r#"members[value eq "a" and type eq "User"]"#), Ok(vec!["a".to_owned()]));
        assert_eq!(
            removed(r#"members[value eq "a" and (value eq "a" or value eq "b")]"#),
            Ok(vec!["a".to_owned()])
        );
        assert_eq!(removed(r#"members[value eq "a" and value eq "b"]"#), Ok(Vec::new()));
        for path in [
            r#"members[display sw "a"]"#,
            r#"members[value ne "a"]"#,
            r#"members[type eq "User"]"#,
            "members[value pr]",
        ] {
            assert!(
                matches!(removed(path), Err(ScimRefusal::Filter(FilterRefusal::Members { .. }))),
                "{path}"
            );
        }
        for path in ["members.value", r#"members[value eq "a"].display"#] {
            assert!(matches!(removed(path), Err(ScimRefusal::Path(PathRefusal::Members { .. }))), "{path}");
        }
    }

    #[test]
    fn names_change_and_nobody_leaves_by_that() {
        let change =
            read(&json!([{ "op": "replace", "value": { "id": "g", "displayName": "N", "members": null } }]))
                .unwrap();
        assert_eq!(change.display_name.as_deref(), Some("N"));
        assert!(change.members.is_empty());
        let change = read(&json!([{ "op": "remove", "path": "externalId" }])).unwrap();
        assert_eq!(change.external_id, Some(None));
        for operation in [
            json!({ "op": "remove", "path": "displayName" }),
            json!({ "op": "replace", "path": "displayName", "value": "" }),
            json!({ "op": "replace", "path": "id", "value": "x" }),
        ] {
            let refused = read(&json!([operation])).unwrap_err();
            assert_eq!(refused.scim_type(), Some(crate::problem::ScimType::Mutability), "{operation}");
        }
    }

    #[test]
    fn a_change_costs_what_it_says_and_not_what_there_is() {
        // Nothing of the group is an argument; what is said is read once.
        let list =
            |members: usize| -> Value { (0..members).map(|at| json!({ "value": at.to_string() })).collect() };
        let each = |members: usize| -> Value {
            (0..members)
                .map(|at| json!({ "op": "remove", "path": format!("members[value eq \"{at}\"]") }))
                .collect()
        };
        for (what, operations) in [
            ("a list", json!([{ "op": "replace", "path": "members", "value": list(5_000) }])),
            ("one each", each(5_000)),
            (
                "a list twice",
                json!([
                    { "op": "add", "path": "members", "value": list(2_500) },
                    { "op": "remove", "path": "members", "value": list(2_500) },
                ]),
            ),
        ] {
            let length = operations.to_string().len();
            let (change, steps) = steps::of(|| read(&operations));
            assert!(change.is_ok() && steps <= 2 * length, "{steps} steps for {length} bytes of {what}");
        }
    }

    #[test]
    fn fifty_thousand_members_are_read() {
        let members: Value = (0..50_000)
            .map(|at| json!({ "value": format!("{at:036}"), "display": "a", "$ref": "b", "type": "User" }))
            .collect();
        let change = read(&json!([{ "op": "replace", "path": "members", "value": members }])).unwrap();
        assert_eq!(change.members.added().len(), 50_000);
    }
}
