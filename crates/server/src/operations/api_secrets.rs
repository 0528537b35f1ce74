//! The API secrets of a project: list, make, replace and end. Whoever has one has the whole project, so they may do this;
//! every change is in the audit trail.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::SecretId;
use vestibule_domain::project::{
    ApiSecret, SecretRecord, checked_overlap, checked_secret_end, checked_secret_name,
};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeProjectKeys, ReadProjectKeys};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::time::Time;
use vestibule_store::tables::projects;
use vestibule_store::{Batch, Write};

use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A secret that was just made, with its only copy.
#[derive(Debug)]
pub(crate) struct Made {
    /// The secret.
    pub secret: ApiSecret,
    /// What is kept of it.
    pub record: SecretRecord,
}

/// The API secrets of a project, the newest of those that are over too, the oldest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &ProjectGrant<ReadProjectKeys>,
) -> Result<Vec<SecretRecord>, Failure> {
    Ok(app.store.project_secrets(grant.project_id()).await?)
}

/// Makes another secret, good beside those there are.
///
/// # Errors
/// A name or an end that cannot be taken, or there are as many as there may be.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    name: String,
    ends_at: Option<Time>,
) -> Result<Made, Failure> {
    let made = made(app, ctx, grant, checked_secret_name(name)?, ends_at)?;
    let created = event(app, ctx, grant, EventKind::ProjectSecretCreated, &made.record, None);
    app.store.commit(kept(ctx, grant, &made).with([created])).await.map_err(meaning)?;
    Ok(made)
}

/// Makes a secret in the place of another, which stays good for a while, so that every backend can take the new one.
///
/// # Errors
/// There is no such good secret, a time that cannot be taken, or there are as many as there may be.
pub(crate) async fn rotate(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    id: SecretId,
    overlap_minutes: Option<i64>,
    ends_at: Option<Time>,
) -> Result<(Made, SecretRecord), Failure> {
    let project = grant.project_id();
    let mut replaced = good(app, ctx, grant, id).await?;
    let end = replaced.end_after(checked_overlap(overlap_minutes)?, ctx.now);
    let made = made(app, ctx, grant, replaced.name.clone(), ends_at)?;
    let is_sooner = replaced.ends_at != Some(end);
    replaced.ends_at = Some(end);
    let rotated = event(app, ctx, grant, EventKind::ProjectSecretRotated, &made.record, Some(&replaced));
    let ends = is_sooner.then(|| projects::end_secret(project, &replaced.hash, end));
    app.store.commit(kept(ctx, grant, &made).with(ends).with([rotated])).await.map_err(meaning)?;
    Ok((made, replaced))
}

/// Ends a secret: every node asks the store at each request, so it is refused from now on.
///
/// # Errors
/// There is no such good secret, or no other would be left that stays good.
pub(crate) async fn revoke(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    id: SecretId,
) -> Result<SecretRecord, Failure> {
    let project = grant.project_id();
    let mut revoked = good(app, ctx, grant, id).await?;
    revoked.ends_at = Some(ctx.now);
    let over = event(app, ctx, grant, EventKind::ProjectSecretRevoked, &revoked, None);
    let batch = Batch::from([projects::end_secret(project, &revoked.hash, ctx.now), over])
        .requires(projects::another_secret(project, &revoked.hash, ctx.now));
    app.store.commit(batch).await.map_err(meaning)?;
    Ok(revoked)
}

/// Writes down which secrets were used. Answers how many.
///
/// # Errors
/// The store's; what was noted is then forgotten, and noted again by the next request.
pub async fn keep_uses(app: &App) -> Result<usize, Failure> {
    let uses = app.secret_uses.take();
    if uses.is_empty() {
        return Ok(0);
    }
    let writes: Vec<Write> =
        uses.iter().map(|(secret, project, at)| projects::use_secret(*project, secret, *at)).collect();
    app.store.commit(writes).await?;
    Ok(uses.len())
}

/// A secret of the project that lets somebody in now.
async fn good(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    id: SecretId,
) -> Result<SecretRecord, Failure> {
    let environment = grant.project_id().environment();
    let secrets = app.store.project_secrets(grant.project_id()).await?;
    let named = secrets.into_iter().find(|secret| secret.id(environment) == id);
    let named = named.ok_or(What::NotFound(Thing::ApiSecret))?;
    match named.ends_at {
        Some(end) if !named.is_good(ctx.now) => {
            Err(Refusal::new(What::NotFound(Thing::ApiSecret)).because(format!("It ended at {end}.")).into())
        }
        _ => Ok(named),
    }
}

fn made(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    name: String,
    ends_at: Option<Time>,
) -> Result<Made, Refusal> {
    let ends_at = checked_secret_end(ends_at, ctx.now)?;
    let secret = ApiSecret::generate(grant.project_id().environment(), app.entropy.as_ref());
    let record = SecretRecord::new(secret.hash(), name, ends_at, ctx.now);
    Ok(Made { secret, record })
}

/// The batch that keeps a new secret.
fn kept(ctx: &Ctx, grant: &ProjectGrant<ChangeProjectKeys>, made: &Made) -> Batch {
    let project = grant.project_id();
    Batch::from([projects::forget_secrets(project, ctx.now), projects::insert_secret(project, &made.record)])
        .requires(projects::room_for_secret(project, ctx.now))
}

/// The write that tells what was done to a secret, and what it replaces.
fn event(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    kind: EventKind,
    secret: &SecretRecord,
    replaced: Option<&SecretRecord>,
) -> Write {
    let project = grant.project_id();
    let id = |secret: &SecretRecord| secret.id(project.environment()).to_string();
    let end = |secret: &SecretRecord| secret.ends_at.map(|end| end.to_string()).unwrap_or_default();
    let mut told = Scene::of_project(ctx, grant)
        .event(app, kind, Object::Project(project))
        .with("secret_id", id(secret))
        .with("name", secret.name.as_str())
        .with("ends_at", end(secret));
    if let Some(replaced) = replaced {
        told = told.with("replaced_secret_id", id(replaced)).with("replaced_ends_at", end(replaced));
    }
    told.write()
}
