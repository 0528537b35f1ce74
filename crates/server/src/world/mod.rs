//! What the server has of the world: the store behind one value ([`App`]), the clock, randomness, keys, limits, the way
//! out to the network, configuration and telemetry. Nothing here knows a request or a dialect.

pub(crate) mod api_limits;
mod app;
pub(crate) mod bodies;
pub(crate) mod client;
pub(crate) mod clock;
pub mod config;
pub(crate) mod contact;
pub(crate) mod entropy;
pub mod fetch;
pub(crate) mod flights;
pub(crate) mod heavy;
pub(crate) mod keyring;
pub(crate) mod known_certificates;
pub(crate) mod known_decryption_keys;
pub(crate) mod limits;
mod log_lines;
pub(crate) mod logos;
pub(crate) mod policies;
pub mod post;
pub(crate) mod provider_guides;
pub(crate) mod provider_keys;
pub(crate) mod readiness;
pub(crate) mod secret_uses;
pub(crate) mod shutdown;
pub(crate) mod starts;
pub(crate) mod telemetry;
pub(crate) mod turns;
pub(crate) mod yielding;

pub(crate) use app::KnownAs;
pub use app::{App, Mode, Parts};
