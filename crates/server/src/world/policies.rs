//! Policies of projects, read once for each version. Which version is in force stands in the project's row, which every
//! request reads anew: what a node keeps here is never older than the credentials it is used with (ADR 33).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vestibule_domain::id::ProjectId;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Policy, builtin_policy};
use vestibule_store::{Store, StoreError};

/// The most policies that are kept.
const MOST: usize = 256;

/// The policies that were read before, each with its version.
pub(crate) struct Policies {
    /// Of every project that adds nothing.
    builtin: Arc<Policy>,
    known: Mutex<HashMap<ProjectId, (i64, Arc<Policy>)>>,
}

impl Default for Policies {
    fn default() -> Self {
        Self { builtin: Arc::new(builtin_policy()), known: Mutex::default() }
    }
}

impl Policies {
    /// The policy that is in force in a project, as of when the project was read, or newer. One whose document cannot be read
    /// leaves what is built in, which is the less: additions take nothing away.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of(&self, store: &Store, project: &Project) -> Result<Arc<Policy>, StoreError> {
        if project.policy_version == 0 {
            return Ok(self.builtin.clone());
        }
        if let Some((version, policy)) = self.known().get(&project.id)
            && *version >= project.policy_version
        {
            return Ok(policy.clone());
        }
        let (additions, version) = match store.policy(project.id).await {
            Ok(Some(found)) => found,
            // Gone since: the project is being removed.
            Ok(None) => return Ok(self.builtin.clone()),
            // Logged and counted by the store, each time that it is wanted.
            Err(StoreError::Row(_)) => return Ok(self.builtin.clone()),
            Err(error) => return Err(error),
        };
        let policy = Arc::new(Policy::of(&additions));
        self.keep(project.id, version, &policy);
        Ok(policy)
    }

    fn keep(&self, project: ProjectId, version: i64, policy: &Arc<Policy>) {
        let mut known = self.known();
        if known.len() >= MOST && !known.contains_key(&project) {
            known.clear();
        }
        let kept = known.entry(project).or_insert_with(|| (version, policy.clone()));
        if kept.0 < version {
            *kept = (version, policy.clone());
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ProjectId, (i64, Arc<Policy>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
