use super::*;
use crate::id::Environment;

struct Fixed;
impl crate::entropy::Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(3);
    }
}

fn create(patch: OrganizationPatch) -> Result<Organization, Refusal> {
    let id = OrganizationId::generate(Environment::Test, &Fixed);
    let project = ProjectId::generate(Environment::Test, &Fixed);
    Organization::create(id, project, patch, Time::from_millis(0))
}

fn named(name: &str) -> OrganizationPatch {
    OrganizationPatch { name: Some(name.into()), ..OrganizationPatch::default() }
}

#[test]
fn defaults_of_the_contract() {
    let organization = create(named("Acme & Söhne, Inc.")).unwrap();
    assert_eq!(organization.slug, "acme-s-hne-inc");
    assert_eq!(organization.policy, LoginPolicy::default());
    let strict = create(OrganizationPatch { mfa_policy: Some(MfaPolicy::Optional), ..named("A b") }).unwrap();
    assert_eq!(strict.policy.email_invites, Access::NotAllowed);
}

#[test]
fn rules_between_settings() {
    let all_off = OrganizationPatch {
        sso_jit_provisioning: Some(Access::NotAllowed),
        email_invites: Some(Access::NotAllowed),
        ..named("Acme")
    };
    assert_eq!(create(all_off).unwrap_err().what, What::ProvisioningAllOff);
    let empty = OrganizationPatch { auth_methods: Some(Access::Restricted), ..named("Acme") };
    assert_eq!(create(empty).unwrap_err().what, What::EmptyRestriction);
    let public = OrganizationPatch { claimed_email_domains: Some(vec!["Gmail.com".into()]), ..named("Acme") };
    assert_eq!(create(public).unwrap_err().what, What::PublicMailDomain);
    let slug = OrganizationPatch { slug: Some("a/b".into()), ..named("Acme") };
    assert_eq!(create(slug).unwrap_err().what, What::Invalid(Field::OrganizationSlug));
}

#[test]
fn a_refused_change_changes_nothing() {
    let mut organization = create(named("Acme")).unwrap();
    let before = organization.clone();
    let patch = OrganizationPatch { slug: Some("x".into()), ..named("Other") };
    assert!(organization.apply(patch, Time::from_millis(9)).is_err());
    assert_eq!(organization, before);
}
