//! Whoever goes on with a link into the set-up portal: known by the secret of a browser, let into one organization with what the link
//! allows. Each request asks the store anew, so that a link that is taken back ends at once.

use http::HeaderMap;
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Ask, Authority, Entry, Grant};
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Token;
use vestibule_domain::setup_link::{PortalSession, SetupLink};
use vestibule_store::tables::setup_links;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::portal_cookies;
use crate::world::App;

/// Somebody who has opened a link.
#[derive(Debug)]
pub(crate) struct Holder {
    /// The link.
    pub link: SetupLink,
    /// Their session.
    pub session: PortalSession,
    /// The project.
    pub project: Project,
    secret: Token,
    entry: Entry,
}

impl Holder {
    /// The organization.
    pub(crate) const fn organization(&self) -> &Organization {
        self.entry.organization()
    }

    /// What the forms of this session carry.
    pub(crate) fn form_token(&self) -> String {
        PortalSession::form_token(&self.secret)
    }

    /// A grant for what the link allows.
    ///
    /// # Errors
    /// [`What::Forbidden`].
    pub(crate) fn grant<A: Ask>(&self) -> Result<Grant<A>, Failure> {
        Ok(self.entry.clone().grant()?)
    }
}

/// What a path says of who asks: the link's handle, and for pages in a frame the secret behind a dot. Browsers keep cookies of a framed
/// page apart or not at all, and a tab that it opens has none of them (ADR 62).
fn said(app: &App, headers: &HeaderMap, handle: &str) -> Option<(String, Token, bool)> {
    match handle.split_once('.') {
        Some((handle, secret)) => Some((handle.to_owned(), Token::presented(secret), true)),
        None => portal_cookies::secret(app, headers, handle).map(|secret| (handle.to_owned(), secret, false)),
    }
}

/// How the path of whoever has opened a link that stands in a frame begins.
pub(crate) fn framed_handle(link: &SetupLink, secret: &Token) -> String {
    format!("{}.{}", link.handle(), secret.expose())
}

/// The origin that may have a page in a frame that says that a session is over.
///
/// # Errors
/// The store's.
pub(crate) async fn was_framed_by(app: &App, handle: &str) -> Result<Option<String>, Failure> {
    let Some((handle, secret)) = handle.split_once('.') else { return Ok(None) };
    let Some(session) = app.store.setup_session(&Token::presented(secret).hash()).await? else {
        return Ok(None);
    };
    let link = app.store.setup_link(session.project_id, session.link_id).await?;
    let link = link.filter(|link| link.terms.is_embedded() && link.handle() == handle);
    Ok(link.map(|link| link.terms.embed_origin))
}

/// Whoever has opened the link with this handle in this browser. `None` when nobody has, or when that is over.
///
/// # Errors
/// The store's.
pub(crate) async fn holder(
    app: &App,
    ctx: &Ctx,
    headers: &HeaderMap,
    handle: &str,
) -> Result<Option<Holder>, Failure> {
    let Some((handle, secret, is_in_path)) = said(app, headers, handle) else { return Ok(None) };
    let Some(session) = app.store.setup_session(&secret.hash()).await? else { return Ok(None) };
    if !session.is_alive(ctx.now) {
        return Ok(None);
    }
    let link = app.store.setup_link(session.project_id, session.link_id).await?;
    let Some(link) = link.filter(|link| {
        link.revoked_at.is_none() && link.handle() == handle && link.terms.is_embedded() == is_in_path
    }) else {
        return Ok(None);
    };
    let project = app.store.project(link.project_id).await?.ok_or(What::NoSuchRoute)?;
    let policy = app.policy(&project).await?;
    let organization = app.store.organization_of(link.tenant()).await?;
    let entry =
        Authority::limited(link.tenant(), link.actor(), link.actions(), policy).enter(organization)?;
    if session.is_to_be_noted(ctx.now) {
        app.store.commit(setup_links::touch_session(&session, ctx.now)).await?;
    }
    Ok(Some(Holder { link, session, project, secret, entry }))
}
