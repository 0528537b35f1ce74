//! A user as this dialect has it: a subject at a connection, with what is known of them. There is no such thing in the house; it is
//! put together out of a registration and its member.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vestibule_domain::connection::{Connection, ProfileSync};
use vestibule_domain::member::MemberPatch;
use vestibule_domain::patch::Patch;
use vestibule_domain::profile::{Profile, UserId};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_store::tables::people::Standing;

use super::body::invalid;
use super::profile::attributes;

/// A user as it is shown. `source` is the connection that leads to their provider.
#[must_use]
pub(crate) fn show(source: &Connection, standing: &Standing, origin: &str) -> Value {
    let Standing { registration, member, .. } = standing;
    let profile = Profile::of(member, registration, source, &Map::new());
    let mut shown = attributes(profile, origin);
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    let user = UserId::of(source, registration);
    set("user_id", json!(user.to_string()));
    set(
        "identities",
        json!([{
            "provider": user.strategy,
            "user_id": user.within_strategy(),
            "connection": user.connection.as_str(),
            "isSocial": false,
        }]),
    );
    set("created_at", json!(registration.created_at.to_string()));
    set("updated_at", json!(member.updated_at.max(registration.last_login_at).to_string()));
    // Somebody of whom a directory has spoken may not have come yet.
    if registration.arrivals.count > 0 {
        set("last_login", json!(registration.last_login_at.to_string()));
    }
    set("logins_count", json!(registration.arrivals.count));
    if !registration.arrivals.last_ip.is_empty() {
        set("last_ip", json!(registration.arrivals.last_ip));
    }
    if !member.untrusted_metadata.is_empty() {
        set("user_metadata", Value::Object(member.untrusted_metadata.clone()));
    }
    if !member.trusted_metadata.is_empty() {
        set("app_metadata", Value::Object(member.trusted_metadata.clone()));
    }
    Value::Object(shown)
}

/// A user in the list of an organization's members.
#[must_use]
pub(crate) fn show_member(source: &Connection, standing: &Standing, origin: &str) -> Value {
    let user = show(source, standing, origin);
    let wanted = ["user_id", "email", "name", "picture"];
    let of = |name: &&str| user.get(*name).map(|value| ((*name).to_owned(), value.clone()));
    Value::Object(wanted.iter().filter_map(of).collect())
}

/// The body by which a user is changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UserPatchIn {
    blocked: Option<bool>,
    email: Option<String>,
    email_verified: Option<bool>,
    verify_email: Option<bool>,
    name: Option<String>,
    nickname: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    picture: Option<String>,
    phone_number: Option<String>,
    phone_verified: Option<bool>,
    verify_phone_number: Option<bool>,
    verify_password: Option<bool>,
    password: Option<String>,
    username: Option<String>,
    connection: Option<String>,
    client_id: Option<String>,
    user_metadata: Option<Map<String, Value>>,
    app_metadata: Option<Map<String, Value>>,
}

impl UserPatchIn {
    /// The change that it is to a member whose profile follows the provider as `sync` has it.
    ///
    /// # Errors
    /// What the provider writes at each sign-in, and what this server does not change.
    pub(crate) fn patch(self, sync: ProfileSync) -> Result<MemberPatch, Refusal> {
        let elsewhere = [
            ("nickname", self.nickname.is_some()),
            ("given_name", self.given_name.is_some()),
            ("family_name", self.family_name.is_some()),
            ("picture", self.picture.is_some()),
        ];
        let root = [("name", self.name.is_some()), ("email", self.email.is_some())];
        if sync == ProfileSync::OnEachLogin
            && let Some((name, _)) = root.iter().chain(&elsewhere).find(|(_, given)| *given)
        {
            return Err(invalid(
                "The connection writes this attribute at each login; set_user_root_attributes of the connection is on_each_login",
                name,
            ));
        }
        let not_offered = [
            ("blocked", self.blocked == Some(true)),
            ("email_verified", self.email_verified.is_some()),
            ("verify_email", self.verify_email == Some(true)),
            ("password", self.password.is_some()),
            ("username", self.username.is_some()),
            ("phone_number", self.phone_number.is_some()),
        ];
        if let Some((name, _)) = not_offered.iter().chain(&elsewhere).find(|(_, asked)| *asked) {
            return Err(Refusal::new(What::NotOffered).because(format!(
                "{name} of users of enterprise connections cannot be changed on this server."
            )));
        }
        let set = |value: Option<String>| value.map_or(Patch::Keep, Patch::Set);
        Ok(MemberPatch {
            name: set(self.name),
            email_address: set(self.email),
            untrusted_metadata: self.user_metadata.map_or(Patch::Keep, Patch::Set),
            trusted_metadata: self.app_metadata.map_or(Patch::Keep, Patch::Set),
            ..MemberPatch::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(body: Value, sync: ProfileSync) -> Result<MemberPatch, Refusal> {
        serde_json::from_value::<UserPatchIn>(body).unwrap().patch(sync)
    }

    #[test]
    fn what_the_provider_writes_is_not_ours_to_change() {
        let metadata = json!({ "user_metadata": { "a": 1 }, "app_metadata": { "b": null } });
        let change = patch(metadata, ProfileSync::OnEachLogin).unwrap();
        assert!(change.untrusted_metadata.is_given() && change.trusted_metadata.is_given());
        assert!(patch(json!({ "name": "Ada" }), ProfileSync::OnEachLogin).is_err());
        assert_eq!(
            patch(json!({ "name": "Ada" }), ProfileSync::OnFirstLogin).unwrap().name,
            Patch::Set("Ada".to_owned())
        );
        for body in [json!({ "blocked": true }), json!({ "password": "x" }), json!({ "picture": "x" })] {
            let refusal = patch(body.clone(), ProfileSync::OnFirstLogin).unwrap_err();
            assert_eq!(refusal.what, What::NotOffered, "{body}");
        }
        assert!(patch(json!({ "blocked": false, "connection": "acme" }), ProfileSync::OnEachLogin).is_ok());
    }
}
