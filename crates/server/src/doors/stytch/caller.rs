//! Who is asking in this dialect: a project's backend, and perhaps a member whose session it passes on (contract 1.1 and
//! 7.5). A handler that has one of these has been authenticated; one that has a [`Granted`] has been authorized.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderMap;
use http::request::Parts;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Ask, Authority, Entry, Grant, ProjectGrant};
use vestibule_domain::refusal::{Refusal, What};

use super::session_jwt::presented;
use crate::caller::backend;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::sessions;
use crate::world::App;

/// An authenticated project, and what whoever asks may do in it.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The project.
    pub project: Project,
    authority: Authority,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        let project = backend::project(app, &ctx, &parts.headers).await?;
        let authority = match member(app, &ctx, &project, &parts.headers).await? {
            Some(member) => member,
            None => Authority::of_project(project.id, Actor::Backend),
        };
        Ok(Self { project, authority })
    }
}

/// The rights of the member whose session a backend passes on, if any.
async fn member(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    headers: &HeaderMap,
) -> Result<Option<Authority>, Failure> {
    let token = text(headers, "x-stytch-member-session")?;
    let jwt = text(headers, "x-stytch-member-sessionjwt")?;
    if token.is_none() && jwt.is_none() {
        return Ok(None);
    }
    let presented = presented(app, ctx, project, token, jwt).await?;
    let view = sessions::live(app, ctx, project, &presented).await?;
    Ok(Some(Authority::of_member(view.session.tenant(), view.session.member_id, view.roles)))
}

fn text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Refusal> {
    let text = headers.get(name).map(|value| value.to_str().map(str::to_owned)).transpose();
    let text = text.map_err(|_| {
        Refusal::new(What::Unreadable).because(format!("The header {name} is not readable text."))
    })?;
    Ok(text.filter(|text| !text.is_empty()))
}

impl Caller {
    /// What they may do.
    #[must_use]
    pub(crate) const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Lets the caller into what a request calls `organization_id`: an id, a slug or an external id (contract 1.2,
    /// rule 8), inside the caller's project.
    ///
    /// # Errors
    /// There is none; for a member it is not their own.
    pub(crate) async fn enter(&self, app: &App, locator: &str) -> Result<Entry, Failure> {
        let found = app.store.organization(self.project.id, locator).await?;
        Ok(self.authority.clone().enter(found)?)
    }

    /// A grant for what belongs to the project alone.
    ///
    /// # Errors
    /// A member's session was passed on.
    pub(crate) fn project_grant<A>(&self) -> Result<ProjectGrant<A>, Failure> {
        Ok(self.authority.project()?)
    }
}

/// The organization in the path, entered by the caller.
pub(crate) struct Here(pub Entry);

impl FromRequestParts<Arc<App>> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let unreadable = |_| Refusal::new(What::Unreadable).because("A path segment is not readable text.");
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(unreadable)?;
        let locator = params.iter().find(|(name, _)| *name == "organization_id").map(|(_, value)| value);
        Ok(Self(caller.enter(app, locator.unwrap_or_default()).await?))
    }
}

/// The right to do `A` in the organization of the path.
pub(crate) struct Granted<A>(pub Grant<A>);

impl<A: Ask> FromRequestParts<Arc<App>> for Granted<A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Here(entry) = Here::from_request_parts(parts, app).await?;
        Ok(Self(entry.grant(&app.policy)?))
    }
}

/// The right to do `A` in the project.
pub(crate) struct ByProject<A>(pub ProjectGrant<A>);

impl<A> FromRequestParts<Arc<App>> for ByProject<A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Ok(Self(caller.project_grant()?))
    }
}
