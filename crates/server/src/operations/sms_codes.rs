//! Codes by text message on their way: made, counted, sent, and known again. What a proof of one comes to is `mfa/sms.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_domain::id::MessageId;
use vestibule_domain::member::Member;
use vestibule_domain::mfa;
use vestibule_domain::mfa::allowance::{Bound, bounds};
use vestibule_domain::mfa::sms::{CODE_LIFETIME, SmsCode, draw_code};
use vestibule_domain::organization::Organization;
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::refusal::Channel;
use vestibule_domain::secret::Secret;
use vestibule_domain::session::MfaMethod;
use vestibule_domain::time::Time;
use vestibule_store::tables::quotas::{self, Quota};
use vestibule_store::tables::{outbox, sms_codes};
use vestibule_store::{Batch, Stamped};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What a message to a number of a member counts for.
fn counted(app: &App, member: &Member, to: &str) -> Vec<Quota> {
    let hourly = Some(app.limits.messages().texts_of_project_per_hour).filter(|most| *most > 0);
    let bounds = bounds(member.tenant(), member.id, to, hourly.map(i64::from));
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

/// Refuses when as many were sent as may be.
///
/// # Errors
/// [`Failure::Limited`] with the time until there is room for one more.
pub(crate) async fn require_room(app: &App, ctx: &Ctx, member: &Member, to: &str) -> Result<(), Failure> {
    let Some(until) = full_until(app, ctx, member, to).await? else { return Ok(()) };
    let left = until.millis().saturating_sub(ctx.now.millis());
    Err(Failure::Limited(u64::try_from(left).unwrap_or_default().div_ceil(1000)))
}

/// The writes that send a new code: the code under its key, the message, and what counts it.
///
/// # Errors
/// The message cannot be sealed.
pub(crate) fn dispatch(
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
            ends_at: None,
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

/// Whether it is the code that was sent. Another node may have made the key since.
///
/// # Errors
/// The store's.
pub(crate) async fn is_code(
    app: &App,
    ctx: &Ctx,
    member: &Member,
    sent: &SmsCode,
    code: &Secret,
) -> Result<bool, Failure> {
    let tag = URL_SAFE_NO_PAD.decode(&sent.stamp).unwrap_or_default();
    let is_it = || stamped(member, &sent.phone_number, code, |stamped| app.vault.is_stamp(&tag, stamped));
    Ok(app.vault.recognizes(ctx.now, is_it).await?)
}

/// What a code is kept as a stamp of: nobody who reads the database can try a million codes against it, and a stamp is good
/// for one number of one member.
fn stamped<T>(member: &Member, number: &str, code: &Secret, then: impl FnOnce(Stamped<'_>) -> T) -> T {
    let (project, id) = (member.project_id.to_string(), member.id.to_string());
    let parts = [project.as_bytes(), id.as_bytes(), number.as_bytes(), code.expose().as_bytes()];
    then(Stamped { purpose: "sms code", parts: &parts })
}
