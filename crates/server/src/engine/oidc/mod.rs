//! Signing in with OpenID Connect: the request to the provider, reading its answer, and the exchange that
//! proves an identity.

pub(crate) mod answer;
pub(crate) mod exchange;
mod person;
pub(crate) mod request;
mod words;

use std::borrow::Cow;

use vestibule_domain::connection::{Connection, OidcSettings};
use vestibule_domain::login::{AttemptSecrets, Proof, Purpose};
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Refusal, Via, What};
use vestibule_domain::secret::Token;

use self::exchange::Exchange;
use super::attempt::AttemptRefusals;
use super::callback::{CallbackRequest, SignIn};
use crate::failure::Failure;
use crate::world::App;

/// How this protocol says that an attempt cannot be finished (contract 8.3).
pub(super) const REFUSALS: AttemptRefusals = AttemptRefusals {
    unsolicited: What::Unsolicited(Via::Oidc),
    missing_cookie: What::NoBrowser(Via::Oidc),
    other_browser: What::OtherBrowser(Via::Oidc),
    expired: What::Expired(Via::Oidc),
};

/// Turns what the browser brought into a proved identity. There is no sign-in that nobody started here.
///
/// # Errors
/// The first check that fails; the steps of the sign-in end with it.
pub(super) async fn prove(
    sign_in: &mut SignIn<'_>,
    settings: &OidcSettings,
    request: &CallbackRequest,
) -> Result<(Purpose, Proof), Failure> {
    let project =
        sign_in.app.store.project(sign_in.connection.project_id).await?.ok_or(What::UnknownCallback)?;
    let start = start_url(sign_in.app, &project, sign_in.connection);
    let response = answer::read(request, &start, &mut sign_in.steps)?;
    let state = Token::presented(response.state());
    let Some(attempt) = sign_in.attempt_of(&state).await? else {
        return Err(sign_in.nobody_waits(&REFUSALS));
    };
    let browser = sign_in.browser_of(&attempt, &REFUSALS)?;
    sign_in.take(&attempt, Some(&browser), &REFUSALS)?;
    sign_in.use_up(&REFUSALS).await?;
    let ready = settings.ready().map_err(Refusal::from)?;
    let grant = answer::grant(sign_in.app.mode, ready, &response, request.in_query, &mut sign_in.steps)?;
    let mut exchange = Exchange {
        app: sign_in.app,
        ctx: sign_in.ctx,
        connection: sign_in.connection,
        settings: Cow::Borrowed(settings),
        secrets: &AttemptSecrets { state, browser },
    };
    let identity = exchange.identity(grant, &mut sign_in.steps).await?;
    Ok((attempt.purpose, identity.into()))
}

/// Where a sign-in through a connection begins: what a tile in a provider's portal leads to.
fn start_url(app: &App, project: &Project, connection: &Connection) -> String {
    let (base, id, token) = (&app.base_url, connection.id, project.public_token);
    format!("{base}/v1/public/sso/start?connection_id={id}&public_token={token}")
}
