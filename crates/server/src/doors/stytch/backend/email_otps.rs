//! One-time codes by mail: sign in, become a member, find one's organizations.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::EmailId;
use vestibule_domain::login::by_mail::{Code, Lifetime};
use vestibule_domain::member::checked_email;

use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::by_mail::{LoginIn, SeekIn, SentOut};
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::session_request::begins_session;
use crate::doors::stytch::wire::discovered::FoundOut;
use crate::doors::stytch::wire::tokens::{HoldsTokens, Tokens};
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::by_mail::codes;
use crate::operations::by_mail::send::Sending;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new()
        .post("/v1/b2b/otps/email/login_or_signup", Needs::Project, login_or_signup)
        .post("/v1/b2b/otps/email/authenticate", Needs::Project, authenticate)
        .post("/v1/b2b/otps/email/discovery/send", Needs::Project, discovery_send)
        .post("/v1/b2b/otps/email/discovery/authenticate", Needs::Project, discovery_authenticate)
}

async fn login_or_signup(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<LoginIn>,
) -> Answer<SentOut> {
    body.send(&app, &ctx, &caller, Sending::Code, Lifetime::CODE).await
}

begins_session! {
    AuthenticateIn {
        organization_id: String,
        email_address: String,
        code: String,
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct AuthenticateOut {
    #[serde(flatten)]
    pub(in crate::doors::stytch) came: AuthenticatedOut,
    pub(in crate::doors::stytch) method_id: EmailId,
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

async fn discovery_send(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<SeekIn>,
) -> Answer<Nothing> {
    body.send(&app, &ctx, &caller.project, None, Lifetime::CODE).await
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
