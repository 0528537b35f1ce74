//! Work that strangers and tenants can cause and that takes a processor for milliseconds: off the threads that answer
//! everybody, and only so much of it at once, of each organization and of all.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use vestibule_domain::tenant::Tenant;
use vestibule_store::{Crowded, Payer, Places, Shares};

use super::yielding::Yielding;
use crate::failure::Failure;

/// How long work waits for its place. Who sets up twenty connections at once waits behind their own keys, and gets them.
const PATIENCE: Duration = Duration::from_secs(20);
/// What those are told whose work found no place.
const BUSY: &str = "This server has as much work with keys and documents of the organization under way as it may have at \
                    once.";

/// Admits as much heavy work at once as there are processors, and of that a half to one organization; a project leaves a
/// place to others. Those who answer everybody share the processors with it.
pub struct HeavyWork {
    places: Places,
    /// Where it is done when it gives way to all else.
    yielding: Option<Arc<Yielding>>,
}

impl Default for HeavyWork {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let all = processors.max(2);
        let shares = Shares { all, of_project: all - 1, of_organization: processors / 2 };
        Self { places: Places::new(shares, PATIENCE), yielding: None }
    }
}

impl HeavyWork {
    /// Work that nobody signs in by, and that gives way to all else.
    pub(crate) fn on(yielding: Arc<Yielding>) -> Self {
        Self { yielding: Some(yielding), ..Self::default() }
    }

    /// Does `work` on behalf of an organization when it has a place. Work that has begun goes on when nobody waits for it any
    /// more, and keeps its place until it is done.
    ///
    /// # Errors
    /// [`Failure::Busy`] when no place became free, and that the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        tenant: Tenant,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let place = self.places.take(Payer::Organization(tenant)).await;
        let place = place.map_err(|Crowded| Failure::Busy(BUSY))?;
        let work = move || {
            let _place = place;
            work()
        };
        let done = match &self.yielding {
            Some(yielding) => yielding.compute(work).await,
            None => spawn_blocking(work).await,
        };
        done.map_err(|error| Failure::Internal(format!("work on a blocking thread ended early: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use vestibule_domain::id::{Environment, OrganizationId, ProjectId};

    use super::*;
    use crate::world::entropy::SystemEntropy;

    fn tenant() -> Tenant {
        let environment = Environment::Test;
        let project = ProjectId::generate(environment, &SystemEntropy);
        Tenant::stored(project, OrganizationId::generate(environment, &SystemEntropy))
    }

    #[tokio::test]
    async fn one_organizations_work_leaves_places_to_others_and_goes_on_alone() {
        let shares = Shares { all: 2, of_project: 1, of_organization: 1 };
        let work = HeavyWork { places: Places::new(shares, Duration::from_millis(50)), yielding: None };
        let (own, other) = (tenant(), tenant());
        let (go, wait) = channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let waiting = work.run(own, move || {
            begun.send(()).ok();
            wait.recv().ok()
        });
        let gone = tokio::time::timeout(Duration::ZERO, waiting).await;
        assert!(gone.is_err(), "nobody waits for it any more");
        has_begun.await.unwrap();
        assert!(
            matches!(work.run(own, || ()).await, Err(Failure::Busy(_))),
            "it goes on and keeps its place"
        );
        assert!(work.run(other, || ()).await.is_ok());
        drop(go);
        while work.run(own, || ()).await.is_err() {}
    }
}
