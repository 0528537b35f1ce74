//! People of a directory that belongs to a connection, as those who sign in through it: the registration by which a sign-in finds
//! the member is made when the directory says who it will be, and whoever is locked out has none left, wherever it was.

use vestibule_domain::connection::Route;
use vestibule_domain::directory::{Announced, MemberChange, Registering, announce};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::identity::Subject;
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::session::SsoProtocol;
use vestibule_store::Batch;
use vestibule_store::tables::{connections, registrations};

use super::desk::{Declined, Desk, Provisioner};
use crate::failure::Failure;
use crate::world::App;

/// The member who has signed in as the subject that a directory names. Of SAML a name alone says too little.
pub(super) async fn member(app: &App, by: &Provisioner, said: &Announced) -> Result<Option<Member>, Failure> {
    let (Some(id), Some(subject)) = (by.directory.connection_id, &said.subject) else { return Ok(None) };
    let tenant = by.directory.tenant();
    let Some(connection) = app.store.connection_of(&app.vault, tenant, id).await? else { return Ok(None) };
    if Route::own(&connection).is_none_or(|route| route.protocol() != SsoProtocol::Oidc) {
        return Ok(None);
    }
    let subject = Subject::oidc(connection.provider(), subject.clone());
    let found = app.store.registered_member(tenant, id, &subject).await?;
    Ok(found.map(|(_, member)| member).filter(|member| member.status != MemberStatus::Deleted))
}

/// What keeps the registration of somebody of whom a directory has spoken, who said something `earlier`.
///
/// # Errors
/// A subject that is none.
pub(super) async fn writes(
    desk: &Desk<'_>,
    by: &Provisioner,
    earlier: &Announced,
    said: &Announced,
    change: &MemberChange,
) -> Result<Batch, Declined> {
    let Some(member) = change.member() else { return Ok(Batch::new()) };
    if change.ends() {
        return ended(desk.app, by, member).await;
    }
    let (Some(id), false) = (by.directory.connection_id, member.status == MemberStatus::Deleted) else {
        return Ok(Batch::new());
    };
    if by.directory.mapping.is_none() {
        return Ok(Batch::new());
    }
    let found = desk.app.store.connection_of(&desk.app.vault, by.directory.tenant(), id).await?;
    let Some(connection) = found else { return Ok(Batch::new()) };
    let Some(route) = Route::own(&connection) else { return Ok(Batch::new()) };
    let there = desk.app.store.registrations(member.project_id, member.id).await?;
    let (now, entropy) = (desk.ctx.now, desk.app.entropy.as_ref());
    let was = there.iter().find(|one| one.connection_id == id).map(|one| one.external_id.clone());
    let batch = match announce(route, member, there, earlier, said, now, entropy)? {
        Registering::Nothing => return Ok(Batch::new()),
        Registering::New(made) => Batch::from(registrations::insert(&made)),
        Registering::Attributes(changed) => Batch::from(registrations::set_attributes(&changed)),
        Registering::Moved(changed) => {
            let told = desk
                .scene()
                .event(desk.app, EventKind::RegistrationRelinked, Object::Member(member.id))
                .with("registration_id", changed.id.to_string())
                .with("connection_id", id.to_string())
                .with("before", was.unwrap_or_default())
                .with("after", changed.external_id.as_str());
            registrations::relink(&changed).with([registrations::set_attributes(&changed), told.write()])
        }
    };
    Ok(batch.requires(connections::as_loaded(route)))
}

/// What ends the ways in of somebody who is locked out: in organizations that borrow the connection they came by it too.
///
/// # Errors
/// The store's.
pub(super) async fn ended(app: &App, by: &Provisioner, member: &Member) -> Result<Batch, Declined> {
    let Some(connection) = by.directory.connection_id else { return Ok(Batch::new()) };
    let project = by.directory.project_id;
    let there = app.store.registrations(project, member.id).await?;
    let mut batch = Batch::new();
    for own in there.iter().filter(|one| one.connection_id == connection) {
        for standing in app.store.person(project, connection, &own.external_id).await? {
            if standing.member.id != member.id {
                batch = batch.and(registrations::release(&standing.registration));
            }
        }
    }
    Ok(batch)
}
