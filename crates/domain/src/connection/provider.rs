//! The label that says whose product an identity provider is.

use serde::{Deserialize, Serialize};

macro_rules! labels {
    ($($variant:ident = $name:literal,)*) => {
        /// Whose product an identity provider is: a label for people (contract 3.1).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum ProviderLabel {
            $(
                #[doc = $name]
                #[serde(rename = $name)]
                $variant,
            )*
            /// `generic`
            #[default]
            #[serde(rename = "generic")]
            Generic,
        }

        impl ProviderLabel {
            /// The hyphenated name, the one that is always returned.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Generic => "generic" }
            }

            const ALL: &'static [Self] = &[$(Self::$variant,)* Self::Generic];
        }
    };
}

labels! {
    ClassLink = "classlink",
    CyberArk = "cyberark",
    Duo = "duo",
    GoogleWorkspace = "google-workspace",
    JumpCloud = "jumpcloud",
    Keycloak = "keycloak",
    MiniOrange = "miniorange",
    MicrosoftEntra = "microsoft-entra",
    Okta = "okta",
    OneLogin = "onelogin",
    PingFederate = "pingfederate",
    Rippling = "rippling",
    Salesforce = "salesforce",
    Shibboleth = "shibboleth",
}

impl ProviderLabel {
    /// Reads a name; the compact spelling without hyphens that one client sends is fine too
    /// (contract 1.2, rule 9). The empty text is the generic label.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::Generic);
        }
        let compact = |text: &str| text.chars().filter(|c| *c != '-').collect::<String>();
        Self::ALL.iter().copied().find(|label| label.as_str() == name || compact(label.as_str()) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_one_is_written() {
        for name in ["microsoft-entra", "microsoftentra"] {
            assert_eq!(ProviderLabel::from_name(name).map(ProviderLabel::as_str), Some("microsoft-entra"));
        }
        assert_eq!(ProviderLabel::from_name("acme"), None);
    }
}
