//! Signing in with SAML 2.0: the request to the provider, reading its answer, and judging it (profiles 4.1).

mod advice;
mod answer;
pub mod keys;
pub mod request;
mod rows;
mod verdict;

use vestibule_domain::connection::SamlSettings;
use vestibule_domain::login::{Landing, Proof, saml_request_chance};
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::refusal::{Judged, Refusal, Via, What};
use vestibule_saml::sign::MessageId;

use self::answer::Message;
use self::verdict::Asked;
use super::attempt::AttemptRows;
use super::callback::{Delivery, Visit};
use super::start::default_url;
use crate::failure::Failure;
use crate::operations::connections::require_active;

/// How this protocol says that an attempt cannot be finished (contract 8.3).
const ROWS: AttemptRows = AttemptRows {
    unsolicited: What::Unsolicited(Via::Saml),
    missing_cookie: What::NoBrowser(Via::Saml),
    other_browser: What::OtherBrowser(Via::Saml),
    expired: What::Expired(Via::Saml),
};

/// Turns what the browser brought into a proved identity. A `RelayState` that is the state of an attempt makes
/// it the answer to that attempt's request; with any other, or none, the sign-in began at the provider.
///
/// # Errors
/// A row of the catalogue; the visit's steps end with the failed check.
pub async fn prove(
    visit: &mut Visit<'_>,
    settings: &SamlSettings,
    delivery: &Delivery,
) -> Result<(Landing, Proof), Failure> {
    let message = answer::read(delivery, settings.allow_gateway_callback, &mut visit.steps)?;
    let state = message.state();
    let attempt = match &state {
        Some(state) => visit.attempt_of(state).await?.map(|attempt| (state, attempt)),
        None => None,
    };
    let Some((state, attempt)) = attempt else {
        return begun_at_the_provider(visit, settings, &message).await;
    };
    let browser = match visit.browser_of(&attempt, &ROWS) {
        Ok(browser) => Some(browser),
        // A gateway on another host cannot bring the browser's cookie.
        Err(_) if settings.allow_gateway_callback => None,
        Err(missing) => return Err(missing),
    };
    visit.use_up(&attempt, browser.as_ref(), &ROWS).await?;
    require_active(visit.connection)?;
    let request = MessageId::from_chance(saml_request_chance(state));
    let proof = verdict::judged(visit, &message, &Asked::Request(request)).await?;
    Ok((attempt.landing(), proof))
}

/// A sign-in that nobody asked for here (profiles 4.1.5). It goes to the project's own URLs and has no PKCE
/// challenge, because no application waits for it; its `RelayState` is neither followed nor shown.
async fn begun_at_the_provider(
    visit: &mut Visit<'_>,
    settings: &SamlSettings,
    message: &Message<'_>,
) -> Result<(Landing, Proof), Failure> {
    require_active(visit.connection)?;
    if settings.idp_initiated_auth_disabled {
        visit.steps.failed("state", message.describe_relay_state(), "the state of a sign-in under way");
        return Err(Refusal::new(What::Assertion(Judged::IdpInitiated))
            .because("Start at the application, or let the connection take such sign-ins: idp_initiated_auth_disabled.")
            .into());
    }
    visit.steps.passed("state", "a sign-in that began at the identity provider");
    let asked = Asked::Nothing { has_relay_state: !message.relay_state.is_empty() };
    let proof = verdict::judged(visit, message, &asked).await?;
    let (app, project) = (visit.app, visit.connection.project_id);
    let landing = Landing {
        login: None,
        login_redirect_url: default_url(app, project, RedirectKind::Login).await?,
        signup_redirect_url: default_url(app, project, RedirectKind::Signup).await?,
        code_challenge: None,
    };
    Ok((landing, proof))
}
