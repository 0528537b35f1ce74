//! A connection may be known by a further audience and a further callback, for moving an integration here. Under our own
//! origin there are other connections' callbacks: naming one of those would make their messages good here.

use url::Url;

use super::{SamlPatch, SamlSettings};
use crate::refusal::{Field, Refusal, What};

/// Where a text leads that a connection wants to be known by, as seen from the connection's own callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// To nothing of ours.
    Elsewhere,
    /// To this connection.
    Here,
    /// To our origin, where nobody's callback is.
    Ours,
    /// To somebody's callback at our origin.
    SomebodyElse,
}

impl Place {
    fn of(text: &str, callback: &str) -> Self {
        let (Ok(url), Ok(own)) = (Url::parse(text), Url::parse(callback)) else { return Self::Elsewhere };
        if !is_same_server(&url, &own) {
            return Self::Elsewhere;
        }
        if text.strip_suffix('/').unwrap_or(text) == callback {
            return Self::Here;
        }
        let leads_to_callbacks = url.path().to_ascii_lowercase().contains("/callback/");
        if leads_to_callbacks { Self::SomebodyElse } else { Self::Ours }
    }
}

/// Whether two URLs lead to one server, however they are spelled: `Url` folds case, percent encoding and international
/// names of hosts; user information, a final dot and the scheme that stands for the usual port make no difference.
fn is_same_server(url: &Url, own: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
    let is_web = matches!(url.scheme(), "http" | "https");
    let usual = url.port().is_none() && own.port().is_none();
    is_web && host(url) == host(own) && (usual || url.port_or_known_default() == own.port_or_known_default())
}

impl SamlPatch {
    /// Checks what the connection with this callback wants to be known by.
    ///
    /// # Errors
    /// A value under our own origin that is not the connection's own callback.
    pub fn check_alternatives(&self, callback: &str) -> Result<(), Refusal> {
        let given = [
            ("alternative_acs_url", self.alternative_acs_url.value()),
            ("alternative_audience_uri", self.alternative_audience_uri.value()),
            ("sp_entity_id", self.sp_entity_id.value()),
        ];
        for (name, value) in given {
            let place = value.map_or(Place::Elsewhere, |value| Place::of(value, callback));
            if matches!(place, Place::Ours | Place::SomebodyElse) {
                return Err(Refusal::new(What::Invalid(Field::AlternativeUrl)).because(format!(
                    "{name}: found an address of this service that is not this connection's. Here a connection is known by \
                     {callback} alone; an alternative is an address of the integration that it replaces."
                )));
            }
        }
        Ok(())
    }
}

impl SamlSettings {
    /// The further callback. One of somebody else that was set when that was possible counts as none.
    #[must_use]
    pub fn further_acs_url(&self, callback: &str) -> Option<&str> {
        usable(&self.alternative_acs_url, callback)
    }

    /// The further audience, in the same way.
    #[must_use]
    pub fn further_audience(&self, callback: &str) -> Option<&str> {
        usable(&self.alternative_audience_uri, callback)
    }
}

fn usable<'t>(text: &'t str, callback: &str) -> Option<&'t str> {
    Some(text).filter(|text| !text.is_empty() && Place::of(text, callback) != Place::SomebodyElse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::Patch;

    const OWN: &str = "https://sso.example.com/v1/b2b/sso/callback/saml-connection-live-1";

    #[test]
    fn another_callback_is_recognised_in_every_spelling() {
        let other = "/v1/b2b/sso/callback/saml-connection-live-2";
        for origin in [
            "https://sso.example.com",
            "HTTPS://SSO.Example.COM",
            "https://sso.example.com:443",
            "https://sso.example.com.",
            "https://sso%2Eexample.com",
            "https://user@sso.example.com",
            "https://a:b@sso.example.com",
            "http://sso.example.com",
            "https:sso.example.com",
            "https:\\\\sso.example.com",
            "https://sso\u{3002}example.com",
            "https://ｓｓｏ.example.com",
            " https://sso.example.com",
            "https://s\u{ad}so.example.com",
            "https://sso.exa\tmple.com",
            "http://sso.example.com:443",
        ] {
            for path in [
                other.to_owned(),
                format!("{other}/"),
                other.to_uppercase(),
                format!("/x/..{other}"),
                format!("/{other}"),
            ] {
                assert_eq!(Place::of(&format!("{origin}{path}"), OWN), Place::SomebodyElse, "{origin}{path}");
            }
        }
        for near in [format!("{OWN}2"), format!("{OWN}?a=b"), format!("{OWN}#a"), format!("{OWN}//")] {
            assert_eq!(Place::of(&near, OWN), Place::SomebodyElse, "{near}");
        }
        for ours in ["https://sso.example.com", "https://sso.example.com/v1/public/sso/saml/x/metadata"] {
            assert_eq!(Place::of(ours, OWN), Place::Ours);
        }
    }

    #[test]
    fn what_is_elsewhere_or_its_own_is_fine() {
        for here in [OWN.to_owned(), format!("{OWN}/")] {
            assert_eq!(Place::of(&here, OWN), Place::Here);
        }
        for elsewhere in [
            "urn:old:sp",
            "old-service",
            "",
            "https://old.example.com/callback/x",
            "https://sso.example.com:8443/callback/x",
            "https://sso.example.com.evil.test/",
            "https://xn--sso-example.com/",
            "api://saml-connection-live-2",
        ] {
            assert_eq!(Place::of(elsewhere, OWN), Place::Elsewhere, "{elsewhere}");
        }
    }

    #[test]
    fn what_was_set_before_is_not_used() {
        let other = OWN.replace("live-1", "live-2");
        let settings = SamlSettings {
            alternative_acs_url: other.clone(),
            alternative_audience_uri: "urn:old".to_owned(),
            ..SamlSettings::default()
        };
        assert_eq!((settings.further_acs_url(OWN), settings.further_audience(OWN)), (None, Some("urn:old")));
        let patch = SamlPatch { alternative_audience_uri: Patch::Set(other), ..SamlPatch::default() };
        assert!(patch.check_alternatives(OWN).is_err());
        assert!(SamlPatch::default().check_alternatives(OWN).is_ok());
    }
}
