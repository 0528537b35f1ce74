//! The roles and resources every project has, as its policy spells them.
//!
//! The ids are data: they stand in customers' own policies, in role assignments and in session tokens, so they stay as
//! they are whatever dialect shows them.

use super::{ANY_ACTION, Action, Permission, Policy, Resource, ResourceKind, Role};

/// Held by every active member.
pub const MEMBER_ROLE: &str = "stytch_member";
/// May do everything inside its organization.
pub const ADMIN_ROLE: &str = "stytch_admin";

pub(super) const fn resource_id(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Organization => "stytch.organization",
        ResourceKind::Member => "stytch.member",
        ResourceKind::Myself => "stytch.self",
        ResourceKind::Connection => "stytch.sso",
        ResourceKind::Directory => "stytch.scim",
    }
}

const fn description(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Organization => "The organization and its settings",
        ResourceKind::Member => "The organization's members",
        ResourceKind::Myself => "The member who is asking",
        ResourceKind::Connection => "The organization's SSO connections",
        ResourceKind::Directory => "The organization's SCIM connection",
    }
}

/// The policy every project starts with.
#[must_use]
pub fn builtin_policy() -> Policy {
    let all_of = |kind: ResourceKind| Permission {
        resource_id: kind.id().to_owned(),
        actions: vec![ANY_ACTION.to_owned()],
    };
    let member = Role {
        role_id: MEMBER_ROLE.to_owned(),
        description: "Every active member".to_owned(),
        permissions: vec![all_of(ResourceKind::Myself)],
    };
    let others = ResourceKind::ALL.into_iter().filter(|kind| *kind != ResourceKind::Myself);
    let admin = Role {
        role_id: ADMIN_ROLE.to_owned(),
        description: "Administrators of the organization".to_owned(),
        permissions: others.map(all_of).collect(),
    };
    Policy {
        roles: vec![member, admin],
        resources: ResourceKind::ALL.map(resource).into(),
        scopes: Vec::new(),
    }
}

fn resource(kind: ResourceKind) -> Resource {
    let actions = Action::ALL.iter().filter(|action| action.resource() == kind);
    Resource {
        resource_id: kind.id().to_owned(),
        description: description(kind).to_owned(),
        actions: actions.map(|action| action.verb().to_owned()).collect(),
    }
}
