//! What is around the server: its environment, its bounds, who can reach it.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::Check;
use crate::cli::variables::{self, Override};
use crate::world::config::FileValues;

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

/// Environment variables that look like ours and are none, and those that win over the file: a shell that was meant for one
/// server and is used for another has them.
pub(super) fn variables(file: Option<&Path>) -> Vec<Check> {
    const SUBJECT: &str = "environment";
    let mut checks: Vec<_> = variables::misspelt()
        .iter()
        .map(|one| Check::warn(SUBJECT, one.to_string(), "correct it or unset it"))
        .collect();
    // A file that cannot be read is told with the settings.
    let Ok(Some(file)) = FileValues::of(file) else { return checks };
    checks.extend(variables::overriding(&file).iter().map(|Override { name, key }| {
        let found = format!("{name} overrides {key} of {}", file.path.display());
        Check::warn(SUBJECT, found, format!("unset {name} if the file is to count"))
    }));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;

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
