//! Changing one aggregate: load, decide, save what was loaded with that named in the `WHERE` clause, and start again when
//! somebody else was faster. One way for all of them.

use std::fmt::Display;
use std::time::Duration;

use vestibule_domain::application::Application;
use vestibule_domain::connection::Connection;
use vestibule_domain::entropy::bytes;
use vestibule_domain::member::Member;
use vestibule_domain::organization::Organization;
use vestibule_domain::session::Session;
use vestibule_domain::setup_link::SetupLink;
use vestibule_store::tables::{
    applications, client_grants, connections, directories, directory_groups, domain_proofs, homes, members,
    organizations, quotas, replays, retired_emails, sessions, setup_links, totp,
};
use vestibule_store::{Batch, StoreError};

use super::meaning::meaning;
use crate::failure::Failure;
use crate::world::App;

/// How long a change may keep losing to others, in milliseconds of waiting.
const PATIENCE: u64 = 10_000;
/// The longest wait between two tries.
const LONGEST_WAIT: u64 = 64;

/// Something that is loaded, changed and saved as a whole.
pub(crate) trait Aggregate {
    /// The version it has now.
    fn version(&self) -> i64;

    /// The writes that save it, if it is still at the version that was loaded.
    ///
    /// # Errors
    /// A secret of it that cannot be sealed.
    fn save(&self, loaded: i64, app: &App) -> Result<Batch, StoreError>;
}

impl Aggregate for Organization {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, StoreError> {
        Ok(organizations::update(self, loaded).into())
    }
}

impl Aggregate for Member {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, StoreError> {
        Ok(members::update(self, loaded).into())
    }
}

impl Aggregate for Connection {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, app: &App) -> Result<Batch, StoreError> {
        let update = connections::update(self, loaded, &app.vault, app.entropy.as_ref())?;
        Ok(Batch::from(update).with(homes::home_domains(self)))
    }
}

impl Aggregate for Application {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, app: &App) -> Result<Batch, StoreError> {
        Ok(applications::update(self, loaded, &app.vault, app.entropy.as_ref())?.into())
    }
}

impl Aggregate for Session {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, StoreError> {
        Ok(sessions::update(self, loaded).into())
    }
}

impl Aggregate for SetupLink {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, StoreError> {
        Ok(setup_links::update(self, loaded).into())
    }
}

/// What was decided about an aggregate.
pub(crate) enum Decision<T = ()> {
    /// Save it, with more: events, what goes with it, what it relies on.
    Save(Batch, T),
    /// Leave it as it is and save the rest, which says itself what it relies on.
    SaveOthers(Batch, T),
    /// There is nothing to save.
    Leave(T),
}

impl Decision {
    /// Save it, with more.
    pub(crate) fn save(more: impl Into<Batch>) -> Self {
        Self::Save(more.into(), ())
    }
}

/// Loads an aggregate, decides, and saves it. `row` names it, so that those who change it on this node take turns.
///
/// When somebody else changed what the decision relies on, it is loaded and decided anew: `load` and `decide` say what
/// that means to the asker, or it succeeds. Gives the aggregate as it was saved.
///
/// # Errors
/// What `load` and `decide` refuse, a name that somebody else has, or that others kept being faster.
pub(crate) async fn change<A, T, L>(
    app: &App,
    row: impl Display,
    mut load: impl FnMut() -> L,
    mut decide: impl FnMut(&mut A) -> Result<Decision<T>, Failure>,
) -> Result<(A, T), Failure>
where
    A: Aggregate,
    L: Future<Output = Result<A, Failure>>,
{
    let _turn = app.turns.at(&row.to_string()).await.ok_or_else(kept_changing)?;
    let mut patience = Patience::default();
    loop {
        let mut aggregate = load().await?;
        let loaded = aggregate.version();
        let (batch, answer) = match decide(&mut aggregate)? {
            Decision::Save(more, answer) => (aggregate.save(loaded, app)?.and(more), answer),
            Decision::SaveOthers(batch, answer) => (batch, answer),
            Decision::Leave(answer) => return Ok((aggregate, answer)),
        };
        match app.store.commit(batch).await {
            Ok(()) => return Ok((aggregate, answer)),
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// Whether a refused batch should be decided anew: what it relied on has moved, or a row it refers to is gone.
#[must_use]
pub(crate) fn is_race(error: &StoreError) -> bool {
    match error {
        // Deciding anew would not bring the one who asked back, nor free a name.
        StoreError::Guard(guard) => ![
            members::ACTS,
            organizations::SLUG,
            organizations::EXTERNAL_ID,
            organizations::CLAIMED,
            applications::ROOM,
            domain_proofs::ROOM,
            setup_links::ROOM,
            client_grants::EXISTS,
            directories::GROUP,
            directory_groups::EXISTS,
            directory_groups::NO_USER,
            replays::UNUSED,
            retired_emails::RESERVED,
            sessions::LIVE,
            totp::NONE_ACTIVE,
            quotas::SPENT,
        ]
        .contains(guard),
        StoreError::Reference => true,
        _ => false,
    }
}

/// Others were faster, or waited before us, for too long.
pub(crate) fn kept_changing() -> Failure {
    Failure::Unavailable("what this request changes kept changing under it".to_owned())
}

/// How often something may start again: with growing waits, for some seconds.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    tries: u32,
    waited: u64,
}

impl Patience {
    /// Waits a little, a different little for everybody.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when it took too long.
    pub(crate) async fn wait(&mut self, app: &App) -> Result<(), Failure> {
        if self.waited > PATIENCE {
            return Err(kept_changing());
        }
        let most = (1 << self.tries.min(6)).min(LONGEST_WAIT);
        let chance = u64::from(u16::from_be_bytes(bytes::<2>(app.entropy.as_ref())));
        let millis = 1 + chance % most;
        self.tries += 1;
        self.waited += millis;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(())
    }
}
