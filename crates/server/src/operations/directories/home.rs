//! Where the resources of directories are: each dialect has the same ones, below addresses of its own.

use vestibule_domain::directory::Directory;

use crate::world::App;

/// Where the resources of directories are.
pub(crate) trait Home: Send + Sync + 'static {
    /// The path, with the parameter that names the directory.
    const PATH: &'static str;
    /// The parameter.
    const NAME: &'static str;

    /// Whether the parameter names that directory.
    fn names(text: &str, directory: &Directory) -> bool;

    /// The address of a directory, without a slash at its end.
    fn address(app: &App, directory: &Directory) -> String;
}
