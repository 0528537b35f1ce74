//! SCIM configurations on the wire (contract 4.8).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vestibule_domain::connection::{Connection, Strategy};
use vestibule_domain::directory::{
    Directory, DirectoryPatch, DirectoryToken, Mapped, Mapping, NewToken, Scope, Target,
};
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::Refusal;
use vestibule_domain::time::{Span, Time};

use super::body::invalid;
use super::ids;

/// The attribute that users are known by when nobody says otherwise.
const USER_ID: &str = "externalId";
/// The shortest life of a token, in seconds.
const SHORTEST: i64 = 900;
/// The longest, in seconds: a hundred years.
const LONGEST: i64 = 3_155_760_000;
/// What stands before the names of what is kept for applications.
const METADATA: &str = "app_metadata.";

/// The attributes of the core schema and what they are called in a profile.
const MAPPING: [(&str, &str); 32] = [
    ("preferred_username", "userName"),
    ("email", "emails[primary eq true].value"),
    ("app_metadata.external_id", "externalId"),
    ("blocked", "active"),
    ("name", "displayName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("app_metadata.middle_name", "name.middleName"),
    ("app_metadata.honorific_prefix", "name.honorificPrefix"),
    ("app_metadata.honorific_suffix", "name.honorificSuffix"),
    ("nickname", "nickName"),
    ("picture", "photos[type eq \"photo\"].value"),
    ("app_metadata.primary_phone_number", "phoneNumbers[primary eq true].value"),
    ("app_metadata.mobile_phone_number", "phoneNumbers[type eq \"mobile\"].value"),
    ("app_metadata.street_address", "addresses[type eq \"work\"].streetAddress"),
    ("app_metadata.city", "addresses[type eq \"work\"].locality"),
    ("app_metadata.state", "addresses[type eq \"work\"].region"),
    ("app_metadata.postal_code", "addresses[type eq \"work\"].postalCode"),
    ("app_metadata.postal_address", "addresses[type eq \"work\"].formatted"),
    ("app_metadata.country", "addresses[type eq \"work\"].country"),
    ("app_metadata.profile_url", "profileUrl"),
    ("app_metadata.user_type", "userType"),
    ("app_metadata.title", "title"),
    ("app_metadata.language", "preferredLanguage"),
    ("app_metadata.locale", "locale"),
    ("app_metadata.timezone", "timezone"),
    ("app_metadata.employee_id", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber"),
    ("app_metadata.cost_center", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.costCenter"),
    ("app_metadata.organization", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.organization"),
    ("app_metadata.division", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.division"),
    ("app_metadata.department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department"),
    ("app_metadata.manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager"),
];

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryIn {
    auth0: String,
    scim: String,
}

/// What a configuration is made of.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConfigurationIn {
    user_id_attribute: Option<String>,
    mapping: Option<Vec<EntryIn>>,
}

/// Which token is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TokenIn {
    scopes: Option<Vec<String>>,
    token_lifetime: Option<i64>,
}

/// The mapping that holds when nobody says otherwise.
pub(crate) fn default_mapping() -> Vec<EntryIn> {
    let entry = |(auth0, scim): (&str, &str)| EntryIn { auth0: auth0.to_owned(), scim: scim.to_owned() };
    MAPPING.map(entry).to_vec()
}

impl EntryIn {
    fn read(self) -> Mapped {
        let to = match self.auth0.as_str() {
            "email" => Target::Email,
            "name" => Target::Name,
            "blocked" => Target::Blocked,
            other => match other.strip_prefix(METADATA) {
                Some(key) => Target::Metadata(key.to_owned()),
                None => Target::Attribute(other.to_owned()),
            },
        };
        Mapped { from: self.scim, to }
    }

    fn of(mapped: &Mapped) -> Self {
        let auth0 = match &mapped.to {
            Target::Email => "email".to_owned(),
            Target::Name => "name".to_owned(),
            Target::Blocked => "blocked".to_owned(),
            Target::Metadata(key) => format!("{METADATA}{key}"),
            Target::Attribute(name) => name.clone(),
        };
        Self { auth0, scim: mapped.from.clone() }
    }
}

/// Whether connections of a strategy have directories.
pub(crate) const fn has_directories(strategy: Strategy) -> bool {
    matches!(strategy, Strategy::Oidc | Strategy::Saml | Strategy::Okta | Strategy::Entra)
}

impl ConfigurationIn {
    /// What is set; `whole` says that both have to be given.
    ///
    /// # Errors
    /// One is missing, or is not what it should be.
    pub(crate) fn patch(self, whole: bool) -> Result<DirectoryPatch, Refusal> {
        if whole && (self.user_id_attribute.is_none() || self.mapping.is_none()) {
            let missing = if self.mapping.is_none() { "mapping" } else { "user_id_attribute" };
            return Err(invalid(format_args!("Missing required property: {missing}"), ""));
        }
        let mapping = Mapping {
            subject: self.user_id_attribute.unwrap_or_else(|| USER_ID.to_owned()),
            attributes: self.mapping.unwrap_or_else(default_mapping).into_iter().map(EntryIn::read).collect(),
        };
        Ok(DirectoryPatch { mapping: Patch::Set(mapping), ..DirectoryPatch::default() })
    }
}

impl TokenIn {
    /// What it lets its holder do, and how long.
    ///
    /// # Errors
    /// A scope that there is not, or a life that is too short.
    pub(crate) fn read(self) -> Result<(Vec<Scope>, Option<Span>), Refusal> {
        let scope = |name: String| {
            let known = || {
                let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
                invalid(format_args!("{name:?} is none of {}", names.join(", ")), "scopes")
            };
            Scope::from_name(&name).ok_or_else(known)
        };
        let scopes = self.scopes.unwrap_or_default().into_iter().map(scope).collect::<Result<Vec<_>, _>>()?;
        let lifetime = match self.token_lifetime {
            None => None,
            Some(seconds) if (SHORTEST..=LONGEST).contains(&seconds) => Some(Span::seconds(seconds)),
            Some(seconds) => {
                return Err(invalid(
                    format_args!("Value {seconds} is less than minimum {SHORTEST}, or too long"),
                    "token_lifetime",
                ));
            }
        };
        Ok((scopes, lifetime))
    }
}

/// A configuration as it is shown.
pub(crate) fn configuration(tenant: &str, connection: &Connection, directory: &Directory) -> Value {
    let (user_id, mapping) = match &directory.mapping {
        Some(mapping) => (mapping.subject.clone(), mapping.attributes.iter().map(EntryIn::of).collect()),
        None => (USER_ID.to_owned(), default_mapping()),
    };
    json!({
        "connection_id": ids::connection(connection.id),
        "connection_name": connection.name.as_str(),
        "strategy": connection.strategy().as_str(),
        "tenant_name": tenant,
        "user_id_attribute": user_id,
        "mapping": mapping,
        "created_at": directory.created_at.to_string(),
        "updated_on": directory.updated_at.to_string(),
    })
}

/// A token as it is listed.
pub(crate) fn token(token: &DirectoryToken, last_used_at: Option<Time>) -> Value {
    let every = || Scope::ALL.to_vec();
    let scopes = if token.scopes.is_empty() { every() } else { token.scopes.clone() };
    let mut shown = json!({
        "token_id": token.id,
        "scopes": scopes,
        "created_at": token.created_at.to_string(),
    });
    if let Value::Object(members) = &mut shown {
        let times = [("valid_until", token.ends_at), ("last_used_at", last_used_at)];
        for (name, time) in times.into_iter().filter_map(|(name, time)| Some((name, time?))) {
            members.insert(name.to_owned(), time.to_string().into());
        }
    }
    shown
}

/// A token that was just made, this once with the token itself.
pub(crate) fn new_token(made: &NewToken) -> Value {
    let mut shown = token(&made.record, None);
    if let Value::Object(members) = &mut shown {
        members.insert("token".to_owned(), made.secret.expose().into());
    }
    shown
}
