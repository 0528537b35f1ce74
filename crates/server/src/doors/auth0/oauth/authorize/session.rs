//! Answering out of the session of the browser: whoever is signed in there is not sent to their provider again.

use axum::response::Response;
use vestibule_domain::connection::Way;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::organization::Organization;
use vestibule_domain::profile::UserId;

use super::Arrival;
use super::request::{Read, Wishes};
use super::way::{named, usable};
use crate::doors::auth0::oauth::{self, person};
use crate::failure::Failure;
use crate::operations::login_sessions;
use crate::operations::sign_in_grants::Person;

/// The session of this browser, if it counts for what is asked.
///
/// # Errors
/// The store's.
pub(super) async fn of(at: &Arrival<'_>, read: &Read) -> Result<Option<LoginSession>, Failure> {
    if read.wishes.anew {
        return Ok(None);
    }
    let (app, ctx, project) = (at.app, at.ctx, at.site.project.id);
    let session = login_sessions::live(app, ctx, project, at.browser.session(project).as_ref()).await?;
    Ok(session.filter(|session| session.is_fresh(read.request.freshness, ctx.now)))
}

/// The answer that a session gives, if it gives one.
///
/// # Errors
/// The store's, or the keys'.
pub(super) async fn answered(
    at: &Arrival<'_>,
    read: &Read,
    organization: Option<&Organization>,
    session: &LoginSession,
) -> Result<Option<Response>, Failure> {
    let (app, ctx) = (at.app, at.ctx);
    let Some(way) = way(at, read, organization, session).await? else { return Ok(None) };
    let Some(person) = login_sessions::person(app, session, &way).await? else { return Ok(None) };
    if !is_expected(at, &read.wishes, &way, &person).await? {
        return Ok(None);
    }
    let granted = login_sessions::answer(app, ctx, session, &way, &read.request, &person).await?;
    match granted {
        Some(granted) => oauth::answer(app, ctx, &person, &granted).await.map(Some),
        None => Ok(None),
    }
}

/// The way by which somebody would come who was proved in the session, if they may come by it. What is in its way is said to
/// whoever signs in anew.
async fn way(
    at: &Arrival<'_>,
    read: &Read,
    organization: Option<&Organization>,
    session: &LoginSession,
) -> Result<Option<Way>, Failure> {
    let found = match &read.wishes.connection {
        Some(name) => named(at.app, at.site, name).await?,
        None => at.app.store.connection(&at.app.vault, at.site.project.id, session.proven.source_id).await?,
    };
    let Some(source) = found else { return Ok(None) };
    match usable(at.app, &read.application, organization, source).await {
        Ok(way) => Ok(way.filter(|way| session.is_by(way.as_route()))),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether it is the one whom the application expects, where it expects somebody.
async fn is_expected(at: &Arrival<'_>, wishes: &Wishes, way: &Way, person: &Person) -> Result<bool, Failure> {
    let address = wishes.login_hint.as_deref().and_then(|hint| EmailAddress::parse(hint).ok());
    if address.is_some_and(|address| address != person.member.email) {
        return Ok(false);
    }
    let Some(hint) = &wishes.id_token_hint else { return Ok(true) };
    let subject = UserId::of(way.as_route().source(), &person.registration).to_string();
    let hint = person::hinted(at.app, at.ctx, at.site, hint).await?;
    Ok(hint.is_some_and(|hint| hint.sub == subject))
}
