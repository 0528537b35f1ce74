//! A person as a directory has them, and what is known here of whom it speaks.

use std::collections::BTreeSet;

use vestibule_domain::directory::{Directory, DirectoryUser, Found, Holder, MemberChange};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::vouching::DomainOwner;
use vestibule_scim::filter::fold;
use vestibule_scim::resource::User;
use vestibule_store::tables::{members, organizations, retired_emails};
use vestibule_store::{Batch, Hold};

use super::desk::{Declined, Desk, Provisioner};
use super::mapping::Said;
use super::registering;
use crate::failure::Failure;
use crate::operations::members::ended;
use crate::world::App;

/// A person as a directory has them: the row, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The row.
    pub row: DirectoryUser,
    /// All that the directory says. Whether the person is active is what became of the member.
    pub user: User,
}

impl Person {
    /// Reads what is kept.
    ///
    /// # Errors
    /// The row cannot be read.
    pub(crate) fn kept(row: DirectoryUser) -> Result<Self, Declined> {
        let user = User::kept(row.attributes.as_bytes()).map_err(|refusal| {
            Failure::Unreadable(format!("the directory user {} cannot be read: {refusal}", row.id))
        })?;
        Ok(Self { user: user.with_active(row.is_active()), row })
    }
}

/// Every address by which the person could come: those that the directory says, and the member's own.
pub(super) fn addresses(user: &User, member: Option<&Member>) -> Vec<String> {
    let named = user.emails().map(|entry| entry.value).chain([user.user_name()]);
    let mut all: BTreeSet<String> = user.emails().map(|entry| fold(entry.value)).collect();
    all.extend(named.filter_map(|text| EmailAddress::parse(text).ok()).map(String::from));
    all.extend(member.map(|member| member.email.as_str().to_owned()));
    all.into_iter().collect()
}

/// What is known of whom a directory speaks, and what has to be so still when it is kept.
pub(super) async fn found(
    app: &App,
    by: &Provisioner,
    before: Option<&Person>,
    said: &Said,
) -> Result<(Found, Vec<Hold>), Failure> {
    let (organization, stated) = (&by.organization, &said.stated);
    let tenant = organization.tenant();
    let member = match before.and_then(|person| person.row.member_id) {
        Some(id) => app.store.member_of(tenant, id).await?,
        None => None,
    };
    let earlier = before.map(|person| Said::of(&by.directory, &person.user).stated);
    let is_new = |email: &&EmailAddress| match &member {
        Some(member) if member.status == MemberStatus::Deleted => stated.active,
        Some(member) => {
            member.email != **email && earlier.as_ref().and_then(|said| said.email.as_ref()) != Some(*email)
        }
        None => stated.active,
    };
    let Some(email) = stated.email.as_ref().filter(is_new) else {
        return Ok((Found { earlier, member, ..Found::default() }, Vec::new()));
    };
    let by_subject = match &member {
        Some(_) => None,
        None => registering::member(app, by, &said.announced).await?,
    };
    let holder = match by_subject {
        Some(holder) => Some(holder),
        None => app.store.member_by_email(tenant, email).await?,
    };
    let holder = match holder {
        Some(member) => Some(Holder {
            is_provisioned: app.store.is_provisioned(tenant.project_id(), member.id).await?,
            is_anothers: is_anothers(app, by, &member).await?,
            member,
        }),
        None => None,
    };
    let claimed = app.store.organization_claiming(tenant.project_id(), email.domain()).await?;
    let (domain, held) = match claimed {
        Some(id) if id == organization.id => (DomainOwner::Ours, Vec::new()),
        Some(_) => (DomainOwner::Another, Vec::new()),
        None => (DomainOwner::Nobody, vec![organizations::unclaimed(tenant, email.domain())]),
    };
    Ok((Found { earlier, member, holder, domain }, held))
}

/// Whether a member comes through another customer's connection: the home organization has those of many.
async fn is_anothers(app: &App, by: &Provisioner, member: &Member) -> Result<bool, Failure> {
    let Some(own) = by.directory.connection_id.filter(|_| by.organization.is_home) else { return Ok(false) };
    let there = app.store.registrations(by.directory.project_id, member.id).await?;
    Ok(!there.is_empty() && there.iter().all(|one| one.connection_id != own))
}

/// What keeps the change of a member: who is locked out is signed out in the same batch.
pub(super) fn member_writes(desk: &Desk<'_>, directory: &Directory, change: &MemberChange) -> Batch {
    let event = |kind, before: Facts, after: &Member| {
        let told = desk.scene().event(desk.app, kind, Object::Member(after.id)).changed(before, after);
        told.with("directory_id", directory.id.to_string()).write()
    };
    match change {
        MemberChange::Nobody | MemberChange::Same(_) => Batch::new(),
        MemberChange::Created(member) => {
            Batch::from([members::insert(member), event(EventKind::MemberCreated, Facts::default(), member)])
        }
        MemberChange::Changed { before, after } => {
            let kind = match (change.ends(), change.brings_back()) {
                (true, _) => EventKind::MemberDeleted,
                (_, true) => EventKind::MemberReactivated,
                _ => EventKind::MemberUpdated,
            };
            let over = change.ends().then(|| ended(after.tenant(), after.id));
            Batch::from([members::update(after, before.version)])
                .and(retired_emails::moved(before, after))
                .with(over.into_iter().flatten())
                .with([event(kind, Facts::from(before.as_ref()), after)])
        }
    }
}
