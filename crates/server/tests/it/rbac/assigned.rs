//! Roles that are assigned: where they come from, and what becomes of them when the policy changes.

use serde_json::{Value, json};
use vestibule_domain::time::Span;

use super::{OURS, policy, set, set_own, signed_in, signed_in_at, without};
use crate::app::{TestApp, text};
use crate::browser::Browser;
use crate::saml_idp::connect_in;

/// Somebody has the role by name, by domain and by connection.
pub(super) async fn roles_that_are_assigned_do_not_go_unawares(app: TestApp) {
    set(&app, policy()).await;
    let ada = signed_in(&app, "acme", &["auditor"]).await;
    let organization = format!("/v1/b2b/organizations/{}", ada.organization);
    let by_domain = json!([{ "domain": "acme.example", "role_id": "auditor" }]);
    app.put(&organization, json!({ "rbac_email_implicit_role_assignments": by_domain })).await.ok();
    let assigned = json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "auditor" }] });
    let saml = connect_in(&app, &ada.organization, assigned).await;
    assert_eq!(ada.granted(&app, "invoices", "pay").await, ["auditor"]);

    let said = "The role auditor goes, and 1 member has it, 1 organization gives it by e-mail domain, 1 connection gives it: it \
                grants nothing from then on";
    let refused =
        app.put(OURS, json!({ "policy": without("auditor") })).await.refused(400, "rbac_policy_in_use");
    assert!(text(&refused["error_message"]).contains(said), "{refused}");
    let compared = app.post(&format!("{OURS}/diff"), json!({ "policy": without("auditor") })).await.ok();
    assert!(text(&compared["consequences"][0]).starts_with(said), "{compared}");
    assert_eq!(ada.granted(&app, "invoices", "pay").await, ["auditor"], "nothing was changed");
    // A role that nobody has goes as it came.
    set(&app, without("editor")).await;
    set(&app, policy()).await;

    let forced = app.put(OURS, json!({ "policy": without("auditor"), "force": true })).await.ok();
    assert!(text(&forced["consequences"][0]).starts_with(said), "{forced}");
    assert_eq!(ada.granted(&app, "invoices", "pay").await, [] as [&str; 0]);
    assert_eq!(ada.roles(&app).await, ["stytch_member"]);

    // What stood before stops nobody from changing something else, and cannot be made anew.
    app.put(&organization, json!({ "organization_name": "Acme Corp" })).await.ok();
    app.put(&saml.path(), json!({ "display_name": "Other" })).await.ok();
    let member = format!("{organization}/members/{}", ada.member);
    app.put(&member, json!({ "name": "Ada" })).await.ok();
    app.put(&member, json!({ "roles": ["auditor", "editor"] })).await.ok();
    app.put(&member, json!({ "roles": ["editor"] })).await.ok();
    app.put(&member, json!({ "roles": ["auditor"] })).await.refused(400, "invalid_rbac_role");
    let other = json!([{ "domain": "other.example", "role_id": "auditor" }]);
    app.put(&organization, json!({ "rbac_email_implicit_role_assignments": [] })).await.ok();
    let refused = app.put(&organization, json!({ "rbac_email_implicit_role_assignments": other })).await;
    refused.refused(400, "invalid_rbac_role");
}

/// A role that somebody was left with is not granted because there is one of its name again, unless that is meant.
pub(super) async fn a_role_is_not_given_by_its_name_coming_back(app: TestApp) {
    set(&app, policy()).await;
    let ada = signed_in(&app, "acme", &["auditor"]).await;
    app.put(OURS, json!({ "policy": without("auditor"), "force": true })).await.ok();
    let mut powerful = policy();
    powerful["roles"][1]["permissions"] = json!([{ "resource_id": "stytch.organization", "actions": ["*"] }]);
    let refused = app.put(OURS, json!({ "policy": powerful })).await.refused(400, "rbac_policy_in_use");
    let said = "The role auditor comes, and 1 member has it already: it grants at once.";
    assert!(text(&refused["error_message"]).contains(said), "{refused}");
    assert_eq!(ada.granted(&app, "stytch.organization", "delete").await, [] as [&str; 0]);
    app.put(OURS, json!({ "policy": policy(), "force": true })).await.ok();
    assert_eq!(ada.granted(&app, "invoices", "pay").await, ["auditor"]);
}

pub(super) async fn an_organization_is_told_of_by_what_it_has_of_its_own(app: TestApp) {
    set(&app, without("auditor")).await;
    let ada = signed_in(&app, "acme", &[]).await;
    let own = |actions: Value| json!([{ "role_id": "auditor", "permissions": [{ "resource_id": "documents", "actions": actions }] }]);
    set_own(&app, &ada.organization, own(json!(["delete"]))).await.ok();
    app.put(
        &format!("/v1/b2b/organizations/{}/members/{}", ada.organization, ada.member),
        json!({ "roles": ["auditor"] }),
    )
    .await
    .ok();
    assert_eq!(ada.granted(&app, "documents", "delete").await, ["auditor"]);

    // The project takes the name.
    let refused = app.put(OURS, json!({ "policy": policy() })).await.refused(400, "rbac_policy_in_use");
    let said = "The role auditor comes, and 1 organization has a role of their own by this name: the project's counts";
    assert!(text(&refused["error_message"]).contains(said), "{refused}");
    app.put(OURS, json!({ "policy": policy(), "force": true })).await.ok();
    assert_eq!(ada.granted(&app, "documents", "delete").await, [] as [&str; 0]);
    assert_eq!(ada.granted(&app, "invoices", "pay").await, ["auditor"]);
    app.put(OURS, json!({ "policy": without("auditor"), "force": true })).await.ok();
    assert_eq!(ada.granted(&app, "documents", "delete").await, ["auditor"], "its own again");

    // The project takes away what the organization's role is on.
    let mut narrower = without("auditor");
    narrower["resources"][0]["actions"] = json!(["read", "write"]);
    let refused = app.put(OURS, json!({ "policy": narrower })).await.refused(400, "rbac_policy_in_use");
    let said = "Own roles of 1 organization name resources or actions that go";
    assert!(text(&refused["error_message"]).contains(said), "{refused}");
    app.put(OURS, json!({ "policy": narrower, "force": true })).await.ok();
    assert_eq!(ada.granted(&app, "documents", "delete").await, [] as [&str; 0]);
}

/// The sources of a role, as the member is shown.
async fn sources(app: &TestApp, organization: &str, member: &str, role: &str) -> Value {
    let path = format!("/v1/b2b/organizations/{organization}/member?member_id={member}");
    let shown = app.get(&path).await.ok();
    let roles = shown["member"]["roles"].as_array().unwrap().clone();
    roles
        .into_iter()
        .find(|given| given["role_id"] == role)
        .map_or(Value::Null, |given| given["sources"].clone())
}

pub(super) async fn roles_by_domain_connection_and_group_say_where_they_come_from(app: TestApp) {
    set(&app, policy()).await;
    let organization = app.organization("acme", json!({})).await;
    let path = format!("/v1/b2b/organizations/{organization}");
    let clerk = json!([{ "role_id": "clerk", "permissions": [{ "resource_id": "documents", "actions": ["write"] }] }]);
    set_own(&app, &organization, clerk).await.ok();
    let saml = connect_in(
        &app,
        &organization,
        json!({
            "saml_connection_implicit_role_assignments": [{ "role_id": "auditor" }, { "role_id": "clerk" }],
            "saml_group_implicit_role_assignments": [
                { "role_id": "editor", "group": "engineering" },
                { "role_id": "stytch_admin", "group": "board" },
            ],
        }),
    )
    .await;
    let until = app.app.clock.now().plus(Span::days(1)).to_string();
    let oidc = app.connection_with(&organization, json!({ "link_existing_members_until": until })).await;

    let token = Browser::new(&app).saml_token(&saml, "grace@example.com").await;
    let by_saml = app.redeem(&token).await.ok();
    let member = text(&by_saml["member_id"]);
    let roles = |session: &Value| session["member_session"]["roles"].clone();
    assert_eq!(roles(&by_saml), json!(["stytch_member", "auditor", "clerk", "editor"]));
    let connection = json!([{ "type": "sso_connection", "details": { "connection_id": saml.connection } }]);
    let group = json!([{ "type": "sso_connection_group", "details": { "connection_id": saml.connection, "group": "engineering" } }]);
    assert_eq!(sources(&app, &organization, &member, "auditor").await, connection);
    assert_eq!(sources(&app, &organization, &member, "clerk").await, connection);
    assert_eq!(sources(&app, &organization, &member, "editor").await, group);
    assert_eq!(sources(&app, &organization, &member, "stytch_admin").await, Value::Null);

    // By a domain only who has proved an address in it.
    let by_domain = json!([{ "domain": "example.com", "role_id": "auditor" }]);
    app.put(&path, json!({ "rbac_email_implicit_role_assignments": by_domain })).await.ok();
    assert_eq!(sources(&app, &organization, &member, "auditor").await, connection, "not verified");

    // The same person through another connection: what the first gives counts where it was proved.
    let by_oidc = app.session(&oidc, "grace@example.com").await;
    assert_eq!(by_oidc["member_id"], member.as_str(), "{by_oidc}");
    assert_eq!(roles(&by_oidc), json!(["stytch_member"]));
    let token = Browser::new(&app).saml_token(&saml, "grace@example.com").await;
    let body = json!({ "sso_token": token, "session_token": by_oidc["session_token"] });
    let joined = app.post("/v1/b2b/sso/authenticate", body).await.ok();
    assert_eq!(roles(&joined), roles(&by_saml), "with the factor of that connection in the session");

    // In a domain of the organization the address is verified, and its role counts in every session.
    app.put(&path, json!({ "claimed_email_domains": ["example.com"] })).await.ok();
    let by_oidc = app.session(&oidc, "grace@example.com").await;
    assert_eq!(roles(&by_oidc), json!(["stytch_member", "auditor"]), "{by_oidc}");
    let domain = json!({ "type": "email_assignment", "details": { "email_domain": "example.com" } });
    assert_eq!(
        sources(&app, &organization, &member, "auditor").await,
        json!([domain, connection[0]]),
        "every reason is said"
    );

    // What the connection does not give any more is gone at once.
    app.put(&saml.path(), json!({ "saml_group_implicit_role_assignments": [], "saml_connection_implicit_role_assignments": [] })).await.ok();
    assert_eq!(sources(&app, &organization, &member, "editor").await, Value::Null);
    let used = app
        .post("/v1/b2b/sessions/authenticate", json!({ "session_token": joined["session_token"] }))
        .await
        .ok();
    assert_eq!(roles(&used), json!(["stytch_member", "auditor"]));
    // Who has both by name keeps them.
    let direct = signed_in_at(&app, organization, oidc, &["clerk", "editor"]).await;
    assert_eq!(direct.roles(&app).await, ["stytch_member", "clerk", "editor"]);
}
