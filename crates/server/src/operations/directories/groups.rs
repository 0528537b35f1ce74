//! What a directory does to its groups. A change says who comes and who goes, and nothing here looks at who else is there: a
//! group of fifty thousand changes as fast as one of five.

use serde_json::{Map, Value};
use vestibule_domain::directory::DirectoryGroup;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{DirectoryGroupId, DirectoryUserId};
use vestibule_domain::refusal::{Thing, What};
use vestibule_scim::filter::fold;
use vestibule_scim::patch::{GroupChange, MembersDelta};
use vestibule_scim::resource::{Group, GroupHead, Member, Shown};
use vestibule_scim::tolerance::Tolerances;
use vestibule_scim::{ScimRefusal, UnixMillis};
use vestibule_store::tables::directory_groups::{self, HeadChange};
use vestibule_store::{Batch, Write};

use super::desk::{Declined, Desk, Plan, Provisioner, tag};
use crate::failure::Failure;
use crate::operations::events::Draft;

/// Makes a group.
///
/// # Errors
/// A name that another group has, or members whom the directory does not have.
pub(crate) async fn create(
    desk: &Desk<'_>,
    group: &Group,
    tolerances: &Tolerances,
) -> Result<DirectoryGroup, Declined> {
    let (environment, now) = (desk.by.directory.id.environment(), desk.ctx.now);
    let id = DirectoryGroupId::generate_at(environment, now, desk.app.entropy.as_ref());
    let decide = move |by: Provisioner| async move {
        let made = DirectoryGroup {
            id,
            directory_id: by.directory.id,
            display_name: group.head.display_name.clone(),
            external_id: group.head.external_id.clone(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let insert = directory_groups::insert(by.directory.project_id, &made, &fold(&made.display_name));
        let members = group.members.iter().flatten();
        let members = members.map(|member| {
            directory_groups::add_member(&by.directory, id, &member.value, member.display.as_deref())
        });
        let told = event(desk, EventKind::DirectoryGroupCreated, &by, id)
            .with("display_name", made.display_name.as_str())
            .with("members_added", group.members.as_ref().map_or(0, Vec::len));
        let batch = Batch::from(insert).with(members).with([told.write()]);
        Ok::<_, Declined>(plan(batch, vec!["displayName".to_owned(), "members".to_owned()], made))
    };
    desk.keep(id, 201, tolerances, decide).await.map_err(nobody)
}

/// Changes a group.
///
/// # Errors
/// As for [`create`]; there is no such group, or another version of it than was wanted.
pub(crate) async fn change(
    desk: &Desk<'_>,
    id: &str,
    status: u16,
    change: &GroupChange,
    tolerances: &Tolerances,
) -> Result<(), Declined> {
    let id = parsed(id)?;
    let wanted = wanted(desk, id).await?;
    let decide = move |by: Provisioner| async move {
        let said = HeadChange {
            name: change.display_name.as_ref().map(|name| (fold(name), name.clone())),
            external_id: change.external_id.clone(),
        };
        let head = directory_groups::change(&by.directory, id, &said, wanted, desk.ctx.now);
        let members = &change.members;
        let mut told = event(desk, EventKind::DirectoryGroupUpdated, &by, id)
            .with("members_added", members.added().len())
            .with("members_removed", members.removed().len())
            .with("members_replaced", members.is_cleared());
        if let Some(name) = &change.display_name {
            told = told.with("display_name", name.as_str());
        }
        let batch = Batch::from(head).with(moves(&by, id, members)).with([told.write()]);
        Ok::<_, Declined>(plan(batch, changed(change), ()))
    };
    desk.keep(id, status, tolerances, decide).await.map_err(nobody)
}

/// Removes a group. Its people stay, and have what it gave no more.
///
/// # Errors
/// There is no such group, or another version of it than was wanted.
pub(crate) async fn delete(desk: &Desk<'_>, id: &str) -> Result<(), Declined> {
    let id = parsed(id)?;
    let wanted = wanted(desk, id).await?;
    let decide = move |by: Provisioner| async move {
        let told = event(desk, EventKind::DirectoryGroupDeleted, &by, id);
        let batch = Batch::from([directory_groups::delete(&by.directory, id, wanted), told.write()]);
        Ok::<_, Declined>(plan(batch, Vec::new(), ()))
    };
    desk.keep(id, 204, &Tolerances::none(), decide).await
}

/// A group without its members.
///
/// # Errors
/// There is no such group.
pub(crate) async fn get(desk: &Desk<'_>, id: &str) -> Result<DirectoryGroup, Declined> {
    let directory = &desk.by.directory;
    let found = desk.app.store.directory_group(directory.project_id, directory.id, parsed(id)?).await?;
    Ok(found.ok_or(What::NotFound(Thing::DirectoryGroup))?)
}

/// Who is in a group.
///
/// # Errors
/// The store's.
pub(crate) async fn members_of(desk: &Desk<'_>, id: DirectoryGroupId) -> Result<Vec<Member>, Declined> {
    let found = desk.app.store.directory_group_members(desk.by.directory.project_id, id).await?;
    let member = |(id, display): (DirectoryUserId, Option<String>)| Member { value: id.to_string(), display };
    Ok(found.into_iter().map(member).collect())
}

/// A group as it is shown, with its members if they are given.
#[must_use]
pub(crate) fn document(base: &str, group: &DirectoryGroup, members: Option<&[Member]>) -> Map<String, Value> {
    let id = group.id.to_string();
    let shown = Shown {
        id: &id,
        base,
        created: UnixMillis(group.created_at.millis()),
        last_modified: UnixMillis(group.updated_at.millis()),
        version: tag(group.version),
    };
    let head = GroupHead { display_name: group.display_name.clone(), external_id: group.external_id.clone() };
    head.document(&shown, members)
}

/// The writes of who comes and who goes, in the order of their ids: two requests about one group meet nowhere in a circle.
fn moves(by: &Provisioner, id: DirectoryGroupId, members: &MembersDelta) -> Vec<Write> {
    let project = by.directory.project_id;
    let all = members.is_cleared().then(|| directory_groups::clear(project, id));
    let gone = members.removed().map(|user| directory_groups::remove_member(project, id, user));
    let come =
        members.added().map(|(user, display)| directory_groups::add_member(&by.directory, id, user, display));
    all.into_iter().chain(gone).chain(come).collect()
}

fn changed(change: &GroupChange) -> Vec<String> {
    let said = [
        ("displayName", change.display_name.is_some()),
        ("externalId", change.external_id.is_some()),
        ("members", !change.members.is_empty()),
    ];
    said.into_iter().filter(|(_, is_said)| *is_said).map(|(path, _)| path.to_owned()).collect()
}

/// The version that the client wants, where it names one: what there is has to be it, now and when it is changed.
async fn wanted(desk: &Desk<'_>, id: DirectoryGroupId) -> Result<Option<i64>, Declined> {
    if desk.if_match.is_none() {
        return Ok(None);
    }
    let found = get(desk, &id.to_string()).await?;
    desk.require_version(found.version)?;
    Ok(Some(found.version))
}

fn parsed(id: &str) -> Result<DirectoryGroupId, Declined> {
    Ok(id.parse().map_err(|_| What::NotFound(Thing::DirectoryGroup))?)
}

fn plan<T>(batch: Batch, changed: Vec<String>, answer: T) -> Plan<T> {
    let tolerances = Tolerances::none();
    Plan { batch, changed, tolerances, member: None, locks_out: false, makes_member: false, answer }
}

fn event(desk: &Desk<'_>, kind: EventKind, by: &Provisioner, id: DirectoryGroupId) -> Draft {
    let told = desk.scene().event(desk.app, kind, Object::Directory(by.directory.id));
    told.with("directory_group_id", id.to_string())
}

/// Somebody who is to be in a group and whom the directory does not have is a value that cannot be, not an address that leads
/// nowhere.
fn nobody(declined: Declined) -> Declined {
    match declined {
        Declined::Failed(Failure::Refused(refusal))
            if refusal.what == What::NotFound(Thing::DirectoryUser) =>
        {
            Declined::Protocol(ScimRefusal::UnknownMember)
        }
        other => other,
    }
}
