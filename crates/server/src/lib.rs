//! The server around the domain: the only crate that touches clock, randomness, network and configuration.
//!
//! From bottom to top: [`failure`] and `world`, `http`, `caller`, `operations`, `engine`, `doors`; `jobs`, `dev` and
//! `cli` stand on top of them. Nothing imports what is above it; `tests/layering.rs` holds the table.

pub mod caller;
pub mod cli;
pub mod dev;
pub mod doors;
pub mod engine;
pub mod failure;
pub mod http;
pub mod jobs;
pub mod operations;
pub mod routes;
pub mod world;
