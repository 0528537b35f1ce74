//! RSA-OAEP with one digest for the label and another one for the mask (RFC 8017 section 7.1.1), as Java's providers write
//! it. The cryptography library does not have it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use crypto_bigint::BoxedUint;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};

use crate::Result;

const DIGEST: usize = 32;

/// `key` for whoever has the private half of `modulus`: SHA-256 with a mask of SHA-1.
pub(super) fn wrapped(modulus: &[u8], key: &[u8]) -> Result<Vec<u8>> {
    let zeros = modulus.len() - 2 * DIGEST - 2 - key.len();
    let mut seed = vec![0xd1; DIGEST];
    let mut data = [digest(&SHA256, b"").as_ref(), &vec![0; zeros], &[1], key].concat();
    mask(&seed, &mut data);
    mask(&data, &mut seed);
    let encoded = [[0].as_slice(), &seed, &data].concat();
    let bits = u32::try_from(modulus.len() * 8)?;
    let number = |octets: &[u8]| {
        BoxedUint::from_be_slice(octets, bits).map_err(|_| "a number is longer than its modulus")
    };
    let odd = Option::from(number(modulus)?.to_odd()).ok_or("an even modulus")?;
    let base = BoxedMontyForm::new(number(&encoded)?, BoxedMontyParams::new_vartime(odd));
    Ok(base.pow(&number(&[1, 0, 1])?).retrieve().to_be_bytes().into_vec())
}

/// XORs MGF1 with SHA-1 of `seed` into `target`.
fn mask(seed: &[u8], target: &mut [u8]) {
    for (counter, piece) in (0_u32..).zip(target.chunks_mut(SHA1_FOR_LEGACY_USE_ONLY.output_len())) {
        let mask = digest(&SHA1_FOR_LEGACY_USE_ONLY, &[seed, &counter.to_be_bytes()].concat());
        piece.iter_mut().zip(mask.as_ref()).for_each(|(octet, mask)| *octet ^= mask);
    }
}
