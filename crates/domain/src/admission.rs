//! Admission: which member a proved identity is, or why it is nobody here (contract 9.1 and 9.2, security
//! rules c.3). A pure decision over what the operation has loaded.

use crate::email::EmailAddress;
use crate::entropy::Entropy;
use crate::id::{ConnectionKind, MemberId, RegistrationId};
use crate::identity::{EmailTrust, Identity, Registration};
use crate::member::{Member, MemberDraft, MemberStatus};
use crate::metadata::{Metadata, merge};
use crate::organization::Organization;
use crate::refusal::{Refusal, Via, What};
use crate::time::Time;

/// What the operation found for an identity, all of it inside the connection's organization.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The registration of this subject at this connection, with its member.
    pub registered: Option<(Registration, Member)>,
    /// The member who has the identity's address now.
    pub by_email: Option<Member>,
    /// Whether that member is already known to this connection by another subject.
    pub by_email_has_other_subject: bool,
}

/// How a member was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionKind {
    /// By an earlier sign-in of the same subject.
    Existing,
    /// By address: this sign-in ties the subject to the member.
    Linked,
    /// Not at all: this sign-in creates the member.
    Created,
}

/// The member a sign-in leads to, as they are to be saved.
#[derive(Clone, Debug)]
pub struct Admission {
    /// How the member was found.
    pub kind: AdmissionKind,
    /// The member after this sign-in.
    pub member: Member,
    /// The version of the member this was decided on, equal to the member's own when nothing about them
    /// changed; 0 for a created one.
    pub decided_on_version: i64,
    /// The registration after this sign-in.
    pub registration: Registration,
}

/// Decides which member an identity is.
///
/// # Errors
/// No usable address, an address the provider disowns, an address that is known
/// by another subject, a method the organization does not allow, or no right to create members.
pub fn admit(
    organization: &Organization,
    identity: &Identity,
    known: Known,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<Admission, Refusal> {
    let registration = |member: MemberId| Registration {
        id: RegistrationId::generate(identity.connection_id.kind(), organization.id.environment(), entropy),
        project_id: organization.project_id,
        organization_id: organization.id,
        member_id: member,
        connection_id: identity.connection_id,
        external_id: identity.subject.clone(),
        attributes: identity.attributes.clone(),
        groups: identity.groups.clone(),
        created_at: now,
        last_login_at: now,
    };
    if let Some((mut registration, member)) = known.registered {
        check_method(organization, Some(&member))?;
        let taken = known.by_email.as_ref().is_some_and(|other| other.id != member.id);
        registration.attributes.clone_from(&identity.attributes);
        registration.groups.clone_from(&identity.groups);
        registration.last_login_at = now;
        return admitted(
            AdmissionKind::Existing,
            organization,
            identity,
            member,
            registration,
            taken,
            now,
            entropy,
        );
    }
    let email = trusted_email(identity)?;
    if let Some(member) = known.by_email {
        check_method(organization, Some(&member))?;
        if known.by_email_has_other_subject {
            return Err(Refusal::new(refusals(identity).subject_mismatch).because(
                "Found another subject for this address than at earlier sign-ins through this connection. If the \
                 address was given to somebody else, remove the old member first.",
            ));
        }
        let registration = registration(member.id);
        return admitted(
            AdmissionKind::Linked,
            organization,
            identity,
            member,
            registration,
            false,
            now,
            entropy,
        );
    }
    check_method(organization, None)?;
    if !organization.allows_jit_by(identity.connection_id) {
        return Err(What::JitNotAllowed.into());
    }
    let member = created(organization, identity, email, now, entropy)?;
    let registration = registration(member.id);
    Ok(Admission { kind: AdmissionKind::Created, decided_on_version: 0, member, registration })
}

/// The address of an identity, if it may be used to find or create a member.
fn trusted_email(identity: &Identity) -> Result<&EmailAddress, Refusal> {
    let email = identity.email.as_ref().ok_or(refusals(identity).email_missing)?;
    if identity.email_trust == EmailTrust::Unverified {
        return Err(refusals(identity).email_unverified.into());
    }
    Ok(email)
}

/// What is missing or wrong, for one protocol.
struct Refusals {
    email_missing: What,
    email_unverified: What,
    subject_mismatch: What,
}

const fn refusals(identity: &Identity) -> Refusals {
    match identity.connection_id.kind() {
        ConnectionKind::Oidc => Refusals {
            email_missing: What::NoEmail(Via::Oidc),
            email_unverified: What::DisownedEmail(Via::Oidc),
            subject_mismatch: What::OtherSubject(Via::Oidc),
        },
        ConnectionKind::Saml | ConnectionKind::External => Refusals {
            email_missing: What::NoEmail(Via::Saml),
            email_unverified: What::NoEmail(Via::Saml),
            subject_mismatch: What::OtherSubject(Via::Saml),
        },
    }
}

fn check_method(organization: &Organization, member: Option<&Member>) -> Result<(), Refusal> {
    if organization.allows_sso() || member.is_some_and(|member| member.is_breakglass) {
        return Ok(());
    }
    Err(What::MethodNotAllowedHere.into())
}

fn created(
    organization: &Organization,
    identity: &Identity,
    email: &EmailAddress,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<Member, Refusal> {
    let id = MemberId::generate(organization.id.environment(), entropy);
    let draft = MemberDraft {
        email_address: email.as_str().to_owned(),
        name: identity.name.clone(),
        ..MemberDraft::default()
    };
    let mut member = Member::create(id, organization.tenant(), draft, |_| false, now)?;
    member.email_verified = vouched(organization, identity, email);
    take_metadata(&mut member, identity)?;
    Ok(member)
}

/// Whether an address counts as verified: the provider says so, or it says nothing and the organization
/// owns the domain. An organization's provider cannot vouch for other companies' addresses by silence.
fn vouched(organization: &Organization, identity: &Identity, email: &EmailAddress) -> bool {
    match identity.email_trust {
        EmailTrust::Verified => true,
        EmailTrust::Unstated => organization.owns_domain(email.domain()),
        EmailTrust::Unverified => false,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one private step of `admit`, which would otherwise be written twice"
)]
fn admitted(
    kind: AdmissionKind,
    organization: &Organization,
    identity: &Identity,
    mut member: Member,
    registration: Registration,
    address_taken: bool,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<Admission, Refusal> {
    let before = member.clone();
    if let Some(email) = &identity.email
        && identity.email_trust != EmailTrust::Unverified
        && !address_taken
    {
        let verified = vouched(organization, identity, email);
        member.change_email(email.clone(), verified, false, entropy);
        member.email_verified |= verified;
    }
    if member.name.is_empty() {
        member.name.clone_from(&identity.name);
    }
    if matches!(member.status, MemberStatus::Pending | MemberStatus::Invited) {
        member.status = MemberStatus::Active;
    }
    take_metadata(&mut member, identity)?;
    // Most sign-ins change nothing about the member. Then nothing is saved, and many at once do not meet.
    if member != before {
        member.touch(now);
    }
    Ok(Admission { kind, member, decided_on_version: before.version, registration })
}

fn take_metadata(member: &mut Member, identity: &Identity) -> Result<(), Refusal> {
    let patch: Metadata = identity.trusted_metadata.clone().into_iter().collect();
    merge(&mut member.trusted_metadata, &patch)
}
