//! The ways in which a sign-in can be made to go wrong.

/// One thing that this provider does differently for one sign-in.
///
/// All but [`Fault::EmailInUserinfo`] must be refused by a careful relying party; [`Fault::MissingEmail`] and
/// [`Fault::UnverifiedEmail`] only for people whom it does not know by their subject yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// `iss` names another issuer.
    WrongIssuer,
    /// `aud` names another client.
    WrongAudience,
    /// `exp` passed an hour ago.
    Expired,
    /// `nonce` is not the one that was sent.
    WrongNonce,
    /// One bit of the signature is flipped.
    BadSignature,
    /// `kid` names a key that is not published.
    UnknownKid,
    /// `alg` is `none` and the signature is empty.
    AlgNone,
    /// `alg` is `HS256`, keyed with the published public key.
    Hs256WithPublicKey,
    /// The id token has no `sub`.
    MissingSub,
    /// Neither the id token nor userinfo has an `email`.
    MissingEmail,
    /// `email_verified` is `false`.
    UnverifiedEmail,
    /// The email is only in userinfo, and userinfo is about somebody else.
    UserinfoOtherSub,
    /// The token endpoint answers `invalid_grant`.
    TokenError,
    /// The person declines: `error=access_denied`.
    AccessDenied,
    /// `iat` and `nbf` are ten minutes ahead.
    ClockAhead,
    /// The id token has no `iat`.
    IatMissing,
    /// The browser comes back with a state that was never given out.
    ForeignState,
    /// Not a fault: the id token has no email, userinfo has it.
    EmailInUserinfo,
}

impl Fault {
    /// Every fault, in the order of the page.
    pub const ALL: [Self; 18] = [
        Self::WrongIssuer,
        Self::WrongAudience,
        Self::Expired,
        Self::WrongNonce,
        Self::BadSignature,
        Self::UnknownKid,
        Self::AlgNone,
        Self::Hs256WithPublicKey,
        Self::MissingSub,
        Self::MissingEmail,
        Self::UnverifiedEmail,
        Self::UserinfoOtherSub,
        Self::TokenError,
        Self::AccessDenied,
        Self::ClockAhead,
        Self::IatMissing,
        Self::ForeignState,
        Self::EmailInUserinfo,
    ];

    /// The spelling used in the `fault` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::WrongNonce => "wrong_nonce",
            Self::BadSignature => "bad_signature",
            Self::UnknownKid => "unknown_kid",
            Self::AlgNone => "alg_none",
            Self::Hs256WithPublicKey => "hs256_with_public_key",
            Self::MissingSub => "missing_sub",
            Self::MissingEmail => "missing_email",
            Self::UnverifiedEmail => "unverified_email",
            Self::UserinfoOtherSub => "userinfo_other_sub",
            Self::TokenError => "token_error",
            Self::AccessDenied => "access_denied",
            Self::ClockAhead => "clock_ahead",
            Self::IatMissing => "iat_missing",
            Self::ForeignState => "foreign_state",
            Self::EmailInUserinfo => "email_in_userinfo",
        }
    }

    /// A few words for the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WrongIssuer => "another issuer in the id token",
            Self::WrongAudience => "id token for another client",
            Self::Expired => "expired id token",
            Self::WrongNonce => "another nonce in the id token",
            Self::BadSignature => "damaged signature",
            Self::UnknownKid => "key that is not published",
            Self::AlgNone => "unsigned id token (alg none)",
            Self::Hs256WithPublicKey => "HS256 keyed with the public key",
            Self::MissingSub => "id token without sub",
            Self::MissingEmail => "no email (newcomers only)",
            Self::UnverifiedEmail => "unverified email (newcomers only)",
            Self::UserinfoOtherSub => "userinfo about somebody else",
            Self::TokenError => "token endpoint refuses the code",
            Self::AccessDenied => "the person declines",
            Self::ClockAhead => "clock ten minutes ahead",
            Self::IatMissing => "id token without iat",
            Self::ForeignState => "state that was never given out",
            Self::EmailInUserinfo => "no fault: email only in userinfo",
        }
    }

    /// The fault of that name; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}
