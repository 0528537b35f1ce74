//! Randomness as an argument.

/// A source of cryptographically secure random bytes. The server passes the operating system's; tests
/// pass a seeded one, so that a journey can be replayed.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes. A source that cannot deliver must not return.
    fn fill(&self, out: &mut [u8]);
}

/// Draws `N` random bytes.
#[must_use]
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut out = [0; N];
    entropy.fill(&mut out);
    out
}
