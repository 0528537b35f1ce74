//! Name identifiers (core 2.2.3) and their formats (core 8.3).

/// A name identifier, as the provider wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameId {
    pub(super) value: String,
    pub(super) format: Option<String>,
    pub(super) name_qualifier: Option<String>,
    pub(super) sp_name_qualifier: Option<String>,
}

impl NameId {
    /// The identifier itself, never empty, nothing trimmed.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// How the value is to be understood.
    #[must_use]
    pub fn format(&self) -> NameIdFormat {
        self.format_uri().map_or(NameIdFormat::Unspecified, NameIdFormat::from_uri)
    }

    /// The `Format` as the provider wrote it.
    #[must_use]
    pub fn format_uri(&self) -> Option<&str> {
        self.format.as_deref()
    }

    /// The domain that qualifies the name.
    #[must_use]
    pub fn name_qualifier(&self) -> Option<&str> {
        self.name_qualifier.as_deref()
    }

    /// The service provider that the name was made for, when it is not ours alone.
    #[must_use]
    pub fn sp_name_qualifier(&self) -> Option<&str> {
        self.sp_name_qualifier.as_deref()
    }
}

/// The format of a name identifier (core 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameIdFormat {
    /// Nothing is said (8.3.1); also what an absent `Format` means.
    Unspecified,
    /// An e-mail address (8.3.2).
    EmailAddress,
    /// A certificate's subject (8.3.3).
    X509SubjectName,
    /// `DOMAIN\user` (8.3.4).
    WindowsDomainQualifiedName,
    /// A Kerberos principal (8.3.5).
    Kerberos,
    /// An entity of SAML itself (8.3.6).
    Entity,
    /// An opaque name that lasts, made for one service provider (8.3.7).
    Persistent,
    /// A name for this session only (8.3.8).
    Transient,
    /// Anything else.
    Other(String),
}

impl NameIdFormat {
    /// The format of a URI. The unspecified format is accepted under SAML 2.0's name as well, which does not exist
    /// and is written often.
    #[must_use]
    pub fn from_uri(uri: &str) -> Self {
        match uri {
            "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
            | "urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified"
            | "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified" => Self::Unspecified,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" => Self::EmailAddress,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName" => Self::X509SubjectName,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName" => {
                Self::WindowsDomainQualifiedName
            }
            "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos" => Self::Kerberos,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:entity" => Self::Entity,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" => Self::Persistent,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" => Self::Transient,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The format's URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            Self::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::X509SubjectName => "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
            Self::WindowsDomainQualifiedName => {
                "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName"
            }
            Self::Kerberos => "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
            Self::Entity => "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Other(uri) => uri,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_uris_are_each_others() {
        for format in [
            NameIdFormat::Unspecified,
            NameIdFormat::EmailAddress,
            NameIdFormat::X509SubjectName,
            NameIdFormat::WindowsDomainQualifiedName,
            NameIdFormat::Kerberos,
            NameIdFormat::Entity,
            NameIdFormat::Persistent,
            NameIdFormat::Transient,
            NameIdFormat::Other("urn:x".to_owned()),
        ] {
            assert_eq!(NameIdFormat::from_uri(format.uri()), format);
        }
        let jumpcloud = "urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified";
        assert_eq!(NameIdFormat::from_uri(jumpcloud), NameIdFormat::Unspecified);
    }
}
