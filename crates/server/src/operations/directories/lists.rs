//! Lists of people and groups. What an index answers is found by it; everything else is looked at one by one, up to a bound
//! and as often as a project may search. The filter is asked of whatever was found: an index only says where to look.

use std::collections::HashMap;

use serde_json::{Map, Value};
use vestibule_domain::Time;
use vestibule_domain::directory::{DirectoryGroup, DirectoryUser};
use vestibule_domain::id::{DirectoryGroupId, DirectoryUserId};
use vestibule_scim::ScimRefusal;
use vestibule_scim::filter::{Filter, Key, Lookup, Term};
use vestibule_scim::page::Page;
use vestibule_scim::query::Query;
use vestibule_scim::resource::Member;
use vestibule_scim::schema::ResourceType;
use vestibule_store::tables::directory_groups::GroupTerm;
use vestibule_store::tables::directory_users::UserTerm;

use super::desk::{Declined, Desk};
use super::person::Person;
use super::users::Groups;
use super::{groups, users};

/// The most resources that are looked at one by one.
const LOOKED_AT: usize = 20_000;
/// Those that are read at once.
const AT_ONCE: u32 = 500;
/// The most resources that share an indexed value: an address, a member.
const SHARING: u32 = 1_000;
/// The most members of groups on one page. The page ends before the group that is one too many, unless it is the first.
const MEMBERS: usize = 100_000;

/// A page, and how many there are in all.
pub(crate) type Listed = (u64, Vec<Map<String, Value>>);

/// Where to look.
enum Where<T> {
    /// Everywhere.
    Everywhere,
    /// At what an index gives.
    Index(Vec<T>),
    /// At each.
    Each,
}

/// People of the directory, with the attributes that are asked for.
///
/// # Errors
/// A filter for which there is too much to look at, or too many searches.
pub(crate) async fn users(desk: &Desk<'_>, query: &Query) -> Result<Listed, Declined> {
    let (kind, page) = (ResourceType::User, query.page);
    let directory = &desk.by.directory;
    let (project, id, store) = (directory.project_id, directory.id, &desk.app.store);
    let shows_groups = query.projection.wants("groups", kind);
    let (total, found) = match place(query.filter.as_ref(), user_term) {
        Where::Everywhere => {
            let total = store.count_directory_users(project, id).await?;
            let rows = store.directory_users(project, id, None, page.offset(), wanted(page)).await?;
            (total, with_groups(desk, rows, shows_groups).await?)
        }
        Where::Index(terms) => {
            let rows = store.directory_users_by(project, id, &terms, SHARING).await?;
            let looked_at = with_groups(desk, rows, true).await?;
            let mut part = Part::of(page);
            part.take(looked_at, |(person, groups)| matches(desk, query, person, groups));
            part.ended()
        }
        Where::Each => {
            desk.app.limits.check_search(project)?;
            let (mut part, mut after, mut seen) = (Part::of(page), None, 0);
            let by_groups = query.filter.as_ref().is_some_and(|filter| filter.looks_at("groups"));
            loop {
                let rows = store.directory_users(project, id, after, 0, AT_ONCE).await?;
                seen += rows.len();
                let last = is_whole(&rows).then(|| rows.last().map(|row| (row.created_at, row.id)));
                let looked_at = with_groups(desk, rows, shows_groups || by_groups).await?;
                part.take(looked_at, |(person, groups)| matches(desk, query, person, groups));
                after = within(seen, last.flatten())?;
                if after.is_none() {
                    break part.ended();
                }
            }
        }
    };
    let shown = found
        .iter()
        .map(|(person, groups)| query.projection.apply(users::document(desk.base, person, groups), kind));
    Ok((total, shown.collect()))
}

/// Groups of the directory, with the attributes that are asked for.
///
/// # Errors
/// As for [`users`].
pub(crate) async fn groups(desk: &Desk<'_>, query: &Query) -> Result<Listed, Declined> {
    let (kind, page) = (ResourceType::Group, query.page);
    let directory = &desk.by.directory;
    let (project, id, store) = (directory.project_id, directory.id, &desk.app.store);
    let fits = |group: &DirectoryGroup| {
        let document = groups::document(desk.base, group, None);
        query.filter.as_ref().is_none_or(|filter| filter.matches(&document))
    };
    let (total, found) = match place(query.filter.as_ref(), group_term) {
        Where::Everywhere => {
            let total = store.count_directory_groups(project, id).await?;
            (total, store.directory_groups(project, id, None, page.offset(), wanted(page)).await?)
        }
        Where::Index(terms) => {
            let rows = store.directory_groups_by(project, id, &terms, SHARING).await?;
            let mut part = Part::of(page);
            let by_members = query.filter.as_ref().is_some_and(|filter| filter.looks_at("members"));
            // Who is in a group was asked of the index; of the rest nothing may look at members again.
            match (by_members, rest(query.filter.as_ref())) {
                (false, _) => part.take(rows, fits),
                (true, None) => part.take(rows, |_| true),
                (true, Some(rest)) if rest.looks_at("members") => return Err(too_broad()),
                (true, Some(rest)) => {
                    part.take(rows, |group| rest.matches(&groups::document(desk.base, group, None)));
                }
            }
            part.ended()
        }
        Where::Each => {
            desk.app.limits.check_search(project)?;
            if query.filter.as_ref().is_some_and(|filter| filter.looks_at("members")) {
                return Err(too_broad());
            }
            let (mut part, mut after, mut seen) = (Part::of(page), None, 0);
            loop {
                let rows = store.directory_groups(project, id, after, 0, AT_ONCE).await?;
                seen += rows.len();
                let last = is_whole(&rows).then(|| rows.last().map(|row| (row.created_at, row.id)));
                part.take(rows, fits);
                after = within(seen, last.flatten())?;
                if after.is_none() {
                    break part.ended();
                }
            }
        }
    };
    let with_members = query.projection.wants("members", kind);
    let mut members = if with_members { members(desk, &found).await? } else { HashMap::new() };
    let mut shown = Vec::with_capacity(found.len());
    for group in &found {
        let inside = members.remove(&group.id);
        if with_members && inside.is_none() {
            break;
        }
        let document = groups::document(desk.base, group, inside.as_deref());
        shown.push(query.projection.apply(document, kind));
    }
    Ok((total, shown))
}

/// The members of the groups of a page, as many groups as there is room for.
async fn members(
    desk: &Desk<'_>,
    page: &[DirectoryGroup],
) -> Result<HashMap<DirectoryGroupId, Vec<Member>>, Declined> {
    let ids: Vec<DirectoryGroupId> = page.iter().map(|group| group.id).collect();
    let project = desk.by.directory.project_id;
    let sizes = desk.app.store.directory_group_sizes(project, &ids).await?;
    let (mut members, mut all) = (HashMap::new(), 0);
    for id in ids {
        all += sizes.get(&id).copied().unwrap_or_default();
        if all > MEMBERS && !members.is_empty() {
            break;
        }
        members.insert(id, groups::members_of(desk, id).await?);
    }
    Ok(members)
}

/// The part of a list that is a page: rows that fit are counted, and those of the page are kept.
struct Part<T> {
    page: Page,
    found: u64,
    kept: Vec<T>,
}

impl<T> Part<T> {
    const fn of(page: Page) -> Self {
        Self { page, found: 0, kept: Vec::new() }
    }

    fn take(&mut self, rows: Vec<T>, fits: impl Fn(&T) -> bool) {
        for row in rows.into_iter().filter(|row| fits(row)) {
            if self.found >= self.page.offset() && self.kept.len() < self.page.count {
                self.kept.push(row);
            }
            self.found += 1;
        }
    }

    fn ended(self) -> (u64, Vec<T>) {
        (self.found, self.kept)
    }
}

fn wanted(page: Page) -> u32 {
    u32::try_from(page.count).unwrap_or(u32::MAX)
}

fn is_whole<T>(rows: &[T]) -> bool {
    u32::try_from(rows.len()).is_ok_and(|count| count >= AT_ONCE)
}

/// Where to look on, if that is not too much.
fn within<T>(seen: usize, next: Option<(Time, T)>) -> Result<Option<(Time, T)>, Declined> {
    if next.is_some() && seen >= LOOKED_AT { Err(too_broad()) } else { Ok(next) }
}

fn too_broad() -> Declined {
    ScimRefusal::TooBroad { limit: LOOKED_AT }.into()
}

fn matches(desk: &Desk<'_>, query: &Query, person: &Person, groups: &Groups) -> bool {
    query.filter.as_ref().is_none_or(|filter| filter.matches(&users::document(desk.base, person, groups)))
}

async fn with_groups(
    desk: &Desk<'_>,
    rows: Vec<DirectoryUser>,
    wanted: bool,
) -> Result<Vec<(Person, Groups)>, Declined> {
    let ids: Vec<DirectoryUserId> = if wanted { rows.iter().map(|row| row.id).collect() } else { Vec::new() };
    let project = desk.by.directory.project_id;
    let mut groups: HashMap<DirectoryUserId, Groups> = HashMap::new();
    for (user, group, name) in desk.app.store.directory_groups_of(project, &ids).await? {
        groups.entry(user).or_default().push((group, name));
    }
    rows.into_iter()
        .map(|row| {
            let inside = groups.remove(&row.id).unwrap_or_default();
            Ok((Person::kept(row)?, inside))
        })
        .collect()
}

fn place<T>(filter: Option<&Filter>, term: fn(&Term) -> Option<T>) -> Where<T> {
    match Lookup::of(filter.cloned()) {
        Lookup::Everything => Where::Everywhere,
        Lookup::Scan(_) => Where::Each,
        Lookup::Terms { terms, .. } => {
            let known: Vec<T> = terms.iter().filter_map(term).collect();
            if known.is_empty() { Where::Each } else { Where::Index(known) }
        }
    }
}

/// What of a filter no index answers.
fn rest(filter: Option<&Filter>) -> Option<Filter> {
    match Lookup::of(filter.cloned()) {
        Lookup::Terms { rest, .. } => rest,
        Lookup::Scan(filter) => Some(filter),
        Lookup::Everything => None,
    }
}

fn user_term(term: &Term) -> Option<UserTerm> {
    let value = term.value.clone();
    match term.key {
        Key::Id => Some(UserTerm::Id(value)),
        Key::ExternalId => Some(UserTerm::ExternalId(value)),
        Key::UserName => Some(UserTerm::UserName(value)),
        Key::Email => Some(UserTerm::Address(value)),
        Key::DisplayName | Key::Member => None,
    }
}

fn group_term(term: &Term) -> Option<GroupTerm> {
    let value = term.value.clone();
    match term.key {
        Key::Id => Some(GroupTerm::Id(value)),
        Key::ExternalId => Some(GroupTerm::ExternalId(value)),
        Key::DisplayName => Some(GroupTerm::Name(value)),
        Key::Member => Some(GroupTerm::Member(value)),
        Key::UserName | Key::Email => None,
    }
}
