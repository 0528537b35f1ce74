//! Places for work that may be under way: a few of each organization, in front of those of its project, in front of those
//! of the whole process. Whose work is slow holds places of their own and no others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use vestibule_domain::id::ProjectId;
use vestibule_domain::tenant::Tenant;

/// Beyond it the owners who have no work under way are forgotten.
const REMEMBERED: usize = 1000;

/// How many places there are. Each number is at least one.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// Of the process.
    pub all: usize,
    /// Of one project.
    pub of_project: usize,
    /// Of one organization.
    pub of_organization: usize,
}

/// On whose behalf work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Whoever runs this server, bounded by the process alone.
    Operator,
    /// A project.
    Project(ProjectId),
    /// An organization, and with it its project.
    Organization(Tenant),
}

/// The places of this process for one kind of work.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    own: Mutex<HashMap<Payer, Arc<Semaphore>>>,
    shares: Shares,
    patience: Duration,
}

/// A place, given back when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Place {
    _held: Vec<OwnedSemaphorePermit>,
}

/// No place became free while it was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowded;

impl Places {
    /// So many places. `patience` is how long one is waited for.
    #[must_use]
    pub fn new(shares: Shares, patience: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(shares.all.max(1))), own: Mutex::default(), shares, patience }
    }

    /// A place for work on somebody's behalf. It is waited for among one's own first, so that many of one owner take no place
    /// in the common line.
    ///
    /// # Errors
    /// None became free in time.
    pub async fn take(&self, payer: Payer) -> Result<Place, Crowded> {
        let lines = self.lines(payer);
        let waiting = async {
            let mut held = Vec::with_capacity(lines.len());
            for line in lines {
                // Nobody closes a semaphore; were it closed, going on without a place is harmless.
                held.extend(line.acquire_owned().await.ok());
            }
            Place { _held: held }
        };
        timeout(self.patience, waiting).await.map_err(|_| Crowded)
    }

    /// Where to stand in line, one after the other.
    fn lines(&self, payer: Payer) -> Vec<Arc<Semaphore>> {
        let Shares { of_project, of_organization, .. } = self.shares;
        let mut lines = match payer {
            Payer::Operator => Vec::new(),
            Payer::Project(_) => vec![self.of(payer, of_project)],
            Payer::Organization(tenant) => {
                let project = Payer::Project(tenant.project_id());
                vec![self.of(payer, of_organization), self.of(project, of_project)]
            }
        };
        lines.push(self.all.clone());
        lines
    }

    fn of(&self, payer: Payer, share: usize) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= REMEMBERED {
            own.retain(|_, places| Arc::strong_count(places) > 1);
        }
        own.entry(payer).or_insert_with(|| Arc::new(Semaphore::new(share.max(1)))).clone()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_domain::entropy::Entropy;
    use vestibule_domain::id::{Environment, OrganizationId};

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    fn organization(project: u8, organization: u8) -> Payer {
        let project = ProjectId::generate(Environment::Test, &Fixed(project));
        let organization = OrganizationId::generate(Environment::Test, &Fixed(organization));
        Payer::Organization(Tenant::stored(project, organization))
    }

    #[tokio::test]
    async fn everybody_has_a_share_and_leaves_the_rest() {
        let shares = Shares { all: 4, of_project: 3, of_organization: 2 };
        let places = Places::new(shares, Duration::from_millis(20));
        let take = async |payer| places.take(payer).await;
        let own = (take(organization(1, 1)).await.unwrap(), take(organization(1, 1)).await.unwrap());
        assert_eq!(take(organization(1, 1)).await.err(), Some(Crowded), "an organization's share");
        let third = take(organization(1, 2)).await.unwrap();
        assert_eq!(take(organization(1, 3)).await.err(), Some(Crowded), "a project's share");
        let fourth = take(organization(2, 1)).await.unwrap();
        assert_eq!(take(organization(3, 1)).await.err(), Some(Crowded), "those of the process");
        assert_eq!(take(Payer::Operator).await.err(), Some(Crowded));
        // Whoever gave up waiting has left every line, and what is dropped is free again.
        drop(own);
        assert!(take(organization(1, 1)).await.is_ok());
        assert!(take(Payer::Operator).await.is_ok());
        drop((third, fourth));
    }
}
