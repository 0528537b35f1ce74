//! What a refusal of the exchange means, and where it is changed: at the provider, or in a field of the connection.

use vestibule_domain::connection::{ClientAuthentication, OidcSettings, ProviderLabel};
use vestibule_domain::refusal::{Refusal, Via, What, sentence};
use vestibule_oidc::Refusal as _;
use vestibule_oidc::id_token::IdTokenError;
use vestibule_oidc::jose::JwsError;
use vestibule_oidc::token::{TokenError, TokenErrorCode};

use super::advice::Setting;
use crate::engine::trace::Steps;
use crate::failure::Failure;

/// The provider does not answer as it should at one of its addresses, or not in time.
pub(super) fn unreachable_provider(what: &str, why: &str, is_late: bool) -> Failure {
    let meaning = if is_late { What::ProviderTooSlow } else { What::ProviderUnreachable };
    // It begins with the name of a setting, which has no capital letter.
    Refusal::new(meaning).because(format!("{what}: {}.", why.trim_end_matches('.'))).into()
}

/// Whether a status says that it is the provider's own trouble, which passes (RFC 9110 section 15.6).
pub(super) const fn is_outage(status: u16) -> bool {
    matches!(status, 502..=504)
}

/// The token endpoint did not give a token.
pub(super) fn refused_exchange(
    error: &TokenError,
    settings: &OidcSettings,
    method: ClientAuthentication,
    provider: ProviderLabel,
) -> Refusal {
    if let TokenError::Status(status) = error
        && is_outage(*status)
    {
        return Refusal::new(What::ProviderUnreachable).because(format!("token_url: {}", sentence(error)));
    }
    let hint = match error {
        TokenError::Provider { error: TokenErrorCode::InvalidGrant, .. } => {
            "A code is good once and for a short while: start again. If it keeps happening, compare the redirect URL that \
             is registered at the identity provider with the connection's."
                .to_owned()
        }
        TokenError::Provider { error: TokenErrorCode::InvalidScope, .. } => {
            "Narrow the scopes by custom_scopes and custom_scopes_only.".to_owned()
        }
        TokenError::Member("id_token") => {
            "The scope openid is always asked for: allow it to the client at the identity provider.".to_owned()
        }
        TokenError::Provider { .. } | TokenError::Status(400..=403) => client_hint(settings, method),
        TokenError::Status(_) | TokenError::Json(_) => {
            "Check token_url, which may have moved: saving the connection reads the provider's document again.".to_owned()
        }
        TokenError::Member(_) | TokenError::TokenType { .. } => {
            "This is for the identity provider to change.".to_owned()
        }
    };
    let meaning = match error {
        TokenError::Provider { error: TokenErrorCode::InvalidClient, .. } | TokenError::Status(401) => {
            What::ClientRefused
        }
        _ => What::ProviderRefused(Via::Oidc),
    };
    Refusal::new(meaning).because(format!(
        "{} Client authentication was {} (token_endpoint_auth_method). {hint}{}",
        sentence(error),
        method.as_str(),
        Setting::advice(Setting::of_exchange(error).filter(|setting| setting.is_of(method)), provider)
    ))
}

fn client_hint(settings: &OidcSettings, method: ClientAuthentication) -> String {
    use ClientAuthentication::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
    let announced = &settings.discovered.token_endpoint_auth_methods_supported;
    let other = match method {
        ClientSecretBasic => Some(ClientSecretPost),
        ClientSecretPost => Some(ClientSecretBasic),
        _ => None,
    };
    let other =
        other.filter(|other| announced.is_empty() || announced.iter().any(|name| name == other.as_str()));
    match (method, other) {
        (PrivateKeyJwt, _) => {
            "Check client_id, that the client at the identity provider reads its keys at the connection's \
                               client_jwks_url, and client_assertion_audience."
                .to_owned()
        }
        (_, Some(other)) => format!(
            "Check client_id and client_secret; if they are right, the identity provider may read them in the other way \
             only: set token_endpoint_auth_method to {}.",
            other.as_str()
        ),
        (_, None) => "Check client_id, client_secret and token_endpoint_auth_method.".to_owned(),
    }
}

/// What it means that an id token was refused, with the check that failed.
/// `claims` are the names of those that came.
pub(super) fn refused_token(
    error: &IdTokenError,
    claims: &str,
    provider: ProviderLabel,
    steps: &mut Steps,
) -> Refusal {
    match error {
        IdTokenError::Missing(claim) if !claims.is_empty() => {
            steps.failed("id_token", format!("no claim {claim:?}; there are: {claims}"), *claim);
        }
        _ => steps.refused("id_token", error),
    }
    let kind = match error {
        IdTokenError::Expired { .. } => What::OverOnArrival(Via::Oidc),
        IdTokenError::Missing("sub") | IdTokenError::Subject { .. } => What::NoSubject(Via::Oidc),
        _ => What::IdToken,
    };
    let came = match error {
        IdTokenError::Missing(_) if !claims.is_empty() => format!(" There are: {claims}."),
        _ => String::new(),
    };
    let note = format!("{}{came} {}", sentence(error), token_hint(error));
    let advice = Setting::advice(Setting::of_token(error), provider);
    Refusal::new(kind).because(format!("{}{advice}", note.trim_end()))
}

fn token_hint(error: &IdTokenError) -> &'static str {
    match error {
        IdTokenError::Jws(JwsError::Algorithm { .. })
            if error.found().is_some_and(|found| found.starts_with("HS")) =>
        {
            "Such a token is signed with the client secret: have the identity provider sign with RS256, or set \
             allow_hs256 on the connection (HS256 alone)."
        }
        IdTokenError::Jws(JwsError::Algorithm { .. }) => {
            "Expected is what the provider's discovery document announces; with allow_hs256 on the connection, HS256 \
             alone."
        }
        IdTokenError::Jws(
            JwsError::UnknownKey { .. } | JwsError::LeftOut { .. } | JwsError::KeyUnfit { .. },
        ) => "The keys are those at jwks_url.",
        IdTokenError::Jws(JwsError::Signature | JwsError::SignatureLength { .. }) => {
            "The keys are those at jwks_url; with allow_hs256 the key is client_secret."
        }
        IdTokenError::Issuer { .. } | IdTokenError::Tenant { .. } => {
            "If that issuer is the right one, set issuer on the connection."
        }
        IdTokenError::Audience { .. } | IdTokenError::AuthorizedParty { .. } => {
            "Compare client_id on the connection with the client at the identity provider."
        }
        IdTokenError::OtherAudience { .. } => {
            "Let the identity provider issue id tokens for this client alone, or add azp."
        }
        IdTokenError::IssuedInFuture { issued: time, .. }
        | IdTokenError::NotYetValid { valid_from: time, .. }
            if time.seems_milliseconds() =>
        {
            "This is for the identity provider to change."
        }
        IdTokenError::Expired { .. }
        | IdTokenError::IssuedInFuture { .. }
        | IdTokenError::IssuedTooLongAgo { .. }
        | IdTokenError::NotYetValid { .. } => {
            "Compare the clocks of the identity provider and of this server."
        }
        IdTokenError::Nonce => {
            "The identity provider has to repeat the nonce of the request in its id token: one that is kept and sent again has \
             that of another sign-in."
        }
        IdTokenError::AccessTokenHash | IdTokenError::CodeHash => {
            "Tokens of two sign-ins were mixed up. This is for the identity provider to change."
        }
        IdTokenError::NotATime { .. } | IdTokenError::Missing(_) | IdTokenError::Subject { .. } => {
            "This is for the identity provider to change."
        }
        _ => "",
    }
}
