//! The rounds: in each, everything is measured once and shortly after what it is compared with, so that a
//! machine that becomes slower for a while makes both slower.

use std::time::Duration;

use clap::ValueEnum;

use crate::Result;
use crate::bare::{Bare, Rate};
use crate::load::{self, Sample};
use crate::saml_browser;
use crate::stats::median;
use crate::world::World;

pub(crate) const CONNECTIONS: usize = 32;
pub(crate) const BROWSERS: usize = 8;

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The measured program, its embedded store nearly empty.
    Empty,
    /// The measured program on a filled store.
    Full,
    /// The program that it is compared with.
    Other,
    /// The measured program on PostgreSQL.
    Postgres,
    /// The measured program on PostgreSQL with much in it.
    FullPostgres,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Load {
    /// `/healthz`, the cheapest thing a server answers.
    Floor,
    /// `GET sessions`.
    List,
    /// `sessions/authenticate` by token.
    Authenticate,
    /// Whole sign-ins through OpenID Connect.
    Oidc,
    /// Whole sign-ins through SAML.
    Saml,
    /// SAML responses at the callback.
    Answer,
}

impl Load {
    pub(crate) const ALL: [Self; 6] =
        [Self::Floor, Self::List, Self::Authenticate, Self::Oidc, Self::Saml, Self::Answer];
}

/// One round.
pub(crate) struct Round {
    pub(crate) sign_one: Rate,
    pub(crate) sign_all: Rate,
    pub(crate) verify: Rate,
    samples: Vec<(Lane, Load, Sample)>,
}

impl Round {
    /// What a lane did under a load, if it was in the run.
    pub(crate) fn sample(&self, lane: Lane, load: Load) -> Option<&Sample> {
        let found = self.samples.iter().find(|(of, under, _)| (*of, *under) == (lane, load));
        found.map(|(_, _, sample)| sample)
    }

    /// Milliseconds of the server's processor time for one.
    pub(crate) fn cost(&self, lane: Lane, load: Load) -> f64 {
        self.sample(lane, load).map_or(f64::NAN, Sample::cpu_millis)
    }

    /// The cost in signatures of RS256.
    pub(crate) fn signatures(&self, lane: Lane, load: Load) -> f64 {
        self.cost(lane, load) * self.sign_one.per_cpu_second / 1000.0
    }

    /// How often it was done in a second of the server's processor time, as a share of bare signing.
    pub(crate) fn share_of_signing(&self, lane: Lane, load: Load) -> f64 {
        1.0 / self.signatures(lane, load)
    }

    /// The same as a share of `/healthz` of the same server.
    pub(crate) fn share_of_floor(&self, lane: Lane, load: Load) -> f64 {
        self.cost(lane, Load::Floor) / self.cost(lane, load)
    }
}

/// The median of `value` over the rounds.
pub(crate) fn over(rounds: &[Round], value: impl Fn(&Round) -> f64) -> f64 {
    median(rounds.iter().map(value))
}

/// Measures everything once: each load on one server after the other.
pub(crate) async fn round(
    bare: &Bare,
    lanes: &[(Lane, &World)],
    window: Duration,
    answers: usize,
) -> Result<Round> {
    let cores = std::thread::available_parallelism()?.get();
    let short = window / 2;
    let (sign_one, sign_all) = (bare.sign(1, short)?, bare.sign(cores, short)?);
    let verify = bare.verify(short / 2)?;
    let mut samples = Vec::with_capacity(lanes.len() * Load::ALL.len());
    for load in Load::ALL {
        for (lane, world) in lanes {
            samples.push((*lane, load, drive(world, load, window, answers).await?));
        }
    }
    Ok(Round { sign_one, sign_all, verify, samples })
}

pub(crate) async fn drive(world: &World, load: Load, window: Duration, answers: usize) -> Result<Sample> {
    let server = &world.server;
    match load {
        Load::Floor => load::requests(server, CONNECTIONS, window, &world.floor).await,
        Load::List => load::requests(server, CONNECTIONS, window, &world.list).await,
        Load::Authenticate => load::requests(server, CONNECTIONS, window, &world.authenticate).await,
        Load::Oidc => load::sign_ins(server, &world.doors, BROWSERS, window, &world.people).await,
        Load::Saml => load::sign_ins(server, &world.doors, BROWSERS, window, &world.saml_people).await,
        Load::Answer => {
            // The starts and the provider's signatures are made before, so that only the answers' way in is measured.
            let made = saml_browser::answers(&world.doors, &world.saml_people, answers, BROWSERS).await?;
            load::answers(server, BROWSERS, made).await
        }
    }
}
