//! A connection as this dialect has it. It is closed at its top, and open in `options`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_domain::connection::{CommonPatch, Connection, ConnectionName, Strategy};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Refusal, What};

use super::body::{invalid, required};
use super::ids;
use super::options::{self, Given};

/// Strategies that are known and not offered: whoever names one has made no typing error.
const OTHER_STRATEGIES: [&str; 16] = [
    "ad",
    "apple",
    "auth0",
    "auth0-adldap",
    "custom",
    "email",
    "facebook",
    "github",
    "google-oauth2",
    "linkedin",
    "oauth1",
    "oauth2",
    "salesforce",
    "sms",
    "twitter",
    "windowslive",
];

/// Whether something is switched on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ActiveIn {
    active: Option<bool>,
    cross_app_access: Option<bool>,
}

/// How something stands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StatusIn {
    status: Option<String>,
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($own:ident: $own_type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($own: Option<$own_type>,)*
            display_name: Option<String>,
            options: Option<Given>,
            enabled_clients: Option<Vec<String>>,
            is_domain_connection: Option<bool>,
            show_as_button: Option<bool>,
            realms: Option<Vec<String>>,
            metadata: Option<BTreeMap<String, Option<String>>>,
            authentication: Option<ActiveIn>,
            connected_accounts: Option<ActiveIn>,
            cross_app_access_requesting_app: Option<ActiveIn>,
            cross_app_access_resource_app: Option<StatusIn>,
        }

        impl $name {
            fn rest(self) -> Rest {
                let refused = [
                    ("connected_accounts", active(self.connected_accounts.as_ref())),
                    (
                        "cross_app_access_requesting_app",
                        active(self.cross_app_access_requesting_app.as_ref()),
                    ),
                    (
                        "cross_app_access_resource_app",
                        self.cross_app_access_resource_app
                            .and_then(|app| app.status)
                            .is_some_and(|status| status == "enabled"),
                    ),
                ];
                let not_offered = refused.into_iter().find(|(_, asked)| *asked).map(|(name, _)| name);
                Rest {
                    display_name: self.display_name,
                    options: self.options,
                    enabled_clients: self.enabled_clients,
                    common: CommonPatch {
                        is_domain_level: set(self.is_domain_connection),
                        shows_button: set(self.show_as_button),
                        realms: set(self.realms),
                        metadata: set(self.metadata),
                        is_switched_off: set(
                            self.authentication.and_then(|state| state.active).map(|active| !active),
                        ),
                        ..CommonPatch::default()
                    },
                    not_offered,
                }
            }
        }
    )*};
}

bodies! {
    /// The body by which a connection is made.
    ConnectionIn { name: String, strategy: String, }
    /// The body by which one is changed: neither its name nor its strategy ever is.
    ConnectionPatchIn {}
}

fn set<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Keep, Patch::Set)
}

fn active(state: Option<&ActiveIn>) -> bool {
    state.is_some_and(|state| state.active == Some(true) || state.cross_app_access == Some(true))
}

/// What both bodies have.
struct Rest {
    display_name: Option<String>,
    options: Option<Given>,
    enabled_clients: Option<Vec<String>>,
    common: CommonPatch,
    not_offered: Option<&'static str>,
}

/// A connection that is to be made.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// What applications ask for it by.
    pub name: ConnectionName,
    /// What it is made for.
    pub strategy: Strategy,
    /// What it is set to, and what changes that its protocol has nothing to do with.
    pub change: Change,
}

/// What is to be changed.
#[derive(Debug)]
pub(crate) struct Change {
    /// What people call it.
    pub display_name: Patch<String>,
    /// Its options, as a whole.
    pub options: Option<Given>,
    /// The applications that people sign in to through it: all of them.
    pub enabled_clients: Option<Vec<String>>,
    /// What connections of every protocol have.
    pub common: CommonPatch,
}

impl ConnectionIn {
    /// Reads the body.
    ///
    /// # Errors
    /// What is missing, is none, or is not offered.
    pub(crate) fn read(mut self) -> Result<Wanted, Refusal> {
        let name = required(self.name.take(), "name")?;
        let strategy = strategy(&required(self.strategy.take(), "strategy")?)?;
        let name = ConnectionName::parse(&name)
            .map_err(|refusal| invalid(refusal.detail().unwrap_or_default().trim_end_matches('.'), "name"))?;
        Ok(Wanted { name, strategy, change: self.rest().read()? })
    }
}

impl ConnectionPatchIn {
    /// Reads the body.
    ///
    /// # Errors
    /// As for [`ConnectionIn::read`].
    pub(crate) fn read(self) -> Result<Change, Refusal> {
        self.rest().read()
    }
}

impl Rest {
    fn read(self) -> Result<Change, Refusal> {
        if let Some(name) = self.not_offered {
            return Err(
                Refusal::new(What::NotOffered).because(format!("{name} is not supported by this server."))
            );
        }
        let display_name = match self.display_name {
            Some(name) if name.trim().is_empty() => {
                return Err(invalid("String is too short (0 chars), minimum 1", "display_name"));
            }
            name => set(name),
        };
        Ok(Change {
            display_name,
            options: self.options,
            enabled_clients: self.enabled_clients,
            common: self.common,
        })
    }
}

/// Reads the name of a strategy.
///
/// # Errors
/// One that is known and not offered, or none at all.
fn strategy(name: &str) -> Result<Strategy, Refusal> {
    if let Some(strategy) = Strategy::from_name(name) {
        return Ok(strategy);
    }
    if OTHER_STRATEGIES.contains(&name) {
        return Err(Refusal::new(What::NotOffered)
            .because(format!("Connections of the strategy {name} are not supported by this server.")));
    }
    let names = Strategy::ALL.map(Strategy::as_str).join(", ");
    Err(invalid(
        format_args!("No enum match for: {} (one of {names})", vestibule_refusal::Excerpt::of(name)),
        "strategy",
    ))
}

/// Who looks at a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// In a list, which shows no secrets.
    Listed,
    /// One by itself.
    Single,
}

/// A connection as it is shown. `clients` are the applications that people sign in to through it.
#[must_use]
pub(crate) fn show(connection: &Connection, clients: &[String], view: View) -> Value {
    let common = &connection.common;
    let display_name = match connection.display_name.as_str() {
        "" => connection.name.as_str(),
        name => name,
    };
    let mut shown = json!({
        "id": ids::connection(connection.id),
        "name": connection.name.as_str(),
        "strategy": connection.strategy().as_str(),
        "display_name": display_name,
        "options": options::show(connection, view == View::Single),
        "is_domain_connection": common.is_domain_level,
        "show_as_button": common.shows_button,
        "realms": common.realms_of(&connection.name),
        "enabled_clients": clients,
        "authentication": { "active": !common.is_switched_off },
        "connected_accounts": { "active": false },
    });
    if let (Value::Object(members), false) = (&mut shown, common.metadata.is_empty()) {
        members.insert("metadata".to_owned(), json!(common.metadata));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Result<Wanted, Refusal> {
        serde_json::from_value::<ConnectionIn>(body).unwrap().read()
    }

    #[test]
    fn a_body_says_what_is_made() {
        let wanted = read(json!({
            "name": "acme-oidc", "strategy": "waad", "options": { "a": 1 }, "authentication": { "active": false },
            "realms": ["x"], "metadata": { "k": "v", "gone": null }, "connected_accounts": { "active": false },
        }))
        .unwrap();
        assert_eq!((wanted.name.as_str(), wanted.strategy), ("acme-oidc", Strategy::Entra));
        assert_eq!(wanted.change.common.is_switched_off, Patch::Set(true));
        assert!(wanted.change.display_name.is_keep() && wanted.change.options.is_some());
        assert_eq!(wanted.change.common.metadata.value().unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (body, named) in [
            (json!({ "strategy": "oidc" }), "name"),
            (json!({ "name": "a" }), "strategy"),
            (json!({ "name": "a_b", "strategy": "oidc" }), "on property name"),
            (json!({ "name": "a", "strategy": "facebook" }), "facebook are not supported"),
            (json!({ "name": "a", "strategy": "oidk" }), "on property strategy"),
            (json!({ "name": "a", "strategy": "oidc", "display_name": " " }), "on property display_name"),
            (
                json!({ "name": "a", "strategy": "oidc", "connected_accounts": { "active": true } }),
                "connected_accounts",
            ),
        ] {
            let refusal = read(body.clone()).unwrap_err();
            assert!(refusal.detail().unwrap().contains(named), "{body}: {refusal}");
        }
        assert!(
            serde_json::from_value::<ConnectionPatchIn>(json!({ "name": "a" })).is_err(),
            "a name never changes"
        );
    }
}
