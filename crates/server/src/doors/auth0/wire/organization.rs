//! Organizations as this dialect has them, and the connections that are enabled for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vestibule_domain::connection::Connection;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::organization::{Access, Organization, OrganizationPatch, PolicyPatch};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::body::{invalid, required};
use super::ids;
use crate::operations::people::Title;

/// The most keys of the metadata.
const MOST_METADATA: usize = 25;
/// The most characters of a name.
const LONGEST_NAME: usize = 50;

/// What people see of an organization.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BrandingIn {
    logo_url: Option<String>,
    colors: Option<Map<String, Value>>,
}

/// The body by which an organization is made or changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrganizationIn {
    name: Option<String>,
    display_name: Option<String>,
    branding: Option<BrandingIn>,
    metadata: Option<BTreeMap<String, Option<String>>>,
    enabled_connections: Option<Vec<EnabledIn>>,
    token_quota: Option<Value>,
    third_party_client_access: Option<String>,
}

/// The body by which a connection is enabled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EnabledIn {
    connection_id: Option<String>,
    assign_membership_on_login: Option<bool>,
    is_signup_enabled: Option<bool>,
    show_as_button: Option<bool>,
    is_enabled: Option<bool>,
    organization_connection_name: Option<String>,
    organization_access_level: Option<String>,
}

/// How a connection is enabled for an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enabled {
    /// Whoever signs in through it becomes a member.
    pub assigns: Option<bool>,
    /// A button for it is shown.
    pub shows_button: Option<bool>,
    /// What it is called there.
    pub display_name: Option<String>,
}

impl EnabledIn {
    /// Which connection is meant.
    ///
    /// # Errors
    /// None is, or a text that is no connection's id.
    pub(crate) fn connection(&self) -> Result<ConnectionId, Refusal> {
        let text = required(self.connection_id.as_deref(), "connection_id")?;
        ids::read_connection(text).ok_or(What::NotFound(Thing::Connection).into())
    }

    /// Reads how.
    ///
    /// # Errors
    /// What only databases have, or this server does not.
    pub(crate) fn read(self) -> Result<Enabled, Refusal> {
        if self.is_signup_enabled == Some(true) {
            return Err(invalid(
                "is_signup_enabled can only be true for database connections",
                "is_signup_enabled",
            ));
        }
        if self.is_enabled == Some(false) {
            return Err(Refusal::new(What::NotOffered).because(
                "is_enabled: a connection is enabled or it is not in the list; delete it there instead.",
            ));
        }
        if self.organization_access_level.is_some_and(|level| level != "none") {
            return Err(Refusal::new(What::NotOffered)
                .because("organization_access_level other than none is not supported by this server."));
        }
        Ok(Enabled {
            assigns: self.assign_membership_on_login,
            shows_button: self.show_as_button,
            display_name: self.organization_connection_name,
        })
    }
}

impl OrganizationIn {
    /// What is changed, and which connections are enabled by the same body.
    ///
    /// # Errors
    /// A value that an organization cannot have.
    pub(crate) fn read(self, is_new: bool) -> Result<(OrganizationPatch, Vec<EnabledIn>), Refusal> {
        if !is_new && self.enabled_connections.is_some() {
            return Err(invalid("Additional properties not allowed: enabled_connections", ""));
        }
        if self.token_quota.is_some() || self.third_party_client_access.is_some() {
            return Err(Refusal::new(What::NotOffered)
                .because("token_quota and third_party_client_access are not supported by this server."));
        }
        if is_new {
            required(self.name.as_ref(), "name")?;
        }
        let name = self.name.map(checked_name).transpose()?;
        let branding = self.branding.unwrap_or_default();
        if branding.colors.is_some_and(|colors| !colors.is_empty()) {
            return Err(
                Refusal::new(What::NotOffered).because("branding.colors is not supported by this server.")
            );
        }
        let display_name = self.display_name.or_else(|| name.clone().filter(|_| is_new));
        let set = |value: Option<String>| value.map_or(Patch::Keep, Patch::Set);
        let policy = PolicyPatch {
            // Who is let in is said by each connection.
            sso_jit_provisioning: if is_new { Patch::Set(Access::Restricted) } else { Patch::Keep },
            ..PolicyPatch::default()
        };
        let patch = OrganizationPatch {
            name: set(display_name),
            slug: set(name),
            logo_url: set(branding.logo_url),
            trusted_metadata: metadata(self.metadata)?,
            policy,
            ..OrganizationPatch::default()
        };
        Ok((patch, self.enabled_connections.unwrap_or_default()))
    }
}

/// Lower case, as this dialect has names; the rest is the domain's to say.
fn checked_name(name: String) -> Result<String, Refusal> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if fits {
        return Ok(name);
    }
    Err(invalid(
        format_args!("Expected 1 to {LONGEST_NAME} of a-z, 0-9, - and _, beginning with a letter or a digit"),
        "name",
    ))
}

fn metadata(given: Option<BTreeMap<String, Option<String>>>) -> Result<Patch<Map<String, Value>>, Refusal> {
    let Some(given) = given else { return Ok(Patch::Keep) };
    if given.len() > MOST_METADATA {
        return Err(invalid(format_args!("Too many properties, maximum {MOST_METADATA}"), "metadata"));
    }
    let value = |value: Option<String>| value.map_or(Value::Null, Value::String);
    Ok(Patch::Set(given.into_iter().map(|(key, text)| (key, value(text))).collect()))
}

/// An organization as it is shown.
#[must_use]
pub(crate) fn show(organization: &Organization) -> Value {
    let mut shown = json!({
        "id": ids::organization(organization.id),
        "name": organization.slug,
        "display_name": organization.name,
    });
    let Value::Object(members) = &mut shown else { return shown };
    if !organization.logo_url.is_empty() {
        members.insert("branding".to_owned(), json!({ "logo_url": organization.logo_url }));
    }
    if !organization.trusted_metadata.is_empty() {
        // What the other dialect keeps there may be more than texts.
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let metadata: BTreeMap<&String, String> =
            organization.trusted_metadata.iter().map(|(key, value)| (key, text(value))).collect();
        members.insert("metadata".to_owned(), json!(metadata));
    }
    shown
}

/// A connection that is enabled for an organization.
#[derive(Clone, Debug)]
pub(crate) struct EnabledConnection {
    /// The organization's own, or the one that it borrows by.
    pub through: Connection,
    /// The connection as the project knows it.
    pub source: ConnectionId,
    /// What that is called.
    pub title: Title,
}

/// Such a connection as it is shown. `newer` is the newer of the two resources that list them.
#[must_use]
pub(crate) fn show_enabled(organization: &Organization, enabled: &EnabledConnection, newer: bool) -> Value {
    let mut shown = json!({
        "connection_id": ids::connection(enabled.source),
        "assign_membership_on_login": organization.allows_jit_by(enabled.through.id),
        "is_signup_enabled": false,
        "show_as_button": enabled.through.common.shows_button,
        "connection": { "name": enabled.title.name.as_str(), "strategy": enabled.title.strategy.as_str() },
    });
    if let (Value::Object(members), true) = (&mut shown, newer) {
        members.insert("is_enabled".to_owned(), json!(true));
        members.insert("organization_access_level".to_owned(), json!("none"));
        if !enabled.through.display_name.is_empty() {
            members.insert("organization_connection_name".to_owned(), json!(enabled.through.display_name));
        }
    }
    shown
}

/// The body that names members.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MembersIn {
    members: Option<Vec<String>>,
}

impl MembersIn {
    /// Their ids.
    ///
    /// # Errors
    /// There is none, or there are too many.
    pub(crate) fn read(self) -> Result<Vec<String>, Refusal> {
        named(self.members, "members")
    }
}

/// The body that names roles.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RolesIn {
    roles: Option<Vec<String>>,
}

impl RolesIn {
    /// Their ids.
    ///
    /// # Errors
    /// There is none, or there are too many.
    pub(crate) fn read(self) -> Result<Vec<String>, Refusal> {
        named(self.roles, "roles")
    }
}

fn named(list: Option<Vec<String>>, name: &str) -> Result<Vec<String>, Refusal> {
    const MOST: usize = 50;
    let list = required(list, name)?;
    if list.is_empty() || list.len() > MOST {
        return Err(invalid(format_args!("Expected 1 to {MOST} items but found {}", list.len()), name));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value, is_new: bool) -> Result<OrganizationPatch, Refusal> {
        serde_json::from_value::<OrganizationIn>(body).unwrap().read(is_new).map(|(patch, _)| patch)
    }

    #[test]
    fn a_body_says_what_an_organization_is() {
        let patch = read(json!({ "name": "acme", "metadata": { "tier": "gold", "x": null } }), true).unwrap();
        assert_eq!((patch.name, patch.slug), (Patch::Set("acme".to_owned()), Patch::Set("acme".to_owned())));
        assert_eq!(patch.policy.sso_jit_provisioning, Patch::Set(Access::Restricted));
        assert_eq!(patch.trusted_metadata.value().unwrap().len(), 2);
        let patch = read(json!({ "display_name": "Acme" }), false).unwrap();
        assert!(patch.slug.is_keep() && patch.policy.sso_jit_provisioning.is_keep());
        for (body, is_new) in [
            (json!({}), true),
            (json!({ "name": "Acme" }), true),
            (json!({ "name": "" }), true),
            (json!({ "name": "x".repeat(51) }), true),
            (json!({ "name": "acme", "branding": { "colors": { "primary": "#fff" } } }), true),
            (json!({ "enabled_connections": [] }), false),
        ] {
            assert!(read(body.clone(), is_new).is_err(), "{body}");
        }
    }
}
