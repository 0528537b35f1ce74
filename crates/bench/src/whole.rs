//! A whole run: which servers there are, and in which order they are started, driven and counted.

use std::fmt;

use crate::bare::Bare;
use crate::beside::Beside;
use crate::counted::Counted;
use crate::place::Place;
use crate::process::Binary;
use crate::provider::Provider;
use crate::relay::Relay;
use crate::report::Table;
use crate::rounds::{self, Lane, Load, Stand};
use crate::{Arguments, Effort, Result, fill, note, provider, rows, start};

/// What is printed.
pub(crate) struct Found {
    table: Table,
    beside: Option<Beside>,
    counted: Counted,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.table)?;
        if let Some(beside) = &self.beside {
            write!(out, "\n{beside}")?;
        }
        write!(out, "\n{}", self.counted)
    }
}

/// Measures all that the arguments ask for.
pub(crate) async fn measure(
    arguments: &Arguments,
    effort: &Effort,
    bare: &Bare,
    mut table: Table,
) -> Result<Found> {
    let this = Binary::find(&arguments.server)?;
    let other = arguments.beside.as_deref().map(Binary::find).transpose()?;
    let provider = provider::serve(effort.scene.users()).await?;
    let mut places = vec![(Lane::Empty, Place::new(&this, None)?)];
    if !arguments.count {
        note("starting on an empty and on a filled store");
        start::measure(&this, effort.starts, &mut table).await?;
        places.push((Lane::Full, filled(&this, None, effort, &mut table).await?));
    }
    if let Some(other) = &other {
        places.push((Lane::Other, Place::new(other, None)?));
    }
    if let Some(url) = &arguments.postgres {
        places.push((Lane::Postgres, Place::new(&this, Some(url))?));
    }
    if let Some(url) = arguments.postgres_filled.as_deref().filter(|_| !arguments.count) {
        places.push((Lane::FullPostgres, filled(&this, Some(url), effort, &mut table).await?));
    }

    let mut beside = None;
    if !arguments.count {
        beside = drive(&places, &provider, effort, bare, &mut table).await?;
    }
    note("counting");
    let mut counted = Counted::default();
    for (lane, name, database) in [
        (Lane::Other, "other", arguments.postgres_beside.as_deref()),
        (Lane::Empty, "this", arguments.postgres.as_deref()),
    ] {
        let Some((_, place)) = places.iter().find(|(of, _)| *of == lane) else { continue };
        let embedded = place.world(&provider, &effort.scene).await?;
        let relay = match database {
            Some(url) => Some(Relay::before(url).await?),
            None => None,
        };
        // A database goes with the key in a directory, which is that of the lane that used it.
        let own = Place::new(place.binary, None)?;
        let of_database = places.iter().find(|(of, _)| *of == Lane::Postgres && lane == Lane::Empty);
        let of_database = of_database.map_or(&own, |(_, place)| place);
        let behind = match &relay {
            Some(relay) => {
                Some((of_database.world_on(Some(&relay.url), &provider, &effort.scene).await?, relay))
            }
            None => None,
        };
        let postgres = behind.as_ref().map(|(world, relay)| (world, *relay));
        counted.count(name, &embedded, postgres, effort.counted).await?;
        if let Some((world, _)) = behind {
            world.server.stop().await?;
        }
        embedded.server.stop().await?;
    }
    Ok(Found { table, beside, counted })
}

async fn filled<'a>(
    binary: &'a Binary,
    database: Option<&'a str>,
    effort: &Effort,
    table: &mut Table,
) -> Result<Place<'a>> {
    let place = Place::new(binary, database)?;
    fill::fill(binary, place.directory.path(), database, effort.filling).await?;
    if database.is_none() {
        let what = effort.filling.to_string();
        start::measure_filled(binary, place.directory.path(), effort.starts, &what, table).await?;
    }
    Ok(place)
}

/// The rounds, and the lines that come from them.
async fn drive(
    places: &[(Lane, Place<'_>)],
    provider: &Provider,
    effort: &Effort,
    bare: &Bare,
    table: &mut Table,
) -> Result<Option<Beside>> {
    note("signing people in");
    let mut worlds = Vec::with_capacity(places.len());
    for (lane, place) in places {
        worlds.push((*lane, place.world(provider, &effort.scene).await?));
    }
    let stands: Vec<Stand<'_>> =
        worlds.iter().map(|(lane, world)| Stand::new(*lane, world, &Load::WHOLE)).collect();
    let mut taken = Vec::with_capacity(effort.rounds);
    for number in 1..=effort.rounds {
        note(&format!("round {number} of {}", effort.rounds));
        taken.push(rounds::round(bare, &Load::WHOLE, &stands, effort.window, effort.answers).await?);
    }
    let has = |lane| stands.iter().any(|stand| stand.lane == lane);
    let filling = effort.filling.to_string();
    rows::rows(&taken, table);
    rows::filled_rows(&taken, &filling, table);
    if has(Lane::Postgres) {
        rows::postgres_rows(&taken, table);
    }
    if has(Lane::FullPostgres) {
        rows::filled_postgres_rows(&taken, &filling, table);
    }
    rows::memory(&stands, table)?;
    let beside = has(Lane::Other).then(|| Beside::of(&taken));
    for (_, world) in worlds {
        world.server.stop().await?;
    }
    Ok(beside)
}
