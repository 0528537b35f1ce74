//! The domains of an organization: which there are, and how each is shown to be its own. The pages of one are in [`super::domain`].

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderMap;
use vestibule_domain::domain_proof::{DomainName, DomainProof, ProofState};
use vestibule_domain::rbac::asks::{ChangeDomains, ReadDomains};
use vestibule_domain::setup_link::Step;

use super::domain::{both, check_meant, path, state};
use super::enter::{Shown, Stop, Visit};
use super::problem::Problem;
use super::subject::answer;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::domains;
use crate::operations::setup_links::held;
use crate::web::Pages;
use crate::web::page::{Frame, see};
use crate::web::words::{Piece, sentence};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let all = "/setup/{setup_handle}/domains";
    Endpoints::new().get(all, Needs::OpenedLink, look).post(all, Needs::OpenedLink, add)
}

#[derive(Template)]
#[template(path = "setup/domains.html")]
struct DomainsPage {
    frame: Frame,
    rows: Vec<Row>,
    form_token: String,
    trouble: Problem,
    given: String,
}

struct Row {
    name: String,
    state: Vec<Piece>,
    /// Where it is shown; `""` for one that the vendor has confirmed.
    path: String,
    /// What is sent to begin it; `""` where it is begun.
    begins: String,
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(handle): Path<String>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, None)).await?;
    check_meant(&visit)?;
    page(&visit, Problem::default(), String::new()).await
}

async fn add(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(handle): Path<String>,
    request: Request,
) -> Result<Response, Stop> {
    let (visit, form) = Visit::submit(app, ctx, request, (handle, None)).await?;
    check_meant(&visit)?;
    let given = form.text("domain");
    let started = async {
        let domain = DomainName::parse(given)?;
        let grant = visit.holder.grant::<ChangeDomains>()?;
        domains::start(&visit.app, &visit.ctx, &grant, &domain).await
    };
    match started.await {
        Ok(proof) => {
            held::note(&visit.app, &visit.ctx, &visit.holder.link, Step::DomainAdded, None).await?;
            Ok(see(&path(&visit, &proof.domain)))
        }
        Err(failure) => page(&visit, Problem::of(failure, visit.words())?, given.to_owned()).await,
    }
}

async fn page(visit: &Visit, trouble: Problem, given: String) -> Shown {
    let (words, frame) = (visit.words(), visit.frame());
    let found = domains::list(&visit.app, &visit.holder.grant::<ReadDomains>()?).await?;
    let shown = |proof: &DomainProof| Row {
        name: both(&proof.domain),
        state: sentence(state(proof, words), &[]),
        path: path(visit, &proof.domain),
        begins: String::new(),
    };
    let mut rows: Vec<Row> = found.proofs.iter().map(shown).collect();
    let asked = &visit.holder.link.terms.pending_domains;
    let is_known = |domain: &DomainName| {
        found.proofs.iter().any(|proof| proof.domain == *domain)
            || found.claimed.iter().any(|claimed| claimed == domain.as_str())
    };
    rows.extend(asked.iter().filter(|domain| !is_known(domain)).map(|domain| Row {
        name: both(domain),
        state: sentence(words.is_open, &[]),
        path: String::new(),
        begins: domain.to_string(),
    }));
    rows.extend(found.claimed.iter().map(|domain| Row {
        name: domain.clone(),
        state: sentence(words.domain_claimed, &[("product", frame.brand())]),
        path: String::new(),
        begins: String::new(),
    }));
    let is_wrong = !trouble.sentence.is_empty();
    let page = DomainsPage { rows, form_token: visit.holder.form_token(), trouble, given, frame };
    Ok(answer(is_wrong, page.render()))
}

/// How many of the domains are the organization's, for the card of the overview, and how the first of the others is.
///
/// # Errors
/// The store's.
pub(super) async fn summary(visit: &Visit) -> Result<Option<&'static str>, Stop> {
    let found = domains::list(&visit.app, &visit.holder.grant::<ReadDomains>()?).await?;
    let words = visit.words();
    let worst = [ProofState::AtRisk, ProofState::Lost, ProofState::Pending, ProofState::Verified]
        .into_iter()
        .find_map(|wanted| found.proofs.iter().find(|proof| proof.state == wanted));
    let is_asked = !visit.holder.link.terms.has_domains(visit.holder.organization());
    Ok(match worst {
        Some(proof) => Some(state(proof, words)),
        None if is_asked || found.claimed.is_empty() => None,
        None => Some(words.domain_verified),
    })
}
