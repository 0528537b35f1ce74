//! Directories: a customer's own list of people, which provisions members by SCIM. Here is how one is connected, changed and
//! disconnected; [`desk`] is who provisions, [`users`], [`groups`] and [`lists`] are what it asks for.

pub(crate) mod desk;
pub(crate) mod groups;
pub(crate) mod home;
pub(crate) mod lists;
mod mapping;
pub(crate) mod person;
mod registering;
pub(crate) mod traces;
pub(crate) mod users;
pub(crate) mod uses;

use vestibule_domain::Tenant;
use vestibule_domain::directory::{
    Directory, DirectoryGroup, DirectoryGroupRole, DirectoryPatch, NewToken, Scope, TokenForm,
    checked_group_roles,
};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::{ConnectionId, DirectoryGroupId, DirectoryId};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::asks::{
    ChangeDirectory, CreateDirectory, DeleteDirectory, ReadAllConnections, ReadDirectory,
};
use vestibule_domain::rbac::{Grant, Policy, ProjectGrant};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::{Span, Time};
use vestibule_store::Batch;
use vestibule_store::tables::{directories, organizations};

use super::change::{Aggregate, Decision, change};
use super::events::Scene;
use super::meaning::meaning;
use super::organizations::naming_roles;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A directory with the roles that its groups give, each with what the group is called.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryView {
    /// The directory.
    pub directory: Directory,
    /// The roles.
    pub group_roles: Vec<(DirectoryGroupRole, String)>,
}

/// Where a directory is: of an organization, or of one of its connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The organization.
    pub tenant: Tenant,
    /// The connection.
    pub connection: Option<ConnectionId>,
}

impl Aggregate for Directory {
    fn version(&self) -> i64 {
        self.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, vestibule_store::StoreError> {
        Ok(directories::update(self, loaded).into())
    }
}

/// Connects a directory. What is given of a token is shown this once.
///
/// # Errors
/// There is one already, or a value that cannot be taken.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateDirectory>,
    patch: DirectoryPatch,
) -> Result<(Directory, NewToken), Failure> {
    let token = NewToken::generate(TokenForm::Letters, ctx.now, app.entropy.as_ref());
    let place = Place { tenant: grant.tenant(), connection: None };
    let directory = connect(app, ctx, &Scene::of(ctx, grant), place, patch, Some(&token)).await?;
    Ok((directory, token))
}

/// Connects a directory of a place, with a token or without one.
///
/// # Errors
/// As for [`create`].
pub(crate) async fn connect(
    app: &App,
    ctx: &Ctx,
    scene: &Scene,
    place: Place,
    patch: DirectoryPatch,
    token: Option<&NewToken>,
) -> Result<Directory, Failure> {
    let entropy = app.entropy.as_ref();
    patch.mapping.value().map(mapping::check).transpose()?;
    let mut made = Directory::create(place.tenant, place.connection, patch, ctx.now, entropy)?;
    if let Some(token) = token {
        made.add_token(token.record.clone(), ctx.now)?;
    }
    let told = scene
        .event(app, EventKind::DirectoryCreated, Object::Directory(made.id))
        .changed(Facts::default(), &made);
    let batch = told.acted().with(directories::insert(&made)).requires(organizations::stands(place.tenant));
    app.store.commit(batch).await.map_err(meaning)?;
    Ok(made)
}

/// The directory of an organization, if it has one.
///
/// # Errors
/// The store's.
pub(crate) async fn get(app: &App, grant: &Grant<ReadDirectory>) -> Result<Option<DirectoryView>, Failure> {
    let found = app.store.directory_at(grant.tenant(), None).await?;
    match found {
        Some(directory) => view(app, directory).await.map(Some),
        None => Ok(None),
    }
}

/// A directory with the roles that its groups give.
///
/// # Errors
/// The store's.
pub(crate) async fn view(app: &App, directory: Directory) -> Result<DirectoryView, Failure> {
    let group_roles = app.store.directory_group_roles(directory.project_id, directory.id).await?;
    Ok(DirectoryView { directory, group_roles })
}

/// Changes what is given; `group_roles` replaces all that its groups give.
///
/// # Errors
/// There is none, a value that cannot be taken, a role that there is not, or a group that it does not have.
pub(crate) async fn update(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
    patch: DirectoryPatch,
    group_roles: Option<Vec<DirectoryGroupRole>>,
) -> Result<DirectoryView, Failure> {
    patch.mapping.value().map(mapping::check).transpose()?;
    let roles = group_roles.map(checked_group_roles).transpose()?;
    check_roles(grant.policy(), grant.organization(), roles.as_deref().unwrap_or_default())?;
    let scene = Scene::of(ctx, grant);
    let load = || load(app, grant.tenant(), id);
    let (directory, ()) = change(app, id, load, |directory: &mut Directory| {
        let before = directory.clone();
        directory.apply(patch.clone(), ctx.now)?;
        let mut told = scene
            .event(app, EventKind::DirectoryUpdated, Object::Directory(id))
            .changed(&before, &*directory);
        if let Some(roles) = &roles {
            told = told.with("group_roles", named(roles));
        }
        let given = roles.as_ref().map(|roles| directories::set_roles(directory, roles));
        Ok(Decision::save(told.acted().with(given.into_iter().flatten())))
    })
    .await?;
    view(app, directory).await
}

fn named(roles: &[DirectoryGroupRole]) -> Vec<String> {
    roles.iter().map(|role| format!("{} to {}", role.role_id, role.group_id)).collect()
}

fn check_roles(
    policy: &Policy,
    organization: &Organization,
    roles: &[DirectoryGroupRole],
) -> Result<(), Refusal> {
    let unknown = roles.iter().find(|role| !policy.has_role_in(organization, &role.role_id));
    match unknown {
        Some(role) => {
            let refusal = Refusal::new(What::UnknownRole).found(format!("{:?}", role.role_id));
            Err(naming_roles(policy, organization, refusal))
        }
        None => Ok(()),
    }
}

/// Disconnects a directory: its token is good for nothing from now on, and its groups give nothing. Its members stay.
///
/// # Errors
/// There is none.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeleteDirectory>,
    id: DirectoryId,
) -> Result<(), Failure> {
    disconnect(app, ctx, &Scene::of(ctx, grant), || load(app, grant.tenant(), id), id).await
}

/// Disconnects the directory that `load` gives.
///
/// # Errors
/// As for [`delete`].
pub(crate) async fn disconnect<L>(
    app: &App,
    ctx: &Ctx,
    scene: &Scene,
    load: impl FnMut() -> L,
    row: impl std::fmt::Display,
) -> Result<(), Failure>
where
    L: Future<Output = Result<Directory, Failure>>,
{
    change(app, row, load, |directory: &mut Directory| {
        let told = scene.event(app, EventKind::DirectoryDeleted, Object::Directory(directory.id));
        let told = told.with("display_name", directory.display_name.as_str());
        Ok(Decision::SaveOthers(told.acted().with(directories::delete(directory, ctx.now)), ()))
    })
    .await
    .map(drop)
}

/// Gives a directory another token beside the one in use.
///
/// # Errors
/// There is no such directory, or it has another one already.
pub(crate) async fn start_rotation(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Result<(DirectoryView, NewToken), Failure> {
    let token = NewToken::generate(TokenForm::Letters, ctx.now, app.entropy.as_ref());
    let scene = Scene::of(ctx, grant);
    let load = || load(app, grant.tenant(), id);
    let directory = give_token(app, ctx, &scene, load, id, &token).await?;
    Ok((view(app, directory).await?, token))
}

/// Gives the directory that `load` gives another token.
///
/// # Errors
/// As for [`start_rotation`].
pub(crate) async fn give_token<L>(
    app: &App,
    ctx: &Ctx,
    scene: &Scene,
    load: impl FnMut() -> L,
    row: impl std::fmt::Display,
    token: &NewToken,
) -> Result<Directory, Failure>
where
    L: Future<Output = Result<Directory, Failure>>,
{
    let kind = EventKind::DirectoryTokenCreated;
    tokens_changed(app, scene, load, row, &kind, |directory| {
        directory.add_token(token.record.clone(), ctx.now)
    })
    .await
}

/// Ends the token in use: the other one takes its place.
///
/// # Errors
/// There is no such directory, or no other token.
pub(crate) async fn complete_rotation(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Result<DirectoryView, Failure> {
    rotated(app, ctx, grant, id, |directory| directory.complete_rotation(ctx.now)).await
}

/// Ends the token that was to take the place of the one in use.
///
/// # Errors
/// As for [`complete_rotation`].
pub(crate) async fn cancel_rotation(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
) -> Result<DirectoryView, Failure> {
    rotated(app, ctx, grant, id, |directory| directory.cancel_rotation(ctx.now)).await
}

async fn rotated(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDirectory>,
    id: DirectoryId,
    decide: impl Fn(&mut Directory) -> Result<(), Refusal>,
) -> Result<DirectoryView, Failure> {
    let scene = Scene::of(ctx, grant);
    let load = || load(app, grant.tenant(), id);
    let directory = revoke_token(app, &scene, load, id, decide).await?;
    view(app, directory).await
}

/// Takes a token from the directory that `load` gives: which one is what `decide` says.
///
/// # Errors
/// What `load` and `decide` refuse.
pub(crate) async fn revoke_token<L>(
    app: &App,
    scene: &Scene,
    load: impl FnMut() -> L,
    row: impl std::fmt::Display,
    decide: impl Fn(&mut Directory) -> Result<(), Refusal>,
) -> Result<Directory, Failure>
where
    L: Future<Output = Result<Directory, Failure>>,
{
    tokens_changed(app, scene, load, row, &EventKind::DirectoryTokenRevoked, decide).await
}

async fn tokens_changed<L>(
    app: &App,
    scene: &Scene,
    load: impl FnMut() -> L,
    row: impl std::fmt::Display,
    kind: &EventKind,
    decide: impl Fn(&mut Directory) -> Result<(), Refusal>,
) -> Result<Directory, Failure>
where
    L: Future<Output = Result<Directory, Failure>>,
{
    let (directory, ()) = change(app, row, load, |directory: &mut Directory| {
        let before = directory.clone();
        decide(directory)?;
        let told =
            scene.event(app, kind.clone(), Object::Directory(directory.id)).changed(&before, &*directory);
        Ok(Decision::save(told.acted()))
    })
    .await?;
    Ok(directory)
}

/// A page of the groups of a directory, the oldest first, and behind which there are more.
///
/// # Errors
/// There is no such directory.
pub(crate) async fn groups_of(
    app: &App,
    grant: &Grant<ReadDirectory>,
    id: DirectoryId,
    after: Option<(Time, DirectoryGroupId)>,
    most: u32,
) -> Result<(Vec<DirectoryGroup>, Option<(Time, DirectoryGroupId)>), Failure> {
    let directory = load(app, grant.tenant(), id).await?;
    let mut found =
        app.store.directory_groups(directory.project_id, directory.id, after, 0, most + 1).await?;
    let is_whole = found.len() > usize::try_from(most).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| is_whole).map(|group| (group.created_at, group.id));
    Ok((found, next))
}

/// A page of the directories of a project's connections, the oldest first, and behind which there are more.
///
/// # Errors
/// The store's.
pub(crate) async fn of_connections(
    app: &App,
    grant: &ProjectGrant<ReadAllConnections>,
    after: Option<(Time, DirectoryId)>,
    most: u32,
) -> Result<(Vec<Directory>, Option<(Time, DirectoryId)>), Failure> {
    let mut found = app.store.directories_of_connections(grant.project_id(), after, most + 1).await?;
    let is_whole = found.len() > usize::try_from(most).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| is_whole).map(|last| (last.created_at, last.id));
    Ok((found, next))
}

/// The directory of a place.
///
/// # Errors
/// There is none.
pub(crate) async fn at(app: &App, place: Place) -> Result<Directory, Failure> {
    let found = app.store.directory_at(place.tenant, place.connection).await?;
    Ok(found.ok_or(What::NotFound(Thing::Directory))?)
}

/// When the tokens of a directory were last used, give or take some minutes.
///
/// # Errors
/// The store's.
pub(crate) async fn token_uses(
    app: &App,
    directory: &Directory,
) -> Result<Vec<(TokenHash, Option<Time>)>, Failure> {
    Ok(app.store.directory_token_uses(directory.project_id, directory.id).await?)
}

/// The token that somebody asks for: what it lets its holder do, and how long.
#[must_use]
pub(crate) fn limited_token(
    form: TokenForm,
    scopes: Vec<Scope>,
    lifetime: Option<Span>,
    now: Time,
    app: &App,
) -> NewToken {
    let mut token = NewToken::generate(form, now, app.entropy.as_ref());
    token.record.scopes = scopes;
    token.record.ends_at = lifetime.map(|lifetime| now.plus(lifetime));
    token
}

/// Refuses whom a directory of the organization has removed or locked out: they come back when the directory says so, or
/// somebody adds them by hand.
///
/// # Errors
/// [`What::RemovedByDirectory`].
pub(crate) async fn require_not_locked_out(
    app: &App,
    tenant: Tenant,
    address: &EmailAddress,
) -> Result<(), Failure> {
    if app.store.is_locked_out(tenant, address.as_str(), None).await? {
        return Err(What::RemovedByDirectory.into());
    }
    Ok(())
}

async fn load(app: &App, tenant: Tenant, id: DirectoryId) -> Result<Directory, Failure> {
    Ok(app.store.directory(tenant, id).await?.ok_or(What::NotFound(Thing::Directory))?)
}
