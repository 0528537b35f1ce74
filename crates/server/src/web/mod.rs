//! Pages with forms, for people who administer something: server templates under a strict policy, complete without scripts
//! (ADR 50). They call the operations that the API's doors call.

mod assets;
mod csrf;
mod door;
mod page;
pub(crate) mod portal;
mod words;

pub(crate) use door::Pages;

use crate::http::endpoint::Endpoints;

/// The endpoints of all pages.
pub(crate) fn endpoints() -> Endpoints<Pages> {
    assets::endpoints().and(portal::endpoints())
}

/// Whether a path is of these pages, so that they say what is wrong with it.
pub(crate) fn owns(path: &str) -> bool {
    path == "/setup" || path.starts_with("/setup/")
}
