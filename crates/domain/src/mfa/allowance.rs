//! How many messages may be sent: whoever has a stolen first factor, or many numbers of their own, must not spend somebody
//! else's money. They are counted in the store, so that it holds whatever the node.

use crate::id::{MemberId, PhoneNumberId};
use crate::tenant::Tenant;
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

/// The most of what a project sends that one organization may have sent. Whoever likes can found an organization: the others
/// of the project sign in too.
#[must_use]
pub const fn share_of_organization(of_project: i64) -> i64 {
    of_project.saturating_add(1) / 2
}

/// The bounds of a message to a number of a member, in the order in which they are counted: always the same, so that two
/// writers never wait for each other in a circle. `hourly` is the most that a project sends in an hour, if there is one.
#[must_use]
pub fn bounds(tenant: Tenant, member: MemberId, number: &str, hourly: Option<i64>) -> Vec<Bound> {
    let number = PhoneNumberId::of(tenant.project_id(), number);
    let of = |what: &str, subject: &dyn ToString| {
        let subject = subject.to_string();
        [("short", SHORT), ("long", LONG)].map(|(name, (per, most))| Bound {
            subject: format!("sms {name} {what} {subject}"),
            per,
            most,
        })
    };
    let in_an_hour = hourly.into_iter().flat_map(|most| {
        let organization = format!("sms organization {}", tenant.organization_id());
        [(organization, share_of_organization(most)), ("sms project".to_owned(), most)]
            .map(|(subject, most)| Bound { subject, most, per: HOUR })
    });
    of("member", &member).into_iter().chain(of("number", &number)).chain(in_an_hour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::tests::member;

    #[test]
    fn a_message_counts_for_its_member_its_number_its_organization_and_its_project() {
        let ada = member();
        let bounds_of = |number, hourly| bounds(ada.tenant(), ada.id, number, hourly);
        let most = |bounds: &[Bound]| bounds.iter().map(|bound| bound.most).collect::<Vec<_>>();
        assert_eq!(most(&bounds_of("+15555550123", Some(1000))), [5, 25, 5, 25, 500, 1000]);
        assert_eq!(
            share_of_organization(1),
            1,
            "a project of one message has one organization that sends it"
        );
        assert_eq!(most(&bounds_of("+15555550123", None)), [5, 25, 5, 25]);
        let (one, other) = (bounds_of("+15555550123", None), bounds_of("+15555550199", None));
        assert_eq!(one[..2], other[..2]);
        assert_ne!(one[2], other[2]);
        assert!(one.iter().all(|bound| !bound.subject.contains("5555")), "no number is written down");
    }
}
