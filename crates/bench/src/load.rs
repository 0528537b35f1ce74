//! Closed-loop load: a fixed number of workers, each asking again as soon as it was answered.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::http::Connection;
use crate::process::Server;
use crate::sign_in::{Browser, Doors, Person};
use crate::stats::percentile;
use crate::{Result, clock};

/// What one window of load gave.
pub(crate) struct Sample {
    wall: Duration,
    cpu: Duration,
    /// One for each thing done, sorted.
    latencies: Vec<Duration>,
}

impl Sample {
    fn done(&self) -> f64 {
        self.latencies.len() as f64
    }

    /// Done per second of the clock, with the client on the same cores.
    pub(crate) fn rate(&self) -> f64 {
        self.done() / self.wall.as_secs_f64()
    }

    /// Done per second of the server's processor time.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.done() / self.cpu.as_secs_f64()
    }

    /// Milliseconds of the server's processor time for each.
    pub(crate) fn cpu_millis(&self) -> f64 {
        1000.0 / self.per_cpu_second()
    }

    /// The latency in milliseconds that `share` of all stayed within.
    pub(crate) fn latency_millis(&self, share: f64) -> f64 {
        percentile(&self.latencies, share).as_secs_f64() * 1000.0
    }
}

/// Processor time of all nodes so far.
fn cpu(nodes: &[&Server]) -> Result<Duration> {
    nodes.iter().map(|node| node.process.cpu()).sum()
}

/// The node that a worker asks: each the next one.
fn of_worker(nodes: &[&Server], worker: usize) -> Result<SocketAddr> {
    let node = nodes.get(worker % nodes.len().max(1)).ok_or("there is no server to ask")?;
    Ok(node.address)
}

/// Lets the workers run for a window and looks at the servers' clocks before and after.
async fn measure<W, F>(
    nodes: &[&Server],
    window: Duration,
    workers: Vec<W>,
    run: impl Fn(W, Instant) -> F,
) -> Result<Sample>
where
    F: Future<Output = Result<Vec<Duration>>> + Send + 'static,
{
    let before = cpu(nodes)?;
    let begun = clock::instant();
    let tasks: Vec<_> = workers.into_iter().map(|worker| tokio::spawn(run(worker, begun + window))).collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let wall = begun.elapsed();
    let cpu = cpu(nodes)?.saturating_sub(before);
    latencies.sort_unstable();
    Ok(Sample { wall, cpu, latencies })
}

/// Sends `requests` in turn over `connections` connections; every answer must be 200.
pub(crate) async fn requests(
    nodes: &[&Server],
    connections: usize,
    window: Duration,
    requests: &Arc<Vec<Vec<u8>>>,
) -> Result<Sample> {
    let mut workers = Vec::with_capacity(connections);
    for first in 0..connections {
        workers.push((Connection::open(of_worker(nodes, first)?).await?, first));
    }
    let run = |(mut connection, first): (Connection, usize), end| {
        let requests = Arc::clone(requests);
        async move {
            let mut latencies = Vec::new();
            for request in requests.iter().cycle().skip(first).step_by(connections) {
                let begun = clock::instant();
                if begun >= end {
                    break;
                }
                connection.send(request).await?.expect(200)?;
                latencies.push(begun.elapsed());
            }
            Ok(latencies)
        }
    };
    measure(nodes, window, workers, run).await
}

/// Sends each of `requests` once over `connections` connections, however long it takes; each must be answered with `status`.
pub(crate) async fn once(
    nodes: &[&Server],
    connections: usize,
    requests: Vec<Vec<u8>>,
    status: u16,
) -> Result<Sample> {
    let mut shares: Vec<Vec<Vec<u8>>> = (0..connections).map(|_| Vec::new()).collect();
    for (number, request) in requests.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(number % connections) {
            share.push(request);
        }
    }
    let mut workers = Vec::with_capacity(connections);
    for (worker, share) in shares.into_iter().enumerate() {
        workers.push((Connection::open(of_worker(nodes, worker)?).await?, share));
    }
    let run = move |(mut connection, share): (Connection, Vec<Vec<u8>>), _end| async move {
        let mut latencies = Vec::with_capacity(share.len());
        for request in &share {
            let begun = clock::instant();
            connection.send(request).await?.expect(status)?;
            latencies.push(begun.elapsed());
        }
        Ok(latencies)
    };
    measure(nodes, Duration::ZERO, workers, run).await
}

/// Signs `people` in, in turn, by `browsers` browsers, each of which stays with its node.
pub(crate) async fn sign_ins(
    nodes: &[&Server],
    doors: &Arc<Doors>,
    browsers: usize,
    window: Duration,
    people: &Arc<Vec<Person>>,
) -> Result<Sample> {
    let mut workers = Vec::with_capacity(browsers);
    for first in 0..browsers {
        workers.push((Browser::at(of_worker(nodes, first)?, Arc::clone(doors)).await?, first));
    }
    let run = |(mut browser, first): (Browser, usize), end| {
        let people = Arc::clone(people);
        async move {
            let mut latencies = Vec::new();
            for person in people.iter().cycle().skip(first).step_by(browsers) {
                let begun = clock::instant();
                if begun >= end {
                    break;
                }
                browser.sign_in(person).await?;
                latencies.push(begun.elapsed());
            }
            Ok(latencies)
        }
    };
    measure(nodes, window, workers, run).await
}
