//! What packages bring along with the program: its manual pages and the completions of shells, made from the same
//! definition as the help.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::open::CliError;

const NAME: &str = "vestibule";

/// Writes the completions of a shell to stdout.
///
/// # Errors
/// None: a reader that went away is no error.
pub(super) fn completions(shell: Shell) -> Result<ExitCode, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut text);
    // Nobody is left to tell when this fails.
    let _ = io::Write::write_all(&mut io::stdout().lock(), &text);
    Ok(ExitCode::SUCCESS)
}

/// Writes a manual page of each command into a directory.
///
/// # Errors
/// The directory cannot be written to.
pub(super) fn pages(directory: &Path) -> Result<ExitCode, CliError> {
    let failed = |error| CliError::File { path: directory.to_owned(), error };
    std::fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), directory).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_every_shell_its_completions() {
        let directory = tempfile::tempdir().unwrap();
        pages(directory.path()).unwrap();
        for page in ["vestibule.1", "vestibule-serve.1", "vestibule-keys-rotate.1"] {
            let text = std::fs::read_to_string(directory.path().join(page)).unwrap();
            assert!(text.contains(".SH SYNOPSIS"), "{page}");
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), NAME, &mut text);
            assert!(String::from_utf8(text).unwrap().contains("redirect-url"), "{shell}");
        }
    }
}
