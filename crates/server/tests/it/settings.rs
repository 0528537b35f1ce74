//! Settings as the program meets them in its environment.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Output, Stdio};

use crate::program::{KEY, Place};

/// Everything that was written.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    let told = |line: &str, name: &str| said(&place.command(line).env(name, "1").output().unwrap());
    place.ok("keys generate --out master.key");
    let listen = "VESTIBULE_LISTEN";
    // It ends because there is no database, after its log began.
    let log = told(&format!("serve --base-url https://sso.example.com {KEY}"), "VESTIBULE_LISTNE");
    assert!(
        log.contains("\"level\":\"WARN\"") && log.contains("VESTIBULE_LISTNE") && log.contains(listen),
        "{log}"
    );
    let refused = told(&format!("serve {KEY}"), "VESTIBULE_BASEURL");
    assert!(refused.contains("did you mean VESTIBULE_BASE_URL?"), "{refused}");
    let words = "VESTIBULE_LISTNE is no setting: did you mean VESTIBULE_LISTEN?";
    assert!(told(&format!("migrate {KEY}"), "VESTIBULE_LISTNE").contains(words));
    let examined = told(&format!("doctor {KEY}"), "VESTIBULE_LISTNE");
    assert!(examined.contains(words) && examined.contains("`base_url` is not set"), "{examined}");
    assert_eq!(told("completions bash", "VESTIBULE_LISTNE").matches("LISTNE").count(), 0);
}

#[test]
fn the_doctor_says_what_a_variable_takes_from_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:of-the-shell.db" };
    place.ok("keys generate --out master.key");
    place.ok(&format!("migrate {KEY}"));
    let file = "base_url = \"https://sso.example.com\"\nmaster_key_file = \"master.key\"\n";
    for (url, overrides) in [("sqlite:of-the-file.db", true), ("sqlite:of-the-shell.db", false)] {
        for (name, given) in [("vestibule.toml", "doctor"), ("other.toml", "doctor --config other.toml")] {
            fs::write(directory.path().join(name), format!("{file}[database]\nurl = \"{url}\"\n")).unwrap();
            let examined = said(&place.run(given));
            let words = format!("VESTIBULE_DATABASE_URL overrides database.url of {name}\n");
            assert_eq!(examined.contains(&words), overrides, "{examined}");
            let by_flag = said(&place.run(&format!("{given} --database-url sqlite:third.db")));
            assert!(!by_flag.contains("overrides"), "{by_flag}");
            fs::remove_file(directory.path().join(name)).unwrap();
        }
    }
}

/// The runtime is there before the settings are judged.
#[cfg(target_os = "linux")]
#[test]
fn the_file_says_how_many_threads_serve() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "sqlite:v.db" };
    place.prepare();
    fs::write(directory.path().join("vestibule.toml"), "workers = 61\n").unwrap();
    let server = place.serve(&format!("{KEY} --limits-lame-duck-seconds 0"));
    let threads = fs::read_dir(format!("/proc/{}/task", server.child.id())).unwrap().count();
    server.stop();
    assert!(threads > 61, "{threads}");
}

#[test]
fn a_mistake_shows_no_setting_as_required() {
    let place = Place { directory: Path::new("."), database: "sqlite:v.db" };
    let output = place.run("trace");
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("Usage: vestibule trace [OPTIONS] <REQUEST_ID>"), "{}", said(&output));
}

#[test]
fn what_dev_exports_is_enough_for_the_commands() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place { directory: directory.path(), database: "" };
    let mut command = place.command("dev --quiet --listen 127.0.0.1:0 --data-dir data");
    let mut dev = command.env_remove("VESTIBULE_DATABASE_URL").stdout(Stdio::piped()).spawn().unwrap();
    let mut exported = Vec::new();
    for line in BufReader::new(dev.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) else {
            continue;
        };
        exported.push((name.to_owned(), value.trim_matches('\'').to_owned()));
        // The last line, for whoever reads them as they come.
        if name == "VESTIBULE_DATABASE_URL" {
            break;
        }
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let told = |line: &str| {
        let mut command = place.command(line);
        command.env_clear().envs(exported.clone()).current_dir(elsewhere.path());
        let output = command.output().unwrap();
        (output.status.success(), said(&output))
    };
    let project = &exported.iter().find(|(name, _)| name == "PROJECT_ID").unwrap().1;
    let answers =
        [told(&format!("keys rotate-session {project}")), told("keys rotate-data"), told("config print")];
    let unknown = "saml-connection-test-00000000-0000-4000-8000-000000000000";
    let judged = told(&format!("saml verify - --connection {unknown}"));
    dev.kill().unwrap();
    dev.wait().unwrap();
    for (succeeded, said) in answers {
        assert!(succeeded, "{said}");
    }
    assert!(judged.1.contains("there is no connection") && !judged.1.contains("is not set"), "{}", judged.1);
}
