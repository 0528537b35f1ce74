//! The configuration file: where it is, what it says, and what is wrong with its text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use vestibule_domain::secret::Secret;

use super::spelling::unknown_key;
use super::{ConfigError, DEFAULT_FILE, Settings};

/// Flags and environment over the file: `path` when given, else [`DEFAULT_FILE`] when it is there.
///
/// # Errors
/// When the file cannot be read, is not TOML, or has a key or a type that is not known.
pub fn load(given: Settings, path: Option<&Path>) -> Result<Settings, ConfigError> {
    match text_of(path)? {
        Some((text, path)) => Ok(given.over(parse_file(&text, path)?)),
        None => Ok(given),
    }
}

/// The text of the file and where it is; `None` when none is named and none is there.
fn text_of(path: Option<&Path>) -> Result<Option<(String, &Path)>, ConfigError> {
    let text = match path {
        Some(path) => fs::read_to_string(path),
        None => match fs::read_to_string(DEFAULT_FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other,
        },
    };
    let path = path.unwrap_or(Path::new(DEFAULT_FILE));
    let unreadable =
        |error: io::Error| ConfigError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    Ok(Some((text.map_err(unreadable)?, path)))
}

/// Reads the text of a configuration file; `path` is for the message.
///
/// # Errors
/// When it is not TOML, or has a key or a type that is not known.
pub fn parse_file(text: &str, path: &Path) -> Result<Settings, ConfigError> {
    toml::from_str(text).map_err(|error| refused(text, path, &error))
}

fn refused(text: &str, path: &Path, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    ConfigError::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        reason: unknown_key(error.message()).unwrap_or_else(|| error.message().to_owned()),
    }
}

/// The values of a file as variables would give them.
pub(crate) struct FileValues {
    /// Where they stand.
    pub path: PathBuf,
    values: Vec<(String, Secret)>,
}

impl FileValues {
    /// What the file says that [`load`] reads; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read or is not TOML.
    pub(crate) fn of(path: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        text_of(path)?.map(|(text, path)| Self::read(&text, path)).transpose()
    }

    /// # Errors
    /// When the text is not TOML.
    pub(crate) fn read(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| refused(text, path, &error))?;
        let mut values = Vec::new();
        flatten("", &table, &mut values);
        Ok(Self { path: path.to_owned(), values })
    }

    /// Each key, with its section, and its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.expose()))
    }
}

fn flatten(section: &str, table: &toml::Table, values: &mut Vec<(String, Secret)>) {
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => flatten(&format!("{section}{key}."), inner, values),
            value => values.push((format!("{section}{key}"), plain(value).into())),
        }
    }
}

/// A value as a variable gives it: lists are separated by commas.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
