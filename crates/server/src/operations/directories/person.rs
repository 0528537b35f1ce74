//! What a directory says of a person, as far as it concerns the member; and what is known here of whom it speaks.

use std::collections::BTreeSet;

use vestibule_domain::directory::{Directory, DirectoryUser, Found, Holder, MemberChange, Stated};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::organization::Organization;
use vestibule_domain::vouching::DomainOwner;
use vestibule_scim::filter::fold;
use vestibule_scim::resource::User;
use vestibule_store::tables::{members, organizations, retired_emails};
use vestibule_store::{Batch, Hold};

use super::desk::{Declined, Desk};
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

/// What a directory says of a person, as far as it concerns the member. A name in the directory that is an address counts as
/// one when there is no other.
pub(super) fn stated(user: &User) -> Stated {
    let address = user.email().and_then(|text| EmailAddress::parse(text).ok());
    let email = address.or_else(|| EmailAddress::parse(user.user_name()).ok());
    Stated { email, name: name(user), active: user.is_active() }
}

fn name(user: &User) -> String {
    let parts = user.name();
    let said = user.display_name().or(parts.formatted).map(str::to_owned);
    said.unwrap_or_else(|| {
        let both: Vec<&str> = [parts.given, parts.family].into_iter().flatten().collect();
        both.join(" ")
    })
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
    organization: &Organization,
    before: Option<&Person>,
    stated: &Stated,
) -> Result<(Found, Vec<Hold>), Failure> {
    let tenant = organization.tenant();
    let member = match before.and_then(|person| person.row.member_id) {
        Some(id) => app.store.member_of(tenant, id).await?,
        None => None,
    };
    let earlier = before.map(|person| super::person::stated(&person.user));
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
    let holder = match app.store.member_by_email(tenant, email).await? {
        Some(holder) => {
            let is_provisioned = app.store.is_provisioned(tenant.project_id(), holder.id).await?;
            Some(Holder { member: holder, is_provisioned })
        }
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
