//! What came of a sign-in or a test, for people: what is to be done about a refusal, by whom, and what the setting is called in the
//! provider's console; and what was checked.

use vestibule_domain::connection::Connection;
use vestibule_domain::refusal::{Refusal, Whose};
use vestibule_domain::setup_link::Intent;
use vestibule_domain::trace::{Checked, TraceStep};

use super::enter::Visit;
use super::our_values;
use super::steps::Page;
use crate::operations::remedies::{self, Cure};
use crate::web::words::upkeep::Upkeep;
use crate::web::words::{Piece, sentence};
use crate::world::provider_guides::{Guide, Ours, Provider};

/// What a refusal is about: a connection, and the guide to its provider's console.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The product that it leads to.
    pub provider: &'static Provider,
    /// What is done in its console.
    pub guide: &'static Guide,
}

/// What is to be done.
pub(super) struct Told {
    /// What, in a sentence.
    pub sentence: &'static str,
    /// By whom.
    pub who: Vec<Piece>,
    /// What the setting is called there.
    pub called: Vec<Piece>,
    /// What has to stand there.
    pub value: String,
    /// What was found where something else was expected; `""` where nobody knows.
    pub found: String,
    /// What was expected there.
    pub expected: String,
    /// The page of ours at which it is changed, or that says where it is, and its title.
    pub screen: Option<(String, &'static str)>,
    /// All of it in English, as everywhere else.
    pub detail: String,
}

impl Told {
    /// What is to be done about a refusal. Of a connection that is gone nothing more is known.
    pub(super) fn of(
        visit: &Visit,
        known: Option<Known<'_>>,
        refusal: &Refusal,
        checks: &[TraceStep],
    ) -> Self {
        let words = visit.words();
        let remedy = remedies::with(refusal.what, known.map(|known| known.guide));
        let frame = visit.frame();
        let failed = checks.iter().find(|check| !check.passed);
        let provider = known.map_or("", |known| known.provider.name.as_str());
        let names = [("provider", provider), ("product", frame.brand())];
        let who = match remedy.whose {
            Whose::Provider => words.who_customer,
            Whose::Vendor => words.who_vendor,
            Whose::Either => words.who_either,
            Whose::Person => words.who_nobody,
        };
        let ours = match remedy.cure {
            Cure::SetAudience => Some(Ours::AudienceUri),
            Cure::SetAcsUrl | Cure::SendResponse => Some(Ours::AcsUrl),
            Cure::CompareClient => Some(Ours::RedirectUrl),
            _ => None,
        };
        Self {
            sentence: (words.cure)(remedy.cure),
            who: sentence(who, &names),
            called: remedy
                .called
                .map_or_else(Vec::new, |label| sentence(words.setting_called, &[("label", label)])),
            value: ours
                .zip(known)
                .map_or_else(String::new, |(ours, known)| our_values::of(&visit.app, known.connection, ours)),
            found: failed.map_or_else(|| refusal.found.clone(), |check| check.found.clone()),
            expected: failed.map_or_else(|| refusal.expected.clone(), |check| check.expected.clone()),
            screen: known
                .zip(screen(remedy.cure))
                .and_then(|(known, page)| Some((path(visit, known.connection, page)?, page.title(words)))),
            detail: refusal.detail().unwrap_or_default(),
        }
    }
}

/// The page at which a cure is applied, or that says where at the provider it is.
const fn screen(cure: Cure) -> Option<Page> {
    match cure {
        Cure::SetAudience
        | Cure::SetAcsUrl
        | Cure::SendResponse
        | Cure::Sign
        | Cure::SetAlgorithm
        | Cure::RenewEncryption => Some(Page::Ours),
        Cure::GiveCertificate
        | Cure::CompareIssuer
        | Cure::CompareClient
        | Cure::CompareSecret
        | Cure::CompareToken
        | Cure::OpenFirewall
        | Cure::Complete => Some(Page::Theirs),
        Cure::MapEmail | Cure::MapName | Cure::MapSubject | Cure::SendGroups => Some(Page::Attributes),
        Cure::Assign => Some(Page::Assign),
        Cure::SetClock
        | Cure::AskProvider
        | Cure::AllowTile
        | Cure::BeginAgain
        | Cure::FindGateway
        | Cure::Relink
        | Cure::VerifyEmail
        | Cure::AllowJoining
        | Cure::TryLater
        | Cure::AskVendor => None,
    }
}

/// Where a page of a connection is, for whoever has a link to set it up.
fn path(visit: &Visit, connection: &Connection, page: Page) -> Option<String> {
    let link = &visit.holder.link;
    let reaches = link.terms.has(Intent::Sso) && link.check_reach(connection.id).is_ok();
    reaches.then(|| visit.path(&format!("/connections/{}/{}", connection.id, page.name())))
}

/// A check that was made.
pub(super) struct Checking {
    /// What it is called.
    pub name: String,
    /// Whether that is in the language of the page: a check of another version goes by its name.
    pub is_known: bool,
    /// Whether it passed.
    pub passed: bool,
    /// What was found.
    pub found: Marked,
    /// What was expected.
    pub expected: Marked,
}

impl Checking {
    /// A check in the words of a language.
    pub(super) fn of(upkeep: &Upkeep, step: TraceStep) -> Self {
        let known = Checked::from_name(&step.check).map(upkeep.check);
        let (found, expected) = compared(step.found, step.expected, step.passed);
        Self {
            name: known.map_or(step.check, str::to_owned),
            is_known: known.is_some(),
            passed: step.passed,
            found,
            expected,
        }
    }
}

/// A text with what it has that another has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    /// How both begin.
    pub begins: String,
    /// Where they differ.
    pub differs: String,
    /// How both end.
    pub ends: String,
}

impl Marked {
    /// Whether there is no text.
    pub(super) const fn is_empty(&self) -> bool {
        self.begins.is_empty() && self.differs.is_empty() && self.ends.is_empty()
    }
}

/// Two texts with where they differ, if they are alike enough for that to say something: half of the shorter one is the same.
fn compared(found: String, expected: String, passed: bool) -> (Marked, Marked) {
    let (one, other): (Vec<char>, Vec<char>) = (found.chars().collect(), expected.chars().collect());
    let shorter = one.len().min(other.len());
    let same = |at: &usize| one.get(*at) == other.get(*at);
    let begins = (0..shorter).take_while(same).count();
    let same_end = |back: &usize| one.get(one.len() - 1 - back) == other.get(other.len() - 1 - back);
    let ends = (0..shorter - begins).take_while(same_end).count();
    if passed || found == expected || (begins + ends) * 2 < shorter.max(1) {
        let plain = |text| Marked { begins: text, ..Marked::default() };
        return (plain(found), plain(expected));
    }
    let cut = |text: &[char]| {
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().iter().collect();
        let end = text.len() - ends;
        Marked { begins: part(0..begins), differs: part(begins..end), ends: part(end..text.len()) }
    };
    (cut(&one), cut(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked_where_two_texts_are_alike() {
        let marked = |found: &str, expected: &str| {
            let (found, expected) = compared(found.to_owned(), expected.to_owned(), false);
            (found.begins, found.differs, found.ends, expected.differs)
        };
        let of =
            |a: &str, b: &str, c: &str, d: &str| (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned());
        assert_eq!(marked("https://a.test/x", "https://a.test/x/"), of("https://a.test/x", "", "", "/"));
        assert_eq!(marked("urn:ü:one:z", "urn:ü:two:z"), of("urn:ü:", "one", ":z", "two"));
        assert_eq!(marked("aaa", "aa"), of("aa", "a", "", ""));
        assert_eq!(marked("nothing", "something else"), of("nothing", "", "", ""));
        assert_eq!(marked("", ""), of("", "", "", ""));
    }
}
