//! The doors: one folder a dialect. A door translates wire types, calls one operation and translates back.

pub mod errors;
pub mod health;
pub mod sp_metadata;
pub mod stytch;
pub mod traces;
