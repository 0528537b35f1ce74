//! Signing in with OpenID Connect: the request to the provider, reading its answer, and the exchange that
//! proves an identity.

pub mod answer;
pub mod exchange;
pub mod request;

use vestibule_domain::connection::OidcSettings;
use vestibule_domain::login::{AttemptSecrets, Landing, Proof};
use vestibule_domain::refusal::{Via, What};
use vestibule_domain::secret::Token;

use self::exchange::Exchange;
use super::attempt::AttemptRows;
use super::callback::{Delivery, Visit};
use crate::failure::Failure;
use crate::operations::connections::require_active;

/// How this protocol says that an attempt cannot be finished (contract 8.3).
const ROWS: AttemptRows = AttemptRows {
    unsolicited: What::Unsolicited(Via::Oidc),
    missing_cookie: What::NoBrowser(Via::Oidc),
    other_browser: What::OtherBrowser(Via::Oidc),
    expired: What::Expired(Via::Oidc),
};

/// Turns what the browser brought into a proved identity. There is no sign-in that nobody started here.
///
/// # Errors
/// A row of the catalogue; the visit's steps end with the failed check.
pub async fn prove(
    visit: &mut Visit<'_>,
    settings: &OidcSettings,
    delivery: &Delivery,
) -> Result<(Landing, Proof), Failure> {
    let response = answer::read(&delivery.parameters, &mut visit.steps)?;
    let state = Token::presented(response.state());
    let Some(attempt) = visit.attempt_of(&state).await? else { return Err(visit.nobody_waits(&ROWS)) };
    let browser = visit.browser_of(&attempt, &ROWS)?;
    visit.use_up(&attempt, Some(&browser), &ROWS).await?;
    require_active(visit.connection)?;
    let grant = answer::grant(visit.app.mode, settings, &response, &mut visit.steps)?;
    let project = visit.app.store.project(attempt.project_id).await?.ok_or(What::UnknownCallback)?;
    let exchange = Exchange {
        app: visit.app,
        ctx: visit.ctx,
        project: &project,
        connection: visit.connection,
        settings,
        secrets: &AttemptSecrets { state, browser },
    };
    let identity = exchange.identity(grant, &mut visit.steps).await?;
    Ok((attempt.landing(), identity.into()))
}
