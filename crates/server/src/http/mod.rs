//! Requests and answers, as far as they are the same for every door.

pub mod cookies;
pub mod ctx;
pub mod door;
pub mod endpoint;
pub mod health;
pub mod html;
pub mod input;
pub mod listen;
