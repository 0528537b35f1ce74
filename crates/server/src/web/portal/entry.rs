//! A field for one of the provider's values, under the name that the provider's console gives it.

use super::subject::Subject;
use crate::web::words::{Piece, sentence};
use crate::world::provider_guides::Theirs;

/// One of the provider's values, to be entered.
pub(super) struct Entry {
    /// The name of the field.
    pub name: &'static str,
    /// What it is.
    pub label: &'static str,
    /// What stands in it.
    pub value: String,
    /// What the console calls it, and where it shows it.
    pub called: Vec<Vec<Piece>>,
    /// Whether nobody is to read over somebody's shoulder.
    pub is_secret: bool,
}

/// What the console calls a value, and where it shows it.
pub(super) fn called(subject: &Subject, value: Theirs) -> Vec<Vec<Piece>> {
    let words = subject.words();
    let Some(theirs) = subject.guide.theirs_called(value) else { return Vec::new() };
    let mut said = vec![sentence(words.called_there, &[("label", &theirs.label)])];
    said.extend(theirs.at.as_ref().map(|at| sentence(words.stands_at, &[("place", at)])));
    said
}
