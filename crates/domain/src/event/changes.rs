//! What changed: fields with their values before and after, without secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::application::Application;
use crate::bounds::kept_in_events;
use crate::connection::{Connection, Protocol};
use crate::directory::Directory;
use crate::member::Member;
use crate::organization::Organization;
use crate::project::{FrontendSettings, LoginSettings};
use crate::secret::{Secret, TokenHash};

/// What is shown of a secret.
const MASK: &str = "[secret]";
/// What every aggregate changes at each change, what cannot change, and what nobody sets.
const UNREMARKABLE: [&str; 7] =
    ["id", "project_id", "organization_id", "created_at", "updated_at", "version", "asks_for_pin"];

/// A field that changed. A value that is not there is null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its name; a part of a setting is `setting.part`.
    pub field: String,
    /// What it was.
    #[serde(default)]
    pub before: Value,
    /// What it is.
    #[serde(default)]
    pub after: Value,
}

/// What is known of an aggregate, as far as the audit trail may show it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    shown: BTreeMap<String, Value>,
    /// Secrets by their hashes: enough to see that one changed.
    secret: BTreeMap<String, String>,
}

impl Facts {
    fn of(document: &impl Serialize) -> Self {
        let mut facts = Self::default();
        if let Ok(Value::Object(map)) = serde_json::to_value(document) {
            facts.flatten("", map);
        }
        facts
    }

    fn flatten(&mut self, above: &str, map: Map<String, Value>) {
        for (name, value) in map {
            if above.is_empty() && UNREMARKABLE.contains(&name.as_str()) {
                continue;
            }
            match value {
                // Settings that stand together, not what API users keep here.
                Value::Object(inner) if name == "policy" || name == "legacy" || name == "addresses" => {
                    self.flatten("", inner);
                }
                // Keys and certificates by what tells them apart; their texts are long and say nothing to people.
                Value::Array(list) if is_keys(&list) => {
                    self.shown.insert(format!("{above}{name}"), list.iter().map(key_name).collect());
                }
                value => {
                    self.shown.insert(format!("{above}{name}"), value);
                }
            }
        }
    }

    fn hide(&mut self, name: &str, secret: &Secret) {
        if !secret.is_empty() {
            let hash = TokenHash::of(secret.expose().as_bytes()).as_str().to_owned();
            self.secret.insert(name.to_owned(), hash);
        }
    }
}

fn is_keys(list: &[Value]) -> bool {
    !list.is_empty()
        && list.iter().all(|entry| entry.get("certificate").or_else(|| entry.get("pem")).is_some())
}

fn key_name(entry: &Value) -> Value {
    entry.get("fingerprint").or_else(|| entry.get("id")).cloned().unwrap_or_default()
}

impl From<&Organization> for Facts {
    fn from(organization: &Organization) -> Self {
        Self::of(organization)
    }
}

impl From<&Member> for Facts {
    fn from(member: &Member) -> Self {
        Self::of(member)
    }
}

impl From<&FrontendSettings> for Facts {
    fn from(settings: &FrontendSettings) -> Self {
        Self::of(settings)
    }
}

/// What means nothing here may be anything.
impl From<&LoginSettings> for Facts {
    fn from(settings: &LoginSettings) -> Self {
        Self::of(&LoginSettings { others: Map::new(), ..settings.clone() })
    }
}

/// Of its tokens it is told how they end, which says which they are.
impl From<&Directory> for Facts {
    fn from(directory: &Directory) -> Self {
        let mut facts = Self::of(directory);
        let tokens = directory.tokens.iter().map(|token| Value::from(token.last_four.as_str()));
        facts.shown.insert("tokens".to_owned(), tokens.collect());
        facts
    }
}

impl From<&Application> for Facts {
    fn from(application: &Application) -> Self {
        let mut facts = Self::of(&application.settings);
        facts.hide("client_secret", &application.secret);
        facts
    }
}

impl From<&Connection> for Facts {
    fn from(connection: &Connection) -> Self {
        let mut facts = match &connection.protocol {
            Protocol::Oidc(settings) => Self::of(settings),
            Protocol::Saml(settings) => Self::of(settings),
            Protocol::External(settings) => Self::of(settings),
        };
        if let Protocol::Oidc(settings) = &connection.protocol {
            facts.hide("client_secret", &settings.client_secret);
        }
        facts.flatten("", shown_common(connection));
        facts.shown.insert("display_name".to_owned(), connection.display_name.clone().into());
        facts.shown.insert("identity_provider".to_owned(), connection.identity_provider.as_str().into());
        facts.shown.insert("status".to_owned(), connection.status().as_str().into());
        facts
    }
}

/// What every connection is set to. Of options that nobody here interprets it is told that they changed, and not to what.
fn shown_common(connection: &Connection) -> Map<String, Value> {
    let common = serde_json::to_value(&connection.common).ok();
    let mut shown = match common {
        Some(Value::Object(shown)) => shown,
        _ => Map::new(),
    };
    if let Some(text) = connection.kept.as_text() {
        let hash = TokenHash::of(text.as_bytes()).as_str().to_owned();
        shown.insert("options".to_owned(), Value::from(hash));
    }
    shown
}

/// What is different between two states of one aggregate, field by field.
#[must_use]
pub fn changes(before: &Facts, after: &Facts) -> Vec<Change> {
    let mut changes: Vec<Change> = names(&before.shown, &after.shown)
        .filter_map(|field| {
            let (was, is) = (before.shown.get(field), after.shown.get(field));
            (was != is).then(|| Change { field: field.clone(), before: bounded(was), after: bounded(is) })
        })
        .collect();
    changes.extend(names(&before.secret, &after.secret).filter_map(|field| {
        let (was, is) = (before.secret.get(field), after.secret.get(field));
        (was != is).then(|| Change { field: field.clone(), before: masked(was), after: masked(is) })
    }));
    changes
}

fn names<'a, V>(
    before: &'a BTreeMap<String, V>,
    after: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = &'a String> {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    before.keys().chain(added)
}

fn masked(hash: Option<&String>) -> Value {
    hash.map_or(Value::Null, |_| MASK.into())
}

fn bounded(value: Option<&Value>) -> Value {
    value.cloned().map_or(Value::Null, kept_in_events)
}
