//! The project's policy, set through the API: our own endpoints (`docs/compatibility.md`). The command `vestibule rbac` does
//! the same.
//!
//! `GET` and `PUT /v1/vestibule/rbac/policy`, and `POST /v1/vestibule/rbac/policy/diff`, which changes nothing.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::rbac::asks::{ChangePolicy, ReadPolicy};
use vestibule_domain::rbac::{PartChange, PolicyPart};

use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::wire::{PolicyIn, PolicyOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::policies::{self, Plan, Terms};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let policy = "/v1/vestibule/rbac/policy";
    Endpoints::new().get(policy, Needs::ProjectAlone, show).put(policy, Needs::ProjectAlone, set).post(
        "/v1/vestibule/rbac/policy/diff",
        Needs::ProjectAlone,
        diff,
    )
}

#[derive(Serialize)]
struct ShownOut {
    policy: PolicyOut,
    version: i64,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadPolicy>,
) -> Answer<ShownOut> {
    let (policy, version) = policies::current(&app.store, grant.project_id()).await?;
    ok(&ctx, ShownOut { policy: PolicyOut::from(&policy), version })
}

#[derive(Deserialize)]
struct DiffIn {
    policy: Option<PolicyIn>,
}

#[derive(Serialize)]
struct DiffOut {
    version: i64,
    changes: Vec<ChangeOut>,
    /// What it does to assignments that were made before.
    consequences: Vec<String>,
}

#[derive(Serialize)]
struct ChangeOut {
    part: PolicyPart,
    id: String,
    /// `add`, `remove` or `change`.
    change: &'static str,
    gained: Vec<String>,
    lost: Vec<String>,
}

impl From<PartChange> for ChangeOut {
    fn from(change: PartChange) -> Self {
        Self {
            part: change.part,
            change: change.how(),
            id: change.id,
            gained: change.gained,
            lost: change.lost,
        }
    }
}

async fn diff(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadPolicy>,
    Input(body): Input<DiffIn>,
) -> Answer<DiffOut> {
    let given = required(body.policy, "policy")?.policy()?;
    let Plan { version, changes, consequences, .. } =
        policies::plan(&app.store, grant.project_id(), given).await?;
    let changes = changes.into_iter().map(ChangeOut::from).collect();
    ok(&ctx, DiffOut { version, changes, consequences })
}

#[derive(Deserialize)]
struct SetIn {
    policy: Option<PolicyIn>,
    expected_version: Option<i64>,
    force: Option<bool>,
}

#[derive(Serialize)]
struct SetOut {
    policy: PolicyOut,
    version: i64,
    changes: Vec<ChangeOut>,
    consequences: Vec<String>,
}

async fn set(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangePolicy>,
    Input(body): Input<SetIn>,
) -> Answer<SetOut> {
    let given = required(body.policy, "policy")?.policy()?;
    let terms = Terms { force: body.force.unwrap_or_default(), expected_version: body.expected_version };
    let done = policies::set(&app, &ctx, &grant, given, terms).await?;
    ok(
        &ctx,
        SetOut {
            policy: PolicyOut::from(&done.after),
            version: done.version,
            changes: done.changes.into_iter().map(ChangeOut::from).collect(),
            consequences: done.consequences,
        },
    )
}
