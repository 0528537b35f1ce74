//! Where in a provider's administration the wrong setting of an OpenID Connect client is: the names that its own pages use.

use vestibule_domain::connection::{ClientAuthentication, ProviderLabel};
use vestibule_oidc::id_token::IdTokenError;
use vestibule_oidc::jose::JwsError;
use vestibule_oidc::token::{TokenError, TokenErrorCode};

use crate::engine::products::called;

/// A setting that every provider has under a name of its own.
#[derive(Clone, Copy)]
pub(super) enum Setting {
    RedirectUri,
    ClientId,
    ClientSecret,
    Assignment,
    Claims,
    Algorithm,
}

impl Setting {
    /// Which one an error of the authorization endpoint is about (RFC 6749 section 4.1.2.1).
    pub(super) fn of_authorization(error: &str) -> Option<Self> {
        match error {
            "access_denied" => Some(Self::Assignment),
            "unauthorized_client" | "invalid_request" => Some(Self::RedirectUri),
            "invalid_client" => Some(Self::ClientId),
            _ => None,
        }
    }

    /// Which one a refusal of the token endpoint is about (RFC 6749 section 5.2).
    pub(super) const fn of_exchange(error: &TokenError) -> Option<Self> {
        match error {
            TokenError::Provider { error: TokenErrorCode::InvalidGrant, .. } => Some(Self::RedirectUri),
            TokenError::Provider { error: TokenErrorCode::InvalidClient, .. } | TokenError::Status(401) => {
                Some(Self::ClientSecret)
            }
            _ => None,
        }
    }

    /// Whether a client has it that says in this way who it is.
    pub(super) const fn is_of(&self, method: ClientAuthentication) -> bool {
        !matches!(self, Self::ClientSecret) || method.needs_secret()
    }

    /// Which one a refused id token is about.
    pub(super) fn of_token(error: &IdTokenError) -> Option<Self> {
        match error {
            IdTokenError::Audience { .. }
            | IdTokenError::OtherAudience { .. }
            | IdTokenError::AuthorizedParty { .. } => Some(Self::ClientId),
            IdTokenError::Jws(JwsError::Algorithm { .. }) => Some(Self::Algorithm),
            IdTokenError::Missing("sub") => Some(Self::Claims),
            _ => None,
        }
    }

    /// The end of a refusal's detail: what the provider calls it.
    pub(super) fn advice(setting: Option<Self>, provider: ProviderLabel) -> String {
        called(provider, setting.and_then(|setting| setting.name(provider)))
    }

    const fn name(self, provider: ProviderLabel) -> Option<&'static str> {
        use ProviderLabel::{
            Generic, GoogleWorkspace, JumpCloud, Keycloak, MicrosoftEntra, Okta, OneLogin, PingFederate,
        };
        Some(match (provider, self) {
            (MicrosoftEntra, Self::RedirectUri) => "“Redirect URIs” under “Authentication”",
            (MicrosoftEntra, Self::ClientId) => "“Application (client) ID”",
            (MicrosoftEntra, Self::ClientSecret) => {
                "“Client secrets” under “Certificates & secrets”, where the value is meant and not the “Secret ID”"
            }
            (MicrosoftEntra, Self::Assignment) => "“Users and groups” of the enterprise application",
            (MicrosoftEntra, Self::Claims) => "“Optional claims” under “Token configuration”",
            (Okta, Self::RedirectUri) => "“Sign-in redirect URIs”",
            (Okta, Self::ClientId) => "“Client ID” under “Client Credentials”",
            (Okta, Self::ClientSecret) => "“Client secrets” under “Client Credentials”",
            (Okta, Self::Assignment) => "“Assignments”",
            (Okta, Self::Claims) => "“OpenID Connect ID Token” under “Sign On”",
            (GoogleWorkspace, Self::RedirectUri) => "“Authorized redirect URIs”",
            (GoogleWorkspace, Self::ClientId) => "“Client ID”",
            (GoogleWorkspace, Self::ClientSecret) => "“Client secrets”",
            (OneLogin, Self::RedirectUri) => "“Redirect URI's” under “Configuration”",
            (OneLogin, Self::ClientId) => "“Client ID” under “SSO”",
            (OneLogin, Self::ClientSecret) => "“Client Secret” under “SSO”",
            (OneLogin, Self::Assignment) => "“Access”",
            (OneLogin, Self::Claims) => "“Parameters”",
            (JumpCloud, Self::RedirectUri) => "“Redirect URIs” under “SSO”",
            (JumpCloud, Self::ClientId) => "“Client ID”",
            (JumpCloud, Self::ClientSecret) => "“Client Secret”",
            (JumpCloud, Self::Assignment) => "“User Groups”",
            (JumpCloud, Self::Claims) => "“Standard Scopes” under “Attribute Mapping”",
            (Keycloak, Self::RedirectUri) => "“Valid redirect URIs”",
            (Keycloak, Self::ClientId) => "“Client ID”",
            (Keycloak, Self::ClientSecret) => "“Client Secret” under “Credentials”",
            (Keycloak, Self::Claims) => "“Client scopes”",
            (Keycloak, Self::Algorithm) => "“ID token signature algorithm” under “Advanced”",
            (PingFederate, Self::RedirectUri) => "“Redirect URIs”",
            (PingFederate, Self::ClientId) => "“Client ID”",
            (PingFederate, Self::ClientSecret) => "“Client Secret”",
            (PingFederate, Self::Claims) => "“Attribute Contract” of the OpenID Connect policy",
            (PingFederate, Self::Algorithm) => "“ID Token Signing Algorithm”",
            (Generic, Self::RedirectUri) => "“Redirect URI” of the server application",
            (Generic, Self::ClientId) => "“Client Identifier”",
            (Generic, Self::ClientSecret) => "“Shared secret”",
            (Generic, Self::Assignment) => "“Access Control Policy”",
            (Generic, Self::Claims) => "“Issuance Transform Rules”",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_has_no_secret() {
        assert!(Setting::ClientSecret.is_of(ClientAuthentication::ClientSecretPost));
        assert!(!Setting::ClientSecret.is_of(ClientAuthentication::PrivateKeyJwt));
        assert!(Setting::RedirectUri.is_of(ClientAuthentication::PrivateKeyJwt));
        let entra = Setting::advice(Some(Setting::ClientSecret), ProviderLabel::MicrosoftEntra);
        assert!(entra.ends_with("not the “Secret ID”."), "{entra}");
    }

    #[test]
    fn a_setting_is_called_as_its_provider_calls_it() {
        let redirect = Setting::of_authorization("unauthorized_client");
        let okta = Setting::advice(redirect, ProviderLabel::Okta);
        assert_eq!(okta, " Okta calls this setting “Sign-in redirect URIs”.");
        assert!(Setting::advice(redirect, ProviderLabel::Generic).contains("AD FS, for example"));
        // Nothing is said where no name is known, or where no setting is to blame.
        assert_eq!(Setting::advice(redirect, ProviderLabel::Rippling), "");
        assert_eq!(Setting::advice(Setting::of_authorization("server_error"), ProviderLabel::Okta), "");
    }
}
