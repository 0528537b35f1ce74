//! As much DER (X.690) as it takes to tell keys apart and to put one envelope around another. Certificates are read by
//! a parser of their own.

use zeroize::Zeroizing;

use super::certificate_error::Found;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The attributes of a certificate request (RFC 2986 section 4.1).
const ATTRIBUTES: u8 = 0xa0;

/// `rsaEncryption` (RFC 8017 appendix C).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `signedData` (RFC 2315 section 14).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The values of a constructed type, read one after another.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next value: its tag and its content. Definite lengths of at most three octets, which is 16 MiB.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x83 => {
                let (octets, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                (octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }

    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    fn sequence(&mut self) -> Option<Self> {
        self.take(SEQUENCE).map(Self)
    }

    fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// A private key that is RSA.
pub(super) enum RsaEnvelope<'a> {
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    Pkcs1(&'a [u8]),
    /// The `RSAPrivateKey` inside `PrivateKeyInfo` (RFC 5208 section 5).
    Pkcs8(&'a [u8]),
}

/// The RSA private key that `octets` are, with nothing after it, or what they are instead.
pub(super) fn rsa_private_key(octets: &[u8]) -> Result<RsaEnvelope<'_>, Option<Found>> {
    let mut outer = Reader(octets);
    let mut fields = outer.sequence().ok_or(None)?;
    if !outer.is_empty() {
        return Err(None);
    }
    let integers = |mut fields: Reader<'_>| (0..9).all(|_| fields.take(INTEGER).is_some());
    if integers(fields) {
        return Ok(RsaEnvelope::Pkcs1(octets));
    }
    fields.take(INTEGER).ok_or_else(|| recognise(octets))?;
    let mut algorithm = fields.sequence().ok_or_else(|| recognise(octets))?;
    match algorithm.take(OID) {
        Some(RSA_ENCRYPTION) => fields.take(OCTET_STRING).map(RsaEnvelope::Pkcs8).ok_or(None),
        _ => Err(recognise(octets)),
    }
}

/// What `octets` are, by the tags they begin with. Says nothing about whether they are well made.
pub(super) fn recognise(octets: &[u8]) -> Option<Found> {
    let mut fields = Reader(octets).sequence()?;
    let (tag, content) = fields.next()?;
    let (next_tag, next) = fields.next()?;
    match (tag, next_tag) {
        (OID, _) => (content == SIGNED_DATA).then_some(Found::Pkcs7),
        (INTEGER, INTEGER) => Some(Found::PrivateKey),
        (INTEGER, OCTET_STRING) => Some(Found::EcPrivateKey),
        (INTEGER, SEQUENCE) => Some(private_key_info(next)),
        (SEQUENCE, OCTET_STRING) => Some(Found::EncryptedPrivateKey),
        (SEQUENCE, BIT_STRING) => Some(Found::PublicKey),
        (SEQUENCE, SEQUENCE) => Some(signed(content)),
        _ => None,
    }
}

fn private_key_info(algorithm: &[u8]) -> Found {
    match Reader(algorithm).take(OID) {
        Some(RSA_ENCRYPTION) => Found::PrivateKey,
        Some(EC_PUBLIC_KEY) => Found::EcPrivateKey,
        _ => Found::OtherPrivateKey,
    }
}

/// Certificates, requests and revocation lists are all `SIGNED`: a request ends after its key and attributes, and a
/// revocation list has a time where a certificate has its validity.
fn signed(content: &[u8]) -> Found {
    let mut fields = Reader(content);
    let mut tag = || fields.next().map(|(tag, _)| tag);
    match (tag(), tag(), tag(), tag()) {
        (Some(INTEGER), Some(SEQUENCE), Some(SEQUENCE), None | Some(ATTRIBUTES)) => Found::CertificateRequest,
        (Some(INTEGER), Some(SEQUENCE), Some(SEQUENCE), Some(UTC_TIME | GENERALIZED_TIME)) => {
            Found::RevocationList
        }
        _ => Found::Certificate,
    }
}

/// The numbers of an `RSAPrivateKey` (RFC 8017 appendix A.1.2), without leading zeros.
pub(super) struct RsaNumbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) public_exponent: &'a [u8],
    pub(super) private_exponent: &'a [u8],
    pub(super) prime1: &'a [u8],
    pub(super) prime2: &'a [u8],
    pub(super) exponent1: &'a [u8],
    pub(super) exponent2: &'a [u8],
    pub(super) coefficient: &'a [u8],
}

/// The numbers of an `RSAPrivateKey`.
pub(super) fn rsa_numbers(pkcs1: &[u8]) -> Option<RsaNumbers<'_>> {
    let mut fields = Reader(pkcs1).sequence()?;
    fields.take(INTEGER)?;
    let mut number = || fields.take(INTEGER).map(significant);
    Some(RsaNumbers {
        modulus: number()?,
        public_exponent: number()?,
        private_exponent: number()?,
        prime1: number()?,
        prime2: number()?,
        exponent1: number()?,
        exponent2: number()?,
        coefficient: number()?,
    })
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// The bits of a number written in octets, leading zeros left out.
pub(super) fn bits(number: &[u8]) -> usize {
    let digits = significant(number);
    let unused = digits.first().map_or(0, |first| first.leading_zeros() as usize);
    (digits.len() * 8).saturating_sub(unused)
}

/// `PrivateKeyInfo` around an `RSAPrivateKey`.
pub(super) fn pkcs8_of(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let algorithm = value(SEQUENCE, &[value(OID, RSA_ENCRYPTION).as_slice(), &[NULL, 0]].concat());
    let key = value(OCTET_STRING, pkcs1);
    let version = [INTEGER, 1, 0];
    value(SEQUENCE, &Zeroizing::new([version.as_slice(), &algorithm, &key].concat()))
}

fn value(tag: u8, content: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = content.len().to_be_bytes();
    let digits = length.iter().skip_while(|octet| **octet == 0).copied();
    let mut octets = Zeroizing::new(Vec::with_capacity(content.len() + 2 + length.len()));
    octets.push(tag);
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7f) => octets.push(short),
        _ => {
            octets.push(0x80 | u8::try_from(digits.clone().count()).unwrap_or_default());
            octets.extend(digits);
        }
    }
    octets.extend_from_slice(content);
    octets
}
