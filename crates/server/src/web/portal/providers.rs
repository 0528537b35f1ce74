//! Which identity provider it is, and how it is to be connected: what makes a draft.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode};
use vestibule_domain::rbac::asks::CreateConnection;
use vestibule_domain::refusal::What;
use vestibule_domain::setup_link::{Intent, SetupProtocol};

use super::enter::{Shown, Stop, Visit};
use super::problem::Problem;
use super::steps::Page;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::connections::drafts::{self, Chosen};
use crate::web::Pages;
use crate::web::page::{Frame, see, show};
use crate::web::words::{Piece, sentence};
use crate::world::App;
use crate::world::provider_guides::{Provider, guides};

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let all = "/setup/{setup_handle}/providers";
    let one = format!("{all}/{{setup_provider}}");
    Endpoints::new().get(all, Needs::OpenedLink, list).get(&one, Needs::OpenedLink, look).post(
        &one,
        Needs::OpenedLink,
        choose,
    )
}

#[derive(Template)]
#[template(path = "setup/providers.html")]
struct List {
    frame: Frame,
    tiles: Vec<(String, &'static str)>,
    other: String,
}

#[derive(Template)]
#[template(path = "setup/provider.html")]
struct One {
    frame: Frame,
    form_token: String,
    title: Vec<Piece>,
    protocols: Vec<(&'static str, &'static str)>,
    trouble: Problem,
}

/// The protocols of a provider that may be chosen with a link.
fn protocols(visit: &Visit, provider: &Provider) -> Vec<SetupProtocol> {
    let terms = &visit.holder.link.terms;
    let mut all = provider.protocols();
    all.retain(|protocol| terms.takes_protocol(*protocol));
    all
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Sso))).await?;
    let terms = &visit.holder.link.terms;
    let may_be = |provider: &&'static Provider| {
        terms.takes_provider(&provider.id) && !protocols(&visit, provider).is_empty()
    };
    let tile = |provider: &'static Provider| {
        (visit.path(&format!("/providers/{}", provider.id)), provider.name.as_str())
    };
    let mut all: Vec<_> = guides().providers.iter().filter(may_be).collect();
    let other = all.iter().position(|provider| provider.id == "generic").map(|at| tile(all.remove(at)).0);
    let page = List {
        frame: visit.frame(),
        tiles: all.into_iter().map(tile).collect(),
        other: other.unwrap_or_default(),
    };
    Ok(show(StatusCode::OK, page.render().unwrap_or_default()))
}

/// The provider of the path, if it may be chosen.
fn chosen(visit: &Visit, id: &str) -> Result<(&'static Provider, Vec<SetupProtocol>), Stop> {
    let provider =
        guides().provider(id).filter(|provider| visit.holder.link.terms.takes_provider(&provider.id));
    let provider = provider.ok_or(What::NoSuchRoute)?;
    let protocols = protocols(visit, provider);
    if protocols.is_empty() { Err(What::NoSuchRoute.into()) } else { Ok((provider, protocols)) }
}

fn page(visit: &Visit, (provider, all): (&Provider, &[SetupProtocol]), trouble: Problem) -> String {
    let words = visit.words();
    let page = One {
        frame: visit.frame(),
        form_token: visit.holder.form_token(),
        title: sentence(words.protocol_title, &[("provider", &provider.name)]),
        protocols: all.iter().map(|protocol| (protocol.as_str(), called(*protocol))).collect(),
        trouble,
    };
    page.render().unwrap_or_default()
}

/// What a protocol is called everywhere.
const fn called(protocol: SetupProtocol) -> &'static str {
    match protocol {
        SetupProtocol::Saml => "SAML 2.0",
        SetupProtocol::Oidc => "OpenID Connect",
    }
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, provider)): Path<(String, String)>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Sso))).await?;
    let (provider, all) = chosen(&visit, &provider)?;
    Ok(show(StatusCode::OK, page(&visit, (provider, &all), Problem::default())))
}

async fn choose(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path((handle, provider)): Path<(String, String)>,
    request: Request,
) -> Shown {
    let (visit, form) = Visit::submit(app, ctx, request, (handle, Some(Intent::Sso))).await?;
    let (provider, all) = chosen(&visit, &provider)?;
    let asked = SetupProtocol::from_name(form.text("protocol"));
    let protocol = asked.filter(|protocol| all.contains(protocol)).ok_or(What::Unreadable)?;
    let grant = visit.holder.grant::<CreateConnection>()?;
    let chosen = Chosen { protocol, guide: &provider.id, name: &provider.name, label: provider.label };
    match drafts::begin(&visit.app, &visit.ctx, &grant, &visit.holder.link, chosen).await {
        Ok(made) => {
            let guide = provider.guide(protocol).ok_or(What::NoSuchRoute)?;
            let first = if guide.create.is_empty() { Page::Ours } else { Page::Create };
            Ok(see(&visit.path(&format!("/connections/{}/{}", made.id, first.name()))))
        }
        Err(failure) => {
            let trouble = Problem::of(failure, visit.words())?;
            Ok(show(StatusCode::UNPROCESSABLE_ENTITY, page(&visit, (provider, &all), trouble)))
        }
    }
}
