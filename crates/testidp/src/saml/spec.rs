//! What an answer is to look like.

use crate::{SamlFault, User};

/// What is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    /// The assertion, as most providers do unless told otherwise.
    #[default]
    Assertion,
    /// The response.
    Response,
    /// First the assertion, then the response around it.
    Both,
}

impl Signed {
    /// Every choice, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Assertion, Self::Response, Self::Both];

    /// The spelling used in the `signed` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::Response => "response",
            Self::Both => "both",
        }
    }

    pub(super) const fn assertion(self) -> bool {
        matches!(self, Self::Assertion | Self::Both)
    }

    pub(super) const fn response(self) -> bool {
        matches!(self, Self::Response | Self::Both)
    }
}

/// How the NameID is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameIdFormat {
    /// The address.
    #[default]
    EmailAddress,
    /// The person's stable name.
    Persistent,
    /// Another name each time.
    Transient,
    /// No NameID; the subject has a confirmation only.
    Absent,
}

impl NameIdFormat {
    /// Every choice, in the order of the page.
    pub const ALL: [Self; 4] = [Self::EmailAddress, Self::Persistent, Self::Transient, Self::Absent];

    /// The spelling used in the `name_id` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::Persistent => "persistent",
            Self::Transient => "transient",
            Self::Absent => "absent",
        }
    }

    /// SAML core 8.3; `None` when there is no NameID.
    #[must_use]
    pub const fn uri(self) -> Option<&'static str> {
        match self {
            Self::EmailAddress => Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
            Self::Persistent => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
            Self::Transient => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
            Self::Absent => None,
        }
    }
}

/// How attributes are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttributeNames {
    /// `email`, `name`, `firstName`, `lastName`, `groups`.
    #[default]
    Plain,
    /// The claim URIs of Entra ID and AD FS.
    Claims,
    /// `urn:oid:` names with a friendly name, as Shibboleth has them.
    Oid,
}

impl AttributeNames {
    /// Every choice, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Claims, Self::Oid];

    /// The spelling used in the `attributes` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Claims => "claims",
            Self::Oid => "oid",
        }
    }
}

/// The algorithm of a signature; the digest goes with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureMethod {
    /// RSA PKCS#1 with SHA-1: for services that must refuse it, or were told not to.
    RsaSha1,
    /// RSA PKCS#1 with SHA-256.
    #[default]
    RsaSha256,
    /// RSA PKCS#1 with SHA-512.
    RsaSha512,
}

/// The cipher over the assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentCipher {
    /// AES-128 in CBC mode.
    Aes128Cbc,
    /// AES-256 in CBC mode.
    Aes256Cbc,
    /// AES-128 in GCM mode.
    Aes128Gcm,
    /// AES-256 in GCM mode.
    #[default]
    Aes256Gcm,
}

/// How the content key travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyTransport {
    /// RSA-OAEP with SHA-1 and MGF1 with SHA-1, the one that everybody sends.
    #[default]
    OaepSha1,
    /// RSA-OAEP of XML-Enc 1.1 with SHA-256 and MGF1 with SHA-256.
    OaepSha256,
}

/// Encrypts the assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// The service provider's certificate (DER) with an RSA key.
    pub certificate: Vec<u8>,
    /// The cipher over the assertion.
    pub cipher: ContentCipher,
    /// How the content key travels.
    pub transport: KeyTransport,
}

/// Everything that an answer is made from, apart from keys and time.
#[derive(Clone, Debug)]
pub struct ResponseSpec {
    /// Who signs in.
    pub user: User,
    /// The assertion consumer service: `Destination` and `Recipient`.
    pub acs_url: String,
    /// The service provider's entity id.
    pub audience: String,
    /// The `ID` of the request that is answered; `None` for an answer that nobody asked for.
    pub in_response_to: Option<String>,
    /// How the NameID is made.
    pub name_id: NameIdFormat,
    /// How attributes are called.
    pub attributes: AttributeNames,
    /// What is signed.
    pub signed: Signed,
    /// With which algorithm.
    pub signature: SignatureMethod,
    /// Whether and how the assertion is encrypted.
    pub encryption: Option<Encryption>,
    /// After how many seconds the session here ends; `None` to say nothing of it.
    pub session_seconds: Option<i64>,
    /// What goes wrong.
    pub fault: Option<SamlFault>,
}

impl ResponseSpec {
    /// An honest answer: the assertion is signed, nothing is encrypted, the NameID is the address.
    #[must_use]
    pub fn new(user: User, acs_url: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            user,
            acs_url: acs_url.into(),
            audience: audience.into(),
            in_response_to: None,
            name_id: NameIdFormat::default(),
            attributes: AttributeNames::default(),
            signed: Signed::default(),
            signature: SignatureMethod::default(),
            encryption: None,
            session_seconds: None,
            fault: None,
        }
    }
}
