//! The JSON of this dialect, and how requests of it are read.

pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod ids;
pub(crate) mod listing;
pub(crate) mod log;
pub(crate) mod options;
pub(crate) mod organization;
pub(crate) mod profile;
pub(crate) mod query;
pub(crate) mod scim;
pub(crate) mod tenant;
pub(crate) mod user;
pub(crate) mod user_query;
