//! What meanings of refusals carry: which field, how many of what, by which way.

use serde::{Deserialize, Serialize};

meanings! {
    /// What can be given and be wrong.
    pub enum Field {
        /// A setting without a meaning of its own; what was found names it.
        Setting,
        /// The locator of an organization.
        OrganizationId,
        /// An organization's name.
        OrganizationName,
        /// An organization's slug.
        OrganizationSlug,
        /// The API user's own id of an organization.
        OrganizationExternalId,
        /// The connection that sign-ins to an organization use.
        DefaultConnection,
        /// The connections that may create members.
        JitConnections,
        /// An e-mail domain.
        EmailDomain,
        /// The locator of a member.
        MemberId,
        /// An e-mail address.
        Email,
        /// The API user's own id of a member.
        MemberExternalId,
        /// A phone number.
        PhoneNumber,
        /// The id of a connection.
        ConnectionId,
        /// The name of a connection.
        ConnectionName,
        /// What attributes of a profile are made of.
        AttributeMap,
        /// Parameters that a request to a provider has beside its own.
        UpstreamParams,
        /// The label of an identity provider.
        IdentityProvider,
        /// The label of a directory.
        DirectoryProvider,
        /// An OpenID Connect issuer.
        Issuer,
        /// An OAuth client id.
        ClientId,
        /// The authorization endpoint.
        AuthorizationUrl,
        /// The token endpoint.
        TokenUrl,
        /// The userinfo endpoint.
        UserinfoUrl,
        /// The address of the provider's keys.
        JwksUrl,
        /// Scopes.
        CustomScopes,
        /// Which attribute means what.
        AttributeMapping,
        /// An attribute mapping with values that are no names.
        NestedMapping,
        /// How the id token reaches us.
        Channel,
        /// What people call a connection.
        DisplayName,
        /// The entity id of a SAML provider.
        IdpEntityId,
        /// Where a SAML provider signs people in.
        IdpSsoUrl,
        /// A certificate.
        Certificate,
        /// A private key.
        PrivateKey,
        /// The format of a subject's name.
        NameIdFormat,
        /// A further address or audience of ours.
        AlternativeUrl,
        /// The address of a SAML provider's metadata.
        MetadataUrl,
        /// The text of a SAML provider's metadata.
        MetadataXml,
        /// What a SAML provider's metadata says.
        Metadata,
        /// The end of a legacy switch.
        LegacySwitch,
        /// A project's public token.
        PublicToken,
        /// A redirect URL.
        RedirectUrl,
        /// The origin of pages.
        PageOrigin,
        /// A PKCE challenge.
        PkceChallenge,
        /// A locale.
        Locale,
        /// The length of a session.
        SessionDuration,
        /// A session token as a JWT.
        SessionJwt,
        /// A policy of roles and resources.
        RbacPolicy,
        /// The id of a role, a resource, an action or a scope.
        RbacId,
        /// A code of an authenticator application.
        TotpCode,
        /// A code that was sent.
        SentCode,
        /// The secret of an authenticator application.
        TotpSecret,
        /// Recovery codes.
        RecoveryCodes,
        /// How long something waits for its first use.
        Expiration,
        /// The identifier of an API.
        Audience,
        /// What may be done at an API.
        Scope,
        /// A way to get tokens.
        GrantType,
        /// What an application is to be answered with.
        ResponseType,
        /// How the answer is to get to it.
        ResponseMode,
        /// A public key of an application.
        ApplicationKey,
    }

    /// What has a bound on its size.
    pub enum Bounded {
        /// The body of a request.
        Body,
        /// Metadata of an organization or a member.
        Metadata,
        /// Custom claims of a session.
        CustomClaims,
        /// An OAuth client secret.
        ClientSecret,
        /// A private key.
        PrivateKey,
        /// Options of a connection.
        Options,
    }

    /// What has a bound on its number.
    pub enum Counted {
        /// Connections of an organization.
        Connections,
        /// Connections that an organization lends to others.
        LentConnections,
        /// Verification certificates of a connection.
        VerificationCertificates,
        /// Encryption keys of a connection.
        EncryptionKeys,
        /// API secrets of a project that are good.
        ApiSecrets,
        /// Published keys of a project's session tokens.
        SessionKeys,
        /// Recovery codes of a member.
        RecoveryCodes,
        /// Applications of a project.
        Applications,
        /// Public keys of an application.
        ApplicationKeys,
        /// Links of an organization into the set-up portal.
        SetupLinks,
        /// Domains that an organization shows to be its own.
        DomainProofs,
    }

    /// What a connection can lack.
    pub enum Missing {
        /// Where a SAML provider signs people in.
        IdpSsoUrl,
        /// Any attribute mapping.
        Mapping,
        /// The mapping of the address.
        EmailMapping,
        /// The mapping of the name.
        NameMapping,
        /// The mapping of groups.
        GroupsMapping,
    }

    /// What can be said in one of several ways.
    pub enum Choice {
        /// Which connection a sign-in is to use.
        Connection,
        /// Which session is meant.
        Session,
        /// Which sessions are to end.
        Revocation,
    }

    /// What is searched for.
    pub enum Searched {
        /// Organizations.
        Organizations,
        /// Members.
        Members,
    }

    /// A part of a search.
    pub enum SearchPart {
        /// How filters go together.
        Operator,
        /// A filter.
        Filter,
        /// Where a page begins.
        Cursor,
        /// The length of a page.
        Limit,
    }

    /// The redirect URLs a project can have a default of.
    pub enum DefaultRedirect {
        /// For members who exist.
        Login,
        /// For members who are created.
        Signup,
        /// For members who follow a link.
        LoginLink,
        /// For those who become members by a link.
        SignupLink,
        /// For those who are invited.
        Invite,
        /// For those who look for their organizations.
        Discovery,
    }

    /// The protocol by which somebody signs in.
    pub enum Via {
        /// OpenID Connect.
        Oidc,
        /// SAML 2.0.
        Saml,
    }

    /// How a message reaches a person.
    pub enum Channel {
        /// By e-mail.
        Email,
        /// By SMS.
        Sms,
    }

    /// Why a SAML response is not accepted.
    pub enum Judged {
        /// There is none.
        Missing,
        /// It is not what the profile asks for.
        Unacceptable,
        /// It does not say which request it answers, although one was made.
        AnswersNothing,
        /// It is not XML that is read.
        NotXml,
        /// It could not be validated.
        Unvalidated,
        /// It is not signed where it must be.
        NotSigned,
        /// Its signature is not valid.
        Signature,
        /// It is signed by a key that is not the connection's.
        OtherCertificate,
        /// It is meant for another audience.
        Audience,
        /// It comes from another provider.
        Issuer,
        /// It is addressed to another callback.
        Recipient,
        /// It is not valid yet.
        NotYetValid,
        /// It was used before.
        Replayed,
        /// It began at the provider, which the connection does not take.
        IdpInitiated,
        /// It cannot be decrypted.
        Undecryptable,
        /// It uses an algorithm that is not accepted.
        Algorithm,
        /// Its groups cannot be used.
        Groups,
    }

    /// What is wrong with a PKCE verifier (RFC 7636 section 4.6).
    pub enum PkceProblem {
        /// There was a challenge, and there is no verifier.
        VerifierMissing,
        /// There was no challenge, and there is a verifier.
        VerifierUnexpected,
        /// It has a length that no verifier has.
        VerifierLength,
        /// It does not fit the challenge.
        Mismatch,
    }

    /// What is wrong with a policy of roles and resources.
    pub enum PolicyProblem {
        /// An id that is kept for what is built in.
        Reserved,
        /// An id that something else of the kind has.
        Repeated,
        /// A permission on a resource that there is not.
        UnknownResource,
        /// A permission for an action that the resource does not have.
        UnknownAction,
        /// What is built in is given otherwise than it is.
        BuiltIn,
        /// It changes what assignments mean that were made before.
        InUse,
        /// Another one than was expected is in force.
        Moved,
    }

    /// Whose a claim's name is.
    pub enum Claimant {
        /// The registered claims of every JWT (RFC 7519 section 4.1).
        Jwt,
        /// The claims that a session token carries itself.
        Session,
    }
}

impl Channel {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Email, Self::Sms].into_iter().find(|channel| channel.as_str() == name)
    }
}
