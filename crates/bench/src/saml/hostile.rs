//! Memory for documents of 512 KiB that were made to need much of it. Each is judged by a process of its own, which
//! reports by how much its largest resident size grew.

use std::fs;
use std::process::Command;

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
pub(super) fn measure(table: &mut Table) -> Result<()> {
    for (number, kind) in KINDS.iter().enumerate() {
        let ran = Command::new(std::env::current_exe()?).arg("--hostile").arg(number.to_string()).output()?;
        if !ran.status.success() {
            return Err(format!("judging a hostile document failed: {kind}").into());
        }
        let grown: f64 = String::from_utf8(ran.stdout)?.trim().parse()?;
        let what = format!("SAML, peak memory for 512 KiB: {kind}");
        table.push(Row::new(&what, grown / 1024.0, "MiB").measured(Bound::AtMost(MOST)));
    }
    Ok(())
}

/// Judges the document of this kind and tells by how many KiB the peak of this process grew.
pub(crate) fn judge_one(kind: usize) -> Result<f64> {
    let provider = Provider::new()?;
    let connection = Connection::to(&provider)?;
    let document = document(kind, &provider)?;
    if document.len() > BYTES {
        return Err("the document is longer than a message may be".into());
    }
    // Whatever the parts need once for all is there before the count begins.
    connection.judge(&provider.signed_response(6_000)?)?;
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
