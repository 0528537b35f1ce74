//! Who an accepted response is about.

use serde_json::{Value, json};
use vestibule_saml::key::Certificate;
use vestibule_saml::response::{AcceptedAssertion, Attribute, SignedBy};

use super::shown::{fingerprint, plain};

/// The identity for people. `certificates` are those that the response was judged by, in the same order.
pub(super) fn lines(accepted: &AcceptedAssertion, certificates: &[Certificate]) -> Vec<String> {
    let mut lines = vec!["ACCEPTED".to_owned()];
    let name_id = accepted.name_id();
    let name = name_id.map_or_else(|| "none".to_owned(), |name| plain(name.value()));
    lines.push(line("NameID", &name));
    lines.extend(name_id.map(|name| line("", &plain(name.format().uri()))));
    let signed = accepted.signed();
    for (part, by) in [("the Response", signed.response()), ("the assertion", signed.assertion())] {
        lines.extend(by.map(|by| line("signed", &format!("{part}, {}", signature(by, certificates)))));
    }
    lines.push(line("encrypted", if signed.encrypted() { "yes" } else { "no" }));
    lines.push(line("signed in", &format!("at {}", accepted.authn_instant())));
    let session = accepted.session_not_on_or_after();
    lines.extend(session.map(|end| line("", &format!("session at the provider until {end}"))));
    lines.extend(accepted.authn_context_class().map(|class| line("", &plain(class))));
    lines.push(line("attributes", if accepted.attributes().is_empty() { "none" } else { "" }));
    lines.extend(accepted.attributes().iter().flat_map(attribute));
    if accepted.encrypted_attributes() > 0 {
        let count = accepted.encrypted_attributes();
        lines.push(line(
            "WARNING",
            &format!("{count} attributes are encrypted one by one and cannot be read"),
        ));
    }
    lines.push(String::new());
    lines.extend([
        "Not looked at here:".to_owned(),
        format!("  whether assertion {} was used before", plain(accepted.assertion_id())),
        format!("  (a server refuses it a second time until {})", accepted.replay_until()),
        "  whether it came to the browser that asked".to_owned(),
        "  whether the person may join the organization".to_owned(),
    ]);
    lines
}

fn line(name: &str, text: &str) -> String {
    format!("{name:<12} {text}").trim_end().to_owned()
}

fn signature(by: SignedBy, certificates: &[Certificate]) -> String {
    let subject = certificate_of(by, certificates).map_or("", Certificate::subject);
    let weak: Vec<_> = by.legacy().collect();
    let weak = if weak.is_empty() { String::new() } else { format!("; WEAK: {}", weak.join(", ")) };
    format!("{} by the key of {}{weak}", by.algorithm.name(), plain(subject))
}

fn certificate_of(by: SignedBy, certificates: &[Certificate]) -> Option<&Certificate> {
    certificates.get(by.key.position())
}

fn attribute(attribute: &Attribute) -> Vec<String> {
    let friendly = attribute.friendly_name().map(|name| format!(" ({})", plain(name))).unwrap_or_default();
    let name = format!("{}{friendly}", plain(attribute.name()));
    let mut values: Vec<_> = attribute.values().iter().map(|value| plain(value)).collect();
    if attribute.unreadable_values() > 0 {
        values.push(format!("{} values that are not text", attribute.unreadable_values()));
    }
    let short = name.chars().count() < COLUMN;
    let first = if short && !values.is_empty() { values.remove(0) } else { String::new() };
    let mut lines = vec![format!("  {name:<COLUMN$} {first}").trim_end().to_owned()];
    lines.extend(values.iter().map(|value| format!("  {:<COLUMN$} {value}", "")));
    lines
}

/// Where the values of attributes begin.
const COLUMN: usize = 20;

/// The identity for programs.
pub(super) fn as_json(accepted: &AcceptedAssertion, certificates: &[Certificate]) -> Value {
    let signature = |by: Option<SignedBy>| {
        by.map(|by| {
            json!({
                "algorithm": by.algorithm.name(),
                "certificate_sha256": certificate_of(by, certificates).map(fingerprint),
            })
        })
    };
    let signed = accepted.signed();
    json!({
        "issuer": accepted.issuer(),
        "name_id": accepted.name_id().map(|name| json!({
            "value": name.value(),
            "format": name.format().uri(),
            "name_qualifier": name.name_qualifier(),
            "sp_name_qualifier": name.sp_name_qualifier(),
        })),
        "attributes": accepted.attributes().iter().map(|attribute| json!({
            "name": attribute.name(),
            "friendly_name": attribute.friendly_name(),
            "values": attribute.values(),
            "unreadable_values": attribute.unreadable_values(),
        })).collect::<Vec<_>>(),
        "encrypted_attributes": accepted.encrypted_attributes(),
        "assertion_id": accepted.assertion_id(),
        "replay_until": accepted.replay_until().to_string(),
        "authn_instant": accepted.authn_instant().to_string(),
        "authn_context_class": accepted.authn_context_class(),
        "session_index": accepted.session_index(),
        "session_not_on_or_after": accepted.session_not_on_or_after().map(|end| end.to_string()),
        "signed_response": signature(signed.response()),
        "signed_assertion": signature(signed.assertion()),
        "encrypted": signed.encrypted(),
    })
}
