//! What a directory does to its people. Each is read, decided about and saved as a whole, with its version named; the member
//! that the person is changes in the same batch.

use serde_json::{Map, Value};
use vestibule_domain::Time;
use vestibule_domain::directory::{Announced, DirectoryUser, MemberChange, depart, provision};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{DirectoryGroupId, DirectoryUserId};
use vestibule_domain::refusal::{Thing, What};
use vestibule_scim::filter::fold;
use vestibule_scim::resource::{Changed, GroupReference, Shown, User};
use vestibule_scim::tolerance::Tolerances;
use vestibule_scim::{ScimRefusal, UnixMillis};
use vestibule_store::tables::directory_users;
use vestibule_store::{Batch, Write};

use super::desk::{Declined, Desk, Plan, Provisioner, tag};
use super::mapping::{self, Said};
use super::person::{Person, addresses, found, member_writes};
use super::registering;

/// The groups that somebody is in, each with what it is called.
pub(crate) type Groups = Vec<(DirectoryGroupId, String)>;

/// Makes somebody.
///
/// # Errors
/// A name, an identifier or an address that somebody else has; an address in a domain of another organization.
pub(crate) async fn create(
    desk: &Desk<'_>,
    user: &User,
    tolerances: &Tolerances,
) -> Result<Person, Declined> {
    let environment = desk.by.directory.id.environment();
    let id = DirectoryUserId::generate_at(environment, desk.ctx.now, desk.app.entropy.as_ref());
    let decide = move |by: Provisioner| async move {
        let user = mapping::kept(&by.directory, user.clone());
        let said = Said::of(&by.directory, &user);
        let (known, held) = found(desk.app, &by, None, &said).await?;
        let (now, entropy) = (desk.ctx.now, desk.app.entropy.as_ref());
        let change = provision(&by.organization, id, &said.stated, known, now, entropy)?;
        let row = row(id, &user, &by, &change, now, None)?;
        let kept = directory_users::insert(&by.directory, &row, &addresses(&user, change.member()));
        let batch = kept
            .and(member_writes(desk, &by.directory, &change))
            .and(registering::writes(desk, &by, &Announced::default(), &said.announced, &change).await?)
            .with([event(desk, EventKind::DirectoryUserCreated, &by, &row, &[])])
            .requires(held);
        let plan = Plan {
            batch,
            changed: user.attributes().as_map().keys().cloned().collect(),
            tolerances: Tolerances::none(),
            member: row.member_id,
            locks_out: !row.active,
            makes_member: matches!(change, MemberChange::Created(_)),
            answer: Person { user, row },
        };
        Ok::<_, Declined>(plan)
    };
    desk.keep(id, 201, tolerances, decide).await
}

/// Changes somebody: `to` says what becomes of what there was.
///
/// # Errors
/// As for [`create`]; there is nobody of this id, another version is there than was wanted, or a member who is not the
/// directory's to remove.
pub(crate) async fn change(
    desk: &Desk<'_>,
    id: &str,
    tolerances: &Tolerances,
    to: impl Fn(&User) -> Result<Changed, ScimRefusal>,
) -> Result<Person, Declined> {
    let to = &to;
    let decide = move |by: Provisioner| async move {
        let before = find(desk, &by, id).await?;
        desk.require_version(before.row.version)?;
        let changed = mapping::kept_of_change(&by.directory, &before.user, to(&before.user)?);
        let Changed { user, changes, tolerances } = changed;
        let said = Said::of(&by.directory, &user);
        let (known, held) = found(desk.app, &by, Some(&before), &said).await?;
        let (now, entropy) = (desk.ctx.now, desk.app.entropy.as_ref());
        let change = provision(&by.organization, before.row.id, &said.stated, known, now, entropy)?;
        let earlier = Said::of(&by.directory, &before.user).announced;
        let registered = registering::writes(desk, &by, &earlier, &said.announced, &change).await?;
        let paths: Vec<String> = changes.into_iter().map(|change| change.path).collect();
        let is_same = matches!(change, MemberChange::Same(_) | MemberChange::Nobody);
        let stays = paths.is_empty() && is_same && registered.is_empty();
        if stays {
            return Ok(unchanged(before, tolerances));
        }
        let row = row(before.row.id, &user, &by, &change, now, Some(&before.row))?;
        let kept = directory_users::update(
            &by.directory,
            &row,
            &addresses(&user, change.member()),
            before.row.version,
        );
        let batch = kept
            .and(member_writes(desk, &by.directory, &change))
            .and(registered)
            .with([event(desk, EventKind::DirectoryUserUpdated, &by, &row, &paths)])
            .requires(held);
        Ok::<_, Declined>(Plan {
            batch,
            changed: paths,
            tolerances,
            member: row.member_id,
            locks_out: !row.active && before.row.is_active(),
            makes_member: matches!(change, MemberChange::Created(_)),
            answer: Person { user, row },
        })
    };
    desk.keep(id, 200, tolerances, decide).await
}

/// Nothing but the trace is kept of a request that asks for what there is.
fn unchanged(before: Person, tolerances: Tolerances) -> Plan<Person> {
    Plan {
        batch: Batch::new(),
        changed: Vec::new(),
        tolerances,
        member: before.row.member_id,
        locks_out: false,
        makes_member: false,
        answer: before,
    }
}

/// Removes somebody: the member is deleted, and does not come back by a sign-in alone.
///
/// # Errors
/// As for [`change`].
pub(crate) async fn delete(desk: &Desk<'_>, id: &str) -> Result<(), Declined> {
    let decide = move |by: Provisioner| async move {
        let person = find(desk, &by, id).await?;
        desk.require_version(person.row.version)?;
        let member = match person.row.member_id {
            Some(id) => desk.app.store.member_of(by.organization.tenant(), id).await?,
            None => None,
        };
        let change = match &member {
            Some(member) => depart(member, desk.ctx.now)?,
            None => MemberChange::Nobody,
        };
        let over = match &member {
            Some(member) if change.ends() => registering::ended(desk.app, &by, member).await?,
            _ => Batch::new(),
        };
        let batch = Batch::from(directory_users::delete(&by.directory, &person.row))
            .and(member_writes(desk, &by.directory, &change))
            .and(over)
            .with([event(desk, EventKind::DirectoryUserDeleted, &by, &person.row, &[])]);
        Ok::<_, Declined>(Plan {
            batch,
            changed: Vec::new(),
            tolerances: Tolerances::none(),
            member: person.row.member_id,
            locks_out: true,
            makes_member: false,
            answer: (),
        })
    };
    desk.keep(id, 204, &Tolerances::none(), decide).await
}

/// Somebody, with the groups that they are in.
///
/// # Errors
/// There is nobody of this id.
pub(crate) async fn get(desk: &Desk<'_>, id: &str) -> Result<Person, Declined> {
    find(desk, desk.by, id).await
}

/// The groups that somebody is in.
///
/// # Errors
/// The store's.
pub(crate) async fn groups_of(desk: &Desk<'_>, person: &Person) -> Result<Groups, Declined> {
    let project = desk.by.directory.project_id;
    let found = desk.app.store.directory_groups_of(project, &[person.row.id]).await?;
    Ok(found.into_iter().map(|(_, group, name)| (group, name)).collect())
}

/// Somebody as they are shown, whole.
#[must_use]
pub(crate) fn document(base: &str, person: &Person, groups: &Groups) -> Map<String, Value> {
    let ids: Vec<String> = groups.iter().map(|(id, _)| id.to_string()).collect();
    let references: Vec<GroupReference<'_>> =
        ids.iter().zip(groups).map(|(id, (_, display))| GroupReference { id, display }).collect();
    let id = person.row.id.to_string();
    let shown = Shown {
        id: &id,
        base,
        created: UnixMillis(person.row.created_at.millis()),
        last_modified: UnixMillis(person.row.updated_at.millis()),
        version: tag(person.row.version),
    };
    person.user.document(&shown, &references)
}

async fn find(desk: &Desk<'_>, by: &Provisioner, id: &str) -> Result<Person, Declined> {
    let missing = || Declined::from(What::NotFound(Thing::DirectoryUser));
    let id: DirectoryUserId = id.parse().map_err(|_| missing())?;
    let directory = &by.directory;
    let row = desk.app.store.directory_user(directory.project_id, directory.id, id).await?;
    Person::kept(row.ok_or_else(missing)?)
}

fn row(
    id: DirectoryUserId,
    user: &User,
    by: &Provisioner,
    change: &MemberChange,
    now: Time,
    before: Option<&DirectoryUser>,
) -> Result<DirectoryUser, Declined> {
    let attributes = serde_json::to_string(user.attributes().as_map())
        .map_err(|error| crate::failure::Failure::Internal(format!("a user has no JSON form: {error}")))?;
    Ok(DirectoryUser {
        id,
        directory_id: by.directory.id,
        member_id: change.member().map(|member| member.id),
        user_name: fold(user.user_name()),
        external_id: user.external_id().map(str::to_owned),
        active: user.is_active(),
        member_status: change.member().map(|member| member.status),
        attributes,
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
        version: before.map_or(1, |before| before.version + 1),
    })
}

/// What is told of it: which attributes changed, and not to what. Who may read the trail may read the member.
fn event(
    desk: &Desk<'_>,
    kind: EventKind,
    by: &Provisioner,
    row: &DirectoryUser,
    changed: &[String],
) -> Write {
    let told = desk
        .scene()
        .event(desk.app, kind, Object::Directory(by.directory.id))
        .with("directory_user_id", row.id.to_string())
        .with("changed", changed.to_vec());
    match row.member_id {
        Some(member) => told.with("member_id", member.to_string()).write(),
        None => told.write(),
    }
}
