//! Links and codes by mail. Whoever asks for one learns nothing of who gets it.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use vestibule_domain::id::EmailId;
use vestibule_domain::login::by_mail::{Code, Lifetime};
use vestibule_domain::member::checked_email;
use vestibule_domain::rbac::Action::CreateMember;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::secret::Token;

use super::caller::{Acting, Visitor, Wish};
use super::{Answer, Sdk};
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::backend::email_otps::AuthenticateOut as CodeOut;
use crate::doors::stytch::backend::magic_links::{
    self, AuthenticateOut, DiscoveryLinkIn, InviteIn, InvitedOut, LinkIn, given,
};
use crate::doors::stytch::by_mail::{LoginIn, SeekIn};
use crate::doors::stytch::redirect::magic_link;
use crate::doors::stytch::wire::discovered::FoundOut;
use crate::doors::stytch::{Nothing, done};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair, required};
use crate::operations::by_mail::LinkForm;
use crate::operations::by_mail::send::{self, Asked, Sending};
use crate::operations::by_mail::{codes, links};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let (links, codes) = ("/sdk/v1/b2b/magic_links", "/sdk/v1/b2b/otps/email");
    Endpoints::new()
        .post(&format!("{links}/email/login_or_signup"), Needs::Project, send_link)
        .post(&format!("{links}/email/invite"), Needs::Right(CreateMember), invite)
        .post(&format!("{links}/email/discovery/send"), Needs::Project, send_discovery_link)
        .post(&format!("{links}/authenticate"), Needs::Project, follow)
        .post(&format!("{links}/discovery/authenticate"), Needs::Project, follow_discovery)
        .post(&format!("{codes}/login_or_signup"), Needs::Project, send_code)
        .post(&format!("{codes}/authenticate"), Needs::Project, enter)
        .post(&format!("{codes}/discovery/send"), Needs::Project, send_discovery_code)
        .post(&format!("{codes}/discovery/authenticate"), Needs::Project, enter_discovery)
}

/// The challenge of a link, which the project may require.
fn challenge(visitor: &Visitor, text: Option<String>) -> Result<Option<String>, Failure> {
    let challenge = magic_links::challenge(text)?;
    if visitor.settings.pkce_required_for_email_magic_links && challenge.is_none() {
        return Err(Refusal::new(What::Invalid(Field::PkceChallenge))
            .because("The project requires pkce_code_challenge (pkce_required_for_email_magic_links).")
            .into());
    }
    Ok(challenge)
}

/// Sends somebody a way into an organization, and says nothing of them.
async fn send_in(
    app: &App,
    ctx: &Ctx,
    visitor: &Visitor,
    (organization, asked): (String, Asked),
) -> Answer<Nothing> {
    let organization = visitor.organization(app, &organization).await?;
    send::to_member(app, ctx, &visitor.project, organization.tenant(), &asked).await?;
    done(ctx)
}

async fn send_link(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, link): InputPair<LoginIn, LinkIn>,
) -> Answer<Nothing> {
    app.limits.check_browser(ctx.ip)?;
    let sending = Sending::Link {
        login_url: link.login_redirect_url,
        signup_url: link.signup_redirect_url,
        code_challenge: challenge(&visitor, link.pkce_code_challenge)?,
        form: magic_link,
    };
    send_in(&app, &ctx, &visitor, body.asked(sending, Lifetime::LINK)?).await
}

async fn invite(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    who: Acting,
    Input(mut body): Input<InviteIn>,
) -> Answer<InvitedOut> {
    // Whoever asks invites, whatever the body says.
    body.invited_by_member_id = Some(who.id);
    magic_links::invited(&app, &ctx, &who.visitor.project, who.entry, body).await
}

async fn send_discovery_link(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, link): InputPair<SeekIn, DiscoveryLinkIn>,
) -> Answer<Nothing> {
    app.limits.check_browser(ctx.ip)?;
    let challenge = challenge(&visitor, link.pkce_code_challenge)?;
    let link = (link.discovery_redirect_url, challenge, magic_link as LinkForm);
    body.send(&app, &ctx, &visitor.project, Some(link), Lifetime::LINK).await
}

#[derive(Deserialize)]
struct FollowIn {
    magic_links_token: Option<String>,
    pkce_code_verifier: Option<String>,
}

async fn follow(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, wish): InputPair<FollowIn, Wish>,
) -> Answer<AuthenticateOut> {
    let token = Token::presented(required(body.magic_links_token.as_deref(), "magic_links_token")?);
    let request = visitor.session_request(&wish)?;
    let verifier = given(body.pkce_code_verifier);
    let shown = (&token, verifier.as_deref());
    let (came, address) = links::follow(&app, &ctx, &visitor.project, shown, &request).await?;
    let came = AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?;
    let method_id = EmailId::of(visitor.project.id, &address);
    visitor.answer(&app, &ctx, AuthenticateOut { came, method_id, reset_sessions: false })
}

#[derive(Deserialize)]
struct FollowDiscoveryIn {
    discovery_magic_links_token: Option<String>,
    pkce_code_verifier: Option<String>,
}

async fn follow_discovery(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<FollowDiscoveryIn>,
) -> Answer<FoundOut> {
    let token = Token::presented(&required(body.discovery_magic_links_token, "discovery_magic_links_token")?);
    let verifier = given(body.pkce_code_verifier);
    let found = links::discover(&app, &ctx, &visitor.project, &token, verifier.as_deref()).await?;
    visitor.answer(&app, &ctx, FoundOut::from(&found))
}

async fn send_code(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<LoginIn>,
) -> Answer<Nothing> {
    app.limits.check_browser(ctx.ip)?;
    send_in(&app, &ctx, &visitor, body.asked(Sending::Code, Lifetime::CODE)?).await
}

#[derive(Deserialize)]
struct EnterIn {
    organization_id: Option<String>,
    email_address: Option<String>,
    code: Option<String>,
}

async fn enter(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, wish): InputPair<EnterIn, Wish>,
) -> Answer<CodeOut> {
    app.limits.check_code(ctx.ip)?;
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let address = checked_email(required(body.email_address.as_deref(), "email_address")?)?;
    let code = Code::presented(required(body.code.as_deref(), "code")?);
    let request = visitor.session_request(&wish)?;
    let organization = visitor.organization(&app, organization).await?.id;
    let shown = (&address, &code);
    let came = codes::enter(&app, &ctx, &visitor.project, organization, shown, &request).await?;
    let came = AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?;
    let method_id = EmailId::of(visitor.project.id, &address);
    visitor.answer(&app, &ctx, CodeOut { came, method_id })
}

async fn send_discovery_code(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<SeekIn>,
) -> Answer<Nothing> {
    app.limits.check_browser(ctx.ip)?;
    body.send(&app, &ctx, &visitor.project, None, Lifetime::CODE).await
}

#[derive(Deserialize)]
struct EnterDiscoveryIn {
    email_address: Option<String>,
    code: Option<String>,
}

async fn enter_discovery(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Input(body): Input<EnterDiscoveryIn>,
) -> Answer<FoundOut> {
    app.limits.check_code(ctx.ip)?;
    let address = checked_email(&required(body.email_address, "email_address")?)?;
    let code = Code::presented(&required(body.code, "code")?);
    let found = codes::discover(&app, &ctx, &visitor.project, &address, &code).await?;
    visitor.answer(&app, &ctx, FoundOut::from(&found))
}
