//! What browsers and phones may ask the project for (`docs/compatibility.md`). The command `vestibule project sdk` does the
//! same.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::project::{FrontendPatch, FrontendSettings};
use vestibule_domain::rbac::asks::{ChangeFrontend, ReadFrontend};

use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Input;
use crate::operations::frontend_settings;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let path = "/v1/vestibule/project/sdk";
    Endpoints::new().get(path, Needs::ProjectAlone, show).put(path, Needs::ProjectAlone, change)
}

#[derive(Serialize)]
struct SettingsOut {
    sdk: FrontendSettings,
}

async fn show(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadFrontend>,
) -> Answer<SettingsOut> {
    ok(&ctx, SettingsOut { sdk: frontend_settings::current(&app, &grant).await? })
}

async fn change(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeFrontend>,
    Input(patch): Input<FrontendPatch>,
) -> Answer<SettingsOut> {
    ok(&ctx, SettingsOut { sdk: frontend_settings::change(&app, &ctx, &grant, patch).await? })
}
