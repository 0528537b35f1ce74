//! Where the project lets sessions of another system be asked for (`docs/compatibility.md`).

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::rbac::asks::{ChangeSessionMigration, ReadSessionMigration};

use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::session_migration;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let path = "/v1/vestibule/project/session_migration";
    Endpoints::new().get(path, Needs::ProjectAlone, show).put(path, Needs::ProjectAlone, change)
}

#[derive(Serialize)]
struct MigrationOut {
    userinfo_url: String,
}

#[derive(Deserialize)]
struct MigrationIn {
    userinfo_url: Option<String>,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadSessionMigration>,
) -> Answer<MigrationOut> {
    ok(&ctx, MigrationOut { userinfo_url: session_migration::configured(&app, &grant).await? })
}

async fn change(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeSessionMigration>,
    Input(body): Input<MigrationIn>,
) -> Answer<MigrationOut> {
    let wanted = required(body.userinfo_url, "userinfo_url")?;
    ok(&ctx, MigrationOut { userinfo_url: session_migration::configure(&app, &ctx, &grant, wanted).await? })
}
