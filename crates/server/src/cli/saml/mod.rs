//! `vestibule saml`: an offline judge for support work. It judges with the server's own code; what is here reads
//! files and writes reports.

mod apart;
mod args;
mod identity;
mod input;
mod metadata;
mod shown;
mod verify;

use std::process::ExitCode;

pub(crate) use args::{MetadataArgs, SamlCommand, VerifyArgs};

use super::Tools;

/// What was given cannot be judged at all, in a whole sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unusable(String);

impl Unusable {
    fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// Exit status of a document or message that was judged and refused.
const REFUSED: u8 = 1;
/// Exit status when there was nothing to judge.
const UNUSABLE: u8 = 2;

/// Runs a command and says how it went: 0 accepted, 1 refused, 2 unusable input.
pub(super) async fn run(command: SamlCommand, tools: Tools<'_>) -> ExitCode {
    let outcome = match command {
        SamlCommand::Verify(arguments) => verify::run(arguments, tools).await,
        SamlCommand::Metadata(arguments) => metadata::run(arguments, tools.now).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(REFUSED),
        Err(unusable) => {
            super::out::refusal(unusable);
            ExitCode::from(UNUSABLE)
        }
    }
}
