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
        let (attributes, _) = whole(json::parse(document, limits::USER_BYTES)?, Tolerances::none())?;
        Self::of(attributes)
    }

    fn of(attributes: Attributes) -> Result<Self, ScimRefusal> {
        if attributes.text("userName", None).is_none() {
            let (attribute, resource) = ("userName", ResourceType::User.name());
            return Err(ScimRefusal::Missing { attribute, resource });
        }
        let (found, limit) = (attributes.size(), limits::USER_BYTES);
        if found > limit {
            return Err(ScimRefusal::TooMuch { found, limit });
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

    /// The user with what these paths lead to, and what every user has: the names, and whether the person is active.
    #[must_use]
    pub fn keeping(mut self, paths: &[Path]) -> Self {
        self.0.keep(&["userName", "externalId", "active"], paths);
        self
    }

    /// What is different in another user, by path.
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        self.0.changes_to(&other.0)
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

    /// The same person, who may sign in or not: what has become of them since is known elsewhere.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        if active != self.is_active() {
            self.0.set("active", Value::Bool(active));
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMillis;
    use crate::version::Version;

    fn read(text: &str) -> User {
        User::read(text.as_bytes()).unwrap().value
    }

    #[test]
    fn a_user_tells_what_mappings_ask() {
        let user = read(
            r#"{"userName": "a", "name": {"givenName": "Ada", "honorificPrefix": "Dr"}, "photos": ["https://p.example/1"],
                "emails": [{"value": "h", "type": "home"}, {"value": "w", "type": "WORK"}],
                "phoneNumbers": [{"value": "1", "type": "mobile", "primary": true}, {"display": "only a name"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "m"}}}"#,
        );
        assert_eq!(user.name(), Name { given: Some("Ada"), prefix: Some("Dr"), ..Name::default() });
        assert_eq!(user.email(), Some("w"), "the one for work, when none is preferred");
        assert_eq!(
            read(r#"{"userName": "a", "emails": ["x", {"value": "y", "primary": true}]}"#).email(),
            Some("y")
        );
        assert_eq!(read(r#"{"userName": "a", "emails": ["x", "y"]}"#).email(), Some("x"));
        assert_eq!(user.phone_numbers().map(|entry| entry.value).collect::<Vec<_>>(), ["1"]);
        let at = |path: &str| {
            let path = Path::parse(path, ResourceType::User).unwrap();
            user.text_at(&path).map(str::to_owned)
        };
        for (path, expected) in [
            (r#"phoneNumbers[type eq "mobile"].value"#, Some("1")),
            ("emails[primary eq true].value", None),
            ("photos.value", Some("https://p.example/1")),
            ("name.givenName", Some("Ada")),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value", Some("m")),
        ] {
            assert_eq!(at(path).as_deref(), expected, "{path}");
        }
        assert!(user.is_active() && user.external_id().is_none() && user.display_name().is_none());
    }

    #[test]
    fn silence_does_not_let_in() {
        let locked_out = read(r#"{"userName": "a", "active": false, "title": "T"}"#);
        let changed = locked_out.replaced_by(read(r#"{"userName": "a"}"#));
        assert!(!changed.user.is_active());
        assert_eq!(changed.tolerances.times(Tolerance::ActiveLeftOut), 1);
        assert_eq!(changed.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["title"]);
        let changed = locked_out.replaced_by(read(r#"{"userName": "a", "active": true}"#));
        assert!(changed.user.is_active() && changed.tolerances.is_empty());
    }

    #[test]
    fn a_shown_user_has_what_we_know() {
        let user =
            read(r#"{"userName": "a", "id": "mine", "meta": {"version": "9"}, "groups": [{"value": "x"}]}"#);
        let at = UnixMillis(0);
        let shown =
            Shown { id: "u 1", base: "https://b", created: at, last_modified: at, version: Version(3) };
        let document = user.document(&shown, &[GroupReference { id: "g1", display: "G" }]);
        assert_eq!(
            Value::Object(document),
            json!({
                "schemas": [USER.id], "id": "u 1", "userName": "a", "active": true,
                "groups": [{ "value": "g1", "display": "G", "type": "direct", "$ref": "https://b/Groups/g1" }],
                "meta": {
                    "resourceType": "User", "location": "https://b/Users/u%201", "version": "W/\"3\"",
                    "created": "1970-01-01T00:00:00.000Z", "lastModified": "1970-01-01T00:00:00.000Z",
                },
            })
        );
    }

    #[test]
    fn a_user_without_a_name_is_none() {
        for text in ["{}", r#"{"userName": ""}"#, r#"{"userName": null}"#, r#"{"displayName": "a"}"#] {
            assert!(matches!(User::read(text.as_bytes()), Err(ScimRefusal::Missing { .. })), "{text}");
        }
        assert!(User::read(br#"{"USERNAME": "a", "x y": 1}"#).is_ok());
    }
}
