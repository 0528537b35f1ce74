//! What else identity providers send to a redirect URI, by its name: whoever set up the provider must be told what it is,
//! not that a parameter is missing.

use std::fmt;

use crate::error::Excerpt;

/// What makes it an answer, however odd the rest is.
const ANSWERS: [&str; 3] = ["code", "id_token", "error"];

/// Something that arrived where an authorization response was expected. It is named and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// SAML.
    Saml {
        /// The parameter that it came in.
        parameter: &'static str,
    },
    /// WS-Federation (`wa`, `wresult`).
    WsFederation {
        /// What it wants, as it says itself.
        action: Excerpt,
    },
    /// A logout token (OpenID Connect Back-Channel Logout section 2.4).
    LogoutToken,
    /// A logout by the browser (OpenID Connect Front-Channel Logout section 3).
    FrontChannelLogout,
}

impl Stray {
    /// What it is that arrived, by the parameters that it came in. `None` for anything that is not known, and for whatever
    /// has a part of an answer.
    #[must_use]
    pub fn among(parameters: &[(String, String)]) -> Option<Self> {
        let value =
            |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        if ANSWERS.iter().any(|name| value(name).is_some()) {
            return None;
        }
        let saml = ["SAMLResponse", "SAMLRequest", "SAMLart"].into_iter().find(|name| value(name).is_some());
        if let Some(parameter) = saml {
            return Some(Self::Saml { parameter });
        }
        if let Some(action) = value("wa").or_else(|| value("wresult").map(|_| "wsignin1.0")) {
            return Some(Self::WsFederation { action: Excerpt::of(action) });
        }
        if value("logout_token").is_some() {
            return Some(Self::LogoutToken);
        }
        (value("sid").is_some() && value("state").is_none()).then_some(Self::FrontChannelLogout)
    }

    /// What whoever runs the provider should change.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Saml { .. } => {
                "The application is set to SAML at the identity provider: choose OpenID Connect, or use a SAML connection"
            }
            Self::WsFederation { .. } => {
                "The application is set to WS-Federation at the identity provider: choose OpenID Connect"
            }
            Self::LogoutToken => {
                "Back-channel logout is not offered here: leave the back-channel logout URI at the identity provider empty"
            }
            Self::FrontChannelLogout => {
                "Front-channel logout is not offered here: leave the front-channel logout URI at the identity provider \
                 empty"
            }
        }
    }
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saml { parameter } => write!(f, "a SAML message ({parameter})"),
            Self::WsFederation { action } => write!(f, "a WS-Federation message ({action})"),
            Self::LogoutToken => f.write_str("a logout token (logout_token)"),
            Self::FrontChannelLogout => f.write_str("a front-channel logout (sid)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(parameters: &[(&str, &str)]) -> Option<String> {
        let owned: Vec<_> =
            parameters.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Stray::among(&owned).map(|stray| stray.to_string())
    }

    #[test]
    fn other_messages_are_named() {
        for (parameters, said) in [
            (&[("RelayState", "x"), ("SAMLResponse", "PA==")][..], "a SAML message (SAMLResponse)"),
            (&[("SAMLRequest", "")], "a SAML message (SAMLRequest)"),
            (&[("SAMLart", "AAQ"), ("state", "s")], "a SAML message (SAMLart)"),
            (&[("wa", "wsignin1.0")], "a WS-Federation message (wsignin1.0)"),
            (&[("wresult", "<t/>")], "a WS-Federation message (wsignin1.0)"),
            (&[("wa", "wsignoutcleanup1.0")], "a WS-Federation message (wsignoutcleanup1.0)"),
            (&[("logout_token", "e.e.e")], "a logout token (logout_token)"),
            (&[("iss", "https://idp.test"), ("sid", "1")], "a front-channel logout (sid)"),
        ] {
            assert_eq!(among(parameters).unwrap(), said);
        }
    }

    #[test]
    fn an_answer_is_none_of_them() {
        for answer in ANSWERS {
            assert_eq!(among(&[(answer, "1"), ("SAMLResponse", "2"), ("sid", "3")]), None);
        }
        for none in [
            &[("state", "1"), ("sid", "2")][..],
            &[("iss", "https://idp.test")],
            &[("samlresponse", "x")],
            &[],
        ] {
            assert_eq!(among(none), None);
        }
    }
}
