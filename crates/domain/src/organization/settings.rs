//! The settings of an organization: who may sign in, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{EmailRoleAssignment, company_domains};
use crate::bounds::Measured;
use crate::id::ConnectionId;
use crate::metadata::Metadata;
use crate::patch::Patch;
use crate::refusal::{Field, Refusal, What};
use crate::spelled::spelled;

spelled! {
    /// How far something is open. A stored value that this version does not know is closed.
    pub enum Access else NotAllowed {
        /// Everything is allowed.
        AllAllowed = "ALL_ALLOWED",
        /// Only what a list names.
        Restricted = "RESTRICTED",
        /// Nothing.
        NotAllowed = "NOT_ALLOWED",
    }
}

spelled! {
    /// Which members need a second factor. A stored value that this version does not know demands it of all.
    pub enum MfaPolicy else RequiredForAll {
        /// Those who enrolled.
        Optional = "OPTIONAL",
        /// All of them.
        RequiredForAll = "REQUIRED_FOR_ALL",
    }
}

impl Measured for Access {
    fn measured(self, _field: &str) -> Result<Self, Refusal> {
        Ok(self)
    }
}

impl Measured for MfaPolicy {
    fn measured(self, _field: &str) -> Result<Self, Refusal> {
        Ok(self)
    }
}

/// A change to an organization.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields carry the names and meanings of the API")]
pub struct OrganizationPatch {
    pub name: Patch<String>,
    pub slug: Patch<String>,
    pub logo_url: Patch<String>,
    pub external_id: Patch<String>,
    pub trusted_metadata: Patch<Metadata>,
    pub email_role_assignments: Patch<Vec<EmailRoleAssignment>>,
    pub policy: PolicyPatch,
}

/// Makes the policy, that of a new organization, its change, and how the change is applied. A setting is
/// `name: Type = value in a new organization`, which is also what it has when it is unset and what a stored document
/// means that lacks it. `checked by` names what a new value goes through.
macro_rules! login_policy {
    (
        optional { $($option:ident: $value:ty,)* }
        $($setting:ident: $type:ty = $new:expr $(, checked by $check:path)?;)*
    ) => {
        /// Who may sign in to an organization, and how.
        ///
        /// A setting that is missing in a stored document has the value it has in a new organization: none may be given
        /// a default that opens more than what was decided before the setting existed.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the fields carry the names and meanings of the API")]
        #[serde(default)]
        pub struct LoginPolicy {
            $(pub $option: Option<$value>,)*
            $(pub $setting: $type,)*
        }

        impl Default for LoginPolicy {
            fn default() -> Self {
                Self { $($option: None,)* $($setting: $new,)* }
            }
        }

        /// A change to who may sign in to an organization, and how.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[expect(missing_docs, reason = "the fields carry the names and meanings of the API")]
        pub struct PolicyPatch {
            $(pub $option: Patch<$value>,)*
            $(pub $setting: Patch<$type>,)*
        }

        impl LoginPolicy {
            pub(super) fn set(&mut self, patch: PolicyPatch) -> Result<(), Refusal> {
                $(patch.$option.onto(&mut self.$option);)*
                $(patch.$setting
                    .try_map(|given: $type| given.measured(stringify!($setting)))?
                    $(.try_map($check)?)?
                    .onto_or(&mut self.$setting, $new);)*
                self.check()
            }
        }
    };
}

login_policy! {
    optional {
        sso_default_connection_id: ConnectionId,
    }
    sso_jit_provisioning: Access = Access::AllAllowed;
    sso_jit_provisioning_allowed_connections: Vec<ConnectionId> = Vec::new();
    email_allowed_domains: Vec<String> = Vec::new(), checked by company_domains;
    claimed_email_domains: Vec<String> = Vec::new(), checked by company_domains;
    email_jit_provisioning: Access = Access::NotAllowed;
    email_invites: Access = Access::AllAllowed;
    auth_methods: Access = Access::AllAllowed;
    allowed_auth_methods: Vec<String> = Vec::new();
    mfa_policy: MfaPolicy = MfaPolicy::Optional;
    mfa_methods: Access = Access::AllAllowed;
    allowed_mfa_methods: Vec<String> = Vec::new();
    oauth_tenant_jit_provisioning: Access = Access::NotAllowed;
    allowed_oauth_tenants: BTreeMap<String, Vec<String>> = BTreeMap::new();
    first_party_connected_apps_allowed_type: Access = Access::AllAllowed;
    allowed_first_party_connected_apps: Vec<String> = Vec::new();
    third_party_connected_apps_allowed_type: Access = Access::AllAllowed;
    allowed_third_party_connected_apps: Vec<String> = Vec::new();
}

impl PolicyPatch {
    /// Whether any of the settings that decide who may sign in is given.
    pub(super) const fn names_auth_settings(&self) -> bool {
        self.sso_jit_provisioning.is_given()
            || self.email_allowed_domains.is_given()
            || self.email_jit_provisioning.is_given()
            || self.auth_methods.is_given()
            || self.allowed_auth_methods.is_given()
            || self.mfa_policy.is_given()
    }
}

const AUTH_METHODS: [&str; 9] = [
    "sso",
    "magic_link",
    "email_otp",
    "password",
    "google_oauth",
    "microsoft_oauth",
    "slack_oauth",
    "github_oauth",
    "hubspot_oauth",
];
const MFA_METHODS: [&str; 2] = ["sms_otp", "totp"];
const OAUTH_TENANT_PROVIDERS: [&str; 3] = ["slack", "hubspot", "github"];

impl LoginPolicy {
    fn check(&self) -> Result<(), Refusal> {
        let wrong = |field: &str, found: &str| {
            Err(Refusal::new(What::Invalid(Field::Setting)).found(format!("{found:?} in {field}")))
        };
        if self.sso_jit_provisioning == Access::NotAllowed
            && self.email_jit_provisioning == Access::NotAllowed
            && self.email_invites == Access::NotAllowed
        {
            return Err(What::ProvisioningAllOff.into());
        }
        for (field, access) in [
            ("email_jit_provisioning", self.email_jit_provisioning),
            ("oauth_tenant_jit_provisioning", self.oauth_tenant_jit_provisioning),
        ] {
            if access == Access::AllAllowed {
                return wrong(field, "ALL_ALLOWED");
            }
        }
        for (field, access) in [("auth_methods", self.auth_methods), ("mfa_methods", self.mfa_methods)] {
            if access == Access::NotAllowed {
                return wrong(field, "NOT_ALLOWED");
            }
        }
        if let Some(method) = self.allowed_auth_methods.iter().find(|m| !AUTH_METHODS.contains(&m.as_str())) {
            return wrong("allowed_auth_methods", method);
        }
        if let Some(method) = self.allowed_mfa_methods.iter().find(|m| !MFA_METHODS.contains(&m.as_str())) {
            return wrong("allowed_mfa_methods", method);
        }
        if let Some(provider) =
            self.allowed_oauth_tenants.keys().find(|p| !OAUTH_TENANT_PROVIDERS.contains(&p.as_str()))
        {
            return wrong("allowed_oauth_tenants", provider);
        }
        let empty_but_restricted = (self.auth_methods == Access::Restricted
            && self.allowed_auth_methods.is_empty())
            || (self.mfa_methods == Access::Restricted && self.allowed_mfa_methods.is_empty());
        if empty_but_restricted {
            return Err(What::EmptyRestriction.into());
        }
        Ok(())
    }
}
