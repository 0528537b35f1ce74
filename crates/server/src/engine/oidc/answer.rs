//! Reading what the provider sent along with the browser (OpenID Connect Core section 3.1.2.5, RFC 9207).

use vestibule_domain::connection::{Channel, ReadyOidc};
use vestibule_domain::refusal::{Refusal, Via, What, sentence};
use vestibule_oidc::Issuer;
use vestibule_oidc::callback::{self as protocol, CallbackError, CallbackExpectations, Grant, Response};

use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::operations::connections::discovery::url_policy;
use crate::world::Mode;

/// Reads the parameters of the callback.
///
/// # Errors
/// A parameter that is missing or given twice.
pub(crate) fn read<'p>(
    parameters: &'p [(String, String)],
    steps: &mut Steps,
) -> Result<Response<'p>, Refusal> {
    Response::read(parameters).map_err(|error| {
        steps.refused("callback", &error);
        let kind = match error {
            CallbackError::Missing("state") => What::NoState(Via::Oidc),
            _ => What::UnreadableAnswer,
        };
        Refusal::new(kind).because(sentence(error))
    })
}

/// What the answer grants, once it is known to be the answer to this browser's attempt.
///
/// # Errors
/// The provider's own refusal, or an answer that does not fit the connection.
pub(crate) fn grant(
    mode: Mode,
    ready: ReadyOidc<'_>,
    response: &Response<'_>,
    steps: &mut Steps,
) -> Result<Grant, Failure> {
    let settings = ready.settings();
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
            CallbackError::Provider { error, .. } if error.as_str() == "access_denied" => What::NotAssigned,
            CallbackError::Provider { .. } => What::ProviderRefused(Via::Oidc),
            _ => What::UnreadableAnswer,
        };
        Refusal::new(kind).because(sentence(error)).into()
    })
}
