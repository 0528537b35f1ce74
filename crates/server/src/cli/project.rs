//! `vestibule project`: making projects and looking at them.

use std::process::ExitCode;

use serde_json::{Value, json};
use vestibule_domain::Time;
use vestibule_domain::event::EventKind;
use vestibule_domain::id::{Environment, SigningKeyId};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::{ApiSecret, Project, SecretRecord, SigningKey};
use vestibule_domain::secret::Secret;
use vestibule_store::tables::{keys, organizations, projects};
use vestibule_store::{Store, Vault};

use super::args::ProjectCommand;
use super::audit::event;
use super::open::{CliError, open, open_vault};
use super::out;
use super::run::{Tools, known_project, store};
use super::sdk;
use crate::world::config::StoreConfig;
use crate::world::keyring;

/// Makes a project with its hidden home organization and a first API secret, all or nothing. The secret is kept
/// as a hash: what is returned is its only copy. The key that signs its session tokens is made with it, so that nobody
/// makes another one at its first use: a private key, and the vault that seals it.
///
/// # Errors
/// When the name is empty or longer than 128 characters, or the store's.
pub async fn create(
    store: &Store,
    name: &str,
    environment: Environment,
    (vault, private_key): (&Vault, Secret),
    tools: Tools<'_>,
) -> Result<(Project, ApiSecret), CliError> {
    let name = good_name(name)?;
    let project = Project::new(name.to_owned(), environment, tools.now, tools.entropy);
    let secret = ApiSecret::generate(environment, tools.entropy);
    let home = Organization::home(project.home_organization, project.id, tools.now);
    let mut writes = vec![projects::insert(&project)];
    writes.extend(organizations::insert_home(&home));
    let record = SecretRecord::new(secret.hash(), String::new(), None, tools.now);
    writes.push(projects::insert_secret(project.id, &record));
    let key = SigningKey {
        id: SigningKeyId::generate(environment, tools.entropy),
        project_id: project.id,
        private_key,
        created_at: tools.now,
        retired_at: None,
    };
    writes.push(keys::insert(&key, vault, tools.entropy)?);
    store.commit(writes).await?;
    Ok((project, secret))
}

fn good_name(name: &str) -> Result<&str, CliError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 128 {
        return Err(CliError::Refused("the name of a project has 1 to 128 characters".to_owned()));
    }
    Ok(name)
}

pub(super) async fn run(command: ProjectCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        ProjectCommand::Create { name, environment, json, config } => {
            let config = StoreConfig::resolve(&config.load()?)?;
            let store = open(&config.database).await?;
            let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
            let key =
                keyring::new_private_key().await.map_err(|error| CliError::Refused(error.to_string()))?;
            let (project, secret) = create(&store, &name, environment.into(), (&vault, key), tools).await?;
            show_new(&project, &secret, json);
        }
        ProjectCommand::Rename { project_id, name, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            let name = good_name(&name)?;
            let about = ("before", project.name.clone());
            let event = event(project.id, EventKind::ProjectRenamed, about, tools);
            store.commit([projects::rename(project.id, name), event]).await?;
            out::answer(format_args!("{} is called {name}", project.id));
        }
        ProjectCommand::Remove { project_id, yes, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            for (table, rows) in store.project_rows(project.id).await? {
                out::answer(format_args!("{rows:>9}  {table}"));
            }
            if !yes {
                return Err(CliError::Refused(format!(
                    "this is what {} ({}) has, and nothing was removed: --yes removes it all, for good",
                    project.id, project.name
                )));
            }
            store.remove_project(project.id).await?;
            out::answer(format_args!("{} ({}) is removed", project.id, project.name));
        }
        ProjectCommand::Sdk { command } => return sdk::run(command, tools).await,
        ProjectCommand::List { json, config } => {
            let projects = store(*config).await?.projects().await?;
            show_all(&projects, json);
        }
        ProjectCommand::Show { project_id, json, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            show(&store, &project, json, tools.now).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn view(project: &Project) -> Value {
    json!({
        "project_id": project.id,
        "name": project.name,
        "public_token": project.public_token,
        "created_at": project.created_at.to_string(),
    })
}

fn show_new(project: &Project, secret: &ApiSecret, as_json: bool) {
    if as_json {
        let mut value = view(project);
        if let Some(object) = value.as_object_mut() {
            object.insert("secret".to_owned(), secret.expose().into());
        }
        return out::answer(value);
    }
    out::answer(format_args!("project id    {}", project.id));
    out::answer(format_args!("secret        {}", secret.expose()));
    out::answer(format_args!("public token  {}", project.public_token));
    out::remark("the secret is shown only now: only a hash of it is kept");
    out::remark("next: vestibule redirect-url add <project id> https://your-app.example.com/authenticate");
}

fn show_all(projects: &[Project], as_json: bool) {
    if as_json {
        return out::answer(Value::from_iter(projects.iter().map(view)));
    }
    for project in projects {
        out::answer(format_args!("{}  {}  {}", project.id, project.created_at, project.name));
    }
    if projects.is_empty() {
        out::remark("there is no project yet: vestibule project create NAME");
    }
}

async fn show(store: &Store, project: &Project, as_json: bool, now: Time) -> Result<(), CliError> {
    let secrets = store.project_secrets(project.id).await?;
    let active = secrets.iter().filter(|secret| secret.is_good(now)).count();
    let urls = store.redirect_urls(project.id).await?;
    if as_json {
        let mut value = view(project);
        if let Some(object) = value.as_object_mut() {
            object.insert("active_secrets".to_owned(), active.into());
            object.insert("redirect_urls".to_owned(), super::redirect_url::view(&urls));
        }
        out::answer(value);
        return Ok(());
    }
    out::answer(format_args!("project id      {}", project.id));
    out::answer(format_args!("name            {}", project.name));
    out::answer(format_args!("public token    {}", project.public_token));
    out::answer(format_args!("created         {}", project.created_at));
    out::answer(format_args!("active secrets  {active}"));
    for line in super::redirect_url::lines(&urls) {
        out::answer(format_args!("redirect URL    {line}"));
    }
    Ok(())
}
