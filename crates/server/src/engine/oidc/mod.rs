//! Signing in with OpenID Connect: the request to the provider, reading its answer, and the exchange that
//! proves an identity.

mod advice;
pub(crate) mod answer;
mod completed;
pub(crate) mod exchange;
mod person;
mod profiled;
pub(crate) mod request;
mod words;

use std::borrow::Cow;

use vestibule_domain::connection::{Connection, OidcSettings, ProviderLabel};
use vestibule_domain::login::{AttemptSecrets, Proof, Purpose};
use vestibule_domain::refusal::{Refusal, Via, What};
use vestibule_domain::secret::Token;

use self::advice::Setting;
use self::answer::Unread;
use self::exchange::Exchange;
use super::attempt::AttemptRefusals;
use super::callback::{CallbackRequest, SignIn};
use crate::failure::Failure;
use crate::world::App;

/// How this protocol says that an attempt cannot be finished.
pub(super) const REFUSALS: AttemptRefusals = AttemptRefusals {
    unsolicited: What::Unsolicited(Via::Oidc),
    missing_cookie: What::NoBrowser(Via::Oidc),
    began_elsewhere: What::BeganElsewhere(Via::Oidc),
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
    let response = match answer::read(request, &mut sign_in.steps) {
        Ok(response) => response,
        Err(Unread::Refused(refusal)) => return Err(refusal.into()),
        Err(Unread::Stateless) => {
            let start = start_url(sign_in.app, sign_in.connection).await?;
            return Err(answer::refused_without_state(request, &start, &mut sign_in.steps).into());
        }
    };
    let state = Token::presented(response.state());
    let Some(waiting) = sign_in.attempt_of(&state, &REFUSALS).await? else {
        return Err(sign_in.nobody_waits(&REFUSALS));
    };
    let browser = sign_in.browser_of(&waiting.attempt, &REFUSALS)?;
    let purpose = sign_in.take(waiting, Some(&browser), &REFUSALS)?;
    sign_in.use_up(&REFUSALS).await?;
    let ready = settings.ready().map_err(Refusal::from)?;
    let case = answer::Case {
        mode: sign_in.app.mode,
        ready,
        provider: sign_in.connection.identity_provider,
        in_query: request.in_query,
    };
    let grant = case.grant(&response, &mut sign_in.steps)?;
    let mut exchange = Exchange {
        app: sign_in.app,
        ctx: sign_in.ctx,
        connection: sign_in.connection,
        settings: Cow::Borrowed(settings),
        secrets: &AttemptSecrets { state, browser },
        sent: sign_in.attempt.as_ref().map(|attempt| attempt.sent).unwrap_or_default(),
        origin: &sign_in.origin,
    };
    let proof = exchange.proof(grant, &mut sign_in.steps).await?;
    Ok((purpose, proof))
}

/// Where at its provider somebody's claims are changed who is not admitted for want of one.
pub(super) fn admission_advice(what: What, provider: ProviderLabel) -> String {
    match what {
        What::NoEmail(Via::Oidc) => Setting::advice(Some(Setting::Claims), provider),
        _ => String::new(),
    }
}

/// Where a sign-in through a connection begins: what a tile in a provider's portal leads to.
async fn start_url(app: &App, connection: &Connection) -> Result<String, Failure> {
    let project = app.store.project(connection.project_id).await?.ok_or(What::UnknownCallback)?;
    let (base, id, token) = (&app.base_url, connection.id, project.public_token);
    Ok(format!("{base}/v1/public/sso/start?connection_id={id}&public_token={token}"))
}
