//! The golden table: every role, whoever made it, and every action, built in or not, with the verdict over HTTP for the
//! project's secret, a member's session token and their session JWT.
//!
//! The rows come from the policy, so that a role or an action cannot be left out. A verdict is what
//! `authorization_check` says; where an endpoint asks for the action, it is called too and has to agree. An action that is
//! added does not compile before [`probe`] says which endpoint that is.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};
use vestibule_domain::rbac::Action;
use vestibule_server::{Needs, routes};

use super::{Signed, policy, set, set_own, signed_in};
use crate::app::{TestApp, text};
use crate::reply::Reply;

/// Somebody with one role, and everything in their organization that they could change.
struct Place {
    who: Signed,
    /// Another session of theirs.
    second_session: String,
    /// Another member.
    other: String,
    /// A connection that nobody needs.
    spare: String,
}

/// By what a member shows their session.
#[derive(Clone, Copy)]
enum Shown {
    Token,
    Jwt,
}

impl Shown {
    const ALL: [Self; 2] = [Self::Token, Self::Jwt];

    fn of(self, who: &Signed) -> (&'static str, &'static str, &str) {
        match self {
            Self::Token => ("session_token", "x-stytch-member-session", &who.token),
            Self::Jwt => ("session_jwt", "x-stytch-member-sessionjwt", &who.jwt),
        }
    }
}

impl Place {
    async fn new(app: &TestApp, slug: &str, role: &str) -> Self {
        let roles: &[&str] = if role == "stytch_member" || OWN.contains(&role) { &[] } else { &[role] };
        let who = signed_in(app, slug, roles).await;
        set_own(app, &who.organization, own_roles()).await.ok();
        if OWN.contains(&role) {
            let path = format!("/v1/b2b/organizations/{}/members/{}", who.organization, who.member);
            app.put(&path, json!({ "roles": [role] })).await.ok();
        }
        let again = app.session(&who.connection, &who.email).await;
        let other = app.member(&who.organization, &format!("other@{slug}.example"), json!({})).await;
        let spare = app.pending_connection(&who.organization).await;
        let second_session = text(&again["member_session"]["member_session_id"]);
        Self { who, second_session, other, spare }
    }

    async fn ask(&self, app: &TestApp, shown: Option<Shown>, probe: Probe) -> Reply {
        let (method, path, body) = probe;
        let mut request = app.request(method, &path);
        if let Some(shown) = shown {
            let (_, header, value) = shown.of(&self.who);
            request = request.header(header, value);
        }
        app.send(request.body(body.to_string().into()).unwrap()).await
    }
}

/// Roles that the organizations have beside those of the project.
const OWN: [&str; 2] = ["clerk", "owner"];

/// A directory that nobody has.
const NO_DIRECTORY: &str = "scim-connection-test-00000000-0000-4000-8000-000000000000";

fn own_roles() -> Value {
    json!([
        { "role_id": "clerk", "description": "Files", "permissions": [
            { "resource_id": "documents", "actions": ["write"] },
            { "resource_id": "stytch.member", "actions": ["revoke-sessions", "update.info.untrusted-metadata"] },
        ] },
        { "role_id": "owner", "description": "Owns", "permissions": [
            { "resource_id": "stytch.organization", "actions": ["*"] },
            { "resource_id": "invoices", "actions": ["*"] },
        ] },
    ])
}

/// The roles of the tests with one more, and something that every member may do.
fn project_policy() -> Value {
    let mut policy = policy();
    let roles = policy["roles"].as_array_mut().unwrap();
    roles.push(json!({ "role_id": "manager", "description": "Manages", "permissions": [
        { "resource_id": "stytch.organization", "actions": ["update.info.name", "delete"] },
        { "resource_id": "stytch.member", "actions": ["create", "delete", "update.info.name", "update.settings.roles"] },
        { "resource_id": "stytch.sso", "actions": ["create", "update", "delete"] },
    ] }));
    roles.push(json!({ "role_id": "stytch_member", "permissions": [
        { "resource_id": "stytch.self", "actions": ["*"] },
        { "resource_id": "documents", "actions": ["read"] },
    ] }));
    policy
}

type Probe = (Method, String, Value);

/// A request that needs the action and nothing else; nothing for an action that no endpoint asks for.
fn probe(action: Action, at: &Place) -> Option<Probe> {
    use Action as A;
    let organization = format!("/v1/b2b/organizations/{}", at.who.organization);
    let members = format!("{organization}/members");
    let connections = format!("/v1/b2b/sso/{}", at.who.organization);
    let directory = format!("/v1/b2b/scim/{}/connection", at.who.organization);
    let change = |body: Value| (Method::PUT, organization.clone(), body);
    let other = |body: Value| (Method::PUT, format!("{members}/{}", at.other), body);
    let own = |body: Value| (Method::PUT, format!("{members}/{}", at.who.member), body);
    let email = |text: &str| format!("{text}@{}.example", at.who.organization.rsplit('-').next().unwrap());
    // An address that nobody had: what is not there is said to whoever may take it away.
    let unlink = |member: &str| {
        let path = format!("{members}/{member}/unlink_retired_email");
        (Method::POST, path, json!({ "email_address": email("former") }))
    };
    Some(match action {
        A::UpdateOrganizationName => change(json!({ "organization_name": "Acme Corp" })),
        A::UpdateOrganizationSlug => {
            change(json!({ "organization_slug": format!("org-of-{}", email("x").split_at(2).1) }))
        }
        A::UpdateOrganizationLogo => change(json!({ "organization_logo_url": "https://acme.example/l.png" })),
        A::UpdateAuthMethods => change(json!({ "auth_methods": "ALL_ALLOWED" })),
        A::UpdateMfaMethods => change(json!({ "mfa_methods": "ALL_ALLOWED" })),
        A::UpdateEmailJit => change(json!({ "email_jit_provisioning": "NOT_ALLOWED" })),
        A::UpdateEmailInvites => change(json!({ "email_invites": "ALL_ALLOWED" })),
        A::UpdateAllowedDomains => change(json!({ "email_allowed_domains": ["acme.example"] })),
        A::UpdateDefaultConnection => change(json!({ "sso_default_connection_id": at.who.connection })),
        A::UpdateSsoJit => change(json!({ "sso_jit_provisioning": "ALL_ALLOWED" })),
        A::UpdateMfaPolicy => change(json!({ "mfa_policy": "OPTIONAL" })),
        A::UpdateImplicitRoles => change(json!({ "rbac_email_implicit_role_assignments": [] })),
        A::UpdateOauthTenants => change(json!({ "allowed_oauth_tenants": { "slack": ["T1"] } })),
        A::UpdateOauthJit => change(json!({ "oauth_tenant_jit_provisioning": "NOT_ALLOWED" })),
        A::DeleteOrganization => (Method::DELETE, organization, json!({})),

        A::CreateMember => (Method::POST, members.clone(), json!({ "email_address": email("new") })),
        A::SearchMembers => (
            Method::POST,
            "/v1/b2b/organizations/members/search".to_owned(),
            json!({ "organization_ids": [at.who.organization] }),
        ),
        A::DeleteMember => (Method::DELETE, format!("{members}/{}", at.other), json!({})),
        A::EndMemberSessions => {
            (Method::POST, "/v1/b2b/sessions/revoke".to_owned(), json!({ "member_id": at.other }))
        }
        A::UpdateMemberName => other(json!({ "name": "Other" })),
        A::UpdateMemberUntrustedMetadata => other(json!({ "untrusted_metadata": { "a": 1 } })),
        A::DeleteMemberPhone => {
            (Method::DELETE, format!("{members}/mfa_phone_numbers/{}", at.other), json!({}))
        }
        A::DeleteMemberPassword => {
            let password = "member-password-test-00000000-0000-4000-8000-000000000000";
            (Method::DELETE, format!("{members}/passwords/{password}"), json!({}))
        }
        A::UnlinkMemberEmail => unlink(&at.other),
        A::ReadMemberApplications => {
            (Method::GET, format!("{members}/{}/connected_apps", at.other), json!({}))
        }
        A::DeleteMemberTotp => (Method::DELETE, format!("{members}/{}/totp", at.other), json!({})),
        A::UpdateMemberPhone => other(json!({ "mfa_phone_number": "+15555550123" })),
        A::UpdateMemberEmail => other(json!({ "email_address": email("another") })),
        A::UpdateMemberBreakglass => other(json!({ "is_breakglass": true })),
        A::UpdateMemberMfaEnrolled => other(json!({ "mfa_enrolled": false })),
        A::UpdateMemberMfaMethod => other(json!({ "default_mfa_method": "totp" })),
        A::UpdateMemberRoles => other(json!({ "roles": [] })),

        A::UpdateOwnName => own(json!({ "name": "Ada" })),
        A::UpdateOwnUntrustedMetadata => own(json!({ "untrusted_metadata": { "a": 1 } })),
        A::DeleteOwnPhone => {
            (Method::DELETE, format!("{members}/mfa_phone_numbers/{}", at.who.member), json!({}))
        }
        A::UpdateOwnEmail => (
            Method::POST,
            format!("{members}/{}/start_email_update", at.who.member),
            json!({ "email_address": email("moved"), "delivery_method": "EMAIL_OTP" }),
        ),
        A::UnlinkOwnEmail => unlink(&at.who.member),
        A::ReadOwnApplications => {
            (Method::GET, format!("{members}/{}/connected_apps", at.who.member), json!({}))
        }
        A::DeleteOwnTotp => (Method::DELETE, format!("{members}/{}/totp", at.who.member), json!({})),
        A::UpdateOwnPhone => own(json!({ "mfa_phone_number": "+15555550124" })),
        A::UpdateOwnMfaEnrolled => own(json!({ "mfa_enrolled": false })),
        A::UpdateOwnMfaMethod => own(json!({ "default_mfa_method": "totp" })),
        A::Leave => (Method::DELETE, format!("{members}/{}", at.who.member), json!({})),
        A::EndOwnSessions => (
            Method::POST,
            "/v1/b2b/sessions/revoke".to_owned(),
            json!({ "member_session_id": at.second_session }),
        ),

        A::CreateConnection => {
            let path = format!("/v1/b2b/sso/oidc/{}", at.who.organization);
            (Method::POST, path, json!({ "display_name": "New" }))
        }
        A::ReadConnections => (Method::GET, connections, json!({})),
        A::UpdateConnection => {
            let path = format!("/v1/b2b/sso/oidc/{}/connections/{}", at.who.organization, at.spare);
            (Method::PUT, path, json!({ "display_name": "Newer" }))
        }
        A::DeleteConnection => (Method::DELETE, format!("{connections}/connections/{}", at.spare), json!({})),

        A::CreateDirectory => (Method::POST, directory, json!({ "display_name": "New" })),
        A::ReadDirectory => (Method::GET, directory, json!({})),
        // Whoever may is told that there is none.
        A::UpdateDirectory => {
            (Method::PUT, format!("{directory}/{NO_DIRECTORY}"), json!({ "display_name": "Newer" }))
        }
        A::DeleteDirectory => (Method::DELETE, format!("{directory}/{NO_DIRECTORY}"), json!({})),

        // No endpoint of the backend asks for these (yet).
        A::EndMemberApplication | A::DeleteOwnPassword | A::EndOwnApplication => return None,
    })
}

/// What takes away what others are asked about comes last; what ends the session itself has a place of its own.
fn order(action: Action) -> u8 {
    match action {
        Action::DeleteMember | Action::DeleteConnection | Action::EndOwnSessions => 1,
        Action::DeleteOrganization | Action::Leave => 2,
        _ => 0,
    }
}

/// Whether an endpoint lets somebody; whatever else it says is no question of rights.
#[track_caller]
fn lets(answer: &Reply) -> bool {
    assert!(!answer.status.is_server_error() && answer.status != 401, "{}", answer.text());
    if answer.status == 403 {
        answer.refused(403, "session_authorization_error");
    }
    answer.status != 403
}

/// What the endpoints say to somebody, action by action.
async fn by_endpoints(
    app: &TestApp,
    role: &str,
    shown: Option<Shown>,
    name: &str,
) -> BTreeMap<(String, String), bool> {
    let mut said = BTreeMap::new();
    let place = Place::new(app, &format!("{name}-all"), role).await;
    let mut actions = Action::ALL.to_vec();
    actions.sort_by_key(|action| order(*action));
    for action in actions {
        // These two would end what the other is asked by.
        let last = if order(action) == 2 {
            &Place::new(app, &format!("{name}-{action:?}"), role).await
        } else {
            &place
        };
        if let Some(probe) = probe(action, last) {
            let answer = last.ask(app, shown, probe).await;
            let key = (action.resource().id().to_owned(), action.verb().to_owned());
            said.insert(key, lets(&answer));
        }
    }
    said
}

/// An endpoint that names its action is asked by its probe. Those of the frontend have a walk of their own (`sdk/walk.rs`),
/// which asks each of them as every caller.
fn every_endpoint_has_its_probe(probed: &BTreeSet<(String, String)>) {
    for endpoint in routes::endpoints().into_iter().filter(|endpoint| !endpoint.path.starts_with("/sdk/")) {
        if let Needs::Right(action) = endpoint.needs {
            let key = (action.resource().id().to_owned(), action.verb().to_owned());
            assert!(
                probed.contains(&key),
                "{} {}: say in `probe` how it is asked",
                endpoint.method,
                endpoint.path
            );
        }
    }
}

pub(super) async fn every_role_and_every_action(app: TestApp) {
    set(&app, project_policy()).await;
    let shown = app.get("/v1/b2b/rbac/policy").await.ok()["policy"].clone();
    let ids = |list: &Value, name: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|part| text(&part[name])).collect()
    };
    let mut roles = ids(&shown["roles"], "role_id");
    roles.extend(ids(&own_roles(), "role_id"));
    let actions: Vec<(String, String)> = shown["resources"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|resource| {
            let id = text(&resource["resource_id"]);
            let actions = resource["actions"].as_array().unwrap().iter().map(text);
            actions.map(move |action| (id.clone(), action)).collect::<Vec<_>>()
        })
        .collect();
    for action in Action::ALL {
        let key = (action.resource().id().to_owned(), action.verb().to_owned());
        assert!(actions.contains(&key), "{action:?} is not in the policy");
    }

    let by_secret = by_endpoints(&app, "stytch_member", None, "backend").await;
    every_endpoint_has_its_probe(&by_secret.keys().cloned().collect());
    assert!(by_secret.values().all(|lets| *lets), "the project may everything: {by_secret:?}");
    let mut table = Vec::new();
    for role in &roles {
        let mut columns = Vec::new();
        for (at, shown) in Shown::ALL.into_iter().enumerate() {
            let name = format!("{role}-{at}").replace('_', "-");
            let asked = by_endpoints(&app, role, Some(shown), &name).await;
            let place = Place::new(&app, &format!("{name}-checks"), role).await;
            let mut verdicts = Vec::new();
            for key in &actions {
                let (field, _, value) = shown.of(&place.who);
                let answer = place.who.check(&app, (field, value), &key.0, &key.1).await;
                let verdict = if lets(&answer) { granting(&answer) } else { "-".to_owned() };
                if let Some(let_by_endpoint) = asked.get(key) {
                    assert_eq!(
                        *let_by_endpoint,
                        verdict != "-",
                        "{role} {key:?}: the endpoint says otherwise"
                    );
                }
                verdicts.push(verdict);
            }
            columns.push(verdicts);
        }
        for (at, (resource, action)) in actions.iter().enumerate() {
            let secret = if by_secret.contains_key(&(resource.clone(), action.clone())) {
                "yes"
            } else {
                "no endpoint"
            };
            let (token, jwt) = (&columns[0][at], &columns[1][at]);
            table.push(format!(
                "{role:<14} {resource:<20} {action:<44} secret {secret:<12} token {token:<24} jwt {jwt}"
            ));
        }
    }
    assert_eq!(table.len(), roles.len() * actions.len());
    insta::assert_snapshot!("every_role_and_every_action", table.join("\n"));
}

/// The roles that allow it, as the verdict says.
fn granting(answer: &Reply) -> String {
    let verdict = answer.ok()["verdict"].clone();
    assert_eq!(verdict["authorized"], true, "{verdict}");
    let roles: Vec<String> = verdict["granting_roles"].as_array().unwrap().iter().map(text).collect();
    roles.join(" ")
}
