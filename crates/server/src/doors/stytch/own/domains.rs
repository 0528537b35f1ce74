//! Domains that an organization shows to be its own (`docs/compatibility.md`, ADR 58).
//!
//! `GET` and `POST /v1/vestibule/organizations/{organization_id}/domains`; `GET` and `DELETE` of one, and `POST …/{domain}/check`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::domain_proof::{DomainName, DomainProof, Seen};
use vestibule_domain::rbac::{Ask, Grant};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::time::Time;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::domains::{self, looking};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/organizations/{organization_id}/domains";
    let one = format!("{all}/{{domain}}");
    Endpoints::new()
        .get(all, Needs::ProjectAlone, list)
        .post(all, Needs::ProjectAlone, start)
        .get(&one, Needs::ProjectAlone, get)
        .delete(&one, Needs::ProjectAlone, remove)
        .post(&format!("{one}/check"), Needs::ProjectAlone, check)
}

/// What the project may do in an organization of its own.
async fn granted<A: Ask>(app: &App, caller: &Caller, organization: &str) -> Result<Grant<A>, Failure> {
    caller.project_grant::<()>()?;
    Ok(caller.enter(app, organization).await?.grant()?)
}

#[derive(Serialize)]
struct DomainOut {
    domain: String,
    /// The same as people of its country write it.
    display_name: String,
    status: &'static str,
    /// The record is there, and another organization has the domain.
    held: bool,
    record: RecordOut,
    created_by: String,
    created_at: String,
    checked_at: Option<String>,
    next_check_at: Option<String>,
    found: Option<FoundOut>,
    verified_at: Option<String>,
    missed_since: Option<String>,
    lost_at: Option<String>,
}

/// What is put into DNS.
#[derive(Serialize)]
struct RecordOut {
    r#type: &'static str,
    name: String,
    /// The same for a console that adds the registered domain itself.
    relative_name: String,
    value: String,
    /// Where a `CNAME` of the same name may point instead.
    cname_target: String,
}

/// What the last look has found.
#[derive(Serialize)]
struct FoundOut {
    what: &'static str,
    place: Option<&'static str>,
    texts: Vec<String>,
    texts_count: usize,
    points_to: Option<String>,
}

impl From<&Seen> for FoundOut {
    fn from(seen: &Seen) -> Self {
        let nothing =
            Self { what: seen.as_str(), place: None, texts: Vec::new(), texts_count: 0, points_to: None };
        match seen {
            Seen::Record { place } => Self { place: Some(place.as_str()), ..nothing },
            Seen::OtherTexts { texts, count } => {
                Self { texts: texts.clone(), texts_count: *count, ..nothing }
            }
            Seen::PointsElsewhere { to } => Self { points_to: Some(to.clone()), ..nothing },
            Seen::NameDoubled | Seen::NoTexts | Seen::NoSuchName | Seen::Unanswered { .. } => nothing,
        }
    }
}

impl DomainOut {
    fn of(app: &App, proof: &DomainProof) -> Self {
        let shown = |at: Option<Time>| at.map(|at| at.to_string());
        let challenge = proof.challenge(&app.host());
        Self {
            domain: proof.domain.to_string(),
            display_name: proof.domain.unicode(),
            status: proof.state.as_str(),
            held: proof.is_held,
            record: RecordOut {
                r#type: "TXT",
                name: proof.domain.challenge_host(),
                relative_name: proof.domain.relative_host(),
                value: challenge.value,
                cname_target: challenge.target,
            },
            created_by: proof.created_by.to_string(),
            created_at: proof.created_at.to_string(),
            checked_at: shown(proof.checked_at),
            next_check_at: shown(proof.next_check_at),
            found: proof.seen.as_ref().map(FoundOut::from),
            verified_at: shown(proof.verified_at),
            missed_since: shown(proof.missed_since),
            lost_at: shown(proof.lost_at()),
        }
    }
}

#[derive(Serialize)]
struct OneOut {
    domain: DomainOut,
}

#[derive(Serialize)]
struct ListOut {
    domains: Vec<DomainOut>,
    /// Domains that the project has claimed for the organization without a record.
    claimed_by_project: Vec<String>,
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(organization): Path<String>,
) -> Answer<ListOut> {
    let found = domains::list(&app, &granted(&app, &caller, &organization).await?).await?;
    ok(
        &ctx,
        ListOut {
            domains: found.proofs.iter().map(|proof| DomainOut::of(&app, proof)).collect(),
            claimed_by_project: found.claimed,
        },
    )
}

#[derive(Deserialize)]
struct StartIn {
    domain: Option<String>,
}

async fn start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(organization): Path<String>,
    Input(body): Input<StartIn>,
) -> Answer<OneOut> {
    let grant = granted(&app, &caller, &organization).await?;
    let domain = DomainName::parse(required(body.domain.as_deref(), "domain")?)?;
    let proof = domains::start(&app, &ctx, &grant, &domain).await?;
    ok(&ctx, OneOut { domain: DomainOut::of(&app, &proof) })
}

#[derive(Deserialize)]
struct DomainPath {
    organization_id: String,
    domain: String,
}

async fn get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<DomainPath>,
) -> Answer<OneOut> {
    let grant = granted(&app, &caller, &path.organization_id).await?;
    let proof = domains::get(&app, &grant, &named(&path.domain)?).await?;
    ok(&ctx, OneOut { domain: DomainOut::of(&app, &proof) })
}

async fn check(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<DomainPath>,
) -> Answer<OneOut> {
    let grant = granted(&app, &caller, &path.organization_id).await?;
    let proof = looking::look(&app, &ctx, &grant, &named(&path.domain)?).await?;
    ok(&ctx, OneOut { domain: DomainOut::of(&app, &proof) })
}

#[derive(Serialize)]
struct RemovedOut {
    domain: String,
}

async fn remove(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<DomainPath>,
) -> Answer<RemovedOut> {
    let grant = granted(&app, &caller, &path.organization_id).await?;
    let domain = named(&path.domain)?;
    domains::remove(&app, &ctx, &grant, (&domain, false)).await?;
    ok(&ctx, RemovedOut { domain: domain.to_string() })
}

/// A domain of a path. What is no domain is shown by nobody.
fn named(text: &str) -> Result<DomainName, Failure> {
    DomainName::parse(text).map_err(|_| What::NotFound(Thing::DomainProof).into())
}
