//! The options that connections of every strategy have.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vestibule_domain::connection::{
    Common, CommonPatch, Connection, Forwarded, KeptOptions, UpstreamParam, UpstreamParams,
};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::Refusal;
use vestibule_domain::spelled::{Spelled as _, names};

use super::given::{Given, another_type, no_choice, wrong};

/// The most characters of an address.
pub(super) const MOST_URL: usize = 2048;
/// The most characters of a text that nothing else bounds.
pub(super) const MOST_TEXT: usize = 255;

/// Reads them: `options` are replaced as a whole, so that what is left away is as in a new connection.
///
/// # Errors
/// A value of another type, or one that nothing is called.
pub(super) fn read(given: &mut Given) -> Result<CommonPatch, Refusal> {
    let aliases = given.texts("domain_aliases")?.unwrap_or_default();
    // A single domain from before there were several. It is kept by its own name, too.
    let tenant_domain = given.0.get("tenant_domain").and_then(Value::as_str).map(str::to_owned);
    let home_domains =
        aliases.into_iter().chain(tenant_domain.filter(|domain| domain.contains('.'))).collect();
    Ok(CommonPatch {
        icon_url: or_clear(given.some_text("icon_url", MOST_TEXT)?),
        home_domains: Patch::Set(home_domains),
        profile_sync: or_clear(given.choice("set_user_root_attributes")?),
        passing_attributes: Patch::Set(given.texts("non_persistent_attrs")?.unwrap_or_default()),
        upstream_params: Patch::Set(params(given.object("upstream_params")?.unwrap_or_default())?),
        ..CommonPatch::default()
    })
}

/// A value, or what a new connection has.
pub(super) fn or_clear<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Clear, Patch::Set)
}

/// Keeps what is left.
///
/// # Errors
/// More than is kept.
pub(super) fn kept(given: &Given) -> Result<Patch<KeptOptions>, Refusal> {
    KeptOptions::of(&given.0).map(Patch::Set)
}

fn params(given: Map<String, Value>) -> Result<UpstreamParams, Refusal> {
    let read = given.into_iter().filter(|(_, param)| !param.is_null()).map(|(name, param)| {
        let at = format!("upstream_params.{name}");
        let param = match (param.get("value"), param.get("alias")) {
            (Some(Value::String(value)), None) => UpstreamParam::Value(value.clone()),
            (None, Some(Value::String(alias))) => UpstreamParam::Alias(
                Forwarded::named(alias).ok_or_else(|| no_choice(&at, alias, &names::<Forwarded>()))?,
            ),
            (None, None) if !param.is_object() => return Err(another_type(&at, "object", &param)),
            _ => return Err(wrong(&at, "Expected an object with one text, value or alias")),
        };
        Ok((name, param))
    });
    read.collect()
}

/// What is shown of them, over what is kept.
pub(super) fn show(shown: &mut Shown, connection: &Connection) {
    let Common { icon_url, home_domains, profile_sync, passing_attributes, upstream_params, .. } =
        &connection.common;
    shown.unless_empty("icon_url", icon_url);
    let single = shown.kept("tenant_domain").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let aliases: Vec<&String> =
        home_domains.iter().filter(|domain| single.as_deref() != Some(domain.as_str())).collect();
    if !aliases.is_empty() {
        shown.set("domain_aliases", json!(aliases));
    }
    shown.set("set_user_root_attributes", json!(profile_sync));
    if !passing_attributes.is_empty() {
        shown.set("non_persistent_attrs", json!(passing_attributes));
    }
    if !upstream_params.is_empty() {
        let params: BTreeMap<&String, Value> =
            upstream_params.iter().map(|(name, param)| (name, shown_param(param))).collect();
        shown.set("upstream_params", json!(params));
    }
}

fn shown_param(param: &UpstreamParam) -> Value {
    match param {
        UpstreamParam::Value(value) => json!({ "value": value }),
        UpstreamParam::Alias(alias) => json!({ "alias": alias.as_str() }),
    }
}

/// An object that is being put together: what is kept, and over it what the connection is set to.
pub(super) struct Shown(Map<String, Value>);

impl Shown {
    /// What is kept.
    pub(super) fn of(connection: &Connection) -> Self {
        Self(connection.kept.to_map())
    }

    /// A member as it is kept.
    pub(super) fn kept(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a member.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a text, or takes the member away when there is none.
    pub(super) fn unless_empty(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            self.0.remove(name);
        } else {
            self.set(name, text);
        }
    }

    /// Sets a member that has a value in effect when nobody says anything: it is shown when it was said or is another one.
    pub(super) fn unless_usual(&mut self, name: &str, value: Value, usual: &Value) {
        if self.0.contains_key(name) || value != *usual {
            self.set(name, value);
        }
    }

    /// The object.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}
