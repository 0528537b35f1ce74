//! All that a link is for at once, and what comes next.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use vestibule_domain::connection::Connection;
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_domain::setup_link::Intent;

use super::domains;
use super::enter::{Shown, Visit};
use super::steps::{Standing, State as Progress};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::{connection_tests, connections};
use crate::web::Pages;
use crate::web::page::{Frame, show};
use crate::web::words::{Piece, sentence};
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/{setup_handle}", Needs::OpenedLink, look)
}

#[derive(Template)]
#[template(path = "setup/overview.html")]
struct Overview {
    frame: Frame,
    cards: Vec<Card>,
    /// Where another provider is chosen; `""` where none may be.
    choose: String,
    /// Where domains are shown, and how far they are; `""` where the link is not for them.
    domains: (String, Option<&'static str>),
    /// What else the link is for: where it is, and what it is called.
    more: Vec<(String, &'static str)>,
}

struct Card {
    name: String,
    state: &'static str,
    next: Vec<Piece>,
    path: String,
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, None)).await?;
    let mut cards = Vec::new();
    if visit.holder.link.terms.has(Intent::Sso) {
        for connection in reached(&visit).await? {
            cards.push(card(&visit, &connection).await?);
        }
    }
    let may_choose = visit.holder.link.check_may_make().is_ok();
    let choose = if may_choose { visit.path("/providers") } else { String::new() };
    let domains = if visit.holder.link.terms.shows_domains() {
        (visit.path("/domains"), domains::summary(&visit).await?)
    } else {
        (String::new(), None)
    };
    let page = Overview { frame: visit.frame(), cards, choose, domains, more: more(&visit) };
    Ok(show(StatusCode::OK, page.render().unwrap_or_default()))
}

/// What the link is for beside connecting a provider.
fn more(visit: &Visit) -> Vec<(String, &'static str)> {
    let upkeep = visit.upkeep();
    let all = [
        (Intent::Certificates, "/certificates", upkeep.certificates),
        (Intent::SignIns, "/sign-ins", upkeep.sign_ins),
        (Intent::AuditLog, "/changes", upkeep.changes),
    ];
    let is_for = |intent: Intent| visit.holder.link.terms.has(intent);
    all.into_iter()
        .filter(|(intent, ..)| is_for(*intent))
        .map(|(_, below, title)| (visit.path(below), title))
        .collect()
}

/// The connections of the link that are there.
async fn reached(visit: &Visit) -> Result<Vec<Connection>, crate::failure::Failure> {
    let grant = visit.holder.grant::<ReadConnections>()?;
    let all = connections::list(&visit.app, &grant).await?;
    Ok(all.into_iter().filter(|connection| visit.holder.link.check_reach(connection.id).is_ok()).collect())
}

async fn card(visit: &Visit, connection: &Connection) -> Result<Card, crate::failure::Failure> {
    let words = visit.words();
    let test = connection_tests::latest(&visit.app, connection).await?;
    let whose = (&visit.holder.link, visit.holder.organization());
    let standing = Standing::of(whose, connection, test.as_ref(), visit.ctx.now);
    let next = standing.next();
    Ok(Card {
        name: connection.display_name.clone(),
        state: match standing.state() {
            Progress::Draft => words.state_draft,
            Progress::Ready => words.state_ready,
            Progress::Tested => words.state_tested,
            Progress::Active => words.state_active,
        },
        next: next.map_or_else(Vec::new, |page| sentence(words.next_step, &[("step", page.title(words))])),
        path: visit.path(&format!(
            "/connections/{}/{}",
            connection.id,
            next.unwrap_or(super::steps::Page::Enable).name()
        )),
    })
}
