//! Actions: everything a role can allow. The policy that API users see spells them; the code knows only this enum.

use super::builtin;

/// What actions are taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// The organization and its settings.
    Organization,
    /// The organization's members.
    Member,
    /// The member who is asking.
    Myself,
    /// The organization's SSO connections.
    Connection,
    /// The organization's directories.
    Directory,
}

impl ResourceKind {
    /// All of them, in the order of the policy.
    pub const ALL: [Self; 5] =
        [Self::Organization, Self::Member, Self::Myself, Self::Connection, Self::Directory];

    /// The id in the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        builtin::resource_id(self)
    }
}

macro_rules! actions {
    ($($resource:ident { $($action:ident = $verb:literal,)* })*) => {
        /// Something that may be done to a resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = concat!("`", $verb, "` on the resource ", stringify!($resource), ".")] $action,)*)*
        }

        impl Action {
            /// All of them, in the order of the policy.
            pub const ALL: &'static [Self] = &[$($(Self::$action,)*)*];

            /// What it is done to.
            #[must_use]
            pub const fn resource(self) -> ResourceKind {
                match self { $($(Self::$action => ResourceKind::$resource,)*)* }
            }

            /// What is done, as the policy spells it.
            #[must_use]
            pub const fn verb(self) -> &'static str {
                match self { $($(Self::$action => $verb,)*)* }
            }
        }
    };
}

actions! {
    Organization {
        UpdateOrganizationName = "update.info.name",
        UpdateOrganizationSlug = "update.info.slug",
        UpdateOrganizationLogo = "update.info.logo-url",
        UpdateAuthMethods = "update.settings.allowed-auth-methods",
        UpdateMfaMethods = "update.settings.allowed-mfa-methods",
        UpdateEmailJit = "update.settings.email-jit-provisioning",
        UpdateEmailInvites = "update.settings.email-invites",
        UpdateAllowedDomains = "update.settings.allowed-domains",
        UpdateDefaultConnection = "update.settings.default-sso-connection",
        UpdateSsoJit = "update.settings.sso-jit-provisioning",
        UpdateMfaPolicy = "update.settings.mfa-policy",
        UpdateImplicitRoles = "update.settings.implicit-roles",
        UpdateOauthTenants = "update.settings.allowed-oauth-tenants",
        UpdateOauthJit = "update.settings.oauth-tenant-jit-provisioning",
        DeleteOrganization = "delete",
    }
    Member {
        CreateMember = "create",
        SearchMembers = "search",
        DeleteMember = "delete",
        EndMemberSessions = "revoke-sessions",
        UpdateMemberName = "update.info.name",
        UpdateMemberUntrustedMetadata = "update.info.untrusted-metadata",
        UpdateMemberPhone = "update.info.mfa-phone",
        DeleteMemberPhone = "update.info.delete.mfa-phone",
        DeleteMemberTotp = "update.info.delete.mfa-totp",
        DeleteMemberPassword = "update.info.delete.password",
        UpdateMemberEmail = "update.info.email",
        UnlinkMemberEmail = "update.info.unlink.retired-email",
        UpdateMemberBreakglass = "update.settings.is-breakglass",
        UpdateMemberMfaEnrolled = "update.settings.mfa-enrolled",
        UpdateMemberMfaMethod = "update.settings.default-mfa-method",
        UpdateMemberRoles = "update.settings.roles",
        ReadMemberApplications = "get.connected-apps",
        EndMemberApplication = "revoke.connected-app",
    }
    Myself {
        UpdateOwnName = "update.info.name",
        UpdateOwnUntrustedMetadata = "update.info.untrusted-metadata",
        UpdateOwnPhone = "update.info.mfa-phone",
        DeleteOwnPhone = "update.info.delete.mfa-phone",
        DeleteOwnTotp = "update.info.delete.mfa-totp",
        DeleteOwnPassword = "update.info.delete.password",
        UpdateOwnEmail = "update.info.email",
        UnlinkOwnEmail = "update.info.unlink.retired-email",
        UpdateOwnMfaEnrolled = "update.settings.mfa-enrolled",
        UpdateOwnMfaMethod = "update.settings.default-mfa-method",
        Leave = "delete",
        EndOwnSessions = "revoke-sessions",
        ReadOwnApplications = "get.connected-apps",
        EndOwnApplication = "revoke.connected-app",
    }
    Connection {
        CreateConnection = "create",
        ReadConnections = "get",
        UpdateConnection = "update",
        DeleteConnection = "delete",
    }
    Directory {
        CreateDirectory = "create",
        ReadDirectory = "get",
        UpdateDirectory = "update",
        DeleteDirectory = "delete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_read_the_same() {
        for (at, one) in Action::ALL.iter().enumerate() {
            let twin = Action::ALL[..at]
                .iter()
                .find(|other| (other.resource(), other.verb()) == (one.resource(), one.verb()));
            assert_eq!(twin, None, "{one:?}");
        }
    }
}
