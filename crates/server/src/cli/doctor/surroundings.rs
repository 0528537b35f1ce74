//! What is around the server: its environment, its bounds, who can reach it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use clap::CommandFactory as _;
use rustix::process::{Resource, getrlimit};

use super::Check;
use crate::cli::Cli;

/// What a server needs beside connections.
const OTHER_FILES: u64 = 256;

/// Metrics tell how much is going on, and are for insiders.
pub(super) fn metrics(listen: Option<SocketAddr>) -> Option<Check> {
    let listen = listen.filter(|listen| !listen.ip().is_loopback())?;
    let found = format!("{listen} can be reached from other machines");
    Some(Check::warn(
        "metrics",
        found,
        "listen on a loopback or an inner address, or keep others out by a firewall",
    ))
}

/// Whether as many connections can be held as are allowed.
pub(super) fn open_files(max_connections: usize) -> Check {
    const SUBJECT: &str = "open files";
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let needed = max_connections as u64 + OTHER_FILES;
    if most >= needed {
        return Check::ok(SUBJECT, format!("{needed} are needed at most, and allowed"));
    }
    let found = format!(
        "the system allows {most}, which leaves room for {} connections",
        most.saturating_sub(OTHER_FILES)
    );
    Check::warn(
        SUBJECT,
        found,
        format!("ulimit -Hn {needed} (LimitNOFILE of systemd), or lower limits.max_connections"),
    )
}

/// Environment variables that look like ours and are none: a setting that is misspelt is silently the default.
pub(super) fn variables() -> Vec<Check> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    unknown(names, &known()).iter().map(|name| misspelt(name)).collect()
}

fn misspelt(name: &str) -> Check {
    let known = known();
    let near = known.iter().min_by_key(|candidate| distance(candidate, name));
    let advice = near.map_or_else(String::new, |near| format!("did you mean {near}? Else unset it"));
    Check::warn("environment", format!("{name} is no setting"), advice)
}

fn unknown(names: impl Iterator<Item = String>, known: &BTreeSet<String>) -> Vec<String> {
    // Those of the tests are not the server's.
    let ours = names.filter(|name| name.starts_with("VESTIBULE_") && !name.starts_with("VESTIBULE_TEST_"));
    ours.filter(|name| !known.contains(name)).collect()
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

/// How many letters have to be changed, put in or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, a) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;

    #[test]
    fn a_misspelt_variable_is_named_with_the_nearest_setting() {
        let given = ["VESTIBULE_BASEURL", "VESTIBULE_BASE_URL", "HOME", "VESTIBULE_TEST_POSTGRES"];
        let found = unknown(given.into_iter().map(str::to_owned), &known());
        assert_eq!(found, ["VESTIBULE_BASEURL"]);
        assert!(misspelt("VESTIBULE_BASEURL").to_string().contains("did you mean VESTIBULE_BASE_URL?"));
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn metrics_on_an_outer_address_are_a_warning() {
        assert_eq!(metrics(None), None);
        assert_eq!(metrics("127.0.0.1:9100".parse().ok()), None);
        assert_eq!(metrics("0.0.0.0:9100".parse().ok()).unwrap().verdict, Verdict::Warn);
    }

    #[test]
    fn too_few_open_files_are_a_warning() {
        assert_eq!(open_files(1).verdict, Verdict::Ok);
        assert_eq!(open_files(usize::MAX / 2).verdict, Verdict::Warn);
    }
}
