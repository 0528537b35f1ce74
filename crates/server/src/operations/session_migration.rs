//! Sessions of another system: where they are asked for, and whom that system says one is of.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use url::Url;
use vestibule_domain::Tenant;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::{Migrant, checked_userinfo_url, migrant};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeSessionMigration, ReadSessionMigration};
use vestibule_domain::refusal::{Field, Refusal, Thing, What, sentence};
use vestibule_domain::secret::Secret;
use vestibule_store::tables::session_migrations;

use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;
use crate::world::fetch::{FetchRequest, FetchResponse};

/// The longest user-info that is read.
const LIMIT: usize = 64 * 1024;
/// The longest token of another system that is passed on.
const LONGEST_TOKEN: usize = 8 * 1024;

/// Where the sessions of another system are asked for; `""` when nobody has said.
///
/// # Errors
/// The store's.
pub(crate) async fn configured(
    app: &App,
    grant: &ProjectGrant<ReadSessionMigration>,
) -> Result<String, Failure> {
    Ok(app.store.session_migration(grant.project_id()).await?.unwrap_or_default())
}

/// Says where; an empty text is nowhere.
///
/// # Errors
/// An address that may not be asked.
pub(crate) async fn configure(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeSessionMigration>,
    userinfo_url: String,
) -> Result<String, Failure> {
    let project = grant.project_id();
    let wanted = match userinfo_url.as_str() {
        "" => None,
        _ => Some(checked_userinfo_url(userinfo_url, app.url_policy())?),
    };
    if let Some(url) = &wanted {
        let refused = |why| Refusal::new(What::Invalid(Field::UserinfoUrl)).because(sentence(why));
        let url: Url = url.parse().map_err(|_| Refusal::new(What::Invalid(Field::UserinfoUrl)))?;
        app.fetcher.check(&url).map_err(|error| refused(error.told()))?;
    }
    let before = app.store.session_migration(project).await?;
    if before == wanted {
        return Ok(wanted.unwrap_or_default());
    }
    let event = Scene::of_project(ctx, grant)
        .event(app, EventKind::SessionMigrationChanged, Object::Project(project))
        .with("before", before)
        .with("after", wanted.clone());
    let writes = [session_migrations::set(project, wanted.as_deref()), event.write()];
    app.store.commit(writes).await.map_err(meaning)?;
    Ok(wanted.unwrap_or_default())
}

/// Asks the other system whom a session of its is of, on behalf of the organization that they are to come into.
///
/// # Errors
/// [`What::NotConfigured`]; the other system does not know the session, or does not answer as a user-info endpoint does.
pub(crate) async fn ask(
    app: &App,
    project: ProjectId,
    tenant: Tenant,
    token: &Secret,
) -> Result<Migrant, Failure> {
    let url = app.store.session_migration(project).await?.ok_or_else(|| {
        Refusal::new(What::NotConfigured).because(
            "Sessions of another system are asked for at its user-info endpoint: name it with \
             PUT /v1/vestibule/project/session_migration and userinfo_url.",
        )
    })?;
    let url: Url = url.parse().map_err(|_| Failure::Internal("a stored user-info URL is none".to_owned()))?;
    let unknown = |why: &str| Refusal::new(What::NotFound(Thing::Session)).because(why);
    if token.is_empty() || token.expose().len() > LONGEST_TOKEN {
        return Err(unknown("A session_token of another system has 1 to 8192 bytes.").into());
    }
    let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| unknown("The session_token has characters that no token has."))?;
    header.set_sensitive(true);
    let mut request = FetchRequest { limit_bytes: LIMIT, ..FetchRequest::get(url) };
    request.headers.insert(AUTHORIZATION, header);
    let silent = |why: String| Refusal::new(What::ProviderUnreachable).because(sentence(why)).into();
    let answer = app.fetcher.for_tenant(tenant).send(request).await;
    read(&answer.map_err(|error| error.failure(silent))?)
}

fn read(answer: &FetchResponse) -> Result<Migrant, Failure> {
    match answer.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(Refusal::new(What::NotFound(Thing::Session))
                .because(format!("The user-info endpoint answered {} to it.", answer.status.as_u16()))
                .into());
        }
        other => {
            return Err(Refusal::new(What::ProviderUnreachable)
                .found(format!("status {} at the user-info endpoint", other.as_u16()))
                .expected("200")
                .into());
        }
    }
    let Ok(Value::Object(claims)) = serde_json::from_slice(&answer.body) else {
        return Err(Refusal::new(What::Userinfo).expected("a JSON object with email").into());
    };
    Ok(migrant(&claims)?)
}
