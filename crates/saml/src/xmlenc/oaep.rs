//! Taking RSA-OAEP's padding off (RFC 8017 section 7.1.2) where its two digests differ.
//!
//! The cryptography library knows OAEP with one digest for everything. Java's providers write SHA-256 with a mask of
//! SHA-1, so the padding is done here, over a private operation in fixed time. How long the message must be is known
//! from the cipher it is the key of, so nothing has to be searched for: one comparison in fixed time decides.

use aws_lc_rs::digest::Context;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::algorithm::DigestAlgorithm;

/// The message of `octets` octets in the encoded message `encoded`, which is destroyed.
pub(super) fn unpad(
    encoded: &mut [u8],
    digest: DigestAlgorithm,
    mask: DigestAlgorithm,
    label: &[u8],
    octets: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let label_digest = digest.digest(label);
    let digest_octets = label_digest.as_ref().len();
    let (first, masked) = encoded.split_first_mut()?;
    let (seed, data) = masked.split_at_mut_checked(digest_octets)?;
    apply_mask(mask, data, seed);
    apply_mask(mask, seed, data);

    let zeros = data.len().checked_sub(digest_octets + 1 + octets)?;
    let expected = [label_digest.as_ref(), &vec![0; zeros], &[1]].concat();
    let (padding, message) = data.split_at_checked(expected.len())?;
    let good = first.ct_eq(&0) & padding.ct_eq(&expected);
    bool::from(good).then(|| Zeroizing::new(message.to_vec()))
}

/// XORs MGF1 of `seed` into `target` (RFC 8017 appendix B.2.1).
fn apply_mask(digest: DigestAlgorithm, seed: &[u8], target: &mut [u8]) {
    let primitive = digest.primitive();
    for (counter, piece) in (0_u32..).zip(target.chunks_mut(primitive.output_len())) {
        let mut context = Context::new(primitive);
        context.update(seed);
        context.update(&counter.to_be_bytes());
        for (octet, mask) in piece.iter_mut().zip(context.finish().as_ref()) {
            *octet ^= mask;
        }
    }
}
