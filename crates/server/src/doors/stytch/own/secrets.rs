//! The API secrets of the project, for its backend to see, make, replace and end (`docs/compatibility.md`).

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{Environment, SecretId};
use vestibule_domain::project::SecretRecord;
use vestibule_domain::rbac::asks::{ChangeProjectKeys, ReadProjectKeys};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::time::Time;

use super::traces::instant;
use crate::doors::stytch::caller::ByProject;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::api_secrets::{self, Made};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/project/secrets";
    let one = format!("{all}/{{secret_id}}");
    Endpoints::new()
        .get(all, Needs::ProjectAlone, list)
        .post(all, Needs::ProjectAlone, create)
        .delete(&one, Needs::ProjectAlone, revoke)
        .post(&format!("{one}/rotate"), Needs::ProjectAlone, rotate)
}

#[derive(Deserialize)]
struct SecretPath {
    secret_id: String,
}

impl SecretPath {
    fn id(&self) -> Result<SecretId, Failure> {
        self.secret_id.parse().map_err(|_| What::NotFound(Thing::ApiSecret).into())
    }
}

#[derive(Serialize)]
struct SecretOut {
    secret_id: SecretId,
    name: String,
    /// The first digits of what `sha256sum` says of the secret: whoever has one finds it in the list.
    handle: String,
    status: &'static str,
    created_at: String,
    last_used_at: Option<String>,
    expires_at: Option<String>,
}

impl SecretOut {
    fn of(record: &SecretRecord, id: SecretId, now: Time) -> Self {
        let status = match record.ends_at {
            None => "active",
            Some(_) if record.is_good(now) => "ending",
            Some(_) => "ended",
        };
        Self {
            secret_id: id,
            name: record.name.clone(),
            handle: record.handle(),
            status,
            created_at: record.created_at.to_string(),
            last_used_at: record.last_used_at.map(|at| at.to_string()),
            expires_at: record.ends_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Serialize)]
struct ListOut {
    secrets: Vec<SecretOut>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadProjectKeys>,
) -> Answer<ListOut> {
    let environment = grant.project_id().environment();
    let shown = |record: &SecretRecord| SecretOut::of(record, record.id(environment), ctx.now);
    let secrets = api_secrets::list(&app, &grant).await?;
    ok(&ctx, ListOut { secrets: secrets.iter().map(shown).collect() })
}

#[derive(Deserialize)]
struct CreateIn {
    name: Option<String>,
    expires_at: Option<String>,
}

/// The only answer that ever shows the secret itself.
#[derive(Serialize)]
struct MadeOut {
    api_secret: String,
    secret: SecretOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<SecretOut>,
}

impl MadeOut {
    fn of(made: &Made, replaced: Option<&SecretRecord>, environment: Environment, now: Time) -> Self {
        let shown = |record: &SecretRecord| SecretOut::of(record, record.id(environment), now);
        Self {
            api_secret: made.secret.expose().to_owned(),
            secret: shown(&made.record),
            replaced: replaced.map(shown),
        }
    }
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeProjectKeys>,
    Input(body): Input<CreateIn>,
) -> Answer<MadeOut> {
    let name = required(body.name, "name")?;
    let ends_at = instant("expires_at", body.expires_at)?;
    let made = api_secrets::create(&app, &ctx, &grant, name, ends_at).await?;
    ok(&ctx, MadeOut::of(&made, None, grant.project_id().environment(), ctx.now))
}

#[derive(Deserialize)]
struct RotateIn {
    overlap_minutes: Option<i64>,
    expires_at: Option<String>,
}

async fn rotate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeProjectKeys>,
    Path(path): Path<SecretPath>,
    Input(body): Input<RotateIn>,
) -> Answer<MadeOut> {
    let (id, overlap) = (path.id()?, body.overlap_minutes);
    let ends_at = instant("expires_at", body.expires_at)?;
    let (made, replaced) = api_secrets::rotate(&app, &ctx, &grant, id, overlap, ends_at).await?;
    ok(&ctx, MadeOut::of(&made, Some(&replaced), grant.project_id().environment(), ctx.now))
}

#[derive(Serialize)]
struct OneOut {
    secret: SecretOut,
}

async fn revoke(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeProjectKeys>,
    Path(path): Path<SecretPath>,
) -> Answer<OneOut> {
    let id = path.id()?;
    let revoked = api_secrets::revoke(&app, &ctx, &grant, id).await?;
    ok(&ctx, OneOut { secret: SecretOut::of(&revoked, id, ctx.now) })
}
