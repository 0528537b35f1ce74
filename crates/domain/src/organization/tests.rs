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
    OrganizationPatch { name: Patch::Set(name.into()), ..OrganizationPatch::default() }
}

fn policy(policy: PolicyPatch) -> OrganizationPatch {
    OrganizationPatch { policy, ..named("Acme") }
}

#[test]
fn defaults_of_the_contract() {
    let organization = create(named("Acme & Söhne, Inc.")).unwrap();
    assert_eq!(organization.slug, "acme-s-hne-inc");
    assert_eq!(organization.policy, LoginPolicy::default());
    let strict =
        create(policy(PolicyPatch { mfa_policy: Patch::Set(MfaPolicy::Optional), ..PolicyPatch::default() }))
            .unwrap();
    assert_eq!(strict.policy.email_invites, Access::NotAllowed);
}

#[test]
fn rules_between_settings() {
    let all_off = PolicyPatch {
        sso_jit_provisioning: Patch::Set(Access::NotAllowed),
        email_invites: Patch::Set(Access::NotAllowed),
        ..PolicyPatch::default()
    };
    assert_eq!(create(policy(all_off)).unwrap_err().what, What::ProvisioningAllOff);
    let empty = PolicyPatch { auth_methods: Patch::Set(Access::Restricted), ..PolicyPatch::default() };
    assert_eq!(create(policy(empty)).unwrap_err().what, What::EmptyRestriction);
    let domains = Patch::Set(vec!["Gmail.com".into()]);
    let public = PolicyPatch { claimed_email_domains: domains, ..PolicyPatch::default() };
    assert_eq!(create(policy(public)).unwrap_err().what, What::PublicMailDomain);
    let slug = OrganizationPatch { slug: Patch::Set("a/b".into()), ..named("Acme") };
    assert_eq!(create(slug).unwrap_err().what, What::Invalid(Field::OrganizationSlug));
}

#[test]
fn a_refused_change_changes_nothing() {
    let mut organization = create(named("Acme")).unwrap();
    let before = organization.clone();
    let patch = OrganizationPatch { slug: Patch::Set("x".into()), ..named("Other") };
    assert!(organization.apply(patch, Time::from_millis(9)).is_err());
    assert_eq!(organization, before);
}

#[test]
fn what_is_unset_is_as_in_a_new_organization() {
    let connection = "oidc-connection-test-00000000-0000-4000-8000-000000000000".parse().unwrap();
    let mut organization = create(OrganizationPatch {
        logo_url: Patch::Set("https://acme.test/logo".into()),
        external_id: Patch::Set("crm-7".into()),
        ..policy(PolicyPatch {
            sso_default_connection_id: Patch::Set(connection),
            email_invites: Patch::Set(Access::NotAllowed),
            email_allowed_domains: Patch::Set(vec!["acme.test".into()]),
            ..PolicyPatch::default()
        })
    })
    .unwrap();
    assert_eq!(organization.policy.sso_default_connection_id, Some(connection));
    let patch = OrganizationPatch {
        logo_url: Patch::Clear,
        external_id: Patch::Clear,
        policy: PolicyPatch {
            sso_default_connection_id: Patch::Clear,
            email_invites: Patch::Clear,
            email_allowed_domains: Patch::Clear,
            ..PolicyPatch::default()
        },
        ..OrganizationPatch::default()
    };
    organization.apply(patch, Time::from_millis(9)).unwrap();
    assert_eq!(organization.policy, LoginPolicy::default());
    assert_eq!((organization.logo_url.as_str(), organization.external_id.as_ref()), ("", None));
}

#[test]
fn name_and_slug_cannot_be_unset() {
    let mut organization = create(named("Acme")).unwrap();
    let name = OrganizationPatch { name: Patch::Clear, ..OrganizationPatch::default() };
    let refusal = organization.apply(name, Time::from_millis(9)).unwrap_err();
    assert_eq!(refusal.what, What::Invalid(Field::OrganizationName));
    let slug = OrganizationPatch { slug: Patch::Clear, ..OrganizationPatch::default() };
    let refusal = organization.apply(slug, Time::from_millis(9)).unwrap_err();
    assert_eq!(refusal.what, What::Invalid(Field::OrganizationSlug));
    assert_eq!(
        create(OrganizationPatch { name: Patch::Clear, ..OrganizationPatch::default() }).unwrap_err().what,
        What::Invalid(Field::OrganizationName)
    );
}
