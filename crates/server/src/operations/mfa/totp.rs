//! Authenticator applications: begin, prove, bring along, take away.

use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::member::Member;
use vestibule_domain::mfa::recovery::RecoveryCodes;
use vestibule_domain::mfa::totp::{Expiration, NotProved, TotpRegistration, TotpSecret, TotpState};
use vestibule_domain::mfa::{self, Choices};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{DeleteTotp, ManageFactors};
use vestibule_domain::refusal::{Name, OneTime, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::session::{FactorKind, MfaMethod};
use vestibule_store::Batch;
use vestibule_store::tables::{members, organizations, totp};

use super::{Judged, Prover, evidence, load, noted};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Joins, SessionRequest};
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::operations::views::{self, MemberView, SessionView};
use crate::world::App;

/// An application with its member.
pub(crate) struct Registered {
    /// The application.
    pub totp: TotpRegistration,
    /// The member.
    pub member: MemberView,
}

/// Begins to give a member an application; it waits for its first proof. One that waits already is forgotten.
///
/// # Errors
/// [`Name::Totp`] when they have one that was proved; [`What::SecondFactorNeeded`]; [`What::MfaMethodNotAllowedHere`]; a
/// session or an unfinished sign-in that is not theirs.
pub(crate) async fn begin(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    (expiration, joins): (Expiration, Option<&Joins>),
) -> Result<Registered, Failure> {
    let (tenant, organization) = (grant.tenant(), grant.organization());
    let evidence = evidence::asked_with(app, ctx, project, (organization, member), joins).await?;
    mfa::require_allowed(organization, MfaMethod::Totp)?;
    let decide = |member: &mut Member| {
        require_none(member)?;
        evidence.may_add_factor(member)?;
        let begun = TotpRegistration::begin(member, expiration, ctx.now, app.entropy.as_ref());
        let event = Scene::of(ctx, grant).event(app, EventKind::TotpBegun, Object::Member(member.id));
        let batch = event
            .acted()
            .with([totp::begin(&begun, &app.vault, app.entropy.as_ref())?])
            .requires(organizations::stands(tenant))
            .requires([members::at_version(tenant, member.id, member.version)]);
        Ok(Decision::SaveOthers(batch, begun))
    };
    let (member, totp) = change(app, member.id, || load(app, tenant, member.id), decide).await?;
    Ok(Registered { totp, member: views::member(app, organization, member).await? })
}

fn require_none(member: &Member) -> Result<(), Failure> {
    if member.totp_id.is_some() { Err(What::Taken(Name::Totp).into()) } else { Ok(()) }
}

/// Proves an application by its code, for the first time or again, and so goes on with a session or an unfinished sign-in.
///
/// # Errors
/// [`Thing::Totp`] is not found; a code that is wrong or was used; [`What::SecondFactorNeeded`] for the first proof by
/// whoever may not add a factor; what [`Prover::prove`] refuses.
pub(crate) async fn authenticate(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    (code, choices, request): (&Secret, Choices, &SessionRequest),
) -> Result<Box<SessionView>, Failure> {
    let whose = (grant, member);
    let prover = Prover::of(app, ctx, project, whose, (MfaMethod::Totp, request)).await?;
    let known = standing(&prover, member).await?;
    let judge = async |organization, loaded: Member| -> Result<Judged, Failure> {
        let mut proved = standing(&prover, &loaded).await?;
        if proved.id != known.id {
            return Err(What::NotFound(Thing::Totp).into());
        }
        let (version, is_first) = (proved.version, proved.state != TotpState::Active);
        proved.prove(code.expose(), ctx.now).map_err(meaning)?;
        let mut member = loaded.clone();
        member.totp_id = Some(proved.id);
        let member = noted(&organization, &loaded, member, (MfaMethod::Totp, choices), ctx);
        let write = totp::update(&proved, version, &app.vault, app.entropy.as_ref())?;
        let event = is_first.then_some(EventKind::TotpActivated);
        Ok(Judged { organization, member, spends: vec![write], event })
    };
    prover.prove(FactorKind::Totp { totp_id: known.id }, request, judge).await
}

/// The application that a member can prove now.
async fn standing(prover: &Prover<'_>, member: &Member) -> Result<TotpRegistration, Failure> {
    let Prover { app, ctx, tenant, evidence, .. } = prover;
    let found = app.store.totp_of(&app.vault, *tenant, member.id).await?;
    let totp = found.filter(|totp| totp.stands(ctx.now)).ok_or(What::NotFound(Thing::Totp))?;
    if totp.state != TotpState::Active {
        evidence.may_add_factor(member)?;
    }
    Ok(totp)
}

/// What a code that proves nothing means to whoever brought it.
fn meaning(why: NotProved) -> What {
    match why {
        NotProved::Wrong => What::WrongCode(OneTime::Totp),
        NotProved::Used => What::SpentCode(OneTime::Totp),
        NotProved::Over => What::NotFound(Thing::Totp),
    }
}

/// Gives a member the application that they have proved in another system; without recovery codes of theirs they get new
/// ones.
///
/// # Errors
/// [`Name::Totp`] when they have one that was proved.
pub(crate) async fn migrate(
    app: &App,
    ctx: &Ctx,
    (grant, member): (&Grant<ManageFactors>, &Member),
    secret: TotpSecret,
    codes: Vec<String>,
) -> Result<Registered, Failure> {
    let tenant = grant.tenant();
    let codes = match codes.is_empty() {
        true => RecoveryCodes::generate(app.entropy.as_ref()),
        false => RecoveryCodes::brought(codes)?,
    };
    let decide = |member: &mut Member| {
        require_none(member)?;
        let before = member.clone();
        let brought =
            TotpRegistration::brought(member, secret.clone(), codes.clone(), ctx.now, app.entropy.as_ref());
        member.totp_id = Some(brought.id);
        mfa::note_proof(grant.organization(), member, MfaMethod::Totp, Choices::default());
        member.touch(ctx.now);
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::TotpMigrated, Object::Member(member.id))
            .changed(&before, &*member);
        let write = totp::begin(&brought, &app.vault, app.entropy.as_ref())?;
        let batch = event.acted().with([write]).requires(organizations::stands(tenant));
        Ok(Decision::Save(batch, brought))
    };
    let (member, totp) = change(app, member.id, || load(app, tenant, member.id), decide).await?;
    Ok(Registered { totp, member: views::member(app, grant.organization(), member).await? })
}

/// Takes a member's application and its recovery codes away. Sessions that were proved by it end: whoever found the
/// telephone may have one.
///
/// # Errors
/// [`Thing::Totp`] is not found.
pub(crate) async fn delete(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeleteTotp>,
    member: &Member,
) -> Result<MemberView, Failure> {
    let tenant = grant.tenant();
    let decide = |member: &mut Member| {
        let Some(removed) = member.totp_id else { return Err(What::NotFound(Thing::Totp).into()) };
        let before = Facts::from(&*member);
        member.remove_totp();
        member.touch(ctx.now);
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::TotpDeleted, Object::Member(member.id))
            .with("totp_registration_id", removed.to_string())
            .changed(before, &*member);
        let batch: Batch = event.acted().with([totp::delete_of_member(tenant, member.id)]);
        Ok(Decision::save(batch))
    };
    let (member, ()) = change(app, member.id, || load(app, tenant, member.id), decide).await?;
    views::member(app, grant.organization(), member).await
}
