//! `vestibule config print`: what is given, as the file would say it, and whether a server would start with it.

use std::process::ExitCode;

use super::args::ConfigArgs;
use super::open::CliError;
use super::out;
use crate::world::config::Config;

/// Prints the settings of all sources, merged. What is not printed has its default.
///
/// # Errors
/// Settings that a server would refuse.
pub(super) fn run(arguments: ConfigArgs) -> Result<ExitCode, CliError> {
    let settings = arguments.load()?;
    let text = toml::to_string(&settings).map_err(|error| CliError::Refused(error.to_string()))?;
    out::answer(text.trim_end());
    Config::resolve(&settings)?;
    Ok(ExitCode::SUCCESS)
}
