//! Memory for documents of 512 KiB that were made to need much of it. Each is judged by a process of its own, which
//! reports by how much its largest resident size grew.

use std::fs;
use std::io::{BufRead as _, Read as _, Write as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vestibule_saml::key::{Certificate, DecryptionKeys, VerificationKeys};

use super::forge::Provider;
use super::{Connection, Result};
use crate::report::{Bound, Row, Table};

/// What a message may have.
const BYTES: usize = 512 * 1024;
/// In MiB. Generous: it is there to be noticed when something becomes unbounded.
const MOST: f64 = 32.0;

const KINDS: [&str; 4] = [
    "as many elements as allowed",
    "as many attributes as allowed",
    "references everywhere",
    "signed, one long namespace name used by every element",
];

/// One line for each kind.
pub(super) fn measure(provider: &Provider, table: &mut Table) -> Result<()> {
    for (number, kind) in KINDS.iter().enumerate() {
        let grown = in_a_process_of_its_own(provider, &document(number, provider)?)?;
        let what = format!("SAML, peak memory for 512 KiB: {kind}");
        table.push(Row::new(&what, grown / 1024.0, "MiB").measured(Bound::AtMost(MOST)));
    }
    Ok(())
}

fn in_a_process_of_its_own(provider: &Provider, document: &str) -> Result<f64> {
    if document.len() > BYTES {
        return Err("the document is longer than a message may be".into());
    }
    let mut judge = Command::new(std::env::current_exe()?)
        .arg("--hostile")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = judge.stdin.take().ok_or("a process without an input")?;
    writeln!(input, "{}", STANDARD.encode(&provider.certificate))?;
    input.write_all(document.as_bytes())?;
    drop(input);
    let ran = judge.wait_with_output()?;
    if !ran.status.success() {
        return Err("judging a hostile document failed".into());
    }
    Ok(String::from_utf8(ran.stdout)?.trim().parse()?)
}

/// What the other process does: reads a certificate and a document, judges it, and tells by how many KiB its peak grew.
pub(crate) fn judge_input() -> Result<f64> {
    let (mut certificate, mut document) = (String::new(), String::with_capacity(BYTES));
    let mut input = std::io::stdin().lock();
    input.read_line(&mut certificate)?;
    input.read_to_string(&mut document)?;
    let certificate = Certificate::from_der(&STANDARD.decode(certificate.trim())?)?;
    let keys = VerificationKeys::new(certificate, Vec::new());
    let connection = Connection { keys, decryption: DecryptionKeys::none() };
    let before = peak()?;
    drop(connection.judge(&document));
    Ok(peak()? - before)
}

fn document(kind: usize, provider: &Provider) -> Result<String> {
    let filling = match kind {
        0 => "<b/>".repeat(19_000),
        1 => "<b a='' b='' c='' d=''/>".repeat(4_700),
        2 => format!("<b>{}</b>", "&lt;".repeat(120_000)),
        _ => "<p:b/>".repeat(19_000),
    };
    let name = format!("urn:{}", "x".repeat(250));
    let filling = format!("<f xmlns:p='{name}'>{filling}</f>");
    // The canonical form of the last kind is what its declarations make of it.
    let canonical = format!("<f>{}</f>", format!("<p:b xmlns:p=\"{name}\"></p:b>").repeat(19_000));
    let canonical = if kind == 3 { canonical } else { String::new() };
    provider.response_around(&filling, &canonical)
}

/// The largest resident size so far, in KiB.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
