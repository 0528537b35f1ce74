//! The way back: the authorization response that a browser carries to our redirect URI.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::error::{Excerpt, Refusal};
use crate::issuer::Issuer;
use crate::jose::jws;

/// Most bytes of a `state`; ours are far shorter.
const MOST_STATE_BYTES: usize = 512;
/// Most bytes of a code.
const MOST_CODE_BYTES: usize = 8192;
/// Most parameters of a response.
const MOST_PARAMETERS: usize = 32;

/// How the connection wants the identity to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A code; an id token beside it is ignored.
    Code,
    /// An id token; a code beside it is ignored.
    IdToken,
}

/// How the browser brought a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the query of the callback's address.
    Query,
    /// In a form that it posted.
    Form,
}

impl Channel {
    /// How a response of this channel has to come: an id token in a query would be in histories and logs, and a code was
    /// not asked for in a form.
    const fn delivery(self) -> Delivery {
        match self {
            Self::Code => Delivery::Query,
            Self::IdToken => Delivery::Form,
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "in the query (response_mode query)",
            Self::Form => "in a posted form (response_mode form_post)",
        })
    }
}

/// What is expected of a response, once its `state` told which attempt it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CallbackExpectations<'a> {
    /// How the connection wants the identity.
    pub channel: Channel,
    /// How the response came.
    pub delivered: Delivery,
    /// The connection's issuer.
    pub issuer: &'a Issuer,
    /// The provider announced that it sends `iss` (RFC 9207). Then a code without `iss` is refused; an id token names
    /// its issuer itself, and providers leave `iss` out beside it.
    pub response_issuer_announced: bool,
}

/// What a good response brings.
pub enum Grant {
    /// A code to redeem.
    Code(AuthorizationCode),
    /// An id token, not verified yet.
    IdToken(UnverifiedIdToken),
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Grant::Code(..)",
            Self::IdToken(_) => "Grant::IdToken(..)",
        })
    }
}

/// An authorization code; it does not print.
pub struct AuthorizationCode(Zeroizing<String>);

impl AuthorizationCode {
    /// The code.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(..)")
    }
}

/// An id token that nobody has verified; it does not print, and says nothing before [`crate::id_token::verify`].
pub struct UnverifiedIdToken(Zeroizing<String>);

impl UnverifiedIdToken {
    pub(crate) fn new(compact: &str) -> Self {
        Self(Zeroizing::new(compact.to_owned()))
    }

    /// The compact form, to verify.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnverifiedIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedIdToken(..)")
    }
}

/// Why a response is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallbackError {
    /// A parameter is given twice (RFC 6749 section 3.1).
    #[error("the response repeats the parameter {0}")]
    Repeated(Excerpt),
    /// More than 32 parameters.
    #[error("the response has more than 32 parameters")]
    TooMany,
    /// A parameter is missing or empty.
    #[error("the response has no {0}")]
    Missing(&'static str),
    /// A parameter is longer than any real one.
    #[error("the response's {0} is too long")]
    TooLong(&'static str),
    /// `iss` is not the connection's issuer: another provider answered.
    #[error("the response is of the issuer {found}, expected {expected}")]
    Issuer {
        /// The `iss` parameter.
        found: Excerpt,
        /// The connection's issuer.
        expected: Excerpt,
    },
    /// It came in another way than the one that was asked for.
    #[error("the response came {found}, expected it {expected}")]
    Delivery {
        /// How it came.
        found: Delivery,
        /// How it had to.
        expected: Delivery,
    },
    /// The provider refused.
    #[error("the identity provider answered {error}{}", description.as_ref().map_or_else(String::new, |text| format!(": {text}")))]
    Provider {
        /// The `error` parameter.
        error: Excerpt,
        /// The `error_description` parameter.
        description: Option<Excerpt>,
    },
}

impl Refusal for CallbackError {
    fn code(&self) -> &'static str {
        match self {
            Self::Repeated(_) => "response_repeated_parameter",
            Self::TooMany => "response_too_many_parameters",
            Self::Missing(_) => "response_missing_parameter",
            Self::TooLong(_) => "response_parameter_too_long",
            Self::Issuer { .. } => "response_issuer_mismatch",
            Self::Delivery { .. } => "response_mode",
            Self::Provider { .. } => "provider_error",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Repeated(name) => Some(name.to_string()),
            Self::Issuer { found, .. } => Some(found.to_string()),
            Self::Delivery { found, .. } => Some(found.to_string()),
            Self::Provider { error, description: None } => Some(error.to_string()),
            Self::Provider { error, description: Some(text) } => Some(format!("{error}: {text}")),
            Self::TooMany | Self::Missing(_) | Self::TooLong(_) => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Missing(name) => Some((*name).to_owned()),
            Self::Issuer { expected, .. } => Some(expected.to_string()),
            Self::Delivery { expected, .. } => Some(expected.to_string()),
            Self::Provider { .. } => Some("a code, or the tokens that were asked for".to_owned()),
            Self::Repeated(_) => Some("each parameter once".to_owned()),
            Self::TooMany | Self::TooLong(_) => Some("an answer within the bounds".to_owned()),
        }
    }
}

/// What the provider refused, when it says so without a `state`: nothing is decided by it, it only tells a person more
/// than that the `state` is missing.
#[must_use]
pub fn stray_error(parameters: &[(String, String)]) -> Option<CallbackError> {
    provider_error(parameters)
}

/// A response whose `state` can be read: the shell uses it to find the attempt, then calls [`Response::judge`].
pub struct Response<'a> {
    parameters: &'a [(String, String)],
    state: &'a str,
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<Excerpt> = self.parameters.iter().map(|(name, _)| Excerpt::of(name)).collect();
        f.debug_struct("Response").field("parameters", &names).finish_non_exhaustive()
    }
}

impl<'a> Response<'a> {
    /// Takes the decoded parameters of the query or of the posted form.
    ///
    /// # Errors
    /// [`CallbackError`] when one is repeated, there are too many, or there is no `state`.
    pub fn read(parameters: &'a [(String, String)]) -> Result<Self, CallbackError> {
        if parameters.len() > MOST_PARAMETERS {
            return Err(CallbackError::TooMany);
        }
        for (index, (name, _)) in parameters.iter().enumerate() {
            if parameters.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(CallbackError::Repeated(Excerpt::of(name)));
            }
        }
        let state = bounded(find(parameters, "state"), "state", MOST_STATE_BYTES)?;
        Ok(Self { parameters, state })
    }

    /// The handle of the attempt. The shell must find it bound to this browser, not expired and not used.
    #[must_use]
    pub const fn state(&self) -> &'a str {
        self.state
    }

    /// Judges the rest.
    ///
    /// # Errors
    /// [`CallbackError`] when another issuer answered, the provider refused, or what the channel needs is missing.
    pub fn judge(&self, expectations: &CallbackExpectations<'_>) -> Result<Grant, CallbackError> {
        let issuer = find(self.parameters, "iss");
        if let Some(found) = issuer
            && found != expectations.issuer.as_str()
        {
            let expected = Excerpt::of(expectations.issuer.as_str());
            return Err(CallbackError::Issuer { found: Excerpt::of(found), expected });
        }
        if let Some(error) = provider_error(self.parameters) {
            return Err(error);
        }
        let (found, expected) = (expectations.delivered, expectations.channel.delivery());
        if found != expected {
            return Err(CallbackError::Delivery { found, expected });
        }
        match expectations.channel {
            Channel::Code if issuer.is_none() && expectations.response_issuer_announced => {
                Err(CallbackError::Missing("iss"))
            }
            Channel::Code => {
                let code = bounded(find(self.parameters, "code"), "code", MOST_CODE_BYTES)?;
                Ok(Grant::Code(AuthorizationCode(Zeroizing::new(code.to_owned()))))
            }
            Channel::IdToken => {
                let token = bounded(find(self.parameters, "id_token"), "id_token", jws::MOST_BYTES)?;
                Ok(Grant::IdToken(UnverifiedIdToken::new(token)))
            }
        }
    }
}

fn provider_error(parameters: &[(String, String)]) -> Option<CallbackError> {
    let error = find(parameters, "error").map(Excerpt::of)?;
    let description = find(parameters, "error_description").filter(|text| !text.is_empty()).map(Excerpt::of);
    Some(CallbackError::Provider { error, description })
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn bounded<'a>(value: Option<&'a str>, name: &'static str, most: usize) -> Result<&'a str, CallbackError> {
    let value = value.filter(|text| !text.is_empty()).ok_or(CallbackError::Missing(name))?;
    if value.len() > most {
        return Err(CallbackError::TooLong(name));
    }
    Ok(value)
}
