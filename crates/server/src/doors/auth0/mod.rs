//! The second dialect: its Management API under `/api/v2/`, and its authorization server.

mod access;
mod allowance;
pub(crate) mod avatars;
mod envelope;
mod holder;
mod management;
mod meanings;
pub(crate) mod oauth;
pub(crate) mod scopes;
mod wire;

pub(crate) use allowance::told;
pub use envelope::Auth0;
pub use meanings::row;
pub use oauth::OAuth;

use vestibule_domain::directory::Directory;

use crate::http::endpoint::Endpoints;
use crate::operations::directories::home::Home;
use crate::world::App;

/// Where the directories of connections are.
pub(crate) struct Directories;

impl Home for Directories {
    const PATH: &'static str = "/scim/v2/connections/{connection_id}";
    const NAME: &'static str = "connection_id";

    fn names(text: &str, directory: &Directory) -> bool {
        directory.connection_id.is_some() && wire::ids::read_connection(text) == directory.connection_id
    }

    fn address(app: &App, directory: &Directory) -> String {
        let id = directory.connection_id.map(wire::ids::connection).unwrap_or_default();
        format!("{}/scim/v2/connections/{id}", app.base_url)
    }
}

/// Whether a path is below a directory's address.
#[must_use]
pub(crate) fn owns_directory(path: &str) -> bool {
    path.starts_with("/scim/v2/")
}

/// Every endpoint of the Management API.
pub(crate) fn endpoints() -> Endpoints<Auth0> {
    management::endpoints().and(avatars::endpoints())
}

/// Whether a path is one of the Management API.
#[must_use]
pub(crate) fn owns(path: &str) -> bool {
    path == "/api/v2" || path.starts_with("/api/v2/") || path.starts_with("/avatars/")
}
