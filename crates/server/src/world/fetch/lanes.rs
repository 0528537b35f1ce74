//! Whose requests may be under way: a few of each organization, in front of the bound of the whole process. A provider
//! that hangs holds the places of its own organization and no others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use vestibule_domain::tenant::Tenant;

use super::FetchPolicy;

/// Beyond it the lanes that nobody is in are forgotten.
const MOST: usize = 1000;

/// The places of this process.
#[derive(Debug)]
pub(super) struct Lanes {
    all: Arc<Semaphore>,
    own: Mutex<HashMap<Tenant, Arc<Semaphore>>>,
    each: usize,
    patience: Duration,
}

/// A place, given back when this is dropped.
pub(super) struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

/// No place became free while it was waited for.
pub(super) struct Crowded;

impl Lanes {
    pub(super) fn new(policy: &FetchPolicy) -> Self {
        Self {
            all: Arc::new(Semaphore::new(policy.max_concurrent.max(1))),
            own: Mutex::default(),
            each: policy.max_of_organization.max(1),
            patience: policy.patience,
        }
    }

    /// A place for a request on behalf of an organization, or of the operator. Whoever waits for a place of their own holds
    /// none of the process.
    pub(super) async fn place(&self, payer: Option<Tenant>) -> Result<Place, Crowded> {
        let both = async {
            // Nobody closes a semaphore; were it closed, going on without a place is harmless.
            let own = match payer {
                Some(tenant) => self.lane(tenant).acquire_owned().await.ok(),
                None => None,
            };
            Place { _own: own, _all: self.all.clone().acquire_owned().await.ok() }
        };
        timeout(self.patience, both).await.map_err(|_| Crowded)
    }

    fn lane(&self, tenant: Tenant) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= MOST {
            own.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        own.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}
