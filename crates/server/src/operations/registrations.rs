//! Registrations: which subject at which connection is which member, and the way back when that is not so any more. Only
//! the project may see and change them: whoever can relink one decides who a member is.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{MemberId, RegistrationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeRegistrations, ReadRegistrations};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_store::StoreError;
use vestibule_store::tables::{connections, members, registrations};

use super::change::{Patience, is_race};
use super::connections::choice;
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The registrations of a member, the oldest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &Grant<ReadRegistrations>,
    member: MemberId,
) -> Result<Vec<Registration>, Failure> {
    let all = app.store.registrations(grant.project_id(), member).await?;
    Ok(all.into_iter().filter(|one| one.organization_id == grant.tenant().organization_id()).collect())
}

/// Takes a registration away: its sessions end, and whoever comes through the connection next with the member's address
/// is the member, by the rules for those whom nobody has registered.
///
/// # Errors
/// There is none.
pub(crate) async fn release(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeRegistrations>,
    member: MemberId,
    id: RegistrationId,
) -> Result<Registration, Failure> {
    let registration = load(app, grant, member, id).await?;
    let event = Scene::of(ctx, grant)
        .event(app, EventKind::RegistrationReleased, Object::Member(member))
        .with("registration_id", id.to_string())
        .with("connection_id", registration.connection_id.to_string())
        .with("external_id", registration.external_id.as_str());
    let batch = event.acted().and(registrations::release(&registration));
    app.store.commit(batch).await.map_err(gone)?;
    Ok(registration)
}

/// Lets a registration lead to another subject of the issuer that its connection leads to now. Sessions of the old one end.
///
/// # Errors
/// There is none; a text that is no subject, or that another registration of the connection has.
pub(crate) async fn relink(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeRegistrations>,
    member: MemberId,
    id: RegistrationId,
    subject: &str,
) -> Result<Registration, Failure> {
    let mut patience = Patience::default();
    loop {
        let mut registration = load(app, grant, member, id).await?;
        let (tenant, connection) = (grant.tenant(), registration.connection_id);
        let found = app.store.connection_of(&app.vault, tenant, connection).await?;
        let way = choice::way(app, found.ok_or(What::NotFound(Thing::Connection))?).await?;
        let route = way.route();
        let before = registration.external_id.clone();
        registration.relink(route, subject)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::RegistrationRelinked, Object::Member(member))
            .with("registration_id", id.to_string())
            .with("connection_id", connection.to_string())
            .with("before", before)
            .with("after", registration.external_id.as_str());
        let batch = registrations::relink(&registration)
            .and(event.acted())
            .requires(connections::as_loaded(route))
            .requires([members::stands(tenant, member)]);
        match app.store.commit(batch).await {
            Ok(()) => return Ok(registration),
            Err(error) if error.is_unique(registrations::SUBJECT) => {
                return Err(Refusal::new(What::Invalid(Field::Setting))
                    .found("an external_id that another registration of the connection has")
                    .because("Release that registration first.")
                    .into());
            }
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(gone(error)),
        }
    }
}

fn gone(error: StoreError) -> Failure {
    if error.is_guard(registrations::EXISTS) {
        return What::NotFound(Thing::Registration).into();
    }
    meaning(error)
}

async fn load(
    app: &App,
    grant: &Grant<ChangeRegistrations>,
    member: MemberId,
    id: RegistrationId,
) -> Result<Registration, Failure> {
    let all = app.store.registrations(grant.project_id(), member).await?;
    let here = grant.tenant().organization_id();
    let found = all.into_iter().find(|one| one.id == id && one.organization_id == here);
    Ok(found.ok_or(What::NotFound(Thing::Registration))?)
}
