//! Reading what the provider sent along with the browser (OpenID Connect Core section 3.1.2.5, RFC 9207).

use vestibule_domain::connection::{Channel, ProviderLabel, ReadyOidc};
use vestibule_domain::refusal::{Refusal, Via, What, sentence};
use vestibule_oidc::callback::{
    self as protocol, CallbackError, CallbackExpectations, Delivery, Grant, Response, stray_error,
};
use vestibule_oidc::{Issuer, Stray};

use super::advice::Setting;
use crate::engine::callback::CallbackRequest;
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::operations::connections::discovery::url_policy;
use crate::world::Mode;

const NO_STATE: CallbackError = CallbackError::Missing("state");

/// Why the parameters of a callback cannot be read.
pub(crate) enum Unread {
    /// As it says.
    Refused(Refusal),
    /// They have no state: [`refused_without_state`] says what they are.
    Stateless,
}

/// Reads the parameters of the callback.
///
/// # Errors
/// A message of another protocol, or a parameter that is missing or given twice.
pub(crate) fn read<'p>(request: &'p CallbackRequest, steps: &mut Steps) -> Result<Response<'p>, Unread> {
    if let Some(stray) = Stray::among(&request.parameters) {
        return Err(Unread::Refused(refused_stray(request, &stray, steps)));
    }
    Response::read(&request.parameters).map_err(|error| {
        if error == NO_STATE {
            return Unread::Stateless;
        }
        steps.refused("callback", &error);
        Unread::Refused(Refusal::new(What::UnreadableAnswer).because(sentence(error)))
    })
}

/// The refusal of parameters without a state. `start` is where sign-ins through the connection begin.
pub(crate) fn refused_without_state(request: &CallbackRequest, start: &str, steps: &mut Steps) -> Refusal {
    Refusal::new(What::NoState(Via::Oidc)).because(without_state(request, NO_STATE, start, steps))
}

/// What arrived, if it is something else than an answer.
fn refused_stray(request: &CallbackRequest, stray: &Stray, steps: &mut Steps) -> Refusal {
    const ANSWER: &str = "the answer to a sign-in with OpenID Connect";
    let way = if request.in_query { "in the query of a GET" } else { "in a posted form" };
    steps.failed("callback", format!("{stray} {way}"), ANSWER);
    let has_state = request.parameters.iter().any(|(name, _)| name == "state");
    let what = if has_state { What::UnreadableAnswer } else { What::NoState(Via::Oidc) };
    Refusal::new(what).because(format!("Found {stray} {way}, expected {ANSWER}. {}.", stray.advice()))
}

/// What an answer without a state is, as far as it tells: the provider's own error, or no answer at all but somebody who
/// wants to begin.
fn without_state(
    request: &CallbackRequest,
    missing: CallbackError,
    start: &str,
    steps: &mut Steps,
) -> String {
    if let Some(error) = stray_error(&request.parameters) {
        steps.refused("callback", &error);
        return format!("{} It does not say to which sign-in it belongs.", sentence(error));
    }
    steps.refused("callback", &missing);
    let begins = |name: &str| ["iss", "login_hint", "target_link_uri"].contains(&name);
    let answers = |name: &str| ["code", "id_token"].contains(&name);
    let has = |of: &dyn Fn(&str) -> bool| request.parameters.iter().any(|(name, _)| of(name));
    if has(&begins) && !has(&answers) {
        return format!(
            "This is a sign-in that begins at the identity provider, and this address is where its answers come back. \
             Let the tile or the initiate login URI lead to {start} instead."
        );
    }
    format!("{} Sign-ins begin at {start}.", sentence(missing))
}

/// What an answer is judged by.
pub(crate) struct Case<'a> {
    /// How strict the server is.
    pub mode: Mode,
    /// The settings of the connection.
    pub ready: ReadyOidc<'a>,
    /// What the provider is, as the connection says.
    pub provider: ProviderLabel,
    /// Whether the answer came in the query of a GET.
    pub in_query: bool,
}

impl Case<'_> {
    /// What the answer grants, once it is known to be the answer to this browser's attempt.
    ///
    /// # Errors
    /// The provider's own refusal, or an answer that does not fit the connection.
    pub(crate) fn grant(&self, response: &Response<'_>, steps: &mut Steps) -> Result<Grant, Failure> {
        let settings = self.ready.settings();
        let issuer = Issuer::parse(&settings.issuer, url_policy(self.mode))
            .map_err(|error| Failure::Internal(format!("a stored issuer is not usable: {error}")))?;
        let expectations = CallbackExpectations {
            channel: match settings.channel {
                Channel::BackChannel => protocol::Channel::Code,
                Channel::FrontChannel => protocol::Channel::IdToken,
            },
            delivered: if self.in_query { Delivery::Query } else { Delivery::Form },
            issuer: &issuer,
            response_issuer_announced: settings.discovered.authorization_response_iss_parameter_supported,
        };
        response.judge(&expectations).map_err(|error| {
        steps.refused("callback", &error);
        let (kind, hint) = match &error {
            CallbackError::Provider { error, .. } => (provider_refused(error.as_str()), provider_hint(error.as_str())),
            CallbackError::Issuer { .. } => (
                What::UnreadableAnswer,
                "If the connection is to be used with that issuer, set issuer on the connection.",
            ),
            CallbackError::Delivery { .. } => (
                What::UnreadableAnswer,
                "Take response_mode out of the client's settings at the identity provider, or choose the other type of the \
                 connection.",
            ),
            CallbackError::Missing("code" | "id_token") => (
                What::UnreadableAnswer,
                "The type of the connection decides which is asked for: back_channel a code, front_channel an id_token.",
            ),
            CallbackError::Missing("iss") => (
                What::UnreadableAnswer,
                "The provider's discovery document announces it (authorization_response_iss_parameter_supported).",
            ),
            _ => (What::UnreadableAnswer, ""),
        };
        let advice = match &error {
            CallbackError::Provider { error, .. } => {
                Setting::advice(Setting::of_authorization(error.as_str()), self.provider)
            }
            _ => String::new(),
        };
        let note = format!("{} {hint}", sentence(error));
        Refusal::new(kind).because(format!("{}{advice}", note.trim_end())).into()
    })
    }
}

fn provider_refused(error: &str) -> What {
    match error {
        "access_denied" => What::NotAssigned,
        // Its own 500 and 503, which a redirect cannot say otherwise.
        "server_error" | "temporarily_unavailable" => What::ProviderUnreachable,
        _ => What::ProviderRefused(Via::Oidc),
    }
}

/// Where an administrator changes what the provider complains of (RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6).
fn provider_hint(error: &str) -> &'static str {
    match error {
        "access_denied" => {
            "Either the person cancelled, or they are not assigned to the application at the identity provider."
        }
        "invalid_scope" => {
            "custom_scopes of the connection adds scopes; with custom_scopes_only they are all that is asked for."
        }
        "unauthorized_client" | "invalid_request" | "invalid_client" => {
            "Compare client_id, and the redirect URL that is registered at the identity provider, with the connection's."
        }
        "unsupported_response_type" => {
            "The client must be allowed code at the identity provider, or id_token for a front_channel connection."
        }
        _ => "",
    }
}
