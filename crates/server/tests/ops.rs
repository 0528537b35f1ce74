//! What stands in `ops/` asks for metrics that there are, by labels that they have.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Names of metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !is_part(c));
    let ours = words.filter(|word| word.starts_with("vestibule_") || word.starts_with("process_"));
    // What ends in a line is how all of them begin.
    let ours = ours.filter(|word| !word.ends_with('_'));
    let bare = |word: &str| word.strip_suffix("_bucket").unwrap_or(word).to_owned();
    ours.map(bare).collect()
}

fn known() -> BTreeSet<String> {
    names(&fs::read_to_string(root().join("crates/server/src/world/telemetry.rs")).unwrap())
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let known = known();
    for file in ["prometheus-alerts.yml", "grafana-dashboard.json"] {
        let asked = names(&fs::read_to_string(root().join("ops").join(file)).unwrap());
        assert!(asked.len() > 8, "{file}: {asked:?}");
        let missing: Vec<_> = asked.difference(&known).collect();
        assert!(missing.is_empty(), "{file} asks for {missing:?}");
    }
}

#[test]
fn every_metric_is_documented() {
    let documented = names(&fs::read_to_string(root().join("docs/configuration.md")).unwrap());
    let known = known();
    let left_out: Vec<_> = known.difference(&documented).collect();
    assert!(left_out.is_empty(), "docs/configuration.md does not tell of {left_out:?}");
}

#[test]
fn the_dashboard_is_whole_and_every_alert_says_what_to_do() {
    let text = fs::read_to_string(root().join("ops/grafana-dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for panel in panels {
        assert!(panel["targets"][0]["expr"].is_string() && panel["title"].is_string(), "{panel}");
    }
    let rules = fs::read_to_string(root().join("ops/prometheus-alerts.yml")).unwrap();
    let alerts: Vec<_> = rules.split("- alert: ").skip(1).collect();
    assert!(alerts.len() > 10);
    for alert in alerts {
        let balanced = |open, close| alert.matches(open).count() == alert.matches(close).count();
        let name = alert.lines().next().unwrap();
        assert!(alert.contains("expr: ") && alert.contains("severity: "), "{name}");
        assert!(alert.contains("summary: ") && alert.contains("action: "), "{name}");
        assert!(balanced('(', ')') && balanced('{', '}') && balanced('[', ']'), "{name}");
    }
}
