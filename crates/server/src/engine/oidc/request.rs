//! The authorization request: where the browser is sent to sign in (OpenID Connect Core section 3.1.2.1).

use url::Url;
use vestibule_domain::authorization::Freshness;
use vestibule_domain::connection::{Channel, PkceMethod, ReadyOidc, UpstreamParams, sent_params};
use vestibule_domain::login::AttemptSecrets;
use vestibule_domain::login::sent::Sent;
use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_oidc::authorize::{AuthorizationRequest, Challenge, Flow};
use vestibule_oidc::pkce::{ChallengeMethod, CodeVerifier};

use crate::engine::start::ProviderHints;
use crate::failure::Failure;
use crate::world::KnownAs;

/// What is asked for unless the connection's own scopes are all; `openid` always is.
const SCOPES: [&str; 2] = ["email", "profile"];

/// The authorization URL of an attempt.
///
/// # Errors
/// Scopes or `provider_…` parameters of the application that cannot be sent on.
pub(crate) fn authorization_url(
    ready: ReadyOidc<'_>,
    sent: Sent,
    added: &UpstreamParams,
    known_as: &KnownAs,
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
    let for_userinfo = settings.userinfo_scopes();
    let scopes: Vec<&str> = usual
        .iter()
        .copied()
        .chain(settings.custom_scopes.split(' '))
        .chain(for_userinfo.split([' ', ',']))
        .chain(asked.split([' ', '+']))
        .filter(|scope| !scope.is_empty())
        .collect();
    let fresh = asked_anew(hints.freshness);
    let extra: Vec<(&str, &str)> =
        hints.parameters.iter().chain(&fresh).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let said = |name| hints.asked.iter().find(|(asked, _)| *asked == name).map(|(_, value)| value.as_str());
    let mut added = sent_params(added, said);
    // A hint has a place of its own in the request.
    let hint = added.iter().find(|(name, _)| *name == "login_hint").map(|(_, value)| *value);
    added.retain(|(name, _)| *name != "login_hint");
    let challenge = sent.pkce.method().map(|method| Challenge { verifier: &verifier, method: made(method) });
    let url = AuthorizationRequest {
        endpoint: &endpoint,
        client_id: &settings.client_id,
        redirect_uri: &known_as.callback,
        flow: match settings.channel {
            Channel::BackChannel => Flow::Code { challenge },
            Channel::FrontChannel => Flow::IdToken,
        },
        scopes: &scopes,
        state: secrets.state.expose(),
        nonce: (!sent.without_nonce).then_some(nonce.as_str()),
        login_hint: hint.or(hints.login_hint.as_deref()),
        extra: &extra,
        added: &added,
    }
    .url();
    // What can be wrong here came with the request: scopes and provider_ parameters.
    url.map_err(|error| Refusal::new(What::Unreadable).because(sentence(error)).into())
}

/// What makes a provider ask a person again. It then has to say when it did.
fn asked_anew(wanted: Freshness) -> Vec<(String, String)> {
    let prompt = wanted.again.then(|| ("prompt".to_owned(), "login".to_owned()));
    let max_age = wanted.max_age.map(|seconds| ("max_age".to_owned(), seconds.to_string()));
    prompt.into_iter().chain(max_age).collect()
}

/// How the protocol crate calls a way to make a challenge.
const fn made(method: PkceMethod) -> ChallengeMethod {
    match method {
        PkceMethod::S256 => ChallengeMethod::S256,
        PkceMethod::Plain => ChallengeMethod::Plain,
    }
}
