//! How to log: `[log]`.

use super::{ConfigError, Settings, value};

/// How to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// A level, or a filter such as `info,hyper=warn`.
    pub level: String,
    /// Where lines go.
    pub target: LogTarget,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For reading in a terminal.
    Pretty,
}

/// Where log lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// The server's.
    Stdout,
    /// The commands', whose stdout is their answer.
    Stderr,
}

/// Reads how to log; apart from the rest so that other refusals can already be logged.
///
/// # Errors
/// When the format is not known.
pub fn log(settings: &Settings) -> Result<Log, ConfigError> {
    let format = match settings.log.format.as_deref() {
        None | Some("json") => LogFormat::Json,
        Some("pretty") => LogFormat::Pretty,
        Some(found) => return Err(value("log.format", found, "json or pretty")),
    };
    let level = settings.log.level.clone().unwrap_or_else(|| "info".to_owned());
    // To the filter a word that is no level is the name of a module, and everything else is silent.
    let known = |level: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&level.trim());
    let makes_sense = |part: &str| known(part.rsplit('=').next().unwrap_or_default());
    if !level.split(',').all(makes_sense) {
        return Err(value(
            "log.level",
            &level,
            "error, warn, info, debug, trace or off, or a filter of such as info,vestibule_store=debug",
        ));
    }
    Ok(Log { format, level, target: LogTarget::Stdout })
}
