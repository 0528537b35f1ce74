//! Borrowed connections: members of one organization sign in through the provider of another one's connection.

mod addresses;
mod lender;
mod races;
mod sign_in;

use http::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};
use crate::reply::Reply;
use crate::saml_idp::connect_in;

on_both_engines!(
    a_borrowed_connection_is_made_changed_listed_and_removed,
    what_cannot_be_lent_is_refused,
    what_is_lent_is_for_the_project_to_say,
    other_projects_and_their_ids_are_unknown,
    roles_are_for_saml_and_must_exist,
    a_borrowed_connection_counts_as_one,
);

/// Acme lends its connection to Globex.
pub(crate) struct Lent {
    pub(crate) lender: String,
    pub(crate) source: String,
    pub(crate) borrower: String,
    pub(crate) borrowed: String,
}

/// Which protocol the connection speaks that is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Oidc,
    Saml,
}

pub(crate) const BOTH: [Source; 2] = [Source::Oidc, Source::Saml];

impl Lent {
    pub(crate) async fn new(app: &TestApp, source: Source) -> Self {
        Self::with(app, source, json!({}), json!({})).await
    }

    /// With more settings of the organization that borrows and of what is borrowed.
    pub(crate) async fn with(app: &TestApp, source: Source, borrower: Value, more: Value) -> Self {
        let (lender, source) = lender(app, &slug("acme"), source).await;
        let borrower = app.organization(&slug("globex"), borrower).await;
        let borrowed = borrowed(app, &borrower, &lender, &source, more).await;
        Self { lender, source, borrower, borrowed }
    }

    pub(crate) fn path(&self) -> String {
        format!("/v1/b2b/sso/external/{}/connections/{}", self.borrower, self.borrowed)
    }

    /// Where the lender changes its own.
    pub(crate) fn source_path(&self) -> String {
        let protocol = if self.source.starts_with("saml") { "saml" } else { "oidc" };
        format!("/v1/b2b/sso/{protocol}/{}/connections/{}", self.lender, self.source)
    }

    pub(crate) async fn remove_source(&self, app: &TestApp) -> Reply {
        app.delete(&format!("/v1/b2b/sso/{}/connections/{}", self.lender, self.source)).await
    }
}

fn slug(name: &str) -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An organization with a connection that is ready for use.
pub(crate) async fn lender(app: &TestApp, slug: &str, source: Source) -> (String, String) {
    let lender = app.organization(slug, json!({})).await;
    let connection = match source {
        Source::Oidc => app.connection(&lender).await,
        Source::Saml => {
            let mapping = json!({ "email": "email", "full_name": "name", "groups": "groups" });
            connect_in(app, &lender, json!({ "attribute_mapping": mapping })).await.connection
        }
    };
    (lender, connection)
}

/// Asks for a connection to be lent.
pub(crate) async fn lend(app: &TestApp, to: &str, lender: &str, source: &str, more: Value) -> Reply {
    let mut body = json!({ "external_organization_id": lender, "external_connection_id": source });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post(&format!("/v1/b2b/sso/external/{to}"), body).await
}

/// The id of a connection that is lent.
pub(crate) async fn borrowed(app: &TestApp, to: &str, lender: &str, source: &str, more: Value) -> String {
    let made = lend(app, to, lender, source, more).await.ok();
    text(&made["connection"]["connection_id"])
}

pub(crate) async fn organization(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/v1/b2b/organizations/{id}")).await.ok()["organization"].clone()
}

pub(crate) async fn connections(app: &TestApp, organization: &str) -> Value {
    app.get(&format!("/v1/b2b/sso/{organization}")).await.ok()["external_connections"].clone()
}

async fn a_borrowed_connection_is_made_changed_listed_and_removed(app: TestApp) {
    for source in BOTH {
        let lent = Lent::with(&app, source, json!({}), json!({ "display_name": "Acme's" })).await;
        let expected = json!([{
            "organization_id": lent.borrower, "connection_id": lent.borrowed,
            "external_organization_id": lent.lender, "external_connection_id": lent.source,
            "display_name": "Acme's", "status": "active",
            "external_connection_implicit_role_assignments": [], "external_group_implicit_role_assignments": [],
            "speaks_for_claimed_domains": false,
        }]);
        assert_eq!(connections(&app, &lent.borrower).await, expected);
        assert!(lent.borrowed.starts_with("external-connection-test-"), "{}", lent.borrowed);
        assert_eq!(connections(&app, &lent.lender).await, json!([]));
        let active = &organization(&app, &lent.borrower).await["sso_active_connections"];
        assert_eq!(active[0]["connection_id"], lent.borrowed.as_str());
        assert_eq!(
            (&active[0]["display_name"], &active[0]["identity_provider"]),
            (&json!("Acme's"), &json!("generic"))
        );
        let changed = app.put(&lent.path(), json!({ "display_name": "Partner", "colour": 1 })).await.ok();
        assert_eq!(changed["connection"]["display_name"], "Partner");
        // What it borrows is never changed.
        let other =
            json!({ "external_connection_id": "saml-connection-test-00000000-0000-4000-8000-000000000000" });
        let same = app.put(&lent.path(), other).await.ok();
        assert_eq!(same["connection"]["external_connection_id"], lent.source.as_str());
        app.put(&lent.path(), json!({ "display_name": "x".repeat(200) }))
            .await
            .refused(400, "invalid_display_name");
        let gone = format!("/v1/b2b/sso/{}/connections/{}", lent.borrower, lent.borrowed);
        app.delete(&gone).await.ok();
        app.delete(&gone).await.refused(404, "sso_connection_not_found");
        app.put(&lent.path(), json!({})).await.refused(404, "sso_connection_not_found");
        assert_eq!(connections(&app, &lent.borrower).await, json!([]));
        // It can be borrowed again, and the lender has what it had.
        borrowed(&app, &lent.borrower, &lent.lender, &lent.source, json!({})).await;
        assert_eq!(
            organization(&app, &lent.lender).await["sso_active_connections"].as_array().unwrap().len(),
            1
        );
    }
}

async fn what_cannot_be_lent_is_refused(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let (lender, borrower) = (lent.lender.as_str(), lent.borrower.as_str());
    let refused = async |to: &str, of: &str, source: &str, status: u16, error: &str| {
        lend(&app, to, of, source, json!({})).await.refused(status, error)
    };
    refused(borrower, lender, &lent.source, 400, "duplicate_external_sso_connection").await;
    refused(lender, lender, &lent.source, 400, "external_organization_id_same_as_organization_id").await;
    let third = app.organization("initech", json!({})).await;
    // One that is borrowed itself, one of somebody else, none at all, and what is no id.
    for source in
        [lent.borrowed.as_str(), "saml-connection-test-00000000-0000-4000-8000-000000000000", "nonsense", ""]
    {
        refused(&third, borrower, source, 404, "external_connection_id_not_found").await;
        refused(&third, lender, source, 404, "external_connection_id_not_found").await;
    }
    refused(&third, borrower, &lent.source, 404, "external_connection_id_not_found").await;
    refused(&third, "nobody", &lent.source, 404, "organization_not_found").await;
    refused("nobody", lender, &lent.source, 404, "organization_not_found").await;
    let pending = app.pending_connection(lender).await;
    let told = refused(&third, lender, &pending, 400, "external_connection_not_active").await;
    assert!(text(&told["error_message"]).contains("client_id"), "{told}");
    let path = format!("/v1/b2b/sso/external/{third}");
    for field in ["external_organization_id", "external_connection_id"] {
        let mut body = json!({ "external_organization_id": lender, "external_connection_id": lent.source });
        body[field] = Value::Null;
        app.post(&path, body).await.refused(400, "missing_required_field");
    }
    assert_eq!(connections(&app, &third).await, json!([]));
    // The lender may be named by its slug or external id too.
    let name = json!({ "organization_external_id": "customer-1" });
    app.put(&format!("/v1/b2b/organizations/{lender}"), name).await.ok();
    borrowed(&app, &third, "customer-1", &lent.source, json!({})).await;
}

/// Whoever may do everything in an organization may not help themselves to another one's connection, whether there is such
/// a connection or not; and may change what is their own.
async fn what_is_lent_is_for_the_project_to_say(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let (other, other_source) = lender(&app, "initech", Source::Oidc).await;
    let admin = app.session(&lent.borrowed, "ada@example.com").await;
    let member = text(&admin["member_id"]);
    let place = format!("/v1/b2b/organizations/{}/members/{member}", lent.borrower);
    app.put(&place, json!({ "roles": ["stytch_admin"] })).await.ok();
    let session = text(&admin["session_token"]);
    let as_admin =
        async |method: Method, path: &str, body: Value| app.as_member(&session, method, path, body).await;
    let path = format!("/v1/b2b/sso/external/{}", lent.borrower);
    let mut told = Vec::new();
    for (organization, source) in [
        (other.as_str(), other_source.as_str()),
        (lent.lender.as_str(), lent.source.as_str()),
        (other.as_str(), "oidc-connection-test-00000000-0000-4000-8000-000000000000"),
        ("nobody", "nonsense"),
    ] {
        let body = json!({ "external_organization_id": organization, "external_connection_id": source });
        let answer = as_admin(Method::POST, &path, body).await;
        told.push(text(&answer.refused(403, "session_authorization_error")["error_message"]));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "nothing is given away: {told:?}");
    let changed = as_admin(Method::PUT, &lent.path(), json!({ "display_name": "Ours" })).await.ok();
    assert_eq!(changed["connection"]["display_name"], "Ours");
    for speaks in [true, false] {
        let body = json!({ "speaks_for_claimed_domains": speaks });
        as_admin(Method::PUT, &lent.path(), body).await.refused(403, "session_authorization_error");
    }
    let body = json!({ "speaks_for_claimed_domains": true });
    assert_eq!(app.put(&lent.path(), body).await.ok()["connection"]["speaks_for_claimed_domains"], true);
    // The lender's settings are not shown, and its connection is not theirs to change.
    let listed = as_admin(Method::GET, &format!("/v1/b2b/sso/{}", lent.borrower), json!({})).await;
    assert!(!listed.text().contains("client_secret"), "{}", listed.text());
    as_admin(Method::PUT, &lent.source_path(), json!({ "display_name": "Mine" }))
        .await
        .refused(403, "session_authorization_tenancy_error");
    let given_back = format!("/v1/b2b/sso/{}/connections/{}", lent.borrower, lent.borrowed);
    as_admin(Method::DELETE, &given_back, json!({})).await.ok();
}

async fn other_projects_and_their_ids_are_unknown(app: TestApp) {
    let lent = Lent::new(&app, Source::Saml).await;
    let other = app.other_project().await;
    let theirs = other.organization("theirs", json!({})).await;
    lend(&other, &theirs, &lent.lender, &lent.source, json!({})).await.refused(404, "organization_not_found");
    let (own_lender, _) = lender(&other, "own", Source::Oidc).await;
    lend(&other, &theirs, &own_lender, &lent.source, json!({}))
        .await
        .refused(404, "external_connection_id_not_found");
    lend(&other, &lent.borrower, &own_lender, &lent.source, json!({}))
        .await
        .refused(404, "organization_not_found");
    other.put(&lent.path(), json!({})).await.refused(404, "organization_not_found");
    let crossed = format!("/v1/b2b/sso/external/{theirs}/connections/{}", lent.borrowed);
    other.put(&crossed, json!({})).await.refused(404, "sso_connection_not_found");
    // Another organization of the same project.
    let third = app.organization("third", json!({})).await;
    let crossed = format!("/v1/b2b/sso/external/{third}/connections/{}", lent.borrowed);
    app.put(&crossed, json!({})).await.refused(404, "sso_connection_not_found");
    app.delete(&format!("/v1/b2b/sso/{third}/connections/{}", lent.borrowed))
        .await
        .refused(404, "sso_connection_not_found");
    // An id of another kind.
    let path = format!("/v1/b2b/sso/external/{}/connections/{}", lent.lender, lent.source);
    app.put(&path, json!({})).await.refused(404, "sso_connection_not_found");
    for protocol in ["saml", "oidc"] {
        let path = format!("/v1/b2b/sso/{protocol}/{}/connections/{}", lent.borrower, lent.borrowed);
        app.put(&path, json!({})).await.refused(404, &format!("{protocol}_connection_not_found"));
    }
}

async fn roles_are_for_saml_and_must_exist(app: TestApp) {
    let editor = json!([{ "role_id": "stytch_admin" }]);
    let group = json!([{ "role_id": "stytch_admin", "group": "engineering" }]);
    let lent = Lent::with(
        &app,
        Source::Saml,
        json!({}),
        json!({ "connection_implicit_role_assignments": editor, "group_implicit_role_assignments": group }),
    )
    .await;
    let shown = &connections(&app, &lent.borrower).await[0];
    assert_eq!(shown["external_connection_implicit_role_assignments"], editor);
    assert_eq!(shown["external_group_implicit_role_assignments"], group);
    let unknown = json!({ "external_connection_implicit_role_assignments": [{ "role_id": "nobody" }] });
    app.put(&lent.path(), unknown).await.refused(400, "invalid_rbac_role");
    // A body that names every list comes from a client that sends defaults; a list alone is meant.
    let defaults = json!({
        "external_connection_implicit_role_assignments": [], "external_group_implicit_role_assignments": [],
    });
    let kept = app.put(&lent.path(), defaults).await.ok();
    assert_eq!(kept["connection"]["external_group_implicit_role_assignments"], group);
    let cleared =
        app.put(&lent.path(), json!({ "external_connection_implicit_role_assignments": [] })).await.ok();
    assert_eq!(cleared["connection"]["external_connection_implicit_role_assignments"], json!([]));
    // Groups that the lender does not map reach nobody.
    let at = lent.source_path();
    let mapping = json!({ "attribute_mapping": { "email": "email", "full_name": "name" } });
    app.put(&at, mapping).await.ok();
    let again = json!({ "external_group_implicit_role_assignments": group });
    app.put(&lent.path(), again).await.refused(400, "saml_connection_attribute_mapping_missing_groups_key");

    let oidc = Lent::new(&app, Source::Oidc).await;
    for name in ["external_connection_implicit_role_assignments", "external_group_implicit_role_assignments"]
    {
        let told = app.put(&oidc.path(), json!({ name: group })).await.refused(400, "invalid_field");
        assert!(text(&told["error_message"]).contains("OpenID Connect"), "{told}");
    }
}

async fn a_borrowed_connection_counts_as_one(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let place = format!("/v1/b2b/organizations/{}", lent.borrower);
    let named = json!({
        "sso_default_connection_id": lent.borrowed,
        "sso_jit_provisioning": "RESTRICTED",
        "sso_jit_provisioning_allowed_connections": [lent.borrowed],
        "auth_methods": "RESTRICTED",
        "allowed_auth_methods": ["sso"],
    });
    app.put(&place, named).await.ok();
    // The lender's own connection is none of this organization's.
    app.put(&place, json!({ "sso_default_connection_id": lent.source }))
        .await
        .refused(400, "invalid_sso_default_connection_id");
    let path = format!("/v1/b2b/sso/{}/connections/{}", lent.borrower, lent.borrowed);
    app.delete(&path).await.refused(400, "cannot_delete_default_sso_connection");
    let found = async |filter: Value| {
        let query = json!({ "operator": "AND", "operands": [filter] });
        let found = app.post("/v1/b2b/organizations/search", json!({ "query": query })).await.ok();
        let found = found["organizations"].as_array().unwrap().clone();
        found.iter().any(|one| one["organization_id"] == lent.borrower.as_str())
    };
    let active = json!({ "filter_name": "has_active_sso_connection", "filter_value": true });
    assert!(found(active.clone()).await);
    assert!(found(json!({ "filter_name": "sso_connection_id", "filter_value": lent.borrowed })).await);
    app.put(&lent.source_path(), json!({ "client_id": "" })).await.ok();
    assert!(!found(active).await, "what it borrows is not active any more");
    assert_eq!(organization(&app, &lent.borrower).await["sso_active_connections"], json!([]));
    app.put(&place, json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] }))
        .await
        .refused(400, "requires_active_sso_connection");
}
