//! Why a response is refused: one variant for each way a check fails.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::Excerpt;

use super::Check;
use super::signature_failure::SignatureFailure;
use crate::UnixMillis;
use crate::xml::XmlError;
use crate::xmlenc::DecryptionRefusal;

/// Which part of the message a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The `Response`.
    Response,
    /// The `Assertion`.
    Assertion,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "Response",
            Self::Assertion => "assertion",
        })
    }
}

/// A value that is not the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What was found.
    pub found: Excerpt,
    /// What was expected.
    pub expected: String,
}

/// A time that was compared with ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time in the message.
    pub time: UnixMillis,
    /// Our time.
    pub now: UnixMillis,
}

impl Moment {
    /// Whole seconds between the two, rounded up.
    #[must_use]
    pub const fn seconds_apart(&self) -> u64 {
        self.time.since(self.now).unsigned_abs().div_ceil(1000)
    }
}

/// What a provider reports instead of an assertion (core 3.2.2). It may be unsigned, so it proves nothing but that
/// this message signs nobody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// The top-level `StatusCode`.
    pub code: Excerpt,
    /// The `StatusCode` inside it, and those inside that, which say more. The first few of many.
    pub sub_codes: Vec<Excerpt>,
    /// The `StatusMessage`.
    pub message: Option<Excerpt>,
}

impl StatusReport {
    /// What such a refusal usually means (core 3.2.2.2).
    #[must_use]
    pub fn advice(&self) -> &'static str {
        let innermost_first = self.sub_codes.iter().rev().chain([&self.code]);
        let known =
            innermost_first.filter_map(|code| code.as_str().strip_prefix(STATUS)).find_map(known_status);
        known.unwrap_or("The reason is in the provider's own log")
    }
}

/// The status codes of core 3.2.2.2 begin with it.
const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

fn known_status(name: &str) -> Option<&'static str> {
    Some(match name {
        "AuthnFailed" => "The person did not sign in there",
        "RequestDenied" | "UnknownPrincipal" => {
            "Assign the person, or a group of theirs, to this application at the provider"
        }
        "InvalidNameIDPolicy" => {
            "It does not offer the NameID format that is asked for: change the format of this connection, or \
                 what the provider offers"
        }
        "NoAuthnContext" => "It cannot sign the person in as strongly as was asked for",
        "NoPassive" => "The person has no session there, and it was told not to ask",
        "Requester" | "RequestUnsupported" | "UnsupportedBinding" | "VersionMismatch" => {
            "It did not like our request: compare entity ID, ACS URL and signing certificate at the provider \
                 with this connection"
        }
        _ => return None,
    })
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        self.sub_codes.iter().try_for_each(|code| write!(f, ", {code}"))?;
        match &self.message {
            Some(message) => write!(f, " ({message})"),
            None => Ok(()),
        }
    }
}

/// Why a response is refused. Each variant is one way in which one [`Check`] fails; the sentence says what to change
/// at the provider. Never carries the message, a signature or a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResponseRefusal {
    /// Not the XML that this crate reads.
    #[error(
        "the message cannot be read: {0}. Let the provider, or what changes messages on their way, send plain XML"
    )]
    Xml(XmlError),
    /// The root is something else.
    #[error("the message is {found}, expected a SAML 2.0 Response{}", instead(found))]
    NotAResponse {
        /// The root element.
        found: Excerpt,
    },
    /// `Version` is not `2.0`.
    #[error("the {part} is of version {found}, expected 2.0: choose SAML 2.0 at the provider")]
    Version {
        /// Where.
        part: Part,
        /// The `Version`, or that there is none.
        found: Excerpt,
    },
    /// An element that does not belong there, comes too late or comes twice.
    #[error("{inside} contains {found}, which does not belong there, is out of order or occurs twice")]
    UnexpectedElement {
        /// Where.
        part: Part,
        /// The element around it.
        inside: Excerpt,
        /// The element.
        found: Excerpt,
    },
    /// Something required is not there.
    #[error("{inside} has no {missing}")]
    Missing {
        /// Where.
        part: Part,
        /// The element that lacks it.
        inside: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// Text where only elements belong, or an element where only text belongs.
    #[error(
        "the content of {inside} is not of the expected kind: text stands between elements, or an element \
         in a text"
    )]
    MixedContent {
        /// Where.
        part: Part,
        /// The element.
        inside: Excerpt,
    },
    /// The provider did not authenticate the person.
    #[error("the provider refused: {}. {}", .0, .0.advice())]
    Status(Box<StatusReport>),
    /// There is no assertion although the provider reports success.
    #[error("the Response reports success and holds no assertion")]
    NoAssertion,
    /// There is more than one.
    #[error("the Response holds {found} assertions, expected one")]
    SeveralAssertions {
        /// How many.
        found: usize,
    },
    /// Encrypted and plain ones together.
    #[error("the Response holds plain and encrypted assertions at once, expected one assertion")]
    PlainAndEncrypted,
    /// An assertion or a signature where none belongs: how signatures are wrapped.
    #[error(
        "an element {found} stands inside {inside}, where none belongs: let the provider send assertions and signatures \
         where SAML has them"
    )]
    Hidden {
        /// Whether in the message, or in the assertion that was decrypted.
        part: Part,
        /// What.
        found: Excerpt,
        /// The element around it.
        inside: Excerpt,
    },
    /// A signature that is malformed, by another key, or by an algorithm that is not accepted.
    #[error("{0}")]
    Signature(Box<SignatureFailure>),
    /// The assertion is encrypted, and there is nothing to decrypt it with.
    #[error(
        "the assertion is encrypted, but this connection has no decryption key: add one, or switch off \
         assertion encryption at the provider"
    )]
    NoDecryptionKey,
    /// What is in an encrypted assertion cannot be used, for whatever reason.
    ///
    /// This is the one answer to everything that goes wrong between decryption and the inner signature, as long as no
    /// outer signature vouches for the ciphertext: any difference would help to decrypt messages of other people
    /// (XML-Enc 1.1 section 6.1). A [`Witness`](super::Witness) hears which it was.
    #[error(
        "the encrypted assertion cannot be used: it is not encrypted for a key of this connection, or not \
         signed inside by a key of the provider. Compare the encryption certificate at the provider with \
         the connection's, and switch on assertion signing"
    )]
    EncryptedAssertion,
    /// The encryption is malformed or by an algorithm that is not accepted, which anybody may know. That decryption
    /// itself failed only a witness, and the sender of a signed response, are told.
    #[error(
        "{0}. Compare the encryption settings and the encryption certificate at the provider with the \
         connection's"
    )]
    Decryption(DecryptionRefusal),
    /// What was decrypted is not XML of the strict kind. Only a witness, and the sender of a signed response, are told.
    #[error("what was encrypted cannot be read: {0}")]
    DecryptedXml(XmlError),
    /// What was decrypted is something else. Only a witness, and the sender of a signed response, are told.
    #[error("what was encrypted is {found}, expected an Assertion")]
    NotAnAssertion {
        /// The root element.
        found: Excerpt,
    },
    /// An ID of the decrypted assertion is one of the message around it, too.
    #[error("the ID {id} occurs in what was encrypted and around it")]
    DuplicateId {
        /// The ID.
        id: Excerpt,
    },
    /// Nothing is signed.
    #[error("neither the Response nor the assertion is signed: switch on assertion signing at the provider")]
    NotSigned,
    /// A signed response without `Destination` (bindings 3.5.5.2).
    #[error("the Response is signed and has no Destination: it must name {expected}")]
    NoDestination {
        /// Our assertion consumer service.
        expected: String,
    },
    /// Addressed to somebody else.
    #[error(
        "the Response is addressed to {}, expected {}: enter the expected URL at the provider as assertion \
         consumer service (ACS, reply or single sign-on) URL",
        .0.found, .0.expected
    )]
    Destination(Mismatch),
    /// Of another provider.
    #[error(
        "the {part} is issued by {}, expected {}: correct the provider's entity ID in this connection, or \
         the issuer at the provider",
        mismatch.found, mismatch.expected
    )]
    Issuer {
        /// Where.
        part: Part,
        /// The two.
        mismatch: Mismatch,
    },
    /// `Issuer` with another `Format` than that of entities (profiles 4.1.4.2).
    #[error(
        "the Issuer of the {part} has the format {found}, expected none or \
         urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    )]
    IssuerFormat {
        /// Where.
        part: Part,
        /// The `Format`.
        found: Excerpt,
    },
    /// A time that is none.
    #[error("{name} is {found}, expected a time such as 2026-02-28T12:00:00Z")]
    MalformedTime {
        /// The check that needed it.
        check: Check,
        /// Its name.
        name: &'static str,
        /// What is written.
        found: Excerpt,
    },
    /// `IssueInstant` lies ahead.
    #[error(
        "the {part} was made at {}, {} seconds ahead of our clock ({}): the provider's clock is fast, or \
         ours slow",
        moment.time, moment.seconds_apart(), moment.now
    )]
    IssuedInFuture {
        /// Where.
        part: Part,
        /// When.
        moment: Moment,
    },
    /// `IssueInstant` is more than a day ago.
    #[error(
        "the {part} was made at {}, more than a day before now ({}): sign in anew, or set the provider's \
         clock",
        moment.time, moment.now
    )]
    IssuedTooLongAgo {
        /// Where.
        part: Part,
        /// When.
        moment: Moment,
    },
    /// A request of ours is to be answered, and this answers none.
    #[error(
        "the {part} does not say which request it answers (InResponseTo), expected {expected}: the \
         provider lost the request, or started by itself"
    )]
    NoInResponseTo {
        /// Where.
        part: Part,
        /// The request's ID.
        expected: String,
    },
    /// It answers another request.
    #[error(
        "the {part} answers the request {}, expected {}: the sign-in was begun twice, or in another browser",
        mismatch.found, mismatch.expected
    )]
    InResponseTo {
        /// Where.
        part: Part,
        /// The two.
        mismatch: Mismatch,
    },
    /// It answers a request although none of ours is open.
    #[error(
        "the {part} answers the request {found}, which is none that waits here. Either the identity provider started by \
         itself and writes an InResponseTo all the same (if it always writes this one, enter it in this connection as \
         the InResponseTo of sign-ins that begin at the provider), or the sign-in that asked has ended: then begin it again"
    )]
    Unasked {
        /// Where.
        part: Part,
        /// The `InResponseTo`.
        found: Excerpt,
    },
    /// No `Conditions`.
    #[error(
        "the assertion has no Conditions, so it does not say whom it is for: switch on the audience \
         restriction at the provider"
    )]
    NoConditions,
    /// A condition that we cannot judge makes the assertion invalid (core 2.5.1.1).
    #[error("the assertion has the condition {found}, which is not known")]
    UnknownCondition {
        /// The element.
        found: Excerpt,
    },
    /// `NotBefore` lies ahead.
    #[error(
        "the assertion is valid from {}, {} seconds ahead of our clock ({}): the provider's clock is fast, \
         or ours slow",
        .0.time, .0.seconds_apart(), .0.now
    )]
    NotYetValid(Moment),
    /// `NotOnOrAfter` has passed.
    #[error(
        "the assertion was valid until {}, {} seconds before now ({}): sign in anew; if it happens again, \
         the provider's clock is slow or its validity too short",
        .0.time, .0.seconds_apart(), .0.now
    )]
    Expired(Moment),
    /// No `AudienceRestriction`.
    #[error(
        "the assertion does not say whom it is for: enter {expected} at the provider as audience (entity \
         ID, relying party identifier)"
    )]
    NoAudience {
        /// Us.
        expected: String,
    },
    /// For somebody else.
    #[error(
        "the assertion is for {}, expected {}: enter the expected value at the provider as audience \
         (entity ID, relying party identifier)",
        .0.found, .0.expected
    )]
    Audience(Mismatch),
    /// No `Subject`.
    #[error("the assertion has no Subject, so it is about nobody")]
    NoSubject,
    /// No `SubjectConfirmation` of the bearer method.
    #[error(
        "the assertion is not a bearer assertion: its confirmation methods are {found}, expected \
         urn:oasis:names:tc:SAML:2.0:cm:bearer"
    )]
    NoBearerConfirmation {
        /// The methods there are.
        found: Excerpt,
    },
    /// The confirmation has no `Recipient`.
    #[error(
        "the SubjectConfirmationData has no Recipient, expected {expected}: enter that URL at the provider \
         as recipient or assertion consumer service URL"
    )]
    NoRecipient {
        /// Our assertion consumer service.
        expected: String,
    },
    /// To be brought to somebody else.
    #[error(
        "the assertion is to be brought to {}, expected {}: enter the expected URL at the provider as \
         recipient or assertion consumer service URL",
        .0.found, .0.expected
    )]
    Recipient(Mismatch),
    /// The confirmation has a `NotBefore` that lies ahead. It must have none (profiles 4.1.4.2), and one that has passed
    /// is let through.
    #[error(
        "the assertion may be brought from {} on (NotBefore of the SubjectConfirmationData), {} seconds ahead of our \
         clock ({}): the provider's clock is fast, or ours slow",
        .0.time, .0.seconds_apart(), .0.now
    )]
    ConfirmationNotBefore(Moment),
    /// The confirmation does not end.
    #[error(
        "the SubjectConfirmationData has no NotOnOrAfter, so the assertion could be brought for ever: let the provider \
         limit how long its assertions are good for"
    )]
    NoConfirmationExpiry,
    /// The confirmation has ended.
    #[error(
        "the assertion was to be brought before {}, {} seconds before now ({}): sign in anew; if it \
         happens again, the provider's clock is slow",
        .0.time, .0.seconds_apart(), .0.now
    )]
    ConfirmationExpired(Moment),
    /// No `AuthnStatement`.
    #[error(
        "the assertion has no AuthnStatement: it does not say that the person authenticated. Let the provider include \
         it (Keycloak calls this setting “Include AuthnStatement”)"
    )]
    NoAuthnStatement,
    /// `SessionNotOnOrAfter` has passed.
    #[error(
        "the session at the provider ended at {}, {} seconds before now ({}): sign in anew at the provider",
        .0.time, .0.seconds_apart(), .0.now
    )]
    SessionExpired(Moment),
    /// `EncryptedID`.
    #[error(
        "the name identifier alone is encrypted (EncryptedID): encrypt the whole assertion at the \
         provider, or nothing"
    )]
    EncryptedNameId,
    /// `NameID` without content.
    #[error("the NameID is empty: the person has no value in the field that the provider uses as NameID")]
    EmptyNameId,
    /// `Attribute` without `Name`.
    #[error("an attribute has no Name")]
    AttributeWithoutName,
}

/// What people paste or configure instead of a response, and what to do about it.
fn instead(found: &Excerpt) -> &'static str {
    match found.as_str().rsplit(['}', ':']).next().unwrap_or_default() {
        "Assertion" => ": the provider must send the assertion inside a Response",
        "AuthnRequest" => ": this is a request, perhaps one of our own that came back",
        "LogoutRequest" | "LogoutResponse" => ": logout messages do not belong to this URL",
        "EntityDescriptor" | "EntitiesDescriptor" => ": this is metadata",
        "RequestSecurityTokenResponse" | "RequestSecurityTokenResponseCollection" => {
            ": the provider is set to WS-Federation; choose SAML 2.0"
        }
        _ => "",
    }
}
