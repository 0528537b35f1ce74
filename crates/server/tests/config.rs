//! The configuration as an operator meets it: three sources with one name, precedence, and refusals in words.
#![expect(clippy::unwrap_used, reason = "helpers of a test program: a failure here is a failure of the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::{Args, Parser};
use vestibule_domain::time::Span;
use vestibule_server::config::{
    Config, ConfigError, LogFormat, MailTls, Settings, StoreConfig, flag, load, parse_file, variable,
};

/// A file with every value that can be set.
const EVERYTHING: &str = r#"
listen = "0.0.0.0:8443"
base_url = "https://sso.example.com"
support_contact = "help@example.com"
insecure_http = false
master_key = "from the file"
master_key_previous = "the one before"
trusted_proxies = ["10.0.0.0/8", "192.168.1.1"]
workers = 4

[database]
url = "postgres://vestibule:hunter2@db.example.com/vestibule"
ca_file = "db-ca.pem"
write_connections = 30
read_connections = 6
wait_seconds = 11

[tls]
certificate = "cert.pem"
key = "key.pem"

[metrics]
listen = "127.0.0.1:9100"

[log]
format = "pretty"
level = "debug"

[outbound]
proxy = "http://me:word@proxy.internal:3128"
allowed_networks = ["10.20.0.0/16"]
allowed_ports = [443, 8443]
name_servers = ["10.0.0.2", "10.0.0.3:5353"]
ca_file = "idp-ca.pem"

[limits]
max_connections = 500
max_connections_per_client = 40
browser_per_minute = 0
api_failures_per_minute = 7
codes_per_minute = 30
searches_per_minute = 100
api_per_project_per_minute = 0
api_per_client_per_minute = 0
sms_per_project_and_hour = 50
messages_per_address = 8
messages_per_project = 12
outbound_concurrent = 9
outbound_per_project = 6
outbound_per_organization = 3
lame_duck_seconds = 2
drain_seconds = 3

[retention]
audit_days = 30
deleted_days = 7
session_key_days = 90

[mail]
host = "mail.example.com"
port = 2525
tls = "starttls"
username = "vestibule"
password = "open sesame"
from = "Example <no-reply@example.com>"
timeout_seconds = 9
reminders = false
ca_file = "mail-ca.pem"

[sms]
webhook_url = "https://sms.example.com/send"
webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"#;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    settings: Settings,
}

fn flags(arguments: &[&str]) -> Settings {
    Program::try_parse_from(std::iter::once(&"vestibule").chain(arguments)).unwrap().settings
}

fn file(text: &str) -> Result<Settings, ConfigError> {
    parse_file(text, Path::new("vestibule.toml"))
}

/// What is said about a file that differs from a good one by `lines`.
fn refusal(lines: &str) -> String {
    let good = "base_url = \"https://sso.example.com\"\nmaster_key = \"key\"\n";
    let kept = good.lines().filter(|line| !lines.contains(line.split(' ').next().unwrap()));
    let text = format!("{}\n{lines}", kept.collect::<Vec<_>>().join("\n"));
    file(&text).and_then(|settings| Config::resolve(&settings)).unwrap_err().to_string()
}

#[test]
fn every_value_of_the_file_arrives() {
    let config = Config::resolve(&file(EVERYTHING).unwrap()).unwrap();
    assert_eq!(config.listen, "0.0.0.0:8443".parse().unwrap());
    assert_eq!(config.base_url.as_str(), "https://sso.example.com/");
    assert_eq!(config.support_contact, "help@example.com".parse().ok());
    assert_eq!(config.store.master_key.expose(), "from the file");
    assert_eq!(config.store.master_key_previous.unwrap().expose(), "the one before");
    assert!(config.store.database.url.expose().ends_with("@db.example.com/vestibule"));
    assert_eq!(config.store.database.options.ca_file.unwrap(), Path::new("db-ca.pem"));
    assert_eq!(config.tls.unwrap().key, Path::new("key.pem"));
    assert_eq!(config.metrics_listen, Some("127.0.0.1:9100".parse().unwrap()));
    assert_eq!((config.log.format, config.log.level.as_str()), (LogFormat::Pretty, "debug"));
    assert!(config.outbound.proxy.is_some());
    assert_eq!(config.outbound.allowed_ports, [443, 8443]);
    let servers: Vec<String> = config.outbound.name_servers.iter().map(ToString::to_string).collect();
    assert_eq!(servers, ["10.0.0.2:53", "10.0.0.3:5353"]);
    assert_eq!(config.outbound.allowed_networks, ["10.20.0.0/16".parse().unwrap()]);
    assert_eq!(config.outbound.ca_file.unwrap(), Path::new("idp-ca.pem"));
    assert_eq!((config.outbound.max_concurrent, config.outbound.max_of_organization), (9, 3));
    assert_eq!((config.retention.audit, config.retention.deleted), (Span::days(30), Span::days(7)));
    assert!(!config.outbound.allow_loopback_http, "no setting opens loopback in production");
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.limits.max_connections, 500);
    assert_eq!(config.limits.max_connections_per_client, 40);
    assert_eq!(config.limits.browser_per_minute, 0);
    assert_eq!(config.limits.api_failures_per_minute, 7);
    assert_eq!((config.limits.messages_per_address, config.limits.messages_per_project), (8, 12));
    assert_eq!((config.limits.lame_duck.as_secs(), config.limits.drain.as_secs()), (2, 3));
    assert_eq!(config.store.database.options.write_connections, 30);
    assert_eq!(config.store.database.options.read_connections, 6);
    assert_eq!(config.store.database.wait.as_secs(), 11);
    assert_eq!(config.session_key_age, Some(Span::days(90)));
    assert_eq!(config.workers, Some(4));
    assert!(!config.reminders, "said to be off");
    let mail = config.mail.unwrap();
    assert_eq!((mail.host.as_str(), mail.port, mail.tls), ("mail.example.com", 2525, MailTls::StartTls));
    let (name, password) = mail.credentials.unwrap();
    assert_eq!((name.as_str(), password.expose()), ("vestibule", "open sesame"));
    assert_eq!(mail.from, "Example <no-reply@example.com>");
    assert_eq!((mail.timeout.as_secs(), mail.ca_file.unwrap()), (9, "mail-ca.pem".into()));
    assert_eq!(config.sms.unwrap().url.as_str(), "https://sms.example.com/send");
}

#[test]
fn the_defaults_serve_locally_from_the_embedded_store() {
    let settings = file("base_url = \"https://sso.example.com\"\nmaster_key = \"key\"").unwrap();
    let config = Config::resolve(&settings).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8787".parse().unwrap());
    assert_eq!(config.store.database.url.expose(), "sqlite:vestibule-data/vestibule.db");
    assert_eq!(config.outbound.allowed_ports, [443]);
    assert!(config.outbound.allowed_networks.is_empty() && config.trusted_proxies.is_empty());
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(config.tls.is_none() && config.metrics_listen.is_none());
    assert!(config.mail.is_none() && config.sms.is_none());
}

/// The keys of the file, with their section.
fn keys(table: &toml::Table) -> Vec<String> {
    let under = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(section) => keys(section).iter().map(|inner| format!("{key}.{inner}")).collect(),
        _ => vec![key.clone()],
    };
    table.iter().flat_map(under).collect()
}

#[test]
fn a_value_has_the_same_name_in_all_three_places() {
    let command = Settings::augment_args(clap::Command::new("vestibule"));
    let mut found: Vec<_> = command
        .get_arguments()
        .map(|argument| {
            let long = format!("--{}", argument.get_long().unwrap());
            (long, argument.get_env().unwrap().to_str().unwrap().to_owned())
        })
        .collect();
    let mut all = keys(&EVERYTHING.parse().unwrap());
    let files =
        ["master_key_file", "master_key_previous_file", "mail.password_file", "sms.webhook_secret_file"];
    all.extend(files.map(str::to_owned));
    let mut expected: Vec<_> = all.iter().map(|key| (flag(key), variable(key))).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn the_reference_names_every_key() {
    let reference = include_str!("../../../docs/configuration.md");
    for key in keys(&EVERYTHING.parse().unwrap()) {
        assert!(reference.contains(&format!("`{key}`")), "docs/configuration.md does not mention `{key}`");
    }
}

#[test]
fn flags_win_over_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vestibule.toml");
    fs::write(&path, EVERYTHING).unwrap();
    let given =
        flags(&["--listen", "127.0.0.1:1", "--outbound-allowed-ports", "443,9443", "--insecure-http"]);
    let settings = load(given, Some(&path)).unwrap();
    assert_eq!(settings.listen.as_deref(), Some("127.0.0.1:1"));
    assert_eq!(settings.outbound.allowed_ports, Some(vec![443, 9443]));
    assert_eq!(settings.insecure_http, Some(true));
    assert_eq!(settings.workers, Some(4), "what is not given comes from the file");
}

#[test]
fn a_key_file_given_by_flag_replaces_the_key_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("master.key");
    fs::write(&key, "  the key\n").unwrap();
    let given = flags(&["--master-key-file", key.to_str().unwrap()]);
    let config = StoreConfig::resolve(&given.over(file(EVERYTHING).unwrap())).unwrap();
    assert_eq!(config.master_key.expose(), "the key");
    assert_eq!(config.master_key_previous.unwrap().expose(), "the one before");
}

/// Runs in a process of its own, because the environment belongs to the whole process: see the test below.
#[test]
#[ignore = "the inner half of environment_wins_over_the_file_and_flags_over_both"]
fn inner_reads_the_environment() {
    let settings = flags(&["--workers", "7"]).over(file("listen = \"1.1.1.1:1\"\nworkers = 1").unwrap());
    assert_eq!(settings.listen.as_deref(), Some("127.0.0.1:2"));
    assert_eq!(settings.workers, Some(7));
    assert_eq!(settings.trusted_proxies, Some(vec!["10.0.0.0/8".to_owned(), "::1".to_owned()]));
    assert_eq!(settings.master_key.unwrap().expose(), "from the environment");
    assert_eq!(settings.insecure_http, Some(true));
}

#[test]
fn environment_wins_over_the_file_and_flags_over_both() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inner_reads_the_environment", "--ignored"])
        .env("VESTIBULE_LISTEN", "127.0.0.1:2")
        .env("VESTIBULE_WORKERS", "3")
        .env("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8,::1")
        .env("VESTIBULE_MASTER_KEY", "from the environment")
        .env("VESTIBULE_INSECURE_HTTP", "true")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    let message = refusal("[outbound]\nallowed_network = [\"10.0.0.0/8\"]");
    assert!(message.contains("vestibule.toml, line"), "{message}");
    assert!(message.contains("unknown key `allowed_network`: did you mean `allowed_networks`?"), "{message}");
    let message = file("listne = \"127.0.0.1:1\"").unwrap_err().to_string();
    assert!(message.ends_with("unknown key `listne`: did you mean `listen`?"), "{message}");
    let message = file("listen = \"127.0.0.1:1\"\nbase_uri = \"x\"").unwrap_err().to_string();
    assert!(message.contains("line 2") && message.contains("`base_uri`"), "{message}");
    assert!(refusal("[sso]\nx = 1").contains("`sso`"));
}

#[test]
fn a_message_never_shows_a_secret_of_the_file() {
    let message = file("[database]\nurl = \"postgres://u:hunter2@h/d").unwrap_err().to_string();
    assert!(!message.contains("hunter2"), "{message}");
    let debug = format!("{:?}", Config::resolve(&file(EVERYTHING).unwrap()).unwrap());
    for secret in ["hunter2", "from the file", "open sesame", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[test]
fn a_missing_master_key_says_where_it_goes_and_how_to_make_one() {
    let message = refusal("master_key_previous = \"old\"\n#master_key");
    assert!(
        message.starts_with("no master key was given") && message.contains("Only for a new database"),
        "{message}"
    );
    assert!(
        message.contains("vestibule keys generate") && message.contains("VESTIBULE_MASTER_KEY"),
        "{message}"
    );
}

#[test]
fn key_files_are_judged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let message =
        || StoreConfig::resolve(&flags(&["--master-key-file", path.to_str().unwrap()])).unwrap_err();
    assert!(message().to_string().contains("could not be read"), "{}", message());
    fs::write(&path, "\n").unwrap();
    assert!(message().to_string().contains("is empty"), "{}", message());
    let both = file("master_key = \"a\"\nmaster_key_file = \"b\"").unwrap();
    assert!(matches!(StoreConfig::resolve(&both), Err(ConfigError::Both { .. })));
}

#[test]
fn the_base_url_is_an_https_origin() {
    assert!(refusal("base_url = \"http://sso.example.com\"").contains("insecure_http = true"));
    for wrong in ["sso.example.com", "https://sso.example.com/path", "https://a:b@sso.example.com", "ftp://x"]
    {
        let message = refusal(&format!("base_url = \"{wrong}\""));
        assert!(message.starts_with(&format!("`base_url` is \"{wrong}\"")), "{message}");
        assert!(message.contains("--base-url or with VESTIBULE_BASE_URL"), "{message}");
    }
    let missing = Config::resolve(&file("master_key = \"k\"").unwrap()).unwrap_err().to_string();
    assert!(missing.starts_with("`base_url` is not set: expected the public origin"), "{missing}");
    let insecure = "base_url = \"http://sso.example.com\"\ninsecure_http = true\nmaster_key = \"k\"";
    assert!(Config::resolve(&file(insecure).unwrap()).is_ok());
}

#[test]
fn metrics_have_an_address_of_their_own() {
    let both = |main: &str, metrics: &str| {
        let text = format!(
            "base_url = \"https://x.example\"\nmaster_key = \"k\"\nlisten = \"{main}\"\n[metrics]\nlisten = \"{metrics}\""
        );
        Config::resolve(&file(&text).unwrap())
    };
    for (main, metrics) in [
        ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("0.0.0.0:8443", "127.0.0.1:8443"),
        ("127.0.0.1:8443", "[::]:8443"),
        ("[::]:8443", "[::1]:8443"),
    ] {
        let message = both(main, metrics).unwrap_err().to_string();
        assert!(message.starts_with(&format!("`metrics.listen` is \"{metrics}\"")), "{message}");
        assert!(message.contains(&format!("`listen`, which is {main}")), "{message}");
    }
    for (main, metrics) in [
        ("127.0.0.1:8443", "127.0.0.1:9100"),
        ("127.0.0.1:8443", "127.0.0.2:8443"),
        ("0.0.0.0:8443", "[::1]:8443"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        assert!(both(main, metrics).is_ok(), "{main} {metrics}");
    }
}

#[test]
fn each_wrong_value_is_named_with_what_was_expected() {
    for (lines, key, expected) in [
        ("[mail]\nhost = \"m\"", "`mail.from` is not set", "no-reply@example.com"),
        ("[mail]\nhost = \"m\"\ntls = \"ssl\"", "`mail.tls` is \"ssl\"", "implicit, starttls or none"),
        (
            "[mail]\nhost = \"m\"\ntls = \"none\"\nusername = \"u\"\npassword = \"p\"",
            "`mail.tls` is \"none\"",
            "in the clear",
        ),
        (
            "[mail]\nhost = \"m\"\nfrom = \"a@b.test\"\ntimeout_seconds = 900",
            "`mail.timeout_seconds` is \"900\"",
            "1 to 120",
        ),
        ("[mail]\nhost = \"m\"\nusername = \"u\"", "`mail.username` is set without", "mail.password_file"),
        ("[sms]\nwebhook_url = \"https://x\"", "`sms.webhook_url` is set without", "sms.webhook_secret_file"),
        (
            "[sms]\nwebhook_url = \"https://x\"\nwebhook_secret = \"geheim\"",
            "`sms.webhook_secret` is \"(not shown)\"",
            "openssl rand",
        ),
        ("listen = \"8080\"", "`listen` is \"8080\"", "an IP address and a port"),
        ("workers = 0", "`workers` is \"0\"", "a number from 1"),
        ("trusted_proxies = [\"10.0.0.5/8\"]", "`trusted_proxies`", "write 10.0.0.0/8"),
        (
            "[tls]\nkey = \"key.pem\"",
            "`tls.key` is set without `tls.certificate`",
            "VESTIBULE_TLS_CERTIFICATE",
        ),
        ("[metrics]\nlisten = \"x\"", "`metrics.listen` is \"x\"", "--metrics-listen"),
        ("[log]\nformat = \"xml\"", "`log.format` is \"xml\"", "json or pretty"),
        ("[log]\nlevel = \"loud\"", "`log.level` is \"loud\"", "error, warn, info, debug, trace"),
        ("[log]\nlevel = \"info,hyper=loud\"", "`log.level`", "error, warn, info, debug, trace"),
        ("[log]\nlevel = \"\"", "`log.level` is \"\"", "error, warn, info, debug, trace"),
        (
            "[outbound]\nproxy = \"https://secret@proxy\"",
            "`outbound.proxy` is \"(not shown)\"",
            "http://proxy.internal:3128",
        ),
        ("[database]\nread_connections = 0", "`database.read_connections`", "a number from 1"),
        (
            "[outbound]\nallowed_networks = [\"127.0.0.0/8\"]",
            "`outbound.allowed_networks`",
            "this machine is never one",
        ),
        (
            "[outbound]\nallowed_networks = [\"::1\"]",
            "`outbound.allowed_networks`",
            "this machine is never one",
        ),
        ("[outbound]\nallowed_networks = [\"intranet\"]", "`outbound.allowed_networks`", "10.20.0.0/16"),
        (
            "[outbound]\nname_servers = [\"dns.example.com\"]",
            "`outbound.name_servers` is \"dns.example.com\"",
            "10.0.0.2:5353",
        ),
        ("[outbound]\nallowed_ports = [0]", "`outbound.allowed_ports` is \"0\"", "from 1 to 65535"),
        ("[outbound]\nallowed_ports = [70000]", "line 4", "u16"),
        ("[limits]\nmax_connections = 0", "`limits.max_connections` is \"0\"", "a number from 1"),
    ] {
        let message = refusal(lines);
        assert!(message.contains(key) && message.contains(expected), "{lines}: {message}");
    }
}
