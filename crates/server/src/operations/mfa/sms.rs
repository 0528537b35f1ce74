//! Codes by text message: send one, prove a number by it, and send one unasked where a sign-in waits for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MessageId;
use vestibule_domain::member::Member;
use vestibule_domain::mfa::allowance::{Bound, bounds};
use vestibule_domain::mfa::phone::number_for_code;
use vestibule_domain::mfa::sms::{CODE_LIFETIME, SmsCode, draw_code};
use vestibule_domain::mfa::{self, Choices};
use vestibule_domain::organization::Organization;
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::refusal::{Channel, OneTime, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::session::{FactorKind, MfaMethod};
use vestibule_domain::time::Time;
use vestibule_store::tables::quotas::{self, Quota};
use vestibule_store::tables::{members, organizations, outbox, sms_codes};
use vestibule_store::{Batch, Stamped};

use super::{Judged, Prover, evidence, load, noted};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Joins, SessionRequest};
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
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

/// What a message to a number of a member counts for.
fn counted(app: &App, member: &Member, to: &str) -> Vec<Quota> {
    let hourly = Some(app.limits.messages().texts_of_project_per_hour).filter(|most| *most > 0);
    let bounds = bounds(member.project_id, member.id, to, hourly.map(i64::from));
    let quota = |bound: Bound| Quota { subject: bound.subject, most: bound.most, per: bound.per };
    bounds.into_iter().map(quota).collect()
}

/// Until when there is no room for one message more.
async fn full_until(app: &App, ctx: &Ctx, member: &Member, to: &str) -> Result<Option<Time>, Failure> {
    for quota in counted(app, member, to) {
        let ends = app.store.quota_ends(member.project_id, &quota).await?;
        if let Some(until) = ends.filter(|until| ctx.now < *until) {
            return Ok(Some(until));
        }
    }
    Ok(None)
}

async fn require_room(app: &App, ctx: &Ctx, member: &Member, to: &str) -> Result<(), Failure> {
    let Some(until) = full_until(app, ctx, member, to).await? else { return Ok(()) };
    let left = until.millis().saturating_sub(ctx.now.millis());
    Err(Failure::Limited(u64::try_from(left).unwrap_or_default().div_ceil(1000)))
}

/// The writes that send a new code: the code under its key, the message, and what counts it.
fn dispatch(
    app: &App,
    ctx: &Ctx,
    organization: &Organization,
    member: &Member,
    to: &str,
    locale: Option<&str>,
) -> Result<Batch, Failure> {
    let drawn = draw_code(app.entropy.as_ref());
    let expires_at = ctx.now.plus(CODE_LIFETIME);
    let stamp = stamped(member, to, &drawn, |stamped| app.vault.stamp(stamped));
    let code = SmsCode {
        project_id: member.project_id,
        organization_id: member.organization_id,
        member_id: member.id,
        phone_number: to.to_owned(),
        stamp: URL_SAFE_NO_PAD.encode(stamp),
        expires_at,
    };
    let message = Message {
        id: MessageId::generate_at(member.id.environment(), ctx.now, app.entropy.as_ref()),
        project_id: member.project_id,
        purpose: Purpose::SecondFactor,
        letter: Letter {
            to: Recipient::Sms(to.to_owned()),
            means: Means::Code(drawn.expose().to_owned()),
            place: organization.name.clone(),
            invited_by: String::new(),
            language: locale.unwrap_or_default().to_owned(),
        },
        created_at: ctx.now,
        expires_at,
    };
    let counted = counted(app, member, to);
    let counted = counted.iter().map(|quota| quotas::take(member.project_id, quota, ctx.now));
    Ok(Batch::from(counted.collect::<Vec<_>>())
        .with([sms_codes::keep(&code), outbox::insert(&message, &app.vault, app.entropy.as_ref())?]))
}

/// Sends a code to whoever is asked for one first and waits for it now (contract 9.6). `None` when there is nobody to send
/// it to, or as many were sent as may be: they are signed in so far all the same, and can ask for one later.
///
/// # Errors
/// The store's.
pub(crate) async fn initiated(
    app: &App,
    ctx: &Ctx,
    organization: &Organization,
    member: &Member,
    locale: Option<&str>,
) -> Result<Option<Batch>, Failure> {
    let is_asked = mfa::asked_first(organization, member) == Some(MfaMethod::SmsOtp);
    if !is_asked || app.post.require(Channel::Sms).is_err() {
        return Ok(None);
    }
    let to = &member.mfa_phone_number;
    if full_until(app, ctx, member, to).await?.is_some() {
        return Ok(None);
    }
    dispatch(app, ctx, organization, member, to, locale).map(Some)
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

/// Whether it is the code that was sent. Another node may have made the key since.
async fn is_code(
    app: &App,
    ctx: &Ctx,
    member: &Member,
    sent: &SmsCode,
    code: &Secret,
) -> Result<bool, Failure> {
    let tag = URL_SAFE_NO_PAD.decode(&sent.stamp).unwrap_or_default();
    let is_it = || stamped(member, &sent.phone_number, code, |stamped| app.vault.is_stamp(&tag, stamped));
    Ok(is_it() || (app.vault.look_for_stamps(ctx.now).await? && is_it()))
}

/// What a code is kept as a stamp of: nobody who reads the database can try a million codes against it, and a stamp is good
/// for one number of one member.
fn stamped<T>(member: &Member, number: &str, code: &Secret, then: impl FnOnce(Stamped<'_>) -> T) -> T {
    let (project, id) = (member.project_id.to_string(), member.id.to_string());
    let parts = [project.as_bytes(), id.as_bytes(), number.as_bytes(), code.expose().as_bytes()];
    then(Stamped { purpose: "sms code", parts: &parts })
}
