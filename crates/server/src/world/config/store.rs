//! Where the data is and the keys to it: `[database]` and the master key.

use std::fs;
use std::path::Path;
use std::time::Duration;

use vestibule_domain::secret::Secret;
use vestibule_store::Options;

use super::{ConfigError, DATABASE_FILE, DEFAULT_DATA_DIR, Settings, at_least_one};

/// Which database: all that commands need which neither seal nor unseal.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub url: Secret,
    /// How it is opened.
    pub options: Options,
    /// How long a database that is not up yet is waited for at start.
    pub wait: Duration,
}

impl DatabaseConfig {
    /// A database with the defaults of everything else.
    #[must_use]
    pub fn at(url: impl Into<Secret>) -> Self {
        Self { url: url.into(), options: Options::default(), wait: Duration::from_secs(30) }
    }

    /// The database that is used: the one named, or the embedded one in the default data directory.
    ///
    /// # Errors
    /// A number that makes no sense.
    pub fn resolve(settings: &Settings) -> Result<Self, ConfigError> {
        let (given, defaults) = (&settings.database, Self::at(database_url(settings)));
        let write = at_least_one("database.write_connections", given.write_connections)?;
        let read = at_least_one("database.read_connections", given.read_connections)?;
        let options = Options {
            write_connections: write.unwrap_or(defaults.options.write_connections),
            read_connections: read.unwrap_or(defaults.options.read_connections),
            ca_file: given.ca_file.clone(),
        };
        let wait = given.wait_seconds.map_or(defaults.wait, Duration::from_secs);
        Ok(Self { options, wait, ..defaults })
    }
}

/// What every command needs that seals or unseals.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Where the data is.
    pub database: DatabaseConfig,
    /// The text of the master key.
    pub master_key: Secret,
    /// The text of the master key before, while rotating.
    pub master_key_previous: Option<Secret>,
}

impl StoreConfig {
    /// The part that commands need which do not serve.
    ///
    /// # Errors
    /// When there is no master key, or a key file cannot be used.
    pub fn resolve(settings: &Settings) -> Result<Self, ConfigError> {
        let current = master_key(
            "master_key",
            &settings.master_key,
            "master_key_file",
            settings.master_key_file.as_deref(),
        )?;
        let previous = master_key(
            "master_key_previous",
            &settings.master_key_previous,
            "master_key_previous_file",
            settings.master_key_previous_file.as_deref(),
        )?;
        Ok(Self {
            database: DatabaseConfig::resolve(settings)?,
            master_key: current.ok_or(ConfigError::NoMasterKey)?,
            master_key_previous: previous,
        })
    }
}

/// The database that is used: the one named, or the embedded one in the default data directory.
#[must_use]
pub fn database_url(settings: &Settings) -> Secret {
    let default = || format!("sqlite:{DEFAULT_DATA_DIR}/{DATABASE_FILE}").into();
    settings.database.url.clone().unwrap_or_else(default)
}

/// The text of a master key from a value or a file. Only presence is judged here; whether it is a key, and the
/// right one, is for the store to say.
pub(super) fn master_key(
    key: &'static str,
    given: &Option<Secret>,
    file_key: &'static str,
    file: Option<&Path>,
) -> Result<Option<Secret>, ConfigError> {
    match (given, file) {
        (Some(_), Some(_)) => Err(ConfigError::Both { one: key, other: file_key }),
        (Some(text), None) => Ok(Some(text.expose().trim().into())),
        (None, Some(path)) => key_file(file_key, path).map(Some),
        (None, None) => Ok(None),
    }
}

/// Reads a file with one key in it.
fn key_file(key: &'static str, path: &Path) -> Result<Secret, ConfigError> {
    let refuse = |reason: String| ConfigError::KeyFile { key, path: path.to_owned(), reason };
    let text = fs::read_to_string(path).map_err(|error| refuse(format!("could not be read: {error}")))?;
    let text = Secret::new(text);
    let key_text = text.expose().trim();
    if key_text.is_empty() {
        return Err(refuse("is empty: expected one line with a key".to_owned()));
    }
    Ok(key_text.into())
}
