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
        /// An administrator of a customer opens a link into the set-up portal.
        SetUp = "set_up",
        /// Something of a customer's sign-in ends, and their administrator gives what takes its place.
        Ending = "ending",
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
    /// When what it is about ends, where it is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
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

/// Most characters of a name in a message.
const MOST_NAME_CHARS: usize = 64;

/// The name of a person or an organization as it stands in a message. Whoever founds an organization or invites people chooses
/// it, and the message is read as the product's own: it is one short line, says nothing in another order than it is written
/// in, and leads nowhere.
#[must_use]
pub fn name_in_message(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !c.is_control() && !is_unseen(*c)).collect();
    let words = seen.split_whitespace().map(|word| if is_link(word) { "…" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_NAME_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// What mail programs make something to be clicked of: an address with a way in front of or behind its host.
fn is_link(word: &str) -> bool {
    let has_path = word.split_once('/').is_some_and(|(host, _)| host.contains('.'));
    let word = word.to_ascii_lowercase();
    word.contains("://") || word.starts_with("www.") || word.starts_with("mailto:") || has_path
}

/// Characters that order or hide others and are not seen themselves. Those that join letters are left: words of several
/// languages need them.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
            ends_at: None,
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
    fn a_name_in_a_message_is_a_name() {
        for (given, shown) in [
            ("Acme & Söhne", "Acme & Söhne"),
            ("acme.test", "acme.test"),
            ("AC/DC St. John's", "AC/DC St. John's"),
            ("شرکت می\u{200c}خواهم", "شرکت می\u{200c}خواهم"),
            ("Pay https://evil.test/x now", "Pay … now"),
            ("evil.test/login www.evil.test MAILTO:x@y", "… … …"),
            ("a\u{202e}b\u{2066}c\u{feff}", "abc"),
            ("a\u{2028}b \r\n\t c", "ab c"),
            ("", ""),
        ] {
            assert_eq!(name_in_message(given), shown, "{given:?}");
        }
        let long = name_in_message(&"ü".repeat(200));
        assert_eq!(long, format!("{}…", "ü".repeat(64)));
    }

    #[test]
    fn tries_are_further_and_further_apart() {
        let seconds: Vec<i64> = [0, 1, 2, 3, 9, 10, 1000].map(|tries| back_off(tries).millis() / 1000).into();
        assert_eq!(seconds, [10, 10, 20, 40, 2560, 3600, 3600]);
    }
}
