//! Reading what the provider had the browser bring: a form with `SAMLResponse` and `RelayState` (bindings 3.5.4).

use vestibule_domain::login::state::CHARS;
use vestibule_domain::refusal::{Judged, Refusal, What, sentence};
use vestibule_domain::secret::Token;
use vestibule_saml::binding::{Stray, decode_response};

use crate::engine::callback::CallbackRequest;
use crate::engine::trace::Steps;

/// The two fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'p> {
    /// The response in Base64.
    pub(super) response: &'p str,
    /// What came back with it, `""` for nothing. Only ever looked up as a state.
    pub(super) relay_state: &'p str,
}

impl Message<'_> {
    /// The state, if `RelayState` has the form of one of ours.
    pub(super) fn state(&self) -> Option<Token> {
        let ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_state = CHARS.contains(&self.relay_state.len()) && self.relay_state.bytes().all(ours);
        is_state.then(|| Token::presented(self.relay_state))
    }

    /// The response's XML.
    ///
    /// # Errors
    /// Anything but the Base64 of at most 512 KiB.
    pub(super) fn decoded(&self, steps: &mut Steps) -> Result<Vec<u8>, Refusal> {
        decode_response(self.response).map_err(|error| {
            steps.refused("callback", &error);
            Refusal::new(What::Assertion(Judged::Unacceptable)).because(sentence(error))
        })
    }

    /// What `RelayState` is, without saying what is in it.
    pub(super) fn describe_relay_state(&self) -> &'static str {
        if self.relay_state.is_empty() { "no RelayState" } else { "a RelayState that is not of this service" }
    }
}

/// Reads the fields. A response in a query is taken only where a gateway is allowed to put it there: a GET can
/// be planted as a link.
///
/// # Errors
/// A field that is missing or given twice, or a GET that is not allowed.
pub(super) fn read<'p>(
    request: &'p CallbackRequest,
    gateway_allowed: bool,
    steps: &mut Steps,
) -> Result<Message<'p>, Refusal> {
    if let Some(stray) = stray(request) {
        return Err(refused_stray(request, &stray, steps));
    }
    let response = only(request, "SAMLResponse", steps)?.unwrap_or_default();
    if response.is_empty() {
        let found =
            if request.in_query { "a GET without SAMLResponse" } else { "a form without SAMLResponse" };
        steps.failed("callback", found, "a posted form with SAMLResponse");
        return Err(Refusal::new(What::Assertion(Judged::Missing)).because(
            "Expected a form, posted by the identity provider, with the field SAMLResponse. Choose the binding \
             HTTP-POST for the assertion consumer service there. A tile in a portal must start the sign-in at the \
             identity provider or at the application; it cannot lead to this URL.",
        ));
    }
    if request.in_query && !gateway_allowed {
        steps.failed("callback", "SAMLResponse in the query of a GET", "a posted form");
        return Err(Refusal::new(What::Assertion(Judged::Unacceptable)).because(
            "Found SAMLResponse in the query of a GET, expected a posted form. Choose the binding HTTP-POST at the \
             identity provider; if a gateway of yours passes the response on, set allow_gateway_callback.",
        ));
    }
    let relay_state = only(request, "RelayState", steps)?.unwrap_or_default();
    Ok(Message { response, relay_state })
}

/// What arrived, if it is something else than a response.
fn stray(request: &CallbackRequest) -> Option<Stray> {
    Stray::among(&request.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn refused_stray(request: &CallbackRequest, stray: &Stray, steps: &mut Steps) -> Refusal {
    let way = if request.in_query { "in the query of a GET" } else { "in a posted form" };
    steps.failed("callback", format!("{stray} {way}"), "a posted form with SAMLResponse");
    let what = match stray {
        // There is something in the field, and it is no response.
        Stray::Message { parameter: "SAMLResponse", .. } => Judged::Unacceptable,
        _ => Judged::Missing,
    };
    Refusal::new(What::Assertion(what)).because(format!(
        "Found {stray} {way}, expected a posted form with a SAML Response. {}.",
        stray.advice()
    ))
}

/// The value of a field that may be given once.
fn only<'p>(request: &'p CallbackRequest, name: &str, steps: &mut Steps) -> Result<Option<&'p str>, Refusal> {
    let mut values = request.parameters.iter().filter(|(found, _)| found == name).map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() {
        steps.failed("callback", format!("{name} more than once"), format!("{name} once"));
        return Err(
            Refusal::new(What::Assertion(Judged::Unacceptable)).found(format!("{name} more than once"))
        );
    }
    Ok(first.map(String::as_str))
}
