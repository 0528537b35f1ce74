//! Messages to people: what is said to whom, by which channel, and until when it is worth saying. What is in one lets
//! somebody in, so none of it prints.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::id::{MessageId, ProjectId};
use crate::refusal::Channel;
use crate::spelled::spelled;
use crate::time::{Span, Time};

spelled! {
    /// What a message is for.
    #[derive(Hash)]
    pub enum Purpose {
        /// A member signs in.
        Login = "login",
        /// Somebody becomes a member.
        Signup = "signup",
        /// Somebody is invited to become a member.
        Invite = "invite",
        /// Somebody looks for their organizations.
        Discovery = "discovery",
        /// A member proves that an address is theirs.
        Address = "address",
        /// A member proves a second factor.
        SecondFactor = "second_factor",
    }
}

/// To whom.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", content = "address", rename_all = "snake_case")]
pub enum Recipient {
    /// By e-mail.
    Email(EmailAddress),
    /// By SMS, to a number in E.164 form.
    Sms(String),
}

impl Recipient {
    /// How it is reached.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Sms(_) => Channel::Sms,
        }
    }

    /// The address or number itself. Callers are the places to review: it is somebody's.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Sms(number) => number,
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[recipient by {}]", self.channel().as_str())
    }
}

/// What whoever reads the message goes on with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", content = "value", rename_all = "snake_case")]
pub enum Means {
    /// They follow a link.
    Link(String),
    /// They type a code.
    Code(String),
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Link(_) => "[link]",
            Self::Code(_) => "[code]",
        })
    }
}

/// One message, as values: its words are found when it is delivered.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The id, the same at every try.
    pub id: MessageId,
    /// The project that says it.
    pub project_id: ProjectId,
    /// What it is for.
    pub purpose: Purpose,
    /// Everything that is sealed.
    pub letter: Letter,
    /// When it was asked for.
    pub created_at: Time,
    /// When it is worth nothing any more. It is not delivered after that.
    pub expires_at: Time,
}

/// What a message says, to whom. Sealed where it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// To whom.
    pub to: Recipient,
    /// What they go on with.
    pub means: Means,
    /// What it leads to, as people call it: an organization or a product.
    pub place: String,
    /// Who invites them, as people call them; `""` where nobody does or is known.
    #[serde(default)]
    pub invited_by: String,
    /// The language, as a tag (RFC 5646); one that has no words is English.
    #[serde(default)]
    pub language: String,
}

/// Without its letter.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} by {}: {}]", self.purpose.as_str(), self.letter.to.channel().as_str(), self.id)
    }
}

/// How long until the next try of a message that could not be delivered, after so many tries: ten seconds at first, then
/// longer, an hour at most. A link that is good for an hour gets about eight tries, one that is good for a week some 170.
#[must_use]
pub fn back_off(tries: i64) -> Span {
    const FIRST: i64 = 10;
    const MOST: i64 = 3600;
    let doublings = u32::try_from(tries.saturating_sub(1).clamp(0, 16)).unwrap_or(16);
    Span::seconds(FIRST.saturating_mul(2_i64.saturating_pow(doublings)).min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_letter_prints() {
        let letter = Letter {
            to: Recipient::Email(EmailAddress::parse("ada@acme.test").unwrap()),
            means: Means::Code("424242".to_owned()),
            place: "Acme".to_owned(),
            invited_by: String::new(),
            language: "de".to_owned(),
        };
        let printed = format!("{letter:?}");
        assert!(!printed.contains("ada") && !printed.contains("424242"), "{printed}");
        let kept = serde_json::to_string(&letter).unwrap();
        assert_eq!(serde_json::from_str::<Letter>(&kept).unwrap(), letter);
        let sms = Recipient::Sms("+15555550123".to_owned());
        assert_eq!(format!("{sms:?} {:?}", Means::Link("https://x".into())), "[recipient by sms] [link]");
    }

    #[test]
    fn tries_are_further_and_further_apart() {
        let seconds: Vec<i64> = [0, 1, 2, 3, 9, 10, 1000].map(|tries| back_off(tries).millis() / 1000).into();
        assert_eq!(seconds, [10, 10, 20, 40, 2560, 3600, 3600]);
    }
}
