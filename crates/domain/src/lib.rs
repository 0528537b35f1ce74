//! The domain of Vestibule: what organizations, members, connections, sign-ins and sessions *are*, and
//! every decision about them, as pure functions.
//!
//! This crate never performs input or output, never reads a clock, never draws randomness on its own and
//! knows no wire format: [`time::Time`] and [`entropy::Entropy`] are arguments, and each API dialect
//! translates its own types at its own door. The serde derives are for the store, which keeps an
//! aggregate as one JSON document beside its look-up columns.

pub mod admission;
pub mod application;
pub mod authorization;
pub mod bounds;

pub mod calendar;
pub mod connection;
pub mod connection_test;
pub mod directory;
pub mod domain_proof;
pub mod email;
pub mod entropy;
pub mod event;
pub mod id;
pub mod identity;
pub mod login;
pub mod login_session;
pub mod mapping;
pub mod member;
pub mod metadata;
pub mod mfa;
pub mod name;
pub mod organization;
pub mod outbox;
pub mod patch;
pub mod profile;
pub mod project;
pub mod rbac;
pub mod redirect;
pub mod refusal;
pub mod secret;
pub mod session;
pub mod setup_link;
pub mod spelled;
pub mod tenant;
pub mod time;
pub mod trace;
pub mod vouching;

pub use patch::Patch;
pub use refusal::{Refusal, What};
pub use tenant::Tenant;
pub use time::Time;
