//! Addresses that members had before. Each is reserved for its member in their organization until the member lets it go or
//! is removed.
//!
//! The member's document says which they are; the rows here say whose an address is. A member is made only with an address
//! that nobody has reserved ([`super::members::insert`]); one who gets another address requires that ([`moved`]).

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::{MemberId, ProjectId};
use vestibule_domain::member::{Member, MemberStatus};

use super::organizations;
use crate::error::Guard;
use crate::hold::{Hold, Lock, Rank};
use crate::params;
use crate::sql::{Batch, Param, Write};

/// The guard of [`moved`] and of [`super::members::insert`]: the address is reserved for another member.
pub const RESERVED: Guard = Guard("member_email_reserved");

const UNRESERVED: &str = "SELECT o.id FROM organizations o WHERE o.project_id = ?1 AND o.id = ?2
     AND NOT EXISTS (SELECT 1 FROM retired_emails r
         WHERE r.project_id = o.project_id AND r.organization_id = o.id AND r.email = ?3 AND r.member_id <> ?4)";
/// What somebody else has is not reserved any more: before there were reservations they could take it.
const RESERVE: &str = "INSERT INTO retired_emails (project_id, organization_id, email, member_id)
     SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT)
     WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.project_id = ?1 AND m.organization_id = ?2 AND m.email = ?3
         AND m.id <> ?4 AND m.status <> 'deleted')
     ON CONFLICT (project_id, organization_id, email) DO NOTHING";
const RELEASE: &str = "DELETE FROM retired_emails WHERE project_id = ?1 AND member_id = ?2";
const RELEASE_ALL: &str = "DELETE FROM retired_emails WHERE project_id = ?1 AND organization_id = ?2";

pub(crate) const ALL: &[&str] = &[UNRESERVED, RESERVE, RELEASE, RELEASE_ALL];

/// What goes with a change of a member's addresses: what they leave is reserved, what they let go is free, and what they
/// take must not be reserved for another ([`RESERVED`]). Nothing when the addresses are as before.
#[must_use]
pub fn moved(before: &Member, after: &Member) -> Batch {
    let takes = after.status != MemberStatus::Deleted
        && (after.email != before.email || before.status == MemberStatus::Deleted);
    if !takes && after.retired_emails == before.retired_emails {
        return Batch::new();
    }
    let batch = Batch::from(release(after.project_id, after.id)).and(Batch::from(reserve(after)));
    if !takes {
        return batch;
    }
    // Whoever is about to make a member with the address that is left waits, and finds it reserved.
    batch.requires([organizations::row(after.tenant(), Lock::Going), unreserved(after, &after.email)])
}

/// Nobody else has an address reserved that a member is to have: fails with the guard [`RESERVED`].
#[must_use]
pub fn unreserved(member: &Member, email: &EmailAddress) -> Hold {
    let params = params![
        Param::display(member.project_id),
        Param::display(member.organization_id),
        email.as_str(),
        Param::display(member.id)
    ];
    Hold::question(Rank::Organization, member.organization_id, UNRESERVED, params).or(RESERVED)
}

/// Reserves for a member what they had before, as far as nobody else has it.
pub(crate) fn reserve(member: &Member) -> Vec<Write> {
    let write = |address: &str| {
        let (project, organization) =
            (Param::display(member.project_id), Param::display(member.organization_id));
        Write::any(RESERVE, params![project, organization, address, Param::display(member.id)])
    };
    member.retired_emails.iter().map(|retired| write(retired.address.as_str())).collect()
}

/// Lets go of everything that is reserved for a member.
pub(super) fn release(project: ProjectId, member: MemberId) -> Write {
    Write::any(RELEASE, params![Param::display(project), Param::display(member)])
}

/// Lets go of everything that is reserved in an organization.
pub(super) fn release_all(tenant: Tenant) -> Write {
    let params = params![Param::display(tenant.project_id()), Param::display(tenant.organization_id())];
    Write::any(RELEASE_ALL, params)
}
