//! A project's backend, known by its id and secret (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use vestibule_domain::id::{OrganizationId, ProjectId};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::What;
use vestibule_domain::secret::TokenHash;
use vestibule_store::StoreError;
use vestibule_store::tables::projects::BySecret;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The most bytes of credentials that are read.
const MOST_BYTES: usize = 2048;

/// The project whose id and secret stand in the Authorization header. Wrong ones count against the client's address.
///
/// # Errors
/// [`What::UnreadableCredentials`], [`What::WrongCredentials`], [`What::TooManyRequests`].
pub(crate) async fn project(app: &App, ctx: &Ctx, headers: &HeaderMap) -> Result<Project, Failure> {
    let (id, secret) = credentials(headers).ok_or(What::UnreadableCredentials)?;
    let found = match id {
        // The secret is 256 random bits: looking up its hash is as good as comparing in constant time.
        Some(id) => app.store.project_by_secret(id, &secret, ctx.now).await?,
        None => None,
    };
    let found = known(app, ctx, found)?;
    used(app, ctx, found, &secret)
}

/// The same with an organization of the project, if it has one of this id, in one look-up. What cannot be read of it is
/// for those to hear who are let in.
///
/// # Errors
/// As for [`project`].
pub(crate) async fn project_with(
    app: &App,
    ctx: &Ctx,
    headers: &HeaderMap,
    organization: OrganizationId,
) -> Result<(Project, Result<Option<Organization>, StoreError>), Failure> {
    let (id, secret) = credentials(headers).ok_or(What::UnreadableCredentials)?;
    let found = match id {
        Some(id) => app.store.project_by_secret_with_organization(id, &secret, organization, ctx.now).await?,
        None => None,
    };
    let (found, organization) = known(app, ctx, found)?;
    Ok((used(app, ctx, found, &secret)?, organization))
}

fn known<T>(app: &App, ctx: &Ctx, found: Option<T>) -> Result<T, Failure> {
    let Some(found) = found else {
        app.limits.check_api_failure(ctx.ip)?;
        return Err(What::WrongCredentials.into());
    };
    Ok(found)
}

/// Counts the request, and notes aside that the secret was used.
fn used(app: &App, ctx: &Ctx, found: BySecret, secret: &TokenHash) -> Result<Project, Failure> {
    app.limits.check_api(found.project.id, ctx.ip)?;
    app.secret_uses.note(found.project.id, secret, found.last_used_at, ctx.now);
    Ok(found.project)
}

/// The id, if it reads as one, and the hash of the secret.
fn credentials(headers: &HeaderMap) -> Option<(Option<ProjectId>, TokenHash)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > MOST_BYTES {
        return None;
    }
    let encoded = encoded.trim();
    let decoded = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.parse().ok(), TokenHash::of(secret.as_bytes())))
}
