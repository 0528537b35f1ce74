//! Whether this process can do its work: asked by load balancers often, answered by trying.
//!
//! One try at a time, and its answer holds for a second, however many ask. A try that takes too long is not stopped, since
//! nothing can stop a disk that hangs; until it ends the answer is no.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use vestibule_domain::time::Time;
use vestibule_store::Store;

use super::telemetry::metric;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(1);
/// How long whoever asks waits. Less than the patience of common load balancers.
const DEADLINE: Duration = Duration::from_secs(2);

type Answer = Result<(), &'static str>;

/// What is known, and the try that is under way.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<State>);

#[derive(Default)]
struct State {
    last: Option<(Instant, Answer)>,
    under_way: Option<JoinHandle<Answer>>,
}

impl Readiness {
    /// Whether the store can be written and read now.
    ///
    /// # Errors
    /// Why not, in words for whoever asks; the log has the reason.
    pub(crate) async fn ask(&self, store: &Store, now: Time) -> Answer {
        timeout(DEADLINE, self.answer(store, now)).await.unwrap_or(Err("the store does not answer in time"))
    }

    async fn answer(&self, store: &Store, now: Time) -> Answer {
        let mut state = self.0.lock().await;
        if let Some((at, answer)) = state.last
            && at.elapsed() < FRESH
        {
            return answer;
        }
        let under_way = state.under_way.get_or_insert_with(|| tokio::spawn(probe(store.clone(), now)));
        let answer = under_way.await.unwrap_or(Err("the store could not be tried"));
        state.under_way = None;
        metrics::gauge!(metric::READY).set(if answer.is_ok() { 1.0 } else { 0.0 });
        if answer.is_ok() && matches!(state.last, Some((_, Err(_)))) {
            tracing::info!("ready again");
        }
        state.last = Some((Instant::now(), answer));
        answer
    }
}

async fn probe(store: Store, now: Time) -> Answer {
    store.probe(now).await.map_err(|error| {
        tracing::warn!(%error, "not ready: the store cannot do its work");
        "the store cannot be written and read"
    })
}
