//! Log lines on their way out. Whoever logs never waits: a thread of its own writes, and lines that it cannot get rid of
//! are dropped and counted. A pipe that nobody reads and a disk that is full cost lines, and nothing else.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines that may wait to be written.
const WAITING: usize = 65_536;
/// How long the last lines get when the program ends.
const FAREWELL: Duration = Duration::from_secs(1);

static LOST: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    /// Everything before it has been written when this is answered.
    Written(SyncSender<()>),
}

/// Takes lines for the thread that writes them. Clones lead to the same place.
#[derive(Clone, Debug)]
pub(super) struct Lines(SyncSender<Message>);

/// What is still to be written is written when this is dropped, or given up after a second.
#[derive(Debug)]
#[must_use = "lines that are still to be written when the program ends are lost without it"]
pub struct Logs(Lines);

impl Lines {
    /// Lines to a place that is open as a file is: stdout or stderr.
    ///
    /// # Errors
    /// The place is closed, or there is no thread to be had.
    pub(super) fn to(place: &impl AsFd) -> io::Result<(Self, Logs)> {
        // Not through the library's handle, whose lock a write that hangs would keep.
        let file = File::from(place.as_fd().try_clone_to_owned()?);
        let (send, receive) = sync_channel(WAITING);
        thread::Builder::new().name("log-writer".to_owned()).spawn(move || write_all(file, &receive))?;
        let lines = Self(send);
        Ok((lines.clone(), Logs(lines)))
    }
}

/// One call is one line.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Message::Line(line.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        let (tell, told) = sync_channel(1);
        for _ in 0..10 {
            if self.0.0.try_send(Message::Written(tell.clone())).is_ok() {
                // After that nobody reads what is still there.
                let _ = told.recv_timeout(FAREWELL);
                return;
            }
            thread::sleep(FAREWELL / 10);
        }
    }
}

/// How many lines were lost since the program began.
pub(super) fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

fn write_all(mut place: File, lines: &Receiver<Message>) {
    while let Ok(message) = lines.recv() {
        match message {
            Message::Line(line) => {
                if place.write_all(&line).is_err() {
                    LOST.fetch_add(1, Ordering::Relaxed);
                }
            }
            // Whoever asked may have given up.
            Message::Written(tell) => drop(tell.try_send(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_pipe_that_nobody_reads_costs_lines_and_no_time() {
        let (mut reader, writer) = io::pipe().unwrap();
        let (mut lines, logs) = Lines::to(&writer).unwrap();
        drop(writer);
        let before = lost();
        let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
        for _ in 0..WAITING + 1000 {
            lines.write_all(&line).unwrap();
        }
        assert!(lost() > before, "nothing was dropped");
        // It does not hang either when the program ends.
        drop(logs);
        let mut first = vec![0; line.len()];
        reader.read_exact(&mut first).unwrap();
        assert_eq!(first, line);
    }

    #[test]
    fn the_last_lines_are_written_before_the_end() {
        let (mut reader, writer) = io::pipe().unwrap();
        let (mut lines, logs) = Lines::to(&writer).unwrap();
        drop(writer);
        lines.write_all(b"last\n").unwrap();
        drop(logs);
        let mut found = [0; 5];
        reader.read_exact(&mut found).unwrap();
        assert_eq!(&found, b"last\n");
    }

    #[test]
    fn a_full_disk_costs_lines() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (mut lines, logs) = Lines::to(&full).unwrap();
        let before = lost();
        lines.write_all(b"nowhere\n").unwrap();
        drop(logs);
        assert!(lost() > before);
    }
}
