//! One domain: the record that shows whose it is, each piece to be copied, and what was found when it was looked for.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode};
use vestibule_domain::domain_proof::{DomainName, DomainProof, ProofState, Seen, Unanswered};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeDomains, ReadDomains};
use vestibule_domain::refusal::What;
use vestibule_domain::setup_link::Step;
use vestibule_domain::time::Time;

use super::enter::{Shown, Stop, Visit, clock};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::operations::domains::{self, looking};
use crate::operations::setup_links::held;
use crate::web::Pages;
use crate::web::page::{Frame, see, show};
use crate::web::words::{Piece, Words, sentence};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let one = "/setup/{setup_handle}/domains/{domain}";
    Endpoints::new()
        .get(one, Needs::OpenedLink, look)
        .post(&format!("{one}/check"), Needs::OpenedLink, check)
        .post(&format!("{one}/remove"), Needs::OpenedLink, remove)
}

#[derive(Template)]
#[template(path = "setup/domain.html")]
struct DomainPage {
    frame: Frame,
    form_token: String,
    all: String,
    here: String,
    name: String,
    state: &'static str,
    /// What tells this look from the next.
    version: i64,
    /// Whether the record is there and all is well.
    is_verified: bool,
    may_remove: bool,
    /// Whether something changes by itself while somebody looks.
    waits: bool,
    lead: Vec<Piece>,
    values: Vec<Value>,
    otherwise: Vec<Piece>,
    found: Vec<Piece>,
    /// What stands there instead.
    texts: Vec<String>,
    checked: Vec<Piece>,
    next: Vec<Piece>,
    warning: Vec<Piece>,
}

struct Value {
    id: &'static str,
    label: &'static str,
    value: String,
    hint: Vec<Piece>,
}

/// Lets somebody go on whose link is for domains.
///
/// # Errors
/// As for [`Visit::enter`].
pub(super) fn check_meant(visit: &Visit) -> Result<(), Stop> {
    if visit.holder.link.terms.shows_domains() { Ok(()) } else { Err(What::NoSuchRoute.into()) }
}

/// How far a proof is, in words.
pub(super) const fn state(proof: &DomainProof, words: &Words) -> &'static str {
    match proof.state {
        ProofState::Pending => words.domain_pending,
        ProofState::Verified => words.domain_verified,
        ProofState::AtRisk => words.domain_at_risk,
        ProofState::Lost => words.domain_lost,
    }
}

/// Where the page of a domain is.
pub(super) fn path(visit: &Visit, domain: &DomainName) -> String {
    visit.path(&format!("/domains/{domain}"))
}

/// Both forms of a name that people write otherwise than DNS does.
pub(super) fn both(domain: &DomainName) -> String {
    let (ascii, unicode) = (domain.as_str(), domain.unicode());
    if ascii == unicode { unicode } else { format!("{unicode} ({ascii})") }
}

/// A domain of the path. What is no domain is no page.
fn named(text: &str) -> Result<DomainName, Stop> {
    DomainName::parse(text).map_err(|_| What::NoSuchRoute.into())
}

async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, domain)): Path<(String, String)>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, None)).await?;
    check_meant(&visit)?;
    let proof = domains::get(&visit.app, &visit.holder.grant::<ReadDomains>()?, &named(&domain)?).await?;
    let has_noted = visit.holder.link.progress.iter().any(|done| done.step == Step::DomainVerified);
    if proof.state == ProofState::Verified && !has_noted {
        // Also where it was found while nobody looked.
        held::note(&visit.app, &visit.ctx, &visit.holder.link, Step::DomainVerified, None).await?;
    }
    Ok(show(StatusCode::OK, page(&visit, &proof).render().unwrap_or_default()))
}

async fn check(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path((handle, domain)): Path<(String, String)>,
    request: Request,
) -> Shown {
    let (visit, grant) = pressed(app, ctx, request, handle).await?;
    let proof = looking::look(&visit.app, &visit.ctx, &grant, &named(&domain)?).await?;
    Ok(see(&path(&visit, &proof.domain)))
}

/// Takes back a domain that was begun. One that is shown stays: what follows from it is the vendor's to end.
async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path((handle, domain)): Path<(String, String)>,
    request: Request,
) -> Shown {
    let (visit, grant) = pressed(app, ctx, request, handle).await?;
    domains::remove(&visit.app, &visit.ctx, &grant, (&named(&domain)?, true)).await?;
    Ok(see(&visit.path("/domains")))
}

/// Whoever pressed a button of such a page, with what the link lets them change.
async fn pressed(
    app: Arc<App>,
    ctx: Ctx,
    request: Request,
    handle: String,
) -> Result<(Visit, Grant<ChangeDomains>), Stop> {
    let (visit, _) = Visit::submit(app, ctx, request, (handle, None)).await?;
    check_meant(&visit)?;
    let grant = visit.holder.grant::<ChangeDomains>()?;
    Ok((visit, grant))
}

fn page(visit: &Visit, proof: &DomainProof) -> DomainPage {
    let (words, frame) = (visit.words(), visit.frame());
    let challenge = proof.challenge(&visit.app.host());
    let (domain, zone) = (proof.domain.as_str(), proof.domain.zone());
    let is_shown = proof.state.is_shown();
    let at = |text, time: Option<Time>| {
        time.map_or_else(Vec::new, |time| sentence(text, &[("time", &clock(time))]))
    };
    let value = |id, label, value, hint| Value { id, label, value, hint };
    let warning = match proof.state {
        ProofState::Pending if proof.is_held => sentence(words.domain_held, &[("product", frame.brand())]),
        ProofState::AtRisk => at(words.domain_lost_at, proof.lost_at()),
        _ => Vec::new(),
    };
    DomainPage {
        form_token: visit.holder.form_token(),
        all: visit.path("/domains"),
        here: path(visit, &proof.domain),
        name: both(&proof.domain),
        state: state(proof, words),
        version: proof.version,
        is_verified: proof.state == ProofState::Verified,
        may_remove: !is_shown,
        waits: !is_shown && proof.next_check_at.is_some(),
        lead: match proof.state {
            ProofState::Verified => at(words.domain_stays, proof.verified_at),
            _ => sentence(words.domain_lead, &[("domain", domain)]),
        },
        values: vec![
            value("record-type", words.record_type, "TXT".to_owned(), Vec::new()),
            value(
                "record-name",
                words.record_name,
                proof.domain.relative_host(),
                sentence(words.record_name_hint, &[("zone", zone)]),
            ),
            value("record-full-name", words.record_full_name, proof.domain.challenge_host(), Vec::new()),
            value("record-value", words.record_value, challenge.value, Vec::new()),
        ],
        otherwise: sentence(words.record_else, &[("domain", domain), ("target", &challenge.target)]),
        found: proof.seen.as_ref().map_or_else(Vec::new, |seen| found(visit, proof, seen)),
        texts: match &proof.seen {
            Some(Seen::OtherTexts { texts, .. }) => texts.clone(),
            _ => Vec::new(),
        },
        checked: at(words.checked_at, proof.checked_at),
        next: match proof.next_check_at {
            _ if proof.state == ProofState::Verified => Vec::new(),
            None => sentence(words.check_stopped, &[]),
            next => at(words.check_next, next),
        },
        warning,
        frame,
    }
}

fn found(visit: &Visit, proof: &DomainProof, seen: &Seen) -> Vec<Piece> {
    let words = visit.words();
    match seen {
        Seen::Record { .. } => sentence(words.found_record, &[]),
        Seen::NameDoubled => sentence(words.found_doubled, &[("zone", proof.domain.zone())]),
        Seen::OtherTexts { count, .. } => sentence(words.found_texts, &[("count", &count.to_string())]),
        Seen::PointsElsewhere { to } => sentence(words.found_points, &[("to", to)]),
        Seen::NoTexts => sentence(words.found_no_texts, &[]),
        Seen::NoSuchName => sentence(words.found_nothing, &[]),
        Seen::Unanswered { why: Unanswered::Silent } => sentence(words.found_silence, &[]),
        Seen::Unanswered { .. } => sentence(words.found_trouble, &[("domain", proof.domain.as_str())]),
    }
}
