//! The objects of the contract (section 4) as they stand on the wire, and the bodies of the calls that change them.
//! Nothing here decides anything.

mod member;
mod organization;
mod rbac;
mod settings;

pub mod connection;
pub mod saml_connection;
pub mod session;

pub use member::{MemberIn, MemberOut};
pub use organization::{OrganizationIn, OrganizationOut};
pub use rbac::{PolicyOut, RoleOut};
