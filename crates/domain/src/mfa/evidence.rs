//! Who may change the second factors of a member: what they have shown, against what the member has.

use crate::member::Member;
use crate::refusal::{Refusal, What};

/// By what somebody asks about the second factors of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The project's backend by itself. It vouches for whomever it asks for.
    Project,
    /// A live session of the member.
    Session {
        /// Whether a second factor was proved in it.
        second: bool,
    },
    /// A sign-in of the member that waits for its second factor: a first factor, which may be a stolen one.
    Intermediate,
}

impl Evidence {
    /// Whether a second factor may be added, or one that was begun be finished. The first one is taken on trust, because
    /// there is nothing else to hold it against. Once there is one, a further one needs it: else whoever stole the first
    /// factor would add a second of their own.
    ///
    /// # Errors
    /// [`What::SecondFactorNeeded`], saying how to go on.
    pub fn may_add_factor(self, member: &Member) -> Result<(), Refusal> {
        match self {
            Self::Project | Self::Session { second: true } => Ok(()),
            _ if !member.has_second_factor() => Ok(()),
            Self::Session { second: false } => Err(Refusal::new(What::SecondFactorNeeded).because(
                "The member has a second factor, and the session was not proved by one. Let them prove it in this session first.",
            )),
            Self::Intermediate => Err(Refusal::new(What::SecondFactorNeeded).because(
                "The member has a second factor. Let them finish the sign-in with it, and ask with their session. Where the \
                 organization does not take it any more, take it away from the member first.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::tests::member;

    const TOTP: &str = "member-totp-test-957b273b-6559-42f7-9220-194a80242cc1";

    fn allowed(member: &Member) -> Vec<bool> {
        let all = [
            Evidence::Project,
            Evidence::Session { second: true },
            Evidence::Session { second: false },
            Evidence::Intermediate,
        ];
        all.iter().map(|evidence| evidence.may_add_factor(member).is_ok()).collect()
    }

    #[test]
    fn the_first_factor_is_taken_on_trust_and_a_further_one_needs_it() {
        let mut ada = member();
        assert_eq!(allowed(&ada), [true, true, true, true]);
        // A number that nobody has proved yet protects nothing.
        ada.mfa_phone_number = "+15555550123".into();
        assert_eq!(allowed(&ada), [true, true, true, true]);
        ada.mfa_phone_number_verified = true;
        assert_eq!(allowed(&ada), [true, true, false, false]);
        let mut grace = member();
        grace.totp_id = Some(TOTP.parse().unwrap());
        assert_eq!(allowed(&grace), [true, true, false, false]);
    }
}
