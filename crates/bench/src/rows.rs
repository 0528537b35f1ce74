//! The lines of the table that come from the rounds.

use crate::Result;
use crate::load::Sample;
use crate::report::{Bound, Row, Table};
use crate::rounds::{BROWSERS, Lane, Load, Round, Stand, over};

/// Within a tenth of the empty store is the goal of a filled one.
const FLAT: Bound = Bound::AtMost(1.1);
/// PostgreSQL is another process: the server packs and unpacks what the embedded store hands over.
const POSTGRES: Bound = Bound::AtMost(1.5);
/// Resident memory under load.
const MOST_MIB: f64 = 48.0;

/// The goals that the table of two programs has as well.
pub(crate) const OIDC_SIGNATURES: Bound = Bound::AtMost(2.5);
pub(crate) const SAML_SIGNATURES: Bound = Bound::AtMost(2.5);
pub(crate) const ANSWER_SIGNATURES: Bound = Bound::AtMost(0.6);
pub(crate) const AUTHENTICATE_SHARE: Bound = Bound::AtLeast(0.75);
pub(crate) const LIST_SHARE: Bound = Bound::AtLeast(0.35);

/// What costs processor time, with its name.
pub(crate) const COSTS: [(Load, &str); 5] = [
    (Load::Oidc, "OIDC sign-in"),
    (Load::Saml, "SAML sign-in"),
    (Load::Answer, "SAML response at the callback"),
    (Load::Authenticate, "sessions/authenticate by token"),
    (Load::List, "GET sessions"),
];

/// The measured program on its embedded store.
pub(crate) fn rows(rounds: &[Round], table: &mut Table) {
    table.push(Row::new("bare RS256 signing, one core", over(rounds, |r| r.sign_one.per_second), "1/s"));
    table.push(Row::new("bare RS256 signing, all cores", over(rounds, |r| r.sign_all.per_second), "1/s"));
    table.push(Row::new("bare RS256 signing", over(rounds, |r| r.sign_one.per_cpu_second), "1/cpu s"));
    table.push(Row::new("bare RS256 verifying", over(rounds, |r| r.verify.per_cpu_second), "1/cpu s"));
    sign_in_rows(rounds, "OIDC sign-in", Load::Oidc, OIDC_SIGNATURES, table);
    sign_in_rows(rounds, "SAML sign-in", Load::Saml, SAML_SIGNATURES, table);
    sign_in_rows(rounds, "SAML response at the callback", Load::Answer, ANSWER_SIGNATURES, table);
    session_rows(rounds, table);
}

/// A value of the measured program under a load.
fn of(rounds: &[Round], load: Load, value: impl Fn(&Sample) -> f64) -> f64 {
    over(rounds, |round| round.sample(Lane::Empty, load).map_or(f64::NAN, &value))
}

/// As signatures a goal holds for any machine.
fn sign_in_rows(rounds: &[Round], what: &str, load: Load, goal: Bound, table: &mut Table) {
    let signature = over(rounds, |r| 1000.0 / r.sign_one.per_cpu_second);
    let cost = Row::new(what, over(rounds, |r| r.cost(Lane::Empty, load)), "server cpu ms").against(
        format!("RS256 signature, {signature:.2} ms"),
        over(rounds, |r| r.signatures(Lane::Empty, load)),
    );
    table.push(cost.ratio(goal));
    let busy = format!("{what}, {BROWSERS} browsers, client and provider on the same cores");
    table.push(Row::new(&busy, of(rounds, load, Sample::rate), "1/s"));
    latency_rows(rounds, what, load, table);
}

fn latency_rows(rounds: &[Round], what: &str, load: Load, table: &mut Table) {
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let millis = of(rounds, load, |sample| sample.latency_millis(share));
        table.push(Row::new(&format!("{what}, {name}"), millis, "ms"));
    }
}

fn session_rows(rounds: &[Round], table: &mut Table) {
    let what = "sessions/authenticate by token";
    let load = Load::Authenticate;
    let by_cpu = Row::new(what, of(rounds, load, Sample::per_cpu_second), "1/server cpu s")
        .against("bare signing per cpu second", over(rounds, |r| r.share_of_signing(Lane::Empty, load)));
    table.push(by_cpu.ratio(AUTHENTICATE_SHARE));
    let share = over(rounds, |r| {
        r.sample(Lane::Empty, load).map_or(f64::NAN, |sample| sample.rate() / r.sign_all.per_second)
    });
    let by_clock =
        Row::new(&format!("{what}, client on the same cores"), of(rounds, load, Sample::rate), "1/s");
    table.push(by_clock.against("bare signing, all cores", share));
    latency_rows(rounds, what, load, table);
    let floor = of(rounds, Load::Floor, Sample::per_cpu_second);
    let by_cpu = Row::new("GET sessions", of(rounds, Load::List, Sample::per_cpu_second), "1/server cpu s")
        .against(
            format!("/healthz, {floor:.0} 1/server cpu s"),
            over(rounds, |r| r.share_of_floor(Lane::Empty, Load::List)),
        );
    table.push(by_cpu.ratio(LIST_SHARE));
    let floor = of(rounds, Load::Floor, Sample::rate);
    let rate = of(rounds, Load::List, Sample::rate);
    let by_clock = Row::new("GET sessions, client on the same cores", rate, "1/s");
    table.push(by_clock.against(format!("/healthz, {floor:.0} 1/s"), rate / floor));
}

/// What each costs on `lane` beside what it costs on `reference`.
fn beside(
    rounds: &[Round],
    (lane, kind): (Lane, &str),
    (reference, named): (Lane, &str),
    goal: Bound,
    table: &mut Table,
) {
    for (load, what) in COSTS {
        let cost = over(rounds, |r| r.cost(lane, load));
        let ratio = over(rounds, |r| r.cost(lane, load) / r.cost(reference, load));
        let row = Row::new(&format!("{what}, {kind}"), cost, "server cpu ms").against(named, ratio);
        table.push(row.ratio(goal));
    }
}

/// The same with a filled store.
pub(crate) fn filled_rows(rounds: &[Round], filling: &str, table: &mut Table) {
    beside(rounds, (Lane::Full, filling), (Lane::Empty, "empty store"), FLAT, table);
}

/// The same on PostgreSQL: the server's processor time alone.
pub(crate) fn postgres_rows(rounds: &[Round], table: &mut Table) {
    beside(rounds, (Lane::Postgres, "PostgreSQL"), (Lane::Empty, "SQLite"), POSTGRES, table);
}

/// PostgreSQL with much in it.
pub(crate) fn filled_postgres_rows(rounds: &[Round], filling: &str, table: &mut Table) {
    let kind = format!("PostgreSQL, {filling}");
    beside(rounds, (Lane::FullPostgres, &kind), (Lane::Postgres, "empty database"), FLAT, table);
}

/// The most that each server held.
pub(crate) fn memory(stands: &[Stand<'_>], table: &mut Table) -> Result<()> {
    for stand in stands {
        let what = match stand.lane {
            Lane::Empty => "memory under load",
            Lane::Full => "memory under load, filled store",
            Lane::Postgres => "memory under load, PostgreSQL",
            Lane::FullPostgres => "memory under load, PostgreSQL, filled store",
            Lane::Other | Lane::TwoPostgres | Lane::TwicePostgres => continue,
        };
        let peak = Row::new(what, stand.world.server.process.peak()?, "MiB resident at most");
        table.push(peak.measured(Bound::AtMost(MOST_MIB)));
    }
    Ok(())
}
