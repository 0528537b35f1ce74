//! PATCH (RFC 7644 section 3.5.2): operations are read against the schema once, and applied as often as somebody else
//! was faster.

mod group;
mod raw;
mod user;

pub use group::{GroupChange, MembersDelta};
pub use user::UserPatch;
pub(crate) use user::whole;

/// The schema of a PATCH.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
