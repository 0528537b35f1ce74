//! Codes by text message.

use serde::{Deserialize, Serialize};

use super::totp::DIGITS;
use crate::entropy::{Entropy, bytes};
use crate::id::{MemberId, OrganizationId, ProjectId};
use crate::secret::Secret;
use crate::time::{Span, Time};

/// How long a code may be used. Messages are sometimes late.
pub const CODE_LIFETIME: Span = Span::minutes(5);
/// Numbers below this are drawn; the rest of what four bytes hold would make some codes likelier than others.
const FAIR: u32 = 4_294_000_000;

/// A code that was sent and may be used once. There is one a member: another one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsCode {
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// Where it was sent to.
    pub phone_number: String,
    /// The code under a key that is not in the database.
    pub stamp: String,
    /// Until when it may be used.
    pub expires_at: Time,
}

/// Draws a code of six digits, each as likely as any other.
#[must_use]
pub fn draw_code(entropy: &dyn Entropy) -> Secret {
    loop {
        let number = u32::from_be_bytes(bytes::<4>(entropy));
        if number < FAIR {
            return Secret::from(format!("{:0width$}", number % 1_000_000, width = DIGITS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[test]
    fn codes_have_six_digits_and_unfair_numbers_are_drawn_anew() {
        struct Falling(AtomicU8);
        impl Entropy for Falling {
            fn fill(&self, out: &mut [u8]) {
                out.fill(self.0.fetch_sub(0xff, Ordering::Relaxed));
            }
        }
        // 0xffffffff is beyond, 0x00000000 is the next.
        assert_eq!(draw_code(&Falling(AtomicU8::new(0xff))).expose(), "000000");
        assert_eq!(draw_code(&Falling(AtomicU8::new(0x01))).expose(), "843009");
    }
}
