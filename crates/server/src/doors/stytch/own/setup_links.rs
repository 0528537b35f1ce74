//! Links into the set-up portal, for the project to make, watch and take back (`docs/compatibility.md`, ADR 50).
//!
//! `POST /v1/vestibule/setup_links`, `GET` of all and of one, `POST /v1/vestibule/setup_links/{setup_link_id}/revoke`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{ConnectionId, SetupLinkId};
use vestibule_domain::rbac::asks::{ChangeSetupLinks, ReadSetupLinks};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::setup_link::{SetupLink, SetupLinkStatus, TermsDraft};
use vestibule_domain::spelled::one_of;
use vestibule_domain::time::Time;

use super::traces::paged;
use crate::doors::stytch::caller::{ByProject, Caller};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Params, Path, required};
use crate::operations::setup_links::{self, Asked};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/setup_links";
    let one = format!("{all}/{{setup_link_id}}");
    Endpoints::new()
        .get(&format!("{all}?organization_id"), Needs::ProjectAlone, list)
        .post(all, Needs::ProjectAlone, create)
        .get(&one, Needs::ProjectAlone, get)
        .post(&format!("{one}/revoke"), Needs::ProjectAlone, revoke)
}

#[derive(Deserialize)]
struct CreateIn {
    organization_id: Option<String>,
    intents: Option<Vec<String>>,
    connection_id: Option<String>,
    protocols: Option<Vec<String>>,
    identity_providers: Option<Vec<String>>,
    required_attributes: Option<Vec<String>>,
    optional_attributes: Option<Vec<String>>,
    domain_verification: Option<String>,
    pending_domains: Option<Vec<String>>,
    require_test: Option<String>,
    can_enable: Option<bool>,
    expires_in_minutes: Option<i64>,
    session_minutes: Option<i64>,
    reopen: Option<bool>,
    contacts: Option<Vec<String>>,
    return_url: Option<String>,
    success_url: Option<String>,
    locale: Option<String>,
    embed_origin: Option<String>,
}

impl CreateIn {
    fn asked(self) -> Result<Asked, Failure> {
        let connection = self.connection_id.filter(|id| !id.is_empty()).map(|id| id.parse::<ConnectionId>());
        let connection =
            connection.transpose().map_err(|_| Failure::from(What::NotFound(Thing::Connection)))?;
        let terms = TermsDraft {
            intents: required(self.intents, "intents")?,
            connection_id: connection,
            protocols: self.protocols.unwrap_or_default(),
            identity_providers: self.identity_providers.unwrap_or_default(),
            required_attributes: self.required_attributes,
            optional_attributes: self.optional_attributes.unwrap_or_default(),
            domain_verification: self.domain_verification,
            pending_domains: self.pending_domains.unwrap_or_default(),
            require_test: self.require_test,
            can_enable: self.can_enable,
            session_minutes: self.session_minutes,
            reopen: self.reopen.unwrap_or_default(),
            contacts: self.contacts.unwrap_or_default(),
            return_url: self.return_url.unwrap_or_default(),
            success_url: self.success_url.unwrap_or_default(),
            locale: self.locale.unwrap_or_default(),
            embed_origin: self.embed_origin.unwrap_or_default(),
        };
        Ok(Asked { terms, expires_in_minutes: self.expires_in_minutes })
    }
}

#[derive(Serialize)]
struct SetupLinkOut {
    setup_link_id: String,
    organization_id: String,
    status: &'static str,
    intents: Vec<&'static str>,
    connection_id: Option<String>,
    protocols: Vec<&'static str>,
    identity_providers: Vec<String>,
    required_attributes: Vec<String>,
    optional_attributes: Vec<String>,
    domain_verification: &'static str,
    pending_domains: Vec<String>,
    require_test: &'static str,
    can_enable: bool,
    session_minutes: i64,
    reopen: bool,
    contacts: Vec<String>,
    return_url: String,
    success_url: String,
    locale: String,
    embed_origin: String,
    created_by: String,
    created_at: String,
    expires_at: String,
    opened_at: Option<String>,
    opened_from: Option<OpenedOut>,
    completed_at: Option<String>,
    revoked_at: Option<String>,
    last_activity_at: Option<String>,
    connection_ids: Vec<String>,
    progress: Vec<ProgressOut>,
}

#[derive(Serialize)]
struct OpenedOut {
    ip_address: String,
    user_agent: String,
    contact: Option<String>,
}

#[derive(Serialize)]
struct ProgressOut {
    step: &'static str,
    connection_id: Option<String>,
    at: String,
}

impl SetupLinkOut {
    fn of(link: &SetupLink, now: Time) -> Self {
        let shown = |at: Option<Time>| at.map(|at| at.to_string());
        let terms = &link.terms;
        let opened = link.opened.as_ref();
        Self {
            setup_link_id: link.id.to_string(),
            organization_id: link.organization_id.to_string(),
            status: link.status(now).as_str(),
            intents: terms.intents.iter().map(|intent| intent.as_str()).collect(),
            connection_id: terms.connection_id.map(|id| id.to_string()),
            protocols: terms.protocols.iter().map(|protocol| protocol.as_str()).collect(),
            identity_providers: terms.identity_providers.clone(),
            required_attributes: terms.required_attributes.clone(),
            optional_attributes: terms.optional_attributes.clone(),
            domain_verification: terms.domain_verification.as_str(),
            pending_domains: terms.pending_domains.iter().map(ToString::to_string).collect(),
            require_test: terms.require_test.as_str(),
            can_enable: terms.can_enable,
            session_minutes: terms.session_minutes,
            reopen: terms.reopen,
            contacts: terms.contacts.iter().map(|contact| contact.as_str().to_owned()).collect(),
            return_url: terms.return_url.clone(),
            success_url: terms.success_url.clone(),
            locale: terms.locale.clone(),
            embed_origin: terms.embed_origin.clone(),
            created_by: link.created_by.to_string(),
            created_at: link.created_at.to_string(),
            expires_at: link.expires_at.to_string(),
            opened_at: shown(opened.map(|opened| opened.at)),
            opened_from: opened.map(|opened| OpenedOut {
                ip_address: opened.ip_address.clone(),
                user_agent: opened.user_agent.clone(),
                contact: opened.contact.clone(),
            }),
            completed_at: shown(link.completed_at),
            revoked_at: shown(link.revoked_at),
            last_activity_at: shown(link.last_activity_at),
            connection_ids: link.connections.iter().map(|made| made.id.to_string()).collect(),
            progress: link
                .progress
                .iter()
                .map(|done| ProgressOut {
                    step: done.step.as_str(),
                    connection_id: done.connection_id.map(|id| id.to_string()),
                    at: done.at.to_string(),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct OneOut {
    setup_link: SetupLinkOut,
}

/// The only answer that ever shows the address.
#[derive(Serialize)]
struct MadeOut {
    setup_link: SetupLinkOut,
    url: String,
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<CreateIn>,
) -> Answer<MadeOut> {
    caller.project_grant::<ChangeSetupLinks>()?;
    let organization = required(body.organization_id.as_deref(), "organization_id")?.to_owned();
    let asked = body.asked()?;
    let grant = caller.enter(&app, &organization).await?.project_grant()?;
    let (link, token) = setup_links::create(&app, &ctx, &caller.project, &grant, asked).await?;
    let url = app.setup_url(token.expose());
    ok(&ctx, MadeOut { setup_link: SetupLinkOut::of(&link, ctx.now), url })
}

#[derive(Deserialize)]
struct ListParams {
    organization_id: Option<String>,
    status: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct ListOut {
    setup_links: Vec<SetupLinkOut>,
    next_cursor: Option<String>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadSetupLinks>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Answer<ListOut> {
    let organization = match params.organization_id.as_deref().filter(|id| !id.is_empty()) {
        Some(locator) => Some(caller.enter(&app, locator).await?.organization().id),
        None => None,
    };
    let status = params.status.as_deref().filter(|status| !status.is_empty());
    let status = status.map(|status| one_of::<SetupLinkStatus>("status", status)).transpose()?;
    let (cursor, limit) = paged(params.cursor.as_deref(), params.limit)?;
    let page =
        setup_links::list(&app, &ctx, &grant, (organization, status), (cursor.as_ref(), limit)).await?;
    ok(
        &ctx,
        ListOut {
            setup_links: page.items.iter().map(|link| SetupLinkOut::of(link, ctx.now)).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        },
    )
}

#[derive(Deserialize)]
struct LinkPath {
    setup_link_id: String,
}

impl LinkPath {
    fn id(&self) -> Result<SetupLinkId, Failure> {
        self.setup_link_id.parse().map_err(|_| What::NotFound(Thing::SetupLink).into())
    }
}

async fn get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ReadSetupLinks>,
    Path(path): Path<LinkPath>,
) -> Answer<OneOut> {
    let link = setup_links::get(&app, &grant, path.id()?).await?;
    ok(&ctx, OneOut { setup_link: SetupLinkOut::of(&link, ctx.now) })
}

async fn revoke(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    ByProject(grant): ByProject<ChangeSetupLinks>,
    Path(path): Path<LinkPath>,
) -> Answer<OneOut> {
    let link = setup_links::revoke(&app, &ctx, &grant, path.id()?).await?;
    ok(&ctx, OneOut { setup_link: SetupLinkOut::of(&link, ctx.now) })
}
