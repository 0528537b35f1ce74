//! Magic links: sign in, become a member, be invited, find one's organizations, by a link that is sent by mail.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{EmailId, MemberId};
use vestibule_domain::login::by_mail::Lifetime;
use vestibule_domain::member::{MemberDraft, checked_email};
use vestibule_domain::metadata::Metadata;
use vestibule_domain::rbac::Action;
use vestibule_domain::secret::Token;

use super::discovery::DiscoveredOut;
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::browser::checked_challenge;
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::redirect::magic_link;
use crate::doors::stytch::session_request::{begins_session, language};
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Nothing, Stytch, done, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::by_mail::LinkForm;
use crate::operations::by_mail::invite::{Invitation, invite};
use crate::operations::by_mail::links;
use crate::operations::by_mail::proof::Found;
use crate::operations::by_mail::send::{self, Asked, Discovery, Sending, Sent};
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

/// Whom something was sent to.
#[derive(Serialize)]
pub(super) struct SentOut {
    member_id: MemberId,
    member_created: bool,
    member: MemberOut,
    organization: OrganizationOut,
}

impl From<&Sent> for SentOut {
    fn from(sent: &Sent) -> Self {
        Self {
            member_id: sent.member.member.id,
            member_created: sent.created,
            member: MemberOut::from(&sent.member),
            organization: OrganizationOut::from(&sent.organization),
        }
    }
}

/// What somebody finds who has shown an address.
#[derive(Serialize)]
pub(super) struct FoundOut {
    intermediate_session_token: String,
    intermediate_session_token_expires_at: String,
    email_address: String,
    discovered_organizations: Vec<DiscoveredOut>,
}

impl From<&Found> for FoundOut {
    fn from(found: &Found) -> Self {
        Self {
            intermediate_session_token: found.token.expose().to_owned(),
            intermediate_session_token_expires_at: found.expires_at.to_string(),
            email_address: found.address.to_string(),
            discovered_organizations: found.organizations.iter().map(DiscoveredOut::from).collect(),
        }
    }
}

#[derive(Deserialize)]
struct LoginIn {
    organization_id: Option<String>,
    email_address: Option<String>,
    login_redirect_url: Option<String>,
    signup_redirect_url: Option<String>,
    pkce_code_challenge: Option<String>,
    // One look for all projects: templates are taken and say nothing.
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    login_template_id: Option<String>,
    #[expect(dead_code, reason = "the same")]
    signup_template_id: Option<String>,
    locale: Option<String>,
    login_expiration_minutes: Option<i64>,
    signup_expiration_minutes: Option<i64>,
}

async fn login_or_signup(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<LoginIn>,
) -> Answer<SentOut> {
    let organization = required(body.organization_id, "organization_id")?;
    let address = checked_email(&required(body.email_address, "email_address")?)?;
    let login_lifetime = Lifetime::LINK.read("login_expiration_minutes", body.login_expiration_minutes)?;
    let signup_lifetime = Lifetime::LINK.read("signup_expiration_minutes", body.signup_expiration_minutes)?;
    let asked = Asked {
        address,
        sending: Sending::Link {
            login_url: body.login_redirect_url,
            signup_url: body.signup_redirect_url,
            code_challenge: given(body.pkce_code_challenge).as_deref().map(checked_challenge).transpose()?,
            form: magic_link,
        },
        login_lifetime,
        signup_lifetime,
        language: language(body.locale.as_deref())?,
    };
    let organization = caller.organization(&app, &organization).await?;
    let sent = send::to_member(&app, &ctx, &caller.project, organization.tenant(), &asked).await?;
    ok(&ctx, SentOut::from(&sent))
}

/// What is given and not empty.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
struct InviteIn {
    organization_id: Option<String>,
    email_address: Option<String>,
    invite_redirect_url: Option<String>,
    invited_by_member_id: Option<String>,
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
struct InvitedOut {
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
    let organization = required(body.organization_id, "organization_id")?;
    let entry = caller.enter(&app, &organization).await?;
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
    let member = invite(&app, &ctx, &caller.project, &grant, invitation).await?;
    let organization = views::organization(&app, grant.organization().clone()).await?;
    let out = InvitedOut {
        member_id: member.member.id,
        member: MemberOut::from(&member),
        organization: OrganizationOut::from(&organization),
    };
    ok(&ctx, out)
}

#[derive(Deserialize)]
struct DiscoverySendIn {
    email_address: Option<String>,
    discovery_redirect_url: Option<String>,
    pkce_code_challenge: Option<String>,
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    login_template_id: Option<String>,
    locale: Option<String>,
    discovery_expiration_minutes: Option<i64>,
}

async fn discovery_send(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<DiscoverySendIn>,
) -> Answer<Nothing> {
    let address = checked_email(&required(body.email_address, "email_address")?)?;
    let code_challenge = given(body.pkce_code_challenge).as_deref().map(checked_challenge).transpose()?;
    let minutes = body.discovery_expiration_minutes;
    let asked = Discovery {
        address,
        link: Some((body.discovery_redirect_url, code_challenge, magic_link as LinkForm)),
        lifetime: Lifetime::LINK.read("discovery_expiration_minutes", minutes)?,
        language: language(body.locale.as_deref())?,
    };
    send::to_seeker(&app, &ctx, &caller.project, &asked).await?;
    done(&ctx)
}

begins_session! {
    AuthenticateIn {
        magic_links_token: String,
        pkce_code_verifier: String,
    }
}

#[derive(Serialize)]
struct AuthenticateOut {
    #[serde(flatten)]
    came: AuthenticatedOut,
    method_id: EmailId,
    reset_sessions: bool,
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
