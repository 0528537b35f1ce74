//! Stamps: what we give somebody to keep for us, and know again. HMAC-SHA-256 (RFC 2104) under a key that is derived from a
//! data key, so that every node of a store knows the stamps of the others, and nobody else can make one.

use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use vestibule_domain::Time;
use vestibule_domain::time::Span;

use crate::error::StoreError;
use crate::vault::Vault;

/// The bytes of a whole stamp.
pub(crate) const STAMP_BYTES: usize = 32;
/// The fewest bytes that tell a stamp from a guess: 96 bits.
const FEWEST_BYTES: usize = 12;
const DERIVED_FOR: &[u8] = b"stamps of what others keep, 1";
/// How often a stamp that no data key of ours made is a reason to ask the store for new ones: whoever brings false stamps
/// costs no more.
const ASKING: Span = Span::seconds(1);

/// What a stamp is made over: what it is for, and the parts. Each is preceded by its length, so that no two run together.
#[derive(Clone, Copy, Debug)]
pub struct Stamped<'a> {
    /// What it is for.
    pub purpose: &'a str,
    /// The parts.
    pub parts: &'a [&'a [u8]],
}

impl Stamped<'_> {
    fn under(&self, key: &hmac::Key) -> hmac::Tag {
        let mut context = hmac::Context::with_key(key);
        for part in std::iter::once(self.purpose.as_bytes()).chain(self.parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign()
    }
}

/// When the store was last asked for data keys because of a stamp.
#[derive(Debug, Default)]
pub(crate) struct LastAsked(AtomicI64);

/// The key that stamps for a data key.
pub(crate) fn key_of(data_key: &[u8; 32]) -> hmac::Key {
    let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, data_key), DERIVED_FOR);
    hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
}

impl Vault {
    /// The stamp of something, by the data key that seals now. Its beginning, of 96 bits or more, is a stamp too.
    #[must_use]
    pub fn stamp(&self, of: Stamped<'_>) -> [u8; STAMP_BYTES] {
        let tag = of.under(self.active().stamps());
        let mut bytes = [0; STAMP_BYTES];
        bytes.iter_mut().zip(tag.as_ref()).for_each(|(byte, made)| *byte = *made);
        bytes
    }

    /// Whether one of the data keys that are loaded made this stamp. Compared in constant time.
    #[must_use]
    pub fn is_stamp(&self, tag: &[u8], of: Stamped<'_>) -> bool {
        let is_by = |key: &hmac::Key| {
            of.under(key)
                .as_ref()
                .get(..tag.len())
                .is_some_and(|made| verify_slices_are_equal(made, tag).is_ok())
        };
        tag.len() >= FEWEST_BYTES && self.keys().iter().any(|key| is_by(key.stamps()))
    }

    /// Whether a stamp is found to be one of ours, with the data keys of now or with those that another node has made since.
    ///
    /// # Errors
    /// As for [`Vault::reload`].
    pub async fn recognizes(&self, now: Time, is_ours: impl Fn() -> bool) -> Result<bool, StoreError> {
        Ok(is_ours() || (self.look_for_stamps(now).await? && is_ours()))
    }

    /// Loads the data keys that another node may have made meanwhile, because a stamp is not known: at most once a second.
    /// Whether it did.
    async fn look_for_stamps(&self, now: Time) -> Result<bool, StoreError> {
        let (LastAsked(last), now_at) = (self.last_asked(), now.millis());
        let before = last.load(Ordering::Relaxed);
        let is_due = Time::from_millis(before).plus(ASKING) <= now || before > now_at;
        if !is_due || last.compare_exchange(before, now_at, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return Ok(false);
        }
        self.reload().await.map(|()| true)
    }
}
