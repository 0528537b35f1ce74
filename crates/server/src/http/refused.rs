//! The page of a refusal, in two layers. To the person it says in one sentence what has happened, what they can do, where
//! they can go and whom they can ask. Folded below it says to an administrator what every other record of it says: the
//! name of the error, what was found, what was expected, and the setting.

use askama::Template;
use vestibule_domain::id::TraceId;
use vestibule_domain::refusal::{Concern, Refusal, What, Whose, sentence};
use vestibule_domain::trace::TraceStep;

use super::ctx::Ctx;
use super::html::Frame;
use super::languages::{Language, Told, around, filled};
use crate::world::App;
use crate::world::contact::Contact;

/// What a door calls a meaning, to people who look it up.
pub struct Named {
    /// The name of the error.
    pub code: &'static str,
    /// Its sentence, without the circumstances.
    pub sentence: &'static str,
}

/// Where somebody stands who is refused: in front of which product, and where they may go from here. What is not known is
/// empty, and the page does without it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts {
    /// The product that they wanted to sign in to.
    pub product: String,
    /// The organization that they belong to.
    pub organization: String,
    /// The application, at an address that its project has registered. Never one that a request brought.
    pub back: String,
    /// Where the same sign-in begins anew.
    pub again: String,
    /// Whether they only tried a connection.
    pub is_test: bool,
}

/// The circumstances of a refusal.
pub(crate) struct Circumstances<'a> {
    /// What is refused.
    pub refusal: &'a Refusal,
    /// What the door calls it.
    pub named: Named,
    /// The check that failed, as far as the browser may see it.
    pub failed: Option<&'a TraceStep>,
    /// The trace that says more.
    pub trace: Option<TraceId>,
    /// Where the person stands.
    pub at: &'a Whereabouts,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    frame: Frame<'a>,
    told: &'static Told,
    is_test: bool,
    again: &'a str,
    back: &'a str,
    back_text: String,
    contact: Option<&'a Contact>,
    help: (&'static str, &'static str),
    code: &'a str,
    message: &'a str,
    detail: &'a str,
    found: &'a str,
    expected: &'a str,
    who: &'static str,
    trace: String,
    request_id: String,
    at: String,
}

/// The page, as HTML for [`super::html::put`].
#[must_use]
pub(crate) fn page(app: &App, ctx: &Ctx, circumstances: &Circumstances<'_>) -> String {
    let Circumstances { refusal, named, failed, trace, at } = circumstances;
    let concern = refusal.what.concern();
    let detail = refusal.detail().unwrap_or_default();
    let frame = Frame { language: ctx.language, product: &at.product, organization: &at.organization };
    let texts = frame.texts();
    let page = RefusalPage {
        code: named.code,
        message: named.sentence,
        detail: &detail,
        found: failed.map(|step| unsaid(&step.found, &detail)).unwrap_or_default(),
        expected: failed.map(|step| step.expected.as_str()).unwrap_or_default(),
        who: refusal.what.whose().map(Whose::sentence).unwrap_or_default(),
        trace: trace.map(|id| id.to_string()).unwrap_or_default(),
        request_id: ctx.request_id.to_string(),
        at: ctx.now.to_string(),
        is_test: at.is_test,
        again: if concern.may_pass() { &at.again } else { "" },
        back: &at.back,
        back_text: filled(texts.back_to, "{product}", &at.product),
        contact: app.support_contact.as_ref(),
        ..RefusalPage::plain(frame, concern)
    };
    page.render().unwrap_or_default()
}

/// The page for whoever is refused before anything is known of them.
#[must_use]
pub(super) fn plain(language: Language, what: What) -> String {
    let frame = Frame { language, ..Frame::default() };
    RefusalPage::plain(frame, what.concern()).render().unwrap_or_default()
}

impl<'a> RefusalPage<'a> {
    fn plain(frame: Frame<'a>, concern: Concern) -> Self {
        let texts = frame.texts();
        Self {
            frame,
            told: texts.told(concern),
            is_test: false,
            help: around(texts.help, "{contact}"),
            again: "",
            back: "",
            back_text: String::new(),
            contact: None,
            code: "",
            message: "",
            detail: "",
            found: "",
            expected: "",
            who: "",
            trace: String::new(),
            request_id: String::new(),
            at: String::new(),
        }
    }
}

/// What was found, unless the paragraph above has just said so: a check whose values may not be shown is told
/// by its sentence in both places.
fn unsaid<'a>(found: &'a str, detail: &str) -> &'a str {
    if found.is_empty() || detail.starts_with(&sentence(found)) { "" } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_paragraph_says_is_not_said_again() {
        let detail = "The digest does not match. Okta calls this setting X.";
        assert_eq!(unsaid("the digest does not match", detail), "");
        assert_eq!(unsaid("https://other.example", detail), "https://other.example");
        assert_eq!(unsaid("", detail), "");
    }

    #[test]
    fn who_is_not_known_is_told_what_to_do_and_no_more() {
        let page = plain(Language::German, What::Busy);
        assert!(
            page.contains("<html lang=\"de\">") && page.contains("Warten Sie ein paar Sekunden"),
            "{page}"
        );
        assert!(!page.contains("<details") && !page.contains("href=\"\""), "{page}");
    }
}
