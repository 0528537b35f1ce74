//! What an application's backend and its pages ask all day: the hottest endpoints beside the cheapest answer, two processes on one database
//! beside one, and a full store beside an empty one. One table, on SQLite and, with `--postgres`, on PostgreSQL.

mod rows;

use crate::bare::Bare;
use crate::place::Place;
use crate::process::Binary;
use crate::report::Table;
use crate::rounds::{self, Lane, Load, Stand};
use crate::{Arguments, Effort, Result, fill, note, provider};

/// What costs most because it is asked most. A session is looked at for every request of an application; member and
/// organization for every page that greets somebody or asks for a setting; a member is looked for by address by whatever
/// knows people by that, such as an invitation or a webhook; and each sign-in ends with its token.
const HOTTEST: [(Load, &str); 5] = [
    (Load::Authenticate, "sessions/authenticate by token"),
    (Load::Member, "GET organizations/{}/member"),
    (Load::Organization, "GET organizations/{}"),
    (Load::MemberByAddress, "members/search, one address"),
    (Load::Redeem, "sso/authenticate"),
];

/// What the pages of an application ask of every person: what the project is like, once, and every three minutes whether they
/// are still signed in.
const OF_PAGES: [(Load, &str); 2] =
    [(Load::PageSession, "/sdk/v1 sessions/authenticate"), (Load::PageBegins, "/sdk/v1 projects/bootstrap")];

/// What is looked for, listed and signed in to, and must not become dearer with what else is in the store.
const FLAT: [(Load, &str); 10] = [
    (Load::MemberByAddress, "members/search, one address"),
    (Load::MemberByPart, "members/search, part of an address"),
    (Load::OrganizationBySlug, "organizations/search, one slug"),
    (Load::OrganizationByPart, "organizations/search, part of a name"),
    (Load::OrganizationByMember, "organizations/search, a member's address"),
    (Load::Members, "members/search, a page of 100"),
    (Load::Organizations, "organizations/search, a page of 50"),
    (Load::Connections, "GET sso/{}"),
    (Load::List, "GET sessions"),
    (Load::Oidc, "OIDC sign-in"),
];

const ALL: [Load; 17] = [
    Load::Floor,
    Load::Authenticate,
    Load::Member,
    Load::Organization,
    Load::MemberByAddress,
    Load::Redeem,
    Load::PageSession,
    Load::PageBegins,
    Load::MemberByPart,
    Load::OrganizationBySlug,
    Load::OrganizationByPart,
    Load::OrganizationByMember,
    Load::Members,
    Load::Organizations,
    Load::Connections,
    Load::List,
    Load::Oidc,
];

/// What two processes are asked together.
const TWO: [Load; 6] =
    [Load::Authenticate, Load::Member, Load::Organization, Load::MemberByAddress, Load::Redeem, Load::Oidc];

/// What a load is called.
fn name(load: Load) -> &'static str {
    let mut names = HOTTEST.iter().chain(&FLAT);
    names.find(|(found, _)| *found == load).map_or("", |(_, name)| name)
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
    let (postgres, full) = (arguments.postgres.as_deref(), arguments.postgres_filled.as_deref());
    let mut places = vec![(Lane::Empty, Place::new(&binary, None)?)];
    places.push((Lane::Full, filled(&binary, None, effort).await?));
    if let Some(url) = postgres {
        places.push((Lane::Postgres, Place::new(&binary, Some(url))?));
    }
    if let Some(url) = full {
        places.push((Lane::FullPostgres, filled(&binary, Some(url), effort).await?));
    }
    note("signing people in");
    let mut worlds = Vec::with_capacity(places.len());
    let mut second = None;
    for (lane, place) in &places {
        let world = place.world(&provider, &effort.scene).await?;
        world.serve_page().await?;
        worlds.push((*lane, world));
        if *lane == Lane::Postgres {
            let another = place.another()?;
            second = Some((another.start().await?, another));
        }
    }
    let mut stands: Vec<Stand<'_>> =
        worlds.iter().map(|(lane, world)| Stand::new(*lane, world, &ALL)).collect();
    let one = worlds.iter().find(|(lane, _)| *lane == Lane::Postgres);
    if let (Some((_, world)), Some((server, _))) = (one, &second) {
        for (lane, times) in [(Lane::TwoPostgres, 1), (Lane::TwicePostgres, 2)] {
            stands.push(Stand { lane, world, nodes: vec![&world.server, server], times, loads: &TWO });
        }
    }
    let mut taken = Vec::with_capacity(effort.rounds);
    for number in 1..=effort.rounds {
        note(&format!("round {number} of {}", effort.rounds));
        taken.push(rounds::round(bare, &ALL, &stands, effort.window, effort.answers).await?);
    }
    rows::rows(&taken, &stands, &effort.filling.to_string(), table);
    for (_, world) in worlds {
        world.server.stop().await?;
    }
    if let Some((server, _)) = second {
        server.stop().await?;
    }
    Ok(())
}

async fn filled<'a>(binary: &'a Binary, database: Option<&'a str>, effort: &Effort) -> Result<Place<'a>> {
    let place = Place::new(binary, database)?;
    fill::fill(binary, place.directory.path(), database, effort.filling).await?;
    Ok(place)
}
