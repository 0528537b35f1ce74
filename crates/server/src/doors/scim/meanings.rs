//! What each meaning of a refusal is called in the protocol: a status, a word for programs and a sentence.

use vestibule_domain::refusal::{Bounded, Name, Refusal, What};
use vestibule_scim::problem::{Problem, ScimType};

use crate::http::refused::Named;

/// A refusal, ready to be written.
pub(super) fn problem(refusal: &Refusal) -> Problem {
    let (status, scim_type, sentence) = row(refusal.what);
    let detail = match refusal.detail() {
        Some(detail) => format!("{sentence} {detail}"),
        None => sentence.to_owned(),
    };
    Problem { status, scim_type, detail }
}

/// What a meaning is called.
pub(super) fn named(what: What) -> Named {
    let (_, scim_type, sentence) = row(what);
    Named { code: scim_type.map(ScimType::name).unwrap_or_default(), sentence }
}

/// What is not listed is no business of a directory; should one meet it all the same, its request was wrong.
const fn row(what: What) -> (u16, Option<ScimType>, &'static str) {
    let taken = Some(ScimType::Uniqueness);
    match what {
        What::WrongCredentials | What::UnreadableCredentials => {
            (401, None, "The token is none of this directory's, or is good no more.")
        }
        What::ScopeNotGranted | What::Forbidden => (403, None, "The token does not allow this."),
        What::BreakglassStays => (403, None, "The member is not the directory's to remove."),
        What::NotFound(_) => (404, None, "This directory has no resource with this id."),
        What::NoSuchRoute => (404, None, "There is no such endpoint."),
        What::MethodNotAllowed => (405, None, "The endpoint does not take this method."),
        What::Taken(Name::UserName) => (409, taken, "Another resource of this directory has this userName."),
        What::Taken(Name::DirectoryExternalId) => {
            (409, taken, "Another resource of this directory has this externalId.")
        }
        What::Taken(Name::GroupName) => (409, taken, "Another group of this directory has this displayName."),
        What::Taken(Name::MemberEmail) => {
            (409, taken, "Another member of the organization has this address.")
        }
        What::Taken(Name::ClaimedDomain) => (
            400,
            Some(ScimType::InvalidValue),
            "The address is in a domain that another organization has claimed.",
        ),
        What::Taken(_) => (409, taken, "Somebody else has this value."),
        What::TooLarge(Bounded::Body) => (413, None, "The body is larger than it may be."),
        What::UnsupportedMediaType => (415, None, "The body is of a kind that is not read."),
        What::TooManyRequests => (429, None, "Too many requests."),
        What::Internal => (500, None, "Something failed on our side."),
        What::Unavailable | What::Busy => (503, None, "This cannot be done right now: try again."),
        What::Unreadable => (400, Some(ScimType::InvalidSyntax), "The request cannot be read."),
        What::Invalid(_) => (400, Some(ScimType::InvalidValue), "A value cannot be taken."),
        _ => (400, None, "The request cannot be done."),
    }
}
