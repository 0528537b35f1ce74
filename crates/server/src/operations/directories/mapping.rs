//! What a directory says of a person, as far as it concerns the member and their sign-ins: the attributes of the protocol, and
//! what they become by the mapping of a directory that belongs to a connection.

use serde_json::{Map, Value};
use vestibule_domain::directory::{Announced, Directory, Mapping, Stated, Target};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_scim::path::Path;
use vestibule_scim::resource::{Changed, User};
use vestibule_scim::schema::ResourceType;

/// What a directory says of a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Of the member.
    pub stated: Stated,
    /// Of their sign-ins.
    pub announced: Announced,
}

impl Said {
    /// What is said of somebody. A name in the directory that is an address counts as one when there is no other.
    pub(super) fn of(directory: &Directory, user: &User) -> Self {
        let email = user.email().and_then(|text| EmailAddress::parse(text).ok());
        let email = email.or_else(|| EmailAddress::parse(user.user_name()).ok());
        let stated = Stated { email, name: name(user), active: user.is_active(), ..Stated::default() };
        let mut said = Self { stated, announced: Announced::default() };
        if let Some(mapping) = &directory.mapping {
            said.map(mapping, user);
        }
        said
    }

    fn map(&mut self, mapping: &Mapping, user: &User) {
        let text = |from: &str| Some(path(from)?).and_then(|path| user.text_at(&path).map(str::to_owned));
        self.announced.subject = text(&mapping.subject).filter(|subject| !subject.trim().is_empty());
        for mapped in &mapping.attributes {
            match &mapped.to {
                Target::Email => {
                    let email = text(&mapped.from).and_then(|text| EmailAddress::parse(&text).ok());
                    self.stated.email = email.or(self.stated.email.take());
                }
                Target::Name => {
                    let name = text(&mapped.from).filter(|name| !name.trim().is_empty());
                    self.stated.name = name.unwrap_or_else(|| std::mem::take(&mut self.stated.name));
                }
                Target::Blocked => {}
                Target::Metadata(key) => put(&mut self.stated.metadata, key, &mapped.from, user),
                Target::Attribute(key) => put(&mut self.announced.attributes, key, &mapped.from, user),
            }
        }
    }
}

/// Refuses a mapping that names what no user has.
///
/// # Errors
/// What it names.
pub(super) fn check(mapping: &Mapping) -> Result<(), Refusal> {
    let names = mapping.attributes.iter().map(|mapped| &mapped.from).chain([&mapping.subject]);
    for name in names {
        Path::parse(name, ResourceType::User).map_err(|refusal| {
            Refusal::new(What::Invalid(Field::Setting))
                .found(format!("{name:?} in mapping"))
                .expected("the path of an attribute that users have")
                .because(refusal.to_string())
        })?;
    }
    Ok(())
}

/// The user without what the directory's mapping has no place for.
pub(super) fn kept(directory: &Directory, user: User) -> User {
    match &directory.mapping {
        Some(mapping) => user.keeping(&paths(mapping)),
        None => user,
    }
}

/// The same of a change of somebody.
pub(super) fn kept_of_change(directory: &Directory, before: &User, changed: Changed) -> Changed {
    if directory.mapping.is_none() {
        return changed;
    }
    let user = kept(directory, changed.user);
    Changed { changes: before.changes_to(&user), user, tolerances: changed.tolerances }
}

fn paths(mapping: &Mapping) -> Vec<Path> {
    let names = mapping.attributes.iter().map(|mapped| &mapped.from).chain([&mapping.subject]);
    names.filter_map(|name| path(name)).collect()
}

fn path(name: &str) -> Option<Path> {
    Path::parse(name, ResourceType::User).ok()
}

/// The first value that a path leads to. Of one with parts, that is the part which is called so.
fn put(into: &mut Map<String, Value>, key: &str, from: &str, user: &User) {
    let Some(path) = path(from) else { return };
    let found = user.attributes().at(&path);
    let Some(value) = found.first() else { return };
    let value = value.get("value").unwrap_or(value);
    into.insert(key.to_owned(), value.clone());
}

fn name(user: &User) -> String {
    let parts = user.name();
    let said = user.display_name().or(parts.formatted).map(str::to_owned);
    said.unwrap_or_else(|| {
        let both: Vec<&str> = [parts.given, parts.family].into_iter().flatten().collect();
        both.join(" ")
    })
}
