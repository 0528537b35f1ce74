//! The `vestibule` program.

use std::process::ExitCode;

use clap::Parser as _;
use vestibule_server::cli::serve;
use vestibule_server::cli::{self, Cli, Command, Tools};
use vestibule_server::dev;
use vestibule_server::world::clock::Clock;
use vestibule_server::world::entropy::SystemEntropy;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let workers = match &cli.command {
        Command::Serve(arguments) => arguments.settings.workers,
        Command::Dev(_) | Command::Admin(_) => None,
    };
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers.max(1));
    }
    match builder.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => {
            cli::out::refusal(format_args!("the runtime could not be started: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> ExitCode {
    match command {
        Command::Dev(arguments) => serve::report(dev::run(arguments).await),
        Command::Serve(arguments) => serve::report(serve::run(arguments).await),
        Command::Admin(command) => {
            cli::run(command, Tools { now: Clock::System.now(), entropy: &SystemEntropy }).await
        }
    }
}
