//! Applications to try the Management API and the authorization server with.

use serde_json::{Value, json};
use vestibule_domain::Patch;
use vestibule_domain::application::{Application, ApplicationKind, ApplicationPatch, Audience, ClientId};
use vestibule_domain::project::LoginHost;
use vestibule_store::tables::login_hosts;

use super::setup::{Credentials, SampleApplications, failed, operator, own_ctx, project};
use crate::cli::CliError;
use crate::cli::serve::refused;
use crate::operations::{applications, client_grants};
use crate::routes::management_scopes;
use crate::world::App;

/// Where web applications that are being written take their people back.
const CALLBACKS: [&str; 6] = [
    "http://localhost:3000/callback",
    "http://localhost:3000/api/auth/callback",
    "http://localhost:3000",
    "http://127.0.0.1:3000/callback",
    "http://localhost:5173",
    "http://127.0.0.1:5173",
];

/// Makes them where they are not there yet, and gives the project the names of this server.
pub(super) async fn prepare(app: &App, credentials: &mut Credentials) -> Result<(), CliError> {
    name_hosts(app, credentials).await?;
    let project = project(app, credentials).await?;
    if let Some(known) = &credentials.applications {
        let id: ClientId = known.machine_client_id.parse()?;
        if app.store.application(&app.vault, project.id, &id).await?.is_some() {
            return Ok(());
        }
    }
    let machine = make(app, credentials, "Sample machine", ApplicationKind::NonInteractive).await?;
    let grant = operator(app, &project).await?.project()?;
    let scopes = management_scopes().iter().map(|scope| (*scope).to_owned()).collect();
    client_grants::create(app, &own_ctx(app), &grant, &machine.client_id, Audience::Management, scopes)
        .await
        .map_err(failed)?;
    let web = make(app, credentials, "Sample web application", ApplicationKind::RegularWeb).await?;
    let grant = operator(app, &project).await?.project()?;
    let both = [(machine.client_id.clone(), true), (web.client_id.clone(), true)];
    applications::enable(app, &own_ctx(app), &grant, credentials.connection_id, &both)
        .await
        .map_err(failed)?;
    credentials.applications = Some(SampleApplications {
        machine_client_id: machine.client_id.to_string(),
        machine_client_secret: machine.secret.expose().to_owned(),
        web_client_id: web.client_id.to_string(),
        web_client_secret: web.secret.expose().to_owned(),
    });
    Ok(())
}

async fn make(
    app: &App,
    credentials: &Credentials,
    name: &str,
    kind: ApplicationKind,
) -> Result<Application, CliError> {
    let project = project(app, credentials).await?;
    let grant = operator(app, &project).await?.project()?;
    let callbacks = match kind {
        ApplicationKind::NonInteractive => Vec::new(),
        _ => CALLBACKS.map(str::to_owned).to_vec(),
    };
    let patch = ApplicationPatch {
        name: Patch::Set(name.to_owned()),
        kind: Patch::Set(kind),
        logout_urls: Patch::Set(callbacks.clone()),
        callbacks: Patch::Set(callbacks),
        ..ApplicationPatch::default()
    };
    applications::create(app, &own_ctx(app), &grant, patch).await.map_err(failed)
}

/// Clients may call this machine by its number or by its name.
async fn name_hosts(app: &App, credentials: &mut Credentials) -> Result<(), CliError> {
    let project = project(app, credentials).await?;
    let host = app.base_url.split_once("://").map_or("", |(_, host)| host);
    let named = host.replace("127.0.0.1", "localhost");
    let own = if named == host { vec![host.to_owned()] } else { vec![host.to_owned(), named] };
    let before = app.store.login_hosts(project.id).await?;
    let gone = credentials.own_hosts.iter().filter(|host| before.contains(host) && !own.contains(host));
    let new = own.iter().filter(|host| !before.contains(host));
    let read = |host: &String| host.parse::<LoginHost>();
    let mut writes = Vec::new();
    for host in gone {
        writes.push(login_hosts::remove(project.id, &read(host)?));
    }
    for host in new {
        writes.push(login_hosts::add(project.id, &read(host)?, app.clock.now()));
    }
    match app.store.commit(writes).await {
        Err(error) if error.is_unique(login_hosts::UNIQUE) => {
            Err(refused(format!("{host} is the name of another project in this database")))
        }
        kept => {
            credentials.own_hosts = own;
            Ok(kept?)
        }
    }
}

/// What programs read that are to try them.
pub(super) fn ready(app: &App, made: &SampleApplications) -> Value {
    json!({
        "domain": app.base_url.split_once("://").map_or("", |(_, host)| host),
        "client_id": made.machine_client_id,
        "client_secret": made.machine_client_secret,
        "web_client_id": made.web_client_id,
        "web_client_secret": made.web_client_secret,
    })
}
