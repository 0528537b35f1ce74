//! Identifiers: `<kind>-<env>-<uuid>`, the form of the API, typed by kind so that a
//! member's id cannot be passed where a connection's is meant.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use uuid::Uuid;

use crate::email::EmailAddress;
use crate::entropy::{Entropy, bytes};
use crate::secret::{TokenHash, derive_bytes};
use crate::time::Time;

/// Whether a project is for trying out or for real customers; part of every id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// `test`
    Test,
    /// `live`
    Live,
}

impl Environment {
    /// Both.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![Self::Test, Self::Live]
    }

    /// The word inside an id.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected an id of the form {expected}-<test|live>-<uuid>")]
pub struct IdError {
    expected: &'static str,
}

/// What an id names; implemented by the marker types of this module.
pub trait Kind {
    /// The words before the environment.
    const PREFIX: &'static str;
}

/// An id of kind `K`.
pub struct Id<K> {
    environment: Environment,
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Id<K> {
    /// Draws a new random id (UUID version 4).
    #[must_use]
    pub fn generate(environment: Environment, entropy: &dyn Entropy) -> Self {
        Self { environment, uuid: random_uuid(entropy), kind: PhantomData }
    }

    /// Draws a new id that sorts by the time it was made (UUID version 7, RFC 9562 section 5.7), for rows of which there
    /// are many: an index grows at its end then, where a random id touches a page of its own. It tells when the thing was
    /// made and is no secret.
    #[must_use]
    pub fn generate_at(environment: Environment, now: Time, entropy: &dyn Entropy) -> Self {
        Self { environment, uuid: dated_uuid(now, entropy), kind: PhantomData }
    }

    /// The id of something that is known by these bytes already, such as a hash (UUID version 8, RFC 9562 section 5.8).
    #[must_use]
    pub fn derived(environment: Environment, bytes: [u8; 16]) -> Self {
        let uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        Self { environment, uuid, kind: PhantomData }
    }

    /// The environment in the id.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The id that has these bytes, for whoever spells ids in another way.
    #[must_use]
    pub const fn of_bytes(environment: Environment, bytes: [u8; 16]) -> Self {
        Self { environment, uuid: Uuid::from_bytes(bytes), kind: PhantomData }
    }

    /// The bytes that tell it from others of its kind and environment.
    #[must_use]
    pub const fn bytes(&self) -> [u8; 16] {
        self.uuid.into_bytes()
    }
}

impl SecretId {
    /// The id of the API secret with this hash, of which it says nothing.
    #[must_use]
    pub fn of(environment: Environment, hash: &TokenHash) -> Self {
        Self::derived(environment, derive_bytes("vestibule api secret id", &[hash.as_str()]))
    }
}

impl RequestId {
    /// The id of the trace that this request leaves, if it leaves one: whoever has the one has the other, and no index has to
    /// lead from the one to the other.
    #[must_use]
    pub const fn trace(self, environment: Environment) -> TraceId {
        Id { environment, uuid: self.uuid, kind: PhantomData }
    }

    /// Whether it says when it was made. Those from before they did say nothing of their traces either.
    #[must_use]
    pub fn is_dated(self) -> bool {
        self.uuid.get_version_num() == 7
    }
}

impl EmailId {
    /// The id of an address in a project: whoever has the address has it, and it is stored nowhere.
    #[must_use]
    pub fn of(project: ProjectId, address: &EmailAddress) -> Self {
        let (project_id, environment) = (project.to_string(), project.environment());
        Self::derived(environment, derive_bytes("email-id", &[&project_id, address.as_str()]))
    }
}

impl PhoneNumberId {
    /// The id of a phone number in a project, as that of an address.
    #[must_use]
    pub fn of(project: ProjectId, number: &str) -> Self {
        Self::derived(project.environment(), derive_bytes("phone-number-id", &[&project.to_string(), number]))
    }
}

fn random_uuid(entropy: &dyn Entropy) -> Uuid {
    uuid::Builder::from_random_bytes(bytes::<16>(entropy)).into_uuid()
}

/// A time before 1970 counts as 1970.
fn dated_uuid(now: Time, entropy: &dyn Entropy) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>(entropy)).into_uuid()
}

/// Splits `<prefix>-<env>-<uuid>`; the uuid must be hyphenated and lower case, so that one thing has one
/// spelling.
fn parse(text: &str, prefix: &'static str) -> Result<(Environment, Uuid), IdError> {
    let error = IdError { expected: prefix };
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).ok_or(error.clone())?;
    let (environment, uuid) = rest.split_once('-').ok_or(error.clone())?;
    let environment = match environment {
        "test" => Environment::Test,
        "live" => Environment::Live,
        _ => return Err(error),
    };
    if uuid.len() != 36 || uuid.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(error);
    }
    let uuid = Uuid::try_parse(uuid).map_err(|_| error)?;
    Ok((environment, uuid))
}

/// Writes `<prefix>-<env>-<uuid>` in one piece: a text that is made of it grows once, and ids are most of what is written.
fn spell(f: &mut fmt::Formatter<'_>, prefix: &str, environment: Environment, uuid: Uuid) -> fmt::Result {
    let mut hyphenated = Uuid::encode_buffer();
    let uuid = uuid.hyphenated().encode_lower(&mut hyphenated);
    let mut spelled = [0; 80];
    let mut rest = spelled.as_mut_slice();
    for part in [prefix, "-", environment.as_str(), "-", uuid] {
        rest.write_all(part.as_bytes()).map_err(|_| fmt::Error)?;
    }
    let left = rest.len();
    let written = spelled.get(..spelled.len() - left).unwrap_or_default();
    f.write_str(std::str::from_utf8(written).map_err(|_| fmt::Error)?)
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.environment == other.environment && self.uuid == other.uuid
    }
}

impl<K> Eq for Id<K> {}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        spell(f, K::PREFIX, self.environment, self.uuid)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (environment, uuid) = parse(text, K::PREFIX)?;
        Ok(Self { environment, uuid, kind: PhantomData })
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $marker:ident, $alias:ident = $prefix:literal;)*) => {
        $(
            #[doc = concat!("Marks ids of the form `", $prefix, "-<env>-<uuid>`.")]
            pub enum $marker {}
            impl Kind for $marker {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $alias = Id<$marker>;
        )*

        /// What ids begin with, each with its environment.
        const PREFIXES: &[&str] = &[
            $(concat!($prefix, "-test-"), concat!($prefix, "-live-"),)*
            "saml-connection-test-", "saml-connection-live-",
            "oidc-connection-test-", "oidc-connection-live-",
            "external-connection-test-", "external-connection-live-",
            "saml-member-registration-test-", "saml-member-registration-live-",
            "oidc-member-registration-test-", "oidc-member-registration-live-",
            "external-member-registration-test-", "external-member-registration-live-",
        ];
    };
}

kinds! {
    /// A project: one product that uses this server.
    ProjectKind, ProjectId = "project";
    /// The public identifier of a project in a browser; an identifier, never a credential.
    PublicTokenKind, PublicToken = "public-token";
    /// A customer company.
    OrganizationKind, OrganizationId = "organization";
    /// A person inside one organization.
    MemberKind, MemberId = "member";
    /// A member session.
    SessionKind, SessionId = "session";
    /// A request to this server.
    RequestKind, RequestId = "request-id";
    /// A key that signs session tokens.
    SigningKeyKind, SigningKeyId = "jwk";
    /// An API secret of a project. It is no secret.
    SecretKind, SecretId = "api-secret";
    /// An e-mail address of a member.
    EmailKind, EmailId = "email";
    /// A phone number of a member.
    PhoneNumberKind, PhoneNumberId = "phone-number";
    /// An authenticator application of a member.
    TotpKind, TotpId = "member-totp";
    /// One attempt to sign in, from start to its end.
    LoginKind, LoginId = "login";
    /// The session that a browser has with the pages where people sign in.
    LoginSessionKind, LoginSessionId = "login-session";
    /// What is remembered of one attempt to sign in.
    TraceKind, TraceId = "sign-in-trace";
    /// One entry of the audit trail.
    AuditKind, AuditId = "audit-event";
    /// An application of a project, with credentials of its own.
    ApplicationKind, ApplicationId = "application";
    /// What an application may do at one API.
    ClientGrantKind, ClientGrantId = "client-grant";
    /// What came of signing in to an application.
    SignInGrantKind, SignInGrantId = "sign-in-grant";
    /// A public key by which an application proves itself.
    ApplicationKeyKind, ApplicationKeyId = "application-key";
    /// A customer's directory, which provisions members.
    DirectoryKind, DirectoryId = "scim-connection";
    /// A person as a directory has them.
    DirectoryUserKind, DirectoryUserId = "scim-registration";
    /// A group of a directory.
    DirectoryGroupKind, DirectoryGroupId = "scim-group";
    /// What is remembered of one request of a directory.
    DirectoryTraceKind, DirectoryTraceId = "directory-trace";
    /// A link that lets somebody into the set-up portal.
    SetupLinkKind, SetupLinkId = "setup-link";
    /// A test of a connection.
    ConnectionTestKind, ConnectionTestId = "connection-test";
    /// A certificate by which a SAML identity provider's signatures are verified.
    SamlVerificationKeyKind, SamlVerificationKeyId = "saml-verification-key";
    /// A private key to which a SAML identity provider encrypts.
    SamlEncryptionKeyKind, SamlEncryptionKeyId = "saml-encryption-key";
    /// A private key by which a connection's client assertions are signed.
    ClientAssertionKeyKind, ClientAssertionKeyId = "client-assertion-key";
    /// A private key by which our own SAML messages are signed.
    SamlSigningKeyKind, SamlSigningKeyId = "saml-signing-key";
    /// A message to a person.
    MessageKind, MessageId = "outbox-message";
}

/// The words that one of our ids would begin with, if a text begins with them in whatever case. Such a text is an id or
/// it is nothing: no name may read like one.
#[must_use]
pub fn id_prefix(text: &str) -> Option<&'static str> {
    let begins = |prefix: &&&str| {
        text.get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
    };
    PREFIXES.iter().find(begins).copied()
}

/// The protocol a connection speaks, as its id shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectionKind {
    /// `oidc-connection-…`
    Oidc,
    /// `saml-connection-…`
    Saml,
    /// `external-connection-…`: a reference to another organization's connection.
    External,
}

impl ConnectionKind {
    const ALL: [Self; 3] = [Self::Oidc, Self::Saml, Self::External];

    const fn connection_prefix(self) -> &'static str {
        match self {
            Self::Oidc => "oidc-connection",
            Self::Saml => "saml-connection",
            Self::External => "external-connection",
        }
    }

    const fn registration_prefix(self) -> &'static str {
        match self {
            Self::Oidc => "oidc-member-registration",
            Self::Saml => "saml-member-registration",
            Self::External => "external-member-registration",
        }
    }
}

macro_rules! protocol_id {
    ($(#[$doc:meta])* $name:ident, $prefix:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            kind: ConnectionKind,
            environment: Environment,
            uuid: Uuid,
        }

        impl $name {
            /// Draws a new random id.
            #[must_use]
            pub fn generate(kind: ConnectionKind, environment: Environment, entropy: &dyn Entropy) -> Self {
                Self { kind, environment, uuid: random_uuid(entropy) }
            }

            /// The environment in the id.
            #[must_use]
            pub const fn environment(&self) -> Environment {
                self.environment
            }

            /// The protocol in the id.
            #[must_use]
            pub const fn kind(&self) -> ConnectionKind {
                self.kind
            }

            /// The id that has these bytes, for whoever spells ids in another way.
            #[must_use]
            pub const fn of_bytes(kind: ConnectionKind, environment: Environment, bytes: [u8; 16]) -> Self {
                Self { kind, environment, uuid: Uuid::from_bytes(bytes) }
            }

            /// The bytes that tell it from others of its kind and environment.
            #[must_use]
            pub const fn bytes(&self) -> [u8; 16] {
                self.uuid.into_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                spell(f, self.kind.$prefix(), self.environment, self.uuid)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                ConnectionKind::ALL
                    .into_iter()
                    .find_map(|kind| {
                        let (environment, uuid) = parse(text, kind.$prefix()).ok()?;
                        Some(Self { kind, environment, uuid })
                    })
                    .ok_or(IdError { expected: $expected })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

protocol_id! {
    /// A connection to an identity provider.
    ConnectionId, connection_prefix, "<saml|oidc|external>-connection"
}
protocol_id! {
    /// The bond between a member and a subject at a connection.
    RegistrationId, registration_prefix, "<saml|oidc|external>-member-registration"
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn ids_read_back_as_printed() {
        let id = MemberId::generate(Environment::Test, &Fixed(7));
        assert_eq!(id.to_string(), "member-test-07070707-0707-4707-8707-070707070707");
        assert_eq!(id.to_string().parse(), Ok(id));
        let connection = ConnectionId::generate(ConnectionKind::Saml, Environment::Live, &Fixed(1));
        assert_eq!(connection.to_string().parse(), Ok(connection));
    }

    #[test]
    fn dated_ids_sort_by_their_time() {
        let at = |millis| SessionId::generate_at(Environment::Test, Time::from_millis(millis), &Fixed(7));
        assert_eq!(at(1_800_000_000_000).to_string(), "session-test-01a3185c-5000-7707-8707-070707070707");
        assert!(at(1_800_000_000_000).to_string() < at(1_800_000_000_001).to_string());
        assert_eq!(at(0), at(-1));
        assert_eq!(at(1).to_string().parse(), Ok(at(1)));
    }

    #[test]
    fn a_request_names_its_trace() {
        let request =
            RequestId::generate_at(Environment::Test, Time::from_millis(1_800_000_000_000), &Fixed(7));
        let trace = request.trace(Environment::Live);
        assert_eq!(trace.to_string(), "sign-in-trace-live-01a3185c-5000-7707-8707-070707070707");
        assert!(request.is_dated() && !RequestId::generate(Environment::Test, &Fixed(7)).is_dated());
    }

    #[test]
    fn the_prefix_of_every_id_is_known() {
        for kind in ConnectionKind::ALL {
            let connection = ConnectionId::generate(kind, Environment::Live, &Fixed(1)).to_string();
            let registration = RegistrationId::generate(kind, Environment::Test, &Fixed(1)).to_string();
            for id in [connection, registration] {
                assert_eq!(id_prefix(&id.to_uppercase()), id.get(..id.len() - 36), "{id}");
            }
        }
        assert_eq!(id_prefix("Organization-Test-x"), Some("organization-test-"));
        assert_eq!(id_prefix("organization-"), None);
    }

    #[test]
    fn another_kind_and_another_spelling_are_refused() {
        assert!("organization-test-07070707-0707-4707-8707-070707070707".parse::<MemberId>().is_err());
        assert!("member-prod-07070707-0707-4707-8707-070707070707".parse::<MemberId>().is_err());
        assert!("member-test-07070707070747078707070707070707".parse::<MemberId>().is_err());
        assert!("member-test-0A070707-0707-4707-8707-070707070707".parse::<MemberId>().is_err());
    }
}
