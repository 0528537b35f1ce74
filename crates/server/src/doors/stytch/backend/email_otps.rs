//! One-time codes by mail: sign in, become a member, find one's organizations.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::EmailId;
use vestibule_domain::login::by_mail::{Code, Lifetime};
use vestibule_domain::member::checked_email;

use super::magic_links::{FoundOut, SentOut};
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::session_request::{begins_session, language};
use crate::doors::stytch::{Answer, Nothing, Stytch, done, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::by_mail::codes;
use crate::operations::by_mail::send::{self, Asked, Discovery, Sending};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .post("/v1/b2b/otps/email/login_or_signup", Needs::Project, login_or_signup)
        .post("/v1/b2b/otps/email/authenticate", Needs::Project, authenticate)
        .post("/v1/b2b/otps/email/discovery/send", Needs::Project, discovery_send)
        .post("/v1/b2b/otps/email/discovery/authenticate", Needs::Project, discovery_authenticate)
}

#[derive(Deserialize)]
struct LoginIn {
    organization_id: Option<String>,
    email_address: Option<String>,
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
    let login_lifetime = Lifetime::CODE.read("login_expiration_minutes", body.login_expiration_minutes)?;
    let signup_lifetime = Lifetime::CODE.read("signup_expiration_minutes", body.signup_expiration_minutes)?;
    let asked = Asked {
        address: checked_email(&required(body.email_address, "email_address")?)?,
        sending: Sending::Code,
        login_lifetime,
        signup_lifetime,
        language: language(body.locale.as_deref())?,
    };
    let organization = caller.organization(&app, &organization).await?;
    let sent = send::to_member(&app, &ctx, &caller.project, organization.tenant(), &asked).await?;
    ok(&ctx, SentOut::from(&sent))
}

begins_session! {
    AuthenticateIn {
        organization_id: String,
        email_address: String,
        code: String,
    }
}

#[derive(Serialize)]
struct AuthenticateOut {
    #[serde(flatten)]
    came: AuthenticatedOut,
    method_id: EmailId,
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<AuthenticateOut> {
    let organization = required(body.organization_id.as_deref(), "organization_id")?;
    let address = checked_email(required(body.email_address.as_deref(), "email_address")?)?;
    let code = Code::presented(required(body.code.as_deref(), "code")?);
    let request = body.session().read(&app, &ctx, &caller.project).await?;
    let organization = caller.organization(&app, organization).await?.id;
    let shown = (&address, &code);
    let came = codes::enter(&app, &ctx, &caller.project, organization, shown, &request).await?;
    let out = AuthenticateOut {
        came: AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?,
        method_id: EmailId::of(caller.project.id, &address),
    };
    ok(&ctx, out)
}

#[derive(Deserialize)]
struct DiscoverySendIn {
    email_address: Option<String>,
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
    let minutes = body.discovery_expiration_minutes;
    let asked = Discovery {
        address: checked_email(&required(body.email_address, "email_address")?)?,
        link: None,
        lifetime: Lifetime::CODE.read("discovery_expiration_minutes", minutes)?,
        language: language(body.locale.as_deref())?,
    };
    send::to_seeker(&app, &ctx, &caller.project, &asked).await?;
    done(&ctx)
}

#[derive(Deserialize)]
struct DiscoveryAuthenticateIn {
    email_address: Option<String>,
    code: Option<String>,
}

async fn discovery_authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<DiscoveryAuthenticateIn>,
) -> Answer<FoundOut> {
    let address = checked_email(&required(body.email_address, "email_address")?)?;
    let code = Code::presented(&required(body.code, "code")?);
    let found = codes::discover(&app, &ctx, &caller.project, &address, &code).await?;
    ok(&ctx, FoundOut::from(&found))
}
