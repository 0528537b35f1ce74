//! The server around the domain: the only crate that touches clock, randomness, network and configuration.
//!
//! From bottom to top: `failure` and `world`, `http`, `caller`, `operations`, `engine`, `doors`; `jobs`, `dev` and
//! `cli` stand on top of them, and `program` starts what the command line says. Nothing imports what is above it; `tests/layering.rs` holds the table.
//!
//! What is public is the program ([`main`]), its parts for whoever starts it in a process of their own (the tests, the
//! benches), and what the tests ask beside the front door.

mod caller;
mod cli;
mod dev;
mod doors;
mod engine;
mod failure;
mod http;
mod jobs;
mod operations;
mod program;
pub mod routes;
mod web;
mod world;

pub use cli::{Tools, application, assertion_key, login_host, project, secret, session_key};
pub use doors::auth0::{Auth0, OAuth, row};
pub use doors::stytch::catalogue::ErrorKind;
pub use doors::stytch::{Stytch, kind};
pub use failure::Failure;
pub use http::ctx::{Ctx, Facts, enter};
pub use http::door::{Door, behind};
pub use http::endpoint::{Endpoint, Endpoints, Needs};
pub use http::languages::Language;
pub use http::listen::{ListenOptions, serve};
pub use http::refused::Named;
pub use http::shape::Shape;
pub use http::takes::Taken;
pub use http::tls::tls_config;
pub use jobs::certificate_expiry;
pub use operations::abandoned;
pub use operations::api_secrets;
pub use operations::connections::idp_metadata::refresh::{self, Refreshed};
pub use operations::domains::looking as domain_checks;
pub use operations::outbox;
pub use operations::session_keys;
pub use program::main;
pub use world::api_limits::ApiLimits;
pub use world::clock::Clock;
pub use world::config;
pub use world::contact::Contact;
pub use world::entropy::SeededEntropy;
pub use world::fetch;
pub use world::limits::{MessageLimits, RateLimits};
pub use world::post;
pub use world::shutdown::Shutdown;
pub use world::telemetry::{Logs, TelemetryError, start_logs};
pub use world::{App, Mode, Parts};
