//! The one source of randomness: ids, tokens and keys are made from bytes that are handed in from here.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use vestibule_domain::entropy::Entropy;

/// The operating system's generator.
///
/// Not the cryptographic library's: that one gathers its own seed from the processor's jitter at first use,
/// about 50 ms of computing, and a server that starts has better things to do (see [`warm_up`]).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            // Going on would hand out predictable tokens; there is no caller that could do better.
            std::process::abort();
        }
    }
}

/// Lets the cryptographic library gather its seed, which its signatures and TLS need, before somebody waits
/// for one. Takes tens of milliseconds of computing: call it where nothing waits.
pub(crate) fn warm_up() {
    // A library that cannot seed itself says so again, to somebody who can be told, at the first signature.
    let _ = aws_lc_rs::rand::fill(&mut [0; 32]);
}

/// A repeatable sequence, for tests that compare output: SHA-256 over a seed and a counter. Never for serving.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    block: AtomicU64,
}

impl SeededEntropy {
    /// The sequence that belongs to `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, block: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::Relaxed);
            let mut input = self.seed.to_be_bytes().to_vec();
            input.extend_from_slice(&block.to_be_bytes());
            for (byte, random) in chunk.iter_mut().zip(digest(&SHA256, &input).as_ref()) {
                *byte = *random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(source: &dyn Entropy) -> [u8; 40] {
        let mut out = [0; 40];
        source.fill(&mut out);
        out
    }

    #[test]
    fn a_seed_repeats_and_seeds_differ() {
        assert_eq!(bytes(&SeededEntropy::new(1)), bytes(&SeededEntropy::new(1)));
        assert_ne!(bytes(&SeededEntropy::new(1)), bytes(&SeededEntropy::new(2)));
        let source = SeededEntropy::new(1);
        assert_ne!(bytes(&source), bytes(&source));
    }

    #[test]
    fn the_system_source_does_not_repeat() {
        assert_ne!(bytes(&SystemEntropy), bytes(&SystemEntropy));
    }
}
