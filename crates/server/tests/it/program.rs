//! The program itself, in a process of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{basic, text};

/// Where the program runs.
pub(crate) struct Place<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) database: &'a str,
}

impl Place<'_> {
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(line.split(' ')).env_clear().env("VESTIBULE_DATABASE_URL", self.database);
        command.current_dir(self.directory);
        command
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    pub(crate) fn ok(&self, line: &str) -> String {
        let output = self.run(line);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}: {out} {err}");
        out.into_owned()
    }

    pub(crate) fn refused(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(1), "{line} was not refused");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// A server that says nothing.
    pub(crate) fn serve(&self, arguments: &str) -> Server {
        self.serve_into(arguments, Stdio::null(), Stdio::null())
    }

    /// A server that writes where it is told to.
    pub(crate) fn serve_into(&self, arguments: &str, stdout: Stdio, stderr: Stdio) -> Server {
        self.serve_at(free_address(), arguments, stdout, stderr)
    }

    pub(crate) fn serve_at(
        &self,
        address: SocketAddr,
        arguments: &str,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Server {
        let line = format!("serve --listen {address} --base-url https://sso.example.com {arguments}");
        let child = self.command(&line).stdout(stdout).stderr(stderr).spawn().unwrap();
        let mut server = Server { child, address };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return server;
            }
            assert_eq!(server.child.try_wait().unwrap(), None, "it ended before it served");
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the server did not start");
    }

    /// Makes what a server needs, and a project: its id and its secret.
    pub(crate) fn prepare(&self) -> (String, String) {
        self.ok("keys generate --out master.key");
        self.ok(&format!("migrate {KEY}"));
        let made: Value =
            serde_json::from_str(&self.ok(&format!("project create Acme --json {KEY}"))).unwrap();
        (text(&made["project_id"]), text(&made["secret"]))
    }
}

/// How a place that was prepared names its master key.
pub(crate) const KEY: &str = "--master-key-file master.key";

pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn call(
        &self,
        secret: &(String, String),
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let (authorization, body) = (basic(&secret.0, &secret.1), body.to_string());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: sso.example.com\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    pub(crate) fn ok(&self, secret: &(String, String), method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(secret, method, path, body);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The whole answer to a GET without credentials, on a connection of its own; empty when there was none.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        let Ok(mut stream) = TcpStream::connect(self.address) else { return answer };
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: sso.example.com\r\nConnection: close\r\n\r\n");
        if stream.write_all(request.as_bytes()).is_ok() {
            let _ = stream.read_to_string(&mut answer);
        }
        answer
    }

    /// Makes an organization and gives its id.
    pub(crate) fn organization(&self, secret: &(String, String), slug: &str) -> String {
        let body = json!({ "organization_name": slug, "organization_slug": slug });
        text(&self.ok(secret, "POST", "/v1/b2b/organizations", &body)["organization"]["organization_id"])
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Stops it in order.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.child.wait().unwrap().success());
    }
}

/// Makes an organization at whoever listens there: the status, or `None` when there was no answer.
pub(crate) fn try_call(address: SocketAddr, secret: &(String, String), slug: &str) -> Option<u16> {
    let body = json!({ "organization_name": slug, "organization_slug": slug }).to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!(
        "POST /v1/b2b/organizations HTTP/1.1\r\nHost: sso.example.com\r\nAuthorization: {}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        basic(&secret.0, &secret.1),
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
