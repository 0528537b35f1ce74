//! The objects of the contract (section 4) as they stand on the wire, and the bodies of the calls that change them.
//! Nothing here decides anything.

mod mapping;
mod member;
mod organization;
mod rbac;
mod role_assignments;
mod scim_attributes;
mod settings;

pub(crate) mod connection;
pub(crate) mod discovered;
pub(crate) mod external_connection;
pub(crate) mod missing;
pub(crate) mod saml_connection;
pub(crate) mod scim_connection;
pub(crate) mod session;
pub(crate) mod tokens;

pub(crate) use member::{MemberIn, MemberOut};
pub(crate) use organization::{OrganizationIn, OrganizationOut, PublicOrganizationOut};
pub(crate) use rbac::{PolicyIn, PolicyOut, RoleIn, RoleOut, roles};
