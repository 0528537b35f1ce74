//! `vestibule keys rotate-session` and `forget-session`: the keys that sign a project's session tokens.

use vestibule_domain::event::EventKind;
use vestibule_domain::id::SigningKeyId;
use vestibule_domain::project::Project;
use vestibule_store::tables::keys;
use vestibule_store::{Store, Vault};

use super::audit::event;
use super::open::CliError;
use super::run::Tools;
use crate::world::keyring;

/// Makes a new key and retires those before it. The new one is published at once and signs soon after
/// ([`vestibule_domain::project::PUBLISHED_AHEAD`]); the old ones stay published for a while
/// ([`vestibule_domain::project::PUBLISHED_AFTER`]), so that nobody is signed out. The old keys are not read: one that
/// cannot be used is replaced like any other.
///
/// # Errors
/// When no key can be made, another rotation was faster, or the store's.
pub async fn rotate(
    store: &Store,
    vault: &Vault,
    project: &Project,
    tools: Tools<'_>,
) -> Result<SigningKeyId, CliError> {
    let kept = store.key_standings(project.id).await?;
    let new = keyring::new_key(project, tools.now, tools.entropy).await;
    let new = new.map_err(|failure| CliError::Refused(failure.to_string()))?;
    let signing = kept.iter().filter(|key| key.retired_at.is_none());
    let mut writes: Vec<_> = signing.map(|key| keys::retire(project.id, key.id, tools.now)).collect();
    writes.push(keys::insert(&new, vault, tools.entropy)?);
    let about = ("key_id", new.id.to_string());
    writes.push(event(project.id, EventKind::SessionKeyRotated, about, tools));
    match store.commit(writes).await {
        Ok(()) => Ok(new.id),
        Err(error) if error.is_guard(keys::SIGNS) => {
            Err(CliError::Refused("another rotation was faster; nothing was changed".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Forgets all retired keys now: what only they have signed is refused, here at once and on the nodes within a minute.
///
/// # Errors
/// The store's.
pub async fn forget(
    store: &Store,
    project: &Project,
    tools: Tools<'_>,
) -> Result<Vec<SigningKeyId>, CliError> {
    let kept = store.key_standings(project.id).await?;
    let retired = kept.into_iter().filter(|key| key.retired_at.is_some()).map(|key| key.id);
    let retired: Vec<_> = retired.collect();
    let mut writes = Vec::with_capacity(2 * retired.len());
    for id in &retired {
        let about = ("key_id", id.to_string());
        let forgotten = event(project.id, EventKind::SessionKeyForgotten, about, tools);
        writes.extend([keys::forget(project.id, *id), forgotten]);
    }
    store.commit(writes).await?;
    Ok(retired)
}
