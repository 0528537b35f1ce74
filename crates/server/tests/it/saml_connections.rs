//! SAML connections through the API: made, filled, shown, and taken apart.

use http::Method;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};
use serde_json::{Value, json};
use vestibule_store::tables::events::EventFilter;

use crate::app::{TestApp, on_both_engines, text};
use crate::organizations::everything;

on_both_engines!(
    a_connection_as_it_is_shown,
    active_with_entity_id_url_and_certificate,
    certificates_come_and_go,
    encryption_keys_come_and_go,
    signing_keys_rotate_with_overlap,
    a_mapping_is_whole_or_refused,
    what_is_unset_is_as_in_a_new_connection,
    roles_must_exist_and_groups_must_be_mapped,
    legacy_switches_end_and_are_audited,
    one_entity_id_in_an_organization,
    bad_values_are_refused_by_name,
    tenants_do_not_meet,
    our_own_metadata_is_public,
    connections_and_groups_give_roles,
);

/// The certificate of a provider in PEM, valid until the end of `year`.
pub(crate) fn certificate(name: &str, year: i32) -> String {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut parameters = CertificateParams::default();
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    parameters.distinguished_name = names;
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(year, 12, 31);
    parameters.self_signed(&key).unwrap().pem()
}

/// The API of one SAML connection.
pub(crate) struct Api<'a> {
    app: &'a TestApp,
    pub(crate) path: String,
    pub(crate) id: String,
}

impl<'a> Api<'a> {
    pub(crate) async fn new(app: &'a TestApp, organization: &str) -> Self {
        let made =
            app.post(&format!("/v1/b2b/sso/saml/{organization}"), json!({ "display_name": "IdP" })).await;
        let id = text(&made.ok()["connection"]["connection_id"]);
        Self { app, path: format!("/v1/b2b/sso/saml/{organization}/connections/{id}"), id }
    }

    pub(crate) async fn put(&self, body: Value) -> Value {
        self.app.put(&self.path, body).await.ok()["connection"].clone()
    }

    pub(crate) async fn refused(&self, body: Value, error_type: &str) -> String {
        let refused = self.app.put(&self.path, body).await;
        text(&refused.refused(400, error_type)["error_message"])
    }
}

fn complete(entity_id: &str) -> Value {
    json!({
        "idp_entity_id": entity_id,
        "idp_sso_url": "https://idp.example.com/sso",
        "x509_certificate": certificate("idp", 2040),
    })
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

async fn a_connection_as_it_is_shown(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let made = app.post(&path, json!({ "display_name": "Okta", "identity_provider": "okta" })).await.ok();
    let id = text(&made["connection"]["connection_id"]);
    let pem = text(&made["connection"]["signing_certificates"][0]["certificate"]);
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    assert!(!made.to_string().contains("PRIVATE KEY"), "our signing key is nobody's business");
    let redactions = |value: Value| {
        let id = id.clone();
        let text = value.to_string().replace(&id, "[connection]").replace(&organization, "[organization]");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    insta::assert_json_snapshot!("saml_connection_pending", redactions(made), {
        ".request_id" => "[request]",
        ".connection.signing_certificates[].certificate_id" => "[id]",
        ".connection.signing_certificates[].id" => "[id]",
        ".connection.signing_certificates[].certificate" => "[pem]",
    });
    let connection = format!("{path}/connections/{id}");
    let mut body = complete("https://idp.example.com/entity");
    body["saml_connection_implicit_role_assignments"] = json!([{ "role_id": "stytch_admin" }]);
    body["saml_group_implicit_role_assignments"] = json!([{ "role_id": "stytch_admin", "group": "eng" }]);
    let updated = app.put(&connection, body).await.ok();
    insta::assert_json_snapshot!("saml_connection_active", redactions(updated.clone()), {
        ".request_id" => "[request]",
        ".connection.signing_certificates[].certificate_id" => "[id]",
        ".connection.signing_certificates[].id" => "[id]",
        ".connection.signing_certificates[].certificate" => "[pem]",
        ".connection.verification_certificates[].certificate_id" => "[id]",
        ".connection.verification_certificates[].id" => "[id]",
        ".connection.verification_certificates[].certificate" => "[pem]",
        ".connection.verification_certificates[].fingerprint_sha256" => "[sha256]",
    });
    let listed = app.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
    assert_eq!(listed["saml_connections"], json!([updated["connection"]]));
    let shown = app.get(&format!("/v1/b2b/organizations/{organization}")).await.ok();
    assert_eq!(shown["organization"]["sso_active_connections"][0]["connection_id"], id.as_str());

    let deleted = app.delete(&format!("/v1/b2b/sso/{organization}/connections/{id}")).await.ok();
    assert_eq!(deleted["connection_id"], id.as_str());
    app.put(&connection, json!({})).await.refused(404, "saml_connection_not_found");
}

async fn active_with_entity_id_url_and_certificate(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let whole = complete("https://idp.example.com");
    for (number, field) in ["idp_entity_id", "idp_sso_url", "x509_certificate"].into_iter().enumerate() {
        let status = &api.put(json!({ field: whole[field] })).await["status"];
        assert_eq!(status, if number == 2 { "active" } else { "pending" }, "{field}");
    }
    let same = api.put(json!({ "display_name": null, "x509_certificate": "" })).await;
    assert_eq!((&same["display_name"], &same["status"]), (&json!("IdP"), &json!("active")));
}

async fn certificates_come_and_go(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let first = certificate("first", 2030);
    api.put(json!({ "x509_certificate": first })).await;
    let again = api.put(json!({ "x509_certificate": format!("{first}\n{first}") })).await;
    assert_eq!(list(&again["verification_certificates"]).len(), 1, "one certificate twice is one");
    let two = format!("{}{}", certificate("second", 2031), certificate("third", 2032));
    let three = api.put(json!({ "x509_certificate": two })).await;
    let ends: Vec<&str> = list(&three["verification_certificates"])
        .iter()
        .map(|certificate| certificate["expires_at"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["2030-12-31T00:00:00Z", "2031-12-31T00:00:00Z", "2032-12-31T00:00:00Z"]);
    let more: String = (0..3).map(|n| certificate(&format!("more {n}"), 2040)).collect();
    let message =
        api.refused(json!({ "x509_certificate": more }), "too_many_sso_verification_certificates").await;
    assert!(message.contains('6'), "{message}");

    let delete = async |certificate: &Value| {
        let id = text(&certificate["certificate_id"]);
        app.delete(&format!("{}/verification_certificates/{id}", api.path)).await
    };
    let ready = api
        .put(json!({ "idp_entity_id": "https://idp.example.com", "idp_sso_url": "https://idp.example.com/sso" }))
        .await;
    let kept = list(&ready["verification_certificates"]).clone();
    let removed = delete(&kept[0]).await.ok();
    assert_eq!(removed["certificate_id"], kept[0]["certificate_id"]);
    delete(&kept[0]).await.refused(404, "sso_verification_key_not_found");
    delete(&kept[1]).await.ok();
    delete(&kept[2]).await.refused(400, "cannot_delete_last_sso_verification_key");
    let bad = app.delete(&format!("{}/verification_certificates/nonsense", api.path)).await;
    bad.refused(404, "sso_verification_key_not_found");
}

fn private_key() -> String {
    vestibule_saml::key::RsaPrivateKey::generate().unwrap().to_pkcs1_pem().to_string()
}

async fn encryption_keys_come_and_go(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let (one, two) = (private_key(), private_key());
    api.put(json!({ "saml_encryption_private_key": one })).await;
    api.put(json!({ "saml_encryption_private_key": one })).await;
    let both = api.put(json!({ "saml_encryption_private_key": two })).await;
    assert_eq!(both["encryption_private_keys"], both["saml_encryption_private_keys"]);
    let keys = list(&both["encryption_private_keys"]).clone();
    assert_eq!(keys.len(), 2, "one key twice is one");
    assert_eq!(keys[0]["private_key"], one.as_str());
    for (spelling, key) in [("encryption_private_keys", &keys[0]), ("encryption_private_key", &keys[1])] {
        let id = text(&key["private_key_id"]);
        let path = format!("{}/{spelling}/{id}", api.path);
        assert_eq!(app.delete(&path).await.ok()["private_key_id"], id.as_str());
        app.delete(&path).await.refused(404, "sso_encryption_private_key_not_found");
    }
    assert_eq!(api.put(json!({})).await["encryption_private_keys"], json!([]));
    for _ in 0..5 {
        api.put(json!({ "saml_encryption_private_key": private_key() })).await;
    }
    api.refused(json!({ "saml_encryption_private_key": one }), "too_many_encryption_certificates").await;
}

async fn signing_keys_rotate_with_overlap(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let first = api.put(json!({})).await["signing_certificates"].clone();
    app.pass(60);
    let both = api.put(json!({ "signing_private_key": private_key() })).await;
    let both = list(&both["signing_certificates"]);
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    assert_ne!(both[0]["certificate"], both[1]["certificate"]);
    let pkcs8 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
    for (key, error_type) in [
        ("no key".to_owned(), "saml_signing_private_key_format_not_supported"),
        (certificate("idp", 2040), "saml_signing_private_key_format_not_supported"),
        (pkcs8, "saml_signing_private_key_format_not_supported"),
        ("x".repeat(20_000), "private_key_too_long"),
    ] {
        let message = api.refused(json!({ "signing_private_key": key }), error_type).await;
        assert!(message.contains("signing_private_key"), "{message}");
        assert!(!message.contains("BEGIN PRIVATE"), "{message}");
    }
}

async fn a_mapping_is_whole_or_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let entra = api.put(json!({ "identity_provider": "microsoftentra" })).await;
    assert_eq!(
        entra["attribute_mapping"]["email"],
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
    );
    let own = json!({ "email": "NameID", "first_name": "fn", "last_name": "ln" });
    assert_eq!(api.put(json!({ "attribute_mapping": own })).await["attribute_mapping"], own);
    for (mapping, error_type) in [
        (json!({}), "saml_connection_attribute_mapping_required"),
        (json!({ "full_name": "name" }), "saml_connection_email_mapping_required"),
        (json!({ "email": "NameID", "first_name": "fn" }), "saml_connection_name_mapping_required"),
        (
            json!({ "email": { "a": "b" }, "full_name": "name" }),
            "saml_connection_no_nested_keys_in_attribute_mapping",
        ),
        (json!({ "email": "", "full_name": "name" }), "invalid_attribute_mapping"),
    ] {
        api.refused(json!({ "attribute_mapping": mapping }), error_type).await;
    }
    assert_eq!(api.put(json!({})).await["attribute_mapping"], own);
    // The empty text goes back to the provider's usual names; another text is no mapping.
    assert_eq!(
        api.put(json!({ "attribute_mapping": "" })).await["attribute_mapping"],
        entra["attribute_mapping"]
    );
    api.refused(json!({ "attribute_mapping": "email" }), "bad_request").await;
}

async fn what_is_unset_is_as_in_a_new_connection(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let new = api.put(json!({ "display_name": "" })).await;
    let own = json!({
        "display_name": "Okta", "identity_provider": "okta", "idp_entity_id": "https://idp.test",
        "idp_sso_url": "https://idp.test/sso", "nameid_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "attribute_mapping": { "email": "NameID", "full_name": "name", "groups": "groups" },
        "alternative_audience_uri": "https://old.test", "alternative_acs_url": "https://old.test/acs",
        "metadata_entity_id": "https://idp.test",
    });
    let set = api.put(own.clone()).await;
    let mut unset = own.clone();
    for (name, value) in own.as_object().unwrap() {
        assert_eq!(&set[name], value, "{name}");
        unset[name] = json!("");
    }
    let after = api.put(unset).await;
    for name in own.as_object().unwrap().keys() {
        assert_eq!(after[name], new[name], "{name}");
    }
}

async fn roles_must_exist_and_groups_must_be_mapped(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let unknown = json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "emperor" }] });
    let message = api.refused(unknown, "invalid_rbac_role").await;
    assert!(message.contains("emperor"), "{message}");
    let groups = json!([{ "role_id": "stytch_admin", "group": "eng" }]);
    let without = json!({ "email": "NameID", "full_name": "name" });
    let both = json!({ "attribute_mapping": without, "saml_group_implicit_role_assignments": groups });
    api.refused(both, "saml_connection_attribute_mapping_missing_groups_key").await;
    // The provider's usual names have one for groups.
    let set = api.put(json!({ "saml_group_implicit_role_assignments": groups })).await;
    assert_eq!(set["saml_group_implicit_role_assignments"], groups);
    let later = json!({ "attribute_mapping": without });
    api.refused(later, "saml_connection_attribute_mapping_missing_groups_key").await;
    let cleared = json!({ "attribute_mapping": without, "saml_group_implicit_role_assignments": [] });
    assert_eq!(api.put(cleared).await["saml_group_implicit_role_assignments"], json!([]));
}

async fn actions(app: &TestApp) -> Vec<(String, Value)> {
    let events = app.app.store.events(app.project.id, &EventFilter::default(), None, 100).await.unwrap();
    events.items.into_iter().map(|event| (String::from(event.kind), Value::Object(event.detail))).collect()
}

async fn legacy_switches_end_and_are_audited(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let now = app.app.clock.now();
    let day = |days| now.plus(vestibule_domain::time::Span::days(days)).to_string();
    let on = api.put(json!({ "legacy_allow_sha1_until": day(30) })).await;
    assert_eq!(on["legacy_allow_sha1_until"], day(30));
    assert_eq!(on["legacy_allow_inclusive_c14n_until"], "");
    let noted = actions(&app).await;
    let (_, detail) = noted.iter().find(|(action, _)| action == "connection.legacy_algorithm.allow").unwrap();
    assert_eq!((&detail["algorithm"], &detail["until"]), (&json!("sha1"), &json!(day(30))));
    for refused in [day(-1), day(181), "tomorrow".to_owned(), "2030-01-01".to_owned()] {
        let body = json!({ "legacy_allow_inclusive_c14n_until": refused });
        api.refused(body, "invalid_saml_legacy_switch").await;
    }
    assert_eq!(api.put(json!({ "legacy_allow_sha1_until": "" })).await["legacy_allow_sha1_until"], "");
    let noted = actions(&app).await;
    assert!(noted.iter().any(|(action, _)| action == "connection.legacy_algorithm.refuse"), "{noted:?}");
}

async fn one_entity_id_in_an_organization(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let (one, two) = (Api::new(&app, &acme).await, Api::new(&app, &acme).await);
    one.put(complete("https://idp.example.com")).await;
    two.refused(complete("https://idp.example.com"), "duplicate_saml_connection").await;
    two.put(complete("https://idp.example.com/")).await;
    // Two customers may well use the same application of one provider.
    Api::new(&app, &globex).await.put(complete("https://idp.example.com")).await;
    app.delete(&format!("/v1/b2b/sso/{acme}/connections/{}", one.id)).await.ok();
    two.put(json!({ "idp_entity_id": "https://idp.example.com" })).await;
}

async fn bad_values_are_refused_by_name(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    for (field, value, error_type) in [
        ("idp_entity_id", json!(" https://idp.example.com"), "invalid_idp_entity_id"),
        ("idp_entity_id", json!("x".repeat(1025)), "invalid_idp_entity_id"),
        ("idp_sso_url", json!("idp.example.com/sso"), "saml_connection_idp_sso_url_invalid_format"),
        ("idp_sso_url", json!("http://idp.example.com/sso"), "saml_connection_idp_sso_url_not_https"),
        ("idp_sso_url", json!("https://a:b@idp.example.com/sso"), "invalid_idp_sso_url"),
        ("x509_certificate", json!("no certificate"), "invalid_x509_certificate"),
        ("x509_certificate", json!(private_key()), "invalid_x509_certificate"),
        ("nameid_format", json!("emailAddress"), "invalid_nameid_format"),
        ("identity_provider", json!("acme"), "invalid_sso_idp"),
        ("alternative_acs_url", json!("ftp://old.example.com"), "invalid_saml_alternative_url"),
        ("alternative_audience_uri", json!("a\u{7}b"), "invalid_saml_alternative_url"),
        ("display_name", json!("x".repeat(129)), "invalid_display_name"),
    ] {
        let message = api.refused(json!({ field: value }), error_type).await;
        assert!(!message.contains("PRIVATE KEY-"), "{message}");
    }
    let fine = json!({
        "idp_entity_id": "free text, as one provider has it",
        "nameid_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "alternative_acs_url": "https://old.example.com/acs",
        "alternative_audience_uri": "urn:example:old",
        "idp_initiated_auth_disabled": true,
        "allow_gateway_callback": true,
        "authn_requests_signed": true,
    });
    let set = api.put(fine.clone()).await;
    for (field, value) in fine.as_object().unwrap() {
        assert_eq!(&set[field], value, "{field}");
    }
}

async fn tenants_do_not_meet(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let api = Api::new(&app, &acme).await;
    let foreign = format!("/v1/b2b/sso/saml/{globex}/connections/{}", api.id);
    app.put(&foreign, complete("https://evil.example.com")).await.refused(404, "saml_connection_not_found");
    let other = app.other_project().await;
    other.put(&api.path, json!({})).await.refused(404, "organization_not_found");
    let oidc = app.pending_connection(&acme).await;
    let path = format!("/v1/b2b/sso/saml/{acme}/connections/{oidc}");
    app.put(&path, json!({})).await.refused(404, "saml_connection_not_found");
    let path = format!("/v1/b2b/sso/oidc/{acme}/connections/{}", api.id);
    app.put(&path, json!({})).await.refused(404, "oidc_connection_not_found");

    // A member needs the role for it.
    let sign_in = app.connection(&acme).await;
    let session = text(&app.session(&sign_in, "ada@example.com").await["session_token"]);
    let asked = app.as_member(&session, Method::PUT, &api.path, json!({})).await;
    asked.refused(403, "session_authorization_error");
}

async fn our_own_metadata_is_public(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let api = Api::new(&app, &organization).await;
    let shown = api.put(json!({ "saml_encryption_private_key": private_key() })).await;
    app.pass(60);
    let shown = api
        .put(json!({
            "signing_private_key": private_key(),
            "alternative_acs_url": "https://old.example.com/acs",
            "nameid_format": shown["nameid_format"],
        }))
        .await;
    let url = url::Url::parse(shown["sp_metadata_url"].as_str().unwrap()).unwrap();
    let get = async |path: &str| {
        app.send(http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap()).await
    };
    let reply = get(url.path()).await;
    assert_eq!(reply.status, http::StatusCode::OK);
    assert_eq!(reply.headers["content-type"], "application/samlmetadata+xml");
    let document = reply.text();
    let base64 =
        |pem: &Value| -> String { pem.as_str().unwrap().lines().filter(|l| !l.starts_with("--")).collect() };
    let signing = list(&shown["signing_certificates"]);
    let at = |certificate: &Value| document.find(&base64(&certificate["certificate"])).unwrap();
    assert!(at(&signing[1]) < at(&signing[0]), "the key in use comes first");
    for piece in [
        format!("entityID=\"{}\"", shown["audience_uri"].as_str().unwrap()),
        format!("Location=\"{}\"", shown["acs_url"].as_str().unwrap()),
        "Location=\"https://old.example.com/acs\"".to_owned(),
        "use=\"encryption\"".to_owned(),
    ] {
        assert!(document.contains(&piece), "{piece} is not in {document}");
    }
    assert!(!document.contains("PRIVATE"));
    let oidc = app.pending_connection(&organization).await;
    for nobody in [oidc.as_str(), "nonsense", "saml-connection-test-00000000-0000-4000-8000-000000000000"] {
        let path = format!("/v1/public/sso/saml/{nobody}/metadata");
        get(&path).await.refused(404, "saml_connection_not_found");
    }
}

/// Ties a member to a subject at a connection, as a sign-in does.
async fn register(
    app: &TestApp,
    member: &vestibule_domain::member::Member,
    connection: &str,
    groups: &[&str],
) {
    let registration = vestibule_domain::identity::Registration {
        id: vestibule_domain::id::RegistrationId::generate(
            vestibule_domain::id::ConnectionKind::Saml,
            vestibule_domain::id::Environment::Test,
            app.app.entropy.as_ref(),
        ),
        project_id: member.project_id,
        organization_id: member.organization_id,
        member_id: member.id,
        connection_id: connection.parse().unwrap(),
        external_id: "00u1".to_owned(),
        key: vestibule_domain::identity::Subject::oidc("idp", "00u1".to_owned()).key(),
        said: None,
        attributes: serde_json::Map::new(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        created_at: app.app.clock.now(),
        last_login_at: app.app.clock.now(),
        arrivals: vestibule_domain::identity::Arrivals::default(),
    };
    app.app.store.commit(vestibule_store::tables::registrations::insert(&registration)).await.unwrap();
}

async fn connections_and_groups_give_roles(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let (saml, oidc) = (Api::new(&app, &organization).await, app.connection(&organization).await);
    let session = app.session(&oidc, "ada@example.com").await;
    let id = text(&session["member_id"]);
    let member = app
        .app
        .store
        .member_anywhere(&everything(app.project.id), id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    register(&app, &member, &saml.id, &["eng", "staff"]).await;
    let path = format!("/v1/b2b/organizations/{organization}/member?member_id={id}");
    let sources = async || -> Vec<Value> {
        let shown = app.get(&path).await.ok();
        let roles = list(&shown["member"]["roles"]).clone();
        let admin = roles.into_iter().find(|role| role["role_id"] == "stytch_admin");
        admin.map(|role| list(&role["sources"]).clone()).unwrap_or_default()
    };
    assert_eq!(sources().await, Vec::<Value>::new());
    let admin = json!({ "role_id": "stytch_admin" });
    saml.put(json!({ "saml_connection_implicit_role_assignments": [admin] })).await;
    let by_connection = json!({ "type": "sso_connection", "details": { "connection_id": saml.id } });
    assert_eq!(sources().await, std::slice::from_ref(&by_connection));
    let groups = json!([
        { "role_id": "stytch_admin", "group": "eng" },
        { "role_id": "stytch_admin", "group": "Eng" },
        { "role_id": "stytch_admin", "group": "sales" },
    ]);
    saml.put(json!({ "saml_group_implicit_role_assignments": groups })).await;
    let details = json!({ "connection_id": saml.id, "group": "eng" });
    let by_group = json!({ "type": "sso_connection_group", "details": details });
    assert_eq!(sources().await, [by_connection, by_group]);
    let body = json!({ "organization_ids": [organization] });
    let found = app.post("/v1/b2b/organizations/members/search", body).await.ok();
    let is_admin =
        |member: &Value| list(&member["roles"]).iter().any(|role| role["role_id"] == "stytch_admin");
    assert!(is_admin(&found["members"][0]), "{found}");

    // In a session they count while it holds a factor of that connection.
    let token = text(&session["session_token"]);
    let roles = async || {
        let body = json!({ "session_token": token });
        let view = app.post("/v1/b2b/sessions/authenticate", body).await.ok();
        view["member_session"]["roles"].to_string()
    };
    assert!(!roles().await.contains("stytch_admin"));
    let hash = vestibule_domain::secret::Token::presented(&token).hash();
    let store = &app.app.store;
    let mut stored = store.session_by_token(&app.app.vault, app.project.id, &hash).await.unwrap().unwrap();
    let decided_on = stored.version;
    let mut factor = stored.factors[0].clone();
    let vestibule_domain::session::FactorKind::Sso { connection_id, .. } = &mut factor.kind else { panic!() };
    *connection_id = saml.id.parse().unwrap();
    stored.add_factor(factor);
    stored.touch(None, app.app.clock.now());
    store.commit(vestibule_store::tables::sessions::update(&stored, decided_on)).await.unwrap();
    assert!(roles().await.contains("stytch_admin"));
    let listed =
        app.get(&format!("/v1/b2b/sessions?organization_id={organization}&member_id={id}")).await.ok();
    assert!(listed["member_sessions"][0]["roles"].to_string().contains("stytch_admin"), "{listed}");

    // Taking the same role away by name would change nothing in that session, so the session ends, unless asked not to.
    let path = format!("/v1/b2b/organizations/{organization}/members/{id}");
    app.put(&path, json!({ "roles": ["stytch_admin"] })).await.ok();
    let kept = json!({ "roles": [], "preserve_existing_sessions": true });
    app.put(&path, kept).await.ok();
    assert!(roles().await.contains("stytch_admin"));
    app.put(&path, json!({ "roles": ["stytch_admin"] })).await.ok();
    app.put(&path, json!({ "roles": [] })).await.ok();
    let ended = app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await;
    ended.refused(404, "session_not_found");
}
