//! The elements of XML-Enc: which algorithms, and where the octets are.

use std::borrow::Cow;

use smallvec::SmallVec;
use vestibule_refusal::Excerpt;

use super::cipher::ContentCipher;
use super::refusal::DecryptionRefusal;
use super::transport::KeyTransport;
use crate::algorithm::DigestAlgorithm;
use crate::b64;
use crate::xml::{Element, ns};

const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const ENCRYPTED_KEY: &str = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
/// RSA-OAEP whose mask generation function is MGF1 with SHA-1 (section 5.5.2).
pub(crate) const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/// RSA-OAEP with every parameter named (section 5.5.2).
pub(crate) const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";

const CONTENT_EXPECTED: &str = "AES-GCM or AES-CBC with 128, 192 or 256 bits";
const TRANSPORT_EXPECTED: &str = "RSA-OAEP";
const DIGEST_EXPECTED: &str = "SHA-1, SHA-256, SHA-384 or SHA-512";
const MASK_EXPECTED: &str = "MGF1 with SHA-1, SHA-256, SHA-384 or SHA-512";

/// Algorithms that are known and refused, to call them by their names.
const REFUSED: [(&str, &str); 8] = [
    ("http://www.w3.org/2001/04/xmlenc#rsa-1_5", "RSA PKCS#1 v1.5"),
    ("http://www.w3.org/2001/04/xmlenc#tripledes-cbc", "Triple DES"),
    ("http://www.w3.org/2001/04/xmlenc#kw-tripledes", "Triple DES key wrap"),
    ("http://www.w3.org/2001/04/xmlenc#kw-aes128", "AES-128 key wrap"),
    ("http://www.w3.org/2001/04/xmlenc#kw-aes192", "AES-192 key wrap"),
    ("http://www.w3.org/2001/04/xmlenc#kw-aes256", "AES-256 key wrap"),
    ("http://www.w3.org/2001/04/xmlenc#dh", "Diffie-Hellman"),
    ("http://www.w3.org/2009/xmlenc11#ECDH-ES", "ECDH-ES"),
];

/// How many encrypted keys there may be: one for each recipient, or one that is written twice.
const MOST_KEYS: usize = 8;

/// The longest base64 that a recipient is recognised by: certificates have two or three thousand octets of it.
const MOST_RECIPIENT: usize = 8192;

/// One encrypted element with the keys it is encrypted under.
pub(super) struct Encrypted<'d> {
    pub(super) cipher: ContentCipher,
    /// The content's key, encrypted for one recipient or for several. At least one.
    pub(super) wrapped_keys: SmallVec<[WrappedKey<'d>; 2]>,
    /// Base64 of the encrypted content.
    pub(super) content: Cow<'d, str>,
}

/// The content's key, encrypted for one recipient.
pub(super) struct WrappedKey<'d> {
    pub(super) transport: KeyTransport,
    /// Base64 of the encrypted key.
    pub(super) value: Cow<'d, str>,
    /// Base64 of the certificate or modulus that its `KeyInfo` names the recipient by, if it does.
    pub(super) recipient: Option<Cow<'d, str>>,
}

impl WrappedKey<'_> {
    fn same(&self, other: &Self) -> bool {
        self.transport == other.transport && self.value == other.value
    }
}

type Read<T> = Result<T, DecryptionRefusal>;

impl<'d> Encrypted<'d> {
    /// Reads an element of SAML's `EncryptedElementType`: one `EncryptedData`, then `EncryptedKey`s.
    pub(super) fn read(wrapper: Element<'d>) -> Read<Self> {
        let data = wrapper.elements().next().filter(|first| first.is(ns::XENC, "EncryptedData"));
        let data = data.ok_or(malformed("the first element is not EncryptedData"))?;
        if !wrapper.elements().skip(1).all(|element| element.is(ns::XENC, "EncryptedKey")) {
            return Err(malformed("an element other than EncryptedKey follows EncryptedData"));
        }
        if data.attribute("Type").is_some_and(|kind| kind != ELEMENT) {
            return Err(malformed("the type of EncryptedData is not Element"));
        }
        let cipher = content_cipher(method(data)?)?;
        let wrapped_keys = wrapped_keys(&encrypted_keys(wrapper, data)?)?;
        Ok(Self { cipher, wrapped_keys, content: cipher_value(data)? })
    }
}

const fn malformed(what: &'static str) -> DecryptionRefusal {
    DecryptionRefusal::Malformed(what)
}

/// The one child of this name.
fn child<'d>(parent: Element<'d>, namespace: &str, name: &str) -> Read<Option<Element<'d>>> {
    parent.only_child(namespace, name).map_err(|_| malformed("an element is repeated"))
}

fn method(of: Element<'_>) -> Read<Element<'_>> {
    child(of, ns::XENC, "EncryptionMethod")?.ok_or(malformed("EncryptionMethod is missing"))
}

fn algorithm(method: Element<'_>) -> Read<&str> {
    method.attribute("Algorithm").ok_or(malformed("an Algorithm attribute is missing"))
}

fn refused(role: &'static str, uri: &str, expected: &'static str) -> DecryptionRefusal {
    let known = REFUSED.into_iter().find(|(known, _)| *known == uri);
    let found = Excerpt::of(known.map_or(uri, |(_, name)| name));
    DecryptionRefusal::Algorithm { role, found, expected }
}

fn content_cipher(method: Element<'_>) -> Read<ContentCipher> {
    let uri = algorithm(method)?;
    let cipher =
        ContentCipher::from_uri(uri).ok_or_else(|| refused("content encryption", uri, CONTENT_EXPECTED))?;
    match child(method, ns::XENC, "KeySize")? {
        Some(size) if text(size)?.trim() != (cipher.key_octets() * 8).to_string() => {
            Err(malformed("KeySize is not that of the algorithm"))
        }
        _ => Ok(cipher),
    }
}

/// The encrypted keys to choose from: those that a `RetrievalMethod` names, or all there are, inside `KeyInfo` and beside
/// the data.
fn encrypted_keys<'d>(wrapper: Element<'d>, data: Element<'d>) -> Read<SmallVec<[Element<'d>; 2]>> {
    let info = child(data, ns::DS, "KeyInfo")?;
    let in_info = |namespace: &'static str, name: &'static str| {
        info.into_iter().flat_map(Element::elements).filter(move |element| element.is(namespace, name))
    };
    let mut named: SmallVec<[&str; 2]> = SmallVec::new();
    for retrieval in in_info(ns::DS, "RetrievalMethod") {
        named.push(retrieved_id(retrieval)?);
    }
    let is_named =
        |key: &Element<'_>| named.is_empty() || key.attribute("Id").is_some_and(|id| named.contains(&id));
    let beside = wrapper.elements().skip(1).filter(is_named);
    let inside = in_info(ns::XENC, "EncryptedKey").filter(|_| named.is_empty());
    let found: SmallVec<[Element<'d>; 2]> = inside.chain(beside).collect();
    match found.len() {
        0 => Err(malformed("there is no EncryptedKey")),
        1..=MOST_KEYS => Ok(found),
        found => Err(DecryptionRefusal::EncryptedKeys { found, most: MOST_KEYS }),
    }
}

/// What the keys hold, each once. Other recipients may use algorithms that we do not; when all do, that is the refusal.
fn wrapped_keys<'d>(keys: &[Element<'d>]) -> Read<SmallVec<[WrappedKey<'d>; 2]>> {
    let mut found: SmallVec<[WrappedKey<'d>; 2]> = SmallVec::new();
    let mut refused = None;
    for key in keys {
        match method(*key).and_then(key_transport) {
            Ok(transport) => {
                let wrapped =
                    WrappedKey { transport, value: cipher_value(*key)?, recipient: recipient(*key) };
                match found.iter_mut().find(|known| known.same(&wrapped)) {
                    Some(known) => known.recipient = known.recipient.take().or(wrapped.recipient),
                    None => found.push(wrapped),
                }
            }
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    match refused {
        Some(refusal) if found.is_empty() => Err(refusal),
        _ => Ok(found),
    }
}

/// What names the recipient, of what can be recognised without more than the key: the first certificate, or the key's own
/// numbers. It only says which key is tried first, so nothing about it is refused.
fn recipient<'d>(key: Element<'d>) -> Option<Cow<'d, str>> {
    let inside = |parent: Element<'d>, name| parent.elements().find(|element| element.is(ns::DS, name));
    let info = inside(key, "KeyInfo")?;
    let certificate = || inside(inside(info, "X509Data")?, "X509Certificate");
    let modulus = || inside(inside(inside(info, "KeyValue")?, "RSAKeyValue")?, "Modulus");
    certificate().or_else(modulus)?.text().ok().filter(|text| text.len() <= MOST_RECIPIENT)
}

/// Only the same document is looked at, and nothing is computed on the way (XML-Enc 1.1 section 3.5.3).
fn retrieved_id(retrieval: Element<'_>) -> Read<&str> {
    if retrieval.attribute("Type").is_some_and(|kind| kind != ENCRYPTED_KEY)
        || retrieval.elements().next().is_some()
    {
        return Err(malformed("RetrievalMethod must point to an EncryptedKey without transforms"));
    }
    let id = retrieval.attribute("URI").and_then(|uri| uri.strip_prefix('#')).filter(|id| !id.is_empty());
    id.ok_or(malformed("RetrievalMethod must point to an Id of the same document"))
}

fn key_transport(method: Element<'_>) -> Read<KeyTransport> {
    let uri = algorithm(method)?;
    if !matches!(uri, RSA_OAEP_MGF1P | RSA_OAEP) {
        return Err(refused("key transport", uri, TRANSPORT_EXPECTED));
    }
    let digest = match child(method, ns::DS, "DigestMethod")? {
        None => DigestAlgorithm::Sha1,
        Some(element) => {
            let uri = algorithm(element)?;
            DigestAlgorithm::from_uri(uri).ok_or_else(|| refused("RSA-OAEP digest", uri, DIGEST_EXPECTED))?
        }
    };
    let mask = match child(method, ns::XENC11, "MGF")? {
        None => DigestAlgorithm::Sha1,
        Some(element) => mask(algorithm(element)?)?,
    };
    if uri == RSA_OAEP_MGF1P && mask != DigestAlgorithm::Sha1 {
        return Err(malformed("rsa-oaep-mgf1p has MGF1 with SHA-1 and no other"));
    }
    let label = match child(method, ns::XENC, "OAEPparams")? {
        None => Vec::new(),
        Some(element) => b64::decode(&text(element)?).ok_or(malformed("OAEPparams is not base64"))?,
    };
    Ok(KeyTransport { digest, mask, label })
}

/// The digest of a mask generation function (XML-Enc 1.1 section 5.5.2).
fn mask(uri: &str) -> Read<DigestAlgorithm> {
    Ok(match uri {
        "http://www.w3.org/2009/xmlenc11#mgf1sha1" => DigestAlgorithm::Sha1,
        "http://www.w3.org/2009/xmlenc11#mgf1sha256" => DigestAlgorithm::Sha256,
        "http://www.w3.org/2009/xmlenc11#mgf1sha384" => DigestAlgorithm::Sha384,
        "http://www.w3.org/2009/xmlenc11#mgf1sha512" => DigestAlgorithm::Sha512,
        _ => return Err(refused("mask generation", uri, MASK_EXPECTED)),
    })
}

/// The base64 in the message itself. A `CipherReference` would have us fetch something.
fn cipher_value(of: Element<'_>) -> Read<Cow<'_, str>> {
    let data = child(of, ns::XENC, "CipherData")?.ok_or(malformed("CipherData is missing"))?;
    let value = child(data, ns::XENC, "CipherValue")?.ok_or(malformed("CipherData holds no CipherValue"))?;
    if data.elements().count() != 1 {
        return Err(malformed("CipherData holds more than its CipherValue"));
    }
    text(value)
}

fn text(element: Element<'_>) -> Read<Cow<'_, str>> {
    element.text().map_err(|_| malformed("a value holds elements"))
}
