//! Second factors of whoever asks: of the member of their session, or of their sign-in that waits. The member is known by
//! what they show; what a body says has to agree with it. The project vouches for nobody here (ADR 37).

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::Tenant;
use vestibule_domain::member::Member;
use vestibule_domain::mfa::totp::{Expiration, checked_code};
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::rbac::{Authority, Grant};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Secret;

use super::caller::{SignedIn, Visitor, Wish};
use super::{Answer, Sdk};
use crate::doors::stytch::backend::recovery_codes::{CodesOut, RecoverOut, shown};
use crate::doors::stytch::backend::totp::{CreateOut, created};
use crate::doors::stytch::ok;
use crate::doors::stytch::second_factor::{MemberPart, ProvedOut, choices};
use crate::doors::stytch::session_request::check_locale;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{InputPair, required};
use crate::operations::authentication::{Joins, SessionRequest, waiting};
use crate::operations::mfa::{recovery_codes, sms, totp};
use crate::operations::{mfa, sessions};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let (totp, sms, codes) = ("/sdk/v1/b2b/totp", "/sdk/v1/b2b/otps/sms", "/sdk/v1/b2b/recovery_codes");
    Endpoints::new()
        .post(totp, Needs::Project, create_totp)
        .post(&format!("{totp}/authenticate"), Needs::Project, prove_totp)
        .post(&format!("{sms}/send"), Needs::Project, send_code)
        .post(&format!("{sms}/authenticate"), Needs::Project, prove_code)
        .post(&format!("{codes}/recover"), Needs::Project, recover)
        .get(codes, Needs::Session, show_codes)
        .post(&format!("{codes}/rotate"), Needs::Session, rotate_codes)
}

/// A member, by what they show.
struct Whose {
    grant: Grant<ManageFactors>,
    member: Member,
    joins: Joins,
}

/// Whom a body names.
#[derive(Deserialize)]
struct NamedIn {
    organization_id: Option<String>,
    member_id: Option<String>,
    intermediate_session_token: Option<String>,
}

impl Whose {
    async fn of(app: &App, ctx: &Ctx, visitor: &Visitor, named: &NamedIn) -> Result<Self, Failure> {
        let joins = visitor.joins(named.intermediate_session_token.as_deref()).ok_or(What::NotSignedIn)?;
        let project = &visitor.project;
        let (joins, tenant, id, another) = match joins {
            Joins::Session(presented) | Joins::Beside(presented) => {
                let session = sessions::live(app, ctx, project, &presented).await?.session;
                (Joins::Session(presented), session.tenant(), session.member_id, What::OtherMember)
            }
            Joins::Intermediate(token) => {
                let gone = What::NotFound(Thing::IntermediateSession);
                let sign_in = waiting(app, ctx, project, &token).await?;
                let (organization, member) = sign_in.organization_id.zip(sign_in.member_id).ok_or(gone)?;
                (Joins::Intermediate(token), Tenant::stored(project.id, organization), member, gone)
            }
            Joins::Carried(_) => return Err(What::NotSignedIn.into()),
        };
        let policy = app.policy(project).await?;
        let found = app.store.organization_of(tenant).await?;
        let grant = Authority::of_member(tenant, id, Vec::new(), policy).enter(found)?.own_factors()?;
        let member = mfa::member(app, &grant, &id.to_string()).await?;
        let whose = Self { grant, member, joins };
        if whose.is(named) { Ok(whose) } else { Err(another.into()) }
    }

    /// Whether it is whom the body names, as far as it names anybody.
    fn is(&self, named: &NamedIn) -> bool {
        let organization = self.grant.organization();
        let fits = |asked: Option<&str>, names: [Option<&str>; 3]| {
            asked.filter(|asked| !asked.is_empty()).is_none_or(|asked| names.contains(&Some(asked)))
        };
        let (id, member) = (organization.id.to_string(), self.member.id.to_string());
        fits(
            named.organization_id.as_deref(),
            [Some(&id), Some(&organization.slug), organization.external_id.as_deref()],
        ) && fits(named.member_id.as_deref(), [Some(&member), self.member.external_id.as_deref(), None])
    }

    fn parts(&self) -> (&Grant<ManageFactors>, &Member) {
        (&self.grant, &self.member)
    }
}

/// Who proves a factor, and the session that it goes to.
async fn proving(
    app: &App,
    ctx: &Ctx,
    visitor: &Visitor,
    named: &NamedIn,
    session_duration_minutes: Option<i64>,
) -> Result<(Whose, SessionRequest), Failure> {
    let whose = Whose::of(app, ctx, visitor, named).await?;
    let joins = Some(whose.joins.clone());
    let request = visitor.session_request(&Wish { session_duration_minutes, ..Wish::default() })?;
    Ok((whose, SessionRequest { joins, ..request }))
}

#[derive(Deserialize)]
struct CreateIn {
    expiration_minutes: Option<i64>,
}

async fn create_totp(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, named): InputPair<CreateIn, NamedIn>,
) -> Answer<CreateOut> {
    let whose = Whose::of(&app, &ctx, &visitor, &named).await?;
    let expiration = body.expiration_minutes.map(Expiration::minutes).transpose()?;
    let expiration = expiration.unwrap_or(Expiration::DEFAULT);
    created(&app, &ctx, &visitor.project, whose.parts(), (expiration, Some(&whose.joins))).await
}

#[derive(Deserialize)]
struct CodeIn {
    code: Option<String>,
    set_mfa_enrollment: Option<String>,
    set_default_mfa: Option<bool>,
    session_duration_minutes: Option<i64>,
}

async fn prove_totp(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, named): InputPair<CodeIn, NamedIn>,
) -> Answer<ProvedOut> {
    let code = checked_code(required(body.code.as_deref(), "code")?, Field::TotpCode)?;
    let choices = choices(body.set_mfa_enrollment.as_deref(), body.set_default_mfa)?;
    let (whose, request) = proving(&app, &ctx, &visitor, &named, body.session_duration_minutes).await?;
    let proof = (&code, choices, &request);
    let view = totp::authenticate(&app, &ctx, &visitor.project, whose.parts(), proof).await?;
    visitor.answer(&app, &ctx, ProvedOut::of(&app, &ctx, &visitor.project, &view).await?)
}

#[derive(Deserialize)]
struct SendIn {
    mfa_phone_number: Option<String>,
    locale: Option<String>,
}

async fn send_code(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, named): InputPair<SendIn, NamedIn>,
) -> Answer<MemberPart> {
    body.locale.as_deref().map_or(Ok(()), check_locale)?;
    let whose = Whose::of(&app, &ctx, &visitor, &named).await?;
    let to = (body.mfa_phone_number.as_deref(), body.locale.as_deref());
    let joins = Some(&whose.joins);
    let view = sms::send(&app, &ctx, &visitor.project, whose.parts(), to, joins).await?;
    ok(&ctx, MemberPart::of(&app, whose.grant.organization(), &view).await?)
}

async fn prove_code(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, named): InputPair<CodeIn, NamedIn>,
) -> Answer<ProvedOut> {
    let code = checked_code(required(body.code.as_deref(), "code")?, Field::SentCode)?;
    let choices = choices(body.set_mfa_enrollment.as_deref(), body.set_default_mfa)?;
    let (whose, request) = proving(&app, &ctx, &visitor, &named, body.session_duration_minutes).await?;
    let proof = (&code, choices, &request);
    let view = sms::authenticate(&app, &ctx, &visitor.project, whose.parts(), proof).await?;
    visitor.answer(&app, &ctx, ProvedOut::of(&app, &ctx, &visitor.project, &view).await?)
}

#[derive(Deserialize)]
struct RecoverIn {
    recovery_code: Option<String>,
    session_duration_minutes: Option<i64>,
}

async fn recover(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, named): InputPair<RecoverIn, NamedIn>,
) -> Answer<RecoverOut> {
    let code = Secret::from(required(body.recovery_code.as_deref(), "recovery_code")?);
    let (whose, request) = proving(&app, &ctx, &visitor, &named, body.session_duration_minutes).await?;
    let (view, recovery_codes_remaining) =
        recovery_codes::recover(&app, &ctx, &visitor.project, whose.parts(), (&code, &request)).await?;
    let proved = ProvedOut::of(&app, &ctx, &visitor.project, &view).await?;
    visitor.answer(&app, &ctx, RecoverOut { proved, recovery_codes_remaining })
}

/// Recovery codes take the place of a second factor, so they are for whoever has shown one.
async fn own_codes(app: &App, who: SignedIn) -> Result<(Grant<ManageFactors>, Member), Failure> {
    if !who.entry.showed_second_factor() {
        return Err(Refusal::new(What::SecondFactorNeeded)
            .because("Recovery codes are shown in a session that was proved by a second factor.")
            .into());
    }
    let id = who.view.session.member_id.to_string();
    let grant = who.entry.own_factors()?;
    let member = mfa::member(app, &grant, &id).await?;
    Ok((grant, member))
}

async fn show_codes(State(app): State<Arc<App>>, ctx: Ctx, who: SignedIn) -> Answer<CodesOut> {
    let (grant, member) = own_codes(&app, who).await?;
    let codes = recovery_codes::show(&app, &ctx, (&grant, &member)).await?;
    shown(&app, &ctx, (grant, member), &codes).await
}

async fn rotate_codes(State(app): State<Arc<App>>, ctx: Ctx, who: SignedIn) -> Answer<CodesOut> {
    let (grant, member) = own_codes(&app, who).await?;
    let codes = recovery_codes::rotate(&app, &ctx, (&grant, &member)).await?;
    shown(&app, &ctx, (grant, member), &codes).await
}
