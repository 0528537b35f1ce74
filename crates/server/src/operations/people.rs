//! People as applications know them: a subject at a connection, whichever organizations they are members of.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use vestibule_domain::connection::{Connection, ConnectionName, Strategy};
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, MemberId, OrganizationId, ProjectId, RegistrationId};
use vestibule_domain::identity::{Arrivals, Arrived, Registration};
use vestibule_domain::member::{Member, MemberDraft, MemberStatus};
use vestibule_domain::profile::UserId;
use vestibule_domain::rbac::asks::{FindMember, SearchMembers};
use vestibule_domain::rbac::{Entry, Grant, ProjectGrant};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_store::tables::people::{Standing, Wanted};
use vestibule_store::tables::search::Cursor;
use vestibule_store::tables::{connections, members, organizations, registrations};

use super::events::Scene;
use super::meaning::meaning;
use super::members::require_unclaimed;
use super::organizations::Found;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// How far a search is counted.
const MOST_COUNTED: u32 = 10_000;

/// What a connection is called where its people are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Title {
    /// What it was made for.
    pub strategy: Strategy,
    /// Its name.
    pub name: ConnectionName,
}

impl Title {
    /// That of a connection.
    #[must_use]
    pub(crate) fn of(connection: &Connection) -> Self {
        Self { strategy: connection.strategy(), name: connection.name.clone() }
    }
}

/// Somebody, with what each of their organizations knows of them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The connection that they come through.
    pub connection: Connection,
    /// What is known of them; the home organization's first, and then the oldest.
    pub standings: Vec<Standing>,
}

impl Person {
    /// Whether they are a member of an organization.
    pub(crate) fn is_member_of(&self, organization: OrganizationId) -> bool {
        self.standings.iter().any(|one| one.member.organization_id == organization)
    }

    /// What is shown of them.
    ///
    /// # Errors
    /// Nobody knows them.
    pub(crate) fn shown(&self) -> Result<&Standing, Failure> {
        self.standings.first().ok_or(What::NotFound(Thing::Member).into())
    }
}

/// Somebody by their id.
///
/// # Errors
/// There is no such connection, or nobody has come through it as that.
pub(crate) async fn find(
    app: &App,
    grant: &ProjectGrant<FindMember>,
    home: OrganizationId,
    user: &UserId,
) -> Result<Person, Failure> {
    let nobody = || Failure::from(What::NotFound(Thing::Member));
    let project = grant.project_id();
    let connection = app.store.connection_named(&app.vault, project, &user.connection).await?;
    let connection = connection
        .filter(|connection| connection.borrowed().is_none() && user.is_through(connection))
        .ok_or_else(nobody)?;
    let mut standings = app.store.person(project, connection.id, &user.subject).await?;
    if standings.is_empty() {
        return Err(nobody());
    }
    standings.sort_by_key(|standing| standing.member.organization_id != home);
    let arrived: Vec<Arrived> = standings.iter().map(Standing::arrived).collect();
    for standing in &mut standings {
        count_in(standing, &arrived);
    }
    Ok(Person { connection, standings })
}

/// A page of people, each by the oldest of what is known of them.
///
/// # Errors
/// The project has searched as often as it may, or the store's.
pub(crate) async fn list(
    app: &App,
    grant: &ProjectGrant<FindMember>,
    wanted: &Wanted,
    counts: bool,
) -> Result<Found<(Arc<Connection>, Standing)>, Failure> {
    let project = grant.project_id();
    app.limits.check_search(project)?;
    let page = app.store.people(project, wanted).await?;
    let total = if counts { app.store.count_people(project, wanted, MOST_COUNTED).await? } else { 0 };
    let mut people = page.items;
    if !people.is_empty() {
        let arrived = app.store.arrived(project, &people).await?;
        people.iter_mut().for_each(|one| count_in(one, &arrived));
    }
    let items = sourced(app, project, people).await?;
    Ok(Found { items, total, next: page.next })
}

/// Whoever comes through several organizations is one person: what is shown of when they came counts all of it.
fn count_in(standing: &mut Standing, arrived: &[Arrived]) {
    let id = standing.registration.id;
    let is_other = |one: &&Arrived| {
        one.connection_id == standing.connection_id
            && one.external_id == standing.registration.external_id
            && one.id != id
    };
    let others: Vec<&Arrived> = arrived.iter().filter(is_other).collect();
    others.into_iter().for_each(|one| standing.registration.count_in(one));
}

/// A page of the members of an organization that have come through a connection, each by the oldest of their registrations.
///
/// # Errors
/// The store's.
pub(crate) async fn of_organization(
    app: &App,
    grant: &Grant<SearchMembers>,
    (after, skip, limit): (Option<Cursor>, u32, u32),
) -> Result<Found<(Arc<Connection>, Standing)>, Failure> {
    let page = app.store.people_in(grant.tenant(), after.as_ref(), skip, limit).await?;
    let total = app.store.count_people_in(grant.tenant()).await?;
    let items = sourced(app, grant.project_id(), page.items).await?;
    Ok(Found { items, total, next: page.next })
}

/// Makes somebody a member of an organization, who then comes in as one through the connection that they come through. It has to
/// be enabled there.
///
/// # Errors
/// It is not; another member has the address, or another organization its domain.
pub(crate) async fn join(app: &App, ctx: &Ctx, entry: Entry, person: &Person) -> Result<(), Failure> {
    let known = person.shown()?;
    let draft = MemberDraft {
        email_address: known.member.email.to_string(),
        name: known.member.name.clone(),
        ..MemberDraft::default()
    };
    let grant = entry.create_member(&draft)?;
    let tenant = grant.tenant();
    let leads_there = |one: &Connection| {
        one.id == person.connection.id
            || one.borrowed().is_some_and(|settings| settings.lent_id == person.connection.id)
    };
    let through = app.store.connections(&app.vault, tenant).await?.into_iter().find(leads_there);
    let through = through.ok_or_else(|| {
        Refusal::new(What::NotOffered)
            .because("The connection of the user is not enabled for the organization. Enable it there first.")
    })?;
    let id = MemberId::generate(grant.environment(), app.entropy.as_ref());
    let role_exists = |role: &str| grant.policy().has_role_in(grant.organization(), role);
    let member = Member::create(id, tenant, draft, role_exists, ctx.now)?;
    require_unclaimed(app, tenant, &member.email).await?;
    let registration = Registration {
        id: RegistrationId::generate(through.id.kind(), grant.environment(), app.entropy.as_ref()),
        organization_id: tenant.organization_id(),
        member_id: id,
        connection_id: through.id,
        said: None,
        created_at: ctx.now,
        // They have not come here yet.
        arrivals: Arrivals::default(),
        ..known.registration.clone()
    };
    let event = Scene::of(ctx, &grant)
        .event(app, EventKind::MemberCreated, Object::Member(id))
        .changed(Facts::default(), &member);
    let batch = event
        .acted()
        .with([members::insert(&member), registrations::insert(&registration)])
        .requires(organizations::stands(tenant))
        .requires([organizations::unclaimed(tenant, member.email.domain())])
        .requires([connections::stands(tenant, through.id)]);
    app.store.commit(batch).await.map_err(meaning)
}

/// Each with the connection that leads to their provider.
async fn sourced(
    app: &App,
    project: ProjectId,
    standings: Vec<Standing>,
) -> Result<Vec<(Arc<Connection>, Standing)>, Failure> {
    let ids: HashSet<ConnectionId> = standings.iter().map(|standing| standing.connection_id).collect();
    let ids: Vec<ConnectionId> = ids.into_iter().collect();
    let found = app.store.connection_summaries(project, &ids).await?;
    let sources: HashMap<ConnectionId, Arc<Connection>> =
        found.into_iter().map(|connection| (connection.id, Arc::new(connection))).collect();
    let with_source = |standing: Standing| {
        let source = sources.get(&standing.connection_id).cloned()?;
        (standing.member.status != MemberStatus::Deleted).then_some((source, standing))
    };
    Ok(standings.into_iter().filter_map(with_source).collect())
}
