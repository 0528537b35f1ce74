//! Asks an identity provider for its discovery document.

use vestibule_domain::connection::Discovered;
use vestibule_domain::tenant::Tenant;
use vestibule_oidc::discovery::{self, DiscoveryError, ProviderMetadata};
use vestibule_oidc::{Issuer, IssuerRule, UrlPolicy};

use crate::failure::Failure;
use crate::world::fetch::FetchError;
use crate::world::fetch::protocol::send;
use crate::world::{App, Mode};

const LIMIT: usize = 256 * 1024;

/// A document that can be used.
#[derive(Debug)]
pub(crate) struct Document {
    /// The issuer that it is about.
    pub issuer: String,
    /// What it says.
    pub says: Discovered,
    /// It announces symmetric algorithms alone.
    pub hmac_only: bool,
}

/// Asks for the document of an issuer.
///
/// # Errors
/// Why there is none.
pub(crate) async fn discover(app: &App, tenant: Tenant, issuer: &str) -> Result<Document, NotFound> {
    ask(app, tenant, issuer).await
}

/// Asks for a document by the address that somebody gave in place of the issuer. The address does not say whether the
/// issuer ends with a slash; the document does, and with either it is at this very address.
///
/// # Errors
/// As [`discover`].
pub(crate) async fn discover_at_address_of(
    app: &App,
    tenant: Tenant,
    issuer: &str,
) -> Result<Document, NotFound> {
    let first = ask(app, tenant, issuer).await;
    match &first {
        Err(NotFound::Document(DiscoveryError::Issuer(_))) if !issuer.ends_with('/') => {
            ask(app, tenant, &format!("{issuer}/")).await.or(first)
        }
        _ => first,
    }
}

/// Why there is no document, in words for the admin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFound {
    /// The provider could not be asked, or did not answer.
    #[error("{0}")]
    Asking(String),
    /// What it answered cannot be used.
    #[error("{0}")]
    Document(DiscoveryError),
    /// It was not asked: that is our own trouble.
    #[error("{0}")]
    Failed(Failure),
}

impl NotFound {
    /// What the document calls its issuer, where that alone is why it is not used.
    pub(super) fn other_issuer(&self) -> Option<String> {
        match self {
            Self::Document(DiscoveryError::Issuer(mismatch)) if !mismatch.template => {
                Some(mismatch.found.to_string())
            }
            _ => None,
        }
    }
}

async fn ask(app: &App, tenant: Tenant, issuer: &str) -> Result<Document, NotFound> {
    let policy = url_policy(app.mode);
    let asking = |error: vestibule_oidc::issuer::UrlError| NotFound::Asking(error.to_string());
    let issuer = Issuer::parse(issuer, policy).map_err(asking)?;
    let request = discovery::request(&issuer, policy).map_err(asking)?;
    let response = send(&app.fetcher.for_tenant(tenant), &request, LIMIT).await;
    let response = response.map_err(|error| match error {
        FetchError::Busy => NotFound::Failed(error.failure(Failure::Internal)),
        other => NotFound::Asking(other.told()),
    })?;
    let metadata = discovery::parse(response.status.as_u16(), &response.body, &issuer, policy)
        .map_err(NotFound::Document)?;
    Ok(document(&issuer, &metadata))
}

/// What sign-ins need of what an issuer says about itself.
pub(super) fn document(issuer: &Issuer, metadata: &ProviderMetadata) -> Document {
    Document {
        issuer: issuer.as_str().to_owned(),
        says: discovered(metadata),
        hmac_only: metadata.announces_hmac_only,
    }
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
        code_challenge_methods_supported: metadata
            .challenge_methods
            .iter()
            .map(|method| method.name().to_owned())
            .collect(),
        authorization_response_iss_parameter_supported: metadata.announces_response_issuer,
        of_former_issuer: false,
        issuer_is_tenant_template: matches!(metadata.issuer, IssuerRule::EntraTemplate { .. }),
    }
}
