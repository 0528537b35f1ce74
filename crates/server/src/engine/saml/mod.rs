//! Signing in with SAML 2.0: the request to the provider, reading its answer, and judging it (profiles 4.1).

mod advice;
mod answer;
pub(crate) mod keys;
mod refusals;
pub(crate) mod request;
mod solicitation;
mod verdict;

use std::sync::Arc;

use vestibule_domain::connection::{CallbackAddress, Connection, SamlSettings};
use vestibule_domain::login::{Proof, Purpose, saml_request_chance};
use vestibule_domain::refusal::{Judged, Refusal, Via, What};
use vestibule_saml::sign::MessageId;

use self::answer::Message;
use self::solicitation::Solicitation;
use super::attempt::{AttemptRefusals, OTHER_ADDRESS};
use super::callback::{CallbackRequest, SignIn};
use super::origin;
use super::trace::Steps;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::provider;
use crate::operations::redirects;
use crate::world::App;

/// How this protocol says that an attempt cannot be finished.
pub(super) const REFUSALS: AttemptRefusals = AttemptRefusals {
    unsolicited: What::Unsolicited(Via::Saml),
    missing_cookie: What::NoBrowser(Via::Saml),
    began_elsewhere: What::BeganElsewhere(Via::Saml),
    other_browser: What::OtherBrowser(Via::Saml),
    expired: What::Expired(Via::Saml),
};

/// Turns what the browser brought into a proved identity. A `RelayState` that is the state of an attempt makes
/// it the answer to that attempt's request; with any other, or none, the sign-in began at the provider.
///
/// # Errors
/// The first check that fails; the steps of the sign-in end with it.
pub(super) async fn prove(
    sign_in: &mut SignIn<'_>,
    settings: &SamlSettings,
    request: &CallbackRequest,
) -> Result<(Purpose, Proof), Failure> {
    let message = answer::read(request, settings.allow_gateway_callback, &mut sign_in.steps)?;
    let state = message.state();
    let waiting = match &state {
        Some(state) => sign_in.attempt_of(state, &REFUSALS).await?.map(|waiting| (state, waiting)),
        None => None,
    };
    let Some((state, waiting)) = waiting else {
        return idp_initiated(sign_in, settings, &message).await;
    };
    let browser = if settings.allow_gateway_callback {
        sign_in.browser_or_gateway_of(&waiting.attempt, &REFUSALS)?
    } else {
        Some(sign_in.browser_of(&waiting.attempt, &REFUSALS)?)
    };
    let purpose = sign_in.take(waiting, browser.as_ref(), &REFUSALS)?;
    let ready = settings.ready().map_err(Refusal::from)?;
    let request = MessageId::from_chance(saml_request_chance(state));
    let proof = verdict::judged(sign_in, ready, &message, &Solicitation::Solicited(request)).await?;
    Ok((purpose, proof))
}

/// The connection with what its provider calls itself, where nobody has said that: learned from a response that its certificates have
/// signed and that is right in everything else (ADR 55). The sign-in is then judged as any other.
pub(super) async fn learned(
    app: &Arc<App>,
    ctx: &Ctx,
    (connection, callback): (&Connection, CallbackAddress),
    request: &CallbackRequest,
) -> Option<Connection> {
    let settings = connection.saml().filter(|settings| settings.awaits_provider())?;
    let message = answer::read(request, settings.allow_gateway_callback, &mut Steps::default()).ok()?;
    let solicitation = match message.state() {
        Some(state) => Solicitation::Solicited(MessageId::from_chance(saml_request_chance(&state))),
        None if settings.idp_initiated_auth_disabled => return None,
        None => Solicitation::Unsolicited { has_relay_state: !message.relay_state.is_empty() },
    };
    let origin = origin::of(app, ctx, connection, callback).await.ok()?;
    let known_as = app.known_as(connection, callback, &origin);
    let issuer = verdict::issuer(app, (connection, known_as), &message, &solicitation, ctx.now).await?;
    match provider::learn(app, connection, &issuer, ctx.now).await {
        Ok(connection) => Some(connection),
        Err(failure) => {
            failure.log();
            None
        }
    }
}

/// A sign-in that nobody asked for here (profiles 4.1.5). It goes to the project's own URLs and has no PKCE
/// challenge, because no application waits for it; its `RelayState` is neither followed nor shown.
async fn idp_initiated(
    sign_in: &mut SignIn<'_>,
    settings: &SamlSettings,
    message: &Message<'_>,
) -> Result<(Purpose, Proof), Failure> {
    let ready = settings.ready().map_err(Refusal::from)?;
    // What nobody asked for comes where the provider was told, and nowhere else.
    if sign_in.callback != sign_in.connection.common.callback {
        sign_in.steps.failed("state", OTHER_ADDRESS, "an answer at the address of this connection");
        return Err(What::UnknownCallback.into());
    }
    if settings.idp_initiated_auth_disabled {
        sign_in.steps.failed("state", message.describe_relay_state(), "the state of a sign-in under way");
        return Err(Refusal::new(What::Assertion(Judged::IdpInitiated))
            .because("Start at the application, or let the connection take such sign-ins: idp_initiated_auth_disabled.")
            .into());
    }
    sign_in.steps.passed("state", "a sign-in that began at the identity provider");
    let unsolicited = Solicitation::Unsolicited { has_relay_state: !message.relay_state.is_empty() };
    let proof = verdict::judged(sign_in, ready, message, &unsolicited).await?;
    let return_to = redirects::unsolicited(sign_in.app, sign_in.connection.project_id).await?;
    Ok((Purpose::Token(return_to), proof))
}
