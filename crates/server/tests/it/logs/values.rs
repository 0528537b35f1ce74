//! What must not be in a log, and the search for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

/// Shorter texts are found by chance.
const LEAST: usize = 6;
/// Of long values a piece is searched, as logs cut them.
const PIECE: usize = 40;

/// Values by what they are.
#[derive(Default)]
pub(super) struct Values(BTreeMap<String, BTreeSet<String>>);

impl Values {
    /// Notes a value. One that is in several lines is noted by its lines.
    pub(super) fn note(&mut self, kind: &str, value: &str) {
        for line in value.lines().filter(|line| line.len() >= LEAST && !line.starts_with("-----")) {
            self.0.entry(kind.to_owned()).or_default().insert(line.to_owned());
        }
    }

    /// Notes the texts of these members, wherever they stand in an answer.
    pub(super) fn note_members(&mut self, answer: &Value, names: &[&str]) {
        match answer {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if names.contains(&name.as_str()) => self.note(name, text),
                        _ => self.note_members(value, names),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.note_members(value, names)),
            _ => {}
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(kind, values)| values.iter().map(|value| (kind.as_str(), value.as_str())))
    }

    pub(super) fn kinds(&self) -> BTreeSet<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    pub(super) fn write(&self, file: &Path) {
        std::fs::write(file, serde_json::to_string(&self.0).unwrap()).unwrap();
    }

    pub(super) fn read(file: &Path) -> Self {
        Self(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
    }

    /// The kind of the first value that stands in a line, as it is or in one of the spellings of the web.
    pub(super) fn first_in(&self, line: &str) -> Option<&str> {
        let lower = line.to_lowercase();
        self.all().find(|(_, value)| stands_in(value, line, &lower)).map(|(kind, _)| kind)
    }

    /// The kinds of which a value stands in a text.
    pub(super) fn kinds_in(&self, text: &str) -> BTreeSet<&str> {
        let lower = text.to_lowercase();
        self.all().filter(|(_, value)| stands_in(value, text, &lower)).map(|(kind, _)| kind).collect()
    }
}

fn stands_in(value: &str, line: &str, lower: &str) -> bool {
    let piece: String = value.chars().take(PIECE).collect();
    let percent: String = byte_serialize(piece.as_bytes()).collect();
    let octets = || piece.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    let hex = || piece.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    lower.contains(&piece.to_lowercase())
        || line.contains(&percent)
        || line.contains(STANDARD.encode(&piece).trim_end_matches('='))
        || line.contains(&URL_SAFE_NO_PAD.encode(&piece))
        || lower.contains(&hex())
        || line.contains(&octets())
}
