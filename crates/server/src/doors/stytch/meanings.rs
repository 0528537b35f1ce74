//! What each meaning of a refusal is called here. Both matches are exhaustive: a new meaning does not compile before it
//! has a name.

use vestibule_domain::id::Environment;
use vestibule_domain::refusal::{
    Bounded, Channel, Choice, Claimant, Counted, DefaultRedirect, Field, Judged, Missing, Name, OneTime,
    PkceProblem, PolicyProblem, SearchPart, Searched, Thing, Via, What,
};

use super::catalogue::ErrorKind;

/// The error of a meaning.
#[must_use]
pub const fn kind(what: What) -> ErrorKind {
    match what {
        What::Unreadable => ErrorKind::InvalidRequest,
        What::MissingField => ErrorKind::MissingField,
        What::Invalid(field) => invalid(field),
        What::TooLarge(size) => too_large(size),
        What::UnsupportedMediaType => ErrorKind::UnsupportedMediaType,
        What::NoSuchRoute => ErrorKind::RouteNotFound,
        What::NotOffered => ErrorKind::FeatureNotSupported,
        What::NotConfigured => ErrorKind::FeatureNotConfigured,
        What::MethodNotAllowed => ErrorKind::MethodNotAllowed,
        What::TooManyRequests => ErrorKind::TooManyRequests,
        What::Internal => ErrorKind::Internal,
        What::Unavailable => ErrorKind::Unavailable,
        What::Busy => ErrorKind::Busy,
        What::CannotSend(Channel::Email) => ErrorKind::EmailNotConfigured,
        What::CannotSend(Channel::Sms) => ErrorKind::SmsNotConfigured,
        What::WrongCredentials => ErrorKind::UnauthorizedCredentials,
        What::UnreadableCredentials => ErrorKind::InvalidSecretAuthentication,
        What::OriginNotAllowed => ErrorKind::BadDomain,
        What::NotSignedIn | What::InteractionNeeded => ErrorKind::UserUnauthenticated,
        What::MemberActionsOff => ErrorKind::EndpointNotForSdk,
        What::Forbidden => ErrorKind::SessionAuthorization,
        // The API of this dialect manages no applications: these are never said by it.
        What::WrongToken => ErrorKind::UnauthorizedCredentials,
        What::ScopeNotGranted | What::AudienceNotGranted | What::GrantTypeNotAllowed => {
            ErrorKind::SessionAuthorization
        }
        What::TooMany(Counted::Applications | Counted::ApplicationKeys) => ErrorKind::InvalidField,
        What::OtherTenant => ErrorKind::SessionAuthorizationTenancy,
        What::TrustedMetadataByMember => ErrorKind::CannotUpdateTrustedMetadata,
        What::OwnRoles => ErrorKind::CannotUpdateOwnRoles,
        What::OtherEnvironment(Environment::Test) => ErrorKind::TestIdInLive,
        What::OtherEnvironment(Environment::Live) => ErrorKind::LiveIdInTest,
        What::NotFound(thing) => not_found(thing),
        What::Taken(name) => taken(name),
        What::IsDefault => ErrorKind::CannotDeleteDefaultConnection,
        What::PublicMailDomain => ErrorKind::PublicEmailDomain,
        What::ProvisioningAllOff => ErrorKind::ProvisioningAllOff,
        What::EmptyRestriction => ErrorKind::AllowedAuthMethodsRequired,
        What::UnknownRole => ErrorKind::InvalidRole,
        What::ActiveMembersOnly => ErrorKind::ActiveMembersOnly,
        What::MemberNotDeleted => ErrorKind::MemberNotDeleted,
        What::NoVerifiedAddress => ErrorKind::InactiveEmail,
        What::InvitesNotAllowed => ErrorKind::EmailInvitesNotAllowed,
        What::InvalidSearch(Searched::Organizations, SearchPart::Operator) => {
            ErrorKind::InvalidSearchOperator
        }
        What::InvalidSearch(Searched::Organizations, SearchPart::Filter) => ErrorKind::InvalidSearchFilter,
        What::InvalidSearch(Searched::Organizations, SearchPart::Cursor) => ErrorKind::InvalidSearchCursor,
        What::InvalidSearch(Searched::Organizations, SearchPart::Limit) => ErrorKind::InvalidSearchLimit,
        What::InvalidSearch(Searched::Members, SearchPart::Filter) => ErrorKind::MemberSearchInvalidFilter,
        What::InvalidSearch(Searched::Members, SearchPart::Operator) => {
            ErrorKind::MemberSearchInvalidOperator
        }
        What::InvalidSearch(Searched::Members, SearchPart::Cursor) => ErrorKind::MemberSearchInvalidCursor,
        What::InvalidSearch(Searched::Members, SearchPart::Limit) => ErrorKind::MemberSearchInvalidLimit,
        What::NoOrganizationToSearch => ErrorKind::MemberSearchMissingOrganization,
        What::TooMany(Counted::Connections) => ErrorKind::TooManyConnections,
        What::TooMany(Counted::LentConnections) => ErrorKind::TooManyExternalConnections,
        What::TooMany(Counted::VerificationCertificates) => ErrorKind::TooManyVerificationCertificates,
        What::TooMany(Counted::EncryptionKeys) => ErrorKind::TooManyEncryptionKeys,
        What::TooMany(Counted::SetupLinks) => ErrorKind::TooManySetupLinks,
        What::TooMany(Counted::DomainProofs) => ErrorKind::TooManyDomains,
        What::TooMany(Counted::ApiSecrets) => ErrorKind::TooManyApiSecrets,
        What::TooMany(Counted::SessionKeys) => ErrorKind::TooManySessionKeys,
        What::Incomplete(missing) => incomplete(missing),
        What::NotAbsolute => ErrorKind::IdpSsoUrlFormat,
        What::NotHttps => ErrorKind::IdpSsoUrlNotHttps,
        What::IsLast => ErrorKind::CannotDeleteLastVerificationKey,
        What::IsLastSecret => ErrorKind::CannotRevokeLastApiSecret,
        What::UnsupportedKeyFormat => ErrorKind::SigningKeyFormat,
        What::NoneGiven(Choice::Connection) => ErrorKind::MissingConnectionLocator,
        What::NoneGiven(Choice::Session) => ErrorKind::NoSessionArguments,
        What::NoneGiven(Choice::Revocation) => ErrorKind::NoRevokeArguments,
        What::SeveralGiven(Choice::Connection) => ErrorKind::TooManyConnectionLocators,
        What::SeveralGiven(Choice::Session) => ErrorKind::TooManySessionArguments,
        What::SeveralGiven(Choice::Revocation) => ErrorKind::TooManyRevokeArguments,
        What::NoActiveConnection => ErrorKind::NoConnectionForOrganization,
        What::SeveralActiveConnections => ErrorKind::IndeterminateConnection,
        What::ConnectionNotActive => ErrorKind::ConnectionNotActive,
        What::ConnectionSwitchedOff => ErrorKind::ConnectionSwitchedOff,
        What::RedirectNotRegistered | What::LogoutNotRegistered => ErrorKind::NoMatchForRedirectUrl,
        What::LinkNotRegistered => ErrorKind::NoMatchForLinkUrl,
        What::NoDefaultRedirect(DefaultRedirect::Login) => ErrorKind::InvalidLoginUrl,
        What::NoDefaultRedirect(DefaultRedirect::Signup) => ErrorKind::InvalidSignupUrl,
        What::NoDefaultRedirect(DefaultRedirect::LoginLink) => ErrorKind::NoLoginUrl,
        What::NoDefaultRedirect(DefaultRedirect::SignupLink) => ErrorKind::NoSignupUrl,
        What::NoDefaultRedirect(DefaultRedirect::Invite) => ErrorKind::NoInviteUrl,
        What::NoDefaultRedirect(DefaultRedirect::Discovery) => ErrorKind::NoDiscoveryUrl,
        What::UnreadableAnswer => ErrorKind::OidcInvalidCallback,
        What::ProviderRefused(Via::Oidc) | What::ClientRefused => ErrorKind::OidcAuthCodeError,
        What::ProviderRefused(Via::Saml) => ErrorKind::FailedSamlResponse,
        What::NotAssigned => ErrorKind::OidcNotAssigned,
        What::NoState(Via::Oidc) => ErrorKind::MissingOidcState,
        What::NoState(Via::Saml) => ErrorKind::MissingSamlRelayState,
        What::NoBrowser(Via::Oidc) | What::BeganElsewhere(Via::Oidc) => ErrorKind::MissingOidcCookie,
        What::NoBrowser(Via::Saml) | What::BeganElsewhere(Via::Saml) => ErrorKind::MissingSamlCookie,
        What::OtherBrowser(Via::Oidc) => ErrorKind::OidcCookieMismatch,
        What::OtherBrowser(Via::Saml) => ErrorKind::SamlCookieMismatch,
        What::Unsolicited(Via::Oidc) => ErrorKind::UnsolicitedOidcResponse,
        What::Unsolicited(Via::Saml) => ErrorKind::UnsolicitedSamlResponse,
        What::Expired(Via::Oidc) | What::OverOnArrival(Via::Oidc) => ErrorKind::ExpiredOidcResponse,
        What::Expired(Via::Saml) | What::OverOnArrival(Via::Saml) => ErrorKind::ExpiredSamlResponse,
        What::IdToken | What::NotAskedAgain => ErrorKind::OidcInvalidIdToken,
        What::Userinfo => ErrorKind::OidcInvalidUserinfo,
        What::ProviderUnreachable | What::ProviderTooSlow => ErrorKind::OidcProviderUnreachable,
        What::NoEmail(Via::Oidc) => ErrorKind::OidcEmailMissing,
        What::NoEmail(Via::Saml) => ErrorKind::InvalidSamlEmail,
        What::NoName => ErrorKind::OidcNameMissing,
        What::NoSubject(Via::Oidc) => ErrorKind::OidcSubjectMissing,
        What::NoSubject(Via::Saml) => ErrorKind::SamlSubjectMissing,
        What::OtherSubject(Via::Oidc) | What::UserinfoOfAnother => ErrorKind::OidcSubjectMismatch,
        What::OtherSubject(Via::Saml) => ErrorKind::SamlSubjectMismatch,
        What::DisownedEmail(Via::Oidc) => ErrorKind::OidcUnverifiedEmail,
        What::DisownedEmail(Via::Saml) => ErrorKind::InvalidSamlEmail,
        What::JitNotAllowed => ErrorKind::JitNotAllowed,
        What::UnknownUser => ErrorKind::NobodyIsMade,
        What::RemovedByDirectory => ErrorKind::RemovedByDirectory,
        What::NotRotating => ErrorKind::ScimNotRotating,
        What::BreakglassStays => ErrorKind::BreakglassStays,
        What::NotSpokenFor => ErrorKind::AddressNotSpokenFor,
        What::LentToItself => ErrorKind::ExternalSameOrganization,
        What::LentNotActive => ErrorKind::ExternalNotActive,
        What::MailJitNotAllowed => ErrorKind::EmailJitNotAllowed,
        What::MethodNotAllowedHere => ErrorKind::AuthMethodRestricted,
        What::MfaMethodNotAllowedHere => ErrorKind::MfaMethodRestricted,
        What::PrimaryNeeded => ErrorKind::PrimaryNeeded,
        What::SecondFactorNeeded => ErrorKind::SecondFactorNeeded,
        What::WrongCode(OneTime::Totp) => ErrorKind::WrongTotpCode,
        What::WrongCode(OneTime::Sms) => ErrorKind::WrongEmailCode,
        What::WrongCode(OneTime::Recovery) | What::SpentCode(OneTime::Recovery) => {
            ErrorKind::WrongRecoveryCode
        }
        What::SpentCode(OneTime::Totp) => ErrorKind::TotpCodeUsed,
        What::SpentCode(OneTime::Sms) => ErrorKind::OtpCodeSpent,
        What::TooMany(Counted::RecoveryCodes) => ErrorKind::TooManyRecoveryCodes,
        What::UnknownCallback => ErrorKind::InvalidCallbackId,
        What::Assertion(judged) => assertion(judged),
        What::NoMatchingGroup => ErrorKind::SamlNoMatchingGroup,
        What::Pkce(PkceProblem::VerifierMissing) => ErrorKind::PkceExpectedVerifier,
        What::Pkce(PkceProblem::VerifierUnexpected) => ErrorKind::PkceUnexpectedVerifier,
        What::Pkce(PkceProblem::Mismatch) => ErrorKind::PkceMismatch,
        What::Pkce(PkceProblem::VerifierLength) => ErrorKind::InvalidPkceVerifier,
        What::ReservedClaim(Claimant::Jwt) => ErrorKind::ReservedCustomClaims,
        What::ReservedClaim(Claimant::Session) => ErrorKind::StytchCustomClaims,
        What::OtherMember => ErrorKind::SessionMemberMismatch,
        What::NothingCarried => ErrorKind::InsufficientFactors,
        What::Policy(problem) => policy(problem),
    }
}

const fn policy(problem: PolicyProblem) -> ErrorKind {
    match problem {
        PolicyProblem::Reserved => ErrorKind::RbacReservedId,
        PolicyProblem::Repeated => ErrorKind::RbacDuplicateId,
        PolicyProblem::UnknownResource => ErrorKind::InvalidRbacResource,
        PolicyProblem::UnknownAction => ErrorKind::InvalidRbacAction,
        PolicyProblem::BuiltIn => ErrorKind::RbacBuiltIn,
        PolicyProblem::InUse => ErrorKind::RbacPolicyInUse,
        PolicyProblem::Moved => ErrorKind::RbacPolicyChanged,
    }
}

const fn invalid(field: Field) -> ErrorKind {
    match field {
        Field::Setting
        | Field::PageOrigin
        | Field::Audience
        | Field::Scope
        | Field::GrantType
        | Field::ResponseType
        | Field::ResponseMode
        | Field::ApplicationKey => ErrorKind::InvalidField,
        Field::OrganizationId => ErrorKind::InvalidOrganizationId,
        Field::OrganizationName => ErrorKind::InvalidOrganizationName,
        Field::OrganizationSlug => ErrorKind::InvalidOrganizationSlug,
        Field::OrganizationExternalId => ErrorKind::InvalidOrganizationExternalId,
        Field::DefaultConnection => ErrorKind::InvalidSsoDefaultConnection,
        Field::JitConnections => ErrorKind::InvalidConnectionForJit,
        Field::EmailDomain => ErrorKind::InvalidEmailDomain,
        Field::MemberId => ErrorKind::InvalidMemberId,
        Field::Email => ErrorKind::InvalidEmail,
        Field::MemberExternalId => ErrorKind::InvalidMemberExternalId,
        Field::PhoneNumber => ErrorKind::InvalidPhoneNumber,
        Field::ConnectionId => ErrorKind::InvalidConnectionId,
        Field::ConnectionName | Field::UpstreamParams => ErrorKind::InvalidField,
        Field::IdentityProvider => ErrorKind::InvalidIdp,
        Field::DirectoryProvider => ErrorKind::InvalidScimIdp,
        Field::Issuer => ErrorKind::InvalidIssuer,
        Field::ClientId => ErrorKind::InvalidClientId,
        Field::AuthorizationUrl => ErrorKind::InvalidAuthorizationUrl,
        Field::TokenUrl => ErrorKind::InvalidTokenUrl,
        Field::UserinfoUrl => ErrorKind::InvalidUserinfoUrl,
        Field::JwksUrl => ErrorKind::InvalidJwksUrl,
        Field::CustomScopes => ErrorKind::InvalidCustomScopes,
        Field::AttributeMapping | Field::AttributeMap => ErrorKind::InvalidAttributeMapping,
        Field::Channel => ErrorKind::InvalidChannel,
        Field::DisplayName => ErrorKind::InvalidDisplayName,
        Field::IdpEntityId => ErrorKind::InvalidIdpEntityId,
        Field::IdpSsoUrl => ErrorKind::InvalidIdpSsoUrl,
        Field::Certificate => ErrorKind::InvalidX509Certificate,
        Field::PrivateKey => ErrorKind::SigningKeyInvalid,
        Field::NestedMapping => ErrorKind::SamlMappingNested,
        Field::NameIdFormat => ErrorKind::InvalidNameIdFormat,
        Field::AlternativeUrl => ErrorKind::InvalidAlternativeUrl,
        Field::MetadataUrl => ErrorKind::InvalidMetadataUrl,
        Field::MetadataXml => ErrorKind::InvalidMetadataXml,
        Field::Metadata => ErrorKind::UnusableMetadata,
        Field::LegacySwitch => ErrorKind::InvalidLegacySwitch,
        Field::PublicToken => ErrorKind::InvalidPublicToken,
        Field::RedirectUrl => ErrorKind::InvalidRedirectUrl,
        Field::PkceChallenge => ErrorKind::InvalidPkceChallenge,
        Field::Locale => ErrorKind::InvalidLocale,
        Field::SessionDuration => ErrorKind::InvalidSessionDuration,
        Field::SessionJwt => ErrorKind::UnparsableSessionJwt,
        Field::RbacPolicy => ErrorKind::InvalidRbacPolicy,
        Field::RbacId => ErrorKind::InvalidRbacId,
        Field::TotpCode => ErrorKind::InvalidTotpCode,
        Field::SentCode => ErrorKind::InvalidCode,
        Field::TotpSecret => ErrorKind::InvalidTotpSecret,
        Field::RecoveryCodes => ErrorKind::InvalidRecoveryCode,
        Field::Expiration => ErrorKind::InvalidExpiration,
    }
}

const fn not_found(thing: Thing) -> ErrorKind {
    match thing {
        Thing::Organization => ErrorKind::OrganizationNotFound,
        Thing::Member => ErrorKind::MemberNotFound,
        Thing::Registration => ErrorKind::RegistrationNotFound,
        Thing::Connection => ErrorKind::ConnectionNotFound,
        Thing::OidcConnection => ErrorKind::OidcConnectionNotFound,
        Thing::SamlConnection => ErrorKind::SamlConnectionNotFound,
        Thing::LentConnection => ErrorKind::ExternalConnectionIdNotFound,
        Thing::VerificationCertificate => ErrorKind::VerificationKeyNotFound,
        Thing::EncryptionKey => ErrorKind::EncryptionKeyNotFound,
        Thing::PublicToken => ErrorKind::PublicTokenNotFound,
        Thing::SsoToken => ErrorKind::SsoTokenNotFound,
        Thing::IntermediateSession => ErrorKind::IntermediateSessionNotFound,
        Thing::Session => ErrorKind::SessionNotFound,
        Thing::MagicLink => ErrorKind::DeadMagicLink,
        Thing::EmailCode => ErrorKind::WrongEmailCode,
        Thing::Trace => ErrorKind::TraceNotFound,
        Thing::Project => ErrorKind::ProjectNotFound,
        Thing::SetupLink => ErrorKind::SetupLinkNotFound,
        Thing::ConnectionTest => ErrorKind::ConnectionTestNotFound,
        Thing::DomainProof => ErrorKind::DomainNotFound,
        Thing::ApiSecret => ErrorKind::ApiSecretNotFound,
        Thing::RetiredEmail => ErrorKind::EmailNotFound,
        Thing::Password => ErrorKind::MemberPasswordNotFound,
        Thing::ConnectedApp | Thing::Application | Thing::ClientGrant => ErrorKind::ConnectedAppNotFound,
        Thing::LoginHost | Thing::AuthorizationCode | Thing::RefreshToken => ErrorKind::RouteNotFound,
        Thing::Directory | Thing::DirectoryUser | Thing::DirectoryToken => ErrorKind::ScimConnectionNotFound,
        Thing::DirectoryGroup => ErrorKind::ScimGroupNotFound,
        Thing::DirectoryTrace => ErrorKind::DirectoryTraceNotFound,
        Thing::Totp => ErrorKind::TotpNotFound,
        Thing::RecoveryCodes => ErrorKind::RecoveryCodesNotFound,
        Thing::PhoneNumber => ErrorKind::PhoneNumberNotFound,
    }
}

const fn taken(name: Name) -> ErrorKind {
    match name {
        Name::OrganizationSlug => ErrorKind::OrganizationSlugUsed,
        Name::OrganizationExternalId => ErrorKind::OrganizationExternalIdUsed,
        Name::ClaimedDomain => ErrorKind::ClaimedEmailDomainUsed,
        Name::MemberEmail => ErrorKind::DuplicateMemberEmail,
        Name::MemberExternalId => ErrorKind::DuplicateMemberExternalId,
        Name::IdpEntityId => ErrorKind::DuplicateSamlConnection,
        Name::Connection => ErrorKind::ConnectionNameUsed,
        Name::LentConnection => ErrorKind::DuplicateExternalConnection,
        Name::Totp => ErrorKind::ActiveTotpExists,
        Name::Directory => ErrorKind::ActiveScimConnection,
        Name::DirectoryToken => ErrorKind::ScimRotating,
        Name::ClientGrant
        | Name::LoginHost
        | Name::AssertionKeys
        | Name::UserName
        | Name::DirectoryExternalId
        | Name::GroupName => ErrorKind::InvalidField,
    }
}

const fn assertion(judged: Judged) -> ErrorKind {
    match judged {
        Judged::Missing => ErrorKind::MissingSamlResponse,
        Judged::Unacceptable => ErrorKind::InvalidSamlResponse,
        Judged::AnswersNothing => ErrorKind::UnsolicitedSamlResponse,
        Judged::NotXml => ErrorKind::InvalidXmlSamlResponse,
        Judged::Unvalidated => ErrorKind::XmlValidationSaml,
        Judged::NotSigned => ErrorKind::MissingSignatureSamlResponse,
        Judged::Signature => ErrorKind::InvalidSignatureSamlResponse,
        Judged::OtherCertificate => ErrorKind::SamlCertificateMismatch,
        Judged::Audience => ErrorKind::InvalidAudienceSamlResponse,
        Judged::Issuer => ErrorKind::InvalidIssuerSamlResponse,
        Judged::Recipient => ErrorKind::InvalidRecipientSamlResponse,
        Judged::NotYetValid => ErrorKind::NotYetValidSamlResponse,
        Judged::Replayed => ErrorKind::DuplicateSamlResponse,
        Judged::IdpInitiated => ErrorKind::SamlIdpInitiatedDisabled,
        Judged::Undecryptable => ErrorKind::UndecryptableSamlResponse,
        Judged::Algorithm => ErrorKind::UnsupportedAlgorithmSamlResponse,
        Judged::Groups => ErrorKind::InvalidSamlGroups,
    }
}

const fn too_large(size: Bounded) -> ErrorKind {
    match size {
        Bounded::Body => ErrorKind::BodyTooLarge,
        Bounded::Metadata => ErrorKind::MetadataTooLarge,
        Bounded::ClientSecret => ErrorKind::ClientSecretTooLong,
        Bounded::PrivateKey => ErrorKind::PrivateKeyTooLong,
        Bounded::CustomClaims => ErrorKind::CustomClaimsTooLarge,
        Bounded::Options => ErrorKind::OptionsTooLarge,
    }
}

const fn incomplete(missing: Missing) -> ErrorKind {
    match missing {
        Missing::IdpSsoUrl => ErrorKind::IdpSsoUrlRequired,
        Missing::Mapping => ErrorKind::SamlMappingRequired,
        Missing::GroupsMapping => ErrorKind::SamlMappingMissingGroups,
        Missing::EmailMapping => ErrorKind::SamlMappingEmailRequired,
        Missing::NameMapping => ErrorKind::SamlMappingNameRequired,
    }
}
