//! Names by which an organization is found beside its id: its slug and the API user's own id for it. Both stand in one
//! name space of their project, so that a name has one owner whoever looks it up. Ids are compared as ids, never as texts.

use crate::id::id_prefix;
use crate::refusal::{Refusal, What};

/// What stands where an organization's name can stand in a path, and what means a place in every path.
const PATH_WORDS: [&str; 16] = [
    "search",
    "members",
    "member",
    "metrics",
    "connections",
    "external_id",
    "oidc",
    "saml",
    "external",
    "start",
    "callback",
    "authenticate",
    "policy",
    "organizations",
    "recover",
    "rotate",
];

/// A name as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(String);

impl NameKey {
    /// Folds a name: the case of ASCII letters makes no difference. Names have no other letters.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// The slug.
    Slug,
    /// The API user's own id.
    ExternalId,
}

/// Why a text cannot be anybody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It begins as one of our ids does.
    IdPrefix(&'static str),
    /// It is a word of our paths.
    PathWord,
    /// Nothing is left of it in a path.
    Nothing,
}

/// Whether a text can be nobody's name, in whatever case it is written.
#[must_use]
pub fn reserved(name: &str) -> Option<Reserved> {
    let key = NameKey::of(name.trim());
    if let Some(prefix) = id_prefix(key.as_str()) {
        return Some(Reserved::IdPrefix(prefix));
    }
    if key.as_str().is_empty() || key.as_str().bytes().all(|byte| byte == b'.') {
        return Some(Reserved::Nothing);
    }
    PATH_WORDS.contains(&key.as_str()).then_some(Reserved::PathWord)
}

/// Refuses a name that nobody can have, saying what it is.
pub(crate) fn check_unreserved(name: &str, refusal: What) -> Result<(), Refusal> {
    let Some(reserved) = reserved(name) else { return Ok(()) };
    let refusal = Refusal::new(refusal);
    Err(match reserved {
        Reserved::IdPrefix(prefix) => refusal.found(format!("a text that begins with {prefix}")).because(format!(
            "Our own ids begin with {prefix}, in whatever case, and nothing else may. Leave the prefix out, or keep an \
             id of another system in trusted_metadata.",
        )),
        Reserved::PathWord => {
            refusal.found(format!("{name:?}")).because("It is a word of the API's own paths: choose another.")
        }
        Reserved::Nothing => refusal.found(format!("{name:?}")).because("Nothing of it is left in a path."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Field;

    #[test]
    fn ids_paths_and_nothing_are_no_names() {
        for (name, why) in [
            ("organization-live-1", Reserved::IdPrefix("organization-live-")),
            ("Organization-LIVE-1", Reserved::IdPrefix("organization-live-")),
            ("organization-test-", Reserved::IdPrefix("organization-test-")),
            ("MEMBER-test-x", Reserved::IdPrefix("member-test-")),
            ("saml-Connection-test-x", Reserved::IdPrefix("saml-connection-test-")),
            ("oidc-member-registration-live-1", Reserved::IdPrefix("oidc-member-registration-live-")),
            ("search", Reserved::PathWord),
            ("Search", Reserved::PathWord),
            ("MEMBERS", Reserved::PathWord),
            ("", Reserved::Nothing),
            (".", Reserved::Nothing),
            ("..", Reserved::Nothing),
            ("....", Reserved::Nothing),
        ] {
            assert_eq!(reserved(name), Some(why), "{name:?}");
        }
        for name in
            ["acme", "organization", "organization-one", "members-of-acme", "a..b", "live-organization"]
        {
            assert_eq!(reserved(name), None, "{name:?}");
        }
    }

    #[test]
    fn the_refusal_names_the_prefix() {
        let refused = check_unreserved("ORGANIZATION-live-7", What::Invalid(Field::OrganizationExternalId));
        assert!(refused.unwrap_err().detail().unwrap().contains("organization-live-"));
    }
}
