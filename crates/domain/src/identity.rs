//! Identities: what a protocol crate proved about a person, in words that belong to no protocol.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::connection::Route;
use crate::email::EmailAddress;
use crate::id::{ConnectionId, MemberId, OrganizationId, ProjectId, RegistrationId};
use crate::refusal::{Field, Refusal, What};
use crate::secret::TokenHash;
use crate::session::SsoProtocol;
use crate::time::Time;

/// How far an identity provider vouches for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailTrust {
    /// It says that it has verified the address.
    Verified,
    /// It says nothing, as many enterprise providers do.
    Unstated,
    /// It says that it has not verified the address.
    Unverified,
}

/// An address, and how far the provider vouches for it: for this one and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedEmail {
    /// The address.
    pub address: EmailAddress,
    /// What the provider says about it.
    pub trust: EmailTrust,
    /// In which words it says that it has not verified it, or what stands there that is neither yes nor no.
    pub denial: Option<String>,
}

/// Who somebody is at a provider. The name alone says nothing: another provider calls somebody else by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who calls them so: an OpenID Connect issuer, or a SAML provider's entity id.
    pub issuer: String,
    /// What they are called, in the form in which it is compared.
    pub value: String,
    /// What else a SAML name is part of.
    pub qualifiers: Option<Qualifiers>,
}

/// What makes a SAML name another one than the same text (SAML core 2.2.3 and 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Qualifiers {
    /// It is no name but the value of an attribute that somebody has mapped.
    Attribute,
    /// A `NameID`.
    Name {
        /// The class of its format: one for all spellings of a format.
        format: String,
        /// Whose name space it is in, unless it is the provider's.
        name_qualifier: String,
        /// For which service it was made, unless that is this one.
        sp_name_qualifier: String,
    },
}

/// What a registration is found by. Texts without bound are shortened to what an index can hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectKey {
    /// The issuer; `""` on registrations whose connection could not be read when they were bound to one.
    pub issuer: String,
    /// The qualifiers; `""` where there are none, and on registrations from before they were kept.
    pub qualifiers: String,
    /// What the person is called.
    pub value: String,
}

impl Subject {
    /// What an OpenID Connect issuer calls somebody.
    #[must_use]
    pub fn oidc(issuer: &str, value: String) -> Self {
        Self { issuer: issuer.to_owned(), value, qualifiers: None }
    }

    /// What a SAML provider calls somebody. Qualifiers that say what is meant anyway are left out: the provider's own
    /// entity id, and one of ours.
    #[must_use]
    pub fn saml(issuer: &str, ours: &[&str], value: String, qualifiers: Qualifiers) -> Self {
        let qualifiers = match qualifiers {
            Qualifiers::Name { format, name_qualifier, sp_name_qualifier } => Qualifiers::Name {
                format,
                name_qualifier: if name_qualifier == issuer { String::new() } else { name_qualifier },
                sp_name_qualifier: match sp_name_qualifier {
                    ours_anyway if ours.contains(&ours_anyway.as_str()) => String::new(),
                    other => other,
                },
            },
            Qualifiers::Attribute => Qualifiers::Attribute,
        };
        Self { issuer: issuer.to_owned(), value, qualifiers: Some(qualifiers) }
    }

    /// What the registration of this subject is found by.
    #[must_use]
    pub fn key(&self) -> SubjectKey {
        SubjectKey {
            issuer: indexed(&self.issuer),
            qualifiers: self.qualifiers.as_ref().map(Qualifiers::key).unwrap_or_default(),
            value: self.value.clone(),
        }
    }

    /// What it was found by before qualifiers were kept.
    #[must_use]
    pub fn kept_before(&self) -> String {
        if self.qualifiers.is_some() { kept_before(&self.value) } else { self.value.clone() }
    }
}

impl Qualifiers {
    fn key(&self) -> String {
        let parts = match self {
            Self::Attribute => vec!["attribute"],
            Self::Name { format, name_qualifier, sp_name_qualifier } => {
                vec!["name", format, name_qualifier, sp_name_qualifier]
            }
        };
        // JSON, so that no two lists are one text.
        indexed(&Value::from(parts).to_string())
    }
}

/// A SAML name from before formats were kept, as it is compared: without white space around it, and an address as an
/// address.
#[must_use]
pub fn kept_before(value: &str) -> String {
    EmailAddress::parse(value).map_or_else(|_| value.trim().to_owned(), String::from)
}

/// A text as it stands in an index, which has no room for long ones: those by their hash.
#[must_use]
pub fn indexed(text: &str) -> String {
    const MOST: usize = 200;
    if text.len() <= MOST {
        return text.to_owned();
    }
    format!("sha256:{}", TokenHash::of(text.as_bytes()).as_str())
}

/// A person as one connection proved them just now. Only the sign-in engine makes one, out of a verified
/// assertion or id token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The connection that proved it.
    pub connection_id: ConnectionId,
    /// Who it is at the provider.
    pub subject: Subject,
    /// The address, if one was given.
    pub email: Option<StatedEmail>,
    /// The display name, `""` when none was given.
    pub name: String,
    /// Everything the provider said, kept with the registration.
    pub attributes: Map<String, Value>,
    /// The groups the provider named, when it was asked to.
    pub groups: Vec<String>,
    /// Mapped attributes that go to the member's trusted metadata.
    pub trusted_metadata: BTreeMap<String, Value>,
    /// Attributes that serve this sign-in and are kept nowhere.
    pub passing: Map<String, Value>,
}

/// The bond between a member and a subject at a connection (`sso_registrations` in the contract).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// The id.
    pub id: RegistrationId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// The connection that proved the subject.
    pub connection_id: ConnectionId,
    /// The subject at that connection.
    pub external_id: String,
    /// What it is found by.
    #[serde(skip)]
    pub key: SubjectKey,
    /// What of the latest sign-in was written into the member; `None` when that was before it was kept.
    #[serde(skip)]
    pub said: Option<Said>,
    /// What the provider said at the latest sign-in.
    pub attributes: Map<String, Value>,
    /// The groups the provider named at the latest sign-in.
    pub groups: Vec<String>,
    /// The first sign-in.
    pub created_at: Time,
    /// The latest sign-in.
    pub last_login_at: Time,
    /// How often they came, and from where.
    #[serde(skip)]
    pub arrivals: Arrivals,
}

/// How often somebody came, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// How many sign-ins there were. The store counts: of two at once none is lost.
    pub count: i64,
    /// The address of the latest; `""` when that was before it was kept.
    pub last_ip: String,
}

/// What one registration of somebody knows of when they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The registration.
    pub id: RegistrationId,
    /// The connection that it comes to: for one that is borrowed, the one that it borrows.
    pub connection_id: ConnectionId,
    /// The subject there.
    pub external_id: String,
    /// The latest sign-in.
    pub last_login_at: Time,
    /// How often, and from where.
    pub arrivals: Arrivals,
}

/// The longest subject that can be set.
const MOST_SUBJECT: usize = 512;

impl Registration {
    /// Counts in when the same person came through another registration.
    pub fn count_in(&mut self, other: &Arrived) {
        if other.arrivals.count == 0 {
            // It was made for them, and they have not come by it.
            return;
        }
        self.arrivals.count += other.arrivals.count;
        if other.last_login_at > self.last_login_at {
            self.last_login_at = other.last_login_at;
            self.arrivals.last_ip.clone_from(&other.arrivals.last_ip);
        }
    }

    /// Lets it lead to another subject, of the issuer that its connection leads to now. A SAML name is given without its
    /// qualifiers: it takes them at the next sign-in. A `sub` is compared exactly, so white space around one is refused and
    /// not dropped.
    ///
    /// # Errors
    /// A text that is no subject.
    pub fn relink(&mut self, route: Route<'_>, subject: &str) -> Result<(), Refusal> {
        let (given, subject) = (subject, subject.trim());
        let is_exact = route.protocol() == SsoProtocol::Oidc;
        if is_exact && given != subject && !subject.is_empty() {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .found("white space around external_id")
                .expected("the subject exactly as the identity provider sends it"));
        }
        let fits = !subject.is_empty() && subject.chars().count() <= MOST_SUBJECT;
        if !fits || subject.chars().any(char::is_control) {
            return Err(Refusal::new(What::Invalid(Field::Setting)).found("no usable external_id").expected(
                format!("the subject at the identity provider, of up to {MOST_SUBJECT} characters"),
            ));
        }
        let value = if is_exact { subject.to_owned() } else { kept_before(subject) };
        self.external_id = subject.to_owned();
        self.key =
            SubjectKey { issuer: indexed(route.source().provider()), qualifiers: String::new(), value };
        Ok(())
    }
}

/// What of a sign-in was written into the member: what the provider wrote it may change, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The display name.
    pub name: String,
    /// Mapped attributes in the member's trusted metadata.
    pub trusted_metadata: BTreeMap<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saml(format: &str, name_qualifier: &str, sp: &str) -> SubjectKey {
        let qualifiers = Qualifiers::Name {
            format: format.to_owned(),
            name_qualifier: name_qualifier.to_owned(),
            sp_name_qualifier: sp.to_owned(),
        };
        Subject { issuer: "idp".to_owned(), value: "1".to_owned(), qualifiers: Some(qualifiers) }.key()
    }

    #[test]
    fn every_part_makes_another_subject() {
        let sub = |issuer: &str, value: &str| {
            Subject { issuer: issuer.to_owned(), value: value.to_owned(), qualifiers: None }.key()
        };
        let mut keys = vec![
            sub("https://a.test", "1"),
            sub("https://b.test", "1"),
            sub("https://a.test", "2"),
            saml("persistent", "", ""),
            saml("unspecified", "", ""),
            saml("persistent", "a", ""),
            saml("persistent", "", "a"),
            saml("persistent", "a\",\"", ""),
        ];
        let all = keys.len();
        keys.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn qualifiers_that_say_what_is_meant_anyway_are_none() {
        let named = |name_qualifier: &str, sp_name_qualifier: &str| {
            let qualifiers = Qualifiers::Name {
                format: "persistent".to_owned(),
                name_qualifier: name_qualifier.to_owned(),
                sp_name_qualifier: sp_name_qualifier.to_owned(),
            };
            Subject::saml("idp", &["us", "us too"], "1".to_owned(), qualifiers).key()
        };
        for same in [named("idp", ""), named("", "us"), named("idp", "us too")] {
            assert_eq!(same, named("", ""));
        }
        assert_ne!(named("us", ""), named("", ""));
        assert_ne!(named("", "idp"), named("", ""));
    }

    #[test]
    fn long_texts_stay_apart_and_short() {
        let (one, other) =
            (saml("p", &"a".repeat(3000), ""), saml("p", &format!("{}b", "a".repeat(2999)), ""));
        assert_ne!(one, other);
        assert!(one.qualifiers.len() < 64, "{one:?}");
    }

    #[test]
    fn what_was_kept_before_is_folded_when_it_reads_as_an_address() {
        for (kept, folded) in [
            ("First.Last@Acme.test", "first.last@acme.test"),
            (" first.last@acme.test ", "first.last@acme.test"),
            ("AbC", "AbC"),
            (" AbC ", "AbC"),
        ] {
            assert_eq!(kept_before(kept), folded);
        }
    }
}
