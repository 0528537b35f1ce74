//! Codes by text message: send one, prove a number by it, and send one unasked where a sign-in waits for it.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::member::Member;
use vestibule_domain::mfa::phone::number_for_code;
use vestibule_domain::mfa::sms::SmsCode;
use vestibule_domain::mfa::{self, Choices};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::refusal::{Channel, OneTime, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::session::{FactorKind, MfaMethod};
use vestibule_store::tables::{members, organizations, sms_codes};

use super::{Judged, Prover, evidence, load, noted};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Joins, SessionRequest};
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::operations::sms_codes::{dispatch, is_code, require_room};
use crate::operations::views::{self, MemberView, SessionView};
use crate::world::App;

/// Sends a code to the number of a member, which is the one given when they have none yet.
///
/// # Errors
/// What [`number_for_code`] refuses; [`Failure::Limited`] when as many were sent as may be; a session or an unfinished
/// sign-in that is not theirs; [`What::CannotSend`].
pub(crate) async fn send(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    (number, locale): (Option<&str>, Option<&str>),
    joins: Option<&Joins>,
) -> Result<MemberView, Failure> {
    let (tenant, organization) = (grant.tenant(), grant.organization());
    let evidence = evidence::asked_with(app, ctx, project, (organization, member), joins).await?;
    mfa::require_allowed(organization, MfaMethod::SmsOtp)?;
    app.post.require(Channel::Sms)?;
    let to = number_for_code(&mut member.clone(), number, evidence)?;
    require_room(app, ctx, member, &to).await?;
    let decide = |member: &mut Member| {
        let before = member.clone();
        let to = number_for_code(member, number, evidence)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::SmsCodeSent, Object::Member(member.id))
            .changed(&before, &*member);
        let batch = event
            .acted()
            .and(dispatch(app, ctx, organization, member, &to, locale)?)
            .requires(organizations::stands(tenant));
        if member.differs_from(&before) {
            member.touch(ctx.now);
            return Ok(Decision::save(batch));
        }
        let as_loaded = members::at_version(tenant, member.id, member.version);
        Ok(Decision::SaveOthers(batch.requires([as_loaded]), ()))
    };
    match change(app, member.id, || load(app, tenant, member.id), decide).await {
        Ok((member, ())) => views::member(app, organization, member).await,
        Err(failure) => {
            // Others took the last place meanwhile: it says until when.
            require_room(app, ctx, member, &to).await?;
            Err(failure)
        }
    }
}

/// Proves the number of a member by the code that was sent to it, and so goes on with a session or an unfinished sign-in.
///
/// # Errors
/// A code that is wrong, was used or has ended; [`What::SecondFactorNeeded`] for the first proof of a number by whoever may
/// not add a factor; what [`Prover::prove`] refuses.
pub(crate) async fn authenticate(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (grant, member): (&Grant<ManageFactors>, &Member),
    (code, choices, request): (&Secret, Choices, &SessionRequest),
) -> Result<Box<SessionView>, Failure> {
    let whose = (grant, member);
    let prover = Prover::of(app, ctx, project, whose, (MfaMethod::SmsOtp, request)).await?;
    let known = waiting(&prover, member).await?;
    let judge = async |organization, loaded: Member| -> Result<Judged, Failure> {
        let sent = waiting(&prover, &loaded).await?;
        if !is_code(app, ctx, &loaded, &sent, code).await? {
            return Err(What::WrongCode(OneTime::Sms).into());
        }
        let mut member = loaded.clone();
        member.mfa_phone_number_verified = true;
        let member = noted(&organization, &loaded, member, (MfaMethod::SmsOtp, choices), ctx);
        Ok(Judged { organization, member, spends: vec![sms_codes::redeem(&sent, ctx.now)], event: None })
    };
    prover.prove(FactorKind::Sms { phone_number: known.phone_number }, request, judge).await
}

/// The code that a member was sent and has not used, to the number that is theirs now.
async fn waiting(prover: &Prover<'_>, member: &Member) -> Result<SmsCode, Failure> {
    let Prover { app, ctx, tenant, evidence, .. } = prover;
    let sent = app.store.sms_code_of(*tenant, member.id).await?;
    let is_good = |code: &SmsCode| ctx.now < code.expires_at && code.phone_number == member.mfa_phone_number;
    let sent = sent.filter(is_good).ok_or(What::SpentCode(OneTime::Sms))?;
    if !member.mfa_phone_number_verified {
        evidence.may_add_factor(member)?;
    }
    Ok(sent)
}
