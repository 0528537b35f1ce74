//! Users and groups as values: read from bodies, changed by PUT and PATCH, and shown.

mod group;
mod shown;
mod user;

pub(crate) use group::members;
pub use group::{Group, GroupHead, Member};
pub use shown::{GroupReference, Shown, location};
pub use user::{Changed, Entry, Name, User};
