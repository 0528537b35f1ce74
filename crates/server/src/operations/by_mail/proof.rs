//! Whoever brings back what was sent has shown that mail to an address reaches them.

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::IntermediateSession;
use vestibule_domain::login::by_mail::allows;
use vestibule_domain::member::MemberStatus;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{EmailMethod, Factor, FactorKind};
use vestibule_domain::time::Time;
use vestibule_store::tables::together::Standing;
use vestibule_store::tables::{intermediate, members, organizations, retired_emails};
use vestibule_store::{Batch, Guard};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Proved, Whose};
use crate::operations::discovery::{self, Discovered, Seeker};
use crate::operations::events::Scene;
use crate::operations::meaning::meaning;
use crate::operations::views::{self, OrganizationView};
use crate::world::App;

/// Whose the proof is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) tenant: Tenant,
    pub(super) member: MemberId,
    /// The address that was proved.
    pub(super) address: &'a EmailAddress,
    /// Whether it becomes theirs.
    pub(super) moves: bool,
    pub(super) method: EmailMethod,
    /// What is said of a proof that counts no more.
    pub(super) gone: Thing,
}

/// The factor that was proved, and what uses it up.
pub(super) fn proved(
    method: EmailMethod,
    address: &EmailAddress,
    now: Time,
    spends: Batch,
    spent: Guard,
) -> Proved {
    let kind = FactorKind::Email { method, address: address.clone() };
    Proved {
        factor: Factor { kind, created_at: now, last_authenticated_at: now, valid_until: None },
        spends,
        spent,
    }
}

/// The member as the proof leaves them: they arrive, and their address is verified. A proof of an address that is not
/// theirs any more counts for nothing.
pub(super) async fn owner(app: &App, ctx: &Ctx, owner: Owner<'_>) -> Result<Whose, Failure> {
    let Owner { tenant, address, .. } = owner;
    let gone = || Failure::from(What::NotFound(owner.gone));
    let standing = app.store.standing(tenant, owner.member).await?;
    let Standing { member, organization, active_connections, registrations, directory } = standing;
    let organization = organization.ok_or_else(gone)?;
    let before = member.filter(|member| member.status != MemberStatus::Deleted).ok_or_else(gone)?;
    if !owner.moves && before.email != *address {
        return Err(gone());
    }
    if !allows(&organization, owner.method) && !before.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    let mut member = before.clone();
    member.change_email(address.clone(), true, false);
    member.arrive();
    member.reached(address);
    let mut changes = Batch::new();
    if member != before {
        member.touch(ctx.now);
        let event = Scene::proved(ctx, tenant, Actor::Member(member.id))
            .event(app, EventKind::MemberUpdated, Object::Member(member.id))
            .changed(&before, &member);
        let moves = member.email != before.email;
        let unclaimed = moves.then(|| organizations::unclaimed(tenant, address.domain()));
        changes = Batch::from([members::update(&member, before.version), event.write()])
            .requires(unclaimed)
            .and(retired_emails::moved(&before, &member));
    }
    let member = views::member_with(app, &organization, member, registrations).await?;
    let organization = OrganizationView { organization, active_connections, directory };
    Ok(Whose::changed(organization, member, changes))
}

/// What somebody finds who has shown an address and belongs nowhere yet.
#[derive(Debug)]
pub(crate) struct Found {
    /// The token to go on with.
    pub token: Token,
    /// Until when.
    pub expires_at: Time,
    /// The address.
    pub address: EmailAddress,
    /// Where they may go on.
    pub organizations: Vec<Discovered>,
}

/// Uses a proof up for a sign-in that waits for the choice of an organization.
pub(super) async fn seek(app: &App, ctx: &Ctx, project: &Project, proved: Proved) -> Result<Found, Failure> {
    let token = Token::generate(app.entropy.as_ref());
    let waiting = IntermediateSession::unplaced(&token, project.id, vec![proved.factor], ctx.now);
    let expires_at = waiting.expires_at;
    let batch = proved.spends.with([intermediate::insert(&waiting)]);
    app.store.commit(batch).await.map_err(meaning)?;
    let seeker = Seeker::Intermediate(token.clone());
    let (address, organizations) = discovery::list(app, ctx, project, &seeker).await?;
    Ok(Found { token, expires_at, address, organizations })
}
