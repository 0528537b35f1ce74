//! What the server does, whoever asks: load, decide (in the domain), save in one batch, return a view.
//! Every API dialect calls these and only translates.

pub mod audit;
pub mod connections;
pub mod members;
pub mod organizations;
pub mod sessions;
pub mod sign_in;
pub mod views;

/// How often an operation starts again when somebody else changed what it had loaded.
pub const ATTEMPTS: usize = 5;
