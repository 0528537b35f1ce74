//! The environment: variables that look like ours and are none, and those that win over the file.

use std::collections::BTreeSet;
use std::fmt;

use clap::CommandFactory as _;

use super::Cli;
use crate::world::config::{FileValues, flag, meant, variable};

/// What every variable of ours begins with.
const PREFIX: &str = "VESTIBULE_";

/// A variable that begins like a setting and is none: what was meant has its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misspelt {
    /// Its name.
    pub name: String,
    /// The setting that was probably meant.
    pub meant: Option<String>,
}

impl fmt::Display for Misspelt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no setting", self.name)?;
        match &self.meant {
            Some(near) => write!(f, ": did you mean {near}?"),
            None => Ok(()),
        }
    }
}

/// A variable that gives a value which the file gives too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    /// The variable.
    pub name: String,
    /// What it overrides: a key of the file.
    pub key: String,
}

/// The variables of this process that are no settings.
pub(crate) fn misspelt() -> Vec<Misspelt> {
    unknown(environment(), &known())
}

/// Says in the log what is misspelt.
pub(crate) fn warn(misspelt: &[Misspelt]) {
    for one in misspelt {
        tracing::warn!(
            variable = one.name,
            meant = one.meant,
            "no setting has this name, so it has no effect"
        );
    }
}

/// The variables of this process that override a value of the file.
pub(crate) fn overriding(file: &FileValues) -> Vec<Override> {
    let flags: Vec<String> = std::env::args_os().filter_map(|text| text.into_string().ok()).collect();
    overrides(file, &environment().collect::<Vec<_>>(), &flags)
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn unknown(given: impl Iterator<Item = (String, String)>, known: &BTreeSet<String>) -> Vec<Misspelt> {
    let ours = given.filter(|(name, value)| name.starts_with(PREFIX) && !is_anothers(name, value));
    let strange = ours.filter(|(name, _)| !known.contains(name));
    // Compared without the beginning that all have in common: it would make all of them near.
    let settings: Vec<&str> = known.iter().filter_map(|name| name.strip_prefix(PREFIX)).collect();
    let told = |(name, _): (String, String)| {
        let near = meant(name.strip_prefix(PREFIX).unwrap_or(&name), settings.iter().copied());
        Misspelt { meant: near.map(|near| format!("{PREFIX}{near}")), name }
    };
    strange.map(told).collect()
}

/// Variables that others set: the tests of this program, and Kubernetes for every service that is called `vestibule`.
fn is_anothers(name: &str, value: &str) -> bool {
    let of_a_service = ["VESTIBULE_TEST_", "VESTIBULE_SERVICE_", "VESTIBULE_PORT_"];
    of_a_service.iter().any(|start| name.starts_with(start))
        || (name == "VESTIBULE_PORT" && value.contains("://"))
}

/// Every variable that a command reads.
fn known() -> BTreeSet<String> {
    fn of(command: &clap::Command, found: &mut BTreeSet<String>) {
        let variables = command.get_arguments().filter_map(|argument| argument.get_env());
        found.extend(variables.filter_map(|name| name.to_str().map(str::to_owned)));
        command.get_subcommands().for_each(|inner| of(inner, found));
    }
    let mut found = BTreeSet::new();
    of(&Cli::command(), &mut found);
    found
}

/// What `environment` gives otherwise than `file`, unless a flag wins over both.
fn overrides(file: &FileValues, environment: &[(String, String)], flags: &[String]) -> Vec<Override> {
    let by_flag = |key: &str| {
        let flag = flag(key);
        flags.iter().any(|given| {
            given.strip_prefix(&flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    let mut found = Vec::new();
    for (key, value) in file.iter() {
        for other in same_thing(key) {
            let name = variable(other);
            let given = environment.iter().find(|(given, _)| *given == name);
            let differs = given.is_some_and(|(_, text)| other != key || text != value);
            if differs && !same_thing(key).iter().any(|key| by_flag(key)) {
                found.push(Override { name, key: key.to_owned() });
            }
        }
    }
    found
}

/// The keys that give the same thing as `key`, itself included: a master key replaces one that is given in the other form.
fn same_thing(key: &str) -> Vec<&str> {
    const FORMS: [[&str; 2]; 4] = [
        ["master_key", "master_key_file"],
        ["master_key_previous", "master_key_previous_file"],
        ["mail.password", "mail.password_file"],
        ["sms.webhook_secret", "sms.webhook_secret_file"],
    ];
    FORMS.into_iter().find(|forms| forms.contains(&key)).map_or_else(|| vec![key], Vec::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_misspelt_variable_is_named_with_the_nearest_setting() {
        let given = pairs(&[
            ("VESTIBULE_BASEURL", "x"),
            ("VESTIBULE_BASE_URL", "x"),
            ("VESTIBULE_BIN", "x"),
            ("HOME", "/"),
            ("VESTIBULE_TEST_POSTGRES", "x"),
            ("VESTIBULE_PORT", "tcp://10.0.0.1:443"),
            ("VESTIBULE_PORT_443_TCP_ADDR", "10.0.0.1"),
            ("VESTIBULE_SERVICE_HOST", "10.0.0.1"),
        ]);
        let found: Vec<_> = unknown(given.into_iter(), &known()).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "VESTIBULE_BASEURL is no setting: did you mean VESTIBULE_BASE_URL?",
                "VESTIBULE_BIN is no setting"
            ]
        );
        assert_eq!(unknown(pairs(&[("VESTIBULE_PORT", "8443")]).into_iter(), &known()).len(), 1);
    }

    #[test]
    fn a_variable_overrides_what_the_file_gives_otherwise() {
        let text = "listen = \"0.0.0.0:443\"\nmaster_key_file = \"k\"\nworkers = 4\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\
                    [database]\nurl = \"postgres://db/one\"\n[outbound]\nallowed_ports = [443, 8443]";
        let file = FileValues::read(text, Path::new("vestibule.toml")).unwrap();
        let told = |given: &[(&str, &str)], flags: &[&str]| {
            let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
            let found = overrides(&file, &pairs(given), &flags);
            found.iter().map(|one| format!("{} {}", one.name, one.key)).collect::<Vec<_>>()
        };
        let database = [("VESTIBULE_DATABASE_URL", "sqlite:dev.db")];
        assert_eq!(told(&database, &[]), ["VESTIBULE_DATABASE_URL database.url"]);
        assert_eq!(told(&database, &["--database-url", "x"]), [""; 0], "the flag wins over both");
        assert_eq!(told(&database, &["--database-url=x"]), [""; 0]);
        assert_eq!(told(&[("VESTIBULE_MASTER_KEY", "x")], &[]), ["VESTIBULE_MASTER_KEY master_key_file"]);
        assert_eq!(told(&[("VESTIBULE_MASTER_KEY", "x")], &["--master-key-file", "y"]), [""; 0]);
        let same = [
            ("VESTIBULE_LISTEN", "0.0.0.0:443"),
            ("VESTIBULE_WORKERS", "4"),
            ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8,::1"),
            ("VESTIBULE_OUTBOUND_ALLOWED_PORTS", "443,8443"),
            ("VESTIBULE_BASE_URL", "https://sso.example.com"),
        ];
        assert_eq!(told(&same, &[]), [""; 0], "what says the same or stands nowhere else overrides nothing");
    }
}
