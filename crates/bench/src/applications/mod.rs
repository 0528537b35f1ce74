//! What applications ask of the authorization server: whole sign-ins through a customer's provider, refreshes, and who somebody is. One
//! table, on SQLite and, with `--postgres`, on PostgreSQL.

mod scene;

use crate::bare::Bare;
use crate::load::Sample;
use crate::place::Place;
use crate::process::Binary;
use crate::report::{Bound, Row, Table};
use crate::rounds::{self, BROWSERS, Lane, Load, Round, Stand, over};
use crate::{Arguments, Effort, Result, note, provider};

pub(crate) use scene::{Application, set};

/// What is measured.
pub(crate) const ALL: [Load; 5] =
    [Load::Floor, Load::AuthorizeOidc, Load::AuthorizeSaml, Load::Refresh, Load::UserInfo];
const SIGN_IN: Bound = Bound::AtMost(2.0);
const REFRESH: Bound = Bound::AtLeast(0.7);

/// The server's RSA operations in a sign-in, in milliseconds: it signs an ID token and an access token, and verifies what the provider
/// signed.
fn of_sign_in(round: &Round) -> f64 {
    of_refresh(round) + 1000.0 / round.verify.per_cpu_second
}

/// Those of a refresh: it signs both tokens.
fn of_refresh(round: &Round) -> f64 {
    2.0 * 1000.0 / round.sign_one.per_cpu_second
}

/// Adds the rows.
pub(crate) async fn measure(
    arguments: &Arguments,
    effort: &Effort,
    bare: &Bare,
    table: &mut Table,
) -> Result<()> {
    let binary = Binary::find(&arguments.server)?;
    let provider = provider::serve(effort.scene.users()).await?;
    let mut places = vec![(Lane::Empty, "SQLite", Place::new(&binary, None)?)];
    if let Some(url) = arguments.postgres.as_deref() {
        places.push((Lane::Postgres, "PostgreSQL", Place::new(&binary, Some(url))?));
    }
    let mut worlds = Vec::with_capacity(places.len());
    for (lane, engine, place) in &places {
        note(&format!("signing people in, on {engine}"));
        let mut world = place.world(&provider, &effort.scene).await?;
        set(&mut world, &provider, &effort.scene).await?;
        worlds.push((*lane, *engine, world));
    }
    let stands: Vec<Stand<'_>> =
        worlds.iter().map(|(lane, _, world)| Stand::new(*lane, world, &ALL)).collect();
    let mut taken = Vec::with_capacity(effort.rounds);
    for number in 1..=effort.rounds {
        note(&format!("round {number} of {}", effort.rounds));
        taken.push(rounds::round(bare, &ALL, &stands, effort.window, effort.answers).await?);
    }
    let signature = over(&taken, |round| 1000.0 / round.sign_one.per_cpu_second);
    table.push(Row::new("one RS256 signature, bare", signature, "cpu ms"));
    for (lane, engine, _) in &worlds {
        rows(&taken, *lane, engine, table);
    }
    for (_, _, world) in worlds {
        world.server.stop().await?;
    }
    Ok(())
}

fn rows(rounds: &[Round], lane: Lane, engine: &str, table: &mut Table) {
    for (load, upstream) in [(Load::AuthorizeOidc, "OIDC"), (Load::AuthorizeSaml, "SAML")] {
        let what = format!("sign-in through /authorize, {upstream} upstream, {engine}");
        let ratio = over(rounds, |round| round.cost(lane, load) / of_sign_in(round));
        let row = Row::new(&what, over(rounds, |round| round.cost(lane, load)), "server cpu ms");
        let reference = format!("its RSA operations, {:.2} ms", over(rounds, of_sign_in));
        table.push(row.against(reference, ratio).ratio(SIGN_IN));
        let rate = over(rounds, |round| round.sample(lane, load).map_or(f64::NAN, Sample::rate));
        let busy = format!("{what}, {BROWSERS} browsers, client and provider on the same cores");
        table.push(Row::new(&busy, rate, "1/s"));
    }
    let share = over(rounds, |round| of_refresh(round) / round.cost(lane, Load::Refresh));
    let cost = over(rounds, |round| round.cost(lane, Load::Refresh));
    let row = Row::new(&format!("refresh of both tokens, {engine}"), cost, "server cpu ms");
    let reference = format!("share of bare signing, {:.2} ms", over(rounds, of_refresh));
    table.push(row.against(reference, share).ratio(REFRESH));
    let cost = over(rounds, |round| round.cost(lane, Load::UserInfo) * 1000.0);
    let floor = over(rounds, |round| round.cost(lane, Load::Floor) * 1000.0);
    let share = over(rounds, |round| round.share_of_floor(lane, Load::UserInfo));
    let row = Row::new(&format!("/userinfo, {engine}"), cost, "server cpu µs");
    table.push(row.against(format!("share of /healthz, {floor:.1} µs"), share));
}
