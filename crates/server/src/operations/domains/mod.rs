//! Domains that organizations show to be theirs: begun, listed and removed here, looked for in [`looking`]. Whose a domain is stays
//! where it was: among the organization's claimed ones (ADR 58).

pub mod looking;

use vestibule_domain::domain_proof::{Claim, DomainName, DomainProof};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{ChangeDomains, ReadDomains};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::tenant::Tenant;
use vestibule_store::tables::{domain_proofs, organizations};
use vestibule_store::{Batch, StoreError, Write};

use super::change::{Aggregate, Decision, change};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The domains of an organization.
pub(crate) struct Domains {
    /// Those that are shown, or are to be.
    pub proofs: Vec<DomainProof>,
    /// Those that the project has claimed for it without that.
    pub claimed: Vec<String>,
}

/// A proof with what is decided by: the organization, and who has the domain.
struct Standing {
    proof: DomainProof,
    organization: Organization,
    claim: Claim,
}

impl Aggregate for Standing {
    fn version(&self) -> i64 {
        self.proof.version
    }

    fn save(&self, loaded: i64, _: &App) -> Result<Batch, StoreError> {
        Ok(domain_proofs::update(&self.proof, loaded).into())
    }
}

/// The domains of an organization, the oldest first.
///
/// # Errors
/// The store's.
pub(crate) async fn list(app: &App, grant: &Grant<ReadDomains>) -> Result<Domains, Failure> {
    let proofs = app.store.domain_proofs(grant.tenant()).await?;
    let organization = organization(app, grant.tenant()).await?;
    let is_shown = |domain: &String| proofs.iter().any(|proof| proof.domain.as_str() == domain);
    let mut claimed = organization.policy.claimed_email_domains;
    claimed.retain(|domain| !is_shown(domain));
    Ok(Domains { proofs, claimed })
}

/// One of them.
///
/// # Errors
/// There is none.
pub(crate) async fn get(
    app: &App,
    grant: &Grant<ReadDomains>,
    domain: &DomainName,
) -> Result<DomainProof, Failure> {
    find(app, grant.tenant(), domain).await
}

/// Begins to show a domain. One that is begun already stays as it is, so that its record does; nobody looks yet.
///
/// # Errors
/// There are as many as there may be.
pub(crate) async fn start(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDomains>,
    domain: &DomainName,
) -> Result<DomainProof, Failure> {
    let tenant = grant.tenant();
    if let Some(known) = app.store.domain_proof(tenant, domain).await? {
        return Ok(known);
    }
    let chance = (ctx.now, app.entropy.as_ref());
    let proof = DomainProof::begin(tenant, domain.clone(), grant.actor().clone(), chance);
    let told = Scene::of(ctx, grant)
        .event(app, EventKind::DomainStarted, Object::Organization(tenant.organization_id()))
        .with("domain", domain.as_str());
    let batch = told.acted().with([domain_proofs::insert(&proof)]).requires(domain_proofs::room(tenant));
    match app.store.commit(batch).await {
        Ok(()) => Ok(proof),
        // Somebody else began it at the same time.
        Err(error) if error.is_guard(domain_proofs::VERSION) => find(app, tenant, domain).await,
        Err(error) => Err(meaning(error)),
    }
}

/// Removes a domain: its record shows nothing any more, and what the organization had by it goes.
///
/// # Errors
/// There is none, or it is shown and `only_open` says that such a one stays.
pub(crate) async fn remove(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<ChangeDomains>,
    (domain, only_open): (&DomainName, bool),
) -> Result<(), Failure> {
    let tenant = grant.tenant();
    let decide = |standing: &mut Standing| {
        if only_open && standing.proof.state.is_shown() {
            return Err(What::Forbidden.into());
        }
        let mut told = Scene::of(ctx, grant)
            .event(app, EventKind::DomainRemoved, Object::Organization(tenant.organization_id()))
            .with("domain", domain.as_str());
        let mut batch = Batch::from(domain_proofs::delete(&standing.proof));
        if standing.proof.claims {
            let before = standing.organization.clone();
            standing.organization.release_domain(domain, ctx.now);
            told = told.changed(&before, &standing.organization);
            batch = batch.with(saved(&before, &standing.organization));
        }
        Ok(Decision::SaveOthers(batch.and(told.acted()), ()))
    };
    change(app, row(tenant, domain), || standing(app, tenant, domain), decide).await.map(drop)
}

/// By what those who change a proof on this node take turns.
fn row(tenant: Tenant, domain: &DomainName) -> String {
    format!("{} {domain}", tenant.organization_id())
}

/// The writes of an organization whose domains have changed.
fn saved(before: &Organization, after: &Organization) -> Vec<Write> {
    if after.version == before.version { Vec::new() } else { organizations::update(after, before.version) }
}

async fn find(app: &App, tenant: Tenant, domain: &DomainName) -> Result<DomainProof, Failure> {
    let found = app.store.domain_proof(tenant, domain).await?;
    Ok(found.ok_or(What::NotFound(Thing::DomainProof))?)
}

async fn organization(app: &App, tenant: Tenant) -> Result<Organization, Failure> {
    let found = app.store.organization_of(tenant).await?;
    Ok(found.ok_or(What::NotFound(Thing::Organization))?)
}

async fn standing(app: &App, tenant: Tenant, domain: &DomainName) -> Result<Standing, Failure> {
    // The organization first: what happens to it later is seen by its version.
    let organization = organization(app, tenant).await?;
    let proof = find(app, tenant, domain).await?;
    let claim = claim(app, &organization, domain).await?;
    Ok(Standing { proof, organization, claim })
}

/// Who has a domain, or one that it is a part of.
async fn claim(app: &App, organization: &Organization, domain: &DomainName) -> Result<Claim, Failure> {
    if organization.owns_domain(domain.as_str()) {
        return Ok(Claim::Ours);
    }
    for name in std::iter::once(domain.as_str()).chain(domain.parents()) {
        let owner = app.store.organization_claiming(organization.project_id, name).await?;
        if owner.is_some_and(|owner| owner != organization.id) {
            return Ok(Claim::Another);
        }
    }
    Ok(Claim::Free)
}
