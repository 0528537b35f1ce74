//! What ends when: certificates of the provider and our own, client secrets, tokens of directories. What takes the place of each is
//! given on the page of its connection.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use vestibule_domain::calendar::{Ending, Ends, Nearness, Part};
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_domain::setup_link::Intent;

use super::enter::{Shown, Visit, clock};
use super::theirs_saml::grouped;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::endings;
use crate::web::Pages;
use crate::web::page::{Frame, show};
use crate::web::words::upkeep::Upkeep;
use crate::web::words::{Piece, sentence};
use crate::world::App;

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/{setup_handle}/certificates", Needs::OpenedLink, look)
}

#[derive(Template)]
#[template(path = "setup/certificates.html")]
struct Calendar {
    frame: Frame,
    rows: Vec<Line>,
}

struct Line {
    what: &'static str,
    place: String,
    /// Where something is done about it; `""` where nothing can be.
    path: String,
    ending: Described,
}

/// Something with an end, for people.
pub(super) struct Described {
    /// The id by which it is removed.
    pub id: String,
    /// Whom it names.
    pub subject: String,
    /// What it is known by.
    pub fingerprint: String,
    /// Since when it is good; `""` where that is not known.
    pub begins: String,
    /// When it ends, in a sentence.
    pub ends: Vec<Piece>,
    /// What is to be said of that.
    pub state: &'static str,
    /// Whether somebody has to do something.
    pub is_bad: bool,
}

impl Described {
    /// Something that ends.
    pub(super) fn of(visit: &Visit, ending: &Ending) -> Self {
        let (upkeep, now) = (visit.upkeep(), visit.ctx.now);
        let state = match ending.nearness(now) {
            Nearness::Later => "",
            _ if ending.has_successor => upkeep.has_successor,
            Nearness::Ended => upkeep.state_ended,
            Nearness::Due => upkeep.state_due,
            Nearness::Soon => upkeep.state_soon,
        };
        Self {
            id: ending.id.clone(),
            subject: ending.subject.clone(),
            fingerprint: grouped(&ending.fingerprint),
            begins: ending.begins_at.map(clock).unwrap_or_default(),
            ends: sentence(visit.words().ends, &[("time", &clock(ending.ends_at))]),
            state,
            is_bad: ending.asks_for_something(now),
        }
    }
}

/// What something with an end is called.
pub(super) const fn called(upkeep: &Upkeep, what: Ends) -> &'static str {
    match what {
        Ends::ProviderCertificate => upkeep.provider_certificate,
        Ends::SigningCertificate => upkeep.signing_certificate,
        Ends::EncryptionCertificate => upkeep.encryption_certificate,
        Ends::ClientSecret => upkeep.client_secret,
        Ends::DirectoryToken => upkeep.directory_token,
    }
}

/// What ends, as far as the link is for it.
pub(super) async fn reached(visit: &Visit) -> Result<Vec<Ending>, Failure> {
    let grant = visit.holder.grant::<ReadConnections>()?;
    let only = visit.holder.link.sees_only();
    let mut all = endings::list(&visit.app, &grant, visit.ctx.now).await?;
    all.retain(|ending| only.is_none_or(|only| ending.of == Part::Connection(only)));
    Ok(all)
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Certificates))).await?;
    let row = |ending: Ending| Line {
        what: called(visit.upkeep(), ending.what),
        place: ending.place.clone(),
        path: match ending.of {
            Part::Connection(id) => visit.path(&format!("/certificates/{id}")),
            Part::Directory(_) => String::new(),
        },
        ending: Described::of(&visit, &ending),
    };
    let rows = reached(&visit).await?.into_iter().map(row).collect();
    let page = Calendar { frame: visit.frame(), rows };
    Ok(show(StatusCode::OK, page.render().unwrap_or_default()))
}
