//! A session of another system becomes one here: the other system says whose it is, and the organization must take that as a
//! way in.

use vestibule_domain::Tenant;
use vestibule_domain::login::demand::{Missing, missing};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::{Migrant, Project};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::session::{Factor, FactorKind};
use vestibule_domain::time::Time;
use vestibule_store::tables::together::Standing;
use vestibule_store::{Batch, Guard};

use super::authentication::{Authenticated, Proved, SessionRequest, Whose, authenticate};
use super::session_migration::ask;
use super::views::{self, OrganizationView, SessionView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What proves a session of another system is not used up here: it is that system's to end.
const NOTHING_SPENT: Guard = Guard("session_migration");

/// Begins a session of the member whom the other system names.
///
/// # Errors
/// What [`ask`] refuses; nobody active has the address; the organization or the member demands what a session of another
/// system does not show; claims that may not be set.
pub(crate) async fn migrate(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    tenant: Tenant,
    token: &Secret,
    wanted: &SessionRequest,
) -> Result<SessionView, Failure> {
    let migrant = ask(app, project.id, tenant, token).await?;
    let proved = Proved { factor: factor(&migrant, ctx.now), spends: Batch::new(), spent: NOTHING_SPENT };
    let whose = || whose(app, tenant, &migrant, &proved.factor);
    match authenticate(app, ctx, project, &proved, wanted, whose).await? {
        Authenticated::Session(view) => Ok(*view),
        // `whose` has refused it.
        Authenticated::Intermediate(_) => Err(What::MethodNotAllowedHere.into()),
    }
}

async fn whose(app: &App, tenant: Tenant, migrant: &Migrant, factor: &Factor) -> Result<Whose, Failure> {
    let found = app.store.member_by_email(tenant, &migrant.address).await?;
    let id = found.ok_or(What::NotFound(Thing::Member))?.id;
    let standing = app.store.standing(tenant, id).await?;
    let Standing { member, organization, active_connections, registrations, directory } = standing;
    let organization = organization.ok_or(What::NotFound(Thing::Organization))?;
    let member = member.filter(|member| member.email == migrant.address);
    let member = member.ok_or(What::NotFound(Thing::Member))?;
    if member.status != MemberStatus::Active {
        return Err(What::ActiveMembersOnly.into());
    }
    demanded(&organization, &member, factor)?;
    let member = views::member_with(app, &organization, member, registrations).await?;
    Ok(Whose::unchanged(OrganizationView { organization, active_connections, directory }, member))
}

/// Refuses where another factor is needed: the answer has no room for a sign-in that waits.
fn demanded(organization: &Organization, member: &Member, factor: &Factor) -> Result<(), Refusal> {
    let Missing { primary, second } = missing(organization, member, std::slice::from_ref(factor));
    let why = match (primary, second) {
        (Some(_), _) => "A session of another system is none of the ways in that allowed_auth_methods names.",
        (None, true) => {
            "A second factor is needed, and a session of another system has none: let the member sign in here."
        }
        (None, false) => return Ok(()),
    };
    Err(Refusal::new(What::MethodNotAllowedHere).because(why))
}

fn factor(migrant: &Migrant, now: Time) -> Factor {
    let kind = FactorKind::Imported { subject: migrant.subject.clone() };
    Factor { kind, created_at: now, last_authenticated_at: now, valid_until: None }
}
