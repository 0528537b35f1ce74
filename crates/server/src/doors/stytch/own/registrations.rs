//! The bonds between members and subjects at connections, for the project to see, release and relink
//! (`docs/compatibility.md`).

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::Member;
use vestibule_domain::rbac::{Entry, Grant};
use vestibule_domain::refusal::{Thing, What};

use crate::doors::stytch::caller::Here;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path};
use crate::operations::{members, registrations};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/organizations/{organization_id}/members/{member_id}/registrations";
    let one = format!("{all}/{{registration_id}}");
    Endpoints::new().get(all, Needs::ProjectAloneIn, list).put(&one, Needs::ProjectAloneIn, relink).delete(
        &one,
        Needs::ProjectAloneIn,
        release,
    )
}

#[derive(Deserialize)]
struct MemberPath {
    member_id: String,
}

#[derive(Deserialize)]
struct RegistrationPath {
    member_id: String,
    registration_id: String,
}

#[derive(Serialize)]
struct RegistrationOut {
    registration_id: String,
    connection_id: String,
    external_id: String,
    /// Who calls the member so; empty when the connection could not be read.
    issuer: String,
    created_at: String,
    last_login_at: String,
}

impl From<Registration> for RegistrationOut {
    fn from(registration: Registration) -> Self {
        Self {
            registration_id: registration.id.to_string(),
            connection_id: registration.connection_id.to_string(),
            external_id: registration.external_id,
            issuer: registration.key.issuer,
            created_at: registration.created_at.to_string(),
            last_login_at: registration.last_login_at.to_string(),
        }
    }
}

#[derive(Serialize)]
struct ListOut {
    registrations: Vec<RegistrationOut>,
}

#[derive(Serialize)]
struct OneOut {
    registration: RegistrationOut,
}

/// The member of the path, and the right to do `A` with their registrations.
async fn located<A>(app: &App, entry: Entry, member_id: &str) -> Result<(Member, Grant<A>), Failure> {
    entry.require_project()?;
    let member = members::find(app, &entry, member_id).await?;
    Ok((member, entry.project_grant()?))
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<ListOut> {
    let (member, grant) = located(&app, entry, &path.member_id).await?;
    let found = registrations::list(&app, &grant, member.id).await?;
    ok(&ctx, ListOut { registrations: found.into_iter().map(RegistrationOut::from).collect() })
}

#[derive(Deserialize)]
struct RelinkIn {
    external_id: Option<String>,
}

async fn relink(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<RegistrationPath>,
    Input(body): Input<RelinkIn>,
) -> Answer<OneOut> {
    let (member, grant) = located(&app, entry, &path.member_id).await?;
    let id = path.registration_id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Registration)))?;
    let subject = body.external_id.unwrap_or_default();
    let registration = registrations::relink(&app, &ctx, &grant, member.id, id, &subject).await?;
    ok(&ctx, OneOut { registration: registration.into() })
}

async fn release(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<RegistrationPath>,
) -> Answer<OneOut> {
    let (member, grant) = located(&app, entry, &path.member_id).await?;
    let id = path.registration_id.parse().map_err(|_| Failure::from(What::NotFound(Thing::Registration)))?;
    let registration = registrations::release(&app, &ctx, &grant, member.id, id).await?;
    ok(&ctx, OneOut { registration: registration.into() })
}
