//! The server around the domain: the only crate that touches clock, randomness, network and configuration.

pub mod api;
pub mod app;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod config;
pub mod ctx;
pub mod dev;
pub mod doctor;
pub mod entropy;
pub mod fetch;
pub mod idp_metadata;
pub mod input;
pub mod jobs;
pub mod keyring;
pub mod limits;
pub mod listen;
pub mod operations;
pub mod reply;
pub mod routes;
pub mod serve;
pub mod sso;
pub mod telemetry;
