//! Scans: reads that may have to look at many rows. They are few at once, and one project has no more than its share of
//! them, so that nobody's searches hold up other people's requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use vestibule_domain::id::ProjectId;

use crate::error::StoreError;

/// Scans that run at once.
pub(crate) const AT_ONCE: usize = 4;
/// Those of one project.
const OF_PROJECT: usize = 2;
/// How long a scan waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a scan may run.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);
/// Projects that are remembered without a scan under way.
const REMEMBERED: usize = 64;

/// Who scans.
pub(crate) struct Scans {
    all: Arc<Semaphore>,
    projects: Mutex<HashMap<ProjectId, Arc<Semaphore>>>,
}

/// The right to scan, until this is dropped.
pub(crate) struct Turn {
    _all: OwnedSemaphorePermit,
    _project: OwnedSemaphorePermit,
}

impl Default for Scans {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), projects: Mutex::default() }
    }
}

impl Scans {
    /// Waits for a turn of a project. It waits among its own first, so that a project with many takes no place in the
    /// common line.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] after five seconds.
    pub(crate) async fn turn(&self, project: ProjectId) -> Result<Turn, StoreError> {
        let own = self.of(project);
        let both = async {
            let project = own.acquire_owned().await.ok()?;
            let all = self.all.clone().acquire_owned().await.ok()?;
            Some(Turn { _all: all, _project: project })
        };
        let turn = timeout(PATIENCE, both).await.ok().flatten();
        turn.ok_or_else(|| StoreError::Unavailable("too many searches are under way".to_owned()))
    }

    fn of(&self, project: ProjectId) -> Arc<Semaphore> {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        if projects.len() > REMEMBERED {
            projects.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        projects.entry(project).or_insert_with(|| Arc::new(Semaphore::new(OF_PROJECT))).clone()
    }
}

/// What is said of a scan that was ended.
pub(crate) fn too_long() -> StoreError {
    StoreError::Unavailable(format!("a search took longer than {} s", LONGEST.as_secs()))
}

#[cfg(test)]
mod tests {
    use vestibule_domain::entropy::Entropy;
    use vestibule_domain::id::Environment;

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[tokio::test]
    async fn a_project_has_its_share_and_leaves_the_rest() {
        let scans = Scans::default();
        let turn = async |number| {
            let project = ProjectId::generate(Environment::Test, &Fixed(number));
            timeout(Duration::from_millis(20), scans.turn(project)).await.ok().and_then(Result::ok)
        };
        let first = [turn(1).await.unwrap(), turn(1).await.unwrap()];
        assert!(turn(1).await.is_none());
        let second = [turn(2).await.unwrap(), turn(2).await.unwrap()];
        assert!(turn(3).await.is_none());
        drop(first);
        assert!(turn(3).await.is_some());
        drop(second);
    }
}
