//! Magic links: sign in, become a member, be invited, find one's organizations, by a link that is sent by mail.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{EmailId, MemberId};
use vestibule_domain::login::by_mail::Lifetime;
use vestibule_domain::member::MemberDraft;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::{Action, Entry};
use vestibule_domain::refusal::Refusal;
use vestibule_domain::secret::Token;

use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::browser::checked_challenge;
use crate::doors::stytch::by_mail::{LoginIn, SeekIn, SentOut};
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::redirect::magic_link;
use crate::doors::stytch::session_request::{begins_session, language};
use crate::doors::stytch::wire::discovered::FoundOut;
use crate::doors::stytch::wire::tokens::{HoldsTokens, Tokens};
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, InputPair, required};
use crate::operations::by_mail::LinkForm;
use crate::operations::by_mail::invite::{Invitation, invite};
use crate::operations::by_mail::links;
use crate::operations::by_mail::send::Sending;
use crate::operations::views;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .post("/v1/b2b/magic_links/email/login_or_signup", Needs::Project, login_or_signup)
        .post("/v1/b2b/magic_links/email/invite", Needs::Right(Action::CreateMember), invitation)
        .post("/v1/b2b/magic_links/email/discovery/send", Needs::Project, discovery_send)
        .post("/v1/b2b/magic_links/authenticate", Needs::Project, authenticate)
        .post("/v1/b2b/magic_links/discovery/authenticate", Needs::Project, discovery_authenticate)
}

/// Where a link leads, beside [`LoginIn`].
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct LinkIn {
    pub(in crate::doors::stytch) login_redirect_url: Option<String>,
    pub(in crate::doors::stytch) signup_redirect_url: Option<String>,
    pub(in crate::doors::stytch) pkce_code_challenge: Option<String>,
}

async fn login_or_signup(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    InputPair(body, link): InputPair<LoginIn, LinkIn>,
) -> Answer<SentOut> {
    let sending = Sending::Link {
        login_url: link.login_redirect_url,
        signup_url: link.signup_redirect_url,
        code_challenge: challenge(link.pkce_code_challenge)?,
        form: magic_link,
    };
    body.send(&app, &ctx, &caller, sending, Lifetime::LINK).await
}

/// The application's PKCE challenge, if one is given.
pub(in crate::doors::stytch) fn challenge(text: Option<String>) -> Result<Option<String>, Refusal> {
    given(text).as_deref().map(checked_challenge).transpose()
}

/// What is given and not empty.
pub(in crate::doors::stytch) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct InviteIn {
    organization_id: Option<String>,
    email_address: Option<String>,
    invite_redirect_url: Option<String>,
    pub(in crate::doors::stytch) invited_by_member_id: Option<String>,
    name: Option<String>,
    trusted_metadata: Option<Metadata>,
    untrusted_metadata: Option<Metadata>,
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    invite_template_id: Option<String>,
    locale: Option<String>,
    roles: Option<Vec<String>>,
    invite_expiration_minutes: Option<i64>,
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct InvitedOut {
    member_id: MemberId,
    member: MemberOut,
    organization: OrganizationOut,
}

async fn invitation(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<InviteIn>,
) -> Answer<InvitedOut> {
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let entry = caller.enter(&app, organization).await?;
    invited(&app, &ctx, &caller.project, entry, body).await
}

/// Invites somebody into an organization.
pub(in crate::doors::stytch) async fn invited<D: Door>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    entry: Entry,
    body: InviteIn,
) -> Answer<InvitedOut, D> {
    let draft = MemberDraft {
        email_address: required(body.email_address, "email_address")?,
        name: body.name.unwrap_or_default(),
        trusted_metadata: body.trusted_metadata.filter(|metadata| !metadata.is_empty()),
        untrusted_metadata: body.untrusted_metadata,
        roles: body.roles.unwrap_or_default(),
        ..MemberDraft::default()
    };
    let grant = entry.create_member(&draft)?;
    let invitation = Invitation {
        draft,
        invited_by: body.invited_by_member_id,
        url: body.invite_redirect_url,
        form: magic_link,
        lifetime: Lifetime::INVITE.read("invite_expiration_minutes", body.invite_expiration_minutes)?,
        language: language(body.locale.as_deref())?,
    };
    let member = invite(app, ctx, project, &grant, invitation).await?;
    let organization = views::organization(app, grant.organization().clone()).await?;
    let out = InvitedOut {
        member_id: member.member.id,
        member: MemberOut::from(&member),
        organization: OrganizationOut::from(&organization),
    };
    ok(ctx, out)
}

/// Where a link leads, beside [`SeekIn`].
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct DiscoveryLinkIn {
    pub(in crate::doors::stytch) discovery_redirect_url: Option<String>,
    pub(in crate::doors::stytch) pkce_code_challenge: Option<String>,
}

async fn discovery_send(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    InputPair(body, link): InputPair<SeekIn, DiscoveryLinkIn>,
) -> Answer<Nothing> {
    let code_challenge = challenge(link.pkce_code_challenge)?;
    let link = (link.discovery_redirect_url, code_challenge, magic_link as LinkForm);
    body.send(&app, &ctx, &caller.project, Some(link), Lifetime::LINK).await
}

begins_session! {
    AuthenticateIn {
        magic_links_token: String,
        pkce_code_verifier: String,
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct AuthenticateOut {
    #[serde(flatten)]
    pub(in crate::doors::stytch) came: AuthenticatedOut,
    pub(in crate::doors::stytch) method_id: EmailId,
    pub(in crate::doors::stytch) reset_sessions: bool,
}

impl HoldsTokens for AuthenticateOut {
    fn take_tokens(&mut self) -> Tokens {
        self.came.take_tokens()
    }
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<AuthenticateOut> {
    let token = Token::presented(required(body.magic_links_token.as_deref(), "magic_links_token")?);
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let verifier = given(body.pkce_code_verifier);
    let shown = (&token, verifier.as_deref());
    let (came, address) = links::follow(&app, &ctx, &caller.project, shown, &request).await?;
    let out = AuthenticateOut {
        came: AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?,
        method_id: EmailId::of(caller.project.id, &address),
        reset_sessions: false,
    };
    ok(&ctx, out)
}

#[derive(Deserialize)]
struct DiscoveryAuthenticateIn {
    discovery_magic_links_token: Option<String>,
    pkce_code_verifier: Option<String>,
}

async fn discovery_authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<DiscoveryAuthenticateIn>,
) -> Answer<FoundOut> {
    let token = required(body.discovery_magic_links_token, "discovery_magic_links_token")?;
    let verifier = given(body.pkce_code_verifier);
    let token = Token::presented(&token);
    let found = links::discover(&app, &ctx, &caller.project, &token, verifier.as_deref()).await?;
    ok(&ctx, FoundOut::from(&found))
}
