//! Where the data is and the keys to it: `[database]` and the master key.

use std::time::Duration;

use vestibule_domain::secret::Secret;
use vestibule_store::Options;

use super::master_key::master_key;
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
