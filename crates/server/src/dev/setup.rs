//! What `vestibule dev` prepares: keys, a project, a connected sample company. Kept in the data directory,
//! so that a second start finds everything as it was.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vestibule_domain::Patch;
use vestibule_domain::connection::{OidcPatch, ProviderLabel};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, Environment, OrganizationId, RequestId};
use vestibule_domain::organization::OrganizationPatch;
use vestibule_domain::project::{FrontendPatch, Project};
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::rbac::{Actor, Ask, Authority, Entry, Grant};
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::secret::{Secret, Token, TokenHash};
use vestibule_domain::time::Time;
use vestibule_store::tables::redirects;
use vestibule_store::{Store, Vault};

use crate::cli::open::{connect, open_vault};
use crate::cli::redirect_url::accepted;
use crate::cli::serve::refused;
use crate::cli::{CliError, DevArgs, Tools, keys, project};
use crate::failure::Failure;
use crate::http::ctx::{Ctx, Facts};
use crate::http::languages::Language;
use crate::operations::connections::oidc;
use crate::operations::{api_secrets, frontend_settings, organizations};
use crate::world::App;
use crate::world::config::{DATABASE_FILE, DatabaseConfig, MASTER_KEY_FILE, StoreConfig};
use crate::world::keyring;

/// What it is called: also the name of its project, which the way back from a refusal shows.
pub(super) const PRODUCT: &str = "Sample application";
const CREDENTIALS_FILE: &str = "dev.json";

/// What a developer needs to know. The secret is kept in the data directory because the store keeps only
/// its hash; that is fine on a developer's machine and nowhere else.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Credentials {
    pub(super) project_id: String,
    pub(super) secret: String,
    pub(super) public_token: String,
    pub(super) idp_client_id: String,
    pub(super) idp_client_secret: String,
    pub(super) organization_id: OrganizationId,
    pub(super) connection_id: ConnectionId,
    /// Made after the first start serves; `None` until then.
    #[serde(default)]
    pub(super) saml_connection_id: Option<ConnectionId>,
    /// Whose it is. A company of its own, so that one person may try both buttons: in one company the second provider to assert
    /// an address is refused. `None` where it was made before that.
    #[serde(default)]
    pub(super) saml_organization_id: Option<OrganizationId>,
    /// The origins of this server's own pages as of the last start: the port may have changed.
    #[serde(default)]
    pub(super) own_origins: Vec<String>,
    /// Applications of the second kind of clients, made at the first start that knows of them.
    #[serde(default)]
    pub(super) applications: Option<SampleApplications>,
    /// The names of this server as of the last start: the port may have changed.
    #[serde(default)]
    pub(super) own_hosts: Vec<String>,
}

/// What is there to try the Management API and the authorization server with.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct SampleApplications {
    /// A program that may do everything at the Management API.
    pub(super) machine_client_id: String,
    pub(super) machine_client_secret: String,
    /// A web application that people sign in to.
    pub(super) web_client_id: String,
    pub(super) web_client_secret: String,
}

/// Opens the store, migrated, and its vault. The first start makes the master key.
pub(super) async fn open_store(
    arguments: &DevArgs,
    entropy: &dyn Entropy,
    now: Time,
) -> Result<(Store, Arc<Vault>), CliError> {
    let path = arguments.data_dir.join(MASTER_KEY_FILE);
    if !path.exists() {
        let key = keys::new_master_key(entropy);
        keys::write_new(&path, &key).map_err(|error| CliError::File { path: path.clone(), error })?;
    }
    let key = fs::read_to_string(&path).map_err(|error| CliError::File { path: path.clone(), error })?;
    let embedded = || format!("sqlite:{}", arguments.data_dir.join(DATABASE_FILE).display()).into();
    let config = StoreConfig {
        database: DatabaseConfig::at(arguments.database_url.clone().unwrap_or_else(embedded)),
        master_key: key.trim().into(),
        master_key_previous: None,
    };
    let (_, store) = connect(&config.database).await?;
    store.migrate(now, entropy).await?;
    let vault = open_vault(&store, &config, entropy, now).await?;
    Ok((store, vault))
}

/// Makes the project and the sample company on the first start, and points both at this start's address
/// on every one: the port may have changed.
pub(super) async fn prepare(app: &App, arguments: &DevArgs, issuer: &str) -> Result<Credentials, CliError> {
    let path = arguments.data_dir.join(CREDENTIALS_FILE);
    let mut credentials = match known(app, &path).await? {
        Some(credentials) => credentials,
        None => {
            let credentials = first(app).await?;
            keep(&arguments.data_dir, &credentials)?;
            credentials
        }
    };
    renew_secret(app, &mut credentials).await?;
    serve_pages(app, &mut credentials).await?;
    keep(&arguments.data_dir, &credentials)?;
    register_redirects(app, arguments, &credentials).await?;
    connect_provider(app, &credentials, issuer).await?;
    Ok(credentials)
}

/// Keeps the credentials for the next start.
pub(super) fn keep(data_dir: &Path, credentials: &Credentials) -> Result<(), CliError> {
    write_whole(
        &data_dir.join(CREDENTIALS_FILE),
        &serde_json::to_string_pretty(credentials).map_err(refused)?,
    )
}

/// The credentials of an earlier start, if its project is still in the store.
async fn known(app: &App, path: &Path) -> Result<Option<Credentials>, CliError> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    let credentials: Credentials = serde_json::from_str(&text).map_err(|error| {
        CliError::Refused(format!(
            "{} is damaged ({error}); remove the data directory to start afresh",
            path.display()
        ))
    })?;
    let id = credentials.project_id.parse().map_err(refused)?;
    Ok(app.store.project(id).await?.map(|_| credentials))
}

/// The secret that was kept may have been replaced or ended since, as the guides show. What is printed has to be good.
async fn renew_secret(app: &App, credentials: &mut Credentials) -> Result<(), CliError> {
    let project = project(app, credentials).await?;
    let kept = TokenHash::of(credentials.secret.as_bytes());
    if app.store.project_by_secret(project.id, &kept, app.clock.now()).await?.is_some() {
        return Ok(());
    }
    let grant = operator(app, &project).await?.project()?;
    let (ctx, name) = (own_ctx(app), "vestibule dev".to_owned());
    let made = api_secrets::create(app, &ctx, &grant, name, None).await.map_err(failed)?;
    made.secret.expose().clone_into(&mut credentials.secret);
    Ok(())
}

async fn first(app: &App) -> Result<Credentials, CliError> {
    let tools = Tools { now: app.clock.now(), entropy: app.entropy.as_ref() };
    let key = keyring::new_private_key().await.map_err(refused)?;
    let (project, secret) =
        project::create(&app.store, PRODUCT, Environment::Test, (&app.vault, key), tools).await?;
    let ctx = own_ctx(app);
    let id = company(app, &project, "Sample Company", "sample-company").await?;
    let grant = grant_in(app, &project, id).await?;
    let connection = oidc::create(app, &ctx, &grant, "Built-in test provider", ProviderLabel::Generic)
        .await
        .map_err(failed)?;
    Ok(Credentials {
        project_id: project.id.to_string(),
        secret: secret.expose().to_owned(),
        public_token: project.public_token.to_string(),
        idp_client_id: "vestibule-dev".to_owned(),
        idp_client_secret: Token::generate(app.entropy.as_ref()).expose().to_owned(),
        organization_id: id,
        connection_id: connection.id,
        saml_connection_id: None,
        saml_organization_id: None,
        own_origins: Vec::new(),
        applications: None,
        own_hosts: Vec::new(),
    })
}

/// Makes a sample company.
pub(super) async fn company(
    app: &App,
    project: &Project,
    name: &str,
    slug: &str,
) -> Result<OrganizationId, CliError> {
    let patch = OrganizationPatch {
        name: Patch::Set(name.to_owned()),
        slug: Patch::Set(slug.to_owned()),
        ..OrganizationPatch::default()
    };
    let grant = operator(app, project).await?.project()?;
    let made = organizations::create(app, &own_ctx(app), &grant, patch).await.map_err(failed)?;
    Ok(made.organization.id)
}

/// The development project.
pub(super) async fn project(app: &App, credentials: &Credentials) -> Result<Project, CliError> {
    let project = app.store.project(credentials.project_id.parse().map_err(refused)?).await?;
    project.ok_or_else(|| refused("the development project is gone"))
}

/// Where applications that are being written are usually served.
const USUAL_ORIGINS: [&str; 4] =
    ["http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:5173", "http://127.0.0.1:5173"];

/// Lets the pages of this server and of applications that are being written use the frontend API. What a developer has set
/// stays, but for the address of this start.
async fn serve_pages(app: &App, credentials: &mut Credentials) -> Result<(), CliError> {
    let project = project(app, credentials).await?;
    let grant = operator(app, &project).await?.project()?;
    let (settings, version) = app.store.frontend_settings(project.id).await?;
    let own = [app.base_url.clone(), app.base_url.replace("//127.0.0.1", "//localhost")].to_vec();
    let allowed = settings.allowed_origins.iter().map(|origin| origin.as_str().to_owned());
    let mut origins: Vec<String> =
        allowed.filter(|origin| !credentials.own_origins.contains(origin)).collect();
    origins.extend(own.iter().cloned());
    let mut patch = FrontendPatch::default();
    if version == 0 {
        origins.extend(USUAL_ORIGINS.map(str::to_owned));
        patch = FrontendPatch {
            native_apps: Some(true),
            member_actions: Some(true),
            organization_creation: Some(true),
            ..patch
        };
    }
    patch.allowed_origins = Some(origins);
    frontend_settings::change(app, &own_ctx(app), &grant, patch).await.map_err(failed)?;
    credentials.own_origins = own;
    Ok(())
}

async fn register_redirects(
    app: &App,
    arguments: &DevArgs,
    credentials: &Credentials,
) -> Result<(), CliError> {
    let project = credentials.project_id.parse().map_err(refused)?;
    let sample = super::sample::authenticate_url(app);
    let admin = super::sample::admin_url(app);
    let default = arguments.default_redirect_url.as_ref().map_or_else(|| sample.clone(), ToString::to_string);
    let loopback = app.loopback_policy(Environment::Test);
    let mut writes = Vec::new();
    for kind in [RedirectKind::Login, RedirectKind::Signup, RedirectKind::Invite, RedirectKind::Discovery] {
        for (url, is_default) in [(&sample, false), (&admin, false), (&default, true)] {
            if !is_default && url == &default {
                continue;
            }
            let url = accepted(url, loopback)?.to_string();
            if app.store.redirect_url(project, kind, &url).await?.is_some() {
                writes.push(redirects::remove(project, kind, &url));
            }
            writes.extend(redirects::add(project, &RedirectUrl { kind, url, is_default }));
        }
    }
    Ok(app.store.commit(writes).await?)
}

/// Points the sample company's connection at the built-in provider. All URLs are explicit: the provider is
/// this very process, which does not serve yet.
async fn connect_provider(app: &App, credentials: &Credentials, issuer: &str) -> Result<(), CliError> {
    let project = project(app, credentials).await?;
    let grant = grant_in::<ChangeConnection>(app, &project, credentials.organization_id).await?;
    let found = app.store.connection_of(&app.vault, grant.tenant(), credentials.connection_id).await?;
    let Some(connection) = found else { return Ok(()) };
    if connection.oidc().is_none_or(|settings| settings.issuer == issuer) {
        return Ok(());
    }
    let url = |path: &str| Patch::Set(format!("{issuer}{path}"));
    let patch = OidcPatch {
        issuer: Patch::Set(issuer.to_owned()),
        client_id: Patch::Set(credentials.idp_client_id.clone()),
        client_secret: Patch::Set(Secret::new(credentials.idp_client_secret.clone())),
        authorization_url: url("/authorize"),
        token_url: url("/token"),
        userinfo_url: url("/userinfo"),
        jwks_url: url("/jwks"),
        ..OidcPatch::default()
    };
    oidc::save(app, &own_ctx(app), &grant, connection.id, &patch, None).await.map_err(failed)?;
    Ok(())
}

/// What is done here is done by whoever runs the program.
pub(super) async fn operator(app: &App, project: &Project) -> Result<Authority, CliError> {
    let policy = app.policy(project).await.map_err(failed)?;
    Ok(Authority::of_project(project.id, Actor::Operator("vestibule dev".to_owned()), policy))
}

/// The right to do `A` in the sample company.
pub(super) async fn grant_in<A: Ask>(
    app: &App,
    project: &Project,
    organization: OrganizationId,
) -> Result<Grant<A>, CliError> {
    Ok(entry_in(app, project, organization).await?.grant()?)
}

/// The operator in an organization.
pub(super) async fn entry_in(
    app: &App,
    project: &Project,
    organization: OrganizationId,
) -> Result<Entry, CliError> {
    let found = app.store.organization(project.id, &organization.to_string()).await?;
    Ok(operator(app, project).await?.enter(found)?)
}

/// The context of what the server does on its own account.
pub(super) fn own_ctx(app: &App) -> Ctx {
    Facts {
        request_id: RequestId::generate_at(Environment::Test, app.clock.now(), app.entropy.as_ref()),
        now: app.clock.now(),
        ip: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        host: String::new(),
        user_agent: "vestibule dev".to_owned(),
        is_read_by_person: false,
        language: Language::default(),
        chosen_language: None,
        unknown: std::sync::OnceLock::new(),
        allowance: std::sync::OnceLock::new(),
        is_asked_by_own_page: std::sync::OnceLock::new(),
        framed_by: std::sync::OnceLock::new(),
    }
    .into()
}

pub(super) fn failed(failure: Failure) -> CliError {
    match failure {
        Failure::Refused(refusal) => refusal.into(),
        other => refused(other),
    }
}

/// Writes a private file that appears as a whole or not at all.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error| CliError::File { path: path.to_owned(), error };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}
