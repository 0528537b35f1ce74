//! What is done in the provider's console, and the values that are entered there: the very ones that answers are judged by.

use super::our_values;
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use crate::web::page::Frame;
use crate::web::words::{Piece, Words, sentence};
use crate::world::provider_guides::{Guide, Step};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "setup/todo.html")]
struct Todo {
    frame: Frame,
    around: Around,
    lead: &'static str,
    steps: Vec<Vec<Piece>>,
    /// A screen to open; `""` where its address is not known to the letter.
    link: &'static str,
    /// The address with what only the reader knows.
    pattern: Vec<Piece>,
    notes: Vec<&'static str>,
    renamed: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "setup/ours.html")]
struct OursPage {
    frame: Frame,
    around: Around,
    lead: Vec<Piece>,
    enter: Vec<Vec<Piece>>,
    values: Vec<Value>,
    confirm: Vec<Vec<Piece>>,
    renamed: Vec<Piece>,
}

struct Value {
    id: String,
    label: &'static str,
    value: String,
    why: &'static str,
}

/// Things to do in a console, as sentences.
pub(super) fn told(words: &Words, steps: &'static [Step]) -> Vec<Vec<Piece>> {
    let told = |step: &'static Step| {
        let names = [("label", step.label.as_str()), ("value", step.to.as_deref().unwrap_or_default())];
        sentence((words.act)(step.act), &names)
    };
    steps.iter().map(told).collect()
}

fn renamed(subject: &Subject) -> Vec<Piece> {
    sentence(subject.words().names_change, &[("year", &subject.provider.seen.to_string())])
}

/// What many stumble over.
fn notes(words: &Words, guide: &Guide) -> Vec<&'static str> {
    guide.notes.iter().map(|note| (words.note)(*note)).collect()
}

/// What is done there, to make the application or to let people in.
pub(super) fn todo(subject: &Subject, page: Page) -> Response {
    let (words, guide) = (subject.words(), subject.guide);
    let (lead, steps) = match page {
        Page::Assign => (words.assign_sentence, told(words, &guide.assign)),
        _ => ("", told(words, &guide.create)),
    };
    let link = guide.link.as_deref().filter(|_| page == Page::Create).unwrap_or_default();
    let is_whole = !link.contains('{');
    let page = Todo {
        frame: subject.visit.frame(),
        around: subject.around(page, Problem::default()),
        lead,
        steps,
        link: if is_whole { link } else { "" },
        pattern: if is_whole { Vec::new() } else { sentence(words.console_at, &[("link", link)]) },
        notes: if page == Page::Create { notes(words, guide) } else { Vec::new() },
        renamed: renamed(subject),
    };
    answer(false, page.render())
}

/// Our values, by the names of their fields there.
pub(super) fn ours(subject: &Subject) -> Response {
    let (words, guide) = (subject.words(), subject.guide);
    let value = |(number, ours): (usize, &'static crate::world::provider_guides::OurValue)| Value {
        id: format!("value-{number}"),
        label: &ours.label,
        value: our_values::of(&subject.visit.app, &subject.connection, ours.value),
        why: (words.why)(ours.value),
    };
    let page = OursPage {
        frame: subject.visit.frame(),
        around: subject.around(Page::Ours, Problem::default()),
        lead: sentence(words.ours_sentence, &[("provider", &subject.provider.name)]),
        enter: told(words, &guide.enter),
        values: guide.ours.iter().enumerate().map(value).collect(),
        confirm: told(words, &guide.confirm),
        renamed: renamed(subject),
    };
    answer(false, page.render())
}
