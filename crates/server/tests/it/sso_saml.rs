//! Signing in through a SAML provider, from start to session.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use vestibule_testidp::{AuthnRequest, ServiceProvider};

use crate::app::{LOGIN_URL, SIGNUP_URL, TestApp, on_both_engines, text};
use crate::browser::{Browser, form_of};
use crate::reply::parameter;
use crate::saml_idp::{connect, connect_in, decryption_key};

on_both_engines!(
    from_start_to_session,
    a_request_by_redirect,
    a_request_by_post,
    a_request_is_signed_when_the_provider_wants_it,
    begun_at_the_provider,
    every_way_to_sign,
    encrypted_assertions,
    attributes_and_groups,
    a_session_ends_with_the_one_at_the_provider,
    two_organizations_with_one_provider,
    an_alternative_address,
    new_keys_are_learned_from_the_metadata,
);

async fn from_start_to_session(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let first = browser.sign_in_saml(&at, "ada@example.com", &[]).await.location();
    assert!(first.as_str().starts_with(SIGNUP_URL), "{first}");
    assert_eq!(parameter(&first, "slug"), "acme");
    assert_eq!(parameter(&first, "stytch_token_type"), "sso");
    assert!(browser.cookies.is_empty(), "the attempt's cookie is taken back");
    let signed_in = app.redeem(&parameter(&first, "token")).await.ok();
    let (member, session) = (&signed_in["member"], &signed_in["member_session"]);
    assert_eq!(
        (&member["email_address"], &member["name"]),
        (&json!("ada@example.com"), &json!("Ada Lovelace"))
    );
    assert_eq!((&member["status"], &signed_in["member_authenticated"]), (&json!("active"), &json!(true)));
    let registration = &member["sso_registrations"][0];
    assert_eq!(registration["connection_id"], at.connection.as_str());
    assert!(text(&registration["registration_id"]).starts_with("saml-member-registration-test-"));
    let factor = &session["authentication_factors"][0];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("sso"), &json!("sso_saml")));
    assert_eq!(factor["saml_sso_factor"]["provider_id"], at.connection.as_str());
    assert_eq!(factor["saml_sso_factor"]["external_id"], registration["external_id"]);
    assert_eq!(factor["saml_sso_factor"]["id"], registration["registration_id"]);

    let again = browser.sign_in_saml(&at, "ada@example.com", &[]).await.location();
    assert!(again.as_str().starts_with(LOGIN_URL), "{again}");
    assert_eq!(app.redeem(&parameter(&again, "token")).await.ok()["member_id"], signed_in["member_id"]);
    assert_eq!(app.member_count(&at.organization).await, 1);
}

async fn a_request_by_redirect(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let reply = browser.start_reply(&at.connection, &[("login_hint", "ada@example.com")]).await;
    let to = reply.location();
    assert_eq!(reply.json()["redirect_url"], to.as_str());
    assert!(to.as_str().starts_with(app.provider.saml().sso_url()), "{to}");
    assert_eq!(parameter(&to, "login_hint"), "ada@example.com");
    let request = AuthnRequest::from_redirect(&parameter(&to, "SAMLRequest")).unwrap();
    assert_eq!((request.issuer, request.acs_url), (at.acs(), Some(at.acs())));
    assert!(request.id.starts_with('_') && request.id.len() > 32, "{}", request.id);
    let state = parameter(&to, "RelayState");
    assert!(state.len() <= 80 && !request.id.contains(&state));
    assert!(!to.query_pairs().any(|(name, _)| name == "Signature"));
    // Each attempt has a request, a state and a cookie of its own.
    let other = browser.start(&at.connection, &[]).await;
    assert_ne!(AuthnRequest::from_redirect(&parameter(&other, "SAMLRequest")).unwrap().id, request.id);
    assert_ne!(parameter(&other, "RelayState"), state);
    assert_eq!(browser.cookies.len(), 2);
}

async fn a_request_by_post(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let metadata = app.provider.saml().metadata().unwrap();
    let post_only = metadata.replace("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "urn:unknown");
    let put = app.put(&at.path(), json!({ "metadata_xml": post_only })).await.ok();
    assert_eq!(put["connection"]["idp_sso_binding"], "post", "{put}");
    let mut browser = Browser::new(&app);
    let page = browser.start_reply(&at.connection, &[]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    assert!(policy.contains(&format!("form-action {}", app.provider.issuer)), "{policy}");
    assert!(!policy.contains("script-src 'unsafe"), "{policy}");
    assert!(page.text().contains("<button type=\"submit\""), "works without scripts");
    let form = form_of(&page.text());
    assert_eq!(form.url.as_str(), app.provider.saml().sso_url());
    let request = AuthnRequest::from_post(&form.field("SAMLRequest")).unwrap();
    assert_eq!(request.acs_url, Some(at.acs()));
    let back = browser.answer_saml_post(&form, "ada@example.com").await;
    browser.bring(&back).await.location();
}

async fn a_request_is_signed_when_the_provider_wants_it(app: TestApp) {
    let at = connect(&app, "acme", json!({ "authn_requests_signed": true })).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let names: Vec<String> = to.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg", "Signature"]);
    // The signature is over the query as it stands, by the key of the certificate that is shown.
    let shown = app.get(&format!("/v1/b2b/sso/{}", at.organization)).await.ok();
    let pem = text(&shown["saml_connections"][0]["signing_certificates"][0]["certificate"]);
    let signed = to.query().unwrap().split("&Signature=").next().unwrap();
    let signature = STANDARD.decode(parameter(&to, "Signature")).unwrap();
    assert!(verifies(&pem, signed.as_bytes(), &signature), "{to}");
    assert!(!verifies(&pem, &signed.as_bytes()[1..], &signature));
    let back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    browser.bring(&back).await.location();
}

/// RSA PKCS#1 with SHA-256, by the key of a certificate.
fn verifies(pem: &str, message: &[u8], signature: &[u8]) -> bool {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).unwrap();
    // The modulus and exponent: the RSAPublicKey inside the only BIT STRING that holds a sequence of two.
    let start = der.windows(5).position(|window| window == [0x03, 0x82, 0x01, 0x0f, 0x00]).unwrap() + 5;
    let key = &der[start..start + 270];
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature).is_ok()
}

async fn begun_at_the_provider(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    for relay_state in
        ["", "https://evil.example/phish", "aHR0cHM6Ly9ldmlsLmV4YW1wbGUvcGhpc2gvcGhpc2gvMTI", "0"]
    {
        let mut browser = Browser::new(&app);
        let back = browser.begin_saml(&at, "ada@example.com", &[("RelayState", relay_state)]).await;
        let reply = browser.bring(&back).await;
        let to = reply.location();
        assert!(to.as_str().starts_with("https://app.example.com/"), "{to}");
        assert!(!to.as_str().contains("evil") && !reply.text().contains("evil"), "{to}");
        // No application waits for it, so there is no verifier to show. One that a browser kept from a sign-in that it gave up
        // is shown all the same by clients that always show what they have, and keeps nobody out.
        let token = parameter(&to, "token");
        match relay_state {
            "" => {
                let body = json!({ "sso_token": token, "pkce_code_verifier": "v".repeat(43) });
                app.post("/v1/b2b/sso/authenticate", body).await.ok();
            }
            _ => {
                app.redeem(&token).await.ok();
            }
        }
    }
    app.put(&at.path(), json!({ "idp_initiated_auth_disabled": true })).await.ok();
    for relay_state in ["", "https://evil.example/phish"] {
        let mut browser = Browser::new(&app);
        let back = browser.begin_saml(&at, "ada@example.com", &[("RelayState", relay_state)]).await;
        let page = browser.bring(&back).await;
        page.refusal_page("saml_idp_initiated_auth_disabled");
        assert!(!page.text().contains("evil"), "{}", page.text());
        assert!(!app.traces().await[0].to_string().contains("evil"));
    }
    Browser::new(&app).sign_in_saml(&at, "ada@example.com", &[]).await.location();
    assert_eq!(app.member_count(&at.organization).await, 1);
}

async fn every_way_to_sign(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    for signed in ["assertion", "response", "both"] {
        let mut browser = Browser::new(&app);
        browser.sign_in_saml(&at, "ada@example.com", &[("signed", signed)]).await.location();
        let steps = app.traces().await[0]["steps"].clone();
        let steps = steps.as_array().unwrap();
        assert!(steps.iter().all(|step| step["passed"] == true), "{steps:?}");
        for check in ["state", "xml", "signed", "audience", "recipient", "attributes", "email", "admission"] {
            assert!(steps.iter().any(|step| step["check"] == check), "{signed}: no {check} in {steps:?}");
        }
        app.pass(1);
    }
}

async fn encrypted_assertions(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let (key, certificate) = decryption_key();
    let put = app.put(&at.path(), json!({ "saml_encryption_private_key": key })).await.ok();
    let key_id = text(&put["connection"]["encryption_private_keys"][0]["private_key_id"]);
    let sp = ServiceProvider {
        name: String::new(),
        entity_id: at.acs(),
        acs_url: at.acs(),
        certificate: Some(certificate),
    };
    app.provider.saml().register(sp);
    for signed in ["assertion", "response", "both"] {
        let choices = [("signed", signed), ("encrypt", "1")];
        let mut browser = Browser::new(&app);
        let to = browser.start(&at.connection, &[]).await;
        let back = browser.answer_saml(&to, "ada@example.com", &choices).await;
        let xml = String::from_utf8(STANDARD.decode(back.field("SAMLResponse")).unwrap()).unwrap();
        assert!(xml.contains("EncryptedAssertion") && !xml.contains("ada@example.com"), "{xml}");
        browser.bring(&back).await.location();
    }
    let path = format!("{}/encryption_private_keys/{key_id}", at.path());
    app.send(app.request(Method::DELETE, &path).body("".into()).unwrap()).await.ok();
    let mut browser = Browser::new(&app);
    let refused = browser.sign_in_saml(&at, "ada@example.com", &[("encrypt", "1")]).await;
    refused.refusal_page("undecryptable_saml_response");
}

async fn attributes_and_groups(app: TestApp) {
    let at = connect(&app, "acme", json!({
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups", "first": "firstName" },
    }))
    .await;
    let mut browser = Browser::new(&app);
    let to = browser.sign_in_saml(&at, "ada@example.com", &[("name_id", "persistent")]).await.location();
    let member = app.redeem(&parameter(&to, "token")).await.ok()["member"].clone();
    let registration = &member["sso_registrations"][0];
    assert_eq!(registration["external_id"], "subject-ada");
    assert_eq!(registration["sso_attributes"]["groups"], json!(["engineering"]));
    assert_eq!(member["trusted_metadata"]["first"], "Ada");
    // A name that changes each time names nobody, unless the mapping says where the stable one is.
    let transient = [("name_id", "transient")];
    let page = browser.sign_in_saml(&at, "ada@example.com", &transient).await;
    page.refusal_page("saml_response_subject_missing");
    let mapping = json!({ "email": "email", "full_name": "name", "idp_user_id": "email" });
    app.put(&at.path(), json!({ "attribute_mapping": mapping })).await.ok();
    // Somebody else at the provider who has her address now is not let in as her.
    let page = browser.sign_in_saml(&at, "ada@example.com", &transient).await;
    page.refusal_page("saml_response_subject_mismatch");
    browser.sign_in_saml(&at, "grace@example.com", &transient).await.location();
    browser.sign_in_saml(&at, "grace@example.com", &transient).await.location();
    assert_eq!(app.member_count(&at.organization).await, 2);
    // Names as Entra ID and Shibboleth have them need no mapping.
    for (label, names) in [("microsoft-entra", "claims"), ("shibboleth", "oid")] {
        let other = connect(&app, label, json!({ "identity_provider": label })).await;
        let choices = [("attributes", names), ("name_id", "persistent")];
        let to = browser.sign_in_saml(&other, "ada@example.com", &choices).await.location();
        let member = app.redeem(&parameter(&to, "token")).await.ok()["member"].clone();
        assert_eq!(member["email_address"], "ada@example.com", "{label}");
        assert_eq!(member["name"], "Ada Lovelace", "{label}");
    }
}

async fn a_session_ends_with_the_one_at_the_provider(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let to = browser.sign_in_saml(&at, "ada@example.com", &[("session_seconds", "7200")]).await.location();
    let longest = json!({ "sso_token": parameter(&to, "token"), "session_duration_minutes": 527_040 });
    let session = app.post("/v1/b2b/sso/authenticate", longest).await.ok();
    let end = text(&session["member_session"]["expires_at"]);
    let steps = app.traces().await[0]["steps"].clone();
    let found = steps.as_array().unwrap().iter().find(|step| step["check"] == "session_expiry").unwrap();
    assert!(text(&found["found"]).contains(&end), "session ends {end}, at the provider {found}");
    // Nothing moves it beyond that.
    let body = json!({ "session_token": session["session_token"], "session_duration_minutes": 527_040 });
    let extended = app.post("/v1/b2b/sessions/authenticate", body).await.ok();
    assert_eq!(extended["member_session"]["expires_at"], end.as_str());
    app.pass(7200);
    let body = json!({ "session_token": session["session_token"] });
    app.post("/v1/b2b/sessions/authenticate", body).await.refused(404, "session_not_found");
    // A token does not outlive it either, and where the provider says nothing the session is as long as asked.
    let short = browser.sign_in_saml(&at, "ada@example.com", &[("session_seconds", "60")]).await.location();
    app.pass(60);
    app.redeem(&parameter(&short, "token")).await.refused(404, "sso_token_not_found");
    let token = browser.saml_token(&at, "ada@example.com").await;
    let longest = json!({ "sso_token": token, "session_duration_minutes": 527_040 });
    let session = app.post("/v1/b2b/sso/authenticate", longest).await.ok();
    assert!(text(&session["member_session"]["expires_at"]).starts_with("2028-"), "{session}");
}

async fn two_organizations_with_one_provider(app: TestApp) {
    let (acme, globex) = (connect(&app, "acme", json!({})).await, connect(&app, "globex", json!({})).await);
    let mut browser = Browser::new(&app);
    let to = browser.start(&acme.connection, &[]).await;
    // What the provider says to one is nothing to the other, started or not, whatever the form says.
    let solicited = browser.answer_saml(&to, "ada@example.com", &[]).await;
    let unsolicited = browser.begin_saml(&acme, "ada@example.com", &[]).await;
    for (back, code) in
        [(&solicited, "unsolicited_saml_response"), (&unsolicited, "invalid_recipient_saml_response")]
    {
        let mut astray = back.clone();
        astray.url = globex.acs().parse().unwrap();
        browser.clone().bring(&astray).await.refusal_page(code);
        let without_state = astray.clone().with("RelayState", None);
        let page = browser.clone().bring(&without_state).await;
        assert!(page.status.is_client_error(), "{}", page.text());
    }
    assert_eq!(app.member_count(&globex.organization).await, 0);
    browser.bring(&solicited).await.location();
    // The same person is somebody else in each.
    let there = browser.saml_token(&globex, "ada@example.com").await;
    let there = app.redeem(&there).await.ok();
    assert_eq!(there["organization_id"], globex.organization.as_str());
    assert_eq!(app.member_count(&acme.organization).await, 1);
    // Within one organization too: a second connection to another application at the same provider.
    let staging = json!({ "idp_entity_id": "https://idp.example.com/staging" });
    let second = connect_in(&app, &acme.organization, staging).await;
    let back = browser.begin_saml(&acme, "ada@example.com", &[]).await;
    let mut astray = back;
    astray.url = second.acs().parse().unwrap();
    assert!(browser.bring(&astray).await.status.is_client_error());
}

async fn an_alternative_address(app: TestApp) {
    let old = "http://127.0.0.1:4001/old/acs";
    let at = connect(
        &app,
        "acme",
        json!({ "alternative_acs_url": old, "alternative_audience_uri": "urn:old:sp" }),
    )
    .await;
    let sp = ServiceProvider {
        name: String::new(),
        entity_id: at.acs(),
        acs_url: old.to_owned(),
        certificate: None,
    };
    app.provider.saml().register(sp);
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let request = AuthnRequest::from_redirect(&parameter(&to, "SAMLRequest")).unwrap();
    assert_eq!(request.acs_url.as_deref(), Some(old));
    // The provider posts there; the operator's proxy passes it on to us, and the host is another one, so the
    // browser sends no cookie.
    let mut back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    assert_eq!(back.url.as_str(), old);
    back.url = at.acs().parse().unwrap();
    let cookies = std::mem::take(&mut browser.cookies);
    browser.bring(&back).await.refusal_page("missing_saml_csrf_cookie");
    browser.cookies = cookies;
    browser.bring(&back).await.location();

    app.put(&at.path(), json!({ "allow_gateway_callback": true })).await.ok();
    let to = browser.start(&at.connection, &[]).await;
    let mut back = browser.answer_saml(&to, "ada@example.com", &[]).await;
    back.url = at.acs().parse().unwrap();
    let wrong = browser.cookies.keys().map(|name| (name.clone(), "x".repeat(43))).collect();
    let mut cookies = std::mem::replace(&mut browser.cookies, wrong);
    browser.bring(&back).await.refusal_page("saml_csrf_cookie_mismatch");
    browser.cookies.clear();
    browser.bring(&back).await.location();
    // The audience of the old integration is good as well.
    std::mem::swap(&mut browser.cookies, &mut cookies);
    let choices = [("acs_url", at.acs()), ("audience", "urn:old:sp".to_owned())];
    let choices: Vec<_> = choices.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let back = browser.begin_at(&choices, "ada@example.com").await;
    browser.bring(&back).await.location();
}

async fn new_keys_are_learned_from_the_metadata(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let url = format!("{}/saml/metadata", app.provider.issuer);
    let path = format!("{}/url", at.path());
    let put: Value = app.put(&path, json!({ "metadata_url": url })).await.ok();
    assert_eq!(put["connection"]["status"], "active");
    let mut browser = Browser::new(&app);
    browser.sign_in_saml(&at, "ada@example.com", &[]).await.location();
    let before = app.provider.hits("/saml/metadata");
    app.pass(601);
    app.provider.rotate_keys();
    browser.sign_in_saml(&at, "ada@example.com", &[]).await.location();
    assert_eq!(app.provider.hits("/saml/metadata"), before + 1);
    let steps = app.traces().await[0]["steps"].clone();
    assert!(steps.as_array().unwrap().iter().all(|step| step["passed"] == true), "{steps}");
    // Once in ten minutes, however many invented keys come along.
    for _ in 0..3 {
        let refused = browser.sign_in_saml(&at, "ada@example.com", &[("fault", "wrong_key")]).await;
        refused.refusal_page("saml_certificate_mismatch");
    }
    assert_eq!(app.provider.hits("/saml/metadata"), before + 1);
}
