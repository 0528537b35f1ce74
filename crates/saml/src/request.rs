//! `AuthnRequest`: asking a provider to tell who somebody is (SAML core 3.4.1, web browser SSO profile 4.1.4.1).
//!
//! It says as little as it can, because providers differ in what they refuse: no `RequestedAuthnContext` (Entra ID
//! answers `AADSTS75011` to a context that the user did not sign in with), no `Subject`, no `Scoping`, no `Conditions`.

use crate::key::SignError;
use crate::sign::{MessageId, Signer, enveloped};
use crate::time::UnixMillis;
use crate::write::{Node, SAML, SAMLP};

const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// The `Signature` comes after the `Issuer` (core 3.2.1).
const SIGNATURE_POSITION: usize = 1;

/// An authentication request, ready to be written.
#[derive(Clone, Debug)]
pub struct AuthnRequest<'a> {
    /// The identifier that the answer must name as `InResponseTo`.
    pub id: &'a MessageId,
    /// When it is made. Written to the second.
    pub issue_instant: UnixMillis,
    /// Who asks: our entity id.
    pub issuer: &'a str,
    /// Where it is sent: the provider's single sign-on URL.
    pub destination: &'a str,
    /// Where the answer is to be posted.
    pub acs_url: &'a str,
    /// The format of the name identifier that is asked for. Nothing is asked with `None` and with the format
    /// `unspecified`: some providers refuse every `NameIDPolicy`.
    pub name_id_format: Option<&'a str>,
    /// Whether the provider must have the user sign in again.
    pub force_authn: bool,
    /// Whether the provider must not take over the user interface.
    pub is_passive: bool,
}

impl AuthnRequest<'_> {
    /// The unsigned message, for the HTTP-Redirect binding, whose signature is not in the message.
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.node().to_xml()
    }

    /// The message with an enveloped signature, for the HTTP-POST binding.
    ///
    /// # Errors
    /// [`SignError`] when the signature cannot be made.
    pub fn to_signed_xml(&self, signer: Signer<'_>) -> Result<String, SignError> {
        enveloped(self.node(), SIGNATURE_POSITION, self.id, signer)
    }

    fn node(&self) -> Node<'_> {
        let flag = |set: bool| set.then_some("true");
        let instant = UnixMillis(self.issue_instant.0.div_euclid(1000).saturating_mul(1000));
        Node::new(SAMLP, "AuthnRequest")
            .with("AssertionConsumerServiceURL", self.acs_url)
            .with("Destination", self.destination)
            .with_optional("ForceAuthn", flag(self.force_authn))
            .with("ID", self.id.as_str())
            .with_optional("IsPassive", flag(self.is_passive))
            .with("IssueInstant", instant.to_string())
            .with("ProtocolBinding", HTTP_POST)
            .with("Version", "2.0")
            .child(Node::new(SAML, "Issuer").text(self.issuer))
            .children(self.name_id_policy())
    }

    fn name_id_policy(&self) -> Option<Node<'_>> {
        let format = self.name_id_format.filter(|format| *format != UNSPECIFIED)?;
        Some(Node::new(SAMLP, "NameIDPolicy").with("AllowCreate", "true").with("Format", format))
    }
}
