//! What the server does, whoever asks: load, decide (in the domain), save in one batch, return a view.
//! Every API dialect calls these and only translates.

pub mod authentication;
pub mod change;
pub mod connections;
pub mod events;
pub mod meaning;
pub mod members;
pub mod organizations;
pub mod redirects;
pub mod sessions;
pub mod sign_in;
pub mod sso_tokens;
pub mod views;
