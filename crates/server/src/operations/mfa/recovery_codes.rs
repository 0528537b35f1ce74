//! Recovery codes: use one, show them, make new ones.

use std::sync::atomic::{AtomicUsize, Ordering};

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::member::Member;
use vestibule_domain::mfa::recovery::RecoveryCodes;
use vestibule_domain::mfa::totp::{TotpRegistration, TotpState};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::refusal::{OneTime, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::session::{FactorKind, MfaMethod};
use vestibule_store::tables::{members, totp};

use super::{Judged, Prover};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::SessionRequest;
use crate::operations::change::{Patience, is_race};
use crate::operations::events::Scene;
use crate::operations::meaning::meaning;
use crate::operations::views::SessionView;
use crate::world::App;

/// Uses a recovery code up in place of the application that is lost, and so goes on with a session or an unfinished
/// sign-in. Gives how many are left.
///
/// # Errors
/// [`Thing::RecoveryCodes`] are not found; a code that is none of them; what [`Prover::prove`] refuses.
pub(crate) async fn recover(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    (code, request): (&Secret, &SessionRequest),
) -> Result<(Box<SessionView>, usize), Failure> {
    let whose = (grant, member);
    let prover = Prover::of(app, ctx, project, whose, (MfaMethod::Totp, request)).await?;
    let known = active(app, grant, member).await?;
    let remaining = AtomicUsize::new(0);
    let judge = async |organization, member: Member| -> Result<Judged, Failure> {
        let mut used = active(app, grant, &member).await?;
        if used.id != known.id {
            return Err(What::NotFound(Thing::RecoveryCodes).into());
        }
        let version = used.version;
        used.recover(code.expose()).map_err(|_| What::WrongCode(OneTime::Recovery))?;
        remaining.store(used.recovery_codes.remaining(), Ordering::Relaxed);
        let write = totp::update(&used, version, &app.vault, app.entropy.as_ref())?;
        let event = Some(EventKind::RecoveryCodeUsed);
        Ok(Judged { organization, member, spends: vec![write], event })
    };
    let view = prover.prove(FactorKind::RecoveryCode { totp_id: known.id }, request, judge).await?;
    Ok((view, remaining.into_inner()))
}

/// The application that a member has proved, with its codes.
async fn active(
    app: &App,
    grant: &Grant<ManageFactors>,
    member: &Member,
) -> Result<TotpRegistration, Failure> {
    let found = app.store.totp_of(&app.vault, grant.tenant(), member.id).await?;
    let active = found.filter(|totp| totp.state == TotpState::Active);
    Ok(active.ok_or(What::NotFound(Thing::RecoveryCodes))?)
}

/// The codes that were not used yet. That they were shown is in the audit trail.
///
/// # Errors
/// [`Thing::RecoveryCodes`] are not found.
pub(crate) async fn show(
    app: &App,
    ctx: &Ctx,
    (grant, member): (&Grant<ManageFactors>, &Member),
) -> Result<RecoveryCodes, Failure> {
    let totp = active(app, grant, member).await?;
    let event = Scene::of(ctx, grant).event(app, EventKind::RecoveryCodesShown, Object::Member(member.id));
    app.store.commit(event.acted()).await.map_err(meaning)?;
    Ok(totp.recovery_codes)
}

/// Makes new codes; the old ones are worth nothing from then on.
///
/// # Errors
/// [`Thing::RecoveryCodes`] are not found.
pub(crate) async fn rotate(
    app: &App,
    ctx: &Ctx,
    (grant, member): (&Grant<ManageFactors>, &Member),
) -> Result<RecoveryCodes, Failure> {
    let mut patience = Patience::default();
    loop {
        let mut totp = active(app, grant, member).await?;
        let version = totp.version;
        totp.rotate_recovery_codes(app.entropy.as_ref());
        let event =
            Scene::of(ctx, grant).event(app, EventKind::RecoveryCodesRotated, Object::Member(member.id));
        let write = totp::update(&totp, version, &app.vault, app.entropy.as_ref())?;
        let stands = members::stands(grant.tenant(), member.id);
        match app.store.commit(event.acted().with([write]).requires([stands])).await {
            Ok(()) => return Ok(totp.recovery_codes),
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}
