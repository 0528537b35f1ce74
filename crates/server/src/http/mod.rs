//! Requests and answers, as far as they are the same for every door.

mod accept;
pub(crate) mod body;
mod connections;
pub(crate) mod cookies;
pub(crate) mod cors;
mod crowded;
pub(crate) mod ctx;
pub(crate) mod door;
pub(crate) mod endpoint;
pub(crate) mod form;
mod forwarded;
pub(crate) mod health;
mod host;
pub(crate) mod html;
pub(crate) mod input;
pub(crate) mod key_set;
pub(crate) mod languages;
pub(crate) mod listen;
mod objects;
pub(crate) mod paced;
pub(crate) mod portal_cookies;
pub(crate) mod qr_code;
pub(crate) mod redirect;
pub(crate) mod refused;
pub(crate) mod shape;
pub(crate) mod takes;
pub(crate) mod tls;
