//! Connections: made, listed in three shapes, changed as a whole, and used through the other dialect.

use serde_json::{Value, json};

use super::{Manager, refused, said};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_connections::certificate;
use crate::saml_idp;

on_both_engines!(
    what_was_sent_is_what_is_given_back,
    the_three_shapes_of_a_listing,
    options_are_replaced_and_secrets_are_not_lost,
    names_are_unique_and_never_change,
    what_is_not_found_has_its_code,
    a_document_is_found_or_not_or_lacks_something,
    options_of_a_mebibyte_are_refused,
    a_connection_of_the_first_dialect_stands_here,
    a_connection_of_this_dialect_is_used_by_the_first,
    saml_by_certificate_and_by_metadata,
    a_provider_that_nobody_has_named_says_it_itself,
    keys_come_in_pairs_and_take_turns,
    applications_are_enabled_by_either_way,
    products_are_presets,
    what_is_not_here_says_so,
);

async fn what_was_sent_is_what_is_given_back(app: TestApp) {
    let manager = Manager::new(&app).await;
    let mut options = manager.options();
    let more = json!({
        "scope": "openid email", "domain_aliases": ["acme.test", "xn--bcher-kva.example"],
        "icon_url": "https://cdn.test/a.png", "set_user_root_attributes": "on_first_login",
        "non_persistent_attrs": ["groups"], "upstream_params": { "hd": { "value": "acme.test" }, "screen": { "alias": "login_hint" } },
        "attribute_map": { "mapping_mode": "use_map", "attributes": { "email": "${context.tokenset.email}", "tier": "gold" } },
        "connection_settings": { "pkce": "S256" }, "send_back_channel_nonce": true,
        "token_endpoint_auth_method": "client_secret_post", "something": { "of": ["a", "later", 1, null] },
    });
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    let body = json!({
        "strategy": "oidc", "name": "acme-oidc", "display_name": "Acme", "options": options, "is_domain_connection": true,
        "show_as_button": true, "realms": ["acme"], "metadata": { "tier": "gold" },
    });
    let made = said(&manager.post("/connections", &body).await, 201);
    let read = said(&manager.get(&format!("/connections/{}", text(&made["id"]))).await, 200);
    assert_eq!(made, read);
    for (name, value) in body.as_object().unwrap().iter().filter(|(name, _)| *name != "options") {
        assert_eq!(&read[name], value, "{name}");
    }
    for (name, value) in options.as_object().unwrap() {
        assert_eq!(&read["options"][name], value, "{name}");
    }
    // What came back is taken back, and nothing changes by it.
    let whole = json!({ "options": read["options"], "display_name": read["display_name"], "metadata": read["metadata"] });
    let again = said(&manager.patch(&format!("/connections/{}", text(&made["id"])), &whole).await, 200);
    assert_eq!(again, read);
    let fields = manager.get(&format!("/connections/{}?fields=id,name", text(&made["id"]))).await;
    assert_eq!(said(&fields, 200), json!({ "id": made["id"], "name": "acme-oidc" }));
}

async fn the_three_shapes_of_a_listing(app: TestApp) {
    let manager = Manager::new(&app).await;
    for name in ["a", "b", "c"] {
        manager.connection(name).await;
    }
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| text(&one["name"])).collect()
    };
    let bare = said(&manager.get("/connections").await, 200);
    assert_eq!(names(&bare), ["a", "b", "c"]);
    assert!(bare[0]["options"].get("client_secret").is_none(), "no secrets in lists: {bare}");
    let totals = said(&manager.get("/connections?include_totals=true&page=1&per_page=2").await, 200);
    assert_eq!((&totals["start"], &totals["limit"], &totals["total"]), (&json!(2), &json!(2), &json!(3)));
    assert_eq!(names(&totals["connections"]), ["c"]);
    let first = said(&manager.get("/connections?include_totals=true&take=2").await, 200);
    assert_eq!(names(&first["connections"]), ["a", "b"]);
    let next = format!("/connections?take=2&from={}", text(&first["next"]));
    let last = said(&manager.get(&next).await, 200);
    assert_eq!(names(&last["connections"]), ["c"]);
    assert!(last.get("next").is_none(), "{last}");
    for (query, expected) in [
        ("strategy=oidc&strategy=samlp", 3),
        ("strategy=samlp", 0),
        ("strategy=auth0", 0),
        ("name=b", 1),
        ("name=B", 0),
        ("name=not_a_name", 0),
    ] {
        let found = said(&manager.get(&format!("/connections?{query}")).await, 200);
        assert_eq!(found.as_array().unwrap().len(), expected, "{query}");
    }
    for query in ["page=x", "per_page=101", "take=0", "from=nonsense", "include_totals=perhaps"] {
        let (code, _) = refused(&manager.get(&format!("/connections?{query}")).await, 400);
        assert!(["invalid_paging", "invalid_query_string"].contains(&code.as_str()), "{query}: {code}");
    }
}

async fn options_are_replaced_and_secrets_are_not_lost(app: TestApp) {
    let manager = Manager::new(&app).await;
    let id = manager.connection("acme").await;
    let path = format!("/connections/{id}");
    let mut options = manager.options();
    options["kept"] = json!(1);
    options["connection_settings"] = json!({ "pkce": "plain" });
    said(&manager.patch(&path, &json!({ "options": options })).await, 200);
    let mut options = manager.options();
    options.as_object_mut().unwrap().remove("client_secret");
    let changed = said(&manager.patch(&path, &json!({ "options": options })).await, 200);
    assert!(changed["options"].get("kept").is_none(), "{changed}");
    assert!(changed["options"]["client_secret"].is_string(), "what is not repeated is not lost: {changed}");
    assert_eq!(changed["options"]["connection_settings"]["pkce"], "plain", "nor is PKCE");
    let off = said(&manager.patch(&path, &json!({ "authentication": { "active": false } })).await, 200);
    assert_eq!(off["authentication"], json!({ "active": false }));
    assert_eq!(off["options"], changed["options"], "options that are not sent stay");
    let nothing = said(&manager.patch(&path, &json!({ "options": null })).await, 200);
    assert_eq!(nothing["options"], changed["options"]);
}

async fn names_are_unique_and_never_change(app: TestApp) {
    let manager = Manager::new(&app).await;
    let id = manager.connection("acme").await;
    let body = json!({ "strategy": "oidc", "name": "acme", "options": manager.options() });
    let conflict = manager.post("/connections", &body).await;
    let expected =
        ("connection_conflict".to_owned(), "A connection with the same name already exists".to_owned());
    assert_eq!(refused(&conflict, 409), expected);
    for (name, value) in [("name", json!("other")), ("strategy", json!("samlp")), ("colour", json!("red"))] {
        let (code, message) =
            refused(&manager.patch(&format!("/connections/{id}"), &json!({ name: value })).await, 400);
        assert_eq!(code, "invalid_body");
        assert_eq!(
            message,
            format!("Payload validation error: 'Additional properties not allowed: {name}'.")
        );
    }
    said(&manager.delete(&format!("/connections/{id}")).await, 202);
    said(&manager.delete(&format!("/connections/{id}")).await, 204);
    manager.connection("acme").await;
}

async fn what_is_not_found_has_its_code(app: TestApp) {
    let manager = Manager::new(&app).await;
    for id in ["con_KSTUfqlg41KKwagU", "con_00000000000000000000000", "nonsense", "a%2Fb", "%00"] {
        for method in ["GET", "PATCH"] {
            let reply = manager.send(method.parse().unwrap(), &format!("/connections/{id}"), "{}").await;
            assert_eq!(
                refused(&reply, 404),
                ("inexistent_connection".to_owned(), "The connection does not exist".to_owned())
            );
        }
    }
    for (body, message) in [
        (json!({ "name": "a", "strategy": "oidc", "options": {} }), "options.client_id is required"),
        (json!({ "name": "a", "strategy": "oidc" }), "options.client_id is required"),
        (json!({ "strategy": "oidc" }), "Payload validation error: 'Missing required property: name'."),
    ] {
        assert_eq!(
            refused(&manager.post("/connections", &body).await, 400),
            ("invalid_body".to_owned(), message.to_owned())
        );
    }
    let (code, _) =
        refused(&manager.post("/connections", &json!({ "name": "a", "strategy": "facebook" })).await, 400);
    assert_eq!(code, "operation_not_supported");
}

async fn a_document_is_found_or_not_or_lacks_something(app: TestApp) {
    let manager = Manager::new(&app).await;
    let create = async |name: &str, options: Value| {
        manager.post("/connections", &json!({ "strategy": "oidc", "name": name, "options": options })).await
    };
    // Found, by the address of what it is below.
    let base = json!({ "client_id": "c", "discovery_url": format!("{}/", app.provider.issuer) });
    assert!(said(&create("base", base).await, 201)["options"]["jwks_uri"].is_string());
    // Not found: the address and the reason are told.
    app.provider.set_path_down(Some("/.well-known/openid-configuration"));
    let (code, message) = refused(&create("down", manager.options()).await, 400);
    assert!(
        code == "invalid_body" && message.contains("status 503") && message.contains(&app.provider.issuer),
        "{message}"
    );
    // Whoever has said all that is needed does not depend on it.
    let issuer = &app.provider.issuer;
    let mut explicit = manager.options();
    for (name, path) in [
        ("issuer", ""),
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("jwks_uri", "/jwks"),
    ] {
        explicit[name] = json!(format!("{issuer}{path}"));
    }
    said(&create("explicit", explicit).await, 201);
    // Whoever has named no document misses nothing by it: the connection is there, and not complete.
    let resolved = json!({ "client_id": "c", "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize") });
    let id = text(&said(&create("lazily", resolved.clone()).await, 201)["id"]);
    assert_eq!(manager.get(&format!("/connections/{id}/status")).await.status, 404);
    app.provider.set_path_down(None);
    said(&manager.patch(&format!("/connections/{id}"), &json!({ "options": resolved })).await, 200);
    assert_eq!(manager.get(&format!("/connections/{id}/status")).await.status, 200);
    // A document that lacks something says what.
    let lacking = json!({
        "client_id": "c", "type": "back_channel", "client_secret": "s",
        "oidc_metadata": { "issuer": "https://idp.test", "authorization_endpoint": "https://idp.test/a" },
    });
    let (_, message) = refused(&create("lacking", lacking).await, 400);
    for missing in ["token_endpoint", "jwks_uri", "id_token_signing_alg_values_supported"] {
        assert!(message.contains(missing), "{message}");
    }
}

async fn options_of_a_mebibyte_are_refused(app: TestApp) {
    let manager = Manager::new(&app).await;
    let mut options = manager.options();
    options["much"] = json!("x".repeat(1024 * 1024));
    let body = json!({ "strategy": "oidc", "name": "much", "options": options });
    refused(&manager.post("/connections", &body).await, 413);
    options["much"] = json!("x".repeat(200 * 1024));
    let body = json!({ "strategy": "oidc", "name": "much", "options": options });
    let (code, _) = refused(&manager.post("/connections", &body).await, 400);
    assert_eq!(code, "invalid_body");
    let twice = r#"{"strategy":"oidc","name":"twice","options":{"client_id":"a","client_id":"b"}}"#;
    let (_, message) = refused(&manager.send(http::Method::POST, "/connections", twice).await, 400);
    assert!(message.contains("duplicate field"), "{message}");
}

async fn a_connection_of_the_first_dialect_stands_here(app: TestApp) {
    let manager = Manager::new(&app).await;
    let organization = app.organization("acme", json!({})).await;
    let own = app.connection(&organization).await;
    let listed = said(&manager.get("/connections").await, 200);
    let id = text(&listed[0]["id"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["strategy"], &listed[0]["display_name"]), (&json!("oidc"), &json!("Company IdP")));
    let single = said(&manager.get(&format!("/connections/{own}")).await, 200);
    assert_eq!(single["id"], id, "the other dialect's spelling names the same");
    assert_eq!(single["options"]["scope"], "openid email profile");
    said(
        &manager
            .patch(&format!("/connections/{id}"), &json!({ "display_name": "Acme", "show_as_button": true }))
            .await,
        200,
    );
    let there = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    assert_eq!(there["oidc_connections"][0]["display_name"], "Acme");
    assert_eq!(there["oidc_connections"][0]["status"], "active");
    // People still sign in through it there.
    app.session(&own, "ada@acme.test").await;
    said(&manager.delete(&format!("/connections/{id}")).await, 202);
    let there = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    assert_eq!(there["oidc_connections"], json!([]));
}

async fn a_connection_of_this_dialect_is_used_by_the_first(app: TestApp) {
    let manager = Manager::new(&app).await;
    let organization = app.organization("acme", json!({})).await;
    let id = manager.connection("acme").await;
    let place = format!("/organizations/{organization}/enabled_connections");
    let body = json!({ "connection_id": id, "assign_membership_on_login": true, "show_as_button": true });
    let row = said(&manager.post(&place, &body).await, 201);
    assert_eq!(row["connection"], json!({ "name": "acme", "strategy": "oidc" }));
    let there = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    let borrowed = text(&there["external_connections"][0]["connection_id"]);
    let token = Browser::new(&app).token(&borrowed, "ada@acme.test").await;
    let session = app.redeem(&token).await.ok();
    assert_eq!(session["organization_id"], organization);
    let users = said(&manager.get("/users").await, 200);
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(users[0]["identities"][0]["connection"], "acme");
}

async fn saml_by_certificate_and_by_metadata(app: TestApp) {
    let manager = Manager::new(&app).await;
    let pem = certificate("idp.test", 2100);
    let options = json!({
        "signInEndpoint": "https://idp.test/sso", "signingCert": pem, "idpEntityId": "https://idp.test",
        "fieldsMap": { "email": "mail" }, "signSAMLRequest": true, "idpinitiated": { "enabled": true },
    });
    let body = json!({ "strategy": "samlp", "name": "acme-saml", "options": options });
    let made = said(&manager.post("/connections", &body).await, 201);
    let id = text(&made["id"]);
    for (name, value) in options.as_object().unwrap().iter().filter(|(name, _)| *name != "signingCert") {
        assert_eq!(&made["options"][name], value, "{name}");
    }
    assert_eq!(made["options"]["signingCert"], made["options"]["cert"]);
    assert_eq!(made["options"]["thumbprints"][0].as_str().unwrap().len(), 40);
    assert_eq!(manager.get(&format!("/connections/{id}/status")).await.status, 200);
    let whole = json!({ "options": made["options"] });
    let again = said(&manager.patch(&format!("/connections/{id}"), &whole).await, 200);
    assert_eq!(again["options"]["thumbprints"], made["options"]["thumbprints"]);
    let listed = said(&manager.get("/connections?strategy=samlp").await, 200);
    assert!(listed[0]["options"].get("signing_key").is_none(), "{listed}");
    for bad in
        [json!({}), json!({ "signInEndpoint": "https://idp.test/sso", "signingCert": "no certificate" })]
    {
        let body = json!({ "strategy": "samlp", "name": "bad", "options": bad });
        let (code, _) = refused(&manager.post("/connections", &body).await, 400);
        assert_eq!(code, "invalid_body");
    }
}

/// As guides and Terraform make them: where to sign in, and the certificate. What the provider calls itself is pinned by its first
/// response that is right, and none before or after it changes that.
async fn a_provider_that_nobody_has_named_says_it_itself(app: TestApp) {
    let manager = Manager::new(&app).await;
    let idp = app.provider.saml();
    let options = json!({ "signInEndpoint": idp.sso_url(), "signingCert": saml_idp::certificate(&app) });
    let body = json!({ "strategy": "samlp", "name": "acme", "options": options });
    let made = said(&manager.post("/connections", &body).await, 201);
    let path = format!("/connections/{}", text(&made["id"]));
    let named = async || said(&manager.get(&path).await, 200)["options"]["idpEntityId"].clone();
    assert_eq!(manager.get(&format!("{path}/status")).await.status, 200);
    assert_eq!(named().await, Value::Null);
    let enabled = json!([{ "connection_id": made["id"], "assign_membership_on_login": true }]);
    let body = json!({ "name": "acme", "enabled_connections": enabled });
    said(&manager.post("/organizations", &body).await, 201);
    let there = app.get("/v1/b2b/sso/acme").await.ok();
    let borrowed = text(&there["external_connections"][0]["connection_id"]);
    let sign_in = async |choices: &[(&str, &str)]| {
        let mut browser = Browser::new(&app);
        let to = browser.start(&borrowed, &[]).await;
        let back = browser.answer_saml(&to, "ada@acme.test", choices).await;
        browser.bring(&back).await
    };
    for fault in ["unsigned", "wrong_key", "wrong_audience", "expired", "wrong_recipient"] {
        let refused = sign_in(&[("fault", fault)]).await;
        assert!(refused.status.is_client_error(), "{fault}: {}", refused.status);
        assert_eq!(named().await, Value::Null, "{fault}");
    }
    let first = parameter(&sign_in(&[]).await.location(), "token");
    let first = app.redeem(&first).await.ok();
    assert_eq!(named().await, idp.entity_id());
    let events = app.get("/v1/vestibule/events?action=connection.metadata.change").await.ok();
    assert_eq!(events["events"].as_array().unwrap().len(), 1, "{events}");
    let again = parameter(&sign_in(&[]).await.location(), "token");
    assert_eq!(app.redeem(&again).await.ok()["member_id"], first["member_id"]);
    // The same key in another's name: a provider that signs for several customers by one key.
    assert!(sign_in(&[("fault", "wrong_issuer")]).await.status.is_client_error());
    assert_eq!(named().await, idp.entity_id());
    // Options without it leave what was learned, until they lead to another provider.
    said(&manager.patch(&path, &json!({ "options": options })).await, 200);
    assert_eq!(named().await, idp.entity_id());
    let mut moved = options.clone();
    moved["signInEndpoint"] = json!("https://other.test/sso");
    said(&manager.patch(&path, &json!({ "options": moved })).await, 200);
    assert_eq!(named().await, Value::Null);
}

async fn keys_come_in_pairs_and_take_turns(app: TestApp) {
    let manager = Manager::new(&app).await;
    let by_secret = manager.connection("by-secret").await;
    let refusal = refused(&manager.get(&format!("/connections/{by_secret}/keys")).await, 400);
    assert_eq!(refusal.1, "Connection is not configured to use JWT Client Authentication");
    let mut options = manager.options();
    options["token_endpoint_auth_method"] = json!("private_key_jwt");
    let body = json!({ "strategy": "oidc", "name": "by-key", "options": options });
    let id = text(&said(&manager.post("/connections", &body).await, 201)["id"]);
    let keys = said(&manager.get(&format!("/connections/{id}/keys")).await, 200);
    assert_eq!((&keys[0]["current"], &keys[1]["next"]), (&json!(true), &json!(true)), "{keys}");
    for name in ["kid", "cert", "fingerprint", "thumbprint", "algorithm", "subject_dn"] {
        assert!(keys[0][name].is_string() && keys[1][name].is_string(), "{name}");
    }
    assert_eq!(
        said(&manager.get(&format!("/connections/{id}/keys")).await, 200),
        keys,
        "they are the same each time"
    );
    let (_, message) = refused(&manager.post(&format!("/connections/{id}/keys"), &json!({})).await, 409);
    assert_eq!(message, "Keys have already been created for this connection.");
    let next = said(&manager.post(&format!("/connections/{id}/keys/rotate"), &Value::Null).await, 201);
    let after = said(&manager.get(&format!("/connections/{id}/keys")).await, 200);
    assert_eq!((&after[0]["kid"], &after[1]["kid"]), (&keys[1]["kid"], &next["kid"]));
}

async fn applications_are_enabled_by_either_way(app: TestApp) {
    let manager = Manager::new(&app).await;
    let client = async |name: &str| {
        text(&said(&manager.post("/clients", &json!({ "name": name })).await, 201)["client_id"])
    };
    let (one, two) = (client("One").await, client("Two").await);
    let mut body = json!({ "strategy": "oidc", "name": "acme", "options": manager.options() });
    body["enabled_clients"] = json!([one]);
    let made = said(&manager.post("/connections", &body).await, 201);
    assert_eq!(made["enabled_clients"], json!([one]));
    let place = format!("/connections/{}/clients", text(&made["id"]));
    let switch = json!([{ "client_id": one, "status": false }, { "client_id": two, "status": true }]);
    said(&manager.patch(&place, &switch).await, 204);
    said(&manager.patch(&place, &switch).await, 204);
    assert_eq!(said(&manager.get(&place).await, 200), json!({ "clients": [{ "client_id": two }] }));
    let of_client = said(&manager.get(&format!("/clients/{two}/connections")).await, 200);
    assert_eq!(of_client["connections"][0]["name"], "acme");
    let path = format!("/connections/{}", text(&made["id"]));
    let both = said(&manager.patch(&path, &json!({ "enabled_clients": [one, two] })).await, 200);
    assert_eq!(both["enabled_clients"].as_array().unwrap().len(), 2);
    let page = said(&manager.get(&format!("{place}?take=1")).await, 200);
    let rest = said(&manager.get(&format!("{place}?take=1&from={}", text(&page["next"]))).await, 200);
    assert!(rest.get("next").is_none(), "{rest}");
    let unknown = json!([{ "client_id": "nobody", "status": true }]);
    assert_eq!(
        refused(&manager.patch(&place, &unknown).await, 404),
        ("inexistent_client".to_owned(), "The client does not exist".to_owned())
    );
    for bad in
        [json!([]), json!([{ "client_id": one }]), json!([{ "client_id": one, "status": "on" }]), json!({})]
    {
        let (code, _) = refused(&manager.patch(&place, &bad).await, 400);
        assert_eq!(code, "invalid_body");
    }
    assert_eq!(said(&manager.get(&place).await, 200)["clients"].as_array().unwrap().len(), 2);
}

async fn products_are_presets(app: TestApp) {
    let manager = Manager::new(&app).await;
    let issuer = &app.provider.issuer;
    let explicit = json!({
        "client_id": "c", "client_secret": "s", "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"), "domain": "acme.test",
    });
    for (strategy, mode) in [("okta", "basic_profile"), ("waad", "bind_all"), ("google-apps", "bind_all")] {
        let body = json!({ "strategy": strategy, "name": strategy, "options": explicit });
        let made = said(&manager.post("/connections", &body).await, 201);
        assert_eq!(made["strategy"], strategy);
        assert_eq!(made["options"]["type"], "back_channel");
        assert_eq!(made["options"]["attribute_map"]["mapping_mode"], mode);
        assert_eq!(made["options"]["domain"], "acme.test");
        let listed = said(&manager.get(&format!("/connections?strategy={strategy}")).await, 200);
        assert_eq!(listed.as_array().unwrap().len(), 1, "{strategy}");
    }
    let pem = certificate("idp.test", 2100);
    let ping =
        json!({ "pingFederateBaseUrl": "https://ping.test", "signingCert": pem, "idpEntityId": "ping" });
    let body = json!({ "strategy": "pingfederate", "name": "ping", "options": ping });
    let made = said(&manager.post("/connections", &body).await, 201);
    assert_eq!(made["options"]["signInEndpoint"], "https://ping.test/idp/SSO.saml2");
}

async fn what_is_not_here_says_so(app: TestApp) {
    let manager = Manager::new(&app).await;
    let id = manager.connection("acme").await;
    let provisioning = manager.get("/connections-directory-provisionings?take=50").await;
    assert_eq!(said(&provisioning, 200), json!({ "directory_provisionings": [] }));
    for path in [
        format!("/connections/{id}/directory-provisioning"),
        "/self-service-profiles".to_owned(),
        "/self-service-profiles/ssp_1".to_owned(),
    ] {
        assert_eq!(refused(&manager.get(&path).await, 404).1, "Not Found");
    }
    let made = said(&manager.post("/organizations", &json!({ "name": "acme" })).await, 201);
    for (part, list) in
        [("client-grants", "client_grants"), ("clients", "clients"), ("discovery-domains", "domains")]
    {
        let path = format!("/organizations/{}/{part}", text(&made["id"]));
        assert_eq!(said(&manager.get(&path).await, 200)[list], json!([]), "{part}");
        assert_eq!(refused(&manager.get(&format!("/organizations/org_nobody/{part}")).await, 404).0, "");
    }
    let (code, _) =
        refused(&manager.delete(&format!("/connections/{id}/users?email=a@acme.test")).await, 400);
    assert_eq!(code, "operation_not_supported");
    let (code, _) = refused(&manager.post("/users", &json!({ "connection": "acme" })).await, 400);
    assert_eq!(code, "operation_not_supported");
}
