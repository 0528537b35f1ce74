//! The ways in which an answer can be made to go wrong.

/// One thing that the SAML side of this provider does differently for one sign-in.
///
/// Each must be refused by a careful service provider, the last ones unless it takes the person's lasting name from
/// an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SamlFault {
    /// The audience is another service provider.
    WrongAudience,
    /// There is no audience restriction at all.
    NoAudience,
    /// Everything ended an hour ago.
    Expired,
    /// The provider's clock is ten minutes ahead.
    ClockAhead,
    /// The provider's clock is ten minutes behind, twice as much as an assertion holds.
    ClockBehind,
    /// Nothing is signed.
    Unsigned,
    /// Encrypted for the service provider, which anybody can do, but not signed.
    EncryptedUnsigned,
    /// RSA-SHA1 and SHA-1 digests; the signature itself is sound.
    Sha1,
    /// Signed by a key that is not in the metadata and brings its own certificate along.
    WrongKey,
    /// An attribute was changed after signing.
    Tampered,
    /// The signed assertion is moved away and a forged one put in its place (XML signature wrapping).
    Wrapped,
    /// A forged assertion stands before the signed one.
    TwoAssertions,
    /// A comment inside the NameID, put there after signing; canonicalisation drops it.
    CommentInNameId,
    /// The document has a DOCTYPE.
    Doctype,
    /// `Destination` is another URL.
    WrongDestination,
    /// `Recipient` is another URL.
    WrongRecipient,
    /// Issuer is another provider.
    WrongIssuer,
    /// `InResponseTo` names a request that was never made; also when none was.
    WrongInResponseTo,
    /// The answer to a request does not say to which.
    NoInResponseTo,
    /// The status says that the person could not be authenticated, with a message.
    StatusFailed,
    /// There is no statement about an authentication.
    NoAuthnStatement,
    /// The subject confirmation has no end.
    NoConfirmationEnd,
    /// There is no address anywhere; the NameID is a stable name that is none.
    MissingEmail,
    /// The NameID is another one each time: a form that the protocol allows and that names nobody.
    TransientNameId,
    /// There is no NameID, which the protocol allows.
    NoNameId,
    /// The last answer that was given to this address once more.
    Replay,
}

impl SamlFault {
    /// Every fault, in the order of the page.
    pub const ALL: [Self; 26] = [
        Self::WrongAudience,
        Self::NoAudience,
        Self::Expired,
        Self::ClockAhead,
        Self::ClockBehind,
        Self::Unsigned,
        Self::EncryptedUnsigned,
        Self::Sha1,
        Self::WrongKey,
        Self::Tampered,
        Self::Wrapped,
        Self::TwoAssertions,
        Self::CommentInNameId,
        Self::Doctype,
        Self::WrongDestination,
        Self::WrongRecipient,
        Self::WrongIssuer,
        Self::WrongInResponseTo,
        Self::NoInResponseTo,
        Self::StatusFailed,
        Self::NoAuthnStatement,
        Self::NoConfirmationEnd,
        Self::MissingEmail,
        Self::TransientNameId,
        Self::NoNameId,
        Self::Replay,
    ];

    /// The spelling used in the `fault` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// A few words for the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.words().1
    }

    /// The fault of that name; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::WrongAudience => ("wrong_audience", "audience is another service"),
            Self::NoAudience => ("no_audience", "no audience at all"),
            Self::Expired => ("expired", "expired an hour ago"),
            Self::ClockAhead => ("clock_ahead", "clock ten minutes ahead"),
            Self::ClockBehind => ("clock_behind", "clock ten minutes behind"),
            Self::Unsigned => ("unsigned", "nothing is signed"),
            Self::EncryptedUnsigned => ("encrypted_unsigned", "encrypted but not signed"),
            Self::Sha1 => ("sha1", "signed with SHA-1"),
            Self::WrongKey => ("wrong_key", "signed by an unknown key"),
            Self::Tampered => ("tampered", "attribute changed after signing"),
            Self::Wrapped => ("wrapped", "wrapped in a forged assertion"),
            Self::TwoAssertions => ("two_assertions", "a second, forged assertion"),
            Self::CommentInNameId => ("comment_in_name_id", "comment inside the NameID"),
            Self::Doctype => ("doctype", "document with a DOCTYPE"),
            Self::WrongDestination => ("wrong_destination", "Destination is another URL"),
            Self::WrongRecipient => ("wrong_recipient", "Recipient is another URL"),
            Self::WrongIssuer => ("wrong_issuer", "Issuer is another provider"),
            Self::WrongInResponseTo => ("wrong_in_response_to", "answers a request never made"),
            Self::NoInResponseTo => ("no_in_response_to", "does not name the request"),
            Self::StatusFailed => ("status_failed", "status: authentication failed"),
            Self::NoAuthnStatement => ("no_authn_statement", "no authentication statement"),
            Self::NoConfirmationEnd => ("no_confirmation_end", "confirmation without an end"),
            Self::MissingEmail => ("missing_email", "no email anywhere"),
            Self::TransientNameId => ("transient_name_id", "NameID changes each time"),
            Self::NoNameId => ("no_name_id", "no NameID"),
            Self::Replay => ("replay", "the last answer once more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_differ() {
        for fault in SamlFault::ALL {
            assert_eq!(SamlFault::from_name(fault.name()), Some(fault));
        }
        assert_eq!(SamlFault::from_name(""), None);
    }
}
