//! The formats a subject's name may have (SAML core 8.3).

use serde::{Deserialize, Serialize};

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $urn:literal,)*) => {
        /// The format of a `NameID` (SAML core 8.3).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "String")]
        pub enum NameIdFormat {
            $($(#[$doc])* #[serde(rename = $urn)] $variant,)*
        }

        impl NameIdFormat {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The URN.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $urn,)* }
            }
        }
    };
}

formats! {
    /// An e-mail address: what is asked for unless the connection says otherwise.
    #[default]
    EmailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    /// Whatever the provider means by it.
    Unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    /// An X.509 subject name.
    X509SubjectName = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
    /// A Windows account.
    WindowsDomainQualifiedName = "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
    /// A Kerberos principal.
    Kerberos = "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
    /// A system entity.
    Entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
    /// An opaque name that stays the same between this provider and this service.
    Persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    /// A name for one sign-in only: it identifies nobody the next time.
    Transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
}

impl NameIdFormat {
    /// Reads a URN.
    #[must_use]
    pub fn from_urn(urn: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == urn)
    }
}

/// How it is stored. A format that this version does not know is asked for as whatever the provider means by it.
impl From<String> for NameIdFormat {
    fn from(stored: String) -> Self {
        Self::from_urn(&stored).unwrap_or(Self::Unspecified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back_and_prints_as_it_is_stored() {
        for format in NameIdFormat::ALL.iter().copied() {
            assert_eq!(NameIdFormat::from_urn(format.as_str()), Some(format));
            assert_eq!(serde_json::to_value(format).unwrap(), format.as_str());
        }
        assert_eq!(NameIdFormat::from_urn("emailAddress"), None);
    }
}
