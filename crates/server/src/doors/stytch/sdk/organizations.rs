//! The organization of whoever is signed in, and what anybody may know of one whose address they have.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::rbac::Action::{DeleteOrganization, ReadMemberApplications};
use vestibule_domain::rbac::asks;

use super::caller::{Granted, SignedIn, Visitor};
use super::{Answer, Sdk};
use crate::doors::stytch::backend::connected_apps;
use crate::doors::stytch::backend::organizations::{Body, RemovedOut, update};
use crate::doors::stytch::ok;
use crate::doors::stytch::wire::PublicOrganizationOut;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::{organizations, views};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let (all, me) = ("/sdk/v1/b2b/organizations", "/sdk/v1/b2b/organizations/me");
    let apps = Needs::Right(ReadMemberApplications);
    Endpoints::new()
        .get(me, Needs::Session, show)
        .put(me, Needs::RightsOfFields, update::<Sdk>)
        .delete(me, Needs::Right(DeleteOrganization), remove)
        .post(&format!("{all}/search"), Needs::Project, by_slug)
        .get(&format!("{all}/connected_apps"), apps, connected_apps::of_organization::<Sdk>)
        .get(&format!("{all}/connected_apps/{{connected_app_id}}"), apps, connected_apps::one::<Sdk>)
}

async fn show(ctx: Ctx, who: SignedIn) -> Answer<Body> {
    ok(&ctx, Body::from(&who.view.organization))
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: Granted<asks::DeleteOrganization>,
) -> Answer<RemovedOut> {
    let grant = granted.into();
    organizations::delete(&app, &ctx, &grant).await?;
    ok(&ctx, RemovedOut { organization_id: grant.organization().id })
}

#[derive(Deserialize)]
struct SlugIn {
    organization_slug: Option<String>,
}

#[derive(Serialize)]
struct FoundOut {
    organization: Option<PublicOrganizationOut>,
}

/// By its slug alone: an id or a name that the project gave it is no public address.
async fn by_slug(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<SlugIn>,
) -> Answer<FoundOut> {
    let slug = required(body.organization_slug, "organization_slug")?;
    let found = app.store.organization(visitor.project.id, &slug).await?;
    let organization = match found.filter(|organization| organization.slug.eq_ignore_ascii_case(&slug)) {
        Some(organization) => {
            Some(PublicOrganizationOut::from(&views::organization(&app, organization).await?))
        }
        None => None,
    };
    ok(&ctx, FoundOut { organization })
}
