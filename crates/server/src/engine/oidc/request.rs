//! The authorization request: where the browser is sent to sign in (OpenID Connect Core section 3.1.2.1).

use url::Url;
use vestibule_domain::connection::{Channel, OidcSettings};
use vestibule_domain::login::AttemptSecrets;
use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_oidc::authorize::{AuthorizationRequest, Flow};
use vestibule_oidc::pkce::CodeVerifier;

use crate::engine::start::Wishes;
use crate::failure::Failure;

const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// The authorization URL of an attempt.
///
/// # Errors
/// Scopes or `provider_…` parameters of the application that cannot be sent on.
pub fn authorization_url(
    settings: &OidcSettings,
    redirect_uri: &str,
    wishes: &Wishes,
    secrets: &AttemptSecrets,
) -> Result<Url, Failure> {
    let endpoint = Url::parse(&settings.authorization_url)
        .map_err(|error| Failure::Internal(format!("a stored authorization_url does not parse: {error}")))?;
    let verifier = CodeVerifier::parse(&secrets.code_verifier())
        .ok_or_else(|| Failure::Internal("a derived PKCE verifier is not one".to_owned()))?;
    let nonce = secrets.nonce();
    let asked = wishes.custom_scopes.as_deref().unwrap_or_default();
    let scopes: Vec<&str> = SCOPES
        .into_iter()
        .chain(settings.custom_scopes.split(' '))
        .chain(asked.split([' ', '+']))
        .filter(|scope| !scope.is_empty())
        .collect();
    let extra: Vec<(&str, &str)> = wishes
        .provider
        .iter()
        .filter(|(name, _)| name != "login_hint")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
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
        login_hint: wishes.login_hint(),
        extra: &extra,
    }
    .url();
    // What can be wrong here came with the request: scopes and provider_ parameters.
    url.map_err(|error| Refusal::new(What::Unreadable).because(sentence(error)).into())
}
