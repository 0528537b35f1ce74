//! Who asks the frontend: somebody with a project's public token, and perhaps a member with a session. A handler that has one
//! of these stands behind the gate; one that has a [`Granted`] has been authorized.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::{FrontendSettings, Project};
use vestibule_domain::rbac::{Ask, Authority, Entry, Grant};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;

use super::cookies::{self, Kept};
use super::{Answer, Sdk};
use crate::doors::stytch::caller::Surface;
use crate::doors::stytch::session_request::check_locale;
use crate::doors::stytch::wire::tokens::{HoldsTokens, Tokens};
use crate::doors::stytch::{Nothing, done, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::takes::Takes;
use crate::operations::authentication::{Joins, SessionRequest};
use crate::operations::sessions::{self, Presented};
use crate::operations::views::SessionView;
use crate::world::App;

/// Whoever asks, as the gate has found out.
#[derive(Clone, Debug)]
pub(super) struct Visitor(Arc<Facts>);

/// What is known of them.
#[derive(Debug)]
pub(super) struct Facts {
    /// Whose frontend they ask.
    pub project: Project,
    /// What it lets them ask for.
    pub settings: FrontendSettings,
    shown: Kept,
    keeps_cookies: bool,
}

impl Deref for Visitor {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl Takes for Visitor {}
impl Takes for SignedIn {}
impl Takes for Acting {}
impl Takes for Here {}
impl<A> Takes for Granted<A> {}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Failure::Internal("a handler of the frontend stands beside its gate".to_owned()))
    }
}

/// The session that somebody would like who proves a factor, as a body names it. A browser sets no claims.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The length.
    pub session_duration_minutes: Option<i64>,
    /// A sign-in to go on with.
    pub intermediate_session_token: Option<String>,
    /// The language of what is sent to the member.
    pub locale: Option<String>,
}

impl Visitor {
    /// Somebody who shows this. `keeps_cookies` says that they keep secrets in cookies and are shown none.
    pub(super) fn new(
        project: Project,
        settings: FrontendSettings,
        shown: Kept,
        keeps_cookies: bool,
    ) -> Self {
        Self(Arc::new(Facts { project, settings, shown, keeps_cookies }))
    }

    /// The session that they show.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn presented(&self) -> Result<Presented, Failure> {
        let token = self.shown.session.clone().ok_or(What::NotSignedIn)?;
        Ok(Presented::Token(token))
    }

    /// What they bring a proof to: a sign-in that they name, or the session that their client always shows.
    pub(super) fn joins(&self, intermediate_session_token: Option<&str>) -> Option<Joins> {
        let named = intermediate_session_token.filter(|token| !token.is_empty()).map(Token::presented);
        match (named.or_else(|| self.shown.intermediate.clone()), self.shown.session.clone()) {
            (Some(token), _) => Some(Joins::Intermediate(token)),
            (None, Some(token)) => Some(Joins::Beside(Presented::Token(token))),
            (None, None) => None,
        }
    }

    /// The session that they would like.
    ///
    /// # Errors
    /// A length that the project does not allow, a locale that there is not.
    pub(super) fn session_request(&self, wish: &Wish) -> Result<SessionRequest, Failure> {
        wish.locale.as_deref().map_or(Ok(()), check_locale)?;
        Ok(SessionRequest {
            duration: self.settings.session_duration(wish.session_duration_minutes)?,
            joins: self.joins(wish.intermediate_session_token.as_deref()),
            locale: wish.locale.clone(),
            ..SessionRequest::default()
        })
    }

    /// An answer with secrets: in cookies, where the project wants that of browsers.
    pub(super) fn answer<T: Serialize + HoldsTokens>(&self, app: &App, ctx: &Ctx, mut out: T) -> Answer<T> {
        if !self.keeps_cookies {
            return ok(ctx, out);
        }
        let kept = cookies::keep(app, ctx, &self.settings, &out.take_tokens());
        Ok(Reply::new(ctx, out).with_headers(kept))
    }

    /// The answer by which a browser forgets what it kept.
    pub(super) fn forget(&self, app: &App, ctx: &Ctx) -> Answer<Nothing> {
        if !self.keeps_cookies {
            return done(ctx);
        }
        let nothing = cookies::keep(app, ctx, &self.settings, &Tokens::default());
        Ok(Reply::new(ctx, Nothing {}).with_headers(nothing))
    }

    /// What a request calls `organization_id`, for a call by which somebody becomes known there: nobody is let in yet.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn organization(&self, app: &App, locator: &str) -> Result<Organization, Failure> {
        let found = app.store.organization(self.project.id, locator).await?;
        Ok(found.ok_or(What::NotFound(Thing::Organization))?)
    }
}

/// A member with a live session, in their own organization.
pub(super) struct SignedIn {
    /// As whom they came.
    pub visitor: Visitor,
    /// Where they are.
    pub entry: Entry,
    /// Their session.
    pub view: SessionView,
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let presented = visitor.presented()?;
        let view = Box::pin(sessions::live(app, &ctx, &visitor.project, &presented)).await?;
        let second_factor = view.session.factors.iter().any(|factor| factor.kind.is_second());
        let policy = app.policy(&visitor.project).await?;
        let (tenant, member) = (view.session.tenant(), view.session.member_id);
        let authority = Authority::of_member(tenant, member, view.roles.clone(), policy)
            .with_second_factor(second_factor);
        let entry = authority.enter(Some(view.organization.organization.clone()))?;
        Ok(Self { visitor, entry, view })
    }
}

/// The same in a project that lets members act.
pub(super) struct Acting {
    /// As whom they came.
    pub visitor: Visitor,
    /// Where they are.
    pub entry: Entry,
    /// Who they are.
    pub id: String,
}

impl FromRequestParts<Arc<App>> for Acting {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let SignedIn { visitor, entry, view } = SignedIn::from_request_parts(parts, app).await?;
        if !visitor.settings.member_actions {
            return Err(What::MemberActionsOff.into());
        }
        Ok(Self { visitor, entry, id: view.session.member_id.to_string() })
    }
}

/// Where they act.
pub(crate) struct Here(pub Entry);

impl FromRequestParts<Arc<App>> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Acting { entry, .. } = Acting::from_request_parts(parts, app).await?;
        Ok(Self(entry))
    }
}

impl From<Here> for Entry {
    fn from(Here(entry): Here) -> Self {
        entry
    }
}

/// The right to do `A` there.
pub(crate) struct Granted<A>(Grant<A>);

impl<A: Ask> FromRequestParts<Arc<App>> for Granted<A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Here(entry) = Here::from_request_parts(parts, app).await?;
        Ok(Self(entry.grant()?))
    }
}

impl<A> From<Granted<A>> for Grant<A> {
    fn from(Granted(grant): Granted<A>) -> Self {
        grant
    }
}

impl Surface for Sdk {
    type Here = Here;
    type Granted<A: Ask> = Granted<A>;
}
