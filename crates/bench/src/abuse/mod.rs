//! What one client or tenant costs another: somebody signs in again and again, alone and while somebody else abuses the
//! server. A row a way of abuse, and one for the memory that the server holds meanwhile.

mod lists;
mod provider;
mod search;
mod strangers;
mod victim;

use std::time::Duration;

use tokio::task::JoinSet;

use crate::process::{Binary, Server};
use crate::provider::Provider;
use crate::report::{Bound, Row, Table};
use crate::stats::median;
use crate::world::{Scene, World};
use crate::{Result, note, saml};

use victim::Victim;

/// How much worse off the victim may be, and what the server may hold.
const WORSE: f64 = 2.0;
const MOST_MIB: f64 = 128.0;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long each part is watched.
pub(crate) struct Effort {
    pub(crate) window: Duration,
    /// Time for the abuse to build up.
    pub(crate) settle: Duration,
    /// Members of the organization that is searched.
    pub(crate) members: usize,
}

/// Adds the rows.
pub(crate) async fn measure(
    binary: &Binary,
    postgres: Option<&str>,
    effort: &Effort,
    table: &mut Table,
) -> Result<()> {
    let scene = Scene { organizations: 2, sessions_each: 2, people_each: 4 };
    let provider = crate::provider::serve(scene.users()).await?;
    let directory = binary.scratch()?;
    let server = binary.start(directory.path()).await?;
    let world = World::build(server, &provider, &scene).await?;
    let stage = Stage { world, effort };
    stage.row("14 silent, dripping and half connections", strangers::begin, table).await?;
    let abuse = provider::Abuse::new(&stage.world, &provider).await?;
    stage.row("15 two hundred sign-ins at a provider that hangs", |_| abuse.begin(), table).await?;
    searched(binary, postgres, &provider, effort, table).await?;
    saml::dearest(effort.window / 4, table)?;
    let abuse = lists::Abuse::new(&stage.world).await?;
    stage.row("18 long lists and new keys", |_| abuse.begin(), table).await?;
    stage.world.server.stop().await
}

/// Searches need PostgreSQL, where they once stood in the way of everybody else.
async fn searched(
    binary: &Binary,
    postgres: Option<&str>,
    provider: &Provider,
    effort: &Effort,
    table: &mut Table,
) -> Result<()> {
    const WHAT: &str = "16 searches";
    let Some(url) = postgres else {
        table.push(Row::new("16 searches: not measured, --postgres names an empty database", 0.0, ""));
        return Ok(());
    };
    let scene = Scene { organizations: 2, sessions_each: 2, people_each: 4 };
    let directory = binary.scratch()?;
    let server = binary.start_with(directory.path(), &["--database-url", url]).await?;
    let stage = Stage { world: World::build(server, provider, &scene).await?, effort };
    note(&format!("filling an organization with {} members", effort.members));
    let abuse = search::Abuse::new(&stage.world, effort.members).await?;
    stage.row(WHAT, |_| abuse.begin(), table).await?;
    stage.world.server.stop().await
}

/// A server with somebody who wants to sign in.
struct Stage<'a> {
    world: World,
    effort: &'a Effort,
}

impl Stage<'_> {
    /// Measures one way of abuse. Whoever abuses is gone afterwards.
    async fn row(
        &self,
        what: &str,
        begin: impl FnOnce(&Server) -> JoinSet<()>,
        table: &mut Table,
    ) -> Result<()> {
        note(what);
        let server = &self.world.server;
        let mut victim = Victim::of(&self.world)?;
        victim.watch(self.effort.window / 4).await;
        let alone = victim.watch(self.effort.window).await;
        let before = server.process.resident()?;
        let mut abuse = begin(server);
        tokio::time::sleep(self.effort.settle).await;
        let (beside, peak) = tokio::join!(victim.watch(self.effort.window), self.peak());
        abuse.shutdown().await;
        let (alone, beside) = (millis(&alone), millis(&beside));
        let row = Row::new(&format!("{what}: a neighbour's sign-in"), beside, "ms, median");
        table.push(row.against(format!("{alone:.2} ms alone"), beside / alone).ratio(Bound::AtMost(WORSE)));
        let row = Row::new(&format!("{what}: memory held"), (peak? - before).max(0.0), "MiB more");
        table.push(row.measured(Bound::AtMost(MOST_MIB)));
        Ok(())
    }

    /// The most memory that was seen during a window.
    async fn peak(&self) -> Result<f64> {
        let begun = crate::clock::instant();
        let mut most = 0.0_f64;
        while begun.elapsed() < self.effort.window {
            most = most.max(self.world.server.process.resident()?);
            tokio::time::sleep(LOOK).await;
        }
        Ok(most)
    }
}

fn millis(latencies: &[Duration]) -> f64 {
    median(latencies.iter().map(|latency| latency.as_secs_f64() * 1000.0))
}
