//! Who is asking in this dialect: a project's backend, and perhaps a member whose session it passes on. A
//! handler that has one of these has been authenticated; one that has a [`Granted`] has been authorized.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderMap;
use http::request::Parts;
use serde::de::DeserializeOwned;
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Ask, Authority, Entry, Grant, ProjectGrant};
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::Stytch;
use super::session_jwt::presented;
use crate::caller::backend;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::input::{Params, required};
use crate::http::takes::{Taken, Takes};
use crate::operations::sessions;
use crate::operations::views::SessionView;
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
        Self::of(project, app, &ctx, &parts.headers).await
    }
}

impl Caller {
    async fn of(project: Project, app: &App, ctx: &Ctx, headers: &HeaderMap) -> Result<Self, Failure> {
        let policy = app.policy(&project).await?;
        let authority = match member(app, ctx, &project, headers).await? {
            Some(SessionView { session, roles, .. }) => {
                let second_factor = session.factors.iter().any(|factor| factor.kind.is_second());
                Authority::of_member(session.tenant(), session.member_id, roles, policy)
                    .with_second_factor(second_factor)
            }
            None => Authority::of_project(project.id, Actor::Backend, policy),
        };
        Ok(Self { project, authority })
    }

    /// Whoever asks, let into an organization as by [`Caller::enter`]. Where it is named by its id, both are one look-up.
    async fn into(parts: &mut Parts, app: &Arc<App>, locator: &str) -> Result<Entry, Failure> {
        let Ok(id) = locator.parse() else {
            return Self::from_request_parts(parts, app).await?.enter(app, locator).await;
        };
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        let (project, found) = backend::project_with(app, &ctx, &parts.headers, id).await?;
        let caller = Self::of(project, app, &ctx, &parts.headers).await?;
        Ok(caller.authority.enter(found?)?)
    }
}

/// The session of the member that a backend passes on, if any.
async fn member(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    headers: &HeaderMap,
) -> Result<Option<SessionView>, Failure> {
    let token = text(headers, "x-stytch-member-session")?;
    let jwt = text(headers, "x-stytch-member-sessionjwt")?;
    if token.is_none() && jwt.is_none() {
        return Ok(None);
    }
    // Apart: most backends pass nobody on, and this takes no room in their requests.
    let found = Box::pin(async {
        let presented = presented(app, ctx, project, token, jwt).await?;
        sessions::live(app, ctx, project, &presented).await
    });
    found.await.map(Some)
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

    /// Lets the caller into what a request calls `organization_id`: an id, a slug or an external id, inside the
    /// caller's project.
    ///
    /// # Errors
    /// There is none; for a member it is not their own.
    pub(crate) async fn enter(&self, app: &App, locator: &str) -> Result<Entry, Failure> {
        let found = app.store.organization(self.project.id, locator).await?;
        Ok(self.authority.clone().enter(found)?)
    }

    /// What a request calls `organization_id`, for a call by which somebody becomes known there: nobody is let in yet.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn organization(&self, app: &App, locator: &str) -> Result<Organization, Failure> {
        let found = app.store.organization(self.project.id, locator).await?;
        Ok(found.ok_or(What::NotFound(Thing::Organization))?)
    }

    /// A grant for what belongs to the project alone.
    ///
    /// # Errors
    /// A member's session was passed on.
    pub(crate) fn project_grant<A>(&self) -> Result<ProjectGrant<A>, Failure> {
        Ok(self.authority.project()?)
    }
}

/// A way to the API of this dialect that has callers of its own: backends with a secret, browsers and phones with a public
/// token. Where they differ in nothing but who asks and the envelope, one handler stands behind both.
pub(crate) trait Surface: Door {
    /// The organization that a request is about, entered by whoever asks.
    type Here: FromRequestParts<Arc<App>, Rejection = Failure> + Takes + Into<Entry> + Send;
    /// The right to do `A` there.
    type Granted<A: Ask>: FromRequestParts<Arc<App>, Rejection = Failure> + Takes + Into<Grant<A>> + Send;
}

impl Surface for Stytch {
    type Here = Here;
    type Granted<A: Ask> = Granted<A>;
}

impl From<Here> for Entry {
    fn from(Here(entry): Here) -> Self {
        entry
    }
}

impl<A> From<Granted<A>> for Grant<A> {
    fn from(Granted(grant): Granted<A>) -> Self {
        grant
    }
}

impl Takes for Caller {}
impl Takes for Here {}
impl<A> Takes for Granted<A> {}
impl<A> Takes for ByProject<A> {}

impl<T: InOrganization> Takes for HereWith<T> {
    fn takes(taken: &mut Taken) {
        <Params<T> as Takes>::takes(taken);
    }
}

/// The organization in the path, entered by the caller.
pub(crate) struct Here(pub Entry);

impl FromRequestParts<Arc<App>> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(params) = RawPathParams::from_request_parts(parts, app).await else {
            Caller::from_request_parts(parts, app).await?;
            return Err(Refusal::new(What::Unreadable)
                .because("A path segment is not readable text.")
                .into());
        };
        let locator = params.iter().find(|(name, _)| *name == "organization_id").map(|(_, value)| value);
        Ok(Self(Caller::into(parts, app, locator.unwrap_or_default()).await?))
    }
}

/// The organization that the query calls `organization_id`, entered by the caller, with the parameters of the query.
pub(crate) struct HereWith<T>(pub Entry, pub T);

/// Parameters of a query that name an organization.
pub(crate) trait InOrganization: DeserializeOwned + Send {
    /// What they call it.
    fn organization(&self) -> Option<&str>;
}

impl<T: InOrganization> FromRequestParts<Arc<App>> for HereWith<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let read = Params::<T>::from_request_parts(parts, app).await;
        let named = read.and_then(|Params(params)| {
            let locator = required(params.organization(), "organization_id")?.to_owned();
            Ok((params, locator))
        });
        match named {
            Ok((params, locator)) => Ok(Self(Caller::into(parts, app, &locator).await?, params)),
            // Whoever is not known hears that first.
            Err(failure) => {
                Caller::from_request_parts(parts, app).await?;
                Err(failure)
            }
        }
    }
}

/// The right to do `A` in the organization of the path.
pub(crate) struct Granted<A>(pub Grant<A>);

impl<A: Ask> FromRequestParts<Arc<App>> for Granted<A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Here(entry) = Here::from_request_parts(parts, app).await?;
        Ok(Self(entry.grant()?))
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
