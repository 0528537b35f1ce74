//! What somebody who has proved some factors still has to prove: what their organization demands of its members.

use crate::member::Member;
use crate::organization::{Access, Organization};
use crate::session::{AuthMethod, Factor, FactorKind};

/// What is missing to a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The ways in of which one is needed first.
    pub primary: Option<Vec<AuthMethod>>,
    /// Whether a second factor is needed.
    pub second: bool,
}

impl Missing {
    /// Whether nothing is.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.primary.is_none() && !self.second
    }
}

/// What a member has still to prove. Of the factors those count that are theirs: a connection of the organization they
/// are registered with is checked where the factor comes from; mail counts that reaches an address of theirs.
#[must_use]
pub fn missing(organization: &Organization, member: &Member, factors: &[Factor]) -> Missing {
    let has_way_in = factors.iter().any(|factor| is_way_in(organization, member, &factor.kind));
    let primary = (!has_way_in).then(|| ways_in(organization, member));
    let demands_second = organization.demands_second_factor() || member.mfa_enrolled;
    let second = demands_second && !factors.iter().any(|factor| is_second(organization, &factor.kind));
    Missing { primary, second }
}

/// The ways in that are open to a member. Who is exempt from the organization's restriction has all of them.
#[must_use]
pub fn ways_in(organization: &Organization, member: &Member) -> Vec<AuthMethod> {
    let is_open = |method: &AuthMethod| organization.allows(*method) || member.is_breakglass;
    AuthMethod::ALL.into_iter().filter(is_open).collect()
}

fn is_way_in(organization: &Organization, member: &Member, factor: &FactorKind) -> bool {
    // Where the ways in are restricted, a session of another system is none of them.
    if let FactorKind::Imported { .. } = factor {
        return organization.policy.auth_methods != Access::Restricted || member.is_breakglass;
    }
    let Some(method) = factor.auth_method() else { return false };
    let is_theirs = match factor {
        FactorKind::Email { address, .. } => member.has_or_had(address),
        _ => true,
    };
    is_theirs && (organization.allows(method) || member.is_breakglass)
}

fn is_second(organization: &Organization, factor: &FactorKind) -> bool {
    factor.is_second() && factor.mfa_method().is_none_or(|method| organization.takes(method))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MemberId;
    use crate::member::MemberDraft;
    use crate::organization::{MfaPolicy, OrganizationPatch, PolicyPatch};
    use crate::patch::Patch;
    use crate::session::EmailMethod;
    use crate::time::Time;

    const MAGIC_LINK: &str = "ada@acme.test";

    fn organization(policy: PolicyPatch) -> Organization {
        let project = "project-test-3ed2b061-1e97-4a9c-be87-c83e7ed97c2d".parse().unwrap();
        let id = "organization-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let patch =
            OrganizationPatch { name: Patch::Set("Acme".into()), policy, ..OrganizationPatch::default() };
        Organization::create(id, project, patch, Time::default()).unwrap()
    }

    fn member(organization: &Organization) -> Member {
        let id: MemberId = "member-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        let draft = MemberDraft { email_address: MAGIC_LINK.into(), ..MemberDraft::default() };
        Member::create(id, organization.tenant(), draft, |_| true, Time::default()).unwrap()
    }

    fn factor(kind: FactorKind) -> Factor {
        Factor {
            kind,
            created_at: Time::default(),
            last_authenticated_at: Time::default(),
            valid_until: None,
        }
    }

    fn mail(method: EmailMethod, address: &str) -> Factor {
        factor(FactorKind::Email { method, address: address.to_owned().try_into().unwrap() })
    }

    fn totp() -> Factor {
        factor(FactorKind::Totp {
            totp_id: "member-totp-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap(),
        })
    }

    fn sms() -> Factor {
        factor(FactorKind::Sms { phone_number: "+15555550123".into() })
    }

    #[test]
    fn mail_to_anybody_elses_address_is_no_way_in() {
        let acme = organization(PolicyPatch::default());
        let ada = member(&acme);
        assert!(missing(&acme, &ada, &[mail(EmailMethod::Otp, MAGIC_LINK)]).is_nothing());
        let other = missing(&acme, &ada, &[mail(EmailMethod::Otp, "eve@acme.test")]);
        assert_eq!(other, Missing { primary: Some(AuthMethod::ALL.to_vec()), second: false });
        assert!(missing(&acme, &ada, &[totp()]).primary.is_some(), "a second factor is no first");
    }

    #[test]
    fn a_restriction_counts_for_all_but_the_exempt() {
        let sso_only = PolicyPatch {
            auth_methods: Patch::Set(Access::Restricted),
            allowed_auth_methods: Patch::Set(vec!["sso".into(), "email_otp".into()]),
            ..PolicyPatch::default()
        };
        let acme = organization(sso_only);
        let mut ada = member(&acme);
        let link = [mail(EmailMethod::MagicLink, MAGIC_LINK)];
        let expected = Some(vec![AuthMethod::Sso, AuthMethod::EmailOtp]);
        assert_eq!(missing(&acme, &ada, &link).primary, expected);
        assert!(missing(&acme, &ada, &[mail(EmailMethod::Otp, MAGIC_LINK)]).is_nothing());
        ada.is_breakglass = true;
        assert!(missing(&acme, &ada, &link).is_nothing());
    }

    #[test]
    fn a_second_factor_is_one_that_the_organization_takes() {
        let totp_only = PolicyPatch {
            mfa_policy: Patch::Set(MfaPolicy::RequiredForAll),
            mfa_methods: Patch::Set(Access::Restricted),
            allowed_mfa_methods: Patch::Set(vec!["totp".into()]),
            ..PolicyPatch::default()
        };
        let acme = organization(totp_only);
        let ada = member(&acme);
        let first = mail(EmailMethod::Otp, MAGIC_LINK);
        assert!(missing(&acme, &ada, std::slice::from_ref(&first)).second);
        assert!(missing(&acme, &ada, &[first.clone(), mail(EmailMethod::MagicLink, MAGIC_LINK)]).second);
        assert!(missing(&acme, &ada, &[first.clone(), sms()]).second);
        assert!(missing(&acme, &ada, &[first.clone(), totp()]).is_nothing());
        let code = FactorKind::RecoveryCode {
            totp_id: "member-totp-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap(),
        };
        assert!(missing(&acme, &ada, &[first, factor(code)]).is_nothing());
    }

    #[test]
    fn who_enrolled_needs_a_second_factor_where_nobody_has_to() {
        let acme = organization(PolicyPatch::default());
        let mut ada = member(&acme);
        let first = [mail(EmailMethod::Otp, MAGIC_LINK)];
        assert!(missing(&acme, &ada, &first).is_nothing());
        ada.mfa_enrolled = true;
        assert!(missing(&acme, &ada, &first).second);
    }
}
