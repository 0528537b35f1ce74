//! The command line.

mod args;
pub mod assertion_key;
mod audit;
pub(crate) mod doctor;
mod health;
pub(crate) mod keys;
mod manual;
pub(crate) mod open;
pub(crate) mod out;
pub mod project;
mod redirect_url;
mod registration;
mod run;
mod saml;
pub mod secret;
pub(crate) mod serve;
pub mod session_key;

pub(crate) use args::{Cli, Command, ConfigArgs, DevArgs};
pub(crate) use open::CliError;
pub use run::Tools;
pub(crate) use run::run;

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
