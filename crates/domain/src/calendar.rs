//! What of an organization's sign-in ends when: certificates of providers, our own, client secrets and tokens of directories whose end is
//! known. Nothing stops at the end of a certificate here (SAML metadata interoperability profile 2.6.1); providers do stop, and
//! secrets do.

use crate::connection::{EXPIRY_WARNINGS, Protocol};
use crate::directory::{Directory, DirectoryToken};
use crate::id::{ConnectionId, DirectoryId};
use crate::spelled::spelled;
use crate::time::{Span, Time};

/// How long the certificates of our own keys are valid.
pub const OWN_CERTIFICATES: Span = Span::days(3652);

spelled! {
    /// What it is that ends.
    #[derive(Hash)]
    pub enum Ends {
        /// A certificate by which the provider signs.
        ProviderCertificate = "provider_certificate",
        /// The certificate of the key by which we sign.
        SigningCertificate = "signing_certificate",
        /// The certificate of a key to which the provider encrypts.
        EncryptionCertificate = "encryption_certificate",
        /// The secret by which the provider knows us.
        ClientSecret = "client_secret",
        /// A token by which we know a directory.
        DirectoryToken = "directory_token",
    }
}

spelled! {
    /// How near an end is.
    pub enum Nearness {
        /// It has ended.
        Ended = "ended",
        /// It ends within a month: something is to be done.
        Due = "due",
        /// It ends within the time in which people are told of it.
        Soon = "soon",
        /// It ends later.
        Later = "later",
    }
}

/// Of what it is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A connection.
    Connection(ConnectionId),
    /// A directory.
    Directory(DirectoryId),
}

/// Something with an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What it is.
    pub what: Ends,
    /// Of what.
    pub of: Part,
    /// What that is called.
    pub place: String,
    /// What tells it from others of its kind: the id by which it is removed.
    pub id: String,
    /// Whom a certificate names; the last letters of a token; `""` for what has neither.
    pub subject: String,
    /// The SHA-256 of a certificate in hexadecimal; `""` for what is none, or of which it is not kept.
    pub fingerprint: String,
    /// From when it is good, where that is known.
    pub begins_at: Option<Time>,
    /// When it ends.
    pub ends_at: Time,
    /// Another of its kind stands beside it, and ends later than anybody is told of.
    pub has_successor: bool,
}

impl Ending {
    /// What is remembered of it when people are told: another secret or another end is another one.
    #[must_use]
    pub fn mark(&self) -> String {
        match self.what {
            Ends::ProviderCertificate => self.fingerprint.clone(),
            Ends::ClientSecret => format!("{} {}", self.what.as_str(), self.ends_at.millis()),
            Ends::SigningCertificate | Ends::EncryptionCertificate | Ends::DirectoryToken => self.id.clone(),
        }
    }

    /// How near the end is.
    #[must_use]
    pub fn nearness(&self, now: Time) -> Nearness {
        let within = |days| now >= self.ends_at.minus(Span::days(days));
        let [first, month, ..] = EXPIRY_WARNINGS;
        if now >= self.ends_at {
            Nearness::Ended
        } else if within(month) {
            Nearness::Due
        } else if within(first) {
            Nearness::Soon
        } else {
            Nearness::Later
        }
    }

    /// Whether somebody has to do something about it: it ends soon, and nothing takes its place.
    #[must_use]
    pub fn asks_for_something(&self, now: Time) -> bool {
        !self.has_successor && self.nearness(now) != Nearness::Later
    }
}

/// The most days before an end at which people are told of it.
fn told_before() -> Span {
    Span::days(EXPIRY_WARNINGS.into_iter().max().unwrap_or_default())
}

/// What of a connection's settings ends, the nearest first. Secrets are not looked at.
#[must_use]
pub fn of_connection(id: ConnectionId, name: &str, protocol: &Protocol, now: Time) -> Vec<Ending> {
    let ending = |what, key: String, ends_at| Ending {
        what,
        of: Part::Connection(id),
        place: name.to_owned(),
        id: key,
        subject: String::new(),
        fingerprint: String::new(),
        begins_at: None,
        ends_at,
        has_successor: false,
    };
    let mut found = Vec::new();
    match protocol {
        Protocol::Saml(settings) => {
            for one in &settings.verification_certificates {
                found.push(Ending {
                    subject: one.subject.clone(),
                    fingerprint: one.fingerprint.clone(),
                    begins_at: Some(one.not_before),
                    ..ending(Ends::ProviderCertificate, one.id.to_string(), one.expires_at)
                });
            }
            for key in &settings.signing_keys {
                // Of those from before it was kept the certificate is as old as the key.
                let was_kept = key.expires_at != Time::default();
                let end = if was_kept { key.expires_at } else { key.created_at.plus(OWN_CERTIFICATES) };
                found.push(Ending {
                    begins_at: Some(key.created_at),
                    ..ending(Ends::SigningCertificate, key.id.to_string(), end)
                });
            }
            for key in &settings.encryption_keys {
                found.push(Ending {
                    begins_at: Some(key.created_at),
                    ..ending(
                        Ends::EncryptionCertificate,
                        key.id.to_string(),
                        key.created_at.plus(OWN_CERTIFICATES),
                    )
                });
            }
        }
        Protocol::Oidc(settings) => {
            found.extend(
                settings.client_secret_ends_at.map(|end| ending(Ends::ClientSecret, id.to_string(), end)),
            );
        }
        Protocol::External(_) => {}
    }
    in_order(found, now)
}

/// When the first of it ends, for whoever looks for what does.
#[must_use]
pub fn first_end(id: ConnectionId, protocol: &Protocol) -> Option<Time> {
    of_connection(id, "", protocol, Time::default()).first().map(|ending| ending.ends_at)
}

/// What of a directory ends, the nearest first.
#[must_use]
pub fn of_directory(directory: &Directory, now: Time) -> Vec<Ending> {
    let token = |token: &DirectoryToken| {
        Some(Ending {
            what: Ends::DirectoryToken,
            of: Part::Directory(directory.id),
            place: directory.display_name.clone(),
            id: token.id.clone(),
            subject: token.last_four.clone(),
            fingerprint: String::new(),
            begins_at: Some(token.created_at),
            ends_at: token.ends_at?,
            has_successor: false,
        })
    };
    in_order(directory.tokens.iter().filter_map(token).collect(), now)
}

fn in_order(mut found: Vec<Ending>, now: Time) -> Vec<Ending> {
    let later = now.plus(told_before());
    let lasting: Vec<Ends> = found.iter().filter(|one| one.ends_at > later).map(|one| one.what).collect();
    for one in &mut found {
        one.has_successor = one.ends_at <= later && lasting.contains(&one.what);
    }
    found.sort_by(|one, other| (one.ends_at, &one.id).cmp(&(other.ends_at, &other.id)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{OidcSettings, SamlSettings, SpSigningKey, VerificationCertificate};
    use crate::id::{ConnectionKind, Environment, SamlSigningKeyId, SamlVerificationKeyId};
    use crate::secret::Secret;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    struct Ones;

    impl crate::entropy::Entropy for Ones {
        fn fill(&self, out: &mut [u8]) {
            out.fill(1);
        }
    }

    fn certificate(name: &str, days: i64) -> VerificationCertificate {
        VerificationCertificate {
            id: SamlVerificationKeyId::generate(Environment::Test, &Ones),
            pem: String::new(),
            subject: name.to_owned(),
            issuer: String::new(),
            fingerprint: name.to_owned(),
            not_before: NOW,
            expires_at: NOW.plus(Span::days(days)),
            created_at: NOW,
            from_metadata: false,
        }
    }

    fn saml(certificates: Vec<VerificationCertificate>) -> Vec<Ending> {
        let key = SpSigningKey {
            id: SamlSigningKeyId::generate(Environment::Test, &Ones),
            private_key: Secret::default(),
            certificate: String::new(),
            created_at: NOW,
            expires_at: Time::default(),
        };
        let settings = SamlSettings {
            verification_certificates: certificates,
            signing_keys: vec![key],
            ..SamlSettings::default()
        };
        let id = ConnectionId::generate(ConnectionKind::Saml, Environment::Test, &Ones);
        of_connection(id, "Okta", &Protocol::Saml(Box::new(settings)), NOW)
    }

    #[test]
    fn what_ends_first_stands_first_and_says_how_near_that_is() {
        let found = saml(vec![
            certificate("later", 91),
            certificate("soon", 90),
            certificate("due", 30),
            certificate("ended", 0),
        ]);
        let said: Vec<_> =
            found.iter().map(|one| (one.subject.as_str(), one.nearness(NOW).as_str())).collect();
        assert_eq!(
            said,
            [("ended", "ended"), ("due", "due"), ("soon", "soon"), ("later", "later"), ("", "later")]
        );
        assert_eq!(found[4].ends_at, NOW.plus(OWN_CERTIFICATES));
    }

    #[test]
    fn what_has_a_successor_asks_for_nothing() {
        let asks = |found: Vec<Ending>| -> Vec<String> {
            found.into_iter().filter(|one| one.asks_for_something(NOW)).map(|one| one.subject).collect()
        };
        assert_eq!(asks(saml(vec![certificate("old", 10), certificate("new", 400)])), Vec::<String>::new());
        // One that ends soon itself takes nothing's place, and our own certificate is no successor of the provider's.
        assert_eq!(asks(saml(vec![certificate("old", 10), certificate("other", 60)])), ["old", "other"]);
        assert_eq!(asks(saml(vec![certificate("only", 10)])), ["only"]);
        assert_eq!(asks(saml(vec![certificate("only", 100)])), Vec::<String>::new());
    }

    #[test]
    fn a_secret_with_another_end_is_another_one() {
        let id = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &Ones);
        let ends = |days: Option<i64>| {
            let end = days.map(|days| NOW.plus(Span::days(days)));
            let settings = OidcSettings { client_secret_ends_at: end, ..OidcSettings::default() };
            of_connection(id, "Entra", &Protocol::Oidc(Box::new(settings)), NOW)
        };
        assert_eq!(ends(None), []);
        let (one, other) = (ends(Some(5)), ends(Some(6)));
        assert_eq!(one[0].what, Ends::ClientSecret);
        assert_ne!(one[0].mark(), other[0].mark());
    }
}
