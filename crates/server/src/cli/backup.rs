//! `vestibule backup` and `restore`: the embedded database. PostgreSQL brings tools of its own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vestibule_store::{StoreUrl, backup};

use super::args::ConfigArgs;
use super::open::CliError;
use super::out;
use super::run::Tools;
use crate::world::config::DatabaseConfig;

/// Copies the database, whether or not a server uses it.
///
/// # Errors
/// It is not an embedded one, or the store's.
pub(super) fn make(config: ConfigArgs, file: &Path) -> Result<ExitCode, CliError> {
    let path = embedded(config, "pg_dump --format=custom --file=FILE DATABASE_URL")?;
    let whole = backup::backup(&path, file)?;
    out::answer(format_args!(
        "{} is whole: {} bytes, migration {}",
        file.display(),
        whole.bytes,
        whole.migration
    ));
    out::remark("it is of no use without the master key: keep a copy of that apart from it");
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup in the place of the database.
///
/// # Errors
/// It is not an embedded one, somebody uses it, the backup is not whole, or the store's.
pub(super) fn put_back(config: ConfigArgs, file: &Path, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let path =
        embedded(config, "pg_restore --clean --if-exists --single-transaction --dbname=DATABASE_URL FILE")?;
    let aside = format!(".before-restore-{}", tools.now.millis());
    let (whole, kept) = backup::restore(file, &path, &aside)?;
    out::answer(format_args!(
        "{} is in place: {} bytes, migration {}",
        path.display(),
        whole.bytes,
        whole.migration
    ));
    if let Some(kept) = kept {
        out::remark(format_args!("what was there is {}", kept.display()));
    }
    out::remark("next: vestibule migrate, vestibule doctor, vestibule serve");
    Ok(ExitCode::SUCCESS)
}

/// The file of the embedded database; another one is told by which command it is done there.
fn embedded(config: ConfigArgs, there: &str) -> Result<PathBuf, CliError> {
    let database = DatabaseConfig::resolve(&config.load()?)?;
    match StoreUrl::parse(database.url.expose())? {
        StoreUrl::Sqlite(path) => Ok(path),
        other => Err(CliError::Refused(format!("{other} is no embedded database; there it is `{there}`"))),
    }
}
