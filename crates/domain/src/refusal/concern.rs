//! What a refusal is to a person in front of a browser: few kinds, because a person can do few things about it. What an
//! administrator reads is the refusal itself.

use super::{Judged, Name, Thing, Via, What};

/// What has happened to whoever wanted to sign in, and so what they can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concern {
    /// Something failed on our side.
    Ours,
    /// There is more to do than can be done now.
    Busy,
    /// Their identity provider does not answer.
    ProviderSilent,
    /// Their sign-in took too long or has ended already.
    Over,
    /// Their sign-in was begun in another browser, or this one has forgotten it.
    OtherBrowser,
    /// Their sign-in has to begin at the application.
    BeginAtApplication,
    /// Their identity provider does not let them in.
    Declined,
    /// Their identity provider failed.
    ProviderFailed,
    /// The application does not let them in.
    NoAccess,
    /// What their identity provider says of them is not enough, or does not fit.
    Identity,
    /// What was set up between their identity provider and us does not fit.
    Setup,
    /// The link that they followed cannot be used.
    Link,
    /// There is no such page.
    NoPage,
    /// The page cannot be opened in this way.
    NotThisWay,
    /// The page is for programs that say who they are.
    ForPrograms,
}

impl Concern {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Ours,
        Self::Busy,
        Self::ProviderSilent,
        Self::Over,
        Self::OtherBrowser,
        Self::BeginAtApplication,
        Self::Declined,
        Self::ProviderFailed,
        Self::NoAccess,
        Self::Identity,
        Self::Setup,
        Self::Link,
        Self::NoPage,
        Self::NotThisWay,
        Self::ForPrograms,
    ];

    /// Whether the same may go well when it is begun anew.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Ours
                | Self::Busy
                | Self::ProviderSilent
                | Self::ProviderFailed
                | Self::Over
                | Self::OtherBrowser
                | Self::BeginAtApplication
        )
    }
}

impl What {
    /// What this is to a person. The match is exhaustive: a new meaning does not compile before somebody has thought of
    /// whoever meets it.
    #[must_use]
    pub const fn concern(self) -> Concern {
        match self {
            Self::Internal | Self::CannotSend(_) => Concern::Ours,
            Self::TooManyRequests | Self::Unavailable | Self::Busy => Concern::Busy,
            Self::ProviderUnreachable | Self::ProviderTooSlow => Concern::ProviderSilent,

            Self::SpentCode(_)
            | Self::Expired(_)
            | Self::Unsolicited(_)
            | Self::Assertion(Judged::Replayed) => Concern::Over,
            Self::NoBrowser(_) | Self::OtherBrowser(_) => Concern::OtherBrowser,
            Self::NoState(Via::Oidc) | Self::Assertion(Judged::IdpInitiated) => Concern::BeginAtApplication,

            Self::NotAssigned => Concern::Declined,
            Self::ProviderRefused(_) | Self::ClientRefused | Self::NotAskedAgain => Concern::ProviderFailed,
            Self::NoMatchingGroup
            | Self::JitNotAllowed
            | Self::UnknownUser
            | Self::RemovedByDirectory
            | Self::MailJitNotAllowed
            | Self::MethodNotAllowedHere
            | Self::ActiveMembersOnly
            | Self::Taken(Name::ClaimedDomain | Name::MemberEmail)
            | Self::MfaMethodNotAllowedHere
            | Self::OtherMember
            | Self::NothingCarried => Concern::NoAccess,
            Self::NoEmail(_)
            | Self::DisownedEmail(_)
            | Self::NoName
            | Self::NoSubject(_)
            | Self::OtherSubject(_)
            | Self::UserinfoOfAnother
            | Self::NotSpokenFor
            | Self::NoVerifiedAddress
            | Self::Assertion(Judged::Groups) => Concern::Identity,
            Self::UnreadableAnswer
            | Self::IdToken
            | Self::Userinfo
            | Self::OverOnArrival(_)
            | Self::NoState(Via::Saml)
            | Self::Assertion(_)
            | Self::Incomplete(_)
            | Self::NotAbsolute
            | Self::NotHttps
            | Self::NoActiveConnection
            | Self::SeveralActiveConnections
            | Self::ConnectionNotActive
            | Self::ConnectionSwitchedOff
            | Self::BeganElsewhere(_) => Concern::Setup,

            Self::NotFound(thing) => missing(thing),
            Self::NoSuchRoute | Self::NotOffered | Self::NotConfigured | Self::UnknownCallback => {
                Concern::NoPage
            }
            Self::MethodNotAllowed | Self::UnsupportedMediaType => Concern::NotThisWay,
            Self::WrongCredentials
            | Self::OriginNotAllowed
            | Self::NotSignedIn
            | Self::InteractionNeeded
            | Self::MemberActionsOff
            | Self::UnreadableCredentials
            | Self::Forbidden
            | Self::OtherTenant
            | Self::TrustedMetadataByMember
            | Self::PrimaryNeeded
            | Self::SecondFactorNeeded
            | Self::WrongToken
            | Self::ScopeNotGranted
            | Self::AudienceNotGranted
            | Self::GrantTypeNotAllowed
            | Self::OwnRoles => Concern::ForPrograms,

            Self::Unreadable
            | Self::MissingField
            | Self::Invalid(_)
            | Self::TooLarge(_)
            | Self::NoneGiven(_)
            | Self::SeveralGiven(_)
            | Self::InvalidSearch(..)
            | Self::NoOrganizationToSearch
            | Self::OtherEnvironment(_)
            | Self::RedirectNotRegistered
            | Self::LinkNotRegistered
            | Self::LogoutNotRegistered
            | Self::NoDefaultRedirect(_)
            | Self::Taken(_)
            | Self::TooMany(_)
            | Self::IsDefault
            | Self::IsLast
            | Self::IsLastSecret
            | Self::NotRotating
            | Self::BreakglassStays
            | Self::PublicMailDomain
            | Self::ProvisioningAllOff
            | Self::EmptyRestriction
            | Self::UnknownRole
            | Self::MemberNotDeleted
            | Self::InvitesNotAllowed
            | Self::UnsupportedKeyFormat
            | Self::LentToItself
            | Self::LentNotActive
            | Self::Pkce(_)
            | Self::Policy(_)
            | Self::WrongCode(_)
            | Self::ReservedClaim(_) => Concern::Link,
        }
    }
}

/// A link that names a thing names the wrong one; what one holds for a while has ended.
const fn missing(thing: Thing) -> Concern {
    match thing {
        Thing::SsoToken
        | Thing::IntermediateSession
        | Thing::Session
        | Thing::AuthorizationCode
        | Thing::RefreshToken
        | Thing::MagicLink
        | Thing::EmailCode => Concern::Over,
        Thing::Organization
        | Thing::Member
        | Thing::Registration
        | Thing::Connection
        | Thing::OidcConnection
        | Thing::SamlConnection
        | Thing::LentConnection
        | Thing::VerificationCertificate
        | Thing::EncryptionKey
        | Thing::PublicToken
        | Thing::Totp
        | Thing::RecoveryCodes
        | Thing::PhoneNumber
        | Thing::Trace
        | Thing::Project
        | Thing::Application
        | Thing::ClientGrant
        | Thing::LoginHost
        | Thing::Directory
        | Thing::DirectoryUser
        | Thing::DirectoryGroup
        | Thing::DirectoryToken
        | Thing::DirectoryTrace
        | Thing::SetupLink
        | Thing::ConnectionTest
        | Thing::DomainProof
        | Thing::ApiSecret
        | Thing::RetiredEmail
        | Thing::Password
        | Thing::ConnectedApp => Concern::Link,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_is_met_by_some_meaning() {
        let met: HashSet<_> = What::all().into_iter().map(What::concern).collect();
        assert_eq!(met, HashSet::from(Concern::ALL));
    }

    #[test]
    fn nobody_is_sent_around_in_a_circle() {
        assert_eq!(What::Taken(Name::ClaimedDomain).concern(), Concern::NoAccess);
        for what in [What::JitNotAllowed, What::IdToken, What::NotAssigned, What::RedirectNotRegistered] {
            assert!(!what.concern().may_pass(), "{what:?}");
        }
        for what in [What::ProviderUnreachable, What::Expired(Via::Saml), What::NoBrowser(Via::Oidc)] {
            assert!(what.concern().may_pass(), "{what:?}");
        }
    }
}
