//! The keys that sign the project's session tokens, for its backend to see and replace (`docs/compatibility.md`).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use vestibule_domain::id::SigningKeyId;
use vestibule_domain::project::KeyStanding;
use vestibule_domain::rbac::asks::ReadProjectKeys;

use crate::doors::stytch::caller::{ByProject, Caller};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::operations::session_keys;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/project/session_keys";
    Endpoints::new().get(all, Needs::ProjectAlone, list).post(
        &format!("{all}/rotate"),
        Needs::ProjectAlone,
        rotate,
    )
}

#[derive(Serialize)]
struct KeyOut {
    /// The `kid` of tokens and in the JWKS.
    key_id: SigningKeyId,
    signs: bool,
    created_at: String,
    retired_at: Option<String>,
    published_until: Option<String>,
}

impl KeyOut {
    fn of(key: &KeyStanding, signs: Option<SigningKeyId>) -> Self {
        Self {
            key_id: key.id,
            signs: signs == Some(key.id),
            created_at: key.created_at.to_string(),
            retired_at: key.retired_at.map(|at| at.to_string()),
            published_until: key.published_until().map(|at| at.to_string()),
        }
    }
}

#[derive(Serialize)]
struct ListOut {
    session_keys: Vec<KeyOut>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadProjectKeys>,
) -> Answer<ListOut> {
    let published = session_keys::published(&app, &grant, ctx.now).await?;
    let session_keys = published.keys.iter().map(|key| KeyOut::of(key, published.signs)).collect();
    ok(&ctx, ListOut { session_keys })
}

#[derive(Serialize)]
struct RotatedOut {
    session_key: KeyOut,
}

async fn rotate(State(app): State<Arc<App>>, ctx: Ctx, caller: Caller) -> Answer<RotatedOut> {
    let grant = caller.project_grant()?;
    let new = session_keys::rotate(&app, &ctx, &grant, &caller.project).await?;
    // What is new signs nothing before everybody has read it.
    ok(&ctx, RotatedOut { session_key: KeyOut::of(&new, None) })
}
