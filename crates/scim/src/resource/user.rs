//! A user.

use serde_json::{Map, Value, json};

use super::{GroupReference, Shown, location};
use crate::attributes::{Attributes, Change};
use crate::json;
use crate::limits;
use crate::message::{Read, schemas};
use crate::patch::{UserPatch, whole};
use crate::path::Path;
use crate::refusal::ScimRefusal;
use crate::schema::{ENTERPRISE_USER, ResourceType, USER};
use crate::tolerance::{Tolerance, Tolerances};

/// What a directory says of a person. There is always a `userName`.
#[derive(Clone, Debug, PartialEq)]
pub struct User(Attributes);

/// What became of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The user now.
    pub user: User,
    /// What is different, by path. Nothing, when the request asked for what there was.
    pub changes: Vec<Change>,
    /// What was tolerated because of what there was.
    pub tolerances: Tolerances,
}

/// The parts of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Name<'a> {
    /// The whole name.
    pub formatted: Option<&'a str>,
    /// The given name.
    pub given: Option<&'a str>,
    /// Further given names.
    pub middle: Option<&'a str>,
    /// The family name.
    pub family: Option<&'a str>,
    /// A title before the name.
    pub prefix: Option<&'a str>,
    /// A title after the name.
    pub suffix: Option<&'a str>,
}

/// One value of a list, such as an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The value.
    pub value: &'a str,
    /// What it is for.
    pub kind: Option<&'a str>,
    /// Whether it is preferred.
    pub primary: bool,
}

impl User {
    /// Reads the body of a POST or a PUT.
    ///
    /// # Errors
    ///
    /// When it cannot be read, a value does not fit its attribute, or `userName` is missing.
    pub fn read(body: &[u8]) -> Result<Read<Self>, ScimRefusal> {
        let mut noted = Tolerances::none();
        let mut body = json::parse(body, limits::USER_BYTES)?;
        schemas(&mut body, USER.id, Some(ResourceType::User), &mut noted);
        let (attributes, tolerances) = whole(body, noted)?;
        Ok(Read { value: Self::of(attributes)?, tolerances })
    }

    /// Takes what [`Self::attributes`] gave, from wherever it was kept.
    ///
    /// # Errors
    ///
    /// When it is no user.
    pub fn kept(document: &[u8]) -> Result<Self, ScimRefusal> {
        let (attributes, _) = whole(json::parse(document, limits::USER_BYTES * 2)?, Tolerances::none())?;
        Self::of(attributes)
    }

    fn of(attributes: Attributes) -> Result<Self, ScimRefusal> {
        if attributes.text("userName", None).is_none() {
            let (attribute, resource) = ("userName", ResourceType::User.name());
            return Err(ScimRefusal::Missing { attribute, resource });
        }
        Ok(Self(attributes))
    }

    /// All that is kept of the user.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.0
    }

    /// The text that a path leads to first, as a mapping asks for it.
    #[must_use]
    pub fn text_at(&self, path: &Path) -> Option<&str> {
        self.0.at(path).into_iter().find_map(Value::as_str)
    }

    /// `userName`, as it was written.
    #[must_use]
    pub fn user_name(&self) -> &str {
        self.0.text("userName", None).unwrap_or_default()
    }

    /// `externalId`.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.0.text("externalId", None)
    }

    /// `displayName`.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.0.text("displayName", None)
    }

    /// Whether the person may sign in: unless it is said otherwise.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.value("active") != Some(&Value::Bool(false))
    }

    /// The parts of the name.
    #[must_use]
    pub fn name(&self) -> Name<'_> {
        let part = |part| self.0.text("name", Some(part));
        Name {
            formatted: part("formatted"),
            given: part("givenName"),
            middle: part("middleName"),
            family: part("familyName"),
            prefix: part("honorificPrefix"),
            suffix: part("honorificSuffix"),
        }
    }

    /// The addresses, in the order in which they were given.
    pub fn emails(&self) -> impl Iterator<Item = Entry<'_>> {
        self.entries("emails")
    }

    /// The telephone numbers, in the order in which they were given.
    pub fn phone_numbers(&self) -> impl Iterator<Item = Entry<'_>> {
        self.entries("phoneNumbers")
    }

    /// The address of the person: the preferred one, or the one for work, or the first.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let is_work = |entry: &Entry<'_>| entry.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        let chosen = self.emails().find(|entry| entry.primary).or_else(|| self.emails().find(is_work));
        chosen.or_else(|| self.emails().next()).map(|entry| entry.value)
    }

    fn entries(&self, attribute: &str) -> impl Iterator<Item = Entry<'_>> {
        let items = self.0.value(attribute).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|item| {
            Some(Entry {
                value: item.get("value")?.as_str()?,
                kind: item.get("type").and_then(Value::as_str),
                primary: item.get("primary") == Some(&Value::Bool(true)),
            })
        })
    }

    /// The user after a PUT (RFC 7644 section 3.5.1). What is not in it is gone, except whether the person is active:
    /// who was locked out is let in by a word and not by silence.
    #[must_use]
    pub fn replaced_by(&self, new: Self) -> Changed {
        let mut tolerances = Tolerances::none();
        let mut user = new;
        if user.0.value("active").is_none() {
            tolerances.note(Tolerance::ActiveLeftOut, "");
            if let Some(active) = self.0.value("active") {
                user.0.set("active", active.clone());
            }
        }
        let changes = self.0.changes_to(&user.0);
        Changed { user, changes, tolerances }
    }

    /// The user after a PATCH.
    ///
    /// # Errors
    ///
    /// When an operation finds nothing that it could change, or the user would be none afterwards.
    pub fn patched_by(&self, patch: &UserPatch) -> Result<Changed, ScimRefusal> {
        let mut tolerances = Tolerances::none();
        let mut attributes = self.0.clone();
        patch.apply(&mut attributes, &mut tolerances)?;
        let user = Self::of(attributes)?;
        let changes = self.0.changes_to(&user.0);
        Ok(Changed { user, changes, tolerances })
    }

    /// The user as it is shown, whole.
    #[must_use]
    pub fn document(&self, shown: &Shown<'_>, groups: &[GroupReference<'_>]) -> Map<String, Value> {
        let mut document = self.0.as_map().clone();
        let company = document.contains_key(ENTERPRISE_USER.id);
        let both = [USER.id, ENTERPRISE_USER.id];
        shown.put(ResourceType::User, if company { &both } else { &both[..1] }, &mut document);
        document.insert("active".to_owned(), self.is_active().into());
        if !groups.is_empty() {
            let groups = groups.iter().map(|group| {
                let address = location(shown.base, ResourceType::Group, group.id);
                json!({ "value": group.id, "display": group.display, "$ref": address, "type": "direct" })
            });
            document.insert("groups".to_owned(), groups.collect());
        }
        document
    }
}
