//! `vestibule login-host`: under which names of hosts a project signs people in.

use std::process::ExitCode;

use vestibule_domain::id::ProjectId;
use vestibule_domain::project::LoginHost;
use vestibule_store::Store;
use vestibule_store::tables::login_hosts;

use super::args::LoginHostCommand;
use super::open::CliError;
use super::out;
use super::run::{Tools, known_project, store};

pub(super) async fn run(command: LoginHostCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let (project, config) = match &command {
        LoginHostCommand::Add { project_id, config, .. }
        | LoginHostCommand::Remove { project_id, config, .. }
        | LoginHostCommand::List { project_id, config } => (*project_id, config.clone()),
    };
    let store = store(*config).await?;
    let project = known_project(&store, project).await?;
    match command {
        LoginHostCommand::Add { host, .. } => add(&store, project.id, &host, tools).await?,
        LoginHostCommand::Remove { host, .. } => remove(&store, project.id, &host).await?,
        LoginHostCommand::List { .. } => {}
    }
    let hosts = store.login_hosts(project.id).await?;
    for host in &hosts {
        out::answer(host);
    }
    if hosts.is_empty() {
        out::remark(
            "the project has no names: it is found by the public URL alone, as long as it is the only project",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Gives a project a name; nothing where it has it already.
///
/// # Errors
/// Another project has it.
pub async fn add(
    store: &Store,
    project: ProjectId,
    host: &LoginHost,
    tools: Tools<'_>,
) -> Result<(), CliError> {
    match store.commit(login_hosts::add(project, host, tools.now)).await {
        Err(error) if error.is_unique(login_hosts::UNIQUE) => {
            let owner = store.project_at(host).await?;
            if owner.is_some_and(|owner| owner.id == project) {
                return Ok(());
            }
            Err(CliError::Refused(format!("{host} is another project's; nothing was changed")))
        }
        kept => Ok(kept?),
    }
}

async fn remove(store: &Store, project: ProjectId, host: &LoginHost) -> Result<(), CliError> {
    match store.commit(login_hosts::remove(project, host)).await {
        Err(error) if error.is_guard(login_hosts::EXISTS) => {
            Err(CliError::Refused(format!("{host} is no name of the project; nothing was changed")))
        }
        kept => Ok(kept?),
    }
}
