//! The rounds: in each, everything is measured once and shortly after what it is compared with, so that a
//! machine that becomes slower for a while makes both slower.

use std::time::Duration;

use clap::ValueEnum;

use crate::Result;
use crate::bare::{Bare, Rate};
use crate::load::{self, Sample};
use crate::process::Server;
use crate::sign_in::{Until, prepared};
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
    /// Two processes of it on one database of PostgreSQL, which is that of [`Lane::Postgres`].
    TwoPostgres,
    /// The same two, asked by twice as many: each has as much to do as one alone had.
    TwicePostgres,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
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
    /// `sso/authenticate`: what a sign-in ends with.
    Redeem,
    /// `GET organizations/{id}`.
    Organization,
    /// `GET organizations/{id}/member`, by id.
    Member,
    /// `organizations/members/search` for one address in one organization.
    MemberByAddress,
    /// The same for a part of an address.
    MemberByPart,
    /// The same for everybody: a page of a hundred.
    Members,
    /// `organizations/search` for one slug.
    OrganizationBySlug,
    /// The same for a part of a name.
    OrganizationByPart,
    /// The same for whose member has an address.
    OrganizationByMember,
    /// The same for all: a page of fifty.
    Organizations,
    /// `GET sso/{organization}`: its connections.
    Connections,
    /// `/sdk/v1/b2b/sessions/authenticate`: a page looks at its session.
    PageSession,
    /// `/sdk/v1/projects/bootstrap/{public_token}`: a page begins.
    PageBegins,
    /// Whole sign-ins to an application, through OpenID Connect.
    AuthorizeOidc,
    /// The same through SAML.
    AuthorizeSaml,
    /// `/oauth/token` by a refresh token.
    Refresh,
    /// `/userinfo`.
    UserInfo,
}

impl Load {
    /// What a whole run measures.
    pub(crate) const WHOLE: [Self; 6] =
        [Self::Floor, Self::List, Self::Authenticate, Self::Oidc, Self::Saml, Self::Answer];
}

/// One server, or several on one database, and what they are asked in each round.
pub(crate) struct Stand<'a> {
    pub(crate) lane: Lane,
    pub(crate) world: &'a World,
    pub(crate) nodes: Vec<&'a Server>,
    /// How many times as many browsers and connections ask as ask one process alone.
    pub(crate) times: usize,
    pub(crate) loads: &'static [Load],
}

impl<'a> Stand<'a> {
    /// The one server of a world.
    pub(crate) fn new(lane: Lane, world: &'a World, loads: &'static [Load]) -> Self {
        Self { lane, world, nodes: vec![&world.server], times: 1, loads }
    }
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

/// Measures everything once: each load on one server after the other, with `times` of what has to be prepared.
pub(crate) async fn round(
    bare: &Bare,
    loads: &[Load],
    stands: &[Stand<'_>],
    window: Duration,
    times: usize,
) -> Result<Round> {
    let cores = std::thread::available_parallelism()?.get();
    let short = window / 2;
    let (sign_one, sign_all) = (bare.sign(1, short)?, bare.sign(cores, short)?);
    let verify = bare.verify(short / 2)?;
    let mut samples = Vec::with_capacity(stands.len() * loads.len());
    for load in loads {
        for stand in stands.iter().filter(|stand| stand.loads.contains(load)) {
            samples.push((stand.lane, *load, drive(stand, *load, window, times).await?));
        }
    }
    Ok(Round { sign_one, sign_all, verify, samples })
}

/// Puts one stand under one load.
pub(crate) async fn drive(stand: &Stand<'_>, load: Load, window: Duration, times: usize) -> Result<Sample> {
    let (world, nodes) = (stand.world, stand.nodes.as_slice());
    let (browsers, connections) = (BROWSERS * stand.times, CONNECTIONS * stand.times);
    match load {
        Load::Oidc => load::sign_ins(nodes, &world.doors, browsers, window, &world.people).await,
        Load::Saml => load::sign_ins(nodes, &world.doors, browsers, window, &world.saml_people).await,
        Load::AuthorizeOidc => {
            load::sign_ins(nodes, &world.doors, browsers, window, &world.visitors[0]).await
        }
        Load::AuthorizeSaml => {
            load::sign_ins(nodes, &world.doors, browsers, window, &world.visitors[1]).await
        }
        // The starts and the provider's signatures are made before, so that only the answers' way in is measured.
        Load::Answer => {
            let made = prepared(&world.doors, &world.saml_people, (times, Until::Answered), browsers).await?;
            load::once(nodes, browsers, made, 302).await
        }
        Load::Redeem => {
            let made = prepared(&world.doors, &world.saml_people, (times, Until::Arrived), browsers).await?;
            load::once(nodes, browsers, made, 200).await
        }
        asked => load::requests(nodes, connections, window, &world.requests.of(asked)?).await,
    }
}
