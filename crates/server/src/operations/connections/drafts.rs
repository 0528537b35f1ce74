//! Connections that are set up by steps: made switched off, so that nobody signs in through what is half done, and switched on by
//! an act of its own.

use vestibule_domain::connection::{CommonPatch, Connection, ConnectionName, MAX_CONNECTIONS, ProviderLabel};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::setup_link::{Made, SetupLink, SetupProtocol, Step};
use vestibule_store::Batch;

use super::{change_one, draft, full, insertion, saml_keys};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::operations::setup_links::held;
use crate::world::App;

/// What a draft is to become.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    /// How it speaks with the provider.
    pub protocol: SetupProtocol,
    /// The guide by which it is set up.
    pub guide: &'a str,
    /// What the product is called.
    pub name: &'a str,
    /// The label of connections to it.
    pub label: ProviderLabel,
}

/// Makes a draft with a link, which remembers it. Both are kept, or neither.
///
/// # Errors
/// The link may make none, or the organization has as many connections as it may have.
pub(crate) async fn begin(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateConnection>,
    link: &SetupLink,
    chosen: Chosen<'_>,
) -> Result<Connection, Failure> {
    link.check_may_make()?;
    let new = draft(app, grant.organization(), chosen.protocol.kind(), chosen.name, chosen.label);
    let made = match chosen.protocol {
        SetupProtocol::Saml => {
            let key = saml_keys::new_signing_key(app, grant.tenant(), new.id, ctx.now).await?;
            Connection::new_saml(&new, key, ctx.now)?
        }
        SetupProtocol::Oidc => Connection::new_oidc(&new, ctx.now)?,
    };
    let mut made = made.named(ConnectionName::derived(chosen.name, app.entropy.as_ref()));
    made.common.is_switched_off = true;
    let (project, id) = (link.project_id, link.id);
    let load = async || {
        let found = app.store.setup_link(project, id).await?;
        Ok(found.ok_or(What::NotFound(Thing::SetupLink))?)
    };
    let kept = change(app, id, load, |link: &mut SetupLink| {
        link.made(Made { id: made.id, guide: chosen.guide.to_owned() })?;
        let told = held::noted(app, ctx, link, Step::ProviderChosen, Some(made.id));
        let kept = insertion(app, ctx, grant, &made, MAX_CONNECTIONS)?;
        Ok(Decision::save(kept.and(Batch::from(told))))
    });
    kept.await.map_err(|failure| full(failure, MAX_CONNECTIONS))?;
    Ok(made)
}

/// Switches a connection on, if nothing is missing.
///
/// # Errors
/// There is no such connection, or settings are missing.
pub(crate) async fn switch_on(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeConnection>,
    id: ConnectionId,
) -> Result<Connection, Failure> {
    change_one(app, grant, id, |connection| {
        let missing = connection.missing();
        if !missing.is_empty() {
            let why = format!("Missing: {}.", missing.join(", "));
            return Err(Refusal::new(What::ConnectionNotActive).because(why).into());
        }
        if !connection.common.is_switched_off {
            return Ok(Decision::Leave(()));
        }
        let before = connection.clone();
        let patch = CommonPatch { is_switched_off: Patch::Set(false), ..CommonPatch::default() };
        connection.apply_common(patch, app.url_policy(), ctx.now)?;
        let told = Scene::of(ctx, grant)
            .event(app, EventKind::ConnectionUpdated, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::save(told.acted()))
    })
    .await
}
