//! What an application may do at an API, on its own account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::bounds::distinct;
use crate::id::{ApplicationId, ClientGrantId, ProjectId};
use crate::refusal::{Field, Refusal, What};
use crate::time::Time;

/// The most scopes of a grant: the Management API alone has some hundred.
pub const MOST_SCOPES: usize = 500;
/// The most characters of a scope.
const MOST_SCOPE_BYTES: usize = 280;
/// The most characters of an API's identifier.
const MOST_AUDIENCE_BYTES: usize = 600;
/// How the management of the project is kept: no identifier of an API may be this.
const MANAGEMENT: &str = "urn:vestibule:management";

/// Which API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// The management of the project itself, under whatever address of this server it is reached.
    Management,
    /// An API of the vendor's, by its identifier, which is compared exactly.
    Api(String),
}

impl FromStr for Audience {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text == MANAGEMENT {
            return Ok(Self::Management);
        }
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
        if (1..=MOST_AUDIENCE_BYTES).contains(&text.len()) && text.chars().all(is_plain) {
            return Ok(Self::Api(text.to_owned()));
        }
        Err(Refusal::new(What::Invalid(Field::Audience))
            .expected(format!("1 to {MOST_AUDIENCE_BYTES} characters without white space")))
    }
}

impl TryFrom<String> for Audience {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

/// As it is kept.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Management => MANAGEMENT,
            Self::Api(identifier) => identifier,
        })
    }
}

/// What one application may do at one API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientGrant {
    /// The id.
    pub id: ClientGrantId,
    /// The project.
    pub project_id: ProjectId,
    /// Who.
    pub application_id: ApplicationId,
    /// Where.
    pub audience: Audience,
    /// What, in the order in which it was given.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Time,
}

impl ClientGrant {
    /// What of it is good when `asked` is asked for: all of it when nothing is.
    ///
    /// # Errors
    /// [`What::ScopeNotGranted`] with those that are not in it.
    pub fn narrowed(&self, asked: &[String]) -> Result<Vec<String>, Refusal> {
        let missing: Vec<&str> =
            asked.iter().filter(|scope| !self.scopes.contains(scope)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(Refusal::new(What::ScopeNotGranted)
                .because(format!("Client has not been granted scopes: {}", missing.join(", "))));
        }
        Ok(if asked.is_empty() { self.scopes.clone() } else { asked.to_vec() })
    }
}

/// Scopes that somebody gave, each once (RFC 6749 section 3.3: no white space, quotes or backslash).
///
/// # Errors
/// [`Field::Scope`] with the first that is none, or how many there may be.
pub fn checked_scopes(scopes: Vec<String>) -> Result<Vec<String>, Refusal> {
    let refuse = |found: String, expected: String| {
        Err(Refusal::new(What::Invalid(Field::Scope)).found(found).expected(expected))
    };
    if scopes.len() > MOST_SCOPES {
        return refuse(format!("{} scopes", scopes.len()), format!("at most {MOST_SCOPES}"));
    }
    let is_letter = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    let is_scope =
        |scope: &&String| !(1..=MOST_SCOPE_BYTES).contains(&scope.len()) || !scope.bytes().all(is_letter);
    if let Some(wrong) = scopes.iter().find(is_scope) {
        return refuse(
            format!("{wrong:?}"),
            format!("1 to {MOST_SCOPE_BYTES} ASCII characters without space, quotation mark and backslash"),
        );
    }
    Ok(distinct(scopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    fn grant(scopes: &[&str]) -> ClientGrant {
        let uuid = "00000000-0000-4000-8000-000000000000";
        ClientGrant {
            id: format!("client-grant-test-{uuid}").parse().unwrap(),
            project_id: format!("project-test-{uuid}").parse().unwrap(),
            application_id: format!("application-test-{uuid}").parse().unwrap(),
            audience: Audience::Management,
            scopes: texts(scopes),
            created_at: Time::default(),
        }
    }

    #[test]
    fn a_token_is_never_wider_than_its_grant() {
        let grant = grant(&["read:a", "create:a"]);
        assert_eq!(grant.narrowed(&[]).unwrap(), grant.scopes);
        assert_eq!(grant.narrowed(&texts(&["create:a"])).unwrap(), ["create:a"]);
        let refused = grant.narrowed(&texts(&["read:a", "delete:a", "x"])).unwrap_err();
        assert_eq!(refused.what, What::ScopeNotGranted);
        assert!(refused.note.ends_with("delete:a, x"), "{refused}");
    }

    #[test]
    fn scopes_are_what_the_protocol_can_carry() {
        assert_eq!(checked_scopes(texts(&["a:b", "c", "a:b"])).unwrap(), ["a:b", "c"]);
        for wrong in ["", "a b", "a\"b", "a\\b", "ä", &"a".repeat(281)] {
            assert!(checked_scopes(texts(&[wrong])).is_err(), "{wrong}");
        }
        assert!(checked_scopes(vec!["a".to_owned(); MOST_SCOPES + 1]).is_err());
    }

    #[test]
    fn the_management_is_no_api_that_somebody_named() {
        assert_eq!(Audience::Management.to_string().parse::<Audience>(), Ok(Audience::Management));
        assert_eq!("https://api.test/".parse(), Ok(Audience::Api("https://api.test/".to_owned())));
        assert!("".parse::<Audience>().is_err() && "a b".parse::<Audience>().is_err());
    }
}
