//! The calls by which the Terraform provider keeps a tenant as a configuration says, in its order: each resource is made, read, changed,
//! read again and removed. The provider plans by what it reads: every value that was configured has to be read as it was written, or there
//! is a difference that no run ever removes.

use http::Method;
use serde_json::{Map, Value, json};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::saml_connections::certificate;

on_both_engines!(
    a_configuration_is_applied_changed_and_destroyed,
    connections_by_every_strategy_are_read_as_written
);

/// What is configured and not read so, by the way to it.
fn differences(configured: &Value, read: &Value, at: &str) -> Vec<String> {
    match (configured, read) {
        (Value::Object(members), Value::Object(_)) => {
            let of =
                |(name, value): (&String, &Value)| differences(value, &read[name], &format!("{at}.{name}"));
            members.iter().flat_map(of).collect()
        }
        // Sets, in which the order says nothing.
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let missing = wanted.iter().filter(|one| !found.contains(one));
            missing.map(|one| format!("{at}: {one} is missing")).collect()
        }
        (wanted, found) if wanted == found => Vec::new(),
        (wanted, found) => vec![format!("{at}: {wanted} became {found}")],
    }
}

/// A resource that is kept as it is configured.
struct Resource {
    path: String,
    configured: Value,
    /// What is written and never read.
    unread: &'static [&'static str],
}

impl Resource {
    /// Makes it, and reads it.
    async fn created(
        manager: &Manager,
        all: &str,
        id: &str,
        configured: Value,
        unread: &'static [&'static str],
    ) -> Self {
        let made = said(&manager.post(all, &configured).await, 201);
        let resource = Self { path: format!("{all}/{}", text(&made[id])), configured, unread };
        resource.is_as_configured(manager).await;
        resource
    }

    /// Says what is different, as the provider does: what is left away stays.
    async fn updated(&mut self, manager: &Manager, change: Value) {
        said(&manager.patch(&self.path, &change).await, 200);
        for (name, value) in change.as_object().unwrap() {
            self.configured[name] = value.clone();
        }
        self.is_as_configured(manager).await;
    }

    async fn is_as_configured(&self, manager: &Manager) {
        let read = said(&manager.get(&self.path).await, 200);
        let mut wanted = self.configured.clone();
        for name in self.unread {
            wanted.as_object_mut().unwrap().remove(*name);
        }
        let found = differences(&wanted, &read, "");
        assert!(found.is_empty(), "{}: {found:?}", self.path);
    }

    async fn destroyed(self, manager: &Manager) {
        let reply = manager.delete(&self.path).await;
        assert!(matches!(reply.status.as_u16(), 202 | 204), "{}", reply.text());
        refused(&manager.get(&self.path).await, 404);
    }
}

fn client(name: &str) -> Value {
    json!({
        "name": name, "description": "Our shop", "app_type": "regular_web", "is_first_party": true, "oidc_conformant": true,
        "callbacks": ["https://shop.test/callback"], "allowed_logout_urls": ["https://shop.test/"],
        "web_origins": ["https://shop.test"], "allowed_origins": ["https://shop.test"],
        "grant_types": ["authorization_code", "refresh_token"], "client_metadata": { "team": "a" },
        "cross_origin_authentication": false, "custom_login_page_on": true, "sso_disabled": false,
        "organization_usage": "allow", "organization_require_behavior": "no_prompt",
        "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 300, "secret_encoded": false },
        "refresh_token": {
            "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 15, "token_lifetime": 84600,
            "infinite_token_lifetime": false, "idle_token_lifetime": 72000, "infinite_idle_token_lifetime": false,
        },
    })
}

fn oidc(manager: &Manager) -> Value {
    let issuer = &manager.app.provider.issuer;
    json!({
        "strategy": "oidc", "name": "acme-oidc", "display_name": "Acme", "show_as_button": false, "is_domain_connection": false,
        "metadata": { "key1": "foo" },
        "options": {
            "type": "back_channel", "client_id": "1234567", "client_secret": "1234567", "issuer": issuer,
            "discovery_url": format!("{issuer}/.well-known/openid-configuration"), "jwks_uri": format!("{issuer}/jwks"),
            "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"), "scope": "openid email", "domain_aliases": ["acme.test"],
            "set_user_root_attributes": "on_first_login", "non_persistent_attrs": ["ethnicity", "gender"],
            "upstream_params": { "screen_name": { "alias": "login_hint" } },
            "connection_settings": { "pkce": "auto" },
            "attribute_map": {
                "mapping_mode": "use_map", "userinfo_scope": "openid email profile groups",
                "attributes": { "email": "${context.tokenset.email}", "name": "${context.tokenset.name}" },
            },
        },
    })
}

async fn a_configuration_is_applied_changed_and_destroyed(app: TestApp) {
    let manager = Manager::new(&app).await;
    let tenant = json!({ "friendly_name": "Acme", "allowed_logout_urls": ["https://shop.test/"], "session_lifetime": 168 });
    said(&manager.patch("/tenants/settings", &tenant).await, 200);
    assert_eq!(differences(&tenant, &said(&manager.get("/tenants/settings").await, 200), ""), [""; 0]);

    let mut shop = Resource::created(&manager, "/clients", "client_id", client("Shop"), &[]).await;
    let client_id = said(&manager.get(&shop.path).await, 200)["client_id"].clone();
    let mut connection = Resource::created(&manager, "/connections", "id", oidc(&manager), &[]).await;
    let connection_id = said(&manager.get(&connection.path).await, 200)["id"].clone();

    // auth0_connection_clients: the list is read, and what is different is switched.
    let clients = format!("{}/clients", connection.path);
    assert_eq!(said(&manager.get(&format!("{clients}?take=100")).await, 200)["clients"], json!([]));
    said(&manager.patch(&clients, &json!([{ "client_id": client_id, "status": true }])).await, 204);
    assert_eq!(said(&manager.get(&clients).await, 200)["clients"], json!([{ "client_id": client_id }]));
    // As older versions of the provider say and read it.
    let enabled = json!({ "enabled_clients": [client_id] });
    assert_eq!(
        said(&manager.patch(&connection.path, &enabled).await, 200)["enabled_clients"],
        json!([client_id])
    );

    let named = json!({ "client_id": client_id, "audience": "https://api.test/", "scope": ["create:foo"] });
    let mut grant = Resource::created(&manager, "/client-grants", "id", named, &[]).await;
    grant.updated(&manager, json!({ "scope": ["create:foo", "read:foo"] })).await;

    let configured = json!({
        "name": "acme", "display_name": "Acme Inc.", "branding": { "logo_url": "https://acme.test/logo.png" },
        "metadata": { "some_key": "some_value" },
    });
    let mut organization = Resource::created(&manager, "/organizations", "id", configured, &[]).await;
    organization
        .updated(&manager, json!({ "display_name": "Acme", "metadata": { "some_key": "another" } }))
        .await;
    let rows = format!("{}/enabled_connections", organization.path);
    let row = json!({
        "connection_id": connection_id, "assign_membership_on_login": true, "show_as_button": false, "is_signup_enabled": false,
    });
    let mut row = Resource::created(&manager, &rows, "connection_id", row, &[]).await;
    row.updated(&manager, json!({ "assign_membership_on_login": false, "show_as_button": true })).await;
    let listed = said(&manager.get(&format!("{rows}?include_totals=true&per_page=50")).await, 200);
    assert_eq!(
        (&listed["total"], &listed["enabled_connections"][0]["connection_id"]),
        (&json!(1), &connection_id)
    );

    shop.updated(
        &manager,
        json!({ "callbacks": ["https://shop.test/a", "https://shop.test/b"], "description": "Ours" }),
    )
    .await;
    let mut options = connection.configured["options"].clone();
    options["domain_aliases"] = json!(["acme.test", "acme.example"]);
    options["attribute_map"]["attributes"] = json!({ "email": "${context.tokenset.email}" });
    connection
        .updated(&manager, json!({ "options": options, "display_name": "Acme 2", "show_as_button": true }))
        .await;

    // A second run finds nothing to do.
    for resource in [&shop, &connection, &grant, &organization, &row] {
        resource.is_as_configured(&manager).await;
    }
    // What depends on something goes before it.
    said(&manager.patch(&clients, &json!([{ "client_id": client_id, "status": false }])).await, 204);
    for resource in [row, grant, organization, connection, shop] {
        resource.destroyed(&manager).await;
    }
    let left = said(&manager.get("/connections?include_totals=true&per_page=50").await, 200);
    assert_eq!(left["total"], 0, "{left}");
}

/// The bodies that the provider's documentation has for strategies that are served.
async fn connections_by_every_strategy_are_read_as_written(app: TestApp) {
    let manager = Manager::new(&app).await;
    let cert = certificate("idp.test", 2100);
    let saml = json!({
        "signInEndpoint": "https://saml.provider/sign_in", "signOutEndpoint": "https://saml.provider/sign_out", "disableSignout": true,
        "signingCert": cert, "tenant_domain": "example.com", "domain_aliases": ["example.org"],
        "protocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "signSAMLRequest": true, "debug": true,
        "signatureAlgorithm": "rsa-sha256", "digestAlgorithm": "sha256", "entityId": "urn:acme:sp",
        "user_id_attribute": "https://saml.provider/imi/ns/identity-200810",
        "fieldsMap": { "name": ["name", "nameidentifier2"], "email": ["emailaddress", "nameidentifier"], "family_name": "surname" },
        "idpinitiated": { "enabled": true, "client_id": "client_id", "client_protocol": "samlp", "client_authorizequery": "type=code&timeout=30" },
        "set_user_root_attributes": "on_each_login", "non_persistent_attrs": ["gender", "hair_color"],
    });
    let okta = json!({
        "client_id": "1234567", "client_secret": "1234567", "domain": "okta.test", "domain_aliases": ["example.com"],
        "issuer": "https://okta.test", "jwks_uri": "https://okta.test/oauth2/v1/keys", "scope": "openid email",
        "token_endpoint": "https://okta.test/oauth2/v1/token", "userinfo_endpoint": "https://okta.test/oauth2/v1/userinfo",
        "authorization_endpoint": "https://okta.test/oauth2/v1/authorize", "non_persistent_attrs": ["ethnicity"],
    });
    let ping = json!({
        "signingCert": cert, "tenant_domain": "example.com", "pingFederateBaseUrl": "https://pingfederate.example.com",
        "signInEndpoint": "https://pingfederate.example.com", "signatureAlgorithm": "rsa-sha256", "digestAlgorithm": "sha256",
    });
    for (strategy, options, unread) in
        [("samlp", saml, &[][..]), ("okta", okta, &[]), ("pingfederate", ping, &[])]
    {
        let body = json!({ "strategy": strategy, "name": format!("acme-{strategy}"), "options": options });
        let connection = Resource::created(&manager, "/connections", "id", body, unread).await;
        let read: Map<String, Value> =
            said(&manager.get(&connection.path).await, 200).as_object().unwrap().clone();
        // The provider writes back the whole of what it has read, and what it did not configure.
        let whole = json!({ "options": read["options"] }).to_string();
        said(&manager.send(Method::PATCH, &connection.path, whole).await, 200);
        connection.is_as_configured(&manager).await;
        connection.destroyed(&manager).await;
    }
}
