//! What may be done with a link, as the vendor said it.

use serde::{Deserialize, Serialize};

use crate::bounds::distinct;
use crate::domain_proof::DomainName;
use crate::email::EmailAddress;
use crate::id::{ConnectionId, ConnectionKind};
use crate::organization::Organization;
use crate::refusal::{Field, Refusal, What};
use crate::spelled::{one_of, spelled};
use crate::time::Span;

/// The most names in one list of a link.
const MOST_LISTED: usize = 20;
/// The most characters of a name in such a list.
const MOST_NAME_CHARS: usize = 64;
/// The most mail addresses that a code may be sent to.
const MOST_CONTACTS: usize = 10;
/// How long somebody may go on with a link, in minutes, unless it is said.
const SESSION_MINUTES: i64 = 480;
/// The most characters of an address to return to.
const MOST_URL_CHARS: usize = 2048;

spelled! {
    /// What somebody is asked to do.
    #[derive(Hash)]
    pub enum Intent {
        /// Connect the organization's identity provider.
        Sso = "sso",
        /// Show that domains are the organization's.
        Domains = "domains",
        /// See what sign-ins came to, and why.
        SignIns = "sign_ins",
        /// Give what takes the place of certificates and secrets that end.
        Certificates = "certificates",
        /// See what was changed.
        AuditLog = "audit_log",
    }
}

spelled! {
    /// Whether somebody who connects a provider is asked to show that domains are the organization's.
    #[derive(Default)]
    pub enum DomainVerification {
        /// They are not.
        Off = "off",
        /// They may.
        #[default]
        Optional = "optional",
        /// Nothing is switched on without it.
        Required = "required",
    }
}

spelled! {
    /// Whether something has to be done before a connection is switched on.
    #[derive(Default)]
    pub enum Requirement {
        /// It is not asked for.
        Off = "off",
        /// It is asked for, and may be left out.
        Recommended = "recommended",
        /// Nothing is switched on without it.
        #[default]
        Required = "required",
    }
}

/// What may be done with a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// What for; never none.
    pub intents: Vec<Intent>,
    /// Exactly this connection; without one, connections are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// The protocols to choose from; all when there is none.
    pub protocols: Vec<SetupProtocol>,
    /// The providers to choose from, by the ids of their guides; all when there is none.
    pub identity_providers: Vec<String>,
    /// What the application needs to know of somebody.
    pub required_attributes: Vec<String>,
    /// What it would like to know.
    pub optional_attributes: Vec<String>,
    /// Whether domains are to be shown on the way to a connection.
    pub domain_verification: DomainVerification,
    /// The domains that somebody is asked to show.
    pub pending_domains: Vec<DomainName>,
    /// Whether a test has to pass before a connection is switched on.
    pub require_test: Requirement,
    /// Whether whoever holds the link may switch it on.
    pub can_enable: bool,
    /// How many minutes somebody may go on with it.
    pub session_minutes: i64,
    /// Whether it may be opened again.
    pub reopen: bool,
    /// Mail addresses, one of which has to be proved by a code.
    pub contacts: Vec<EmailAddress>,
    /// Where the logo leads.
    pub return_url: String,
    /// Where whoever has finished goes.
    pub success_url: String,
    /// The language; `""` for the browser's.
    pub locale: String,
    /// The one origin whose pages may have it in a frame; `""` for none.
    pub embed_origin: String,
}

spelled! {
    /// A protocol that people are guided through.
    #[derive(Hash)]
    pub enum SetupProtocol {
        /// SAML 2.0.
        Saml = "saml",
        /// OpenID Connect.
        Oidc = "oidc",
    }
}

impl SetupProtocol {
    /// The kind of connection that speaks it.
    #[must_use]
    pub const fn kind(self) -> ConnectionKind {
        match self {
            Self::Saml => ConnectionKind::Saml,
            Self::Oidc => ConnectionKind::Oidc,
        }
    }

    /// The protocol of a connection, unless it is borrowed.
    #[must_use]
    pub const fn of(kind: ConnectionKind) -> Option<Self> {
        match kind {
            ConnectionKind::Saml => Some(Self::Saml),
            ConnectionKind::Oidc => Some(Self::Oidc),
            ConnectionKind::External => None,
        }
    }
}

/// What was asked for, as it came.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields carry the names of the API")]
pub struct TermsDraft {
    pub intents: Vec<String>,
    pub connection_id: Option<ConnectionId>,
    pub protocols: Vec<String>,
    pub identity_providers: Vec<String>,
    pub required_attributes: Option<Vec<String>>,
    pub optional_attributes: Vec<String>,
    pub domain_verification: Option<String>,
    pub pending_domains: Vec<String>,
    pub require_test: Option<String>,
    pub can_enable: Option<bool>,
    pub session_minutes: Option<i64>,
    pub reopen: bool,
    pub contacts: Vec<String>,
    pub return_url: String,
    pub success_url: String,
    pub locale: String,
    pub embed_origin: String,
}

impl Default for Terms {
    /// What a stored link that does not say something means by that: nothing more than it says.
    fn default() -> Self {
        Self {
            intents: Vec::new(),
            connection_id: None,
            protocols: Vec::new(),
            identity_providers: Vec::new(),
            required_attributes: Vec::new(),
            optional_attributes: Vec::new(),
            domain_verification: DomainVerification::Off,
            pending_domains: Vec::new(),
            require_test: Requirement::Required,
            can_enable: false,
            session_minutes: SESSION_MINUTES,
            reopen: false,
            contacts: Vec::new(),
            return_url: String::new(),
            success_url: String::new(),
            locale: String::new(),
            embed_origin: String::new(),
        }
    }
}

impl Terms {
    /// Whether it is meant for this.
    #[must_use]
    pub fn has(&self, intent: Intent) -> bool {
        self.intents.contains(&intent)
    }

    /// Whether its pages stand in a frame of another.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        !self.embed_origin.is_empty()
    }

    /// Whether it is also for showing that domains are the organization's.
    #[must_use]
    pub fn shows_domains(&self) -> bool {
        let on_the_way = self.has(Intent::Sso) && self.domain_verification != DomainVerification::Off;
        self.has(Intent::Domains) || on_the_way
    }

    /// Whether the domains of an organization are enough for a connection to be switched on: those that are asked for, and one
    /// where none is named.
    #[must_use]
    pub fn has_domains(&self, organization: &Organization) -> bool {
        let has_asked = self.pending_domains.iter().all(|domain| organization.owns_domain(domain.as_str()));
        let has_one = !organization.policy.claimed_email_domains.is_empty();
        self.domain_verification != DomainVerification::Required || (has_asked && has_one)
    }

    /// Whether a protocol may be chosen.
    #[must_use]
    pub fn takes_protocol(&self, protocol: SetupProtocol) -> bool {
        self.protocols.is_empty() || self.protocols.contains(&protocol)
    }

    /// Whether a provider may be chosen.
    #[must_use]
    pub fn takes_provider(&self, guide: &str) -> bool {
        self.identity_providers.is_empty() || self.identity_providers.iter().any(|known| known == guide)
    }
}

impl TermsDraft {
    /// Reads what was asked for. Whether guides, connections and addresses are there is for who can look them up.
    ///
    /// # Errors
    /// A name that is none, a list that is too long, minutes outside their bounds, an address that is none.
    pub fn read(self) -> Result<Terms, Refusal> {
        if self.intents.is_empty() {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .found("an empty list in intents")
                .expected("at least one"));
        }
        if !self.embed_origin.is_empty() && (self.reopen || !self.contacts.is_empty()) {
            return Err(Refusal::new(What::Invalid(Field::Setting))
                .found("reopen or contacts beside embed_origin")
                .expected(
                    "neither: it is opened once, by whoever is signed in to the application around it",
                ));
        }
        let required = self.required_attributes.unwrap_or_else(|| vec!["email".to_owned()]);
        Ok(Terms {
            intents: named(&self.intents, "intents")?,
            connection_id: self.connection_id,
            protocols: named(&self.protocols, "protocols")?,
            identity_providers: listed(self.identity_providers, "identity_providers")?,
            required_attributes: listed(required, "required_attributes")?,
            optional_attributes: listed(self.optional_attributes, "optional_attributes")?,
            domain_verification: match self.domain_verification.as_deref() {
                Some(name) => one_of("domain_verification", name)?,
                None => DomainVerification::default(),
            },
            pending_domains: domains(&self.pending_domains)?,
            require_test: match self.require_test.as_deref() {
                Some(name) => one_of("require_test", name)?,
                None => Requirement::default(),
            },
            can_enable: self.can_enable.unwrap_or(true),
            session_minutes: minutes(
                "session_minutes",
                self.session_minutes.unwrap_or(SESSION_MINUTES),
                (15, 1440),
            )?,
            reopen: self.reopen,
            contacts: contacts(&self.contacts)?,
            return_url: url(self.return_url, "return_url")?,
            success_url: url(self.success_url, "success_url")?,
            locale: locale(self.locale)?,
            embed_origin: self.embed_origin,
        })
    }

    /// For how long a link may be opened, of what was asked for.
    ///
    /// # Errors
    /// Minutes outside their bounds.
    pub fn lifetime(asked: Option<i64>) -> Result<Span, Refusal> {
        minutes("expires_in_minutes", asked.unwrap_or(7 * 1440), (5, 30 * 1440)).map(Span::minutes)
    }
}

fn minutes(field: &str, asked: i64, (least, most): (i64, i64)) -> Result<i64, Refusal> {
    if (least..=most).contains(&asked) {
        return Ok(asked);
    }
    Err(Refusal::new(What::Invalid(Field::Setting))
        .found(format!("{asked} in {field}"))
        .expected(format!("{least} to {most} minutes")))
}

fn named<E: crate::spelled::Spelled + PartialEq>(given: &[String], field: &str) -> Result<Vec<E>, Refusal> {
    let mut read = Vec::new();
    for name in given {
        let value = one_of::<E>(field, name)?;
        if !read.contains(&value) {
            read.push(value);
        }
    }
    Ok(read)
}

fn listed(given: Vec<String>, field: &str) -> Result<Vec<String>, Refusal> {
    let is_name = |name: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
        !name.is_empty() && name.len() <= MOST_NAME_CHARS && name.chars().all(is_plain)
    };
    if given.len() <= MOST_LISTED && given.iter().all(is_name) {
        return Ok(distinct(given));
    }
    Err(Refusal::new(What::Invalid(Field::Setting)).found(format!("{} names in {field}", given.len())).expected(
        format!("at most {MOST_LISTED} names of at most {MOST_NAME_CHARS} letters, digits and the characters _ - . : /"),
    ))
}

fn contacts(given: &[String]) -> Result<Vec<EmailAddress>, Refusal> {
    if given.len() > MOST_CONTACTS {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{} addresses in contacts", given.len()))
            .expected(format!("at most {MOST_CONTACTS}")));
    }
    let read = |text: &String| {
        let wrong = || Refusal::new(What::Invalid(Field::Setting)).because("contacts holds mail addresses.");
        EmailAddress::parse(text).map_err(|_| wrong())
    };
    given.iter().map(read).collect()
}

fn domains(given: &[String]) -> Result<Vec<DomainName>, Refusal> {
    if given.len() > MOST_LISTED {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{} domains in pending_domains", given.len()))
            .expected(format!("at most {MOST_LISTED}")));
    }
    let read = given.iter().map(|text| DomainName::parse(text)).collect::<Result<Vec<_>, _>>()?;
    Ok(distinct(read))
}

fn url(given: String, field: &str) -> Result<String, Refusal> {
    if given.chars().count() <= MOST_URL_CHARS {
        return Ok(given);
    }
    Err(Refusal::new(What::Invalid(Field::Setting))
        .because(format!("{field} has more than {MOST_URL_CHARS} characters.")))
}

/// A language tag by its form (RFC 5646): one that nobody has words for is English.
fn locale(given: String) -> Result<String, Refusal> {
    let is_tag = given.len() <= 35 && given.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_tag {
        return Ok(given);
    }
    Err(Refusal::new(What::Invalid(Field::Setting)).because("locale is a language tag, such as de or pt-BR."))
}
