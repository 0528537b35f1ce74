//! Parameters of the authorization request that a connection adds: fixed ones, and those that are handed on from the
//! application's own request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_refusal::Excerpt;

use crate::refusal::{Field, Refusal, What};
use crate::spelled::spelled;

/// The most parameters of a connection.
const MOST: usize = 32;
/// The most bytes of a name or of a value.
const MOST_BYTES: usize = 512;
/// What the request itself says, and what has no place in the address bar of a browser: no name of a parameter, in whatever
/// case.
const PROTOCOL: [&str; 17] = [
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "id_token_hint",
    "nonce",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

spelled! {
    /// A parameter of an application's request that may be handed on.
    pub enum Forwarded {
        /// `acr_values`
        AcrValues = "acr_values",
        /// `audience`
        Audience = "audience",
        /// `client_id`: which application it is.
        ClientId = "client_id",
        /// `display`
        Display = "display",
        /// `id_token_hint`
        IdTokenHint = "id_token_hint",
        /// `login_hint`
        LoginHint = "login_hint",
        /// `max_age`
        MaxAge = "max_age",
        /// `prompt`
        Prompt = "prompt",
        /// `resource`
        Resource = "resource",
        /// `response_mode`
        ResponseMode = "response_mode",
        /// `response_type`
        ResponseType = "response_type",
        /// `ui_locales`
        UiLocales = "ui_locales",
    }
}

/// Where a parameter's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamParam {
    /// It is always this.
    Value(String),
    /// It is that of a parameter of the application's request, and is left out where that has none.
    Alias(Forwarded),
}

/// The parameters that a connection adds, by name.
pub type UpstreamParams = BTreeMap<String, UpstreamParam>;

/// Checks parameters that somebody wants to set.
///
/// # Errors
/// [`Field::UpstreamParams`]: too many, a name that is the protocol's own or cannot be one, a value that is too long.
pub(super) fn checked_params(params: UpstreamParams) -> Result<UpstreamParams, Refusal> {
    let refuse = |found: String, expected: String| {
        Err(Refusal::new(What::Invalid(Field::UpstreamParams)).found(found).expected(expected))
    };
    if params.len() > MOST {
        return refuse(format!("{} parameters", params.len()), format!("at most {MOST}"));
    }
    for (name, param) in &params {
        let shown = Excerpt::of(name);
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
        if name.is_empty() || name.len() > MOST_BYTES || !is_plain {
            return refuse(
                format!("the name {:?}", shown.as_str()),
                "letters, digits and _ - . : alone".to_owned(),
            );
        }
        if PROTOCOL.contains(&folded(name).as_str()) {
            return refuse(
                format!("the name {:?}, which the request itself says", shown.as_str()),
                "a parameter beside those of the protocol".to_owned(),
            );
        }
        if let UpstreamParam::Value(value) = param
            && (value.len() > MOST_BYTES || value.chars().any(char::is_control))
        {
            return refuse(
                format!("the value of {:?}", shown.as_str()),
                format!("at most {MOST_BYTES} bytes without control characters"),
            );
        }
    }
    Ok(params)
}

/// The parameters of a request: `asked` is what the application's own request says. A value that is too long or holds control
/// characters is left out: the provider is not told what nobody can mean.
#[must_use]
pub fn sent_params<'a>(
    params: &'a UpstreamParams,
    asked: impl Fn(Forwarded) -> Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let value = |param: &'a UpstreamParam| match param {
        UpstreamParam::Value(value) => Some(value.as_str()),
        UpstreamParam::Alias(alias) => asked(*alias),
    };
    let is_fit = |value: &&str| {
        !value.is_empty() && value.len() <= MOST_BYTES * 4 && !value.chars().any(char::is_control)
    };
    params.iter().filter_map(|(name, param)| Some((name.as_str(), value(param).filter(is_fit)?))).collect()
}

/// A name as the loosest server reads it.
fn folded(name: &str) -> String {
    name.chars().map(|c| if c == '.' { '_' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, param: UpstreamParam) -> UpstreamParams {
        UpstreamParams::from([(name.to_owned(), param)])
    }

    #[test]
    fn parameters_stand_beside_those_of_the_protocol_and_never_in_their_place() {
        let value = || UpstreamParam::Value("x".to_owned());
        for good in ["screen_name", "prompt", "acr_values", "login_hint", "max_age", "resource", "hd"] {
            assert!(checked_params(one(good, value())).is_ok(), "{good}");
        }
        for bad in PROTOCOL.into_iter().chain(["State", "redirect.uri", "a b", "a[]", "", "ä"]) {
            let refusal = checked_params(one(bad, value())).unwrap_err();
            assert_eq!(refusal.what, What::Invalid(Field::UpstreamParams), "{bad}");
        }
        for bad in ["x".repeat(513), "a\nb".to_owned()] {
            assert!(checked_params(one("hd", UpstreamParam::Value(bad))).is_err());
        }
        let many = (0..33).map(|n| (format!("p{n}"), value())).collect();
        assert!(checked_params(many).is_err());
    }

    #[test]
    fn an_alias_hands_on_what_the_application_said() {
        let params = UpstreamParams::from([
            ("hd".to_owned(), UpstreamParam::Value("acme.test".to_owned())),
            ("screen_name".to_owned(), UpstreamParam::Alias(Forwarded::LoginHint)),
            ("acr_values".to_owned(), UpstreamParam::Alias(Forwarded::AcrValues)),
            ("ui_locales".to_owned(), UpstreamParam::Alias(Forwarded::UiLocales)),
        ]);
        let asked = |name| match name {
            Forwarded::LoginHint => Some("ada@acme.test"),
            Forwarded::AcrValues => Some("a\r\nb"),
            _ => None,
        };
        assert_eq!(sent_params(&params, asked), [("hd", "acme.test"), ("screen_name", "ada@acme.test")]);
    }
}
