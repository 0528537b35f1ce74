//! Opening the store for a command or a server: one place that says what is missing and how to get it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use vestibule_domain::entropy::Entropy;
use vestibule_domain::refusal::Refusal;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;
use vestibule_store::seal::SealError;
use vestibule_store::{MasterKey, MasterKeys, Store, StoreError, StoreUrl, Vault, backup};

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
    #[error(
        "`{key}` (or its file): {reason}. Only for a new database, make one with `vestibule keys generate`"
    )]
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
    /// There is nothing in the database, or no database.
    #[error(
        "the database {database} {how}: correct database.url, or, if it is to be a new one, run `vestibule migrate`"
    )]
    Empty {
        /// Where, without credentials.
        database: StoreUrl,
        /// What there is.
        how: &'static str,
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

impl From<Refusal> for CliError {
    /// In its own sentences; the name of its meaning alone when it has none.
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.detail().unwrap_or_else(|| refusal.what.name().replace('_', " ")))
    }
}

/// Opens the database without looking at its content. An embedded one is made when missing, with its directory.
///
/// # Errors
/// When the URL makes no sense, the database cannot be reached, or its file is another one's.
pub(crate) async fn connect(database: &DatabaseConfig) -> Result<(StoreUrl, Store), CliError> {
    let url = StoreUrl::parse(database.url.expose())?;
    if let StoreUrl::Sqlite(path) = &url {
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            make_private_directory(directory)?;
        }
        if backup::is_younger_than_its_log(path, COPIED_TOGETHER) {
            return Err(CliError::Refused(format!(
                "{0} came into being after {0}-wal, so that log is another database's, and opening would write it over this \
                 one. Put copies in place with `vestibule restore`",
                path.display()
            )));
        }
    }
    let store = Store::open(&url, &database.options).await?;
    Ok((url, store))
}

/// Between the two files of a database that were copied one after the other.
const COPIED_TOGETHER: Duration = Duration::from_secs(60);
/// How long between two tries to reach a database that is not up yet.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Whether the database is there, as far as that can be said without opening it.
///
/// # Errors
/// When the URL makes no sense.
pub(crate) fn exists(database: &DatabaseConfig) -> Result<bool, CliError> {
    Ok(match StoreUrl::parse(database.url.expose())? {
        StoreUrl::Sqlite(path) => path.exists(),
        StoreUrl::Memory | StoreUrl::Postgres(_) => true,
    })
}

/// Like [`connect`], but a server that is not up yet is waited for, as when both start with the machine.
///
/// # Errors
/// As [`connect`], after the time that the settings give.
pub(crate) async fn wait_for(database: &DatabaseConfig) -> Result<(StoreUrl, Store), CliError> {
    let until = tokio::time::Instant::now() + database.wait;
    loop {
        match connect(database).await {
            Err(CliError::Store(StoreError::Unavailable(why)))
                if tokio::time::Instant::now() < until && is_a_server(database) =>
            {
                tracing::warn!(why, "the database cannot be reached yet, trying again");
                tokio::time::sleep(TRY_AGAIN).await;
            }
            other => return other,
        }
    }
}

fn is_a_server(database: &DatabaseConfig) -> bool {
    matches!(StoreUrl::parse(database.url.expose()), Ok(StoreUrl::Postgres(_)))
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

/// Opens the database and refuses it when it lacks a migration. Nothing is migrated here, nor made: several nodes may start
/// at once, an operator decides when, and a path that is misspelt is no new database.
///
/// # Errors
/// As [`wait_for`], [`CliError::Behind`], [`CliError::Empty`], and [`CliError::Refused`] for one that has lost tables.
pub(crate) async fn open(database: &DatabaseConfig) -> Result<Store, CliError> {
    if !exists(database)? {
        return Err(CliError::Empty {
            database: StoreUrl::parse(database.url.expose())?,
            how: "does not exist",
        });
    }
    let (url, store) = wait_for(database).await?;
    let pending = store.pending_migrations().await?;
    if store.has_no_tables().await? {
        return Err(CliError::Empty { database: url, how: "has no tables" });
    }
    if !pending.is_empty() {
        return Err(CliError::Behind { database: url, pending });
    }
    let lost = store.lost_tables().await?;
    if !lost.is_empty() {
        return Err(CliError::Refused(format!(
            "the database {url} has lost {}: it is no complete copy. Restore a backup",
            lost.join(", ")
        )));
    }
    Ok(store)
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
