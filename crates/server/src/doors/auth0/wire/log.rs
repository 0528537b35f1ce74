//! Entries of the log as this dialect has them.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use vestibule_domain::event::{Event, EventKind};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::rbac::Actor;
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome};

use super::ids;
use crate::doors::auth0::Auth0;
use crate::http::door::Door as _;
use crate::operations::journal::{Entry, EntryId};
use crate::operations::people::Title;

/// What ids of sign-ins and of changes begin with.
const SIGN_IN: &str = "log_s";
const CHANGE: &str = "log_c";

/// The entry of an id.
#[must_use]
pub(crate) fn read_id(text: &str) -> Option<EntryId> {
    if text.starts_with(SIGN_IN) {
        return ids::read_of(SIGN_IN, text).map(EntryId::SignIn);
    }
    ids::read_of(CHANGE, text).map(EntryId::Change)
}

/// An entry as it is shown.
#[must_use]
pub(crate) fn show(entry: &Entry, titles: &HashMap<ConnectionId, Title>) -> Value {
    let (id, kind, mut shown) = match entry {
        Entry::SignIn(trace) => (ids::of(SIGN_IN, &trace.id), kind_of(&trace.outcome), sign_in(trace)),
        Entry::Change(event) => (ids::of(CHANGE, &event.id), kind_of_change(event), change(event)),
    };
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("log_id", json!(id));
    set("_id", json!(id));
    set("date", json!(entry.at().to_string()));
    set("type", json!(kind));
    if let Some(connection) = entry.connection() {
        set("connection_id", json!(ids::connection(connection)));
        if let Some(title) = titles.get(&connection) {
            set("connection", json!(title.name.as_str()));
            set("strategy", json!(title.strategy.as_str()));
            set("strategy_type", json!("enterprise"));
        }
    }
    Value::Object(shown)
}

const fn kind_of(outcome: &TraceOutcome) -> &'static str {
    match outcome {
        TraceOutcome::Accepted { .. } | TraceOutcome::Tested => "s",
        TraceOutcome::Refused(_) => "f",
        TraceOutcome::Abandoned => "w",
    }
}

fn kind_of_change(event: &Event) -> &'static str {
    match event.kind {
        EventKind::MemberDeleted => "sdu",
        EventKind::SessionRevoked | EventKind::MemberSessionsRevoked | EventKind::LoginSessionEnded => "slo",
        EventKind::LoginSessionUsed => "ssa",
        EventKind::CertificateExpiring | EventKind::CredentialExpiring | EventKind::MetadataRefused => "w",
        _ => "sapi",
    }
}

fn sign_in(trace: &SignInTrace) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("ip", json!(trace.ip_address));
    set("user_agent", json!(trace.user_agent));
    set("organization_id", json!(ids::organization(trace.organization_id)));
    let description = match &trace.outcome {
        TraceOutcome::Accepted { .. } => "Successful login".to_owned(),
        TraceOutcome::Tested => "Successful test login".to_owned(),
        TraceOutcome::Abandoned => "No answer of the identity provider".to_owned(),
        TraceOutcome::Refused(refused) => {
            let (code, message) = said(refused);
            set(
                "details",
                json!({
                    "error": { "message": message, "oauthError": code, "type": "oauth-authorization" },
                }),
            );
            message
        }
    };
    set("description", json!(description));
    shown
}

fn said(refused: &Refused) -> (String, String) {
    match refused {
        Refused::Meant { refusal } => {
            let words = refusal.detail().unwrap_or_else(|| Auth0::named(refusal.what).sentence.to_owned());
            ("access_denied".to_owned(), words)
        }
        Refused::Worded { code, message } => (code.clone(), message.clone()),
    }
}

fn change(event: &Event) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    let action = String::from(event.kind.clone());
    set("description", json!(action));
    if !event.ip_address.is_empty() {
        set("ip", json!(event.ip_address));
    }
    if let Some(organization) = event.organization_id {
        set("organization_id", json!(ids::organization(organization)));
    }
    if let Some(client) = event.detail.get("client_id") {
        set("client_id", client.clone());
    }
    let actor = match &event.actor {
        Actor::Application(_) => "application",
        other => other.kind(),
    };
    set(
        "details",
        json!({
            "action": action,
            "object": event.object.kind(),
            "actor": actor,
            "request_id": event.request_id,
            "changed": event.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(),
        }),
    );
    shown
}
