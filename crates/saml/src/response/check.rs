//! The checks by name, in the order in which they are made.

/// One check of a response.
///
/// The order is part of the design (decisions of SAML processing, see [`judge`](super::judge)): first what costs
/// nothing, then signatures, then everything else on what the signatures cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// The message is XML of the strict kind.
    Xml,
    /// The root is a `Response`.
    ResponseElement,
    /// The response is of SAML 2.0.
    ResponseVersion,
    /// The response has what a response has, in the right order.
    ResponseStructure,
    /// The provider reports success.
    Status,
    /// There is one assertion, plain or encrypted.
    SingleAssertion,
    /// Nothing that looks like an assertion or a signature stands elsewhere.
    NothingHidden,
    /// The response's signature.
    ResponseSignature,
    /// The encrypted assertion can be decrypted.
    Decryption,
    /// What was encrypted is one assertion.
    DecryptedAssertion,
    /// The assertion has what an assertion has, in the right order.
    AssertionStructure,
    /// The assertion's signature.
    AssertionSignature,
    /// At least one signature covers the assertion.
    Signed,
    /// The response is for our assertion consumer service.
    Destination,
    /// The response is of the connection's provider.
    ResponseIssuer,
    /// The response was made recently.
    ResponseIssueInstant,
    /// The response answers our request, or nothing.
    ResponseInResponseTo,
    /// The assertion is of the connection's provider.
    AssertionIssuer,
    /// The assertion was made recently.
    AssertionIssueInstant,
    /// The assertion has conditions, and we know all of them.
    Conditions,
    /// The assertion is valid already.
    NotBefore,
    /// The assertion is still valid.
    NotOnOrAfter,
    /// The assertion is for us.
    Audience,
    /// Whoever brings the assertion is its subject.
    BearerConfirmation,
    /// The assertion may be brought to our assertion consumer service.
    Recipient,
    /// The assertion may still be brought.
    ConfirmationExpiry,
    /// The assertion answers our request, or nothing.
    ConfirmationInResponseTo,
    /// The provider says that and when the person authenticated.
    AuthnStatement,
    /// The session at the provider goes on.
    SessionExpiry,
    /// The person's name identifier is readable.
    NameId,
    /// The attributes are readable.
    Attributes,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 31] = [
        Self::Xml,
        Self::ResponseElement,
        Self::ResponseVersion,
        Self::ResponseStructure,
        Self::Status,
        Self::SingleAssertion,
        Self::NothingHidden,
        Self::ResponseSignature,
        Self::Decryption,
        Self::DecryptedAssertion,
        Self::AssertionStructure,
        Self::AssertionSignature,
        Self::Signed,
        Self::Destination,
        Self::ResponseIssuer,
        Self::ResponseIssueInstant,
        Self::ResponseInResponseTo,
        Self::AssertionIssuer,
        Self::AssertionIssueInstant,
        Self::Conditions,
        Self::NotBefore,
        Self::NotOnOrAfter,
        Self::Audience,
        Self::BearerConfirmation,
        Self::Recipient,
        Self::ConfirmationExpiry,
        Self::ConfirmationInResponseTo,
        Self::AuthnStatement,
        Self::SessionExpiry,
        Self::NameId,
        Self::Attributes,
    ];

    /// A short, stable name in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::ResponseElement => "response_element",
            Self::ResponseVersion => "response_version",
            Self::ResponseStructure => "response_structure",
            Self::Status => "status",
            Self::SingleAssertion => "single_assertion",
            Self::NothingHidden => "nothing_hidden",
            Self::ResponseSignature => "response_signature",
            Self::Decryption => "decryption",
            Self::DecryptedAssertion => "decrypted_assertion",
            Self::AssertionStructure => "assertion_structure",
            Self::AssertionSignature => "assertion_signature",
            Self::Signed => "signed",
            Self::Destination => "destination",
            Self::ResponseIssuer => "response_issuer",
            Self::ResponseIssueInstant => "response_issue_instant",
            Self::ResponseInResponseTo => "response_in_response_to",
            Self::AssertionIssuer => "assertion_issuer",
            Self::AssertionIssueInstant => "assertion_issue_instant",
            Self::Conditions => "conditions",
            Self::NotBefore => "not_before",
            Self::NotOnOrAfter => "not_on_or_after",
            Self::Audience => "audience",
            Self::BearerConfirmation => "bearer_confirmation",
            Self::Recipient => "recipient",
            Self::ConfirmationExpiry => "confirmation_expiry",
            Self::ConfirmationInResponseTo => "confirmation_in_response_to",
            Self::AuthnStatement => "authn_statement",
            Self::SessionExpiry => "session_expiry",
            Self::NameId => "name_id",
            Self::Attributes => "attributes",
        }
    }

    /// What the check asks, for people.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Xml => {
                "the message is well-formed XML without DOCTYPE, comments or processing instructions"
            }
            Self::ResponseElement => "the message is a SAML Response",
            Self::ResponseVersion => "the Response is of SAML 2.0",
            Self::ResponseStructure => "the Response holds what the schema allows, in its order",
            Self::Status => "the provider reports success",
            Self::SingleAssertion => "the Response holds exactly one assertion, plain or encrypted",
            Self::NothingHidden => "no assertion and no signature stands where none belongs",
            Self::ResponseSignature => "the signature of the Response is by a key of the provider",
            Self::Decryption => "the assertion can be decrypted with a key of ours",
            Self::DecryptedAssertion => "what was encrypted is exactly one assertion",
            Self::AssertionStructure => "the assertion holds what the schema allows, in its order",
            Self::AssertionSignature => "the signature of the assertion is by a key of the provider",
            Self::Signed => "the assertion is covered by a signature",
            Self::Destination => "the Response is addressed to our assertion consumer service",
            Self::ResponseIssuer => "the Response is issued by the connection's provider",
            Self::ResponseIssueInstant => "the Response was made within the last day, and not in the future",
            Self::ResponseInResponseTo => "the Response answers our request, or none if we did not ask",
            Self::AssertionIssuer => "the assertion is issued by the connection's provider",
            Self::AssertionIssueInstant => {
                "the assertion was made within the last day, and not in the future"
            }
            Self::Conditions => "the assertion has conditions, and all of them are known",
            Self::NotBefore => "the assertion is valid already",
            Self::NotOnOrAfter => "the assertion is still valid",
            Self::Audience => "the assertion is for us",
            Self::BearerConfirmation => "the assertion may be brought by a browser (bearer confirmation)",
            Self::Recipient => "the assertion may be brought to our assertion consumer service",
            Self::ConfirmationExpiry => "the assertion may still be brought",
            Self::ConfirmationInResponseTo => "the assertion answers our request, or none if we did not ask",
            Self::AuthnStatement => "the assertion says that the person authenticated",
            Self::SessionExpiry => "the person's session at the provider has not ended",
            Self::NameId => "the name identifier is readable",
            Self::Attributes => "the attributes are readable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_holds_every_check_in_order_under_its_own_name() {
        let mut names = Vec::new();
        for (position, check) in Check::ALL.into_iter().enumerate() {
            assert_eq!(check as usize, position);
            assert!(!names.contains(&check.name()));
            names.push(check.name());
        }
        assert_eq!(Check::Attributes as usize + 1, Check::ALL.len());
    }
}
