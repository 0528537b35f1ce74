//! Second factors of members: an authenticator application with its recovery codes, and codes by text message. Every proof
//! ends in [`authenticate`](super::authentication::authenticate); what may be changed by whom is decided in the domain
//! (ADR 37).

mod attempts;
mod evidence;
pub(crate) mod recovery_codes;
pub(crate) mod sms;
pub(crate) mod totp;

use vestibule_domain::Tenant;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::mfa::evidence::Evidence;
use vestibule_domain::mfa::{self, Choices};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::rbac::{Actor, Grant};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::session::{Factor, FactorKind, MfaMethod};
use vestibule_store::tables::together::Standing;
use vestibule_store::tables::{members, mfa_attempts};
use vestibule_store::{Batch, Write};

use super::authentication::{Authenticated, Proved, SessionRequest, Whose, authenticate};
use super::events::Scene;
use super::views::{self, OrganizationView, SessionView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// An active member of the organization, by id or external id.
///
/// # Errors
/// There is none; [`What::ActiveMembersOnly`] for who has not come in yet.
pub(crate) async fn member(
    app: &App,
    grant: &Grant<ManageFactors>,
    locator: &str,
) -> Result<Member, Failure> {
    let found = app.store.member(grant.tenant(), locator).await?;
    let member = found.ok_or(What::NotFound(Thing::Member))?;
    require_active(&member)?;
    Ok(member)
}

fn require_active(member: &Member) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Active => Ok(()),
        MemberStatus::Deleted => Err(What::NotFound(Thing::Member).into()),
        MemberStatus::Pending | MemberStatus::Invited => Err(Refusal::new(What::ActiveMembersOnly)
            .found(format!("a member who is {}", member.status.as_str()))),
    }
}

/// The same, loaded again by id.
async fn load(app: &App, tenant: Tenant, id: MemberId) -> Result<Member, Failure> {
    let member = app.store.member_of(tenant, id).await?.ok_or(What::NotFound(Thing::Member))?;
    require_active(&member)?;
    Ok(member)
}

/// Somebody who brings the proof of a second factor.
struct Prover<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    project: &'a Project,
    tenant: Tenant,
    member: MemberId,
    /// What they have shown beside it.
    evidence: Evidence,
}

impl<'a> Prover<'a> {
    /// Whoever goes on with the session or the unfinished sign-in of a member.
    ///
    /// # Errors
    /// What [`evidence::shown`] refuses; a factor that the organization does not take.
    async fn of(
        app: &'a App,
        ctx: &'a Ctx,
        project: &'a Project,
        (grant, member): (&Grant<ManageFactors>, &Member),
        (method, request): (MfaMethod, &SessionRequest),
    ) -> Result<Self, Failure> {
        let organization = grant.organization();
        let evidence = evidence::shown(app, ctx, project, (organization, member), request).await?;
        mfa::require_allowed(organization, method)?;
        Ok(Self { app, ctx, project, tenant: grant.tenant(), member: member.id, evidence })
    }

    /// Judges a proof, which is paid for before. `judge` takes the member as they are and says what the proof leaves of
    /// them; it is asked again whenever something changed at the same moment.
    ///
    /// # Errors
    /// What `judge` and [`authenticate`] refuse; too many wrong codes before.
    async fn prove<J>(
        &self,
        kind: FactorKind,
        request: &SessionRequest,
        judge: impl Fn(OrganizationView, Member) -> J,
    ) -> Result<Box<SessionView>, Failure>
    where
        J: Future<Output = Result<Judged, Failure>>,
    {
        let Self { app, ctx, tenant, member, .. } = *self;
        let paid = attempts::pay(app, ctx, tenant, member).await?;
        let factor = Factor { kind, created_at: ctx.now, last_authenticated_at: ctx.now, valid_until: None };
        // What uses the proof up is among the changes, which are decided anew at each try.
        let spends = Batch::from(mfa_attempts::forget(tenant, member));
        let proved = Proved { factor, spends, spent: mfa_attempts::LOADED };
        let whose = async || {
            let (organization, loaded, registrations) = self.standing().await?;
            let judged = judge(organization, loaded.clone()).await?;
            let changes = self.changes(&loaded, &judged);
            let Judged { organization, member, .. } = judged;
            let member = views::member_with(app, &organization.organization, member, registrations).await?;
            Ok(Whose::changed(organization, member, changes))
        };
        match authenticate(app, ctx, self.project, &proved, request, whose).await {
            Ok(Authenticated::Session(view)) => Ok(view),
            // What was missing was asked for before: it has become more meanwhile.
            Ok(Authenticated::Intermediate(_)) => Err(What::PrimaryNeeded.into()),
            Err(failure) => {
                attempts::settle(app, ctx, (tenant, member), paid, &failure).await?;
                Err(failure)
            }
        }
    }

    /// The member as they are, with what they are shown by.
    async fn standing(
        &self,
    ) -> Result<(OrganizationView, Member, Vec<vestibule_domain::identity::Registration>), Failure> {
        let standing = self.app.store.standing(self.tenant, self.member).await?;
        let Standing { member, organization, active_connections, registrations, directory } = standing;
        let organization = organization.ok_or(What::NotFound(Thing::Organization))?;
        let member = member.ok_or(What::NotFound(Thing::Member))?;
        require_active(&member)?;
        Ok((OrganizationView { organization, active_connections, directory }, member, registrations))
    }

    /// The writes that a proof causes: its own, and the member where they are another than before.
    fn changes(&self, loaded: &Member, judged: &Judged) -> Batch {
        let scene = Scene::proved(self.ctx, self.tenant, Actor::Member(self.member));
        let is_changed = judged.member.differs_from(loaded);
        let kind = judged.event.clone().or(is_changed.then_some(EventKind::MemberUpdated));
        let event = kind.map(|kind| {
            scene.event(self.app, kind, Object::Member(self.member)).changed(loaded, &judged.member).write()
        });
        let update = is_changed.then(|| members::update(&judged.member, loaded.version));
        Batch::from(judged.spends.clone()).with(update).with(event)
    }
}

/// What a proof comes to.
struct Judged {
    organization: OrganizationView,
    /// The member as it leaves them.
    member: Member,
    /// Uses it up.
    spends: Vec<Write>,
    /// What has happened, where that is more than a sign-in.
    event: Option<EventKind>,
}

/// What the proof of a second factor changes about its member, with what they choose themselves.
fn noted(
    organization: &OrganizationView,
    loaded: &Member,
    mut member: Member,
    (method, choices): (MfaMethod, Choices),
    ctx: &Ctx,
) -> Member {
    mfa::note_proof(&organization.organization, &mut member, method, choices);
    if member.differs_from(loaded) {
        member.touch(ctx.now);
    }
    member
}
