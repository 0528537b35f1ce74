//! Keys and passwords that stand in a value or in a file.

use std::fs;
use std::path::Path;

use vestibule_domain::secret::Secret;

use super::ConfigError;

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
