//! Somebody who signs in again and again, one sign-in after the other, and comes back when they are sent away.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::sign_in::{Browser, Doors, Person};
use crate::world::World;
use crate::{Result, clock};

/// A sign-in that takes longer, or fails, counts as this long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Victim {
    doors: Arc<Doors>,
    person: Person,
    browser: Option<Browser>,
}

impl Victim {
    /// Somebody of the first organization.
    pub(super) fn of(world: &World) -> Result<Self> {
        let person = world.people.first().ok_or("nobody signs in")?.clone();
        Ok(Self { doors: Arc::clone(&world.doors), person, browser: None })
    }

    /// How long each sign-in of a window took; at least one.
    pub(super) async fn watch(&mut self, window: Duration) -> Vec<Duration> {
        let begun = clock::instant();
        let mut taken = Vec::new();
        while taken.is_empty() || begun.elapsed() < window {
            let at = clock::instant();
            let signed_in = timeout(PATIENCE, self.sign_in()).await;
            if matches!(signed_in, Ok(Ok(()))) {
                taken.push(at.elapsed());
            } else {
                self.browser = None;
                taken.push(PATIENCE);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        taken
    }

    async fn sign_in(&mut self) -> Result<()> {
        let mut browser = match self.browser.take() {
            Some(browser) => browser,
            None => Browser::open(Arc::clone(&self.doors)).await?,
        };
        browser.sign_in(&self.person).await?;
        self.browser = Some(browser);
        Ok(())
    }
}
