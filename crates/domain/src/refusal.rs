//! Refusals: why something that was asked is not done, in words that belong to no API dialect.
//!
//! A refusal says what is wrong ([`What`], with the thing or field it is about), what was found, what was expected and
//! what helps. A door gives each meaning its name, status and sentence by one exhaustive match; to a person each is one of
//! few kinds of trouble ([`Concern`]). What meets a limit of one protocol only says so by [`Via`], so that no meaning exists
//! twice.

mod concern;
mod meaning;
mod whose;

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use concern::Concern;
pub use meaning::{
    Bounded, Channel, Choice, Claimant, Counted, DefaultRedirect, Field, Judged, Missing, Name, OneTime,
    PkceProblem, PolicyProblem, SearchPart, Searched, Thing, Via, What,
};
pub use whose::Whose;

/// The most characters of what was found, and of the sentences on it: a refusal never gives back a whole body.
const MOST_FOUND_CHARS: usize = 300;
const MOST_NOTE_CHARS: usize = 4000;

/// One refusal. It is shown to whoever asked, so it never holds a secret, a token or an assertion.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong, and with what.
    pub what: What,
    /// What was found, as part of a sentence; `""` when there is nothing worth saying.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// What was expected, as part of a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// Whole sentences: circumstances, and where to change it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Refusal {
    /// A refusal that says no more than its meaning.
    #[must_use]
    pub const fn new(what: What) -> Self {
        Self { what, found: String::new(), expected: String::new(), note: String::new() }
    }

    /// The same refusal with what was found: `Found {found}.`
    #[must_use]
    pub fn found(mut self, found: impl Display) -> Self {
        self.found = cut(found.to_string(), MOST_FOUND_CHARS);
        self
    }

    /// The same refusal with what would have done: `expected {expected}.`
    #[must_use]
    pub fn expected(mut self, expected: impl Display) -> Self {
        self.expected = expected.to_string();
        self
    }

    /// The same refusal with whole sentences on circumstances and remedy.
    #[must_use]
    pub fn because(mut self, note: impl Into<String>) -> Self {
        self.note = cut(note.into(), MOST_NOTE_CHARS);
        self
    }

    /// Everything but the meaning, as sentences; `None` when there is nothing.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        let compared = match (self.found.is_empty(), self.expected.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!("Found {}.", self.found),
            (true, false) => format!("Expected {}.", self.expected),
            (false, false) => format!("Found {}, expected {}.", self.found, self.expected),
        };
        match (compared.is_empty(), self.note.is_empty()) {
            (true, true) => None,
            (false, true) => Some(compared),
            (true, false) => Some(self.note.clone()),
            (false, false) => Some(format!("{compared} {}", self.note)),
        }
    }
}

/// Whatever long text was given, its beginning tells which it is.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).map_or_else(String::new, |beginning| format!("{beginning}…")),
        None => text,
    }
}

/// For logs; a door has sentences of its own.
impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)?;
        match self.detail() {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl From<What> for Refusal {
    fn from(what: What) -> Self {
        Self::new(what)
    }
}

/// An error's own words as a sentence: it begins with a capital letter and ends with a full stop, unless the words end
/// with one already, as a provider's description does.
#[must_use]
pub fn sentence(error: impl Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => {
            let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
            format!("{}{}{stop}", first.to_uppercase(), letters.as_str())
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_says_what_was_found_and_expected_and_what_helps() {
        let plain = Refusal::new(What::MissingField);
        assert_eq!(plain.detail(), None);
        let found = plain.clone().found("\"x\" in mfa_policy");
        assert_eq!(found.detail().unwrap(), "Found \"x\" in mfa_policy.");
        let whole = found.expected("OPTIONAL").because("Change it.");
        assert_eq!(whole.detail().unwrap(), "Found \"x\" in mfa_policy, expected OPTIONAL. Change it.");
        assert_eq!(plain.because("Why.").detail().unwrap(), "Why.");
    }

    #[test]
    fn a_sentence_has_one_full_stop() {
        assert_eq!(sentence("no answer"), "No answer.");
        assert_eq!(sentence("it answered: The user has cancelled."), "It answered: The user has cancelled.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_refusal_is_read_back_as_it_was_kept() {
        let refusal = Refusal::new(What::Unsolicited(Via::Saml)).found("a state");
        let kept = serde_json::to_string(&refusal).unwrap();
        assert_eq!(kept, r#"{"what":{"unsolicited":"saml"},"found":"a state"}"#);
        assert_eq!(serde_json::from_str::<Refusal>(&kept).unwrap(), refusal);
    }
}
