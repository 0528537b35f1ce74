//! An event of the audit trail as it is shown: by the API, and on the terminal.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use vestibule_domain::event::{Change, Event};

/// An event of the audit trail.
#[derive(Serialize)]
pub(crate) struct EventView {
    event_id: String,
    at: String,
    action: String,
    actor: PartyOut,
    object: PartyOut,
    organization_id: Option<String>,
    changes: Vec<Change>,
    detail: Map<String, Value>,
    request_id: String,
    ip_address: String,
}

/// Who did something, or what it was done to.
#[derive(Serialize)]
struct PartyOut {
    r#type: &'static str,
    id: Option<String>,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            event_id: event.id.to_string(),
            at: event.at.to_string(),
            action: event.kind.as_str().to_owned(),
            actor: PartyOut { r#type: event.actor.kind(), id: event.actor.id() },
            object: PartyOut { r#type: event.object.kind(), id: Some(event.object.to_string()) },
            organization_id: event.organization_id.map(|id| id.to_string()),
            changes: event.changes,
            detail: event.detail,
            request_id: event.request_id,
            ip_address: event.ip_address,
        }
    }
}

/// One line for a terminal.
impl fmt::Display for EventView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let party = |party: &PartyOut| match &party.id {
            Some(id) => format!("{} {id}", party.r#type),
            None => party.r#type.to_owned(),
        };
        write!(f, "{}  {:<32}  {}  by {}", self.at, self.action, party(&self.object), party(&self.actor))?;
        for change in &self.changes {
            write!(f, "  {}", change.field)?;
        }
        Ok(())
    }
}
