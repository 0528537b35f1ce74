//! An assertion in a sealed envelope: XML-Enc with the content key inside the key information.

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SamlError;
use super::der;
use super::spec::{ContentCipher, Encryption, KeyTransport};
use super::text::{DS, SAML, XENC};
use crate::Random;

const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// The `EncryptedAssertion` that holds `assertion`.
pub(super) fn encrypted(assertion: &str, how: &Encryption, random: &Random) -> Result<String, SamlError> {
    let mut key = vec![0; how.cipher.key_length()];
    random(&mut key);
    let content = how.cipher.encrypt(&key, assertion.as_bytes(), random).ok_or(SamlError::Encryption)?;
    let wrapped = how.transport.wrap(&how.certificate, &key).ok_or(SamlError::Encryption)?;
    Ok(format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{SAML}\"><xenc:EncryptedData xmlns:xenc=\"{XENC}\" \
         Type=\"{XENC}Element\"><xenc:EncryptionMethod Algorithm=\"{cipher}\"></xenc:EncryptionMethod>\
         <ds:KeyInfo xmlns:ds=\"{DS}\"><xenc:EncryptedKey>{transport}\
         <xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>\
         </ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedData></saml:EncryptedAssertion>",
        cipher = how.cipher.uri(),
        transport = how.transport.method(),
        wrapped = STANDARD.encode(wrapped),
        content = STANDARD.encode(content),
    ))
}

impl ContentCipher {
    const fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    const fn uri(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        }
    }

    /// Initialisation vector and ciphertext, for GCM with its tag (XML-Enc 5.2.2 and 5.2.4).
    fn encrypt(self, key: &[u8], plain: &[u8], random: &Random) -> Option<Vec<u8>> {
        match self {
            Self::Aes128Cbc => cbc(&cipher::AES_128, key, plain),
            Self::Aes256Cbc => cbc(&cipher::AES_256, key, plain),
            Self::Aes128Gcm => gcm(&aead::AES_128_GCM, key, plain, random),
            Self::Aes256Gcm => gcm(&aead::AES_256_GCM, key, plain, random),
        }
    }
}

/// The padding of PKCS#7 is one of those that XML-Enc allows: only its last byte counts there.
fn cbc(algorithm: &'static cipher::Algorithm, key: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    let mut content = plain.to_vec();
    let context = PaddedBlockEncryptingKey::cbc_pkcs7(key).ok()?.encrypt(&mut content).ok()?;
    let DecryptionContext::Iv128(iv) = context else { return None };
    Some([iv.as_ref(), content.as_slice()].concat())
}

fn gcm(algorithm: &'static aead::Algorithm, key: &[u8], plain: &[u8], random: &Random) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut iv = [0; 12];
    random(&mut iv);
    let mut content = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut content).ok()?;
    Some([iv.as_slice(), content.as_slice()].concat())
}

impl KeyTransport {
    fn method(self) -> String {
        match self {
            Self::OaepSha1 => format!(
                "<xenc:EncryptionMethod Algorithm=\"{XENC}rsa-oaep-mgf1p\">\
                 <ds:DigestMethod Algorithm=\"{DS}sha1\"></ds:DigestMethod></xenc:EncryptionMethod>"
            ),
            Self::OaepSha256 => format!(
                "<xenc:EncryptionMethod Algorithm=\"{XENC11}rsa-oaep\">\
                 <ds:DigestMethod Algorithm=\"{XENC}sha256\"></ds:DigestMethod>\
                 <xenc11:MGF xmlns:xenc11=\"{XENC11}\" Algorithm=\"{XENC11}mgf1sha256\"></xenc11:MGF>\
                 </xenc:EncryptionMethod>"
            ),
        }
    }

    fn wrap(self, certificate: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let public = PublicEncryptingKey::from_der(der::public_key_of(certificate)?).ok()?;
        let public = OaepPublicEncryptingKey::new(public).ok()?;
        let algorithm = match self {
            Self::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        };
        let mut wrapped = vec![0; public.ciphertext_size()];
        Some(public.encrypt(algorithm, key, &mut wrapped, None).ok()?.to_vec())
    }
}
