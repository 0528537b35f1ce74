//! What the server has of the world: the store behind one value ([`App`]), the clock, randomness, keys, limits, the way
//! out to the network, configuration and telemetry. Nothing here knows a request or a dialect.

mod app;
pub mod clock;
pub mod config;
pub mod entropy;
pub mod fetch;
pub mod flights;
pub mod keyring;
pub mod known_certificates;
pub mod limits;
pub mod provider_keys;
pub mod shutdown;
pub mod telemetry;
pub mod turns;

pub use app::{App, Mode, Parts};
