//! One command that prints one table: what the release binary of Vestibule costs, from one run on one machine.
//!
//! It starts the real server, drives it over loopback with HTTP/1.1 connections that are kept, and reads the
//! server's processor time and memory from `/proc`, because client and server share the cores. Every ratio
//! is between two things measured in the same round of the same run; what is printed is the median of the
//! rounds. Nothing is asserted: a goal that was missed is printed as missed.
//!
//! Another program can be driven in turn with the measured one (`--beside`), and the same rows can be had on PostgreSQL.
//!
//! The identity provider is not the server's built-in one: it is served from this process, so that its
//! signatures do not count as the server's work.

mod abuse;
mod api;
mod applications;
mod backend;
mod bare;
mod beside;
mod clock;
mod counted;
mod directories;
mod fill;
mod http;
mod load;
mod one;
mod place;
mod process;
mod provider;
mod relay;
mod report;
mod requests;
mod rounds;
mod rows;
mod saml;
mod saml_browser;
mod sign_in;
mod start;
mod stats;
mod whole;
mod world;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use fill::Filling;
use process::Binary;
use world::Scene;

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
    /// How many members they have together
    #[arg(long, value_name = "NUMBER")]
    members: Option<usize>,
    /// How many sessions these have together
    #[arg(long, value_name = "NUMBER")]
    sessions: Option<usize>,
    /// Another program of Vestibule, driven in turn with the measured one
    #[arg(long, value_name = "FILE", conflicts_with = "abuse")]
    beside: Option<PathBuf>,
    /// Only counts what a sign-in makes the server do
    #[arg(long, conflicts_with = "abuse")]
    count: bool,
    /// Only judges one hostile document and prints by how many KiB the peak of memory grew
    #[arg(long, hide = true)]
    hostile: bool,
    /// Instead of all else, what one client or tenant costs another
    #[arg(long)]
    abuse: bool,
    /// Instead of all else, what an application's backend asks: the hottest endpoints, two processes, a full store
    #[arg(long, conflicts_with_all = ["abuse", "beside", "count"])]
    backend: bool,
    /// Instead of all else, what applications ask of the authorization server: sign-ins, refreshes, user information
    #[arg(long, conflicts_with_all = ["abuse", "backend", "beside", "count"])]
    applications: bool,
    /// Instead of all else, what a customer's directory sends: many people, many groups, and one group of very many
    #[arg(long, conflicts_with_all = ["abuse", "applications", "backend", "beside", "count"])]
    directories: bool,
    /// An empty PostgreSQL database: the same rows there
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Instead of all else, one kind of load by itself, to be profiled
    #[arg(long, value_name = "LOAD")]
    one: Option<rounds::Load>,
    /// How long that load lasts
    #[arg(long, value_name = "NUMBER", default_value_t = 10, requires = "one")]
    seconds: u64,
    /// Another empty one, which is filled like the embedded store
    #[arg(long, value_name = "URL", requires = "postgres")]
    postgres_filled: Option<String>,
    /// A third one, for counting what the program of --beside does
    #[arg(long, value_name = "URL", requires_all = ["postgres", "beside"])]
    postgres_beside: Option<String>,
    /// Only what needs no server
    #[arg(long)]
    saml_only: bool,
}

/// How much is measured.
struct Effort {
    rounds: usize,
    window: Duration,
    filling: Filling,
    /// SAML responses that are posted in each round.
    answers: usize,
    /// Sign-ins that are counted.
    counted: usize,
    starts: usize,
    scene: Scene,
}

impl Effort {
    fn of(arguments: &Arguments) -> Self {
        let usual = match (arguments.quick, arguments.backend) {
            (false, false) => Self::whole(),
            (true, false) => Self::quick(),
            (false, true) => Self { filling: Filling::of(10_000, 100), ..Self::whole() },
            (true, true) => Self { filling: Filling::of(200, 10), ..Self::quick() },
        };
        let filling = usual.filling;
        Self {
            rounds: arguments.rounds.unwrap_or(usual.rounds).max(1),
            filling: Filling {
                organizations: arguments.organizations.unwrap_or(filling.organizations),
                members: arguments.members.unwrap_or(filling.members),
                sessions: arguments.sessions.unwrap_or(filling.sessions),
            },
            ..usual
        }
    }

    const fn whole() -> Self {
        Self {
            rounds: 7,
            window: Duration::from_millis(1500),
            filling: Filling::of(100_000, 0),
            answers: 1_000,
            counted: 500,
            starts: 10,
            scene: Scene { organizations: 32, sessions_each: 96, people_each: 8 },
        }
    }

    const fn quick() -> Self {
        Self {
            rounds: 1,
            window: Duration::from_millis(500),
            filling: Filling::of(2_000, 0),
            answers: 200,
            counted: 100,
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
        let binary = Binary::find(&arguments.server)?;
        let long = (Duration::from_secs(arguments.seconds), effort.answers);
        return Ok(write!(std::io::stdout(), "{}", one::measure(&binary, load, long, &effort.scene).await?)?);
    }
    let bare = bare::Bare::new()?;
    let mut table = report::Table::default();
    let heading = format!(
        "{}{} rounds of {} ms per row, medians; cores: {}\n",
        if arguments.quick { "SMOKE RUN, figures mean little. " } else { "" },
        effort.rounds,
        effort.window.as_millis(),
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
    );
    if arguments.backend {
        backend::measure(arguments, &effort, &bare, &mut table).await?;
        return Ok(std::io::stdout().write_all(format!("{heading}{table}").as_bytes())?);
    }
    if arguments.applications {
        applications::measure(arguments, &effort, &bare, &mut table).await?;
        return Ok(std::io::stdout().write_all(format!("{heading}{table}").as_bytes())?);
    }
    if arguments.directories {
        directories::measure(arguments, &mut table).await?;
        let smoke = if arguments.quick { "SMOKE RUN, figures mean little. " } else { "" };
        return Ok(std::io::stdout().write_all(format!("{smoke}four clients at once\n{table}").as_bytes())?);
    }
    if !arguments.count {
        note("judging SAML responses");
        saml::measure(&bare, effort.rounds, effort.window / 2, &mut table)?;
    }
    if arguments.saml_only {
        return Ok(write!(std::io::stdout(), "{table}")?);
    }
    let found = whole::measure(arguments, &effort, &bare, table).await?;
    Ok(std::io::stdout().write_all(format!("{heading}{found}").as_bytes())?)
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
