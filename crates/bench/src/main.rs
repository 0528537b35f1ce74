//! One command that prints one table: what the release binary of Vestibule costs, from one run on one machine.
//!
//! It starts the real server, drives it over loopback with HTTP/1.1 connections that are kept, and reads the
//! server's processor time and memory from `/proc`, because client and server share the cores. Every ratio
//! is between two things measured in the same round of the same run; what is printed is the median of the
//! rounds. Nothing is asserted: a goal that was missed is printed as missed.
//!
//! The identity provider is not the server's built-in one: it is served from this process, so that its
//! signatures do not count as the server's work.

mod abuse;
mod api;
mod bare;
mod clock;
mod fill;
mod http;
mod load;
mod one;
mod process;
mod provider;
mod report;
mod rounds;
mod saml;
mod saml_browser;
mod sign_in;
mod start;
mod stats;
mod world;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use process::Binary;
use world::{Scene, World};

/// What goes wrong ends the run with its message.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures the release binary of Vestibule and prints one table.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// The server to measure
    #[arg(long, value_name = "FILE", default_value = "target/release/vestibule")]
    server: PathBuf,
    /// A smoke run: the same rows from one short round and a small store
    #[arg(long)]
    quick: bool,
    /// How many rounds the medians are taken over
    #[arg(long, value_name = "NUMBER")]
    rounds: Option<usize>,
    /// How many organizations the filled store holds
    #[arg(long, value_name = "NUMBER")]
    organizations: Option<usize>,
    /// Only judges one hostile document and prints by how many KiB the peak of memory grew
    #[arg(long, hide = true)]
    hostile: bool,
    /// Instead of all else, what one client or tenant costs another
    #[arg(long)]
    abuse: bool,
    /// An empty PostgreSQL database, for the row of searches
    #[arg(long, value_name = "URL", requires = "abuse")]
    postgres: Option<String>,
    /// Instead of all else, one kind of load by itself, to be profiled
    #[arg(long, value_name = "LOAD")]
    one: Option<one::Load>,
    /// How long that load lasts
    #[arg(long, value_name = "NUMBER", default_value_t = 10, requires = "one")]
    seconds: u64,
    /// Only what needs no server
    #[arg(long)]
    saml_only: bool,
}

/// How much is measured.
struct Effort {
    rounds: usize,
    window: Duration,
    organizations: usize,
    /// SAML responses that are posted in each round.
    answers: usize,
    starts: usize,
    scene: Scene,
}

impl Effort {
    fn of(arguments: &Arguments) -> Self {
        let usual = if arguments.quick { Self::quick() } else { Self::whole() };
        Self {
            rounds: arguments.rounds.unwrap_or(usual.rounds).max(1),
            organizations: arguments.organizations.unwrap_or(usual.organizations),
            ..usual
        }
    }

    const fn whole() -> Self {
        Self {
            rounds: 5,
            window: Duration::from_millis(1500),
            organizations: 100_000,
            answers: 2_000,
            starts: 10,
            scene: Scene { organizations: 32, sessions_each: 96, people_each: 8 },
        }
    }

    const fn quick() -> Self {
        Self {
            rounds: 1,
            window: Duration::from_millis(500),
            organizations: 2_000,
            answers: 200,
            starts: 3,
            scene: Scene { organizations: 8, sessions_each: 16, people_each: 4 },
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    if arguments.hostile {
        return Ok(writeln!(std::io::stdout(), "{}", saml::judge_hostile()?)?);
    }
    if arguments.abuse {
        return abused(arguments).await;
    }
    let effort = Effort::of(arguments);
    if let Some(load) = arguments.one {
        let (binary, window) = (Binary::find(&arguments.server)?, Duration::from_secs(arguments.seconds));
        return Ok(write!(std::io::stdout(), "{}", one::drive(&binary, load, window, &effort.scene).await?)?);
    }
    let bare = bare::Bare::new()?;
    let mut table = report::Table::default();
    note("judging SAML responses");
    saml::measure(&bare, effort.rounds, effort.window / 2, &mut table)?;
    if arguments.saml_only {
        return Ok(write!(std::io::stdout(), "{table}")?);
    }
    let binary = Binary::find(&arguments.server)?;
    let provider = provider::serve(effort.scene.users()).await?;

    note("starting on an empty and on a filled store");
    let empty_dir = binary.scratch()?;
    let full_dir = binary.scratch()?;
    start::measure(&binary, effort.starts, &mut table).await?;
    fill::fill(&binary, full_dir.path(), effort.organizations).await?;
    start::measure_filled(&binary, full_dir.path(), effort.starts, effort.organizations, &mut table).await?;

    note("signing people in");
    let empty = World::build(binary.start(empty_dir.path()).await?, &provider, &effort.scene).await?;
    let full = World::build(binary.start(full_dir.path()).await?, &provider, &effort.scene).await?;
    let mut taken = Vec::with_capacity(effort.rounds);
    for number in 1..=effort.rounds {
        note(&format!("round {number} of {}", effort.rounds));
        taken.push(rounds::round(&bare, &empty, &full, effort.window, effort.answers).await?);
    }
    rounds::rows(&taken, effort.organizations, &mut table);
    rounds::memory(&empty, &full, &mut table)?;
    empty.server.stop().await?;
    full.server.stop().await?;
    let heading = format!(
        "{}{} rounds of {} ms per row, medians; cores: {}\n",
        if arguments.quick { "SMOKE RUN, figures mean little. " } else { "" },
        effort.rounds,
        effort.window.as_millis(),
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
    );
    std::io::stdout().write_all(format!("{heading}{table}").as_bytes())?;
    Ok(())
}

async fn abused(arguments: &Arguments) -> Result<()> {
    let (window, settle, members) =
        if arguments.quick { (Duration::from_secs(2), 1, 500) } else { (Duration::from_secs(10), 5, 20_000) };
    let effort = abuse::Effort { window, settle: Duration::from_secs(settle), members };
    let mut table = report::Table::default();
    let binary = Binary::find(&arguments.server)?;
    abuse::measure(&binary, arguments.postgres.as_deref(), &effort, &mut table).await?;
    let smoke = if arguments.quick { "SMOKE RUN, figures mean little. " } else { "" };
    let heading = format!("{smoke}windows of {} s\n", window.as_secs());
    Ok(std::io::stdout().write_all(format!("{heading}{table}").as_bytes())?)
}

/// Progress goes to standard error, so that standard output is the table alone.
fn note(text: &str) {
    // Nobody may be listening, and the run is worth finishing all the same.
    drop(writeln!(std::io::stderr(), "{text}"));
}
