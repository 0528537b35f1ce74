//! What of an organization's sign-in ends when, for the project and for members who may see its connections: our own endpoint
//! (`docs/compatibility.md`, ADR 61).
//!
//! `GET /v1/vestibule/organizations/{organization_id}/expirations`

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::calendar::{Ending, Part};
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_domain::time::Time;

use crate::doors::stytch::caller::Granted;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::operations::endings;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let path = "/v1/vestibule/organizations/{organization_id}/expirations";
    Endpoints::new().get(path, Needs::Right(Action::ReadConnections), list)
}

#[derive(Serialize)]
struct ListOut {
    expirations: Vec<ExpirationOut>,
}

#[derive(Serialize)]
struct ExpirationOut {
    r#type: &'static str,
    id: String,
    connection_id: String,
    display_name: String,
    subject: String,
    fingerprint_sha256: String,
    valid_from: Option<String>,
    expires_at: String,
    /// `ended`, `due` (within 30 days), `soon` (within 90) or `later`.
    state: &'static str,
    has_successor: bool,
}

impl ExpirationOut {
    fn of(ending: Ending, now: Time) -> Self {
        Self {
            r#type: ending.what.as_str(),
            state: ending.nearness(now).as_str(),
            connection_id: match ending.of {
                Part::Connection(id) => id.to_string(),
                Part::Directory(id) => id.to_string(),
            },
            id: ending.id,
            display_name: ending.place,
            subject: ending.subject,
            fingerprint_sha256: ending.fingerprint,
            valid_from: ending.begins_at.map(|at| at.to_string()),
            expires_at: ending.ends_at.to_string(),
            has_successor: ending.has_successor,
        }
    }
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ReadConnections>,
) -> Answer<ListOut> {
    let found = endings::list(&app, &grant, ctx.now).await?;
    let expirations = found.into_iter().map(|ending| ExpirationOut::of(ending, ctx.now)).collect();
    ok(&ctx, ListOut { expirations })
}
