//! An encrypter of its own for tests: XML-Enc written as text over the primitives of the cryptography library.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::digest::Algorithm;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, OaepAlgorithm, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_bigint::BoxedUint;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use vestibule_saml::key::RsaPrivateKey;

pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(crate) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// Names of the content algorithms, with the octets of their keys.
pub(crate) const CONTENT: [(&str, usize); 6] = [
    ("http://www.w3.org/2009/xmlenc11#aes128-gcm", 16),
    ("http://www.w3.org/2009/xmlenc11#aes192-gcm", 24),
    ("http://www.w3.org/2009/xmlenc11#aes256-gcm", 32),
    ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", 16),
    ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", 24),
    ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", 32),
];

/// RSA-OAEP with its digests by their names in URIs, and the `EncryptionMethod` that says so.
pub(crate) struct Transport {
    pub(crate) algorithm: &'static OaepAlgorithm,
    pub(crate) method: String,
}

pub(crate) fn transports() -> Vec<Transport> {
    let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    let all: [(&'static OaepAlgorithm, &str, &str); 4] = [
        (&OAEP_SHA1_MGF1SHA1, sha1, "mgf1sha1"),
        (&OAEP_SHA256_MGF1SHA256, "http://www.w3.org/2001/04/xmlenc#sha256", "mgf1sha256"),
        (&OAEP_SHA384_MGF1SHA384, "http://www.w3.org/2001/04/xmldsig-more#sha384", "mgf1sha384"),
        (&OAEP_SHA512_MGF1SHA512, "http://www.w3.org/2001/04/xmlenc#sha512", "mgf1sha512"),
    ];
    let mut transports: Vec<_> = all
        .into_iter()
        .map(|(algorithm, digest, mask)| Transport {
            algorithm,
            method: oaep(digest, &format!("{XENC11}{mask}")),
        })
        .collect();
    let mgf1p = |inside: &str| {
        format!("<x:EncryptionMethod Algorithm=\"{XENC}rsa-oaep-mgf1p\">{inside}</x:EncryptionMethod>")
    };
    let named = format!("<d:DigestMethod Algorithm=\"{sha1}\"/>");
    for method in [mgf1p(""), mgf1p(&named), format!("<x:EncryptionMethod Algorithm=\"{XENC11}rsa-oaep\"/>")]
    {
        transports.push(Transport { algorithm: &OAEP_SHA1_MGF1SHA1, method });
    }
    transports
}

/// `EncryptionMethod` of `xmlenc11#rsa-oaep` with both digests named.
pub(crate) fn oaep(digest: &str, mask: &str) -> String {
    let digest = format!("<d:DigestMethod Algorithm=\"{digest}\"/>");
    let mask = format!("<m:MGF xmlns:m=\"{XENC11}\" Algorithm=\"{mask}\"/>");
    format!("<x:EncryptionMethod Algorithm=\"{XENC11}rsa-oaep\">{digest}{mask}</x:EncryptionMethod>")
}

/// A key pair: ours to decrypt, the provider's to encrypt.
pub(crate) struct Pair {
    pub(crate) private: RsaPrivateKey,
    pub(crate) public: PublicEncryptingKey,
    pkcs8: Pkcs8V1Der<'static>,
}

impl Pair {
    pub(crate) fn generate() -> Self {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'static> = key.as_der().unwrap();
        Self { private: RsaPrivateKey::from_der(der.as_ref()).unwrap(), public: key.public_key(), pkcs8: der }
    }

    /// What both halves have.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        let pair = KeyPair::from_pkcs8(self.pkcs8.as_ref()).unwrap();
        pair.public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    /// A content key under RSA-OAEP with one digest for the label and another one for the mask (RFC 8017 section 7.1.1),
    /// which the library does not have.
    pub(crate) fn wrap_mixed(
        &self,
        digest: &'static Algorithm,
        mask: &'static Algorithm,
        key: &[u8],
    ) -> Vec<u8> {
        let modulus = self.modulus();
        let zeros = modulus.len() - 2 * digest.output_len() - 2 - key.len();
        let mut seed = vec![0xd1; digest.output_len()];
        let label = aws_lc_rs::digest::digest(digest, b"");
        let mut data = [label.as_ref(), &vec![0; zeros], &[1], key].concat();
        xor_mask(mask, &seed, &mut data);
        xor_mask(mask, &data, &mut seed);
        let encoded = [[0].as_slice(), &seed, &data].concat();
        let bits = u32::try_from(modulus.len() * 8).unwrap();
        let number = |octets: &[u8]| BoxedUint::from_be_slice(octets, bits).unwrap();
        let modulus = BoxedMontyParams::new_vartime(number(&modulus).to_odd().unwrap());
        BoxedMontyForm::new(number(&encoded), modulus)
            .pow(&number(&[1, 0, 1]))
            .retrieve()
            .to_be_bytes()
            .into_vec()
    }

    /// A content key under RSA-OAEP.
    pub(crate) fn wrap(
        &self,
        algorithm: &'static OaepAlgorithm,
        key: &[u8],
        label: Option<&[u8]>,
    ) -> Vec<u8> {
        let public = OaepPublicEncryptingKey::new(self.public.clone()).unwrap();
        let mut output = vec![0; public.ciphertext_size()];
        public.encrypt(algorithm, key, &mut output, label).unwrap().to_vec()
    }
}

fn xor_mask(digest: &'static Algorithm, seed: &[u8], target: &mut [u8]) {
    let block = |counter: u32| aws_lc_rs::digest::digest(digest, &[seed, &counter.to_be_bytes()].concat());
    let mask: Vec<u8> = (0..20).flat_map(|counter| block(counter).as_ref().to_vec()).collect();
    target.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
}

/// The content under the algorithm of this name.
pub(crate) fn seal(algorithm: &str, key: &[u8], content: &[u8]) -> Vec<u8> {
    if algorithm.ends_with("gcm") { gcm(key, content) } else { cbc(key, &padded(content)) }
}

pub(crate) fn gcm(key: &[u8], content: &[u8]) -> Vec<u8> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        24 => &AES_192_GCM,
        _ => &AES_256_GCM,
    };
    let iv = [0x3c; 12];
    let mut sealed = content.to_vec();
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut sealed).unwrap();
    [iv.as_slice(), &sealed].concat()
}

/// Padding of XML-Enc: how many octets, and anything before.
pub(crate) fn padded(content: &[u8]) -> Vec<u8> {
    let count = 16 - content.len() % 16;
    let mut padded = content.to_vec();
    padded.extend(std::iter::repeat_n(0xee, count - 1));
    padded.push(u8::try_from(count).unwrap());
    padded
}

/// Whole blocks under CBC without any padding of its own.
pub(crate) fn cbc(key: &[u8], blocks: &[u8]) -> Vec<u8> {
    let algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        _ => &AES_256,
    };
    let iv = [0x5a; 16];
    let mut sealed = blocks.to_vec();
    let key = EncryptingKey::cbc(UnboundCipherKey::new(algorithm, key).unwrap()).unwrap();
    key.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(&iv))).unwrap();
    [iv.as_slice(), &sealed].concat()
}

pub(crate) fn content_method(algorithm: &str) -> String {
    format!("<x:EncryptionMethod Algorithm=\"{algorithm}\"/>")
}

pub(crate) fn cipher_data(octets: &[u8]) -> String {
    format!("<x:CipherData><x:CipherValue>\n{}\n</x:CipherValue></x:CipherData>", STANDARD.encode(octets))
}

pub(crate) fn encrypted_key(id: &str, method: &str, wrapped: &[u8]) -> String {
    let recipient = "<d:KeyInfo><d:KeyName>sp</d:KeyName></d:KeyInfo>";
    format!("<x:EncryptedKey Id=\"{id}\">{method}{recipient}{}</x:EncryptedKey>", cipher_data(wrapped))
}

/// `EncryptedData` with `info` in its `KeyInfo`.
pub(crate) fn encrypted_data(method: &str, info: &str, sealed: &[u8]) -> String {
    let info = if info.is_empty() { String::new() } else { format!("<d:KeyInfo>{info}</d:KeyInfo>") };
    format!("<x:EncryptedData Type=\"{XENC}Element\">{method}{info}{}</x:EncryptedData>", cipher_data(sealed))
}

/// `EncryptedAssertion` around `children`.
pub(crate) fn wrapper(children: &str) -> String {
    let namespaces = format!("xmlns:x=\"{XENC}\" xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"");
    format!(
        "<a:EncryptedAssertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" {namespaces}>{children}</a:EncryptedAssertion>"
    )
}
