//! Signing our own messages: the enveloped signature of SAML core 5.4, by XML-DSig 1.1.
//!
//! One reference to the root by its `ID`, the enveloped-signature transform and exclusive canonicalisation, SHA-256 and
//! RSA-SHA256. What is signed was written in canonical form ([`crate::write`]), so the digest is over what is sent.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::algorithm::DigestAlgorithm;
use crate::key::{Certificate, SignError, SigningKey};
use crate::write::{DS, Node};
use crate::xml::ns;

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// The `ID` of a message: an XML name that nobody guesses (core 1.3.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// The identifier made of `chance`, 160 random bits that were drawn for it: `_` and hexadecimal digits.
    #[must_use]
    pub fn from_chance(chance: [u8; 20]) -> Self {
        let mut id = String::with_capacity(1 + 2 * chance.len());
        id.push('_');
        for octet in chance {
            id.extend(
                [octet >> 4, octet & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')),
            );
        }
        Self(id)
    }

    /// Whether `text` could be one: providers write other things where an identifier of ours belongs.
    #[must_use]
    pub fn has_form_of(text: &str) -> bool {
        let digit = |octet: u8| octet.is_ascii_digit() || (b'a'..=b'f').contains(&octet);
        text.strip_prefix('_').is_some_and(|digits| digits.len() == 40 && digits.bytes().all(digit))
    }

    /// The identifier as the message has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that signs messages, and the certificate that goes with the signatures when the other side wants to see it.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The private key.
    pub key: &'a SigningKey,
    /// The certificate of its public half, for `ds:KeyInfo`.
    pub certificate: &'a Certificate,
}

/// The document of `root`, which has the attribute `ID="id"`, with an enveloped signature as its child number `position`.
pub(crate) fn enveloped(
    root: Node<'_>,
    position: usize,
    id: &MessageId,
    signer: Signer<'_>,
) -> Result<String, SignError> {
    let digest = DigestAlgorithm::Sha256.digest(root.to_xml().as_bytes());
    let info = signed_info(id, digest.as_ref());
    let value = signer.key.sign(info.to_xml().as_bytes())?;
    let certificate = Node::new(DS, "X509Certificate").text(signer.certificate.base64());
    let signature = Node::new(DS, "Signature")
        .child(info)
        .child(Node::new(DS, "SignatureValue").text(STANDARD.encode(value)))
        .child(Node::new(DS, "KeyInfo").child(Node::new(DS, "X509Data").child(certificate)));
    Ok(root.child_at(position, signature).to_xml())
}

fn signed_info(id: &MessageId, digest: &[u8]) -> Node<'static> {
    let method = |name, uri: &'static str| Node::new(DS, name).with("Algorithm", uri);
    let transforms =
        Node::new(DS, "Transforms").child(method("Transform", ENVELOPED)).child(method("Transform", ns::EC));
    let reference = Node::new(DS, "Reference")
        .with("URI", format!("#{id}"))
        .child(transforms)
        .child(method("DigestMethod", DigestAlgorithm::Sha256.uri()))
        .child(Node::new(DS, "DigestValue").text(STANDARD.encode(digest)));
    Node::new(DS, "SignedInfo")
        .child(method("CanonicalizationMethod", ns::EC))
        .child(method("SignatureMethod", SigningKey::ALGORITHM.uri()))
        .child(reference)
}
