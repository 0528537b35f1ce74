//! Reading what the provider sent along with the browser (OpenID Connect Core section 3.1.2.5, RFC 9207).

use vestibule_domain::connection::{Channel, OidcSettings};
use vestibule_domain::fault::{Fault, FaultKind, sentence};
use vestibule_oidc::Issuer;
use vestibule_oidc::callback::{self as protocol, CallbackError, CallbackExpectations, Grant, Response};

use super::discovery::url_policy;
use crate::app::Mode;
use crate::reply::Failure;
use crate::sso::trace::Steps;

/// Reads the parameters of the callback.
///
/// # Errors
/// A parameter that is missing or given twice.
pub fn read<'p>(parameters: &'p [(String, String)], steps: &mut Steps) -> Result<Response<'p>, Fault> {
    Response::read(parameters).map_err(|error| {
        steps.refused("callback", &error);
        let kind = match error {
            CallbackError::Missing("state") => FaultKind::MissingOidcState,
            _ => FaultKind::OidcInvalidCallback,
        };
        Fault::new(kind).because(sentence(error))
    })
}

/// What the answer grants, once it is known to be the answer to this browser's attempt.
///
/// # Errors
/// The provider's own refusal, or an answer that does not fit the connection.
pub fn grant(
    mode: Mode,
    settings: &OidcSettings,
    response: &Response<'_>,
    steps: &mut Steps,
) -> Result<Grant, Failure> {
    let issuer = Issuer::parse(&settings.issuer, url_policy(mode))
        .map_err(|error| Failure::Internal(format!("a stored issuer is not usable: {error}")))?;
    let expectations = CallbackExpectations {
        channel: match settings.channel {
            Channel::BackChannel => protocol::Channel::Code,
            Channel::FrontChannel => protocol::Channel::IdToken,
        },
        issuer: &issuer,
        response_issuer_announced: settings.discovered.authorization_response_iss_parameter_supported,
    };
    response.judge(&expectations).map_err(|error| {
        steps.refused("callback", &error);
        let kind = match &error {
            CallbackError::Provider { error, .. } if error.as_str() == "access_denied" => {
                FaultKind::OidcNotAssigned
            }
            CallbackError::Provider { .. } => FaultKind::OidcAuthCodeError,
            _ => FaultKind::OidcInvalidCallback,
        };
        Fault::new(kind).because(sentence(error)).into()
    })
}
