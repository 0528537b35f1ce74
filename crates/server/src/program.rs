//! What the program does, from its command line to its exit code.

use std::process::ExitCode;

use crate::cli::{self, Command, ConfigArgs, Tools, out, run, serve};
use crate::dev;
use crate::world::clock::Clock;
use crate::world::entropy::SystemEntropy;

/// The program: reads the command line, runs what it says, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = cli::parse();
    let workers = match &cli.command {
        Command::Serve(arguments) => workers(arguments),
        Command::Dev(_) | Command::Admin(_) => None,
    };
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers.max(1));
    }
    match builder.enable_all().build() {
        Ok(runtime) => runtime.block_on(start(cli.command)),
        Err(error) => {
            out::refusal(format_args!("the runtime could not be started: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// How many threads serve. What is wrong with the settings is said by the command, which reads them again.
fn workers(arguments: &ConfigArgs) -> Option<usize> {
    arguments.clone().load().ok()?.workers
}

async fn start(command: Command) -> ExitCode {
    match command {
        Command::Dev(arguments) => serve::report(dev::run(arguments).await),
        Command::Serve(arguments) => serve::report(serve::run(arguments).await),
        Command::Admin(command) => {
            run(command, Tools { now: Clock::System.now(), entropy: &SystemEntropy }).await
        }
    }
}
