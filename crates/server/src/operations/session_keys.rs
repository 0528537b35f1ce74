//! The keys that sign session tokens: seen, replaced at will, and replaced on a schedule.

use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, SigningKeyId};
use vestibule_domain::project::{KeyStanding, MOST_PUBLISHED, PUBLISHED_AFTER, Project, SigningKey, signer};
use vestibule_domain::rbac::asks::{ChangeProjectKeys, ReadProjectKeys};
use vestibule_domain::rbac::{Actor, ProjectGrant};
use vestibule_domain::refusal::{Counted, Refusal, What};
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::{events, keys};
use vestibule_store::{StoreError, Write};

use super::events::Scene;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;
use crate::world::keyring::{self, generate_rsa};

/// What somebody is told whose rotation met another one.
const ROTATED_MEANWHILE: &str = "Somebody else has just replaced this project's session key.";

/// The published keys of a project, the oldest first, and which of them signs now.
#[derive(Debug)]
pub(crate) struct Published {
    /// The keys.
    pub keys: Vec<KeyStanding>,
    /// The one that signs; none before the first session.
    pub signs: Option<SigningKeyId>,
}

/// The keys of a project that are published.
///
/// # Errors
/// The store's.
pub(crate) async fn published(
    app: &App,
    grant: &ProjectGrant<ReadProjectKeys>,
    now: Time,
) -> Result<Published, Failure> {
    let mut keys = app.store.key_standings(grant.project_id()).await?;
    keys.retain(|key| !key.is_over(now));
    Ok(Published { signs: signer(keys.iter().copied(), now), keys })
}

/// Replaces the key that signs. The new one is published at once and signs soon after
/// ([`vestibule_domain::project::PUBLISHED_AHEAD`]); the old ones stay published, so that nobody is signed out.
///
/// # Errors
/// As many keys are published as may be, no key can be made now, or another rotation was faster.
pub(crate) async fn rotate(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeProjectKeys>,
    project: &Project,
) -> Result<KeyStanding, Failure> {
    let kept = app.store.key_standings(project.id).await?;
    room(&kept, ctx.now)?;
    let home = Tenant::stored(project.id, project.home_organization);
    let private_key = app.settings_work.run(home, generate_rsa).await??;
    let id = SigningKeyId::generate(project.environment(), app.entropy.as_ref());
    let new = SigningKey { id, project_id: project.id, private_key, created_at: ctx.now, retired_at: None };
    let event = Scene::of_project(ctx, grant)
        .event(app, EventKind::SessionKeyRotated, Object::Project(project.id))
        .with("key_id", id.to_string());
    let signing = kept.iter().filter(|key| key.retired_at.is_none());
    let mut writes: Vec<Write> = signing.map(|key| keys::retire(project.id, key.id, ctx.now)).collect();
    writes.extend([keys::insert(&new, &app.vault, app.entropy.as_ref())?, event.write()]);
    match app.store.commit(writes).await {
        Err(error) if is_late(&error) => Err(Failure::Busy(ROTATED_MEANWHILE)),
        kept => {
            kept?;
            app.keyring.forget(project.id);
            Ok(new.standing())
        }
    }
}

/// Whether one more key may be published.
fn room(keys: &[KeyStanding], now: Time) -> Result<(), Refusal> {
    let published: Vec<&KeyStanding> = keys.iter().filter(|key| !key.is_over(now)).collect();
    if published.len() < MOST_PUBLISHED {
        return Ok(());
    }
    let first = published.iter().filter_map(|key| key.published_until()).min();
    let next = first.map(|end| format!(" The next of them ends at {end}.")).unwrap_or_default();
    Err(Refusal::new(What::TooMany(Counted::SessionKeys)).found(published.len()).because(format!(
        "A key is published for {} days after it was replaced.{next} `vestibule keys forget-session` ends them all at once.",
        PUBLISHED_AFTER.millis() / Span::days(1).millis()
    )))
}

fn is_late(error: &StoreError) -> bool {
    error.is_guard(keys::SIGNS) || error.is_unique(keys::ACTIVE)
}

/// Replaces the active key of every project whose key is older than `age`. The new one is published before it signs, as
/// after the command. Of several nodes that do so at once one is first. Answers how many were replaced here.
///
/// # Errors
/// The store's; what was replaced until then stays so.
pub async fn replace_old(app: &App, age: Span) -> Result<usize, Failure> {
    let mut replaced = 0;
    for project in app.store.projects().await? {
        replaced += usize::from(replace(app, &project, age).await?);
    }
    Ok(replaced)
}

async fn replace(app: &App, project: &Project, age: Span) -> Result<bool, Failure> {
    let now = app.clock.now();
    let kept = app.store.key_standings(project.id).await?;
    let old = kept.iter().find(|key| key.retired_at.is_none() && key.created_at.plus(age) <= now);
    let Some(old) = old else { return Ok(false) };
    let new = keyring::new_key(project, now, app.entropy.as_ref()).await?;
    let event = Event {
        id: AuditId::generate_at(project.environment(), now, app.entropy.as_ref()),
        project_id: project.id,
        organization_id: None,
        actor: Actor::Server,
        kind: EventKind::SessionKeyRotated,
        object: Object::Project(project.id),
        changes: Vec::new(),
        detail: [("key_id".to_owned(), new.id.to_string().into())].into_iter().collect(),
        request_id: String::new(),
        ip_address: String::new(),
        at: now,
    };
    let writes = [
        keys::retire(project.id, old.id, now),
        keys::insert(&new, &app.vault, app.entropy.as_ref())?,
        events::append(&event),
    ];
    match app.store.commit(writes).await {
        Ok(()) => Ok(true),
        Err(error) if is_late(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
