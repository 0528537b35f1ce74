//! What each meaning of a refusal is called here: a status, a code and a sentence. The match is
//! exhaustive: a new meaning does not compile before it has a row.

use http::StatusCode;
use vestibule_domain::refusal::{Bounded, Name, PolicyProblem, SearchPart, Thing, What};

/// How a meaning is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The status; its standard reason is the `error`.
    pub status: StatusCode,
    /// The `errorCode`, where there is one.
    pub code: Option<&'static str>,
    /// The `message`.
    pub sentence: Sentence,
}

/// The sentence of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// Always this one: clients may know it.
    Fixed(&'static str),
    /// What was found and expected this time; this one when nothing is known of that.
    Told(&'static str),
}

/// The row of a meaning.
#[must_use]
pub const fn row(what: What) -> Row {
    match what {
        What::Unreadable
        | What::MissingField
        | What::Invalid(_)
        | What::TooLarge(
            Bounded::Metadata
            | Bounded::CustomClaims
            | Bounded::ClientSecret
            | Bounded::PrivateKey
            | Bounded::Options,
        )
        | What::NoneGiven(_)
        | What::SeveralGiven(_)
        | What::UnknownRole
        | What::Incomplete(_)
        | What::NotAbsolute
        | What::NotHttps
        | What::UnsupportedKeyFormat
        | What::LentToItself
        | What::LentNotActive
        | What::PublicMailDomain
        | What::EmptyRestriction
        | What::ProvisioningAllOff
        | What::WrongCode(_)
        | What::SpentCode(_)
        | What::ReservedClaim(_)
        | What::Policy(
            PolicyProblem::Reserved
            | PolicyProblem::Repeated
            | PolicyProblem::UnknownResource
            | PolicyProblem::UnknownAction
            | PolicyProblem::BuiltIn,
        ) => invalid_body(),
        What::Policy(PolicyProblem::InUse | PolicyProblem::Moved) => {
            told(StatusCode::CONFLICT, None, "Conflict")
        }
        What::TooLarge(Bounded::Body) => {
            told(StatusCode::PAYLOAD_TOO_LARGE, None, "Payload content length greater than maximum allowed")
        }
        What::UnsupportedMediaType => {
            told(StatusCode::UNSUPPORTED_MEDIA_TYPE, None, "Unsupported Media Type")
        }
        What::InvalidSearch(_, SearchPart::Cursor | SearchPart::Limit) => {
            told(StatusCode::BAD_REQUEST, Some("invalid_paging"), "Query validation error.")
        }
        What::InvalidSearch(_, SearchPart::Operator | SearchPart::Filter) | What::NoOrganizationToSearch => {
            told(StatusCode::BAD_REQUEST, Some("invalid_query_string"), "Query validation error.")
        }
        What::OtherEnvironment(_) => {
            told(StatusCode::BAD_REQUEST, Some("invalid_uri"), "Path validation error.")
        }

        What::NoSuchRoute => fixed(StatusCode::NOT_FOUND, None, "Not Found"),
        What::MethodNotAllowed => fixed(StatusCode::METHOD_NOT_ALLOWED, None, "Method Not Allowed"),
        What::TooManyRequests => {
            let sentence = "Global limit has been reached";
            fixed(StatusCode::TOO_MANY_REQUESTS, Some("too_many_requests"), sentence)
        }
        What::Internal => fixed(StatusCode::INTERNAL_SERVER_ERROR, None, "An internal server error occurred"),
        What::Unavailable | What::Busy => fixed(StatusCode::SERVICE_UNAVAILABLE, None, "Service Unavailable"),

        What::WrongCredentials | What::UnreadableCredentials | What::WrongToken => {
            told(StatusCode::UNAUTHORIZED, Some("Unauthorized"), "Invalid token")
        }
        What::Forbidden | What::ScopeNotGranted | What::AudienceNotGranted => {
            told(StatusCode::FORBIDDEN, Some("insufficient_scope"), "Insufficient scope")
        }
        // A token knows no member, so these are never said to its holder.
        What::OtherTenant
        | What::TrustedMetadataByMember
        | What::OwnRoles
        | What::OriginNotAllowed
        | What::NotSignedIn
        | What::InteractionNeeded
        | What::GrantTypeNotAllowed
        | What::MemberActionsOff => forbidden(),

        What::NotFound(thing) => not_found(thing),
        What::Taken(Name::Connection) => {
            let sentence = "A connection with the same name already exists";
            fixed(StatusCode::CONFLICT, Some("connection_conflict"), sentence)
        }
        What::Taken(Name::ClientGrant) => {
            let sentence = "A resource server grant with the same client and audience already exists.";
            fixed(StatusCode::CONFLICT, Some("grant_conflict"), sentence)
        }
        What::Taken(Name::OrganizationSlug) => {
            let sentence = "An organization with this name already exists.";
            fixed(StatusCode::CONFLICT, Some("organization_conflict"), sentence)
        }
        What::Taken(Name::Directory) => {
            let sentence = "SCIM configuration already exists for this connection";
            fixed(StatusCode::BAD_REQUEST, None, sentence)
        }
        What::Taken(Name::DirectoryToken) => {
            let sentence = "Maximum of 2 tokens already issued for this connection";
            fixed(StatusCode::CONFLICT, None, sentence)
        }
        What::Taken(_) => told(StatusCode::CONFLICT, None, "Conflict"),
        What::TooMany(_) => {
            told(StatusCode::FORBIDDEN, None, "You reached the limit of entities of this type")
        }
        What::IsDefault
        | What::IsLast
        | What::IsLastSecret
        | What::NotOffered
        | What::NotConfigured
        | What::ActiveMembersOnly
        | What::MemberNotDeleted
        | What::NoVerifiedAddress
        | What::InvitesNotAllowed
        | What::NotRotating
        | What::BreakglassStays
        | What::CannotSend(_) => {
            told(StatusCode::BAD_REQUEST, Some("operation_not_supported"), "This operation is not supported")
        }

        // A sign-in is refused on a page or in the redirect of an authorization, not by the Management API. Whatever
        // asks for one says it with the status alone.
        What::NoActiveConnection
        | What::SeveralActiveConnections
        | What::ConnectionNotActive
        | What::ConnectionSwitchedOff
        | What::RedirectNotRegistered
        | What::LinkNotRegistered
        | What::LogoutNotRegistered
        | What::NoDefaultRedirect(_)
        | What::UnknownCallback
        | What::UnreadableAnswer
        | What::NoState(_)
        | What::NoBrowser(_)
        | What::BeganElsewhere(_)
        | What::OtherBrowser(_)
        | What::Unsolicited(_)
        | What::Expired(_)
        | What::OverOnArrival(_)
        | What::Pkce(_) => told(StatusCode::BAD_REQUEST, None, "The sign-in cannot go on"),
        What::ProviderRefused(_)
        | What::ClientRefused
        | What::NotAssigned
        | What::IdToken
        | What::Userinfo
        | What::UserinfoOfAnother
        | What::NotAskedAgain
        | What::Assertion(_)
        | What::NoEmail(_)
        | What::DisownedEmail(_)
        | What::NoName
        | What::NoSubject(_)
        | What::OtherSubject(_)
        | What::NoMatchingGroup
        | What::JitNotAllowed
        | What::UnknownUser
        | What::RemovedByDirectory
        | What::NotSpokenFor
        | What::MailJitNotAllowed
        | What::MethodNotAllowedHere
        | What::MfaMethodNotAllowedHere
        | What::PrimaryNeeded
        | What::SecondFactorNeeded
        | What::OtherMember
        | What::NothingCarried => forbidden(),
        What::ProviderUnreachable => {
            told(StatusCode::BAD_GATEWAY, None, "The identity provider does not answer as it should")
        }
        What::ProviderTooSlow => {
            told(StatusCode::GATEWAY_TIMEOUT, None, "The identity provider does not answer in time")
        }
    }
}

const fn not_found(thing: Thing) -> Row {
    let (code, sentence) = match thing {
        Thing::Connection | Thing::OidcConnection | Thing::SamlConnection | Thing::LentConnection => {
            (Some("inexistent_connection"), "The connection does not exist")
        }
        Thing::Member => (Some("inexistent_user"), "The user does not exist."),
        Thing::Application => (Some("inexistent_client"), "The client does not exist"),
        Thing::ClientGrant => (Some("inexistent_client_grant"), "The client grant does not exist"),
        Thing::Organization => (None, "No organization found by that id or name"),
        Thing::Registration
        | Thing::VerificationCertificate
        | Thing::EncryptionKey
        | Thing::PublicToken
        | Thing::SsoToken
        | Thing::IntermediateSession
        | Thing::Session
        | Thing::MagicLink
        | Thing::EmailCode
        | Thing::Totp
        | Thing::RecoveryCodes
        | Thing::PhoneNumber
        | Thing::Trace
        | Thing::Project
        | Thing::ApiSecret
        | Thing::RetiredEmail
        | Thing::Password
        | Thing::LoginHost
        | Thing::Directory
        | Thing::DirectoryUser
        | Thing::DirectoryGroup
        | Thing::DirectoryToken
        | Thing::DirectoryTrace
        | Thing::SetupLink
        | Thing::ConnectionTest
        | Thing::DomainProof
        | Thing::AuthorizationCode
        | Thing::RefreshToken
        | Thing::ConnectedApp => (None, "Not Found"),
    };
    fixed(StatusCode::NOT_FOUND, code, sentence)
}

const fn invalid_body() -> Row {
    told(StatusCode::BAD_REQUEST, Some("invalid_body"), "Payload validation error.")
}

const fn forbidden() -> Row {
    told(StatusCode::FORBIDDEN, None, "Forbidden")
}

const fn fixed(status: StatusCode, code: Option<&'static str>, sentence: &'static str) -> Row {
    Row { status, code, sentence: Sentence::Fixed(sentence) }
}

const fn told(status: StatusCode, code: Option<&'static str>, sentence: &'static str) -> Row {
    Row { status, code, sentence: Sentence::Told(sentence) }
}
