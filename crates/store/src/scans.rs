//! Scans: reads that may have to look at many rows. They are few at once, and one project has no more than its share of
//! them, so that nobody's searches hold up other people's requests.

use std::time::Duration;

use crate::error::StoreError;
use crate::places::{Crowded, Places, Shares};

/// Scans that run at once.
pub(crate) const AT_ONCE: usize = 4;
/// Those of one project.
const OF_PROJECT: usize = 2;
/// How long a scan waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a scan may run.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);

/// The places of all scans. They are a project's: a search may go through many of its organizations.
pub(crate) fn places() -> Places {
    let shares = Shares { all: AT_ONCE, of_project: OF_PROJECT, of_organization: OF_PROJECT };
    Places::new(shares, PATIENCE)
}

/// What is said when there is no place.
pub(crate) fn too_many(Crowded: Crowded) -> StoreError {
    StoreError::Unavailable("too many searches are under way".to_owned())
}

/// What is said of a scan that was ended.
pub(crate) fn too_long() -> StoreError {
    StoreError::Unavailable(format!("a search took longer than {} s", LONGEST.as_secs()))
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;
    use vestibule_domain::entropy::Entropy;
    use vestibule_domain::id::{Environment, ProjectId};

    use super::*;
    use crate::places::Payer;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[tokio::test]
    async fn a_project_has_its_share_and_leaves_the_rest() {
        let scans = places();
        let turn = async |number| {
            let project = Payer::Project(ProjectId::generate(Environment::Test, &Fixed(number)));
            timeout(Duration::from_millis(20), scans.take(project)).await.ok().and_then(Result::ok)
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
