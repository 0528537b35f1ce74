//! Asks an identity provider for its discovery document.

use vestibule_domain::connection::Discovered;
use vestibule_oidc::discovery::{self, ProviderMetadata};
use vestibule_oidc::{Issuer, IssuerRule, UrlPolicy};

use crate::world::fetch::protocol::send;
use crate::world::{App, Mode};

const LIMIT: usize = 256 * 1024;

/// What came of asking.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    /// What the document says, if there is a usable one.
    pub found: Option<Discovered>,
    /// Why there is none, in words for the admin; `""` otherwise.
    pub warning: String,
}

/// Asks for the document of an issuer. Whatever goes wrong is a warning.
pub(crate) async fn discover(app: &App, issuer: &str) -> Discovery {
    match ask(app, issuer).await {
        Ok(metadata) => Discovery { found: Some(discovered(&metadata)), warning: String::new() },
        Err(why) => Discovery {
            found: None,
            warning: format!(
                "The provider's discovery document could not be used, so no URL was filled in: {why}. Set \
                 authorization_url, token_url, userinfo_url and jwks_url yourself, or correct the issuer."
            ),
        },
    }
}

async fn ask(app: &App, issuer: &str) -> Result<ProviderMetadata, String> {
    let policy = url_policy(app.mode);
    let issuer = Issuer::parse(issuer, policy).map_err(|error| error.to_string())?;
    let request = discovery::request(&issuer, policy).map_err(|error| error.to_string())?;
    let response = send(&app.fetcher, &request, LIMIT).await.map_err(|error| error.to_string())?;
    discovery::parse(response.status.as_u16(), &response.body, &issuer, policy)
        .map_err(|error| error.to_string())
}

/// The protocol crate's view of which URLs are fine.
#[must_use]
pub(crate) const fn url_policy(mode: Mode) -> UrlPolicy {
    match mode {
        Mode::Development => UrlPolicy::LoopbackHttp,
        Mode::Production => UrlPolicy::HttpsOnly,
    }
}

fn discovered(metadata: &ProviderMetadata) -> Discovered {
    Discovered {
        authorization_endpoint: Some(metadata.authorization_endpoint.to_string()),
        token_endpoint: metadata.token_endpoint.as_ref().map(ToString::to_string),
        userinfo_endpoint: metadata.userinfo_endpoint.as_ref().map(ToString::to_string),
        jwks_uri: Some(metadata.jwks_uri.to_string()),
        id_token_signing_alg_values_supported: metadata
            .id_token_algorithms
            .iter()
            .map(|algorithm| algorithm.name().to_owned())
            .collect(),
        token_endpoint_auth_methods_supported: metadata
            .client_auth_methods
            .iter()
            .map(|method| method.name().to_owned())
            .collect(),
        authorization_response_iss_parameter_supported: metadata.announces_response_issuer,
        issuer_is_tenant_template: matches!(metadata.issuer, IssuerRule::EntraTemplate { .. }),
    }
}
