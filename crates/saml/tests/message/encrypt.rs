//! XML encryption by the primitives: RSA-OAEP with SHA-1 around AES, as providers do by default.

use std::sync::LazyLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vestibule_saml::key::DecryptionKeys;

/// The service's key.
pub(crate) static SERVICE: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
/// It as the service has it.
pub(crate) static KEYS: LazyLock<DecryptionKeys> =
    LazyLock::new(|| DecryptionKeys::new([&super::private_key(&SERVICE)]).unwrap());

/// How the content is encrypted.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Content {
    Aes128Cbc,
    Aes256Gcm,
}

/// An `EncryptedAssertion` of `plaintext`.
pub(crate) fn element(plaintext: &str, content: Content) -> String {
    let (algorithm, key, octets) = match content {
        Content::Aes128Cbc => ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", vec![7; 16], cbc(plaintext)),
        Content::Aes256Gcm => ("http://www.w3.org/2009/xmlenc11#aes256-gcm", vec![7; 32], gcm(plaintext)),
    };
    let (key, octets) = (STANDARD.encode(wrap(&key)), STANDARD.encode(octets));
    format!(
        concat!(
            r#"<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">"#,
            r#"<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
            r#"Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{}">"#,
            r#"</xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
            r#"<xenc:EncryptedKey><xenc:EncryptionMethod "#,
            r#"Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><ds:DigestMethod "#,
            r#"Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></ds:DigestMethod></xenc:EncryptionMethod>"#,
            "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>",
            "</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>",
            "</xenc:EncryptedData></saml:EncryptedAssertion>",
        ),
        algorithm, key, octets
    )
}

fn wrap(key: &[u8]) -> Vec<u8> {
    let public: PublicKeyX509Der<'_> = SERVICE.public_key().as_der().unwrap();
    let public = PublicEncryptingKey::from_der(public.as_ref()).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut wrapped = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA1_MGF1SHA1, key, &mut wrapped, None).unwrap();
    wrapped
}

fn gcm(plaintext: &str) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap());
    let mut octets = plaintext.as_bytes().to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key([9; 12]), Aad::empty(), &mut octets).unwrap();
    [[9; 12].as_slice(), &octets].concat()
}

fn cbc(plaintext: &str) -> Vec<u8> {
    let key = UnboundCipherKey::new(&AES_128, &[7; 16]).unwrap();
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
    let mut octets = plaintext.as_bytes().to_vec();
    let context = aws_lc_rs::cipher::EncryptionContext::Iv128(FixedLength::from([9; 16]));
    key.less_safe_encrypt(&mut octets, context).unwrap();
    [[9; 16].as_slice(), &octets].concat()
}
