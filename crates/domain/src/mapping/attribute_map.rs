//! Which attributes of a person's profile are made of what the provider said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use super::template::{Said, Template};
use crate::refusal::{Field, Refusal, What};
use crate::spelled::spelled;

/// The most attributes of a map, and the most bytes of one's name.
const MOST: usize = 100;
const MOST_NAME_BYTES: usize = 255;
/// The most bytes of the scopes for user information.
const MOST_SCOPE_BYTES: usize = 255;

/// The standard claims of a profile (OpenID Connect Core section 5.1).
pub const STANDARD: [&str; 17] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "zoneinfo",
];

/// Names that belong to the protocol, to the tokens that are issued here, or to what this server itself says of a person: no
/// provider sets one.
const RESTRICTED: [&str; 81] = [
    "_id",
    "acr",
    "act",
    "active",
    "amr",
    "app_metadata",
    "at_hash",
    "ath",
    "attest",
    "aud",
    "auth_time",
    "authorization_details",
    "azp",
    "blocked",
    "c_hash",
    "client_id",
    "cnf",
    "created_at",
    "cty",
    "dest",
    "entitlements",
    "events",
    "exp",
    "gty",
    "htm",
    "htu",
    "iat",
    "identities",
    "internalService",
    "iss",
    "jcard",
    "jku",
    "jti",
    "jwe",
    "jwk",
    "kid",
    "last_ip",
    "last_login",
    "logins_count",
    "may_act",
    "mky",
    "multifactor",
    "nbf",
    "nonce",
    "object_id",
    "org_id",
    "org_name",
    "orig",
    "origid",
    "permissions",
    "roles",
    "rph",
    "s_hash",
    "sid",
    "sub",
    "sub_jwk",
    "toe",
    "txn",
    "typ",
    "updated_at",
    "user_id",
    "user_metadata",
    "uuid",
    "vot",
    "vtm",
    "x5t#S256",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "__proto__",
    "constructor",
    "prototype",
    "clientID",
    "global_client_id",
    "persistent",
    "email_aliases",
    "password",
    "username",
    "scope",
    "session_expiry",
];

spelled! {
    /// Which claims become attributes.
    #[derive(Default)]
    pub enum MappingMode else BasicProfile {
        /// All claims, under their own names.
        #[default]
        BindAll = "bind_all",
        /// Those that the map lists, and no others.
        UseMap = "use_map",
        /// The standard claims of a profile, and what the map lists beside them. What is stored and this version does not
        /// know is read as this, which takes least.
        BasicProfile = "basic_profile",
    }
}

/// How a profile is made. Missing in a stored document is what is not set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributeMap {
    /// Which claims become attributes.
    pub mode: MappingMode,
    /// What attributes are made of, by their names.
    pub attributes: BTreeMap<String, Template>,
    /// The scopes that the provider is asked for so that it gives user information.
    pub userinfo_scope: String,
}

/// The attributes of a profile as they were just made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapped {
    /// What is kept with the person.
    pub kept: Map<String, Value>,
    /// What serves this sign-in alone and is kept nowhere.
    pub passing: Map<String, Value>,
}

impl AttributeMap {
    /// Checks a map that somebody wants to set.
    ///
    /// # Errors
    /// [`Field::AttributeMap`] with what was found.
    pub fn checked(self) -> Result<Self, Refusal> {
        let refuse = |found: String, expected: String| {
            Err(Refusal::new(What::Invalid(Field::AttributeMap)).found(found).expected(expected))
        };
        if self.attributes.len() > MOST {
            return refuse(format!("{} attributes", self.attributes.len()), format!("at most {MOST}"));
        }
        let fits = |name: &String| {
            !name.is_empty() && name.len() <= MOST_NAME_BYTES && !name.chars().any(char::is_control)
        };
        if let Some(name) = self.attributes.keys().find(|name| !fits(name)) {
            return refuse(
                format!("the attribute {:?}", Excerpt::of(name).as_str()),
                format!("a name of up to {MOST_NAME_BYTES} bytes"),
            );
        }
        if self.userinfo_scope.len() > MOST_SCOPE_BYTES || self.userinfo_scope.chars().any(char::is_control) {
            return refuse(
                "scopes for user information that are too long or hold control characters".to_owned(),
                format!("at most {MOST_SCOPE_BYTES} bytes"),
            );
        }
        Ok(self)
    }

    /// Whether user information has to be asked for: only where an attribute is made of it.
    #[must_use]
    pub fn reads_userinfo(&self) -> bool {
        self.lists_attributes() && self.attributes.values().any(Template::reads_userinfo)
    }

    /// The attributes of somebody. `passing` are the names of those that are never kept; an attribute that holds the
    /// provider's access token is none that is kept either.
    #[must_use]
    pub fn mapped(&self, said: &Said<'_>, passing: &[String]) -> Mapped {
        let mut mapped = Mapped::default();
        for (name, value) in self.bound(said) {
            mapped.push(name, value, passing.contains(name));
        }
        if self.lists_attributes() {
            for (name, template) in &self.attributes {
                if let Some(value) = template.evaluate(said).filter(|_| !is_restricted(name)) {
                    mapped.push(name, value, passing.contains(name) || template.reads_access_token());
                }
            }
        }
        mapped
    }

    fn lists_attributes(&self) -> bool {
        self.mode != MappingMode::BindAll
    }

    /// The claims that become attributes under their own names.
    fn bound<'s>(&self, said: &Said<'s>) -> impl Iterator<Item = (&'s String, Value)> {
        let mode = self.mode;
        let is_bound = move |name: &str| match mode {
            MappingMode::BindAll => !is_restricted(name),
            MappingMode::BasicProfile => STANDARD.contains(&name),
            MappingMode::UseMap => false,
        };
        said.token
            .iter()
            .filter(move |(name, value)| !value.is_null() && is_bound(name))
            .map(|(name, value)| (name, value.clone()))
    }
}

impl Mapped {
    fn push(&mut self, name: &str, value: Value, is_passing: bool) {
        self.kept.remove(name);
        let attributes = if is_passing { &mut self.passing } else { &mut self.kept };
        attributes.insert(name.to_owned(), value);
    }
}

/// Whether no provider may set an attribute of this name.
#[must_use]
pub fn is_restricted(name: &str) -> bool {
    RESTRICTED.contains(&name) || name.starts_with("sip_")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapped(map: &Value, passing: &[&str]) -> (Value, Value) {
        let token = json!({
            "iss": "https://idp.test", "aud": "us", "exp": 1, "sub": "1", "nonce": "n", "amr": ["pwd"], "sip_from_tag": "x",
            "email": "ada@acme.test", "name": "Ada", "groups": ["a"], "department": "math", "user_id": "oidc|other|1",
            "app_metadata": { "is_admin": true }, "blocked": false, "nothing": null,
        });
        let userinfo = json!({ "title": "countess" });
        let said = Said {
            token: token.as_object().unwrap(),
            userinfo: userinfo.as_object(),
            access_token: Some("opaque"),
            connection_id: "con_1",
            connection_name: "acme",
            strategy: "oidc",
        };
        let map: AttributeMap = serde_json::from_value(map.clone()).unwrap();
        let passing: Vec<String> = passing.iter().map(|name| (*name).to_owned()).collect();
        let mapped = map.checked().unwrap().mapped(&said, &passing);
        (mapped.kept.into(), mapped.passing.into())
    }

    #[test]
    fn each_mode_takes_what_it_says_and_nothing_of_the_protocol() {
        let listed = json!({
            "email": "${context.tokenset.email}", "title": "${context.userinfo.title}", "sub": "${context.tokenset.email}",
            "federated_amr": "${context.tokenset.amr}", "user_id": "oidc|other|1", "app_metadata": "x",
        });
        let (all, _) = mapped(&json!({ "mode": "bind_all", "attributes": listed }), &[]);
        assert_eq!(
            all,
            json!({ "email": "ada@acme.test", "name": "Ada", "groups": ["a"], "department": "math" })
        );
        let (some, _) = mapped(&json!({ "mode": "use_map", "attributes": listed }), &[]);
        assert_eq!(some, json!({ "email": "ada@acme.test", "title": "countess", "federated_amr": ["pwd"] }));
        let (basic, _) = mapped(&json!({ "mode": "basic_profile", "attributes": {} }), &[]);
        assert_eq!(basic, json!({ "email": "ada@acme.test", "name": "Ada" }));
        let (unknown, _) = mapped(&json!({ "mode": "of a later version" }), &[]);
        assert_eq!(unknown, basic);
    }

    #[test]
    fn what_is_not_to_be_kept_passes() {
        let map = json!({ "mode": "use_map", "attributes": {
            "groups": "${context.tokenset.groups}", "idp_token": "Bearer ${context.tokenset.access_token}", "tier": "gold",
        } });
        let (kept, passing) = mapped(&map, &["groups"]);
        assert_eq!(kept, json!({ "tier": "gold" }));
        assert_eq!(passing, json!({ "groups": ["a"], "idp_token": "Bearer opaque" }));
    }

    #[test]
    fn user_information_is_asked_for_only_where_an_attribute_is_made_of_it() {
        let of = |map: Value| serde_json::from_value::<AttributeMap>(map).unwrap().reads_userinfo();
        assert!(of(json!({ "mode": "use_map", "attributes": { "t": "${context.userinfo.t}" } })));
        assert!(!of(json!({ "mode": "bind_all", "attributes": { "t": "${context.userinfo.t}" } })));
        assert!(!of(json!({ "mode": "use_map", "attributes": { "t": "${context.tokenset.t}" } })));
    }

    #[test]
    fn bounds_are_told() {
        let many: BTreeMap<String, &str> = (0..=MOST).map(|n| (format!("a{n}"), "x")).collect();
        for bad in [
            json!({ "attributes": many }),
            json!({ "attributes": { "": "x" } }),
            json!({ "attributes": { "x".repeat(256): "x" } }),
            json!({ "userinfo_scope": "x".repeat(256) }),
        ] {
            let map: AttributeMap = serde_json::from_value(bad).unwrap();
            assert_eq!(map.checked().unwrap_err().what, What::Invalid(Field::AttributeMap));
        }
    }
}
