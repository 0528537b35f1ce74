//! A person as applications see them: attributes that their provider named, completed by what is known anyway, and an id that
//! applications keep. Computed out of a member and a registration; there is no second table of people.

use std::fmt;

use serde_json::{Map, Value};

use crate::connection::{Connection, ConnectionName, Protocol, Strategy};
use crate::identity::Registration;
use crate::mapping::attribute_map::is_restricted;
use crate::mapping::{claim, full_name};
use crate::member::Member;

/// The most letters of an avatar.
const INITIALS: usize = 2;

/// What applications know somebody by: the strategy and the name of the connection that leads to their provider, and what that
/// calls them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId {
    /// What the connection was made for.
    pub strategy: &'static str,
    /// The connection that leads to the provider: of a borrowed one, that which it borrows.
    pub connection: ConnectionName,
    /// What the provider calls them.
    pub subject: String,
}

impl UserId {
    /// The id of whoever is registered. `source` leads to the provider.
    #[must_use]
    pub fn of(source: &Connection, registration: &Registration) -> Self {
        Self {
            strategy: source.strategy().as_str(),
            connection: source.name.clone(),
            subject: registration.external_id.clone(),
        }
    }

    /// Reads an id. A subject may have bars in it, the rest has none. `None` for what is no id of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (strategy, rest) = text.split_once('|')?;
        let (connection, subject) = rest.split_once('|')?;
        let strategy = Strategy::from_name(strategy)?.as_str();
        let connection = ConnectionName::parse(connection).ok()?;
        (!subject.is_empty()).then(|| Self { strategy, connection, subject: subject.to_owned() })
    }

    /// Whether somebody of this id came through a connection: of its name, and made for the same.
    #[must_use]
    pub fn is_through(&self, source: &Connection) -> bool {
        self.strategy == source.strategy().as_str() && self.connection == source.name
    }

    /// The id among those of its strategy: without it.
    #[must_use]
    pub fn within_strategy(&self) -> String {
        format!("{}|{}", self.connection, self.subject)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.strategy, self.connection, self.subject)
    }
}

/// What somebody looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Their provider says where a picture is.
    At(String),
    /// Nobody does: the letters of an avatar. Nobody else is asked for one.
    Initials(String),
}

/// A person as applications see them. Each attribute stands in one place only.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Their address, as the house knows it.
    pub email: String,
    /// Whether it is theirs beyond doubt ([`is_email_verified`]).
    pub email_verified: bool,
    /// What they are called, never empty.
    pub name: String,
    /// What friends call them, never empty.
    pub nickname: String,
    /// Their given name, `""` for none.
    pub given_name: String,
    /// Their family name, `""` for none.
    pub family_name: String,
    /// What they look like.
    pub picture: Picture,
    /// Everything else, by its name.
    pub others: Map<String, Value>,
}

impl Profile {
    /// The profile of a member who is registered. `source` is the connection that leads to the provider; `passing` is what that
    /// said for one sign-in only.
    #[must_use]
    pub fn of(
        member: &Member,
        registration: &Registration,
        source: &Connection,
        passing: &Map<String, Value>,
    ) -> Self {
        let mut said = said(source, registration);
        said.extend(passing.iter().map(|(name, value)| (name.clone(), value.clone())));
        let email = member.email.as_str().to_owned();
        let (given_name, family_name) = (text(&mut said, "given_name"), text(&mut said, "family_name"));
        let together = format!("{given_name} {family_name}").trim().to_owned();
        let names = [member.name.clone(), text(&mut said, "name"), together, email.clone()];
        let name = first(names).unwrap_or_else(|| registration.external_id.clone());
        let local = email.split('@').next().unwrap_or_default().to_owned();
        let nickname = first([text(&mut said, "nickname"), local]).unwrap_or_else(|| name.clone());
        let picture = text(&mut said, "picture");
        for known in ["email", "email_verified"] {
            said.remove(known);
        }
        Self {
            email_verified: is_email_verified(member, source),
            picture: if is_picture(&picture) {
                Picture::At(picture)
            } else {
                Picture::Initials(initials(&name))
            },
            email,
            name,
            nickname,
            given_name,
            family_name,
            others: said,
        }
    }

    /// One attribute that is none of the named ones.
    #[must_use]
    pub fn other(&self, name: &str) -> Option<&Value> {
        self.others.get(name)
    }
}

/// Whether an address is its member's beyond doubt: it was verified here, or the provider has verified it and the project leads
/// the people of its domain to this very connection. What a provider says about other domains counts for nothing: it is one
/// company's word.
#[must_use]
pub fn is_email_verified(member: &Member, source: &Connection) -> bool {
    let is_home = || source.common.home_domains.iter().any(|domain| domain == member.email.domain());
    member.email_verified || (member.email_stated && is_home())
}

/// The letters of an avatar: those with which the first and the last word of a name begin.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, last) = (words.next(), words.next_back());
    let letters = first.into_iter().chain(last).filter_map(|word| word.chars().next());
    letters.flat_map(char::to_uppercase).take(INITIALS).collect()
}

/// What the provider said, under the names that profiles have. What belongs to the protocol is none of it.
fn said(source: &Connection, registration: &Registration) -> Map<String, Value> {
    let attributes = &registration.attributes;
    let mut said: Map<String, Value> = attributes
        .iter()
        .filter(|(name, value)| !value.is_null() && !is_restricted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in renamed(source, attributes) {
        said.insert(name.to_owned(), value.into());
    }
    if !registration.groups.is_empty() {
        said.entry("groups").or_insert_with(|| registration.groups.clone().into());
    }
    said
}

/// Names that a connection's mapping takes from attributes of other names. A connection with a map of attributes has them under
/// their own.
fn renamed(source: &Connection, attributes: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let found: Vec<(&'static str, String)> = match &source.protocol {
        Protocol::Oidc(settings) if settings.attribute_map.is_none() => {
            let mapping = &settings.attribute_mapping;
            let mapped = |ours, usual| {
                let value = attributes.get(claim(mapping, ours, usual)).and_then(Value::as_str);
                value.unwrap_or_default().to_owned()
            };
            vec![
                ("name", full_name(mapping, attributes)),
                ("given_name", mapped("first_name", "given_name")),
                ("family_name", mapped("last_name", "family_name")),
            ]
        }
        Protocol::Saml(settings) => {
            let mapping = settings.mapping(source.identity_provider);
            let pairs = [("full_name", "name"), ("first_name", "given_name"), ("last_name", "family_name")];
            pairs.map(|(ours, name)| (name, mapping.text_in(ours, attributes).to_owned())).into()
        }
        Protocol::Oidc(_) | Protocol::External(_) => Vec::new(),
    };
    found.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// Takes a text out of what was said; `""` where there is none.
fn text(said: &mut Map<String, Value>, name: &str) -> String {
    let value = said.remove(name);
    let text = value.as_ref().and_then(|value| match value {
        Value::Array(items) => items.first().and_then(Value::as_str),
        other => other.as_str(),
    });
    text.map(str::trim).unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

fn first<const N: usize>(texts: [String; N]) -> Option<String> {
    texts.into_iter().find(|text| !text.is_empty())
}

/// Whether browsers may be sent there for a picture.
fn is_picture(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= 2048 && !url.chars().any(|c| c.is_whitespace() || c == '"')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::{CommonPatch, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
    use crate::entropy::Entropy;
    use crate::id::{
        ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId, ProjectId, RegistrationId,
    };
    use crate::identity::{Arrivals, SubjectKey};
    use crate::mapping::attribute_map::AttributeMap;
    use crate::member::MemberDraft;
    use crate::patch::Patch;
    use crate::tenant::Tenant;
    use crate::time::Time;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(7);
        }
    }

    fn source() -> Connection {
        let new = NewConnection {
            id: ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &Fixed),
            project_id: ProjectId::generate(Environment::Test, &Fixed),
            organization_id: OrganizationId::generate(Environment::Test, &Fixed),
            display_name: "",
            identity_provider: ProviderLabel::Okta,
        };
        Connection::new_oidc(&new, NOW).unwrap().named(ConnectionName::parse("acme").unwrap())
    }

    fn member(source: &Connection, name: &str) -> Member {
        let draft = MemberDraft {
            email_address: "ada.l@acme.test".to_owned(),
            name: name.to_owned(),
            ..MemberDraft::default()
        };
        let id = MemberId::generate(Environment::Test, &Fixed);
        let tenant = Tenant::stored(source.project_id, source.organization_id);
        Member::create(id, tenant, draft, |_| false, NOW).unwrap()
    }

    fn registration(source: &Connection, member: &Member, attributes: &Value) -> Registration {
        Registration {
            id: RegistrationId::generate(ConnectionKind::Oidc, Environment::Test, &Fixed),
            project_id: source.project_id,
            organization_id: source.organization_id,
            member_id: member.id,
            connection_id: source.id,
            external_id: "00u|1".to_owned(),
            key: SubjectKey::default(),
            said: None,
            attributes: attributes.as_object().cloned().unwrap_or_default(),
            groups: vec!["eng".to_owned()],
            created_at: NOW,
            last_login_at: NOW,
            arrivals: Arrivals::default(),
        }
    }

    fn profile(source: &Connection, name: &str, attributes: &Value) -> Profile {
        let member = member(source, name);
        Profile::of(&member, &registration(source, &member, attributes), source, &Map::new())
    }

    #[test]
    fn an_id_is_read_as_it_was_written_and_bars_are_the_subjects() {
        let source = source().made_for(Strategy::Okta);
        let member = member(&source, "");
        let id = UserId::of(&source, &registration(&source, &member, &json!({})));
        assert_eq!(id.to_string(), "okta|acme|00u|1");
        assert_eq!(id.within_strategy(), "acme|00u|1");
        assert_eq!(UserId::parse(&id.to_string()), Some(id.clone()));
        assert!(id.is_through(&source));
        assert!(!id.is_through(&self::source()), "made for its protocol alone");
        for none in
            ["", "okta", "okta|acme", "okta|acme|", "okta||1", "okta|a b|1", "ghost|acme|1", "acme|00u|1"]
        {
            assert_eq!(UserId::parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_nobody_said_is_made_of_what_is_known() {
        let source = source();
        let bare = profile(
            &source,
            "",
            &json!({ "sub": "1", "iss": "https://idp.test", "email": "other@acme.test" }),
        );
        assert_eq!((bare.name.as_str(), bare.nickname.as_str()), ("ada.l@acme.test", "ada.l"));
        assert_eq!(bare.email, "ada.l@acme.test", "the house's");
        assert_eq!(bare.picture, Picture::Initials("AT".to_owned()));
        assert_eq!(Value::Object(bare.others), json!({ "groups": ["eng"] }));
        let said = json!({ "given_name": "Ada", "family_name": "Lovelace", "nickname": "al", "user_id": "x",
            "picture": "https://cdn.test/a.png", "department": "math", "app_metadata": {}, "groups": ["x"] });
        let named = profile(&source, "", &said);
        assert_eq!((named.name.as_str(), named.nickname.as_str()), ("Ada Lovelace", "al"));
        assert_eq!(named.picture, Picture::At("https://cdn.test/a.png".to_owned()));
        assert_eq!(Value::Object(named.others), json!({ "department": "math", "groups": ["x"] }));
        let edited = profile(&source, "Countess", &json!({ "name": "Ada" }));
        assert_eq!(edited.name, "Countess", "what the house calls them");
        for bad in ["http://cdn.test/a.png", "javascript:alert(1)", "https://cdn.test/\"><", ""] {
            let picture = profile(&source, "Ada", &json!({ "picture": bad })).picture;
            assert_eq!(picture, Picture::Initials("A".to_owned()), "{bad}");
        }
    }

    #[test]
    fn names_follow_the_mapping_of_a_connection_that_has_one() {
        let mut source = source();
        let mapping = [("full_name", "cn"), ("first_name", "gn")];
        let mapping = mapping.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).into();
        let patch = OidcPatch { attribute_mapping: Patch::Set(mapping), ..OidcPatch::default() };
        source.apply_oidc(patch, None, UrlPolicy::Https, NOW).unwrap();
        let said = json!({ "cn": "Ada King", "gn": "Ada", "given_name": "other" });
        let mapped = profile(&source, "", &said);
        assert_eq!((mapped.name.as_str(), mapped.given_name.as_str()), ("Ada King", "Ada"));
        // A map of attributes has them under their own names.
        let map = OidcPatch { attribute_map: Patch::Set(AttributeMap::default()), ..OidcPatch::default() };
        source.apply_oidc(map, None, UrlPolicy::Https, NOW).unwrap();
        assert_eq!(profile(&source, "", &said).given_name, "other");
    }

    #[test]
    fn an_address_is_verified_here_or_at_home() {
        let mut source = source();
        let mut member = member(&source, "");
        assert!(!is_email_verified(&member, &source));
        member.email_stated = true;
        assert!(!is_email_verified(&member, &source), "a provider's word about any domain");
        let home =
            CommonPatch { home_domains: Patch::Set(vec!["acme.test".to_owned()]), ..CommonPatch::default() };
        source.apply_common(home, UrlPolicy::Https, NOW).unwrap();
        assert!(is_email_verified(&member, &source));
        member.email_stated = false;
        assert!(!is_email_verified(&member, &source), "nobody has said so");
        member.email_verified = true;
        assert!(is_email_verified(&member, &self::source()));
    }

    #[test]
    fn initials_are_letters() {
        let names = [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("a b c", "AC"),
            ("<b>", "B"),
            ("", ""),
            ("山田 太郎", "山太"),
        ];
        for (name, letters) in names {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
