//! What is checked of a sign-in, by the names that traces have for it.

use crate::spelled::spelled;

spelled! {
    /// One check.
    pub enum Checked {
        /// A sign-in that nobody finished: that it began.
        Start = "start",
        /// The same: that an answer came.
        Answer = "answer",
        /// The connection that the answer is for.
        Connection = "connection",
        /// That a sign-in waits for the answer.
        State = "state",
        /// That it came to the browser that began.
        Browser = "browser",
        /// What came back from the provider.
        Callback = "callback",
        /// A code was exchanged for tokens.
        TokenExchange = "token_exchange",
        /// The provider's keys.
        ProviderKeys = "provider_keys",
        /// The id token.
        IdToken = "id_token",
        /// User information.
        Userinfo = "userinfo",
        /// Whose people are meant.
        Pin = "pin",
        /// Who says it.
        Provider = "provider",
        /// The message is XML.
        Xml = "xml",
        /// It is a response.
        ResponseElement = "response_element",
        /// Of SAML 2.0.
        ResponseVersion = "response_version",
        /// With what a response has.
        ResponseStructure = "response_structure",
        /// The provider reports success.
        Status = "status",
        /// One assertion.
        SingleAssertion = "single_assertion",
        /// Nothing stands where it does not belong.
        NothingHidden = "nothing_hidden",
        /// The signature of the response.
        ResponseSignature = "response_signature",
        /// Decryption.
        Decryption = "decryption",
        /// What was encrypted.
        DecryptedAssertion = "decrypted_assertion",
        /// With what an assertion has.
        AssertionStructure = "assertion_structure",
        /// The signature of the assertion.
        AssertionSignature = "assertion_signature",
        /// A signature covers it.
        Signed = "signed",
        /// Where it was sent.
        Destination = "destination",
        /// Who sent it.
        ResponseIssuer = "response_issuer",
        /// When it was made.
        ResponseIssueInstant = "response_issue_instant",
        /// What it answers.
        ResponseInResponseTo = "response_in_response_to",
        /// Who says it.
        AssertionIssuer = "assertion_issuer",
        /// When it was said.
        AssertionIssueInstant = "assertion_issue_instant",
        /// Under which conditions.
        Conditions = "conditions",
        /// From when.
        NotBefore = "not_before",
        /// Until when.
        NotOnOrAfter = "not_on_or_after",
        /// For whom.
        Audience = "audience",
        /// By whom it may be brought.
        BearerConfirmation = "bearer_confirmation",
        /// Where to.
        Recipient = "recipient",
        /// Until when.
        ConfirmationExpiry = "confirmation_expiry",
        /// In answer to what.
        ConfirmationInResponseTo = "confirmation_in_response_to",
        /// How the person signed in there.
        AuthnStatement = "authn_statement",
        /// The session there.
        SessionExpiry = "session_expiry",
        /// The person's name.
        NameId = "name_id",
        /// By which of the provider's certificates it is signed, by its fingerprint.
        Certificate = "certificate",
        /// What is said of the person.
        Attributes = "attributes",
        /// An old algorithm that is let through.
        Legacy = "legacy",
        /// What attributes mean.
        AttributeMapping = "attribute_mapping",
        /// What never changes of the person.
        Subject = "subject",
        /// The address.
        Email = "email",
        /// Groups.
        Groups = "groups",
        /// The message is used once.
        Replay = "replay",
        /// Whether the person is let in.
        Admission = "admission",
    }
}
