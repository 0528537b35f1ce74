//! Our own metadata (SAML metadata 2.3.2, 2.4.1, 2.4.4): what a provider needs to know of one connection.

use crate::algorithm::DigestAlgorithm;
use crate::key::{Certificate, SignError};
use crate::sign::{MessageId, Signer, enveloped};
use crate::time::UnixMillis;
use crate::write::{DS, MD, Node};
use crate::xml::ns;
use crate::xmlenc::{CONTENT_ALGORITHMS, RSA_OAEP, RSA_OAEP_MGF1P};

const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The `Signature` is the first child (metadata 2.3.2).
const SIGNATURE_POSITION: usize = 0;

/// The service provider that one connection is, ready to be written.
#[derive(Clone, Debug)]
pub struct SpMetadata<'a> {
    /// Our entity id, which is the audience of assertions.
    pub entity_id: &'a str,
    /// Where responses are posted by default.
    pub acs_url: &'a str,
    /// Where responses may be posted as well.
    pub alternative_acs_urls: &'a [&'a str],
    /// The format of name identifiers that we ask for.
    pub name_id_format: Option<&'a str>,
    /// Whether our requests are signed.
    pub authn_requests_signed: bool,
    /// Whether assertions must be signed themselves, not only the response around them.
    pub want_assertions_signed: bool,
    /// The certificates that our signatures verify under, the one in use first. While a key is replaced, the next one
    /// is here before it is used, and the last one stays until nobody needs it.
    pub signing: &'a [Certificate],
    /// The certificates that assertions may be encrypted to. With none, providers do not encrypt.
    pub encryption: &'a [Certificate],
    /// When the document must not be used any more.
    pub valid_until: Option<UnixMillis>,
    /// For how many seconds the document may be kept before it is fetched again.
    pub cache_seconds: Option<u32>,
}

impl SpMetadata<'_> {
    /// The document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.node().to_xml()
    }

    /// The document with an enveloped signature; `id` becomes its `ID`.
    ///
    /// # Errors
    /// [`SignError`] when the signature cannot be made.
    pub fn to_signed_xml(&self, id: &MessageId, signer: Signer<'_>) -> Result<String, SignError> {
        enveloped(self.node().with("ID", id.as_str()), SIGNATURE_POSITION, id, signer)
    }

    fn node(&self) -> Node<'_> {
        Node::new(MD, "EntityDescriptor")
            .with_optional("cacheDuration", self.cache_seconds.map(|seconds| format!("PT{seconds}S")))
            .with("entityID", self.entity_id)
            .with_optional("validUntil", self.valid_until.map(|time| time.to_string()))
            .child(self.role())
    }

    fn role(&self) -> Node<'_> {
        let signing = self.signing.iter().map(|certificate| key_descriptor("signing", certificate));
        let encryption = self
            .encryption
            .iter()
            .map(|certificate| key_descriptor("encryption", certificate).children(encryption_methods()));
        let format = self.name_id_format.map(|format| Node::new(MD, "NameIDFormat").text(format));
        Node::new(MD, "SPSSODescriptor")
            .with("AuthnRequestsSigned", flag(self.authn_requests_signed))
            .with("WantAssertionsSigned", flag(self.want_assertions_signed))
            .with("protocolSupportEnumeration", ns::SAMLP)
            .children(signing)
            .children(encryption)
            .children(format)
            .children(self.consumers())
    }

    fn consumers(&self) -> impl Iterator<Item = Node<'_>> {
        let urls = std::iter::once(&self.acs_url).chain(self.alternative_acs_urls);
        urls.enumerate().map(|(index, url)| {
            Node::new(MD, "AssertionConsumerService")
                .with("Binding", HTTP_POST)
                .with("Location", *url)
                .with("index", index.to_string())
                .with_optional("isDefault", (index == 0).then_some("true"))
        })
    }
}

const fn flag(set: bool) -> &'static str {
    if set { "true" } else { "false" }
}

fn key_descriptor<'a>(purpose: &'static str, certificate: &Certificate) -> Node<'a> {
    let encoded = Node::new(DS, "X509Certificate").text(certificate.base64());
    let info = Node::new(DS, "KeyInfo").child(Node::new(DS, "X509Data").child(encoded));
    Node::new(MD, "KeyDescriptor").with("use", purpose).child(info)
}

/// What we can decrypt, the best first. The digest is named, because providers differ in what they assume. `MGF` of
/// XML-Enc 1.1 is not: in the schema that most providers validate metadata with there is no such element.
fn encryption_methods<'a>() -> impl Iterator<Item = Node<'a>> {
    let method = |uri: &'static str| Node::new(MD, "EncryptionMethod").with("Algorithm", uri);
    let digest = Node::new(DS, "DigestMethod").with("Algorithm", DigestAlgorithm::Sha1.uri());
    let transport = [method(RSA_OAEP_MGF1P).child(digest), method(RSA_OAEP)];
    CONTENT_ALGORITHMS.into_iter().map(method).chain(transport)
}
