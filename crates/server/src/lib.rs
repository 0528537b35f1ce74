//! The server around the domain: the only crate that touches clock, randomness, network and configuration.

pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod entropy;
pub mod fetch;
pub mod listen;
pub mod telemetry;
