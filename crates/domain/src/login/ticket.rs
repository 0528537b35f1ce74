//! What a browser keeps of its sign-in, stamped by us, so that a start has nothing to write: what it is for and whom it was
//! sent to. Short, because a browser brings it with every request; what the state says already is not said again. It holds
//! no secret but its stamp.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sent::Sent;
use super::{Purpose, ReturnTo};
use crate::connection::{CallbackAddress, Route};
use crate::id::ConnectionId;
use crate::secret::derive_bytes;

/// The longest ticket that is given to a browser, which keeps cookies of 4096 bytes with name and attributes. What does
/// not fit is stored.
pub const LONGEST: usize = 3072;
const DIGEST_BYTES: usize = 10;
const CONNECTION: &str = "connection of a ticket";
const PROVIDER: &str = "provider of a ticket";
const TEST: u8 = 0;
const TOKEN: u8 = 1;
/// Added to the purpose where the id of a borrowed connection comes first: a version that knows none reads no ticket then,
/// and does not take the sign-in for one through the lender's connection.
const THROUGH: u8 = 2;
/// Added to the purpose where a byte follows that says what the request was like, and after it, where answers come back to the
/// address that all share, the id of the connection that it was made through. A version that knows no such requests reads no
/// ticket then.
const SENT: u8 = 128;
const CHALLENGE_BYTES: usize = 32;

/// A ticket as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    connection: [u8; DIGEST_BYTES],
    provider: [u8; DIGEST_BYTES],
    /// The borrowed connection that somebody signs in through, where it is one.
    pub through: Option<ConnectionId>,
    /// What the request was like.
    pub sent: Sent,
    /// The connection that leads to the provider, where the address that answers come back to does not say it.
    pub answers_to: Option<ConnectionId>,
    /// What the sign-in is for.
    pub purpose: Purpose,
}

impl Ticket {
    /// The ticket of a sign-in on a way, which leads to some provider now.
    #[must_use]
    pub fn new(route: Route<'_>, purpose: Purpose) -> Self {
        let (id, provider) = (route.source().id.to_string(), route.source().provider());
        let sent = Sent::through(route.source());
        Self {
            sent,
            answers_to: (sent.callback == CallbackAddress::Shared).then_some(route.source().id),
            connection: digest(CONNECTION, &id),
            provider: digest(PROVIDER, provider),
            through: route.is_borrowed().then(|| route.id()),
            purpose,
        }
    }

    /// Whether it is of a sign-in that comes back to the callback of this connection.
    #[must_use]
    pub fn is_for(&self, connection: ConnectionId) -> bool {
        self.connection == digest(CONNECTION, &connection.to_string())
    }

    /// Whether the browser was sent to this provider.
    #[must_use]
    pub fn was_sent_to(&self, provider: &str) -> bool {
        self.provider == digest(PROVIDER, provider)
    }

    /// Its bytes: the digests of connection and provider, the purpose, the id of a borrowed connection, and for a token two URLs, of which the second is empty where it is
    /// the first, and the challenge. `None` where a URL is too long for any ticket.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = [self.connection, self.provider].concat();
        let purpose = match &self.purpose {
            Purpose::Test => TEST,
            Purpose::Token(_) => TOKEN,
            // What an application asks for has no bound that a cookie could hold: it is stored.
            Purpose::Authorization { .. } => return None,
            // Somebody waits for what comes of it, and looks it up: it is rare, and stored.
            Purpose::PreparedTest { .. } => return None,
        };
        let borrows = if self.through.is_some() { THROUGH } else { 0 };
        let says = if self.sent.is_usual() { 0 } else { SENT };
        bytes.push(purpose + borrows + says);
        if !self.sent.is_usual() {
            bytes.push(self.sent.to_byte());
        }
        if let Some(answers_to) = self.answers_to {
            push(&mut bytes, &answers_to.to_string())?;
        }
        if let Some(through) = self.through {
            push(&mut bytes, &through.to_string())?;
        }
        let Purpose::Token(to) = &self.purpose else { return Some(bytes) };
        let signup =
            if to.signup_redirect_url == to.login_redirect_url { "" } else { &to.signup_redirect_url };
        for url in [to.login_redirect_url.as_str(), signup] {
            push(&mut bytes, url)?;
        }
        if let Some(challenge) = &to.code_challenge {
            // A challenge of another form is one from a door that takes others: not for a ticket.
            let challenge = URL_SAFE_NO_PAD.decode(challenge).ok()?;
            bytes.extend(<[u8; CHALLENGE_BYTES]>::try_from(challenge).ok()?);
        }
        Some(bytes)
    }

    /// Reads a ticket whose stamp was good. `None` for what no version of us writes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (connection, rest) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
        let (provider, rest) = rest.split_first_chunk::<DIGEST_BYTES>()?;
        let (purpose, rest) = rest.split_first()?;
        let (purpose, sent, rest) = match purpose.checked_sub(SENT) {
            Some(purpose) => {
                let (sent, rest) = rest.split_first()?;
                (purpose, Sent::from_byte(*sent).filter(|sent| !sent.is_usual())?, rest)
            }
            None => (*purpose, Sent::default(), rest),
        };
        let (answers_to, rest) = match sent.callback {
            CallbackAddress::Shared => {
                let (id, rest) = text(rest)?;
                (Some(id.parse().ok()?), rest)
            }
            CallbackAddress::Own => (None, rest),
        };
        let (purpose, through, rest) = match purpose.checked_sub(THROUGH) {
            Some(purpose) => {
                let (id, rest) = text(rest)?;
                (purpose, Some(id.parse().ok()?), rest)
            }
            None => (purpose, None, rest),
        };
        let purpose = match (purpose, rest) {
            (TEST, []) => Purpose::Test,
            (TOKEN, rest) => {
                let (login, rest) = text(rest)?;
                let (signup, rest) = text(rest)?;
                let code_challenge = match rest {
                    [] => None,
                    rest => Some(URL_SAFE_NO_PAD.encode(<&[u8; CHALLENGE_BYTES]>::try_from(rest).ok()?)),
                };
                let signup = if signup.is_empty() { login } else { signup };
                Purpose::Token(ReturnTo {
                    login_redirect_url: login.to_owned(),
                    signup_redirect_url: signup.to_owned(),
                    code_challenge,
                })
            }
            _ => return None,
        };
        Some(Self { connection: *connection, provider: *provider, through, sent, answers_to, purpose })
    }
}

/// Enough to tell one from another: nobody but us says what stands here.
fn digest(what: &str, name: &str) -> [u8; DIGEST_BYTES] {
    derive_bytes(what, &[name])
}

fn push(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    bytes.extend(u16::try_from(text.len()).ok()?.to_be_bytes());
    bytes.extend(text.as_bytes());
    Some(())
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::super::sent::SentPkce;
    use super::*;

    const BORROWED: &str = "external-connection-test-c1d28253-20cf-404d-912f-f65b49022500";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn ticket(purpose: Purpose) -> Ticket {
        Ticket {
            connection: [7; DIGEST_BYTES],
            provider: digest(PROVIDER, "https://idp.test"),
            through: None,
            sent: Sent::default(),
            answers_to: None,
            purpose,
        }
    }

    fn to(signup: &str, code_challenge: Option<&str>) -> Purpose {
        Purpose::Token(ReturnTo {
            login_redirect_url: "https://app.test/in".to_owned(),
            signup_redirect_url: signup.to_owned(),
            code_challenge: code_challenge.map(str::to_owned),
        })
    }

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_no_other() {
        for purpose in
            [Purpose::Test, to("https://app.test/in", None), to("https://app.test/new?ü", Some(CHALLENGE))]
        {
            let usual = (Sent::default(), None);
            let plain = (Sent { pkce: SentPkce::Plain, ..Sent::default() }, None);
            let shared = Sent { callback: CallbackAddress::Shared, ..Sent::default() };
            let shared = (shared, Some(BORROWED.parse().unwrap()));
            for ((sent, answers_to), through) in [usual, plain, shared]
                .into_iter()
                .flat_map(|sent| [(sent, None), (sent, Some(BORROWED.parse().unwrap()))])
            {
                let ticket = Ticket { through, sent, answers_to, ..ticket(purpose.clone()) };
                let bytes = ticket.to_bytes().unwrap();
                assert_eq!(Ticket::from_bytes(&bytes), Some(ticket.clone()));
                assert!(ticket.was_sent_to("https://idp.test") && !ticket.was_sent_to("https://idp.test/"));
                for length in 0..bytes.len() {
                    assert_ne!(Ticket::from_bytes(&bytes[..length]), Some(ticket.clone()), "{length}");
                }
                assert_eq!(Ticket::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
            }
        }
    }

    #[test]
    fn what_a_ticket_cannot_say_is_not_written() {
        assert_eq!(ticket(to("s", Some("a challenge of another form"))).to_bytes(), None);
        assert_eq!(ticket(to(&"s".repeat(70_000), None)).to_bytes(), None);
    }
}
