use super::*;
use crate::rbac::{ADMIN_ROLE, MEMBER_ROLE};

fn permission(resource: &str, actions: &[&str]) -> Permission {
    let actions = actions.iter().map(ToString::to_string).collect();
    Permission { resource_id: resource.to_owned(), actions }
}

fn role(id: &str, permissions: Vec<Permission>) -> Role {
    Role { role_id: id.to_owned(), description: String::new(), permissions }
}

fn resource(id: &str, actions: &[&str]) -> Resource {
    let actions = actions.iter().map(ToString::to_string).collect();
    Resource { resource_id: id.to_owned(), description: String::new(), actions }
}

fn documents(roles: Vec<Role>) -> Policy {
    Policy { roles, resources: vec![resource("documents", &["read", "write"])], scopes: Vec::new() }
}

fn refused(policy: Policy) -> (What, String) {
    let refusal = Additions::given(policy).unwrap_err();
    (refusal.what, refusal.detail().unwrap_or_default())
}

#[test]
fn what_is_shown_can_be_given_back() {
    let scope = Scope {
        scope: "read:documents".to_owned(),
        description: "Read".to_owned(),
        permissions: vec![permission("documents", &["read"])],
    };
    let mut given = documents(vec![role(
        "editor",
        vec![permission("documents", &["*"]), permission("stytch.sso", &["get"])],
    )]);
    given.scopes = vec![scope];
    let additions = Additions::given(given.clone()).unwrap();
    assert_eq!((&additions.roles, &additions.resources), (&given.roles, &given.resources));
    let whole = Policy::of(&additions);
    assert_eq!(Additions::given(whole.clone()).unwrap(), additions);
    // With something added to a built-in role too.
    let mut more = whole;
    more.roles[0].permissions.push(permission("documents", &["read"]));
    let again = Additions::given(more.clone()).unwrap();
    assert_eq!(again.roles[0], role(MEMBER_ROLE, vec![permission("documents", &["read"])]));
    assert_eq!(Policy::of(&again), more);
    assert_eq!(Additions::given(builtin_policy()).unwrap(), Additions::default());
    assert_eq!(Additions::given(Policy::default()).unwrap(), Additions::default());
}

#[test]
fn repeated_permissions_are_one() {
    let twice = vec![
        permission("documents", &["write", "write"]),
        permission("documents", &["read"]),
        permission("stytch.sso", &["get", "*"]),
    ];
    let additions = Additions::given(documents(vec![role("editor", twice)])).unwrap();
    let once = [permission("documents", &["write", "read"]), permission("stytch.sso", &["*"])];
    assert_eq!(additions.roles[0].permissions, once);
}

#[test]
fn what_is_built_in_stays() {
    let of = |role: Role| refused(documents(vec![role])).0;
    let built_in = What::Policy(PolicyProblem::BuiltIn);
    let own = || permission("stytch.self", &["*"]);
    assert_eq!(of(role(MEMBER_ROLE, vec![])), built_in);
    assert_eq!(of(role(MEMBER_ROLE, vec![permission("documents", &["read"])])), built_in);
    assert_eq!(of(role(MEMBER_ROLE, vec![own(), permission("stytch.member", &["search"])])), built_in);
    assert_eq!(of(role(MEMBER_ROLE, vec![permission("stytch.self", &["delete"])])), built_in);
    assert_eq!(of(role(ADMIN_ROLE, vec![permission("stytch.sso", &["*"])])), built_in);
    assert!(Additions::given(documents(vec![role(MEMBER_ROLE, vec![own()])])).is_ok());

    let with = |given: Resource| Policy { resources: vec![given], ..Policy::default() };
    assert_eq!(refused(with(resource("stytch.sso", &["get", "shred"]))).0, built_in);
    assert!(Additions::given(with(resource("stytch.sso", &["get"]))).is_ok(), "of an earlier version");
    let (what, detail) = refused(documents(vec![role(MEMBER_ROLE, vec![])]));
    assert_eq!(what, built_in);
    assert!(detail.contains("expected stytch.self: *. The role stytch_member is built in"), "{detail}");
}

#[test]
fn ids_are_ones_own_and_given_once() {
    let reserved = What::Policy(PolicyProblem::Reserved);
    let repeated = What::Policy(PolicyProblem::Repeated);
    let malformed = What::Invalid(Field::RbacId);
    let of_role = |id: &str| refused(documents(vec![role(id, vec![])])).0;
    for id in ["stytch_owner", "Stytch", "STYTCH.member"] {
        assert_eq!(of_role(id), reserved, "{id}");
    }
    for id in ["", "two words", "*", "é", "a\"b", "a\n", &"x".repeat(129)] {
        assert_eq!(of_role(id), malformed, "{id}");
    }
    assert!(Additions::given(documents(vec![role("Billing:admin/eu-1_a.b", vec![])])).is_ok());
    assert_eq!(refused(documents(vec![role("a", vec![]), role("a", vec![])])).0, repeated);
    assert_eq!(
        refused(documents(vec![role(ADMIN_ROLE, builtin_policy().roles[1].permissions.clone()); 2])).0,
        repeated
    );
    let twice = vec![resource("a", &["x"]), resource("a", &["y"])];
    assert_eq!(refused(Policy { resources: twice, ..Policy::default() }).0, repeated);
    for (id, expected) in [("stytch.documents", reserved), ("", malformed)] {
        let one = vec![resource(id, &["x"])];
        assert_eq!(refused(Policy { resources: one, ..Policy::default() }).0, expected, "{id}");
    }
    for (id, expected) in [("openid", reserved), ("stytch:x", reserved), ("a b", malformed)] {
        let scope = Scope { scope: id.to_owned(), description: String::new(), permissions: vec![] };
        assert_eq!(refused(Policy { scopes: vec![scope], ..Policy::default() }).0, expected, "{id}");
    }
    let star = vec![resource("a", &["x", "*"])];
    assert_eq!(refused(Policy { resources: star, ..Policy::default() }).0, malformed);
}

#[test]
fn permissions_are_on_what_there_is() {
    let of = |permission: Permission| refused(documents(vec![role("r", vec![permission])]));
    let (what, detail) = of(permission("papers", &["read"]));
    assert_eq!(what, What::Policy(PolicyProblem::UnknownResource));
    assert_eq!(detail, "Found \"papers\" in roles[0].permissions[0].");
    let (what, detail) = of(permission("documents", &["read", "shred"]));
    assert_eq!(what, What::Policy(PolicyProblem::UnknownAction));
    assert_eq!(detail, "Found \"shred\" in roles[0].permissions[0], expected actions of documents, or *.");
    assert_eq!(of(permission("documents", &[])).0, What::Invalid(Field::RbacPolicy));
    let nothing = vec![resource("a", &[])];
    let empty = refused(Policy { resources: nothing, ..Policy::default() });
    assert_eq!(empty.0, What::Invalid(Field::RbacPolicy));
}

#[test]
fn everything_has_a_bound() {
    let too_much = |policy: Policy| {
        let (what, detail) = refused(policy);
        assert_eq!(what, What::Invalid(Field::RbacPolicy));
        detail
    };
    let roles = (0..=MOST_ROLES + 2).map(|n| role(&format!("r{n}"), vec![])).collect();
    assert!(too_much(documents(roles)).contains("203 items in roles"));
    let mut long = documents(vec![role("r", vec![])]);
    long.roles[0].description = "x".repeat(MOST_TEXT_BYTES + 1);
    assert!(too_much(long).contains("1025 bytes in roles[0].description"));
    let actions: Vec<String> = (0..=MOST_ACTIONS).map(|n| format!("a{n}")).collect();
    let mut wide = documents(vec![]);
    wide.resources[0].actions = actions;
    assert!(too_much(wide).contains("101 items in resources[0].actions"));
    let heavy =
        (0..MOST_ROLES).map(|n| Role { description: "x".repeat(1000), ..role(&format!("r{n}"), vec![]) });
    assert!(too_much(documents(heavy.collect())).contains("bytes of JSON in the policy"));
}

#[test]
fn roles_of_an_organization_go_beside_those_of_the_project() {
    let project = Policy::of(&Additions::given(documents(vec![role("editor", vec![])])).unwrap());
    let clerk =
        || role("clerk", vec![permission("documents", &["read"]), permission("stytch.member", &["*"])]);
    assert_eq!(organization_roles(vec![clerk()], &project).unwrap(), [clerk()]);
    let refused = |roles: Vec<Role>| organization_roles(roles, &project).unwrap_err().what;
    assert_eq!(refused(vec![role("editor", vec![])]), What::Policy(PolicyProblem::Repeated));
    assert_eq!(refused(vec![role(ADMIN_ROLE, vec![])]), What::Policy(PolicyProblem::Repeated));
    assert_eq!(refused(vec![role("stytch_clerk", vec![])]), What::Policy(PolicyProblem::Reserved));
    assert_eq!(refused(vec![clerk(), clerk()]), What::Policy(PolicyProblem::Repeated));
    let elsewhere = role("clerk", vec![permission("papers", &["read"])]);
    assert_eq!(refused(vec![elsewhere]), What::Policy(PolicyProblem::UnknownResource));
    let many = (0..=MOST_ORGANIZATION_ROLES).map(|n| role(&format!("r{n}"), vec![])).collect();
    assert_eq!(refused(many), What::Invalid(Field::RbacPolicy));
    let heavy = (0..20).map(|n| Role { description: "x".repeat(1000), ..role(&format!("r{n}"), vec![]) });
    assert_eq!(refused(heavy.collect()), What::Invalid(Field::RbacPolicy));
}
