//! How many messages may be sent: whoever has a stolen first factor, or many numbers of their own, must not spend somebody
//! else's money. They are counted in the store, so that it holds whatever the node.

use crate::id::{MemberId, PhoneNumberId, ProjectId};
use crate::time::Span;

/// As often as a person asks again who has not got their code.
const SHORT: (Span, i64) = (Span::minutes(10), 5);
/// As often as somebody signs in on a bad day.
const LONG: (Span, i64) = (Span::days(1), 25);
const HOUR: Span = Span::minutes(60);

/// How many messages there may be of one kind in a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Of what, by ids: a number stands here by its derived id.
    pub subject: String,
    /// In which time, from the first of them.
    pub per: Span,
    /// How many.
    pub most: i64,
}

/// The bounds of a message to a number of a member, in the order in which they are counted: always the same, so that two
/// writers never wait for each other in a circle. `hourly` is the most that a project sends in an hour, if there is one.
#[must_use]
pub fn bounds(project: ProjectId, member: MemberId, number: &str, hourly: Option<i64>) -> Vec<Bound> {
    let number = PhoneNumberId::of(project, number);
    let of = |what: &str, subject: &dyn ToString| {
        let subject = subject.to_string();
        [("short", SHORT), ("long", LONG)].map(|(name, (per, most))| Bound {
            subject: format!("sms {name} {what} {subject}"),
            per,
            most,
        })
    };
    let of_project = hourly.map(|most| Bound { subject: "sms project".to_owned(), per: HOUR, most });
    of("member", &member).into_iter().chain(of("number", &number)).chain(of_project).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_for_its_member_its_number_and_its_project() {
        let project: ProjectId = "project-test-3ed2b061-1e97-4a9c-be87-c83e7ed97c2d".parse().unwrap();
        let member: MemberId = "member-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let bounds_of = |number, hourly| bounds(project, member, number, hourly);
        let most = |bounds: &[Bound]| bounds.iter().map(|bound| bound.most).collect::<Vec<_>>();
        assert_eq!(most(&bounds_of("+15555550123", Some(1000))), [5, 25, 5, 25, 1000]);
        assert_eq!(most(&bounds_of("+15555550123", None)), [5, 25, 5, 25]);
        let (one, other) = (bounds_of("+15555550123", None), bounds_of("+15555550199", None));
        assert_eq!(one[..2], other[..2]);
        assert_ne!(one[2], other[2]);
        assert!(one.iter().all(|bound| !bound.subject.contains("5555")), "no number is written down");
    }
}
