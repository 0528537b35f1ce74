//! A group: its names, and its members, who are not loaded where they are not asked for.

use serde_json::{Map, Value, json};

use super::{Shown, location};
use crate::attributes::{Change, text};
use crate::json::{self, Json, Object};
use crate::limits;
use crate::message::{Read, schemas};
use crate::patch::{GroupChange, MembersDelta};
use crate::path::Target;
use crate::refusal::{Excerpt, ScimRefusal};
use crate::schema::{GROUP, ResourceType};
use crate::tolerance::{Tolerance, Tolerances};

/// What a group is without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHead {
    /// Its name.
    pub display_name: String,
    /// The client's identifier.
    pub external_id: Option<String>,
}

/// A group as a body says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its names.
    pub head: GroupHead,
    /// Its members, each once, if the body names members at all.
    pub members: Option<Vec<Member>>,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The id of the user.
    pub value: String,
    /// The name that the client has for the user. It is not kept by everybody.
    pub display: Option<String>,
}

impl Group {
    /// Reads the body of a POST or a PUT.
    ///
    /// # Errors
    ///
    /// When it cannot be read, a value does not fit its attribute, or `displayName` is missing.
    pub fn read(body: &[u8]) -> Result<Read<Self>, ScimRefusal> {
        let mut noted = Tolerances::none();
        let mut body = json::parse(body, limits::GROUP_BYTES)?;
        schemas(&mut body, GROUP.id, Some(ResourceType::Group), &mut noted);
        let value = Self::of(body, &mut noted)?;
        Ok(Read { value, tolerances: noted })
    }

    fn of(body: Object, noted: &mut Tolerances) -> Result<Self, ScimRefusal> {
        let (mut display_name, mut external_id, mut named) = (None, None, None);
        for (name, json) in body {
            let target = Target::named(&name, ResourceType::Group, noted);
            let Target::Path(path) = target else { continue };
            let attribute = path.to.attribute();
            match attribute.name {
                "displayName" => display_name = text(attribute, json, noted)?,
                "externalId" => external_id = text(attribute, json, noted)?,
                "members" if json != Json::Null => named = Some(members(json, noted)?),
                _ => {}
            }
        }
        let (attribute, resource) = ("displayName", ResourceType::Group.name());
        let display_name = display_name.ok_or(ScimRefusal::Missing { attribute, resource })?;
        let members = named.map(each_once);
        Ok(Self { head: GroupHead { display_name, external_id }, members })
    }

    /// What a PUT of this changes (RFC 7644 section 3.5.1). Members that it does not name at all stay: a client that
    /// sends names by PUT and members by PATCH would take everybody's roles away by renaming a group.
    #[must_use]
    pub fn into_change(self) -> Read<GroupChange> {
        let mut tolerances = Tolerances::none();
        let mut members = MembersDelta::default();
        match self.members {
            Some(named) => members.replace(named),
            None => tolerances.note(Tolerance::MembersLeftOut, ""),
        }
        let display_name = Some(self.head.display_name);
        let value = GroupChange { display_name, external_id: Some(self.head.external_id), members };
        Read { value, tolerances }
    }
}

fn each_once(mut members: Vec<Member>) -> Vec<Member> {
    members.sort_by(|one, two| one.value.cmp(&two.value));
    members.dedup_by(|next, first| next.value == first.value);
    members
}

impl GroupHead {
    /// The names after a change, and what is different.
    #[must_use]
    pub fn changed_by(&self, change: &GroupChange) -> (Self, Vec<Change>) {
        let display_name = change.display_name.clone().unwrap_or_else(|| self.display_name.clone());
        let external_id = change.external_id.clone().unwrap_or_else(|| self.external_id.clone());
        let after = Self { display_name, external_id };
        let named = |head: &Self| {
            [("displayName", Some(head.display_name.clone())), ("externalId", head.external_id.clone())]
        };
        let pairs = named(self).into_iter().zip(named(&after));
        let changes = pairs.filter(|((_, before), (_, after))| before != after);
        let changes = changes.map(|((path, before), (_, after))| Change {
            path: path.to_owned(),
            before: before.map(Value::String),
            after: after.map(Value::String),
        });
        let changes = changes.collect();
        (after, changes)
    }

    /// The group as it is shown, with its members if they are given.
    #[must_use]
    pub fn document(&self, shown: &Shown<'_>, members: Option<&[Member]>) -> Map<String, Value> {
        let mut document = Map::new();
        shown.put(ResourceType::Group, &[GROUP.id], &mut document);
        document.insert("displayName".to_owned(), self.display_name.as_str().into());
        if let Some(external_id) = &self.external_id {
            document.insert("externalId".to_owned(), external_id.as_str().into());
        }
        if let Some(members) = members {
            let members = members.iter().map(|member| member.document(shown.base));
            document.insert("members".to_owned(), members.collect());
        }
        document
    }
}

impl Member {
    fn document(&self, base: &str) -> Value {
        let address = location(base, ResourceType::User, &self.value);
        let mut document = json!({ "value": self.value, "$ref": address, "type": "User" });
        if let (Some(display), Some(members)) = (&self.display, document.as_object_mut()) {
            members.insert("display".to_owned(), display.as_str().into());
        }
        document
    }
}

/// Reads a list of members. It may be as long as the body.
pub(crate) fn members(json: Json, noted: &mut Tolerances) -> Result<Vec<Member>, ScimRefusal> {
    let items = match json {
        Json::Null => Vec::new(),
        Json::List(items) => items,
        other => {
            noted.note(Tolerance::SingleForList, "members");
            vec![other]
        }
    };
    items.into_iter().map(|item| member(item, noted)).collect()
}

fn member(json: Json, noted: &mut Tolerances) -> Result<Member, ScimRefusal> {
    #[cfg(test)]
    crate::steps::count(1);
    let wrong = |found: String| {
        let attribute = "members".to_owned();
        ScimRefusal::WrongType { attribute, found, expected: "an object with the id of a user as its value" }
    };
    let mut object = match json {
        Json::Object(object) => object,
        Json::Text(value) if !value.is_empty() => {
            noted.note(Tolerance::TextForObject, "members");
            return Ok(Member { value: bounded(value)?, display: None });
        }
        other => return Err(wrong(other.kind())),
    };
    if let Some(Json::Text(kind)) = object.take("type") {
        if kind.is_empty() {
            noted.note(Tolerance::EmptyText, "members.type");
        } else if !kind.eq_ignore_ascii_case("User") {
            return Err(ScimRefusal::MemberNotUser { found: Excerpt::of(&kind) });
        }
    }
    let value = match object.take("value") {
        Some(Json::Text(value)) if !value.is_empty() => bounded(value)?,
        Some(other) => return Err(wrong(format!("an object whose value is {}", other.kind()))),
        None => return Err(wrong("an object without a value".to_owned())),
    };
    let display = match object.take("display") {
        Some(Json::Text(display)) if !display.is_empty() => Some(bounded(display)?),
        _ => None,
    };
    Ok(Member { value, display })
}

fn bounded(text: String) -> Result<String, ScimRefusal> {
    if text.len() > limits::TEXT_BYTES {
        return Err(ScimRefusal::TooLong { attribute: "members".to_owned(), limit: limits::TEXT_BYTES });
    }
    Ok(text)
}
