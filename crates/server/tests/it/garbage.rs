//! Requests put together from pieces that once broke somebody's parser. The sequence repeats, so a failure does.

use vestibule_domain::entropy::{Entropy, bytes};
use vestibule_server::SeededEntropy;

/// What is drawn, always in the same order.
pub(crate) struct Garbage {
    chance: SeededEntropy,
}

impl Garbage {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { chance: SeededEntropy::new(seed) }
    }

    /// One of so many.
    pub(crate) fn pick(&self, count: usize) -> usize {
        usize::from(u16::from_be_bytes(bytes::<2>(&self.chance as &dyn Entropy))) % count
    }

    /// One of these.
    pub(crate) fn one_of<'a>(&self, texts: &[&'a str]) -> &'a str {
        texts[self.pick(texts.len())]
    }

    /// The body of a request: up to four fields with any of the pieces, and in one of eight an octet that is anything.
    pub(crate) fn body(&self, fields: &[&str], pieces: &[&str]) -> Vec<u8> {
        let members: Vec<String> = (0..self.pick(5))
            .map(|_| format!("\"{}\":{}", self.one_of(fields), self.one_of(pieces)))
            .collect();
        let mut body = format!("{{{}}}", members.join(",")).into_bytes();
        if self.pick(8) == 0 {
            let place = self.pick(body.len());
            body[place] = bytes::<1>(&self.chance as &dyn Entropy)[0];
        }
        body
    }
}
