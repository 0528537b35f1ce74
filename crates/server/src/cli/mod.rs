//! The command line.

pub mod application;
mod args;
pub mod assertion_key;
mod audit;
mod backup;
mod certificates;
pub(crate) mod doctor;
mod health;
pub(crate) mod keys;
mod known;
pub mod login_host;
mod manual;
pub(crate) mod open;
pub(crate) mod out;
mod outbox;
mod post;
pub mod project;
mod rbac;
pub(crate) mod redirect_url;
mod registration;
mod run;
mod saml;
mod sdk;
pub mod secret;
pub(crate) mod serve;
pub mod session_key;
mod settings_print;
mod trace;
mod trail;
pub(crate) mod variables;

pub(crate) use args::{Cli, Command, ConfigArgs, DevArgs};
pub(crate) use open::CliError;
pub use run::Tools;
pub(crate) use run::run;

use clap::{CommandFactory as _, FromArgMatches as _};

/// Reads the command line. The help of a command shows the settings that it uses; it takes them all, so that one set of
/// variables and flags is good for every command.
pub(crate) fn parse() -> Cli {
    let command = || told(Cli::command());
    // Of a mistake clap shows a usage in which every setting that has a variable seems required, so it is read once more.
    let matches = command().try_get_matches().or_else(|_| with_whole_usage(command()).try_get_matches());
    let matches = matches.unwrap_or_else(|error| error.exit());
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Every command with the usage of its help, whatever was given.
fn with_whole_usage(mut command: clap::Command) -> clap::Command {
    command.build();
    overridden(command)
}

fn overridden(mut command: clap::Command) -> clap::Command {
    let usage = command.render_usage().to_string();
    let names: Vec<_> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let command = names.iter().fold(command, |command, name| command.mut_subcommand(name, overridden));
    command.override_usage(usage.trim_start_matches("Usage: ").to_owned())
}

/// Commands that use all settings.
const USE_ALL: [&str; 4] = ["serve", "doctor", "print", "health"];

fn told(command: clap::Command) -> clap::Command {
    let names: Vec<_> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let command = names.iter().fold(command, |command, name| command.mut_subcommand(name, told));
    if USE_ALL.contains(&command.get_name()) {
        return command;
    }
    let unused = |argument: &clap::Arg| {
        let name = argument.get_env().and_then(|name| name.to_str()).unwrap_or_default();
        let used = ["VESTIBULE_CONFIG", "VESTIBULE_DATABASE_", "VESTIBULE_MASTER_KEY"];
        !name.is_empty() && !used.iter().any(|used| name.starts_with(used))
    };
    command.mut_args(|argument| {
        let hide = unused(&argument);
        argument.hide(hide)
    })
}

#[cfg(test)]
mod tests {
    use super::args::{AdminCommand, KeysCommand, RedirectUrlCommand};
    use super::*;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_a_command_shows_what_it_uses() {
        let mut command = told(Cli::command());
        command.build();
        let help = |path: &[&str]| {
            let found = path.iter().try_fold(&command, |command, name| command.find_subcommand(name));
            found.unwrap().clone().render_long_help().to_string()
        };
        let list = help(&["project", "list"]);
        assert!(list.contains("--database-url") && !list.contains("--limits-drain-seconds"), "{list}");
        assert!(help(&["serve"]).contains("--limits-drain-seconds"));
        assert!(help(&["dev"]).contains("--listen"));
        assert!(help(&["config", "print"]).contains("--tls-key"));
    }

    #[test]
    fn a_mistake_is_shown_with_the_usage_of_the_help() {
        let said = |line: &str| {
            let read = with_whole_usage(told(Cli::command())).try_get_matches_from(line.split(' '));
            read.unwrap_err().to_string()
        };
        let usage = "Usage: vestibule trace [OPTIONS] <REQUEST_ID>\n";
        assert!(said("vestibule trace --database-url sqlite:v.db").contains(usage));
        assert!(said("vestibule trace --help").contains(usage));
        assert!(
            said("vestibule keys forget-session --json")
                .contains("vestibule keys forget-session [OPTIONS] <PROJECT_ID>")
        );
    }

    #[test]
    fn commands_are_read_as_documented() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).map(|cli| cli.command);
        let Ok(Command::Dev(dev)) = parse("vestibule dev --listen 127.0.0.1:0 --data-dir d --ready-file r")
        else {
            panic!("dev");
        };
        assert_eq!((dev.listen.port(), dev.data_dir.to_str()), (0, Some("d")));
        assert!(matches!(parse("vestibule serve --config c.toml --listen 0.0.0.0:1"), Ok(Command::Serve(_))));
        assert!(matches!(
            parse("vestibule keys generate --out master.key"),
            Ok(Command::Admin(AdminCommand::Keys { command: KeysCommand::Generate { out: Some(_) } }))
        ));
        let id = "project-test-00000000-0000-4000-8000-000000000000";
        let Ok(Command::Admin(AdminCommand::RedirectUrl {
            command: RedirectUrlCommand::Add { target, default: true },
        })) =
            parse(&format!("vestibule redirect-url add {id} https://app.example/cb --kind logout --default"))
        else {
            panic!("redirect-url add");
        };
        assert_eq!(target.kinds, [vestibule_domain::redirect::RedirectKind::Logout]);
        assert!(parse("vestibule redirect-url add nonsense https://app.example").is_err());
        assert!(parse(&format!("vestibule redirect-url add {id} https://x --kind other")).is_err());
    }
}
