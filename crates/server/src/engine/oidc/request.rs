//! The authorization request: where the browser is sent to sign in (OpenID Connect Core section 3.1.2.1).

use url::Url;
use vestibule_domain::connection::{Channel, ReadyOidc};
use vestibule_domain::login::AttemptSecrets;
use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_oidc::authorize::{AuthorizationRequest, Flow};
use vestibule_oidc::pkce::CodeVerifier;

use crate::engine::start::ProviderHints;
use crate::failure::Failure;

/// What is asked for unless the connection's own scopes are all; `openid` always is.
const SCOPES: [&str; 2] = ["email", "profile"];

/// The authorization URL of an attempt.
///
/// # Errors
/// Scopes or `provider_…` parameters of the application that cannot be sent on.
pub(crate) fn authorization_url(
    ready: ReadyOidc<'_>,
    redirect_uri: &str,
    hints: &ProviderHints,
    secrets: &AttemptSecrets,
) -> Result<Url, Failure> {
    let settings = ready.settings();
    let endpoint = Url::parse(&settings.authorization_url)
        .map_err(|error| Failure::Internal(format!("a stored authorization_url does not parse: {error}")))?;
    let verifier = CodeVerifier::parse(&secrets.code_verifier())
        .ok_or_else(|| Failure::Internal("a derived PKCE verifier is not one".to_owned()))?;
    let nonce = secrets.nonce();
    let asked = hints.scopes.as_deref().unwrap_or_default();
    let usual: &[&str] = if settings.custom_scopes_only { &[] } else { &SCOPES };
    let scopes: Vec<&str> = usual
        .iter()
        .copied()
        .chain(settings.custom_scopes.split(' '))
        .chain(asked.split([' ', '+']))
        .filter(|scope| !scope.is_empty())
        .collect();
    let extra: Vec<(&str, &str)> =
        hints.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let url = AuthorizationRequest {
        endpoint: &endpoint,
        client_id: &settings.client_id,
        redirect_uri,
        flow: match settings.channel {
            Channel::BackChannel => Flow::Code { verifier: &verifier },
            Channel::FrontChannel => Flow::IdToken,
        },
        scopes: &scopes,
        state: secrets.state.expose(),
        nonce: &nonce,
        login_hint: hints.login_hint.as_deref(),
        extra: &extra,
    }
    .url();
    // What can be wrong here came with the request: scopes and provider_ parameters.
    url.map_err(|error| Refusal::new(What::Unreadable).because(sentence(error)).into())
}
