//! The lines of the backend's table.

use crate::load::Sample;
use crate::report::{Bound, Row, Table};
use crate::rounds::{Lane, Load, Round, Stand, over};

use super::{FLAT, HOTTEST, OF_PAGES, TWO, name};

/// Within a tenth of the empty store.
const WITHIN: Bound = Bound::AtMost(1.1);
/// Two processes do 1.8 times as much as one where there are cores for both: each request may cost so much more.
const TWO_PER_REQUEST: Bound = Bound::AtMost(2.0 / 1.8);
const TWO_BY_CLOCK: Bound = Bound::AtLeast(1.8);
/// Two processes, their database and the load each have two cores then.
const CORES_FOR_TWO: usize = 8;

/// All lines of the lanes that were in the run.
pub(super) fn rows(rounds: &[Round], stands: &[Stand<'_>], filling: &str, table: &mut Table) {
    let has = |lane| stands.iter().any(|stand| stand.lane == lane);
    let signature = over(rounds, |round| 1_000_000.0 / round.sign_one.per_cpu_second);
    table.push(Row::new("one RS256 signature, bare", signature, "cpu µs"));
    shares(rounds, (Lane::Empty, "SQLite"), table);
    if has(Lane::Postgres) {
        shares(rounds, (Lane::Postgres, "PostgreSQL"), table);
    }
    for (lane, whose) in [(Lane::TwoPostgres, "same load"), (Lane::TwicePostgres, "twice the load")] {
        if has(lane) {
            two(rounds, (lane, whose), table);
        }
    }
    let lanes = [
        ((Lane::Full, "SQLite"), (Lane::Empty, "empty store")),
        ((Lane::FullPostgres, "PostgreSQL"), (Lane::Postgres, "empty database")),
    ];
    for ((lane, engine), reference) in lanes.into_iter().filter(|((lane, _), _)| has(*lane)) {
        flat(rounds, (lane, &format!("{engine}, {filling}")), reference, table);
    }
}

/// Microseconds of the server's processor time for one.
fn micros(round: &Round, lane: Lane, load: Load) -> f64 {
    round.cost(lane, load) * 1000.0
}

/// The hottest endpoints, and those of pages, as shares of the cheapest answer of the same server in the same round.
fn shares(rounds: &[Round], (lane, engine): (Lane, &str), table: &mut Table) {
    let floor = over(rounds, |round| micros(round, lane, Load::Floor));
    table.push(Row::new(&format!("/healthz, {engine}"), floor, "server cpu µs"));
    for (load, what) in HOTTEST.into_iter().chain(OF_PAGES) {
        let cost = over(rounds, |round| micros(round, lane, load));
        let share = over(rounds, |round| round.share_of_floor(lane, load));
        let row = Row::new(&format!("{what}, {engine}"), cost, "server cpu µs");
        table.push(row.against("share of /healthz", share));
    }
}

/// Two processes on one database, beside one of them alone: with the load that this one had, and with twice that.
fn two(rounds: &[Round], (lane, load_of): (Lane, &str), table: &mut Table) {
    let has_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() >= CORES_FOR_TWO);
    for load in TWO {
        let what = format!("{}, two processes on one PostgreSQL, {load_of}", name(load));
        let ratio = |value: fn(&Sample) -> f64| {
            over(rounds, |round| {
                let of = |lane| round.sample(lane, load).map_or(f64::NAN, value);
                of(lane) / of(Lane::Postgres)
            })
        };
        let cost = over(rounds, |round| micros(round, lane, load));
        let row = Row::new(&what, cost, "server cpu µs").against("one process", ratio(Sample::cpu_millis));
        table.push(row.ratio(TWO_PER_REQUEST));
        let rate = over(rounds, |round| round.sample(lane, load).map_or(f64::NAN, Sample::rate));
        let row = Row::new(&what, rate, "1/s").against("one process", ratio(Sample::rate));
        table.push(if has_cores { row.ratio(TWO_BY_CLOCK) } else { row });
    }
}

/// A full store beside an empty one, by what each request costs the server and, where somebody else works for it, by how long it takes.
fn flat(rounds: &[Round], (lane, kind): (Lane, &str), (reference, named): (Lane, &str), table: &mut Table) {
    let waited = |sample: &Sample| sample.latency_millis(0.5);
    for (load, what) in FLAT {
        let what = format!("{what}, {kind}");
        let cost = over(rounds, |round| micros(round, lane, load));
        let ratio = over(rounds, |round| round.cost(lane, load) / round.cost(reference, load));
        table.push(Row::new(&what, cost, "server cpu µs").against(named, ratio).ratio(WITHIN));
        if lane != Lane::FullPostgres {
            continue;
        }
        let of = |round: &Round, lane| round.sample(lane, load).map_or(f64::NAN, waited);
        let millis = over(rounds, |round| of(round, lane));
        let ratio = over(rounds, |round| of(round, lane) / of(round, reference));
        table.push(Row::new(&what, millis, "ms, p50").against(named, ratio).ratio(WITHIN));
    }
}
