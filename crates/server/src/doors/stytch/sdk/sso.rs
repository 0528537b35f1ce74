//! The end of a sign-in through a connection, and which connections somebody has.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::member::checked_email;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::secret::Token;

use super::caller::{Visitor, Wish};
use super::{Answer, Sdk};
use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::ok;
use crate::doors::stytch::wire::tokens::{HoldsTokens, Tokens};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{InputPair, Params, required};
use crate::operations::connections::finding;
use crate::operations::sso_tokens::{Redemption, redeem};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    Endpoints::new()
        .post("/sdk/v1/b2b/sso/authenticate", Needs::Project, authenticate)
        .post("/sdk/v1/b2b/oauth/authenticate", Needs::Project, authenticate_oauth)
        .get("/sdk/v1/b2b/sso/discovery/connections", Needs::Project, discover)
}

#[derive(Deserialize)]
struct AuthenticateIn {
    sso_token: Option<String>,
    pkce_code_verifier: Option<String>,
    solicited_only: Option<bool>,
}

/// How a token is redeemed, by whichever name a body calls it.
fn redemption(
    visitor: &Visitor,
    token: &str,
    verifier: Option<String>,
    wish: &Wish,
) -> Result<Redemption, Failure> {
    Ok(Redemption {
        sso_token: Token::presented(token),
        code_verifier: verifier.filter(|verifier| !verifier.is_empty()),
        solicited_only: false,
        session: visitor.session_request(wish)?,
    })
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, wish): InputPair<AuthenticateIn, Wish>,
) -> Answer<AuthenticatedOut> {
    let token = required(body.sso_token.as_deref(), "sso_token")?;
    let redemption = Redemption {
        solicited_only: body.solicited_only.unwrap_or_default(),
        ..redemption(&visitor, token, body.pkce_code_verifier, &wish)?
    };
    let came = redeem(&app, &ctx, &visitor.project, redemption).await?;
    visitor.answer(&app, &ctx, AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?)
}

#[derive(Deserialize)]
struct OauthIn {
    oauth_token: Option<String>,
    pkce_code_verifier: Option<String>,
}

/// Values of a provider that nobody asked here.
#[derive(Serialize)]
struct ProviderValues {}

#[derive(Serialize)]
struct OauthOut {
    #[serde(flatten)]
    came: AuthenticatedOut,
    provider_subject: &'static str,
    provider_type: &'static str,
    provider_values: ProviderValues,
}

impl HoldsTokens for OauthOut {
    fn take_tokens(&mut self) -> Tokens {
        self.came.take_tokens()
    }
}

/// No provider of OAuth is served. The published sample of the SSO page calls this with the token that came back, which is one
/// of SSO: it is redeemed as that, by the same rules.
async fn authenticate_oauth(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    InputPair(body, wish): InputPair<OauthIn, Wish>,
) -> Answer<OauthOut> {
    let token = required(body.oauth_token, "oauth_token")?;
    let redemption = redemption(&visitor, &token, body.pkce_code_verifier, &wish)?;
    let came = redeem(&app, &ctx, &visitor.project, redemption).await?;
    let came = AuthenticatedOut::of(&app, &ctx, &visitor.project, came).await?;
    let out = OauthOut { came, provider_subject: "", provider_type: "", provider_values: ProviderValues {} };
    visitor.answer(&app, &ctx, out)
}

#[derive(Deserialize)]
struct DiscoverParams {
    email_address: Option<String>,
}

#[derive(Serialize)]
struct FoundOut {
    connection_id: ConnectionId,
    display_name: String,
    identity_provider: ProviderLabel,
}

#[derive(Serialize)]
struct DiscoverOut {
    connections: Vec<FoundOut>,
}

async fn discover(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    visitor: Visitor,
    Params(params): Params<DiscoverParams>,
) -> Answer<DiscoverOut> {
    app.limits.check_browser(ctx.ip)?;
    let address = params.email_address.filter(|address| !address.is_empty());
    let address = address.ok_or_else(|| {
        Refusal::new(What::Invalid(Field::Email)).because("email_address of the query is missing.")
    })?;
    let found = finding::by_address(&app, visitor.project.id, &checked_email(&address)?).await?;
    let connections = found.into_iter().map(|one| FoundOut {
        connection_id: one.id,
        display_name: one.display_name,
        identity_provider: one.identity_provider,
    });
    ok(&ctx, DiscoverOut { connections: connections.collect() })
}
