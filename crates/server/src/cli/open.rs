//! Opening the store for a command or a server: one place that says what is missing and how to get it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vestibule_domain::entropy::Entropy;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;
use vestibule_store::seal::SealError;
use vestibule_store::{MasterKey, MasterKeys, Options, Store, StoreError, StoreUrl, Vault};

use crate::world::config::{ConfigError, DatabaseConfig, StoreConfig};

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text of a master key is not one.
    #[error("`{key}` (or its file): {reason}. Make one with `vestibule keys generate`")]
    MasterKey {
        /// The key of the setting.
        key: &'static str,
        /// What was found and expected; never the key.
        reason: SealError,
    },
    /// The database is older than this program.
    #[error("the database {database} lacks {}: run `vestibule migrate` with the same settings", .pending.join(", "))]
    Behind {
        /// Where, without credentials.
        database: StoreUrl,
        /// The migrations it lacks.
        pending: Vec<&'static str>,
    },
    /// A file or directory.
    #[error("{path}: {error}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// What was asked for makes no sense, in a whole sentence.
    #[error("{0}")]
    Refused(String),
}

/// Opens the database without looking at its content. The directory of an embedded one is made when missing.
///
/// # Errors
/// When the URL makes no sense or the database cannot be reached.
pub(crate) async fn connect(database: &DatabaseConfig) -> Result<(StoreUrl, Store), CliError> {
    let url = StoreUrl::parse(database.url.expose())?;
    if let StoreUrl::Sqlite(path) = &url
        && let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty())
    {
        make_private_directory(directory)?;
    }
    let options = Options { ca_file: database.ca_file.clone(), ..Options::default() };
    let store = Store::open(&url, &options).await?;
    Ok((url, store))
}

/// Makes a directory that only its owner can enter; one that is there is left as it is.
///
/// # Errors
/// What the system says.
pub(crate) fn make_private_directory(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| CliError::File { path: path.to_owned(), error })
}

/// Opens the database and refuses it when it lacks a migration. Nothing is migrated here: several nodes may start
/// at once, and an operator decides when.
///
/// # Errors
/// As [`connect`], and [`CliError::Behind`].
pub(crate) async fn open(database: &DatabaseConfig) -> Result<Store, CliError> {
    let (database, store) = connect(database).await?;
    let pending = store.pending_migrations().await?;
    if pending.is_empty() { Ok(store) } else { Err(CliError::Behind { database, pending }) }
}

/// Reads the master keys.
///
/// # Errors
/// When a text is not a key.
pub(crate) fn master_keys(config: &StoreConfig) -> Result<MasterKeys, CliError> {
    let parse = |key, text: &Secret| {
        MasterKey::parse(text.expose()).map_err(|reason| CliError::MasterKey { key, reason })
    };
    let previous = config.master_key_previous.as_ref();
    Ok(MasterKeys {
        current: parse("master_key", &config.master_key)?,
        previous: previous.map(|text| parse("master_key_previous", text)).transpose()?,
    })
}

/// Opens the vault of a migrated store; makes the first data key when there is none.
///
/// # Errors
/// When a master key is not one, or not the one that the data was sealed under.
pub(crate) async fn open_vault(
    store: &Store,
    config: &StoreConfig,
    entropy: &dyn Entropy,
    now: Time,
) -> Result<Arc<Vault>, CliError> {
    Ok(Arc::new(Vault::open(store, master_keys(config)?, entropy, now).await?))
}
