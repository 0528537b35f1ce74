//! The program itself: what it has acknowledged is there after `kill -9`, it stops when asked, and it does
//! not start without a master key.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{basic, postgres_base, with_own_database};

const ACKNOWLEDGED: usize = 1000;
const WRITERS: usize = 16;

/// A running `vestibule dev`.
struct Dev {
    child: Child,
    ready: Value,
}

impl Dev {
    fn start(directory: &Path, database: Option<&str>) -> Self {
        Self::start_at("127.0.0.1:0", directory, database)
    }

    fn start_at(listen: &str, directory: &Path, database: Option<&str>) -> Self {
        let ready_file = directory.join("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .args(["dev", "--quiet", "--listen", listen, "--data-dir"])
            .arg(directory.join("data"))
            .arg("--ready-file")
            .arg(&ready_file)
            .env_remove("VESTIBULE_DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(database) = database {
            command.env("VESTIBULE_DATABASE_URL", database);
        }
        let mut child = command.spawn().unwrap();
        for _ in 0..600 {
            if let Ok(text) = std::fs::read_to_string(&ready_file) {
                return Self { child, ready: serde_json::from_str(&text).unwrap() };
            }
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it was ready");
            thread::sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        panic!("not ready after 30 seconds");
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// One request on a connection of its own; `None` when the server went away before it answered.
    fn call(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let address = self.text("base_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).ok()?;
        let authorization = basic(self.text("project_id"), self.text("secret"));
        let body = body.to_string();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
    }

    fn signal(&mut self, signal: &str) -> std::process::ExitStatus {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Creates organizations from many threads and kills the server while they are at it. Gives the ids and
/// slugs that were acknowledged.
fn write_until_killed(dev: &mut Dev) -> Vec<(String, String)> {
    let (acknowledged, enough) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let process = dev.child.id().to_string();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (dev, acknowledged, enough) = (&*dev, &acknowledged, &enough);
            scope.spawn(move || {
                for number in 0.. {
                    let slug = format!("w{writer}-{number}");
                    let body = json!({ "organization_name": slug, "organization_slug": slug });
                    let Some((status, answer)) = dev.call("POST", "/v1/b2b/organizations", &body) else {
                        return;
                    };
                    assert_eq!(status, 200, "{answer}");
                    let id = answer["organization"]["organization_id"].as_str().unwrap().to_owned();
                    let mut acknowledged = acknowledged.lock().unwrap();
                    acknowledged.push((id, slug));
                    if acknowledged.len() >= ACKNOWLEDGED {
                        enough.store(true, Ordering::SeqCst);
                    }
                }
            });
        }
        while !enough.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
        // The writers go on until it is dead: some requests are under way.
        assert!(Command::new("kill").args(["-9", &process]).status().unwrap().success());
    });
    dev.child.wait().unwrap();
    acknowledged.into_inner().unwrap()
}

fn nothing_acknowledged_is_lost(database: Option<&str>) {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(directory.path(), database);
    let before = dev.ready.clone();
    let acknowledged = write_until_killed(&mut dev);
    assert!(acknowledged.len() >= ACKNOWLEDGED, "only {}", acknowledged.len());

    let again = Dev::start(directory.path(), database);
    for name in ["project_id", "secret", "public_token"] {
        assert_eq!(again.text(name), before[name].as_str().unwrap());
    }
    for (id, slug) in &acknowledged {
        let (status, answer) = again.call("GET", &format!("/v1/b2b/organizations/{id}"), &json!({})).unwrap();
        assert_eq!(status, 200, "{slug} was acknowledged and is lost: {answer}");
        assert_eq!(answer["organization"]["organization_slug"], slug.as_str());
    }
}

#[test]
fn kill_9_loses_nothing_on_sqlite() {
    nothing_acknowledged_is_lost(None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing_on_postgres() {
    let Some(base) = postgres_base() else { return };
    with_own_database(&base, |url| async move {
        tokio::task::spawn_blocking(move || nothing_acknowledged_is_lost(Some(&url))).await.unwrap();
    })
    .await;
}

#[test]
fn it_stops_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut dev = Dev::start(directory.path(), None);
        let (status, _) = dev.call("GET", "/v1/b2b/rbac/policy", &json!({})).unwrap();
        assert_eq!(status, 200);
        assert_eq!(dev.signal(signal).code(), Some(0), "{signal}");
    }
}

/// Runs a command in an empty directory with an empty environment.
fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).env_clear().current_dir(directory).output().unwrap()
}

#[test]
fn serving_needs_a_master_key_and_says_how_to_make_one() {
    let directory = tempfile::tempdir().unwrap();
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--base-url",
        "https://sso.example.com",
        "--database-url",
        "sqlite:v.db",
    ];
    let refused = run(directory.path(), &serve);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("master key") && why.contains("vestibule keys generate"), "{why}");

    // What the message says is enough to go on, up to the next message.
    assert!(run(directory.path(), &["keys", "generate", "--out", "master.key"]).status.success());
    let with_key = [&serve[..], &["--master-key-file", "master.key"]].concat();
    let refused = run(directory.path(), &with_key);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("vestibule migrate"), "{why}");

    let nonsense = [&serve[..], &["--master-key-file", "v.db"]].concat();
    let refused = run(directory.path(), &nonsense);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("v.db"));
}

/// The second start finds the redirect URLs of the first, on the very same address.
#[test]
fn a_development_server_starts_again_on_its_address() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Dev::start(directory.path(), None);
    let project = first.text("project_id").to_owned();
    let address = first.text("base_url").strip_prefix("http://").unwrap().to_owned();
    assert!(first.signal("-TERM").success());
    let second = Dev::start_at(&address, directory.path(), None);
    assert_eq!(
        (second.text("project_id"), second.text("base_url")),
        (project.as_str(), first.text("base_url"))
    );
}

/// Whoever tries what the guides say about secrets finds a good one in the next start's lines.
#[test]
fn a_secret_that_was_replaced_is_not_given_out_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(directory.path(), None);
    let secrets = "/v1/vestibule/project/secrets";
    let (_, listed) = dev.call("GET", secrets, &json!({})).unwrap();
    let rotate = format!("{secrets}/{}/rotate", listed["secrets"][0]["secret_id"].as_str().unwrap());
    let (status, rotated) = dev.call("POST", &rotate, &json!({ "overlap_minutes": 0 })).unwrap();
    assert_eq!(status, 200, "{rotated}");
    assert_eq!(dev.call("GET", secrets, &json!({})).unwrap().0, 401);
    assert!(dev.signal("-TERM").success());
    let again = Dev::start(directory.path(), None);
    assert_eq!(again.text("project_id"), dev.text("project_id"));
    assert_eq!(again.call("GET", secrets, &json!({})).unwrap().0, 200);
}
