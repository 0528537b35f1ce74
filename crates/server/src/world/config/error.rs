//! Refusals of a configuration: what was found, what was expected, where to change it.

use std::path::PathBuf;

/// Why the server does not start with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} could not be read: {reason}")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is not TOML, or has an unknown key or a value of the wrong type.
    #[error("the configuration file {path}, line {line}: {reason}")]
    File {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser said; names the key, never shows the line, which may hold a password.
        reason: String,
    },
    /// A value that is needed and has no default.
    #[error("`{key}` is not set: expected {expected}. {}", places(key))]
    Missing {
        /// The key in the file.
        key: &'static str,
        /// What it should be, with an example.
        expected: &'static str,
    },
    /// A value that makes no sense.
    #[error("`{key}` is \"{found}\": expected {expected}. {}", places(key))]
    Value {
        /// The key in the file.
        key: &'static str,
        /// The value. Never used for secrets.
        found: String,
        /// What it should be, with an example.
        expected: String,
    },
    /// Two values that exclude each other.
    #[error("`{one}` and `{other}` are both set: keep one of them")]
    Both {
        /// A key in the file.
        one: &'static str,
        /// The other key.
        other: &'static str,
    },
    /// One value that needs another.
    #[error("`{present}` is set without `{absent}`: set both, or none. {}", places(absent))]
    Half {
        /// The key that is set.
        present: &'static str,
        /// The key that is missing.
        absent: &'static str,
    },
    /// There is no master key; the server never makes one by itself, because a key made in the wrong place is a
    /// key lost.
    #[error(
        "no master key was given: expected the one under which the client secrets and signing keys in the database are \
         sealed, as `master_key_file` in the file, with --master-key-file, VESTIBULE_MASTER_KEY_FILE or \
         VESTIBULE_MASTER_KEY. Only for a new database, make one with `vestibule keys generate --out master.key`, and keep a \
         copy of it outside the database"
    )]
    NoMasterKey,
    /// The file that should hold a master key does not.
    #[error("`{key}` {path}: {reason}. {}", places(key))]
    KeyFile {
        /// The key in the file.
        key: &'static str,
        /// The path as given.
        path: PathBuf,
        /// What is wrong, with what was expected; never the content.
        reason: String,
    },
}

/// The flag that sets `key`.
#[must_use]
pub fn flag(key: &str) -> String {
    format!("--{}", key.replace(['.', '_'], "-"))
}

/// The environment variable that sets `key`.
#[must_use]
pub fn variable(key: &str) -> String {
    format!("VESTIBULE_{}", key.replace('.', "_").to_uppercase())
}

fn places(key: &str) -> String {
    format!("Set it in the configuration file, with {} or with {}", flag(key), variable(key))
}
