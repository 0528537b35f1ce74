//! Who asks the Management API: an application with a token. What an endpoint needs is stated where it is listed
//! ([`Needs::AnyScope`], [`Needs::EveryScope`]) and checked here before its handler runs; a handler that takes a [`Holder`] on
//! an endpoint that states no scopes does not answer.
//!
//! ```text
//! Endpoints::new().get("/api/v2/clients", Needs::AnyScope(&["read:clients", "read:client_summary"]), list)
//!
//! async fn list(State(app): State<Arc<App>>, ctx: Ctx, holder: Holder, …) -> … {
//!     let grant = holder.grant::<ReadProjectApplications>()?;          // for what belongs to the project
//!     let entry = holder.organization(&app, "org_…").await?;           // for what belongs to an organization
//!     let with_secrets = holder.may("read:client_keys");               // what changes only how much is shown
//! ```

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use vestibule_domain::application::Audience;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Actor, Authority, ProjectGrant};
use vestibule_domain::refusal::{Refusal, What};

use super::access;
use crate::caller::site::{self, Site};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Needs;
use crate::http::takes::Takes;
use crate::world::App;

/// The most bytes of a token.
const MOST_BYTES: usize = 32 * 1024;

/// An application whose token holds, and has the scopes that the endpoint states.
pub(crate) struct Holder {
    /// The project, and the origin by which it was asked.
    pub site: Site,
    scopes: Vec<String>,
    authority: Authority,
}

impl Holder {
    /// The project.
    pub(crate) const fn project(&self) -> &Project {
        &self.site.project
    }

    /// Who asks, and that they may do anything in the project: it is scopes that bound it.
    pub(crate) const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether the token has a scope, for what changes only how much is shown.
    pub(crate) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    /// A grant for what belongs to the project.
    ///
    /// # Errors
    /// Never for an application.
    pub(crate) fn grant<A>(&self) -> Result<ProjectGrant<A>, Failure> {
        Ok(self.authority.project()?)
    }
}

impl Takes for Holder {}

impl FromRequestParts<Arc<App>> for Holder {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(ctx) = Ctx::from_request_parts(parts, app).await;
        let held = held(app, &ctx, &parts.headers).await;
        if matches!(&held, Err(Failure::Refused(refusal)) if refusal.what == What::WrongCredentials) {
            app.limits.check_api_failure(ctx.ip)?;
        }
        let holder = held?;
        if let Some(allowance) = app.limits.check_api(holder.site.project.id, ctx.ip)? {
            // One request is counted once.
            let _first = ctx.allowance.set(allowance);
        }
        require(parts.extensions.get::<Needs>().copied(), &holder)?;
        Ok(holder)
    }
}

async fn held(app: &App, ctx: &Ctx, headers: &HeaderMap) -> Result<Holder, Failure> {
    let token = bearer(headers).ok_or(What::WrongCredentials)?;
    // Who asks at no project's address learns nothing of which there are.
    let site = site::asked(app, ctx).await.map_err(|failure| match failure {
        Failure::Refused(_) => What::WrongCredentials.into(),
        other => other,
    })?;
    let verified = access::verify(app, ctx, &site, token).await?;
    // What is granted now bounds what was granted then: an application that was removed, or lost its grant, has nothing.
    let granted =
        app.store.client_grant_at(site.project.id, &verified.client_id, &Audience::Management).await?;
    let granted = granted.ok_or(What::WrongCredentials)?;
    let mut scopes = verified.scopes;
    scopes.retain(|scope| granted.grant.scopes.contains(scope));
    let policy = app.policy(&site.project).await?;
    let actor = Actor::Application(granted.grant.application_id);
    let authority = Authority::of_project(site.project.id, actor, policy);
    Ok(Holder { site, scopes, authority })
}

/// RFC 6750 section 2.1.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= MOST_BYTES).then_some(token)
}

fn require(needs: Option<Needs>, holder: &Holder) -> Result<(), Failure> {
    let (scopes, enough) = match needs {
        Some(Needs::AnyScope(scopes)) => (scopes, scopes.iter().any(|scope| holder.may(scope))),
        Some(Needs::EveryScope(scopes)) => (scopes, scopes.iter().all(|scope| holder.may(scope))),
        _ => return Err(Failure::Internal("an endpoint reads a token and states no scopes".to_owned())),
    };
    if enough {
        return Ok(());
    }
    let of = if matches!(needs, Some(Needs::EveryScope(_))) { "all of" } else { "any of" };
    Err(Refusal::new(What::Forbidden)
        .because(format!("Insufficient scope, expected {of}: {}", scopes.join(", ")))
        .into())
}
