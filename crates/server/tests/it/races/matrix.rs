//! Every mutation beside every deletion, released at the same moment, with pauses that move the one across the
//! whole length of the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::deletions::{DELETIONS, Deletion};
use super::invariants::Race;
use super::mutations::{MUTATIONS, Mutation};
use super::scene::{Act, Protocol, Scene};
use super::{both, is_done, rounds, said};
use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::provider::Provider;

/// Rounds of each pair; an even number, so that either may be first.
const ROUNDS: usize = 12;

on_both_engines!(every_mutation_beside_every_deletion);

async fn every_mutation_beside_every_deletion(app: TestApp) {
    let other = Provider::start(&app.app.clock, &app.app.entropy, &format!("{BASE_URL}/")).await;
    let matrix = Matrix::new(app, other.issuer.clone()).await;
    let mut rows = Vec::new();
    for (mutation, change) in MUTATIONS {
        for (deletion, removal) in DELETIONS {
            if deletion.meets(mutation) {
                rows.push(matrix.pair(mutation, deletion).await.row(&format!("{change} × {removal}")));
            }
        }
    }
    other.stop();
    let engine = matrix.app.app.store.engine_name();
    let table: String = rows.iter().map(|(_, row)| row.as_str()).collect();
    let broken: String =
        rows.iter().filter(|(is_broken, _)| *is_broken).map(|(_, row)| row.as_str()).collect();
    let count = rows.iter().filter(|(is_broken, _)| *is_broken).count();
    eprintln!("{engine}: {} pairs, {count} broken\n{table}", rows.len());
    assert!(broken.is_empty(), "{engine}: {count} of {} pairs broke\n{broken}", rows.len());
}

/// What came of all rounds of a pair.
#[derive(Default)]
struct Tally {
    rounds: usize,
    broken: usize,
    complaints: BTreeMap<String, usize>,
    answers: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, race: &Race, complaints: Vec<String>) {
        self.rounds += 1;
        self.broken += usize::from(!complaints.is_empty());
        for complaint in complaints {
            *self.complaints.entry(complaint).or_default() += 1;
        }
        let answers = format!("{} / {}", said(&race.changed), said(&race.deleted));
        *self.answers.entry(answers).or_default() += 1;
    }

    /// One line, and whether it tells of anything broken.
    fn row(&self, pair: &str) -> (bool, String) {
        let counted = |counts: &BTreeMap<String, usize>| {
            let parts: Vec<_> = counts.iter().map(|(what, count)| format!("{what} ({count})")).collect();
            parts.join("; ")
        };
        let mut line = format!("{pair}: {} of {} rounds broke", self.broken, self.rounds);
        if self.broken > 0 {
            let _ = write!(line, ": {}", counted(&self.complaints));
        }
        let _ = writeln!(line, " [{}]", counted(&self.answers));
        (self.broken > 0, line)
    }
}

struct Matrix {
    app: TestApp,
    elsewhere: String,
    rounds: usize,
    /// How long each takes when nothing is in its way.
    lengths: Vec<(Mutation, Duration)>,
    removals: Vec<(Deletion, Duration)>,
}

impl Matrix {
    /// Runs each of them alone: a request that never succeeds would prove nothing.
    async fn new(app: TestApp, elsewhere: String) -> Self {
        let (mut lengths, mut removals) = (Vec::new(), Vec::new());
        for (mutation, name) in MUTATIONS {
            let mut scene = scene(&app, mutation.protocol(), &elsewhere).await;
            let act = mutation.prepare(&mut scene).await;
            lengths.push((mutation, alone(name, act, scene).await));
        }
        for (deletion, name) in DELETIONS {
            let scene = scene(&app, Protocol::Oidc, &elsewhere).await;
            removals.push((deletion, alone(name, deletion.act(&scene), scene).await));
        }
        let saml = scene(&app, Protocol::Saml, &elsewhere).await;
        alone("move the SAML connection", Deletion::Move.act(&saml), saml.clone()).await;
        Self { app, elsewhere, rounds: rounds(ROUNDS), lengths, removals }
    }

    async fn pair(&self, mutation: Mutation, deletion: Deletion) -> Tally {
        let prepared = (0..self.rounds).map(|_| {
            let (app, elsewhere) = (self.app.clone(), self.elsewhere.clone());
            async move {
                let mut scene = scene(&app, mutation.protocol(), &elsewhere).await;
                let act = mutation.prepare(&mut scene).await;
                (scene, act)
            }
        });
        let prepared = prepared.collect::<JoinSet<_>>().join_all().await;
        // A session that was used within this second is not written again.
        self.app.pass(2);
        let mut races = Vec::new();
        for (round, (scene, act)) in prepared.into_iter().enumerate() {
            let (late_change, late_removal) = self.pauses(mutation, deletion, round);
            let removal = deletion.act(&scene);
            let first = (late_change, act.run(scene.clone()));
            let (changed, deleted) = both(first, (late_removal, removal.run(scene.clone()))).await;
            races.push(Arc::new(Race { scene, mutation, deletion, changed, deleted }));
        }
        let judged = races.into_iter().map(|race| async move { (race.complaints().await, race) });
        let mut tally = Tally::default();
        for (complaints, race) in judged.collect::<JoinSet<_>>().join_all().await {
            tally.count(&race, complaints);
        }
        tally
    }

    /// In even rounds the removal comes ever later into the change, in odd rounds the other way round.
    fn pauses(&self, mutation: Mutation, deletion: Deletion, round: usize) -> (Duration, Duration) {
        let part = |length: Duration| {
            let steps = u32::try_from(self.rounds.div_ceil(2)).unwrap();
            length * u32::try_from(round / 2).unwrap() / steps
        };
        if round.is_multiple_of(2) {
            let length = self.lengths.iter().find(|(one, _)| *one == mutation).unwrap().1;
            return (Duration::ZERO, part(length));
        }
        let length = self.removals.iter().find(|(one, _)| *one == deletion).unwrap().1;
        (part(length), Duration::ZERO)
    }
}

/// How long a request takes that has no rival.
async fn alone(name: &str, act: Act, scene: Scene) -> Duration {
    let before = Instant::now();
    let reply = act.run(scene).await;
    assert!(is_done(&reply), "{name} alone: {}", reply.text());
    before.elapsed()
}

async fn scene(app: &TestApp, protocol: Protocol, elsewhere: &str) -> Scene {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let slug = format!("race-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    Scene::new(app, &slug, protocol, elsewhere).await
}
