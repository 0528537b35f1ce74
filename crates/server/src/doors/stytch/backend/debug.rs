//! Who is asking: for whoever sets a client up.

use serde::Serialize;
use vestibule_domain::id::ProjectId;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().get("/v1/debug/whoami", Needs::Project, whoami)
}

#[derive(Serialize)]
struct WhoamiOut {
    project_id: ProjectId,
    name: String,
}

async fn whoami(ctx: Ctx, caller: Caller) -> Answer<WhoamiOut> {
    ok(&ctx, WhoamiOut { project_id: caller.project.id, name: caller.project.name })
}
