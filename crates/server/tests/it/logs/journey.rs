//! Everything that people, their providers and backends do, right and wrong, with every value that they bring noted.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use vestibule_server::{ListenOptions, Shutdown, routes, serve};
use vestibule_store::tables::cleanup::Retention;
use vestibule_store::{Guard, Write};
use vestibule_testidp::{Fault, SamlFault, ServiceProvider};

use super::values::Values;
use crate::app::{TestApp, basic, text};
use crate::browser::{Browser, Return};
use crate::mail_server::Postbox;
use crate::provider::CLIENT_SECRET;
use crate::saml_idp::{At, connect, decryption_key};

/// What in an answer is of a person or opens something.
const TOLD: [&str; 12] = [
    "email_address",
    "name",
    "mfa_phone_number",
    "session_token",
    "session_jwt",
    "sso_token",
    "intermediate_session_token",
    "client_secret",
    "external_id",
    "untrusted_note",
    "trusted_note",
    "ip_address",
];
/// What a provider and a browser pass to each other, or a browser and us.
const CARRIED: [&str; 14] = [
    "state",
    "nonce",
    "code",
    "code_verifier",
    "code_challenge",
    "id_token",
    "access_token",
    "SAMLRequest",
    "SAMLResponse",
    "RelayState",
    "token",
    "client_secret",
    "client_assertion",
    "Signature",
];

/// Walks and gives what was seen.
pub(super) async fn walk(app: &TestApp) -> Values {
    let mut seen = Values::default();
    seen.note("project secret", &app.secret);
    seen.note("basic credentials", app.basic().trim_start_matches("Basic "));
    seen.note("client secret of the provider", CLIENT_SECRET);
    for (kind, value) in [
        ("person's address", "ada@example.com"),
        ("person's address", "grace@example.com"),
        ("person's name", "Lovelace"),
        ("subject", "subject-ada"),
        ("group", "engineering"),
    ] {
        seen.note(kind, value);
    }
    let organization = people(app, &mut seen).await;
    let connection = oidc(app, &organization, &mut seen).await;
    let at = saml(app, &mut seen).await;
    mail(app, &organization, &mut seen).await;
    wrong_requests(app, &organization, &connection, &at, &mut seen).await;
    over_the_wire(app, &organization, &mut seen).await;
    unreadable(app, &organization, &mut seen).await;
    app.pass(2 * 86_400);
    app.app.store.cleanup(app.app.clock.now(), Retention::default()).await.unwrap();
    vestibule_server::certificate_expiry::announce(&app.app, Default::default()).await.unwrap();
    vestibule_server::refresh::due(&app.app).await.unwrap();
    seen
}

/// Members with everything they may have, found, changed and removed.
async fn people(app: &TestApp, seen: &mut Values) -> String {
    let organization =
        app.organization("acme", json!({ "email_allowed_domains": ["kept-for-acme.example"] })).await;
    let person = json!({
        "name": "Katherine Johnson", "mfa_phone_number": "+15005550006", "external_id": "employee-4711-secret",
        "untrusted_metadata": { "untrusted_note": "likes orbital mechanics" },
        "trusted_metadata": { "trusted_note": "salary band nineteen" },
    });
    seen.note_members(&person, &TOLD);
    let email = "katherine@kept-for-acme.example";
    seen.note("member's address", email);
    let member = app.member(&organization, email, person).await;
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    app.put(&path, json!({ "name": "Dorothy Vaughan" })).await.ok();
    seen.note("name", "Dorothy Vaughan");
    let filters = json!([{ "filter_name": "member_emails", "filter_value": [email] }]);
    let search =
        json!({ "organization_ids": [organization], "query": { "operator": "AND", "operands": filters } });
    app.post("/v1/b2b/organizations/members/search", search).await.ok();
    let twice = json!({ "email_address": email });
    assert!(
        app.post(&format!("/v1/b2b/organizations/{organization}/members"), twice)
            .await
            .status
            .is_client_error()
    );
    app.delete(&path).await.ok();
    organization
}

/// Signing in with OpenID Connect, and every way in which a provider lies.
async fn oidc(app: &TestApp, organization: &str, seen: &mut Values) -> String {
    let connection = app.connection(organization).await;
    let mut browser = Browser::new(app);
    for _ in 0..2 {
        let to = browser.start(&connection, &[("login_hint", "hinted-person@example.com")]).await;
        seen.note("login hint", "hinted-person@example.com");
        carried(seen, &to);
        let back = browser.approve(&to, "ada@example.com", None).await;
        returned(seen, &browser, &back);
        let end = browser.bring(&back).await.location();
        carried(seen, &end);
        used(app, seen, &crate::reply::parameter(&end, "token")).await;
        redeemed(app, seen);
        app.pass(61);
    }
    let noted: Vec<_> = seen.all().map(|(kind, _)| kind).collect();
    assert!(["access_token", "id_token"].iter().all(|kind| noted.contains(kind)), "{noted:?}");
    for fault in Fault::ALL {
        let mut browser = Browser::new(app);
        let to = browser.start(&connection, &[]).await;
        let back = browser.approve(&to, "ada@example.com", Some(fault)).await;
        returned(seen, &browser, &back);
        browser.bring(&back).await;
        redeemed(app, seen);
        browser.bring(&back).await;
        app.pass(61);
    }
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    for settings in [
        json!({ "client_secret": "a-client-secret-that-is-wrong-4711" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
    ] {
        seen.note_members(&settings, &TOLD);
        app.put(&path, settings).await.ok();
        let mut browser = Browser::new(app);
        let to = browser.start(&connection, &[]).await;
        carried(seen, &to);
        let back = browser.approve(&to, "grace@example.com", None).await;
        returned(seen, &browser, &back);
        browser.bring(&back).await;
        redeemed(app, seen);
    }
    for down in ["/token", "/jwks", "/userinfo", "/.well-known/openid-configuration"] {
        app.provider.set_path_down(Some(down));
        let back =
            json!({ "client_secret": CLIENT_SECRET, "token_endpoint_auth_method": "client_secret_post" });
        app.put(&path, back).await.ok();
        Browser::new(app).sign_in(&connection, "ada@example.com").await;
        app.pass(61);
    }
    app.provider.set_path_down(None);
    app.provider.rotate_keys();
    Browser::new(app).sign_in(&connection, "ada@example.com").await.location();
    redeemed(app, seen);
    connection
}

/// What the application does with a token, and its second and third try.
async fn used(app: &TestApp, seen: &mut Values, token: &str) {
    let session = app.redeem(token).await.ok();
    seen.note_members(&session, &TOLD);
    app.redeem(token).await.refused(404, "sso_token_not_found");
    let (token, jwt) = (text(&session["session_token"]), text(&session["session_jwt"]));
    for body in [
        json!({ "session_token": token, "session_custom_claims": { "untrusted_note": "claimed in a session" } }),
        json!({ "session_jwt": jwt }),
    ] {
        seen.note_members(&body, &TOLD);
        seen.note_members(&app.post("/v1/b2b/sessions/authenticate", body).await.ok(), &TOLD);
    }
    app.as_member(&token, Method::GET, "/v1/b2b/organizations/me", json!({})).await;
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_jwt": format!("{jwt}x") })).await;
    app.post("/v1/b2b/sessions/revoke", json!({ "session_token": token })).await.ok();
    app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await;
}

/// Signing in with SAML, in the clear and encrypted, and every way in which a provider lies.
async fn saml(app: &TestApp, seen: &mut Values) -> At {
    let mapping = json!({ "email": "email", "full_name": "name", "groups": "groups" });
    let at = connect(app, "globex", json!({ "attribute_mapping": mapping })).await;
    let (key, certificate) = decryption_key();
    seen.note("private key", &key);
    app.put(&at.path(), json!({ "saml_encryption_private_key": key })).await.ok();
    let sp = ServiceProvider {
        name: String::new(),
        entity_id: at.acs(),
        acs_url: at.acs(),
        certificate: Some(certificate),
    };
    app.provider.saml().register(sp);
    for choices in [&[][..], &[("encrypt", "1")], &[("signed", "both"), ("encrypt", "1")]] {
        let mut browser = Browser::new(app);
        let to = browser.start(&at.connection, &[]).await;
        carried(seen, &to);
        let back = browser.answer_saml(&to, "ada@example.com", choices).await;
        returned(seen, &browser, &back);
        let end = browser.bring(&back).await.location();
        carried(seen, &end);
        used(app, seen, &crate::reply::parameter(&end, "token")).await;
        browser.bring(&back).await;
        app.pass(61);
    }
    for fault in SamlFault::ALL {
        for encrypt in ["", "1"] {
            let choices = [("fault", fault.name()), ("encrypt", encrypt)];
            let choices = if encrypt.is_empty() { &choices[..1] } else { &choices };
            let mut browser = Browser::new(app);
            let to = browser.start(&at.connection, &[]).await;
            let back = browser.answer_saml(&to, "grace@example.com", choices).await;
            returned(seen, &browser, &back);
            browser.bring(&back).await;
        }
        app.pass(61);
    }
    let back = Browser::new(app).begin_saml(&at, "ada@example.com", &[("encrypt", "1")]).await;
    seen.note("SAMLResponse", &back.field("SAMLResponse"));
    let mut browser = Browser::new(app);
    browser.bring(&back).await;
    browser.bring(&back).await.refusal_page("saml_response");
    at
}

/// Links and codes by mail, right and wrong, and a mail server that takes them, refuses them and quotes them.
async fn mail(app: &TestApp, organization: &str, seen: &mut Values) {
    let postbox = Postbox::open().await;
    let node = app.posting_node(postbox.post()).await;
    for name in ["mailed", "refused", "grey", "half", "quoted"] {
        let address = format!("{name}@kept-for-acme.example");
        seen.note("member's address", &address);
        app.member(organization, &address, json!({ "name": "Mary Jackson" })).await;
        let body = json!({ "organization_id": organization, "email_address": address });
        for path in ["/v1/b2b/magic_links/email/login_or_signup", "/v1/b2b/otps/email/login_or_signup"] {
            app.post(path, body.clone()).await.ok();
        }
        app.post("/v1/b2b/magic_links/email/discovery/send", body.clone()).await.ok();
        for sent in app.messages_to(&address).await {
            let link = sent.text.lines().find_map(|line| Url::parse(line).ok());
            link.iter().for_each(|link| carried(seen, link));
            if let Some(link) = link.filter(|link| link.as_str().contains("multi_tenant")) {
                let token = json!({ "magic_links_token": crate::reply::parameter(&link, "token") });
                for _ in 0..2 {
                    app.post("/v1/b2b/magic_links/authenticate", token.clone()).await;
                }
            }
        }
        let wrong = json!({ "organization_id": organization, "email_address": address, "code": "none" });
        app.post("/v1/b2b/otps/email/authenticate", wrong).await;
        seen.note("subject of a mail", "Se connecter");
    }
    for _ in 0..3 {
        vestibule_server::outbox::deliver_due(&node.app).await.unwrap();
        app.pass(61);
    }
    assert!(postbox.count() > 6, "{}", postbox.count());
}

/// Requests that nobody should send, full of what they should not hold.
async fn wrong_requests(app: &TestApp, organization: &str, connection: &str, at: &At, seen: &mut Values) {
    let (secret, token) = ("secret-test-guessed-by-somebody-else", "a-token-in-the-wrong-place-4711");
    seen.note("guessed secret", secret);
    seen.note("guessed secret", basic("somebody@intruders.example", secret).trim_start_matches("Basic "));
    seen.note("misplaced token", token);
    seen.note("intruder's address", "somebody@intruders.example");
    let garbage = format!("{{\"email_address\":\"somebody@intruders.example\",\"sso_token\":\"{token}\"");
    for path in ["/v1/b2b/organizations", "/v1/b2b/sso/authenticate", "/v1/b2b/sessions/authenticate"] {
        app.raw(Method::POST, path, garbage.clone()).await;
        app.post(path, json!({ "email_address": 1, "sso_token": [token], "session_token": { "a": token } }))
            .await;
        let user = basic("somebody@intruders.example", secret);
        let request =
            http::Request::post(path).header("authorization", user).header("cookie", format!("s={token}"));
        app.send(request.body(garbage.clone().into()).unwrap()).await;
        app.as_member(token, Method::POST, path, json!({ "email_address": "somebody@intruders.example" }))
            .await;
    }
    app.get(&format!("/no/such/place/{token}?session_token={token}")).await;
    app.get(&format!("/v1/b2b/sso/callback/{connection}?code={token}&state={token}")).await;
    app.get(&format!(
        "/v1/b2b/sso/callback/{connection}?error={token}&error_description=somebody@intruders.example"
    ))
    .await;
    let mut browser = Browser::new(app);
    let nonsense = [("SAMLResponse", STANDARD.encode(token)), ("RelayState", token.to_owned())];
    browser.post(&at.acs(), &nonsense.map(|(name, value)| (name.to_owned(), value))).await;
    browser.get(&format!("/v1/public/sso/start?connection_id={token}&public_token={token}")).await;
    let key =
        json!({ "saml_encryption_private_key": token, "x509_certificate": token, "metadata_xml": token });
    app.put(&at.path(), key).await;
    let path = format!("/v1/b2b/organizations/{organization}/members");
    app.post(&path, json!({ "email_address": "somebody@\u{0}intruders.example" })).await;
}

/// Through a real listener, as HTTP libraries see it.
async fn over_the_wire(app: &TestApp, organization: &str, seen: &mut Values) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::default());
    let serving =
        serve(listener, routes::router(app.app.clone()), ListenOptions::default(), shutdown.clone());
    let serving = tokio::spawn(serving);
    let (session, email) = ("a-session-token-in-a-header-4711", "wired@kept-for-acme.example");
    seen.note("session in a header", session);
    seen.note("member's address", email);
    let body = json!({ "email_address": email }).to_string();
    let request = format!(
        "POST /v1/b2b/organizations/{organization}/members?session_token={session} HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: {}\r\nCookie: vestibule={session}\r\nX-Stytch-Member-Session: {session}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        app.basic(),
        body.len()
    );
    for text in [request.as_str(), "GET /a-session-token-in-a-header-4711 HTTP/9.9\r\n\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "no answer");
    }
    shutdown.start();
    serving.await.unwrap().unwrap();
}

/// A row that cannot be read is told by its place alone.
async fn unreadable(app: &TestApp, organization: &str, seen: &mut Values) {
    let email = "unreadable@kept-for-acme.example";
    seen.note("member's address", email);
    let member = app.member(organization, email, json!({})).await;
    for (sql, garbage) in [
        (
            "UPDATE members SET doc = ?2 WHERE id = ?1",
            format!("{{\"member_id\": [\"{email}\"], \"status\": \"{email}\"}}"),
        ),
        ("UPDATE members SET email = ?2 WHERE id = ?1", format!("no address: {email}")),
    ] {
        let write = Write::one(sql, vec![member.as_str().into(), garbage.into()], Guard("spoilt"));
        app.app.store.commit(vec![write]).await.unwrap();
        let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
        assert_eq!(app.put(&path, json!({ "name": "x" })).await.status, 500);
        let everybody = json!({ "organization_ids": [organization] });
        app.post("/v1/b2b/organizations/members/search", everybody).await;
    }
}

/// What is in an address that a browser is sent to.
fn carried(seen: &mut Values, to: &Url) {
    for (name, value) in to.query_pairs().filter(|(name, _)| CARRIED.contains(&name.as_ref())) {
        seen.note(&name, &value);
    }
}

/// What a provider sent back, and the cookies of whoever brings it.
fn returned(seen: &mut Values, browser: &Browser, back: &Return) {
    for (name, value) in back.fields.iter().filter(|(name, _)| CARRIED.contains(&name.as_str())) {
        seen.note(name, value);
    }
    for value in browser.cookies.values() {
        seen.note("cookie", value);
    }
    let response = back.fields.iter().find(|(name, _)| name == "SAMLResponse");
    let xml = response.and_then(|(_, value)| STANDARD.decode(value).ok());
    let xml = xml.map(|xml| String::from_utf8_lossy(&xml).into_owned()).unwrap_or_default();
    for element in ["ds:SignatureValue>", "xenc:CipherValue>", "saml:AttributeValue>"] {
        for value in xml.split(element).skip(1).step_by(2).filter_map(|rest| rest.split('<').next()) {
            seen.note(element.trim_end_matches('>'), value);
        }
    }
}

/// What we sent to the provider behind the browser's back, and what it answered.
fn redeemed(app: &TestApp, seen: &mut Values) {
    for (name, value) in app.provider.redeemed().into_iter().chain(app.provider.granted()) {
        if CARRIED.contains(&name.as_str()) {
            seen.note(&name, &value);
        }
    }
}
