//! The Stytch-compatible dialect: the backend API, the browser's endpoints of a sign-in, and
//! what we add to it.

pub(crate) mod authenticated;
pub(crate) mod backend;
pub(crate) mod browser;
pub(crate) mod by_mail;
pub(crate) mod caller;
pub(crate) mod catalogue;
mod envelope;
mod meanings;
pub(crate) mod own;
pub(crate) mod page;
pub(crate) mod redirect;
pub(crate) mod sdk;
pub(crate) mod second_factor;
pub(crate) mod session_jwt;
pub(crate) mod session_request;
pub(crate) mod whereabouts;
pub(crate) mod wire;

pub use envelope::Stytch;
pub(crate) use envelope::{Answer, Nothing, Success, done, message, ok};
pub use meanings::kind;

use vestibule_domain::directory::Directory;
use vestibule_domain::id::DirectoryId;

use crate::http::endpoint::Endpoints;
use crate::operations::directories::home::Home;
use crate::world::App;

/// Where the directories of organizations are.
pub(crate) struct Directories;

impl Home for Directories {
    const PATH: &'static str = "/v1/b2b/scim/{scim_connection_id}";
    const NAME: &'static str = "scim_connection_id";

    fn names(text: &str, directory: &Directory) -> bool {
        directory.connection_id.is_none() && text == directory.id.to_string()
    }

    fn address(app: &App, directory: &Directory) -> String {
        wire::scim_connection::root(app, directory.id)
    }
}

/// Whether a path is below a directory's address, whoever's it is.
#[must_use]
pub(crate) fn owns_directory(path: &str) -> bool {
    let below = path.strip_prefix("/v1/b2b/scim/").and_then(|rest| rest.split_once('/'));
    below.is_some_and(|(id, _)| id.parse::<DirectoryId>().is_ok())
}

/// Every endpoint of this dialect.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    backend::endpoints().and(browser::endpoints()).and(own::endpoints())
}
