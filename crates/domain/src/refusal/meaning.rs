//! The meanings of refusals. What is about a thing, a field or a protocol carries it, so that no meaning can be about
//! something it does not fit.

use serde::{Deserialize, Serialize};

use super::details::{
    Bounded, Channel, Choice, Claimant, Counted, DefaultRedirect, Field, Judged, Missing, PkceProblem,
    PolicyProblem, SearchPart, Searched, Via,
};
use crate::id::Environment;

meanings! {
    /// What is wrong.
    pub enum What {
        // The request itself
        /// It cannot be read.
        Unreadable,
        /// A field that must be given is not.
        MissingField,
        /// A field has a value that cannot be taken.
        Invalid(Field),
        /// Something is larger or longer than it may be.
        TooLarge(Bounded),
        /// The body is of a kind that this endpoint does not read.
        UnsupportedMediaType,
        /// There is no such endpoint.
        NoSuchRoute,
        /// The endpoint is there for what this server does not have.
        NotOffered,
        /// It needs a setting of the project that nobody has made.
        NotConfigured,
        /// The endpoint does not take this method.
        MethodNotAllowed,
        /// None of several ways to say something was used.
        NoneGiven(Choice),
        /// More than one of several ways to say something was used.
        SeveralGiven(Choice),
        /// A part of a search cannot be taken.
        InvalidSearch(Searched, SearchPart),
        /// A search for members names no organization.
        NoOrganizationToSearch,

        // Us
        /// Too many requests.
        TooManyRequests,
        /// A mistake on our side.
        Internal,
        /// The store cannot take it right now.
        Unavailable,
        /// As much of such work is under way as may be at once.
        Busy,
        /// The server is not set up to send messages in this way.
        CannotSend(Channel),

        // Who is asking
        /// Credentials that nobody has.
        WrongCredentials,
        /// No credentials, or none that can be read.
        UnreadableCredentials,
        /// The page, or the program, is none that the project serves.
        OriginNotAllowed,
        /// Nobody is signed in.
        NotSignedIn,
        /// Somebody is signed in and would have to be asked something, which was not to happen.
        InteractionNeeded,
        /// The project does not let members do this from a browser.
        MemberActionsOff,
        /// The asker may not do this.
        Forbidden,
        /// The asker belongs to another organization.
        OtherTenant,
        /// A member wants to write what only the project's backend writes.
        TrustedMetadataByMember,
        /// A member wants to change their own roles or address.
        OwnRoles,
        /// An id of the environment that the project does not belong to.
        OtherEnvironment(Environment),
        /// A token of a sign-in that is none, or has ended.
        WrongToken,
        /// The application was not given these scopes.
        ScopeNotGranted,
        /// The application was given nothing at this API.
        AudienceNotGranted,
        /// The application may not get tokens in this way.
        GrantTypeNotAllowed,

        // Things, their names and how many there are
        /// There is no such thing here.
        NotFound(Thing),
        /// Somebody else has this name.
        Taken(Name),
        /// There are as many as there may be.
        TooMany(Counted),
        /// It is the organization's default connection.
        IsDefault,
        /// It is the last certificate of an active connection.
        IsLast,
        /// It is the last API secret of the project that stays good.
        IsLastSecret,

        // Rules of organizations and members
        /// A domain of a public mail provider.
        PublicMailDomain,
        /// No way would be left by which members can be added.
        ProvisioningAllOff,
        /// A restriction that allows nothing.
        EmptyRestriction,
        /// A role that neither the project nor the organization has.
        UnknownRole,
        /// Only active members can do this.
        ActiveMembersOnly,
        /// Only who is deleted can be brought back.
        MemberNotDeleted,
        /// The member has no verified address.
        NoVerifiedAddress,
        /// The organization does not let members add this address.
        InvitesNotAllowed,

        // Connections
        /// Something that must be set is not.
        Incomplete(Missing),
        /// The provider's address for sign-ins is not an absolute URL.
        NotAbsolute,
        /// The provider's address for sign-ins is not https.
        NotHttps,
        /// A private key in a form that is not read.
        UnsupportedKeyFormat,
        /// An organization would borrow its own connection.
        LentToItself,
        /// A connection that would be lent is not active.
        LentNotActive,

        // Starting a sign-in
        /// The organization has no active connection.
        NoActiveConnection,
        /// The organization has several active connections and no default.
        SeveralActiveConnections,
        /// The connection is not active.
        ConnectionNotActive,
        /// The connection is switched off.
        ConnectionSwitchedOff,
        /// The redirect URL is not registered.
        RedirectNotRegistered,
        /// The redirect URL to which a link is to lead is not registered.
        LinkNotRegistered,
        /// The address to go to after signing out is not registered.
        LogoutNotRegistered,
        /// The project has no default redirect URL.
        NoDefaultRedirect(DefaultRedirect),

        // Coming back from an identity provider
        /// The callback names no connection.
        UnknownCallback,
        /// The provider's answer cannot be read.
        UnreadableAnswer,
        /// The provider says that it failed.
        ProviderRefused(Via),
        /// The provider does not take the client: its id, or what it authenticates with.
        ClientRefused,
        /// The provider says that this person may not use the application.
        NotAssigned,
        /// The provider does not answer as it should.
        ProviderUnreachable,
        /// The provider does not answer in time.
        ProviderTooSlow,
        /// The answer carries no state.
        NoState(Via),
        /// The browser holds no secret of the attempt.
        NoBrowser(Via),
        /// The browser holds no secret here, because the sign-in began under another name of this server.
        BeganElsewhere(Via),
        /// The browser holds the secret of another attempt.
        OtherBrowser(Via),
        /// Nobody waits for the answer, or it was used before.
        Unsolicited(Via),
        /// The sign-in took too long, or an answer that nobody asked for is too old.
        Expired(Via),
        /// The answer to a sign-in under way was over when it came: the clocks do not agree.
        OverOnArrival(Via),
        /// The id token is not acceptable.
        IdToken,
        /// The user information is not acceptable.
        Userinfo,
        /// The user information is about somebody else.
        UserinfoOfAnother,
        /// The provider has not asked the person again, as it was to.
        NotAskedAgain,
        /// The SAML response is not acceptable.
        Assertion(Judged),

        // Who it is
        /// No usable address.
        NoEmail(Via),
        /// The provider says that the address is not verified.
        DisownedEmail(Via),
        /// No name.
        NoName,
        /// No subject.
        NoSubject(Via),
        /// The address is known by another subject.
        OtherSubject(Via),
        /// The connection is borrowed, and its provider does not speak for the address here.
        NotSpokenFor,
        /// None of the connection's role assignments is for a group of the member.
        NoMatchingGroup,
        /// Nobody is there, and the connection may not create members.
        JitNotAllowed,
        /// Nobody is there, and signing in through the connection makes nobody.
        UnknownUser,
        /// Nobody is there, and the organization lets nobody with this address in.
        MailJitNotAllowed,
        /// The organization does not allow this way of signing in.
        MethodNotAllowedHere,

        // Directories
        /// No token of the directory is being replaced.
        NotRotating,
        /// The directory wants to remove a member who is kept for the day on which it is wrong.
        BreakglassStays,
        /// Nobody is there, because the organization's directory has removed or locked out whoever has the address.
        RemovedByDirectory,

        // Second factors
        /// The organization does not take this second factor.
        MfaMethodNotAllowedHere,
        /// A first factor that the organization asks for has to be proved before.
        PrimaryNeeded,
        /// A second factor has to be proved before.
        SecondFactorNeeded,
        /// A code that is not the one.
        WrongCode(OneTime),
        /// A code that was used, or has ended.
        SpentCode(OneTime),

        // Tokens and sessions
        /// Proof Key for Code Exchange, towards the application.
        Pkce(PkceProblem),
        /// The session belongs to another member.
        OtherMember,
        /// Nothing that was proved counts in the organization to go on in.
        NothingCarried,
        /// A custom claim has a name that is taken.
        ReservedClaim(Claimant),

        // Roles and what they may do
        /// A policy, or the roles of an organization, that cannot be so.
        Policy(PolicyProblem),
    }

    /// What can be missing, by its kind.
    pub enum Thing {
        /// An organization.
        Organization,
        /// A member.
        Member,
        /// The bond between a member and a subject at a connection.
        Registration,
        /// A connection of whatever protocol.
        Connection,
        /// An OpenID Connect connection.
        OidcConnection,
        /// A SAML connection.
        SamlConnection,
        /// A connection of another organization that would be borrowed.
        LentConnection,
        /// A certificate that verifies a provider's signatures.
        VerificationCertificate,
        /// A key that decrypts assertions.
        EncryptionKey,
        /// A project's public token.
        PublicToken,
        /// The single-use token at the end of a sign-in.
        SsoToken,
        /// A sign-in that waits for a second factor.
        IntermediateSession,
        /// A session.
        Session,
        /// A link that was sent, and was not followed yet.
        MagicLink,
        /// A code that was sent by mail, and is the right one.
        EmailCode,
        /// The trace of a sign-in.
        Trace,
        /// A project.
        Project,
        /// An API secret of the project.
        ApiSecret,
        /// An address that a member had before.
        RetiredEmail,
        /// A member's password. No table holds one.
        Password,
        /// An application that members have connected. No table holds one.
        ConnectedApp,
        /// The authenticator application of a member.
        Totp,
        /// The recovery codes of a member.
        RecoveryCodes,
        /// The phone number of a member.
        PhoneNumber,
        /// A code by which an application gets tokens.
        AuthorizationCode,
        /// A token that brings others.
        RefreshToken,
        /// An application of the project, with credentials of its own.
        Application,
        /// What an application may do at one API.
        ClientGrant,
        /// The project that signs people in under the name by which this server was asked.
        LoginHost,
        /// A directory.
        Directory,
        /// A person, as a directory has them.
        DirectoryUser,
        /// A group of a directory.
        DirectoryGroup,
        /// A token by which a directory shows who it is.
        DirectoryToken,
        /// The trace of a directory's request.
        DirectoryTrace,
        /// A link into the set-up portal.
        SetupLink,
        /// A test of a connection.
        ConnectionTest,
        /// A domain that an organization shows to be its own.
        DomainProof,
    }

    /// What is proved by a code that counts once.
    pub enum OneTime {
        /// An authenticator application.
        Totp,
        /// A phone number, by text message.
        Sms,
        /// An authenticator application that is lost.
        Recovery,
    }

    /// What belongs to one at a time.
    pub enum Name {
        /// The slug of an organization.
        OrganizationSlug,
        /// The API user's own id of an organization.
        OrganizationExternalId,
        /// An e-mail domain that an organization claims.
        ClaimedDomain,
        /// The address of a member.
        MemberEmail,
        /// The API user's own id of a member.
        MemberExternalId,
        /// The entity id of a SAML provider.
        IdpEntityId,
        /// The name of a connection.
        Connection,
        /// A connection that an organization borrows.
        LentConnection,
        /// The place of a member's authenticator application.
        Totp,
        /// The places of the two keys of a connection.
        AssertionKeys,
        /// What an application may do at one API.
        ClientGrant,
        /// A name under which a project signs people in.
        LoginHost,
        /// The place of an organization's directory.
        Directory,
        /// The places of a directory's tokens.
        DirectoryToken,
        /// The name of a person in a directory.
        UserName,
        /// The directory's own identifier of one of its resources.
        DirectoryExternalId,
        /// The name of a group in a directory.
        GroupName,
    }
}

impl What {
    /// The stable name of the meaning, for logs: `not_found`, `taken`, …
    #[must_use]
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}
