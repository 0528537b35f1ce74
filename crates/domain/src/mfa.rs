//! Second factors of members: an authenticator application with its recovery codes, and codes by text message. Who may add
//! one, what proves one, and how often somebody may try (ADR 37).

pub mod allowance;
pub mod attempts;
pub mod evidence;
pub mod phone;
pub mod recovery;
pub mod sms;
pub mod totp;

use crate::member::Member;
use crate::organization::Organization;
use crate::refusal::{Refusal, What};
use crate::session::MfaMethod;
use crate::spelled::spelled;

spelled! {
    /// Whether a second factor is asked of somebody from now on, as they choose with a proof of it.
    pub enum Enrollment {
        /// It is.
        Enroll = "enroll",
        /// It is not, where their organization leaves it to them.
        Unenroll = "unenroll",
    }
}

/// What somebody chooses about their second factors when they prove one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Whether one is asked of them from now on; as before when absent.
    pub enrollment: Option<Enrollment>,
    /// The one that was proved is the one they are asked for first.
    pub makes_default: bool,
}

/// Refuses a second factor that the organization does not take.
///
/// # Errors
/// [`What::MfaMethodNotAllowedHere`] naming those that it takes.
pub fn require_allowed(organization: &Organization, method: MfaMethod) -> Result<(), Refusal> {
    if organization.takes(method) {
        return Ok(());
    }
    let allowed = organization.policy.allowed_mfa_methods.join(", ");
    Err(Refusal::new(What::MfaMethodNotAllowedHere).found(method.as_str()).expected(allowed))
}

/// Notes what a proof of a second factor changes about its member: the first one that is proved is what they are asked for
/// first, and what they choose themselves counts where the organization leaves it to them.
pub fn note_proof(organization: &Organization, member: &mut Member, method: MfaMethod, choices: Choices) {
    if member.default_mfa_method.is_empty() || choices.makes_default {
        method.as_str().clone_into(&mut member.default_mfa_method);
    }
    // Where everybody needs one there is nothing to choose.
    if let Some(enrollment) = choices.enrollment
        && !organization.demands_second_factor()
    {
        member.mfa_enrolled = enrollment == Enrollment::Enroll;
    }
}

/// The second factor that a member is asked for first: the one that is their default, else the only one they have.
#[must_use]
pub fn asked_first(organization: &Organization, member: &Member) -> Option<MfaMethod> {
    let has = |method: MfaMethod| {
        organization.takes(method)
            && match method {
                MfaMethod::Totp => member.totp_id.is_some(),
                MfaMethod::SmsOtp => !member.mfa_phone_number.is_empty(),
            }
    };
    let default = MfaMethod::from_name(&member.default_mfa_method).filter(|method| has(*method));
    let mut theirs = MfaMethod::ALL.into_iter().filter(|method| has(*method));
    default.or_else(|| theirs.next().filter(|_| theirs.next().is_none()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::id::{MemberId, OrganizationId, ProjectId};
    use crate::member::MemberDraft;
    use crate::organization::{Access, MfaPolicy, OrganizationPatch, PolicyPatch};
    use crate::patch::Patch;
    use crate::time::Time;

    pub(crate) fn organization(policy: PolicyPatch) -> Organization {
        let project: ProjectId = "project-test-3ed2b061-1e97-4a9c-be87-c83e7ed97c2d".parse().unwrap();
        let id: OrganizationId = "organization-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let patch =
            OrganizationPatch { name: Patch::Set("Acme".into()), policy, ..OrganizationPatch::default() };
        Organization::create(id, project, patch, Time::default()).unwrap()
    }

    pub(crate) fn member() -> Member {
        let id: MemberId = "member-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let draft = MemberDraft { email_address: "ada@acme.test".into(), ..MemberDraft::default() };
        Member::create(id, organization(PolicyPatch::default()).tenant(), draft, |_| true, Time::default())
            .unwrap()
    }

    fn choosing(enrollment: Option<Enrollment>, makes_default: bool) -> Choices {
        Choices { enrollment, makes_default }
    }

    #[test]
    fn the_first_proof_sets_the_default_and_later_ones_only_when_told() {
        let (acme, mut ada) = (organization(PolicyPatch::default()), member());
        note_proof(&acme, &mut ada, MfaMethod::Totp, Choices::default());
        assert_eq!((ada.default_mfa_method.as_str(), ada.mfa_enrolled), ("totp", false));
        note_proof(&acme, &mut ada, MfaMethod::SmsOtp, Choices::default());
        assert_eq!(ada.default_mfa_method, "totp");
        note_proof(&acme, &mut ada, MfaMethod::SmsOtp, choosing(None, true));
        assert_eq!(ada.default_mfa_method, "sms_otp");
    }

    #[test]
    fn enrolment_is_theirs_to_choose_unless_everybody_needs_a_second_factor() {
        let (optional, mut ada) = (organization(PolicyPatch::default()), member());
        let (enroll, leave) =
            (choosing(Some(Enrollment::Enroll), false), choosing(Some(Enrollment::Unenroll), false));
        note_proof(&optional, &mut ada, MfaMethod::Totp, enroll);
        assert!(ada.mfa_enrolled);
        let required = organization(PolicyPatch {
            mfa_policy: Patch::Set(MfaPolicy::RequiredForAll),
            ..PolicyPatch::default()
        });
        note_proof(&required, &mut ada, MfaMethod::Totp, leave);
        assert!(ada.mfa_enrolled);
        note_proof(&optional, &mut ada, MfaMethod::Totp, leave);
        assert!(!ada.mfa_enrolled);
    }

    #[test]
    fn who_has_one_second_factor_is_asked_for_it_and_who_has_two_for_their_default() {
        let (acme, mut ada) = (organization(PolicyPatch::default()), member());
        assert_eq!(asked_first(&acme, &ada), None);
        ada.set_phone_number("+15555550123".into());
        assert_eq!(asked_first(&acme, &ada), Some(MfaMethod::SmsOtp));
        ada.totp_id = Some("member-totp-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap());
        assert_eq!(asked_first(&acme, &ada), None, "nobody has said which");
        ada.default_mfa_method = "sms_otp".into();
        assert_eq!(asked_first(&acme, &ada), Some(MfaMethod::SmsOtp));
        let totp_only = organization(PolicyPatch {
            mfa_methods: Patch::Set(Access::Restricted),
            allowed_mfa_methods: Patch::Set(vec!["totp".into()]),
            ..PolicyPatch::default()
        });
        assert_eq!(asked_first(&totp_only, &ada), Some(MfaMethod::Totp));
        ada.set_phone_number(String::new());
        assert_eq!(ada.default_mfa_method, "totp", "what is left takes its place");
        ada.remove_totp();
        assert_eq!((asked_first(&acme, &ada), ada.default_mfa_method.as_str()), (None, ""));
    }

    #[test]
    fn a_restriction_of_second_factors_is_told() {
        let acme = organization(PolicyPatch {
            mfa_methods: Patch::Set(Access::Restricted),
            allowed_mfa_methods: Patch::Set(vec!["totp".into()]),
            ..PolicyPatch::default()
        });
        assert_eq!(require_allowed(&acme, MfaMethod::Totp), Ok(()));
        let refused = require_allowed(&acme, MfaMethod::SmsOtp).unwrap_err();
        assert_eq!(refused.detail().unwrap(), "Found sms_otp, expected totp.");
        assert_eq!(require_allowed(&organization(PolicyPatch::default()), MfaMethod::SmsOtp), Ok(()));
    }
}
