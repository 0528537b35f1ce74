//! What else identity providers send to an assertion consumer service, by its name: whoever set up the provider must be
//! told what it is, not that a field is missing.

use std::fmt;

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use vestibule_refusal::Excerpt;

use crate::b64;
use crate::xml::{Document, Element, Limits, ns};

/// Most octets that are inflated of a message that is not read further.
const MOST_OCTETS: usize = 64 * 1024;
/// Most characters of one that is looked at.
const MOST_CHARS: usize = 128 * 1024;

/// Something that arrived where a response was expected. It is named and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// A message of SAML that is no response, or is in the wrong parameter.
    Message {
        /// The parameter.
        parameter: &'static str,
        /// Its root element.
        root: Excerpt,
    },
    /// A parameter for messages with something in it that is none.
    Unreadable {
        /// The parameter.
        parameter: &'static str,
    },
    /// An artifact instead of a response (bindings 3.6).
    Artifact,
    /// WS-Federation (`wa`, `wresult`).
    WsFederation {
        /// What it wants, as it says itself.
        action: Excerpt,
    },
    /// OpenID Connect or OAuth (`code`, `id_token`, `state`).
    OpenIdConnect,
}

impl Stray {
    /// What it is that arrived, by the parameters that it came in. `None` for anything that is not known, and for a response
    /// that can be read.
    #[must_use]
    pub fn among<'p>(parameters: &(impl Iterator<Item = (&'p str, &'p str)> + Clone)) -> Option<Self> {
        let value = |name: &str| parameters.clone().find(|(found, _)| *found == name).map(|(_, value)| value);
        if let Some(request) = value("SAMLRequest") {
            return Some(Self::message("SAMLRequest", request));
        }
        if let Some(response) = value("SAMLResponse").filter(|response| !response.is_empty()) {
            let found = Self::message("SAMLResponse", response);
            let is_response = |root: &Excerpt| root.as_str() == "Response";
            return Some(found)
                .filter(|found| matches!(found, Self::Message { root, .. } if !is_response(root)));
        }
        if value("SAMLart").is_some() {
            return Some(Self::Artifact);
        }
        if let Some(action) = value("wa").or_else(|| value("wresult").map(|_| "wsignin1.0")) {
            return Some(Self::WsFederation { action: Excerpt::of(action) });
        }
        ["code", "id_token", "access_token"]
            .iter()
            .any(|name| value(name).is_some())
            .then_some(Self::OpenIdConnect)
    }

    fn message(parameter: &'static str, value: &str) -> Self {
        match root_of(value) {
            Some(root) => Self::Message { parameter, root },
            None => Self::Unreadable { parameter },
        }
    }

    /// What whoever runs the provider should change.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Message { root, .. } => match root.as_str() {
                "LogoutRequest" | "LogoutResponse" => {
                    "Single logout is not offered here: leave the logout URL at the identity provider empty"
                }
                "AuthnRequest" => {
                    "This is where answers arrive, not where sign-ins are asked for: enter this URL at the identity \
                     provider as assertion consumer service (ACS), and its own address here as single sign-on URL"
                }
                _ => {
                    "Enter this URL at the identity provider as assertion consumer service (ACS) and as nothing else"
                }
            },
            Self::Unreadable { .. } | Self::Artifact => {
                "Choose the binding HTTP-POST for the assertion consumer service at the identity provider"
            }
            Self::WsFederation { .. } => {
                "The application is set to WS-Federation at the identity provider: choose SAML 2.0"
            }
            Self::OpenIdConnect => {
                "The application is set to OpenID Connect at the identity provider: choose SAML 2.0, or use an OpenID \
                 Connect connection"
            }
        }
    }
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { parameter, root } => write!(f, "a SAML {root} ({parameter})"),
            Self::Unreadable { parameter } => write!(f, "{parameter}, which holds no SAML message"),
            Self::Artifact => f.write_str("a SAML artifact (SAMLart)"),
            Self::WsFederation { action } => write!(f, "a WS-Federation message ({action})"),
            Self::OpenIdConnect => f.write_str("an OpenID Connect answer"),
        }
    }
}

/// The local name of the root, of a message in base64 by the POST binding or compressed by the Redirect binding.
fn root_of(value: &str) -> Option<Excerpt> {
    if value.len() > MOST_CHARS {
        return None;
    }
    let octets = b64::decode(value)?;
    let octets = if super::response::is_markup(&octets) {
        octets
    } else {
        decompress_to_vec_with_limit(&octets, MOST_OCTETS).ok()?
    };
    let document = Document::parse(&octets, &Limits::MESSAGE).ok()?;
    named(document.root())
}

fn named(root: Element<'_>) -> Option<Excerpt> {
    let is_protocol = [ns::SAMLP, ns::SAML, ns::MD].contains(&root.namespace());
    is_protocol.then(|| Excerpt::of(root.local_name()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    fn among(parameters: &[(&str, &str)]) -> Option<String> {
        Stray::among(&parameters.iter().copied()).map(|stray| stray.to_string())
    }

    #[test]
    fn what_arrives_is_called_by_its_name_whichever_way_it_came() {
        let message = |name: &str| format!("<p:{name} xmlns:p=\"{}\" ID=\"_1\"/>", ns::SAMLP);
        for name in ["LogoutRequest", "LogoutResponse", "AuthnRequest", "ManageNameIDRequest"] {
            for parameter in ["SAMLRequest", "SAMLResponse"] {
                let posted = STANDARD.encode(message(name));
                let redirected = STANDARD.encode(compress_to_vec(message(name).as_bytes(), 6));
                for value in [posted, redirected] {
                    let said = among(&[("RelayState", "x"), (parameter, &value)]).unwrap();
                    assert_eq!(said, format!("a SAML {name} ({parameter})"));
                }
            }
        }
        // A response is for the judge, and garbage in its place as well.
        assert_eq!(among(&[("SAMLResponse", &STANDARD.encode(message("Response")))]), None);
        assert_eq!(among(&[("SAMLResponse", "!")]), None);
        assert_eq!(among(&[("SAMLRequest", "!")]).unwrap(), "SAMLRequest, which holds no SAML message");
        let bomb = STANDARD.encode(compress_to_vec(&vec![b' '; 1 << 24], 6));
        assert_eq!(among(&[("SAMLRequest", &bomb)]).unwrap(), "SAMLRequest, which holds no SAML message");
    }

    #[test]
    fn other_protocols_are_named() {
        let wsfed = [("wa", "wsignin1.0"), ("wresult", "<t:RequestSecurityTokenResponse/>")];
        assert_eq!(among(&wsfed).unwrap(), "a WS-Federation message (wsignin1.0)");
        assert_eq!(among(&wsfed[1..]).unwrap(), "a WS-Federation message (wsignin1.0)");
        assert_eq!(
            among(&[("wa", "wsignoutcleanup1.0")]).unwrap(),
            "a WS-Federation message (wsignoutcleanup1.0)"
        );
        assert_eq!(among(&[("SAMLart", "AAQ")]).unwrap(), "a SAML artifact (SAMLart)");
        assert_eq!(among(&[("code", "1"), ("state", "2")]).unwrap(), "an OpenID Connect answer");
        assert_eq!(among(&[("RelayState", "x")]), None);
    }
}
