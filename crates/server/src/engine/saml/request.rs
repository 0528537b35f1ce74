//! The request to the provider (core 3.4.1): by redirect (bindings 3.4), or in a form that submits itself
//! (bindings 3.5), as the connection says.

use url::Url;
use vestibule_domain::connection::{ReadySaml, SamlSettings, SsoBinding};
use vestibule_domain::login::{AttemptSecrets, saml_request_chance};
use vestibule_domain::time::Time;
use vestibule_saml::UnixMillis;
use vestibule_saml::binding::{RelayState, post_value, redirect_url};
use vestibule_saml::key::{Certificate, SigningKey};
use vestibule_saml::request::AuthnRequest;
use vestibule_saml::sign::{MessageId, Signer};

use super::keys;
use crate::engine::start::{ProviderHints, ToProvider};
use crate::failure::Failure;
use crate::world::KnownAs;

/// How the browser brings the provider a request of this attempt. `known_as` is us. `RelayState` is the
/// attempt's state: opaque, and shorter than the 80 bytes that bindings 3.4.3 allows.
///
/// # Errors
/// Stored settings that are not usable.
pub(crate) fn to_provider(
    ready: ReadySaml<'_>,
    known_as: &KnownAs,
    hints: &ProviderHints,
    secrets: &AttemptSecrets,
    now: Time,
) -> Result<ToProvider, Failure> {
    let settings = ready.settings();
    let id = MessageId::from_chance(saml_request_chance(&secrets.state));
    let request = AuthnRequest {
        id: &id,
        issue_instant: UnixMillis(now.millis()),
        issuer: &known_as.entity_id,
        destination: &settings.idp_sso_url,
        acs_url: settings.further_acs_url(&known_as.callback).unwrap_or(&known_as.callback),
        name_id_format: Some(settings.nameid_format.as_str()),
        // SAML knows no age: who must not have been asked too long ago is asked again.
        force_authn: !hints.freshness.is_nothing(),
        is_passive: false,
    };
    let state = RelayState::new(secrets.state.expose()).map_err(internal)?;
    let endpoint = with_hint(&settings.idp_sso_url, hints.login_hint.as_deref())?;
    let signer = signer(settings).map_err(Failure::Internal)?;
    match settings.sso_binding {
        SsoBinding::Redirect => {
            let key = signer.as_ref().map(|(key, _)| key);
            let url =
                redirect_url(endpoint.as_str(), &request.to_xml(), Some(&state), key).map_err(internal)?;
            Ok(ToProvider::Redirect(Url::parse(&url).map_err(internal)?))
        }
        SsoBinding::Post => {
            let message = match &signer {
                Some((key, certificate)) => {
                    request.to_signed_xml(Signer { key, certificate }).map_err(internal)?
                }
                None => request.to_xml(),
            };
            let fields = vec![("SAMLRequest", post_value(&message)), ("RelayState", state.to_string())];
            Ok(ToProvider::Post { action: endpoint, fields })
        }
    }
}

/// The newest signing key, when the provider wants signed requests.
fn signer(settings: &SamlSettings) -> Result<Option<(SigningKey, Certificate)>, String> {
    match settings.signing_key().filter(|_| settings.authn_requests_signed) {
        Some(key) => keys::signing(key).map(Some),
        None if settings.authn_requests_signed => Err("there is no key to sign requests with".to_owned()),
        None => Ok(None),
    }
}

/// The provider's address, with the hint who is about to sign in. SAML has no place for one; the providers
/// that know hints read them from the query, and the others ignore what they do not know.
fn with_hint(sso_url: &str, hint: Option<&str>) -> Result<Url, Failure> {
    let mut url = Url::parse(sso_url).map_err(internal)?;
    if let Some(hint) = hint {
        url.query_pairs_mut().append_pair("login_hint", hint);
    }
    Ok(url)
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(format!("a SAML request could not be made: {error}"))
}
