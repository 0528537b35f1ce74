//! Name identifiers (core 2.2.3) and their formats (core 8.3).

use std::borrow::Cow;

use super::Expected;

/// A name identifier, as the provider wrote it, without the white space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameId {
    pub(super) value: String,
    pub(super) format: Option<String>,
    pub(super) name_qualifier: Option<String>,
    pub(super) sp_name_qualifier: Option<String>,
}

impl NameId {
    /// The identifier itself, never empty. The white space around it is cut: whoever writes indented XML puts it there, and
    /// it would make two people of one. In it nothing is changed, capitals included.
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

    /// What tells this name from every other one of the provider `issuer`, for a service provider that is known there as
    /// one of `ours`. Two names are the same person if and only if their [`QualifiedName`]s are equal.
    ///
    /// A qualifier that says what goes without saying (core 2.2.2: the issuer, and us) counts as absent, since providers
    /// begin and cease to write it with an update.
    #[must_use]
    pub fn qualified(&self, issuer: &str, ours: &Expected<'_>) -> QualifiedName<'_> {
        let (name_qualifier, sp_name_qualifier) = (self.name_qualifier(), self.sp_name_qualifier());
        QualifiedName {
            format: self.format(),
            name_qualifier: name_qualifier.filter(|qualifier| !["", issuer].contains(qualifier)),
            sp_name_qualifier: sp_name_qualifier
                .filter(|qualifier| !qualifier.is_empty() && !ours.met_by(qualifier)),
            value: self.comparable(),
        }
    }

    fn comparable(&self) -> Cow<'_, str> {
        let has_capitals = self.value.bytes().any(|octet| octet.is_ascii_uppercase());
        if has_capitals && self.format() == NameIdFormat::EmailAddress {
            return Cow::Owned(self.value.to_ascii_lowercase());
        }
        Cow::Borrowed(&self.value)
    }
}

/// A name identifier in the form in which names are compared, see [`NameId::qualified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualifiedName<'n> {
    format: NameIdFormat,
    name_qualifier: Option<&'n str>,
    sp_name_qualifier: Option<&'n str>,
    value: Cow<'n, str>,
}

impl QualifiedName<'_> {
    /// The class of the format: all spellings of one format are one class.
    #[must_use]
    pub const fn format(&self) -> &NameIdFormat {
        &self.format
    }

    /// The domain that qualifies the name, unless it is the issuer.
    #[must_use]
    pub const fn name_qualifier(&self) -> Option<&str> {
        self.name_qualifier
    }

    /// The service provider that the name was made for, unless it is us.
    #[must_use]
    pub const fn sp_name_qualifier(&self) -> Option<&str> {
        self.sp_name_qualifier
    }

    /// The name. That of an e-mail address is in small letters, as addresses are compared (ASCII alone).
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
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
    /// The format of a URI. The unspecified format and that of addresses are accepted under SAML 2.0's names as well, which
    /// do not exist and are written often.
    #[must_use]
    pub fn from_uri(uri: &str) -> Self {
        match uri {
            "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
            | "urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified"
            | "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified" => Self::Unspecified,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
            | "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress" => Self::EmailAddress,
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

    fn name(format: &str, qualifiers: [Option<&str>; 2], value: &str) -> NameId {
        let [name_qualifier, sp_name_qualifier] = qualifiers.map(|text| text.map(str::to_owned));
        NameId {
            value: value.to_owned(),
            format: Some(format.to_owned()).filter(|format| !format.is_empty()),
            name_qualifier,
            sp_name_qualifier,
        }
    }

    #[test]
    fn two_spellings_of_one_name_are_one_name() {
        const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
        const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
        let ours = Expected::one_of("https://sp.example", &["urn:old"]).unwrap();
        let same = |left: &NameId, right: &NameId| {
            left.qualified("https://idp.example", &ours) == right.qualified("https://idp.example", &ours)
        };
        let plain = name(PERSISTENT, [None, None], "Ab1");
        for stated in [["https://idp.example", "https://sp.example"], ["", "urn:old"]] {
            assert!(same(&plain, &name(PERSISTENT, stated.map(Some), "Ab1")), "{stated:?}");
        }
        assert!(same(
            &name(EMAIL, [None; 2], "First.Last@A.example"),
            &name(EMAIL, [None; 2], "first.last@a.example")
        ));
        let other_email = "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress";
        assert!(same(&name(EMAIL, [None; 2], "a@a.example"), &name(other_email, [None; 2], "a@a.example")));

        for other in [
            name(PERSISTENT, [None, None], "ab1"),
            name(PERSISTENT, [Some("https://other.example"), None], "Ab1"),
            name(PERSISTENT, [None, Some("https://other.example")], "Ab1"),
            name(PERSISTENT, [Some("https://sp.example"), None], "Ab1"),
            name("", [None, None], "Ab1"),
            name(EMAIL, [None, None], "Ab1"),
        ] {
            assert!(!same(&plain, &other), "{other:?}");
        }
    }

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
