//! The keys that sign session tokens, replaced on a schedule.

use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::AuditId;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::time::Span;
use vestibule_store::tables::{events, keys};

use crate::failure::Failure;
use crate::world::App;
use crate::world::keyring;

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
    let kept = app.store.signing_keys(&app.vault, project.id).await?;
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
        Err(error) if error.is_guard(keys::SIGNS) || error.is_unique(keys::ACTIVE) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
