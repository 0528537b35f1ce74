//! `vestibule application`: programs with credentials of their own. The first one of a project is made here; it can make the
//! others by the Management API.

use std::process::ExitCode;

use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::application::{
    Application, ApplicationPatch, Audience, ClientGrant, ClientId, checked_scopes,
};
use vestibule_domain::event::EventKind;
use vestibule_domain::id::{ClientGrantId, ProjectId};
use vestibule_domain::project::Project;
use vestibule_domain::redirect::LoopbackHttp;
use vestibule_store::tables::applications::{self, Part, Wanted};
use vestibule_store::tables::{application_connections, client_grants};
use vestibule_store::{Batch, Store, Vault};

use super::args::{ApplicationCommand, ConfigArgs};
use super::audit::event_of_application;
use super::open::{CliError, open, open_vault};
use super::out;
use super::run::{Tools, known_project};
use crate::routes::management_scopes;
use crate::world::config::StoreConfig;

/// The most applications that are listed.
const MOST_LISTED: u32 = 1000;

pub(super) async fn run(command: ApplicationCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        ApplicationCommand::Create {
            project_id,
            name,
            kind,
            callbacks,
            logout_urls,
            scopes,
            json,
            config,
        } => {
            let (store, vault, project) = opened(*config, project_id, tools).await?;
            let patch = ApplicationPatch {
                name: Patch::Set(name),
                kind: Patch::Set(kind),
                callbacks: Patch::Set(callbacks),
                logout_urls: Patch::Set(logout_urls),
                ..ApplicationPatch::default()
            };
            let scopes = if scopes.iter().any(|scope| scope == "all") { all_scopes() } else { scopes };
            show_new(&create(&store, &vault, &project, patch, scopes, tools).await?, json);
        }
        ApplicationCommand::List { project_id, json, config } => {
            let (store, vault, project) = opened(*config, project_id, tools).await?;
            let part = Part { take: MOST_LISTED, ..Part::default() };
            let all = store.applications(&vault, project.id, &Wanted::default(), &part).await?;
            show_all(&all, json);
        }
        ApplicationCommand::Remove { project_id, client_id, config } => {
            let (store, vault, project) = opened(*config, project_id, tools).await?;
            remove(&store, &vault, &project, &client_id, tools).await?;
            out::answer(format_args!("removed {client_id}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Every scope of the Management API.
fn all_scopes() -> Vec<String> {
    management_scopes().iter().map(|scope| (*scope).to_owned()).collect()
}

async fn opened(
    config: ConfigArgs,
    project: ProjectId,
    tools: Tools<'_>,
) -> Result<(Store, Vault, Project), CliError> {
    let config = StoreConfig::resolve(&config.load()?)?;
    let store = open(&config.database).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    let vault = std::sync::Arc::into_inner(vault)
        .ok_or_else(|| CliError::Refused("the vault is in use".to_owned()))?;
    let project = known_project(&store, project).await?;
    Ok((store, vault, project))
}

/// Makes an application, with what it may do at the Management API.
///
/// # Errors
/// A value that cannot be taken, there are as many as there may be, or the store's.
pub async fn create(
    store: &Store,
    vault: &Vault,
    project: &Project,
    patch: ApplicationPatch,
    scopes: Vec<String>,
    tools: Tools<'_>,
) -> Result<Application, CliError> {
    let loopback = LoopbackHttp::of(project.environment());
    let made = Application::create(project.id, patch, loopback, tools.now, tools.entropy)?;
    let mut batch = Batch::from([
        applications::insert(&made, vault, tools.entropy)?,
        event_of_application(&made, EventKind::ApplicationCreated, None, tools),
    ]);
    if !scopes.is_empty() {
        let grant = ClientGrant {
            id: ClientGrantId::generate(project.environment(), tools.entropy),
            project_id: project.id,
            application_id: made.id,
            audience: Audience::Management,
            scopes: checked_scopes(scopes)?,
            created_at: tools.now,
        };
        batch.push(client_grants::insert(&grant));
        batch.push(event_of_application(&made, EventKind::ClientGrantCreated, Some(&grant), tools));
    }
    store.commit(batch.requires(applications::room(project.id))).await?;
    Ok(made)
}

async fn remove(
    store: &Store,
    vault: &Vault,
    project: &Project,
    client_id: &ClientId,
    tools: Tools<'_>,
) -> Result<(), CliError> {
    let found = store.application(vault, project.id, client_id).await?;
    let found = found.ok_or_else(|| {
        CliError::Refused(format!(
            "{} has no application {client_id}; `vestibule application list {}` shows those there are",
            project.id, project.id
        ))
    })?;
    let writes = [
        client_grants::delete_of(project.id, found.id),
        application_connections::forget_application(project.id, found.id),
        applications::delete(&found),
        event_of_application(&found, EventKind::ApplicationDeleted, None, tools),
    ];
    Ok(store.commit(writes).await?)
}

fn show_new(made: &Application, as_json: bool) {
    if as_json {
        let (client_id, secret) = (made.client_id.as_str(), made.secret.expose());
        return out::answer(json!({ "client_id": client_id, "client_secret": secret }));
    }
    out::answer(format_args!("client_id      {}", made.client_id));
    out::answer(format_args!("client_secret  {}", made.secret.expose()));
}

fn show_all(all: &[Application], as_json: bool) {
    if as_json {
        let shown: Vec<Value> = all
            .iter()
            .map(|one| json!({ "client_id": one.client_id, "name": one.settings.name, "kind": one.settings.kind }))
            .collect();
        return out::answer(json!(shown));
    }
    for one in all {
        let (kind, name) = (one.settings.kind.as_str(), &one.settings.name);
        out::answer(format_args!("{}  {kind:<15}  {name}", one.client_id));
    }
    if all.is_empty() {
        out::remark("there is no application");
    }
}
