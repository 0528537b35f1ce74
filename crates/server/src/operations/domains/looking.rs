//! Looking for a domain's record: when somebody asks, and by itself. Nothing is held while DNS is asked; what was found is decided about
//! by what the proof, the organization and the claims of others are then.

use std::sync::Arc;

use vestibule_domain::domain_proof::{Change, DomainName, DomainProof, Seen, Sight};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ChangeDomains;
use vestibule_domain::refusal::{Name, What};
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::{Span, Time};
use vestibule_store::Batch;
use vestibule_store::tables::{domain_proofs, organizations};

use super::{Standing, find, row, saved, standing};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::world::App;

/// How many looks one round starts, and how many are under way at once.
const ROUND: u32 = 64;
const AT_ONCE: usize = 8;
/// When a look is due again whose node never came back.
const RETRY: Span = Span::minutes(10);

/// Who wants to know, and when.
struct Asking<'a> {
    scene: &'a Scene,
    now: Time,
    /// Whether somebody asks, who then waits for the record again.
    is_asked: bool,
}

/// Looks for the record of a domain now. Who asks twice in a row gets what was found just now.
///
/// # Errors
/// There is no such domain; the organization has as many as it may have.
pub(crate) async fn look(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDomains>,
    domain: &DomainName,
) -> Result<DomainProof, Failure> {
    let proof = find(app, grant.tenant(), domain).await?;
    if proof.is_fresh(ctx.now) {
        return Ok(proof);
    }
    let scene = Scene::of(ctx, grant);
    looked(app, &proof, Asking { scene: &scene, now: ctx.now, is_asked: true }).await
}

/// Looks for the records that are due. Answers how many this node looked for.
///
/// # Errors
/// The store's.
pub async fn due(app: &Arc<App>) -> Result<usize, Failure> {
    let now = app.clock.now();
    let mut running = tokio::task::JoinSet::new();
    let mut count = 0;
    for due in app.store.due_domain_checks(now, ROUND).await? {
        match app.store.commit(domain_proofs::claim_due(&due, now.plus(RETRY))).await {
            Err(error) if error.is_guard(domain_proofs::CLAIMED) => continue,
            other => other?,
        }
        count += 1;
        if running.len() >= AT_ONCE {
            running.join_next().await;
        }
        let app = app.clone();
        running.spawn(async move {
            let outcome = unasked(&app, due.tenant(), &due.domain, now).await;
            if let Err(failure) = outcome
                && !matches!(&failure, Failure::Refused(refusal) if matches!(refusal.what, What::NotFound(_)))
            {
                failure.log();
            }
        });
    }
    while running.join_next().await.is_some() {}
    Ok(count)
}

async fn unasked(app: &App, tenant: Tenant, domain: &DomainName, now: Time) -> Result<(), Failure> {
    let proof = find(app, tenant, domain).await?;
    let scene = Scene::unasked(tenant, now);
    looked(app, &proof, Asking { scene: &scene, now, is_asked: false }).await.map(drop)
}

async fn looked(app: &App, proof: &DomainProof, asking: Asking<'_>) -> Result<DomainProof, Failure> {
    let challenge = proof.challenge(&app.host());
    let seen = Seen::of(&challenge, &sight(app, proof).await);
    let known = (proof.tenant(), &proof.domain, proof.token.as_str());
    match decided(app, known, &seen, &asking).await {
        // Another organization was faster: now it has the domain, and this one is told so.
        Err(failure) if failure.is(What::Taken(Name::ClaimedDomain)) => {
            decided(app, known, &seen, &asking).await
        }
        other => other,
    }
}

async fn decided(
    app: &App,
    (tenant, domain, token): (Tenant, &DomainName, &str),
    seen: &Seen,
    asking: &Asking<'_>,
) -> Result<DomainProof, Failure> {
    let now = asking.now;
    let decide = |standing: &mut Standing| {
        // It was removed and begun anew meanwhile: what was found is of another record.
        if standing.proof.token != token {
            return Ok(Decision::Leave(()));
        }
        let before = standing.organization.clone();
        if asking.is_asked {
            standing.proof.await_again(now);
        }
        let change = standing.proof.checked(seen.clone(), standing.claim, now);
        let mut others = Vec::new();
        match change {
            Change::Verified if standing.proof.claims => {
                standing.organization.claim_domain(domain, now)?;
                // Nor has anybody one that it is a part of, until it is kept.
                others.extend(domain.parents().map(|parent| organizations::unclaimed(tenant, parent)));
            }
            Change::Lost if standing.proof.let_go() => standing.organization.release_domain(domain, now),
            _ => {}
        }
        let batch = Batch::from(saved(&before, &standing.organization)).requires(others);
        let Some(kind) = told(change) else { return Ok(Decision::save(batch)) };
        tracing::info!(organization = %tenant.organization_id(), event = kind.as_str(), "a domain's record was looked for");
        let event = asking
            .scene
            .event(app, kind, Object::Organization(tenant.organization_id()))
            .changed(&before, &standing.organization)
            .with("domain", domain.as_str())
            .with("found", seen.as_str());
        let lost_at = standing.proof.lost_at().map(|at| at.to_string());
        let event = if lost_at.is_some() { event.with("lost_at", lost_at) } else { event };
        Ok(Decision::save(batch.and(event.acted())))
    };
    let load = || standing(app, tenant, domain);
    let (standing, ()) = change(app, row(tenant, domain), load, decide).await?;
    Ok(standing.proof)
}

const fn told(change: Change) -> Option<EventKind> {
    match change {
        Change::Nothing => None,
        Change::Verified => Some(EventKind::DomainVerified),
        Change::Held => Some(EventKind::DomainHeld),
        Change::AtRisk => Some(EventKind::DomainAtRisk),
        Change::Recovered => Some(EventKind::DomainRecovered),
        Change::Lost => Some(EventKind::DomainLost),
    }
}

/// Asks DNS at the places where the record may be.
async fn sight(app: &App, proof: &DomainProof) -> Sight {
    let errand = app.fetcher.for_tenant(proof.tenant());
    let (domain, label) = (proof.domain.as_str(), proof.domain.challenge_host());
    let doubled = format!("{label}.{}", proof.domain.zone());
    let entropy = app.entropy.as_ref();
    let (at_label, at_apex, at_doubled) = tokio::join!(
        errand.texts(&label, entropy),
        errand.texts(domain, entropy),
        errand.texts(&doubled, entropy)
    );
    Sight { at_label, at_apex, at_doubled }
}
