//! What happens when two requests meet: every change beside every deletion, many changes of one row at once, and
//! deletions of what is in use. All of it through the front door, so that it says nothing of how it is done.
//!
//! Everything here must hold whoever comes first. The number of rounds can be raised by
//! `VESTIBULE_RACE_ROUNDS`; with `--nocapture` the tables are printed.

mod busy;
mod deletions;
mod held;
mod invariants;
mod many;
mod matrix;
mod mutations;
mod once;
mod scene;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::reply::Reply;

/// How many rounds to run: what the environment says, else `default`.
fn rounds(default: usize) -> usize {
    std::env::var("VESTIBULE_RACE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The name of a refusal, in the envelope of the API or on the page of a sign-in; `None` when it has none.
fn name_of(reply: &Reply) -> Option<String> {
    if let Ok(body) = serde_json::from_slice::<Value>(&reply.body) {
        let has_id = body["request_id"].as_str().is_some_and(|id| !id.is_empty());
        return body["error_type"].as_str().filter(|name| has_id && !name.is_empty()).map(str::to_owned);
    }
    let page = reply.text();
    let code = page.split_once("data-testid=\"refusal-code\">")?.1.split('<').next()?;
    (!code.is_empty()).then(|| code.to_owned())
}

/// The answer in few words, for tables.
fn said(reply: &Reply) -> String {
    let status = reply.status.as_u16();
    name_of(reply).map_or_else(|| status.to_string(), |name| format!("{status} {name}"))
}

fn is_done(reply: &Reply) -> bool {
    reply.status == StatusCode::OK || reply.status == StatusCode::FOUND
}

/// Whether a client can make something of the answer: it was done, or refused for a reason with a name.
fn is_orderly(reply: &Reply) -> bool {
    is_done(reply) || (reply.status.is_client_error() && name_of(reply).is_some())
}

/// Runs all of `work` at the same moment and gives what came of it, in no order.
pub(crate) async fn at_once<T, F>(work: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let work: Vec<F> = work.into_iter().collect();
    let barrier = Arc::new(Barrier::new(work.len()));
    let together = work.into_iter().map(|one| {
        let barrier = barrier.clone();
        async move {
            barrier.wait().await;
            one.await
        }
    });
    together.collect::<JoinSet<T>>().join_all().await
}

/// Runs two requests from the same moment, each after a pause of its own.
async fn both<A, B>(first: (Duration, A), second: (Duration, B)) -> (Reply, Reply)
where
    A: Future<Output = Reply> + Send + 'static,
    B: Future<Output = Reply> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(2));
    let other = barrier.clone();
    let first = tokio::spawn(async move {
        barrier.wait().await;
        pause(first.0).await;
        first.1.await
    });
    let second = tokio::spawn(async move {
        other.wait().await;
        pause(second.0).await;
        second.1.await
    });
    (first.await.unwrap(), second.await.unwrap())
}

/// Shorter pauses than the timer's millisecond.
async fn pause(length: Duration) {
    let end = Instant::now() + length;
    while Instant::now() < end {
        tokio::task::yield_now().await;
    }
}
