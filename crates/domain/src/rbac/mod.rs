//! Role-based access control: the policy is data, the decision is one pure function.

mod action;
mod actor;
pub mod asks;
mod builtin;
mod decide;
mod fields;
mod grant;
mod grants;
mod policy;

pub use action::{Action, ResourceKind};
pub use actor::Actor;
pub use builtin::{ADMIN_ROLE, MEMBER_ROLE, builtin_policy};
pub use decide::{Verdict, decide};
pub use fields::{AskOfMember, Given, Need};
pub use grant::{Ask, Authority, Entry, Grant, ProjectGrant};
pub use grants::{RoleGrant, RoleSource, role_grants, session_roles};
pub use policy::{
    ANY_ACTION, Additions, PartChange, Permission, Policy, PolicyPart, RESERVED, Resource, Role, Scope,
    is_reserved, organization_roles, policy_changes,
};
