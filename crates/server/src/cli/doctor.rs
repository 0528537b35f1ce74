//! `vestibule doctor`: looks at everything a server needs, says what it found and what to do about it.
//!
//! Each check is a value, so that the whole can be printed, counted and tested. A check never changes anything.

mod messages;
mod surroundings;

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use http::header::DATE;
use url::Url;
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::time::Time;
use vestibule_store::vault::rotate_master_key;
use vestibule_store::{MasterKey, Store, StoreError, StoreUrl, backup};

use crate::cli::open::{connect, master_keys};
use crate::http::tls::ServedCertificate;
use crate::world::config::{Config, ConfigError, Settings, StoreConfig};
use crate::world::entropy::SystemEntropy;
use crate::world::fetch::{FetchPolicy, FetchRequest, FetchResponse, Fetcher};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// Works, but somebody should look at it.
    Warn,
    /// The server does not start, or sign-ins fail.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// What was looked at, in a word or two.
    pub subject: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found. Never a secret.
    pub found: String,
    /// What to do, when something is to be done.
    pub advice: Option<String>,
}

impl Check {
    /// Nothing to do.
    pub(crate) fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Ok, found: found.into(), advice: None }
    }

    /// Something to look at.
    pub(crate) fn warn(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    /// Something to repair. `advice` may be empty when `found` says it already.
    pub(crate) fn fail(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into()).filter(|advice| !advice.is_empty());
        Self { subject, verdict: Verdict::Fail, found: found.into(), advice }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<4}  {:<12}  {}", self.verdict, self.subject, self.found)?;
        match &self.advice {
            Some(advice) => write!(f, "\n{:20}-> {advice}", ""),
            None => Ok(()),
        }
    }
}

/// The worst of all verdicts; the exit status of the command follows it.
#[must_use]
pub(crate) fn worst(checks: &[Check]) -> Verdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
}

/// Looks at everything. `file` is the configuration file when one was named, `url` something to fetch.
pub(crate) async fn examine(
    settings: &Settings,
    file: Option<&Path>,
    url: Option<&Url>,
    now: Time,
) -> Vec<Check> {
    let (mut checks, config) = configuration(settings, now);
    checks.extend(surroundings::variables(file));
    let files = [file, settings.master_key_file.as_deref(), settings.tls.certificate.as_deref()];
    checks.push(clock(now, &files.into_iter().flatten().collect::<Vec<_>>()));
    let Some(config) = config else { return checks };
    checks.push(address("listen", config.listen));
    checks.extend(config.metrics_listen.map(|listen| address("metrics", listen)));
    checks.extend(surroundings::metrics(config.metrics_listen));
    checks.push(surroundings::open_files(config.limits.max_connections));
    checks.extend(messages::messages(&config).await);
    let (found, providers) = database(&config.store).await;
    checks.extend(found);
    match url {
        Some(url) => checks.extend(outbound(&config.outbound, url, now).await),
        // Without being told what to reach, what people sign in through.
        None => {
            for url in providers {
                checks.extend(outbound(&config.outbound, &url, now).await);
            }
        }
    }
    checks
}

/// The configuration as a whole, and what follows from it when it can be used.
#[must_use]
pub(crate) fn configuration(settings: &Settings, now: Time) -> (Vec<Check>, Option<Config>) {
    let config = match Config::resolve(settings) {
        Ok(config) => config,
        Err(error) => return (vec![refused(&error)], None),
    };
    let mut checks = vec![Check::ok("settings", format!("serving {} on {}", config.base_url, config.listen))];
    checks.extend(public_side(&config));
    checks.extend(tls(&config, now));
    for path in [&settings.master_key_file, &settings.master_key_previous_file].into_iter().flatten() {
        checks.push(key_permissions(path));
    }
    if let Err(error) = Fetcher::new(&config.outbound) {
        checks.push(Check::fail("outbound", error.to_string(), ""));
    }
    (checks, Some(config))
}

/// A configuration that is refused; the message of the error already says where to change it.
#[must_use]
pub(crate) fn refused(error: &ConfigError) -> Check {
    Check::fail("settings", error.to_string(), "")
}

/// What a browser sees of the base URL.
fn public_side(config: &Config) -> Option<Check> {
    if config.base_url.scheme() == "http" {
        let advice = "serve https: give tls.certificate and tls.key, or put a proxy with TLS in front";
        return Some(Check::warn("base URL", format!("{} is plain http", config.base_url), advice));
    }
    let behind_proxy = config.tls.is_none();
    if behind_proxy && config.trusted_proxies.is_empty() {
        return Some(Check::warn(
            "proxy",
            "https base URL without tls.certificate, so a proxy must be in front, but trusted_proxies is empty",
            "set trusted_proxies to the proxy's address, or rate limits count all browsers as one client",
        ));
    }
    None
}

/// The certificate as clients see it.
fn tls(config: &Config, now: Time) -> Option<Check> {
    const SUBJECT: &str = "TLS";
    let files = config.tls.as_ref()?;
    let path = files.certificate.display();
    let served = match ServedCertificate::load(&files.certificate, &files.key) {
        Ok(served) => served,
        Err(error) => return Some(Check::fail(SUBJECT, error.to_string(), "")),
    };
    let Some(standing) = served.standing(config.base_url.host_str().unwrap_or_default(), now) else {
        return Some(Check::warn(
            SUBJECT,
            format!("{path} cannot be read by this check"),
            "look at it yourself",
        ));
    };
    let days = standing.days_left;
    let found = format!("{path} ends in {days} days");
    Some(match standing.objection {
        _ if days < 0 => Check::fail(SUBJECT, format!("{path} has ended"), "renew it"),
        Some(objection) if objection.contains("not for the host") => Check::fail(
            SUBJECT,
            format!("{path}: {objection}"),
            "give the certificate of the host of base_url",
        ),
        Some(objection) => Check::warn(
            SUBJECT,
            format!("{found}; {objection}"),
            "put the whole chain in the file, leaf first; fine if your clients trust your own authority",
        ),
        None if days < 14 => {
            Check::warn(SUBJECT, found, "renew it; a server takes it over without a restart")
        }
        None => Check::ok(SUBJECT, found),
    })
}

/// A key that others on the machine can read is not a secret.
#[must_use]
pub(crate) fn key_permissions(path: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt;
    const SUBJECT: &str = "key file";
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) => return Check::fail(SUBJECT, format!("{}: {error}", path.display()), ""),
    };
    if mode & 0o077 == 0 {
        return Check::ok(SUBJECT, format!("{} is readable by its owner only", path.display()));
    }
    let advice = format!("chmod 600 {}", path.display());
    Check::warn(SUBJECT, format!("{} can be read by others (mode {mode:03o})", path.display()), advice)
}

/// Whether the address can be served on. In use is a warning: that is what it is while the server runs.
#[must_use]
pub(crate) fn address(subject: &'static str, listen: SocketAddr) -> Check {
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Check::ok(subject, format!("{listen} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Check::warn(subject, format!("{listen} is in use"), "fine if this is the running server")
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Check::fail(
            subject,
            format!("{listen}: {error}"),
            "ports below 1024 need the capability CAP_NET_BIND_SERVICE, or choose a higher port",
        ),
        Err(error) => Check::fail(subject, format!("{listen}: {error}"), "choose an address of this machine"),
    }
}

/// Sign-ins compare times with identity providers, so the clock must be about right. A file that was written
/// later than now proves that it is not.
#[must_use]
pub(crate) fn clock(now: Time, files: &[&Path]) -> Check {
    let newest = files.iter().filter_map(|path| written_at(path)).max();
    match newest {
        Some((written, path)) if written.millis() > now.millis().saturating_add(MAX_SKEW_MILLIS) => {
            Check::fail(
                "clock",
                format!("it is {now}, but {} was written at {written}", path.display()),
                "set the clock, with NTP",
            )
        }
        _ if now < EARLIEST => {
            Check::fail("clock", format!("it is {now}, which cannot be"), "set the clock, with NTP")
        }
        _ => Check::ok("clock", format!("it is {now}")),
    }
}

/// The skew that sign-ins tolerate.
const MAX_SKEW_MILLIS: i64 = 60_000;

/// This program did not exist before: 2025-01-01.
const EARLIEST: Time = Time::from_seconds(1_735_689_600);

fn written_at<'a>(path: &&'a Path) -> Option<(Time, &'a Path)> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some((Time::from_millis(i64::try_from(since.as_millis()).ok()?), path))
}

/// Whether the database answers, is up to date, and can be read with the master key; and which providers it knows.
async fn database(config: &StoreConfig) -> (Vec<Check>, Vec<Url>) {
    const SUBJECT: &str = "database";
    let only = |check| (vec![check], Vec::new());
    let url = match StoreUrl::parse(config.database.url.expose()) {
        Ok(url) => url,
        Err(error) => return only(Check::fail(SUBJECT, error.to_string(), "correct database.url")),
    };
    // Opening an embedded database that is not there would make it, and a check changes nothing.
    if let StoreUrl::Sqlite(path) = &url
        && !path.exists()
    {
        let found = format!("{url} does not exist");
        return only(Check::fail(SUBJECT, found, "run vestibule migrate to make it"));
    }
    let store = match connect(&config.database).await {
        Ok((_, store)) => store,
        Err(error) => return only(Check::fail(SUBJECT, format!("{url}: {error}"), "correct database.url")),
    };
    match store.pending_migrations().await {
        Err(error) => return only(Check::fail(SUBJECT, format!("{url}: {error}"), "")),
        Ok(pending) if !pending.is_empty() => {
            let found = format!("{url} lacks {}", pending.join(", "));
            return only(Check::fail(SUBJECT, found, "run vestibule migrate"));
        }
        Ok(_) => {}
    }
    let mut checks = vec![Check::ok(SUBJECT, format!("{url} answers and is up to date"))];
    checks.extend(wholeness(&url, &store).await);
    checks.push(master_key(&store, config).await);
    checks.extend(
        projects(&store).await.unwrap_or_else(|error| vec![Check::fail(SUBJECT, error.to_string(), "")]),
    );
    let providers = store.provider_documents(MOST_PROVIDERS).await.unwrap_or_default();
    (checks, providers.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Providers that are tried, of those whose connections were made last.
const MOST_PROVIDERS: u32 = 10;

/// Free space in the file that is not worth a word.
const MOST_FREE: u64 = 64 * 1024 * 1024;

/// Whether everything that should be there is there and can be read.
async fn wholeness(url: &StoreUrl, store: &Store) -> Vec<Check> {
    const SUBJECT: &str = "wholeness";
    const ADVICE: &str = "stop the server and run vestibule restore with a backup";
    let mut checks = Vec::new();
    match store.lost_tables().await {
        Ok(lost) if lost.is_empty() => {}
        Ok(lost) => checks.push(Check::fail(SUBJECT, format!("{url} has lost {}", lost.join(", ")), ADVICE)),
        Err(error) => checks.push(Check::fail(SUBJECT, error.to_string(), ADVICE)),
    }
    if let StoreUrl::Sqlite(path) = url {
        checks.push(match backup::look_through(path) {
            Ok(whole) if whole.free > MOST_FREE && whole.free > whole.bytes / 2 => Check::warn(
                SUBJECT,
                format!("every page can be read; {} of {} bytes are free", whole.free, whole.bytes),
                "new data goes there. To give them to the system: stop, vestibule backup, vestibule restore",
            ),
            Ok(whole) => {
                let found =
                    format!("every page can be read; {} bytes, {} of them free", whole.bytes, whole.free);
                Check::ok(SUBJECT, found)
            }
            Err(error) => Check::fail(SUBJECT, error.to_string(), ADVICE),
        });
        if backup::is_younger_than_its_log(path, Duration::ZERO) {
            checks.push(Check::warn(
                SUBJECT,
                format!("{} came into being after its write-ahead log", path.display()),
                "if it is a copy that was put in place by hand, what the log held is gone: use vestibule restore",
            ));
        }
    }
    checks
}

/// Whether each project can send a browser back after signing in.
async fn projects(store: &Store) -> Result<Vec<Check>, StoreError> {
    let projects = store.projects().await?;
    if projects.is_empty() {
        return Ok(vec![Check::warn("projects", "there is none", "run vestibule project create NAME")]);
    }
    let mut checks = vec![Check::ok("projects", format!("{} found", projects.len()))];
    for project in projects {
        for kind in [RedirectKind::Login, RedirectKind::Signup] {
            if store.default_redirect_url(project.id, kind).await?.is_none() {
                checks.push(Check::warn(
                    "redirect URL",
                    format!("project {} has no default for {}", project.id, kind.as_str()),
                    format!(
                        "run vestibule redirect-url add {} https://… --kind {}",
                        project.id,
                        kind.as_str()
                    ),
                ));
            }
        }
    }
    Ok(checks)
}

/// Whether the data is sealed under the master key that is given.
async fn master_key(store: &Store, config: &StoreConfig) -> Check {
    const SUBJECT: &str = "master key";
    let masters = match master_keys(config) {
        Ok(masters) => masters,
        Err(error) => return Check::fail(SUBJECT, error.to_string(), ""),
    };
    let current = match sealed_under(store, &masters.current).await {
        Ok(()) => return Check::ok(SUBJECT, format!("{} opens the data", masters.current.id())),
        Err(error) => error,
    };
    match &masters.previous {
        Some(previous) if sealed_under(store, previous).await.is_ok() => Check::warn(
            SUBJECT,
            format!("the data is still under the previous master key {}", previous.id()),
            "run vestibule keys rotate",
        ),
        _ => Check::fail(SUBJECT, current.to_string(), "give the master key that the data was sealed under"),
    }
}

/// Unwraps every data key with `key` alone. Rotating from a key to itself does exactly that and writes nothing.
async fn sealed_under(store: &Store, key: &MasterKey) -> Result<(), StoreError> {
    rotate_master_key(store, key, key, &SystemEntropy).await.map(drop)
}

/// Fetches `url` the way an identity provider is fetched, and compares its clock with ours.
pub(crate) async fn outbound(policy: &FetchPolicy, url: &Url, now: Time) -> Vec<Check> {
    const SUBJECT: &str = "outbound";
    let fetcher = match Fetcher::new(policy) {
        Ok(fetcher) => fetcher,
        Err(error) => return vec![Check::fail(SUBJECT, error.to_string(), "")],
    };
    let host = url.host_str().unwrap_or_default();
    match fetcher.for_operator().send(FetchRequest::get(url.clone())).await {
        Err(error) => vec![Check::fail(SUBJECT, error.to_string(), "")],
        Ok(answer) => {
            let found =
                format!("{host} answered {} with {} bytes", answer.status.as_u16(), answer.body.len());
            let reached = if answer.status.is_success() {
                Check::ok(SUBJECT, found)
            } else {
                Check::warn(SUBJECT, found, "the network is fine; check the path of the URL")
            };
            std::iter::once(reached).chain(remote_clock(host, &answer, now)).collect()
        }
    }
}

/// Compares our clock with the `Date` of an answer, which has whole seconds.
fn remote_clock(host: &str, answer: &FetchResponse, now: Time) -> Option<Check> {
    let date = answer.headers.get(DATE)?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond();
    let ahead = now.millis() - theirs;
    let seconds = ahead / 1000;
    Some(if ahead.abs() > MAX_SKEW_MILLIS {
        let found = format!("this clock and the one of {host} are {seconds} s apart; sign-ins tolerate 60 s");
        Check::fail("clock", found, "set the clock, with NTP")
    } else if ahead.abs() > 10_000 {
        Check::warn("clock", format!("this clock and the one of {host} are {seconds} s apart"), "use NTP")
    } else {
        Check::ok("clock", format!("agrees with {host}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config::DatabaseConfig;

    fn answer(date: &str) -> FetchResponse {
        let headers = http::HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        FetchResponse { status: http::StatusCode::OK, headers, body: Vec::new() }
    }

    #[test]
    fn the_clock_is_compared_with_the_date_of_an_answer() {
        let date = answer("Sun, 06 Nov 1994 08:49:37 GMT");
        let at = |seconds: i64| {
            remote_clock("idp", &date, Time::from_seconds(784_111_777 + seconds)).unwrap().verdict
        };
        assert_eq!(at(0), Verdict::Ok);
        assert_eq!(at(-11), Verdict::Warn);
        assert_eq!(at(61), Verdict::Fail);
        assert!(remote_clock("idp", &answer("yesterday"), Time::from_seconds(0)).is_none());
    }

    #[test]
    fn a_clock_before_its_files_is_wrong() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = written_at(&file.path()).unwrap().0;
        assert_eq!(clock(written, &[file.path()]).verdict, Verdict::Ok);
        let before = Time::from_millis(written.millis() - 61_000);
        assert_eq!(clock(before, &[file.path()]).verdict, Verdict::Fail);
        assert_eq!(clock(Time::from_seconds(5), &[]).verdict, Verdict::Fail);
    }

    #[test]
    fn a_key_that_others_can_read_is_a_warning() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(key_permissions(file.path()).verdict, Verdict::Ok);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        let check = key_permissions(file.path());
        assert_eq!(check.verdict, Verdict::Warn);
        assert!(check.to_string().contains("-> chmod 600"), "{check}");
    }

    #[test]
    fn an_address_in_use_is_told_from_one_that_is_not_ours() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(address("listen", taken.local_addr().unwrap()).verdict, Verdict::Warn);
        assert_eq!(address("listen", "127.0.0.1:0".parse().unwrap()).verdict, Verdict::Ok);
        assert_eq!(address("listen", "192.0.2.1:0".parse().unwrap()).verdict, Verdict::Fail);
    }

    #[test]
    fn settings_are_refused_in_their_own_words() {
        let (checks, config) = configuration(&Settings::default(), EARLIEST);
        assert!(config.is_none());
        assert_eq!(worst(&checks), Verdict::Fail);
        assert!(checks.iter().any(|check| check.found.contains("`base_url` is not set")), "{checks:?}");
    }

    #[test]
    fn metrics_cannot_be_served_where_everything_else_is() {
        let settings = Settings {
            listen: Some("0.0.0.0:8443".to_owned()),
            base_url: Some("https://sso.example.com".to_owned()),
            master_key: Some("key".into()),
            metrics: crate::world::config::MetricsSettings { listen: Some("127.0.0.1:8443".to_owned()) },
            ..Settings::default()
        };
        let (checks, config) = configuration(&settings, EARLIEST);
        assert!(config.is_none());
        assert_eq!(worst(&checks), Verdict::Fail);
        assert!(checks.iter().any(|check| check.found.contains("`metrics.listen`")), "{checks:?}");
    }

    #[test]
    fn a_proxy_that_nobody_named_is_a_warning() {
        let settings = Settings {
            base_url: Some("https://sso.example.com".to_owned()),
            master_key: Some("key".into()),
            ..Settings::default()
        };
        let (checks, config) = configuration(&settings, EARLIEST);
        assert!(config.is_some());
        assert!(checks.iter().any(|check| check.subject == "proxy"), "{checks:?}");
        let trusted = Settings { trusted_proxies: Some(vec!["10.0.0.1".to_owned()]), ..settings };
        assert_eq!(worst(&configuration(&trusted, EARLIEST).0), Verdict::Ok);
    }

    #[tokio::test]
    async fn the_database_and_its_key_are_tried_without_changing_them() {
        use crate::cli::{keys::new_master_key, open};
        use crate::world::entropy::SeededEntropy;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vestibule.db");
        let key = |seed| new_master_key(&SeededEntropy::new(seed));
        let config = |current: u64, previous: Option<u64>| StoreConfig {
            database: DatabaseConfig::at(format!("sqlite:{}", path.display())),
            master_key: key(current),
            master_key_previous: previous.map(key),
        };
        let verdict = async |current, previous| {
            let (checks, _) = database(&config(current, previous)).await;
            (worst(&checks), checks.iter().filter_map(|check| check.advice.clone()).collect::<String>())
        };
        assert_eq!(verdict(1, None).await, (Verdict::Fail, "run vestibule migrate to make it".to_owned()));
        assert!(!path.exists());
        let (_, store) = connect(&config(1, None).database).await.unwrap();
        assert_eq!(verdict(1, None).await, (Verdict::Fail, "run vestibule migrate".to_owned()));
        store.migrate(Time::from_seconds(0), &SystemEntropy).await.unwrap();
        let no_project = "run vestibule project create NAME";
        assert_eq!(verdict(1, None).await, (Verdict::Warn, no_project.to_owned()));
        open::open_vault(&store, &config(1, None), &SystemEntropy, Time::from_seconds(0)).await.unwrap();
        assert_eq!(verdict(1, None).await, (Verdict::Warn, no_project.to_owned()));
        let (worst, advice) = verdict(2, None).await;
        assert_eq!(worst, Verdict::Fail);
        assert!(advice.contains("the master key that the data was sealed under"), "{advice}");
        assert_eq!(verdict(2, Some(1)).await.1, format!("run vestibule keys rotate{no_project}"));
    }

    #[tokio::test]
    async fn outbound_reach_is_tried_through_the_guard() {
        let checks =
            outbound(&FetchPolicy::default(), &"https://127.0.0.1/".parse().unwrap(), Time::default()).await;
        assert_eq!(worst(&checks), Verdict::Fail);
        assert!(checks.iter().any(|check| check.found.contains("a loopback address")), "{checks:?}");
    }
}
