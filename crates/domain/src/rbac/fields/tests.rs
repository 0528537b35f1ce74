use std::sync::Arc;

use super::*;
use crate::entropy::Entropy;
use crate::id::{Environment, OrganizationId, ProjectId};
use crate::organization::Organization;
use crate::patch::Patch::{Clear, Set};
use crate::rbac::{ADMIN_ROLE, Authority, MEMBER_ROLE, Policy, builtin_policy};
use crate::time::Time;

struct Fixed(u8);
impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0);
    }
}

fn organization() -> Organization {
    let (project, id) = (
        ProjectId::generate(Environment::Test, &Fixed(1)),
        OrganizationId::generate(Environment::Test, &Fixed(2)),
    );
    let patch = OrganizationPatch { name: Set("Acme".to_owned()), ..OrganizationPatch::default() };
    Organization::create(id, project, patch, Time::default()).unwrap()
}

fn member(n: u8) -> MemberId {
    MemberId::generate(Environment::Test, &Fixed(n))
}

fn policy() -> Arc<Policy> {
    Arc::new(builtin_policy())
}

/// The entry of somebody: the project's backend, or member 3 with some roles.
fn entry(roles: Option<&[&str]>) -> Entry {
    let organization = organization();
    let authority = match roles {
        None => Authority::of_project(organization.project_id, Actor::Backend, policy()),
        Some(roles) => {
            let roles = roles.iter().map(ToString::to_string).collect();
            Authority::of_member(organization.tenant(), member(3), roles, policy())
        }
    };
    authority.enter(Some(organization)).unwrap()
}

/// Every field on its own, as JSON would give it: the patch with only that field.
macro_rules! each_field {
    ($patch:ident { $($field:ident = $value:expr),* $(,)? }) => {
        vec![$((stringify!($field), $patch { $field: $value, ..$patch::default() })),*]
    };
}

fn organization_fields() -> Vec<(&'static str, OrganizationPatch)> {
    use crate::organization::{Access, MfaPolicy};
    let access = || Set(Access::Restricted);
    let mut fields = each_field!(OrganizationPatch {
        name = Clear, slug = Clear, logo_url = Clear, external_id = Clear, trusted_metadata = Set(Default::default()),
    });
    let policy = each_field!(PolicyPatch {
        sso_default_connection_id = Clear, sso_jit_provisioning = access(),
        sso_jit_provisioning_allowed_connections = Set(vec![]), email_allowed_domains = Set(vec![]),
        email_jit_provisioning = access(), email_invites = access(), auth_methods = access(),
        allowed_auth_methods = Set(vec![]), mfa_policy = Set(MfaPolicy::Optional), mfa_methods = access(),
        allowed_mfa_methods = Set(vec![]), oauth_tenant_jit_provisioning = access(),
        allowed_oauth_tenants = Set(Default::default()), claimed_email_domains = Set(vec![]),
        first_party_connected_apps_allowed_type = access(), allowed_first_party_connected_apps = Set(vec![]),
        third_party_connected_apps_allowed_type = access(), allowed_third_party_connected_apps = Set(vec![]),
    });
    let whole = |(name, policy)| (name, OrganizationPatch { policy, ..OrganizationPatch::default() });
    fields.extend(policy.into_iter().map(whole));
    let assignments = each_field!(OrganizationPatch { email_role_assignments = Set(vec![]) });
    // In the snapshot they stand after the domains that they go by.
    let place = fields.iter().position(|(name, _)| *name == "claimed_email_domains").unwrap() + 1;
    fields.splice(place..place, assignments);
    fields
}

fn member_fields() -> Vec<(&'static str, MemberPatch)> {
    each_field!(MemberPatch {
        email_address = Clear, name = Clear, trusted_metadata = Set(Default::default()),
        untrusted_metadata = Set(Default::default()), is_breakglass = Set(true), mfa_phone_number = Clear,
        mfa_enrolled = Set(true), default_mfa_method = Clear, roles = Set(vec![]),
        external_id = Clear, unlink_email = true, preserve_existing_sessions = true,
    })
}

fn verdict<T>(outcome: Result<T, Refusal>) -> String {
    match outcome {
        Ok(_) => "yes".to_owned(),
        Err(refusal) => format!("{:?}", refusal.what),
    }
}

/// Who may give which field: nobody's field is forgotten, because every one is given on its own.
#[test]
fn table_of_all_fields() {
    let who: [(&str, Option<&[&str]>); 4] = [
        ("backend", None),
        ("admin", Some(&[ADMIN_ROLE, MEMBER_ROLE])),
        ("member", Some(&[MEMBER_ROLE])),
        ("nobody", Some(&[])),
    ];
    let mut table = String::new();
    for (field, patch) in organization_fields() {
        assert_eq!(patch.needs().iter().map(|(name, _)| *name).collect::<Vec<_>>(), [field]);
        for (name, roles) in who {
            let outcome = verdict(entry(roles).change_organization(&patch));
            table += &format!("organization.{field:<44} {name:<8} {outcome}\n");
        }
    }
    for (field, patch) in member_fields() {
        assert_eq!(patch.needs().iter().map(|(name, _)| *name).collect::<Vec<_>>(), [field]);
        for (name, roles) in who {
            let other = verdict(entry(roles).change_member(member(4), &patch));
            let own = verdict(entry(roles).change_member(member(3), &patch));
            table += &format!("member.{field:<50} {name:<8} {other:<24} own {own}\n");
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn who_belongs_elsewhere_learns_nothing() {
    let here = organization();
    let mut elsewhere = here.clone();
    elsewhere.id = OrganizationId::generate(Environment::Test, &Fixed(9));
    let stranger = || Authority::of_member(here.tenant(), member(3), vec![ADMIN_ROLE.to_owned()], policy());
    assert_eq!(stranger().enter(Some(elsewhere.clone())).unwrap_err().what, What::OtherTenant);
    assert_eq!(stranger().enter(None).unwrap_err().what, What::OtherTenant);
    let mut other_project = here.clone();
    other_project.project_id = ProjectId::generate(Environment::Test, &Fixed(8));
    let backend = Authority::of_project(here.project_id, Actor::Backend, policy());
    assert!(backend.enter(Some(other_project)).is_err());
    let limited = Authority::limited(here.tenant(), Actor::Server, vec![Action::ReadConnections], policy());
    let inside = limited.enter(Some(here)).unwrap();
    assert!(inside.may(Action::ReadConnections));
    assert!(!inside.may(Action::DeleteConnection));
    assert!(inside.require_project().is_err());
}
