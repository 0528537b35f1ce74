//! Just enough DER to find one value inside another.

/// The tags that are looked at.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// One value: its tag, its content, and all its bytes.
#[derive(Clone, Copy)]
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// The first value and what follows it.
fn first(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (tag, length) = (*bytes.first()?, *bytes.get(1)?);
    let (start, length) = match length {
        short @ 0..0x80 => (2, usize::from(short)),
        long => {
            let count = usize::from(long & 0x7f);
            let digits = bytes.get(2..2 + count).filter(|digits| digits.len() <= 4)?;
            (2 + count, digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))
        }
    };
    let end = start.checked_add(length)?;
    let value = Value { tag, content: bytes.get(start..end)?, whole: bytes.get(..end)? };
    Some((value, bytes.get(end..)?))
}

fn values(mut bytes: &[u8]) -> impl Iterator<Item = Value<'_>> {
    std::iter::from_fn(move || {
        let (value, rest) = first(bytes)?;
        bytes = rest;
        Some(value)
    })
}

fn inside(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    first(bytes).filter(|(value, _)| value.tag == tag).map(|(value, _)| value.content)
}

/// The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1).
pub(super) fn public_key_of(certificate: &[u8]) -> Option<&[u8]> {
    let to_be_signed = inside(inside(certificate, SEQUENCE)?, SEQUENCE)?;
    // Version is optional; then serial number, signature, issuer, validity, subject, and the key.
    let versioned = usize::from(first(to_be_signed)?.0.tag == 0xa0);
    values(to_be_signed).nth(versioned + 5).filter(|value| value.tag == SEQUENCE).map(|value| value.whole)
}

/// Modulus and private exponent, big-endian, of an RSA key in PKCS#8 (RFC 5208, RFC 8017 appendix A.1.2).
pub(super) fn private_exponent(pkcs8: &[u8]) -> Option<(&[u8], &[u8])> {
    let key = values(inside(pkcs8, SEQUENCE)?).find(|value| value.tag == OCTET_STRING)?;
    let mut numbers = values(inside(key.content, SEQUENCE)?).filter(|value| value.tag == INTEGER).skip(1);
    let modulus = numbers.next()?.content;
    Some((modulus, numbers.nth(1)?.content))
}
