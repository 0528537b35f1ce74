//! SCIM 2.0, the service provider's side: bytes, what is known and the current time go in, a verdict comes out
//! (RFC 7643, RFC 7644).
//!
//! The crate never opens a connection, never reads a clock, an environment or a file, makes no random numbers and keeps
//! no state. It knows nothing of organizations, members or sessions. It never panics on foreign bytes, and its work and
//! memory are linear in them, within [`limits`].
//!
//! | A request | What reads it | What comes of it |
//! |---|---|---|
//! | any | [`credentials::token`], [`media::accepted`], [`version::Tags`] | who asks, in which form, of which version |
//! | GET of a list, `.search` | [`query::Query`] | [`filter::Lookup::of`], then [`filter::Filter::matches`] for the rest; [`page::list`] |
//! | POST, PUT of a user | [`resource::User::read`] | the user; [`resource::User::replaced_by`] gives what changed |
//! | PATCH of a user | [`patch::UserPatch::read`] | [`resource::User::patched_by`] gives the user and what changed |
//! | POST, PUT of a group | [`resource::Group::read`] | the group; [`resource::Group::into_change`] |
//! | PATCH of a group | [`patch::GroupChange::read`] | names, and a [`patch::MembersDelta`] that never looks at who the members are |
//! | GET of what is served | | [`schema::document`] |
//!
//! What is given is [`resource::User::document`] or [`resource::GroupHead::document`], projected by
//! [`projection::Projection`], and every refusal is a [`ScimRefusal`], which is a [`problem::Problem`] to the client.
//!
//! Directories differ in how they write. Each liberty that is taken is a [`tolerance::Tolerance`] with the clients that
//! need it, and every reader gives back which ones it met ([`Read`]), so that a trace can show it.
//!
//! # A whole exchange
//!
//! ```
//! use vestibule_scim::UnixMillis;
//! use vestibule_scim::filter::{Key, Lookup};
//! use vestibule_scim::patch::{GroupChange, UserPatch};
//! use vestibule_scim::query::Query;
//! use vestibule_scim::resource::{Shown, User};
//! use vestibule_scim::schema::ResourceType;
//! use vestibule_scim::tolerance::Tolerance;
//! use vestibule_scim::version::Version;
//!
//! // Is this person known? An index answers.
//! let asked = Query::of_parameters([("filter", r#"userName eq "Ada@Acme.example""#)], ResourceType::User)?;
//! let Lookup::Terms { terms, rest: None } = Lookup::of(asked.value.filter) else { panic!("an index answers") };
//! assert_eq!((terms[0].key, terms[0].value.as_str()), (Key::UserName, "ada@acme.example"));
//!
//! // Nobody was found, and so the directory creates the person.
//! let body = br#"{
//!     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ada@Acme.example", "active": true,
//!     "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }]
//! }"#;
//! let user = User::read(body)?;
//! assert_eq!(user.value.email(), Some("ada@acme.example"));
//! assert!(user.tolerances.is_empty());
//!
//! // One client writes operations in capitals and false in quotation marks. Both are understood, and told.
//! let patch = UserPatch::read(br#"{
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!     "Operations": [{ "op": "Replace", "path": "active", "value": "False" }]
//! }"#)?;
//! assert_eq!(patch.tolerances.times(Tolerance::BooleanAsText), 1);
//! let changed = user.value.patched_by(&patch.value)?;
//! assert!(!changed.user.is_active());
//! assert_eq!(changed.changes[0].path, "active");
//!
//! let now = UnixMillis(1_795_991_418_123);
//! let base = "https://sso.example/scim/v2/connections/c1";
//! let shown = Shown { id: "u1", base, created: now, last_modified: now, version: Version(2) };
//! assert_eq!(changed.user.document(&shown, &[])["meta"]["version"], "W/\"2\"");
//!
//! // A member of a group leaves. Nobody looks at the fifty thousand others.
//! let change = GroupChange::read(br#"{
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!     "Operations": [{ "op": "remove", "path": "members[value eq \"u1\"]" }]
//! }"#)?;
//! assert_eq!(change.value.members.removed().collect::<Vec<_>>(), ["u1"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attributes;
pub mod credentials;
pub mod filter;
mod json;
pub mod limits;
pub mod media;
mod message;
pub mod page;
pub mod patch;
pub mod path;
pub mod problem;
pub mod projection;
pub mod query;
mod refusal;
pub mod resource;
pub mod schema;
#[cfg(test)]
mod steps;
mod time;
pub mod tolerance;
pub mod version;

pub use attributes::{Attributes, Change};
pub use message::Read;
pub use refusal::{Excerpt, Refusal, ScimRefusal};
pub use time::UnixMillis;
