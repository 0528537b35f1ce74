//! Links into the set-up portal: made, listed and taken back by the project; opened and used by whoever holds one.

pub(crate) mod codes;
pub(crate) mod held;

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{OrganizationId, ProjectId, SetupLinkId};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::asks::{ChangeSetupLinks, ReadSetupLinks};
use vestibule_domain::rbac::{Grant, ProjectGrant};
use vestibule_domain::redirect::parse_redirect;
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::setup_link::{
    EMBED_LIFETIME, SetupLink, SetupLinkStatus, SetupProtocol, Terms, TermsDraft, embed_origin,
};
use vestibule_domain::time::Span;
use vestibule_store::tables::search::{Cursor, Page};
use vestibule_store::tables::setup_links::{self, Wanted};

use super::change::{Decision, change};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;
use crate::world::provider_guides::guides;

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What may be done.
    pub terms: TermsDraft,
    /// For how many minutes it may be opened.
    pub expires_in_minutes: Option<i64>,
}

/// Makes a link for an organization. The token is in no other answer.
///
/// # Errors
/// Terms that cannot be taken, a connection, a provider or an address that is not there, or there are as many links as there may
/// be.
pub(crate) async fn create(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    grant: &Grant<ChangeSetupLinks>,
    asked: Asked,
) -> Result<(SetupLink, Token), Failure> {
    let tenant = grant.tenant();
    let Asked { mut terms, expires_in_minutes } = asked;
    let lifetime = if terms.embed_origin.is_empty() {
        TermsDraft::lifetime(expires_in_minutes)?
    } else {
        terms.embed_origin = embed_origin(&terms.embed_origin, app.loopback_policy(project.environment()))?;
        check_at_once(expires_in_minutes)?
    };
    let terms = terms.read()?;
    check_known(app, project, grant, &terms).await?;
    let token = Token::generate(app.entropy.as_ref());
    let chance = (ctx.now, app.entropy.as_ref());
    let link = SetupLink::create(tenant, (terms, lifetime), &token, grant.actor().clone(), chance);
    let intents: Vec<&str> = link.terms.intents.iter().map(|intent| intent.as_str()).collect();
    let told = Scene::of(ctx, grant)
        .event(app, EventKind::SetupLinkCreated, Object::SetupLink(link.id))
        .with("intents", intents)
        .with("expires_at", link.expires_at.to_string());
    let batch = told.acted().with([setup_links::insert(&link)]).requires(setup_links::room(tenant));
    app.store.commit(batch).await.map_err(meaning)?;
    Ok((link, token))
}

/// A link that is put into a frame lives as long as that takes.
fn check_at_once(asked: Option<i64>) -> Result<Span, Failure> {
    let Some(minutes) = asked else { return Ok(EMBED_LIFETIME) };
    Err(Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{minutes} in expires_in_minutes beside embed_origin"))
        .expected("none: such a link is good for one minute")
        .into())
}

/// Whether what the terms name is there.
async fn check_known(
    app: &App,
    project: &Project,
    grant: &Grant<ChangeSetupLinks>,
    terms: &Terms,
) -> Result<(), Failure> {
    if let Some(id) = terms.connection_id {
        let found = app.store.connection_of(&app.vault, grant.tenant(), id).await?;
        let found = found.ok_or(What::NotFound(Thing::Connection))?;
        if SetupProtocol::of(found.id.kind()).is_none() {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .found(format!("the borrowed connection {id} in connection_id"))
                .expected("a SAML or an OpenID Connect connection of the organization")
                .into());
        }
    }
    if let Some(unknown) = terms.identity_providers.iter().find(|id| guides().provider(id).is_none()) {
        let known: Vec<&str> = guides().providers.iter().map(|provider| provider.id.as_str()).collect();
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{unknown:?} in identity_providers"))
            .expected(format!("one of {}", known.join(", ")))
            .into());
    }
    for url in [&terms.return_url, &terms.success_url].into_iter().filter(|url| !url.is_empty()) {
        check_registered(app, project, url).await?;
    }
    Ok(())
}

/// Whether an address is one of the project's own: any that it has registered, whatever it is for.
async fn check_registered(app: &App, project: &Project, asked: &str) -> Result<(), Failure> {
    let url = parse_redirect(asked, app.loopback_policy(project.environment()))?.to_string();
    let known = app.store.redirect_urls(project.id).await?;
    if known.iter().any(|known| known.url == url) {
        return Ok(());
    }
    Err(Refusal::new(What::RedirectNotRegistered)
        .because(format!("{url} is not among the project's redirect URLs of any kind."))
        .into())
}

/// A part of the project's links, the newest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ReadSetupLinks>,
    (organization, status): (Option<OrganizationId>, Option<SetupLinkStatus>),
    (before, limit): (Option<&Cursor>, u32),
) -> Result<Page<SetupLink>, Failure> {
    let wanted = Wanted { organization, status };
    Ok(app.store.setup_links(grant.project_id(), wanted, (before, limit, ctx.now)).await?)
}

/// One link of the project.
///
/// # Errors
/// There is none.
pub(crate) async fn get(
    app: &App,
    grant: &ProjectGrant<ReadSetupLinks>,
    id: SetupLinkId,
) -> Result<SetupLink, Failure> {
    find(app, grant.project_id(), id).await
}

/// Takes a link back, and ends what was begun with it at once.
///
/// # Errors
/// There is none.
pub(crate) async fn revoke(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeSetupLinks>,
    id: SetupLinkId,
) -> Result<SetupLink, Failure> {
    let project = grant.project_id();
    let (link, ()) = change(
        app,
        id,
        || find(app, project, id),
        |link: &mut SetupLink| {
            if !link.revoke(ctx.now) {
                return Ok(Decision::Leave(()));
            }
            let told = Scene::proved(ctx, link.tenant(), grant.actor().clone()).event(
                app,
                EventKind::SetupLinkRevoked,
                Object::SetupLink(id),
            );
            let mut writes = vec![told.write()];
            // Each request looks at the link besides. A page in a frame is told that it is over, which nobody could be without its session.
            if !link.terms.is_embedded() {
                writes.push(setup_links::end_sessions(project, id));
            }
            Ok(Decision::save(writes))
        },
    )
    .await?;
    Ok(link)
}

pub(super) async fn find(app: &App, project: ProjectId, id: SetupLinkId) -> Result<SetupLink, Failure> {
    Ok(app.store.setup_link(project, id).await?.ok_or(What::NotFound(Thing::SetupLink))?)
}
