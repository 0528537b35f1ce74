//! The server as a process: started, watched through `/proc`, stopped.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Result, clock};

/// Linux counts processor time for user space in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: u64 = 100;
const PATIENCE: Duration = Duration::from_secs(30);

/// The program to measure.
pub(crate) struct Binary(PathBuf);

impl Binary {
    pub(crate) fn find(path: &Path) -> Result<Self> {
        let absolute = fs::canonicalize(path).map_err(|error| {
            format!(
                "{}: {error}; build it with cargo build --release or name it with --server",
                path.display()
            )
        })?;
        Ok(Self(absolute))
    }

    /// A directory for data, removed in the end. It is beside the program and not among the temporary files,
    /// which may be in memory: what is acknowledged must reach a disk.
    pub(crate) fn scratch(&self) -> Result<TempDir> {
        let beside = self.0.parent().unwrap_or(Path::new("."));
        Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?)
    }

    fn spawn(&self, data_dir: &Path, listen: &str, ready_file: &Path, more: &[&str]) -> Result<Child> {
        let child = Command::new(&self.0)
            .args(["dev", "--quiet", "--listen", listen, "--data-dir"])
            .arg(data_dir)
            .arg("--ready-file")
            .arg(ready_file)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(child)
    }

    /// Starts a server and waits until it is ready.
    pub(crate) async fn start(&self, data_dir: &Path) -> Result<Server> {
        self.start_with(data_dir, &[]).await
    }

    /// The same on a database, if there is one.
    pub(crate) async fn start_on(&self, data_dir: &Path, database: Option<&str>) -> Result<Server> {
        let arguments: Vec<&str> = database.into_iter().flat_map(|url| ["--database-url", url]).collect();
        self.start_with(data_dir, &arguments).await
    }

    /// The same with further arguments.
    pub(crate) async fn start_with(&self, data_dir: &Path, more: &[&str]) -> Result<Server> {
        let ready_file = data_dir.join("ready.json");
        if ready_file.exists() {
            fs::remove_file(&ready_file)?;
        }
        let process = Process(self.spawn(data_dir, "127.0.0.1:0", &ready_file, more)?);
        let begun = clock::instant();
        while !ready_file.exists() {
            if begun.elapsed() > PATIENCE {
                return Err("the server did not become ready".into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let ready: Value = serde_json::from_slice(&fs::read(&ready_file)?)?;
        let text = |name: &str| -> Result<String> {
            Ok(ready.get(name).and_then(Value::as_str).ok_or("an incomplete ready file")?.to_owned())
        };
        let address = text("base_url")?.trim_start_matches("http://").parse()?;
        Ok(Server {
            process,
            address,
            project_id: text("project_id")?,
            secret: text("secret")?,
            public_token: text("public_token")?,
            manager: ready.get("auth0").cloned().unwrap_or_default(),
        })
    }

    /// From the start of the process to the first 200 of `/healthz`, and the server it was.
    pub(crate) fn cold_start(&self, data_dir: &Path) -> Result<(Duration, Process)> {
        // Nothing else here binds ports meanwhile, so the free one stays free.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = clock::instant();
        let process =
            Process(self.spawn(data_dir, &address.to_string(), &data_dir.join("ready.json"), &[])?);
        while begun.elapsed() < PATIENCE {
            if is_healthy(address) {
                return Ok((begun.elapsed(), process));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Err("the server did not answer /healthz".into())
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// A running process, ended with this value.
pub(crate) struct Process(Child);

impl Process {
    /// Processor time of all threads so far, in the program and in the kernel on its behalf.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(&self.0.id().to_string())
    }

    /// Resident memory in MiB.
    pub(crate) fn resident(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    /// The most resident memory so far, in MiB.
    pub(crate) fn peak(&self) -> Result<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &'static str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or(name)?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }

    /// Octets that the process made the disk take so far (`write_bytes` of proc(5)).
    pub(crate) fn written(&self) -> Result<u64> {
        let io = fs::read_to_string(format!("/proc/{}/io", self.0.id()))?;
        let line = io.lines().find_map(|line| line.strip_prefix("write_bytes:")).ok_or("no write_bytes")?;
        Ok(line.trim().parse()?)
    }

    /// Its number, for those who look at it from outside.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks the process to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.0.id().to_string()).status()?;
        let begun = clock::instant();
        while self.0.try_wait()?.is_none() {
            if begun.elapsed() > PATIENCE {
                return Err("the server did not stop".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After an ordinary stop there is nothing left to end.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Processor time of the process with this number, or of `self`.
pub(crate) fn cpu_of(process: &str) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold spaces and parentheses; what follows the last one does not. Fields 14 and 15 of
    // proc(5) are the 12th and 13th after it.
    let (_, fields) = stat.rsplit_once(')').ok_or("an unreadable stat file")?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks = times.sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * (1000 / TICKS_PER_SECOND)))
}

/// A server that is ready, with its first project.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) project_id: String,
    pub(crate) secret: String,
    pub(crate) public_token: String,
    /// The application that may manage the second dialect, as the ready file names it.
    pub(crate) manager: Value,
}

impl Server {
    pub(crate) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}
