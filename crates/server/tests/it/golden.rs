//! Fills a database with everything there is, through the front door wherever it has one. Run by
//! `scripts/golden-databases` when a version is released; what it leaves is a fixture of the upgrade tests
//! ever after (ADR 0016).

mod factors;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use vestibule_domain::calendar;
use vestibule_domain::id::{ConnectionId, Environment, SigningKeyId};
use vestibule_domain::member::MemberStatus;
use vestibule_domain::project::{ApiSecret, SecretRecord, SigningKey};
use vestibule_domain::rbac::{Additions, Permission, Resource, Role, Scope};
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Span;
use vestibule_store::StoreUrl;
use vestibule_store::tables::{keys, members, notices, organizations, policies, projects, redirects};
use vestibule_testidp::Fault;

use self::factors::{guarded, lent, mailed, project};
use crate::app::{TestApp, signing_key, text};
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_connections::certificate;
use crate::saml_idp::{At, connect_in, decryption_key};

/// The longest session, in minutes.
const LONG: i64 = 527_040;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes the fixtures of a release: scripts/golden-databases"]
async fn make() {
    let out = std::env::var("VESTIBULE_GOLDEN_OUT").unwrap();
    let out = Path::new(&out);
    fill(StoreUrl::Sqlite(out.join("sqlite.db")), &out.join("sqlite.json")).await;
    let postgres = std::env::var("VESTIBULE_GOLDEN_POSTGRES").unwrap();
    fill(StoreUrl::parse(&postgres).unwrap(), &out.join("postgres.json")).await;
}

/// Fills a database and keeps beside it what no row tells: secrets, tokens, and which id is what.
async fn fill(url: StoreUrl, facts: &Path) {
    let app = TestApp::new(&url).await;
    let other = app.other_project().await;
    let credentials = backend(&app).await;
    let companies = companies(&app).await;
    let connections = connections(&app, &companies).await;
    let members = people(&app, &companies).await;
    let (lent, mailed) = (lent(&app, &companies, &connections).await, mailed(&app, &companies).await);
    let (guarded, keys) = (guarded(&app).await, project(&app).await);
    let over = over(&app, &connections).await;
    let live = live(&app, &connections).await;
    let elsewhere = elsewhere(&other).await;
    let known = json!({
        "at": app.app.clock.now().millis(),
        "project": {
            "id": app.project.id.to_string(), "secret": app.secret,
            "public_token": app.project.public_token.to_string(), "secrets": credentials,
        },
        "other": {
            "id": other.project.id.to_string(), "secret": other.secret,
            "public_token": other.project.public_token.to_string(), "holds": elsewhere,
        },
        "organizations": companies,
        "connections": connections,
        "members": members,
        "lent": lent,
        "mailed": mailed,
        "guarded": guarded,
        "keys": keys,
        "over": over,
        "live": live,
    });
    std::fs::write(facts, serde_json::to_string_pretty(&known).unwrap() + "\n").unwrap();
    app.provider.stop();
}

/// Credentials, keys, the policy and redirect URLs of a project.
async fn backend(app: &TestApp) -> Value {
    let (project, now, entropy) = (app.project.id, app.app.clock.now(), app.app.entropy.as_ref());
    let [second, revoked] = [(); 2].map(|()| ApiSecret::generate(Environment::Test, entropy));
    let retired = SigningKey {
        id: SigningKeyId::generate(Environment::Test, entropy),
        project_id: project,
        private_key: Secret::new(STANDARD.encode(signing_key())),
        created_at: now.minus(Span::days(2)),
        retired_at: Some(now.minus(Span::days(1))),
    };
    let documents = Resource {
        resource_id: "documents".to_owned(),
        description: "What people write".to_owned(),
        actions: vec!["read".to_owned(), "write".to_owned()],
    };
    let scope = Scope {
        scope: "documents:all".to_owned(),
        description: "Whatever people write".to_owned(),
        permissions: role("", "documents").permissions,
    };
    let additions = Additions {
        roles: vec![role("editor", "documents")],
        resources: vec![documents],
        scopes: vec![scope],
    };
    let mut writes = vec![
        projects::insert_secret(project, &SecretRecord::new(second.hash(), String::new(), None, now)),
        projects::insert_secret(
            project,
            &SecretRecord::new(revoked.hash(), "old".to_owned(), Some(now), now),
        ),
        keys::insert(&retired, &app.app.vault, entropy).unwrap(),
    ];
    writes.extend(policies::set(project, &additions, 0));
    for kind in RedirectKind::ALL {
        let url = format!("https://app.example.com/more/{}", kind.as_str());
        let is_default = !matches!(kind, RedirectKind::Login | RedirectKind::Signup);
        writes.extend(redirects::add(project, &RedirectUrl { kind, url, is_default }));
    }
    app.app.store.commit(writes).await.unwrap();
    json!({ "second": second.expose(), "revoked": revoked.expose() })
}

fn role(id: &str, resource: &str) -> Role {
    Role {
        role_id: id.to_owned(),
        description: format!("Made for {resource}"),
        permissions: vec![Permission { resource_id: resource.to_owned(), actions: vec!["*".to_owned()] }],
    }
}

/// One organization with every setting, one with none, and one that demands a second factor.
async fn companies(app: &TestApp) -> Value {
    let full = json!({
        "organization_name": "Full & Sons", "organization_slug": "Full~1",
        "organization_logo_url": "https://full.test/l.png", "organization_external_id": "crm|7",
        "trusted_metadata": { "plan": "gold", "seats": [1, { "a": null }] },
        "sso_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["full.test", "example.com"],
        "email_jit_provisioning": "RESTRICTED", "email_invites": "RESTRICTED", "auth_methods": "RESTRICTED",
        "allowed_auth_methods": ["sso", "magic_link"], "mfa_policy": "OPTIONAL",
        "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["totp"],
        "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": { "slack": ["T1"] },
        "claimed_email_domains": ["full.test"],
        "rbac_email_implicit_role_assignments": [{ "domain": "full.test", "role_id": "stytch_admin" }],
        "first_party_connected_apps_allowed_type": "RESTRICTED", "allowed_first_party_connected_apps": ["a"],
        "third_party_connected_apps_allowed_type": "NOT_ALLOWED", "allowed_third_party_connected_apps": ["b"],
    });
    let full = organization(app, full).await;
    let mut with_role = app.app.store.organization(app.project.id, &full).await.unwrap().unwrap();
    with_role.custom_roles.push(role("bookkeeper", "documents"));
    with_role.version += 1;
    let version = with_role.version - 1;
    app.app.store.commit(organizations::update(&with_role, version)).await.unwrap();
    let plain = organization(app, json!({ "organization_name": "Plain" })).await;
    let strict = json!({ "organization_name": "Strict", "organization_slug": "strict", "mfa_policy": "REQUIRED_FOR_ALL" });
    let strict = organization(app, strict).await;
    json!({ "full": full, "plain": plain, "strict": strict })
}

async fn organization(app: &TestApp, body: Value) -> String {
    text(&app.post("/v1/b2b/organizations", body).await.ok()["organization"]["organization_id"])
}

/// Connections of both protocols, in every state.
async fn connections(app: &TestApp, companies: &Value) -> Value {
    let (full, plain) = (text(&companies["full"]), text(&companies["plain"]));
    let mapping = json!({ "full_name": "name", "department": "groups" });
    let rich = json!({
        "display_name": "Okta", "identity_provider": "okta", "custom_scopes": "openid groups",
        "attribute_mapping": mapping, "token_endpoint_auth_method": "client_secret_post",
    });
    let oidc = app.connection_with(&full, rich).await;
    let hs256 = app.connection_with(&full, json!({ "allow_hs256": true })).await;
    app.provider.set_path_down(Some("/.well-known/openid-configuration"));
    let nothing = Value::Null;
    let front = json!({
        "type": "front_channel", "client_secret": nothing, "token_url": nothing, "userinfo_url": nothing,
    });
    let front = app.connection_with(&full, front).await;
    app.provider.set_path_down(None);
    let saml = saml(app, &full).await;
    let deleted = app.connection(&full).await;
    let company = format!("/v1/b2b/organizations/{full}");
    app.put(&company, json!({ "sso_jit_provisioning_allowed_connections": [deleted] })).await.ok();
    app.session(&deleted, "grace@example.com").await;
    app.delete(&format!("/v1/b2b/sso/{full}/connections/{deleted}")).await.ok();
    let settings = json!({
        "sso_default_connection_id": oidc,
        "sso_jit_provisioning_allowed_connections": [oidc, front, saml],
    });
    app.put(&company, settings).await.ok();
    json!({
        "oidc": oidc, "front": front, "hs256": hs256, "oidc_pending": app.pending_connection(&full).await,
        "saml": saml, "saml_pending": pending_saml(app, &full).await, "deleted": deleted,
        "metadata": published(app, &plain).await, "plain": app.connection(&plain).await,
        "strict": app.connection(&text(&companies["strict"])).await,
    })
}

/// A SAML connection with every setting, and a warning about one of its certificates.
async fn saml(app: &TestApp, organization: &str) -> String {
    let until = app.app.clock.now().plus(Span::days(180)).to_string();
    let settings = json!({
        "identity_provider": "microsoft-entra",
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups", "department": "dept" },
        "alternative_audience_uri": "urn:old:audience", "authn_requests_signed": true,
        "nameid_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "saml_connection_implicit_role_assignments": [{ "role_id": "bookkeeper" }],
        "saml_group_implicit_role_assignments": [{ "role_id": "stytch_admin", "group": "engineering" }],
        "saml_encryption_private_key": decryption_key().0,
        "allow_gateway_callback": true, "legacy_allow_sha1_until": until,
        "legacy_allow_inclusive_c14n_until": until,
    });
    let at = connect_in(app, organization, settings).await;
    app.put(&at.path(), json!({ "x509_certificate": certificate("rolled", 2027) })).await.ok();
    let id: ConnectionId = at.connection.parse().unwrap();
    let stored = app.app.store.connection_at_callback(&app.app.vault, id).await.unwrap().unwrap();
    let now = app.app.clock.now();
    let endings = calendar::of_connection(id, &stored.display_name, &stored.protocol, now);
    let rolled = &stored.saml().unwrap().verification_certificates[1];
    let rolled = endings.iter().find(|ending| ending.fingerprint == rolled.fingerprint).unwrap();
    let notice = notices::give(app.project.id, &at.connection, rolled, 90, now);
    app.app.store.commit(vec![notice]).await.unwrap();
    at.connection
}

async fn pending_saml(app: &TestApp, organization: &str) -> String {
    let body = json!({ "display_name": "Not yet", "identity_provider": "onelogin" });
    let made = app.post(&format!("/v1/b2b/sso/saml/{organization}"), body).await.ok();
    text(&made["connection"]["connection_id"])
}

/// A SAML connection that follows its provider's metadata.
async fn published(app: &TestApp, organization: &str) -> String {
    let connection = pending_saml(app, organization).await;
    let at = At { organization: organization.to_owned(), connection };
    let url = format!("{}/saml/metadata", app.provider.issuer);
    app.put(&format!("{}/url", at.path()), json!({ "metadata_url": url })).await.ok();
    at.connection
}

/// Members in every state.
async fn people(app: &TestApp, companies: &Value) -> Value {
    let full = text(&companies["full"]);
    let everything = json!({
        "name": "Rich Member", "trusted_metadata": { "a": 1 }, "untrusted_metadata": { "b": [2] },
        "is_breakglass": true, "mfa_phone_number": "+15555550123", "mfa_enrolled": true,
        "external_id": "employee|1", "roles": ["stytch_admin", "bookkeeper"],
    });
    let rich = app.member(&full, "rich@full.test", everything).await;
    let path = |member: &str| format!("/v1/b2b/organizations/{full}/members/{member}");
    let moved = json!({ "email_address": "rich.er@full.test", "default_mfa_method": "totp" });
    app.put(&path(&rich), moved).await.ok();
    let pending = app.member(&full, "pending@full.test", json!({ "create_member_as_pending": true })).await;
    let deleted = app.member(&full, "deleted@full.test", json!({})).await;
    app.delete(&path(&deleted)).await.ok();
    let invited = app.member(&full, "invited@full.test", json!({})).await;
    let id = invited.parse().unwrap();
    let mut stored = app
        .app
        .store
        .member_anywhere(&crate::organizations::everything(app.project.id), id)
        .await
        .unwrap()
        .unwrap();
    stored.status = MemberStatus::Invited;
    stored.version += 1;
    app.app.store.commit(vec![members::update(&stored, stored.version - 1)]).await.unwrap();
    json!({
        "rich": rich, "pending": pending, "deleted": deleted, "invited": invited,
        "plain": app.member(&text(&companies["plain"]), "plain@plain.test", json!({})).await,
    })
}

/// What has ended by the time that the database is opened again.
async fn over(app: &TestApp, connections: &Value) -> Value {
    let oidc = text(&connections["oidc"]);
    let redeemed = Browser::new(app).token(&oidc, "alan@example.com").await;
    let short = json!({ "sso_token": redeemed, "session_duration_minutes": 5 });
    let expired = app.post("/v1/b2b/sso/authenticate", short).await.ok();
    let unused = Browser::new(app).token(&oidc, "alan@example.com").await;
    app.pass(301);
    let refused = Browser::new(app).sign_in_with(&oidc, "ada@example.com", Some(Fault::WrongAudience)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    json!({ "redeemed": redeemed, "sso_token": unused, "session": expired["session_token"] })
}

/// What can still be used.
async fn live(app: &TestApp, connections: &Value) -> Value {
    let [oidc, saml, strict] = ["oidc", "saml", "strict"].map(|name| text(&connections[name]));
    let token = Browser::new(app).token(&oidc, "ada@example.com").await;
    let body = json!({
        "sso_token": token, "session_duration_minutes": LONG,
        "session_custom_claims": { "tier": { "name": "gold" } },
    });
    let ada = app.post("/v1/b2b/sso/authenticate", body).await.ok();
    let at = At { organization: String::new(), connection: saml.clone() };
    let token = Browser::new(app).saml_token(&at, "grace@example.com").await;
    let body = json!({ "sso_token": token, "session_duration_minutes": LONG });
    let grace = app.post("/v1/b2b/sso/authenticate", body).await.ok();
    let waiting = app.session(&strict, "ada@example.com").await;
    json!({
        "ada": session(&ada), "grace": session(&grace),
        "intermediate": waiting["intermediate_session_token"],
        "sso_token": Browser::new(app).token(&oidc, "ada@example.com").await,
        "attempts": { "oidc": attempt(app, &oidc).await, "saml": attempt(app, &saml).await },
    })
}

fn session(answer: &Value) -> Value {
    let kept = ["member_id", "organization_id", "session_token", "session_jwt"];
    Value::Object(kept.iter().map(|name| ((*name).to_owned(), answer[*name].clone())).collect())
}

/// A browser that is on its way to the provider.
async fn attempt(app: &TestApp, connection: &str) -> Value {
    let mut browser = Browser::new(app);
    let to = browser.start(connection, &[]).await;
    let cookies: Map<String, Value> =
        browser.cookies.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let state = if connection.starts_with("saml") { "RelayState" } else { "state" };
    json!({ "to": to.as_str(), "state": parameter(&to, state), "cookies": cookies })
}

/// A second project, so that tenants can be told apart.
async fn elsewhere(other: &TestApp) -> Value {
    let organization = other.organization("full~1", json!({})).await;
    let connection = other.connection(&organization).await;
    let ada = other.session(&connection, "ada@example.com").await;
    json!({ "organization": organization, "connection": connection, "session": session(&ada) })
}
