//! A connection is known by its own callback and by what is not ours. What proves somebody at one connection proves nobody
//! at another, and once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::Span;
use vestibule_server::{ListenOptions, Shutdown, routes, serve};
use vestibule_store::tables::cleanup::Retention;
use vestibule_store::tables::replays;
use vestibule_store::{Guard, Write};
use vestibule_testidp::{ResponseSpec, SamlConfig, SamlIdp, ServiceProvider, User};

use crate::app::{BASE_URL, NOW, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::saml_idp::{At, connect, connect_in};

on_both_engines!(
    another_callback_is_no_alternative,
    a_callback_that_was_named_before_is_not_used,
    a_message_is_used_once_in_a_project,
    a_neighbour_cannot_use_up_a_message,
    a_message_is_remembered_for_slow_clocks,
    a_gateway_speaks_for_the_address_that_began_alone,
);

async fn another_callback_is_no_alternative(app: TestApp) {
    let (acme, globex) = (connect(&app, "acme", json!({})).await, connect(&app, "globex", json!({})).await);
    let other = globex.acs();
    let path = other.strip_prefix(BASE_URL).unwrap();
    let spelled = [
        other.clone(),
        format!("{other}/"),
        format!("{}?", acme.acs()),
        format!("HTTP://127.0.0.1:4000{path}"),
        format!("http://127.1:4000{path}"),
        format!("http://0x7f000001:4000{path}"),
        format!("http://%31%32%37.0.0.1:4000{path}"),
        format!("http://１２７.0.0.1:4000{path}"),
        format!("http://me@127.0.0.1:4000{path}"),
        format!("https://127.0.0.1:4000{path}"),
        format!("http://127.0.0.1:4000{}", path.to_uppercase()),
        format!("http://127.0.0.1:4000{}", path.replace("callback", "%63allback")),
        format!("http://127.0.0.1:4000/v1/x/../../{}", &path[1..]),
        format!("{BASE_URL}/old/acs"),
        BASE_URL.to_owned(),
    ];
    for value in spelled {
        for field in ["alternative_acs_url", "alternative_audience_uri"] {
            let refused = app.put(&acme.path(), json!({ field: value })).await;
            refused.refused(400, "invalid_saml_alternative_url");
        }
    }
    for fine in [acme.acs(), format!("{}/", acme.acs()), "https://old.example.com/callback/1".to_owned()] {
        app.put(&acme.path(), json!({ "alternative_acs_url": fine, "alternative_audience_uri": fine }))
            .await
            .ok();
    }
    app.put(&acme.path(), json!({ "alternative_audience_uri": "urn:old:sp" })).await.ok();
}

async fn a_callback_that_was_named_before_is_not_used(app: TestApp) {
    let (thief, victim) = (connect(&app, "thief", json!({})).await, connect(&app, "victim", json!({})).await);
    let named = json!({ "alternative_acs_url": "https://old.test/acs", "alternative_audience_uri": "https://old.test/sp" });
    app.put(&thief.path(), named).await.ok();
    // As it could be set once.
    let sql = "UPDATE connections SET doc = REPLACE(REPLACE(doc, 'https://old.test/acs', ?2), 'https://old.test/sp', ?2)
         WHERE id = ?1";
    let params = vec![thief.connection.as_str().into(), victim.acs().into()];
    app.app.store.commit(vec![Write::one(sql, params, Guard("set"))]).await.unwrap();

    let mut back = Browser::new(&app).begin_saml(&victim, "ada@example.com", &[]).await;
    back.url = thief.acs().parse().unwrap();
    Browser::new(&app).bring(&back).await.refusal_page("saml_response");
    assert_eq!(app.member_count(&thief.organization).await, 0);
    let to = Browser::new(&app).start(&thief.connection, &[]).await;
    let request = crate::reply::parameter(&to, "SAMLRequest");
    let request = vestibule_testidp::AuthnRequest::from_redirect(&request).unwrap();
    assert_eq!(request.acs_url, Some(thief.acs()), "nor is it sent to the provider");
    let metadata = app.get(&format!("/v1/public/sso/saml/{}/metadata", thief.connection)).await.text();
    assert!(!metadata.contains(&victim.connection), "{metadata}");
    // It is still a connection like any other.
    Browser::new(&app).sign_in_saml(&thief, "ada@example.com", &[]).await.location();
}

/// Two connections that lead to one provider and know one old address: what was used at one is used.
async fn a_message_is_used_once_in_a_project(app: TestApp) {
    let old = json!({ "alternative_acs_url": "https://old.test/acs", "alternative_audience_uri": "https://old.test/sp" });
    let acme = connect(&app, "acme", old.clone()).await;
    let globex = connect(&app, "globex", old).await;
    let fields = [("acs_url", "https://old.test/acs"), ("audience", "https://old.test/sp")];
    let sp = ServiceProvider {
        name: String::new(),
        entity_id: "https://old.test/sp".to_owned(),
        acs_url: "https://old.test/acs".to_owned(),
        certificate: None,
    };
    app.provider.saml().register(sp);
    let mut back = Browser::new(&app).begin_at(&fields, "ada@example.com").await;
    back.url = acme.acs().parse().unwrap();
    Browser::new(&app).bring(&back).await.location();
    for again in [&globex, &acme] {
        app.pass(1);
        back.url = again.acs().parse().unwrap();
        Browser::new(&app).bring(&back).await.refusal_page("saml_response");
        assert_eq!(app.traces().await[0]["steps"].as_array().unwrap().last().unwrap()["check"], "replay");
    }
    assert_eq!(app.member_count(&globex.organization).await, 0);
    // Another project has nothing to do with it, nor has another provider that counts its messages alike.
    let elsewhere = app.other_project().await;
    let theirs = connect(
        &elsewhere,
        "acme",
        json!({
            "alternative_acs_url": "https://old.test/acs", "alternative_audience_uri": "https://old.test/sp",
        }),
    )
    .await;
    back.url = theirs.acs().parse().unwrap();
    let mut browser = Browser::new(&elsewhere);
    let answer = browser.bring(&back).await;
    assert!(answer.status.is_redirection() || !answer.text().contains("replay"), "{}", answer.text());
}

/// Who names somebody else's provider as their own, with a key of theirs, and guesses the id of its next message, uses up
/// nothing. What is signed by one key is used up for all.
async fn a_neighbour_cannot_use_up_a_message(app: TestApp) {
    const ENTITY: &str = "https://idp.test/saml";
    // Each draws the same as the others, so that their ids are guessed.
    let provider = || {
        let drawn = AtomicU8::new(7);
        SamlIdp::new(SamlConfig {
            entity_id: ENTITY.to_owned(),
            sso_url: format!("{ENTITY}/sso"),
            key: None,
            clock: Arc::new(|| NOW.seconds()),
            random: Arc::new(move |out| out.fill(drawn.fetch_add(1, Ordering::Relaxed))),
        })
    };
    let connection = async |slug, idp: &SamlIdp| {
        let certificate = idp.key().unwrap().certificate_pem();
        let settings =
            json!({ "idp_entity_id": ENTITY, "idp_sso_url": idp.sso_url(), "x509_certificate": certificate });
        connect(&app, slug, settings).await
    };
    let message = |idp: &SamlIdp, at: &At| {
        let ada = User::from_email("ada@example.com").unwrap();
        let xml = idp.response(&ResponseSpec::new(ada, at.acs(), at.acs())).unwrap();
        let (_, from_id) = xml.split_once("<saml:Assertion").unwrap().1.split_once(" ID=\"").unwrap();
        let id = from_id.split('"').next().unwrap().to_owned();
        (id, vec![("SAMLResponse".to_owned(), STANDARD.encode(xml))])
    };
    let (theirs, own) = (provider(), provider());
    let (victim, neighbour) = (connection("victim", &theirs).await, connection("neighbour", &own).await);
    let ((guessed, forged), (id, real)) = (message(&own, &neighbour), message(&theirs, &victim));
    assert_eq!(guessed, id);
    Browser::new(&app).post(&neighbour.acs(), &forged).await.location();
    Browser::new(&app).post(&victim.acs(), &real).await.location();
    for (at, used) in [(&neighbour, &forged), (&victim, &real)] {
        Browser::new(&app).post(&at.acs(), used).await.refusal_page("saml_response");
    }
    // What an earlier version has remembered by its id alone stays used.
    let another = connection("another", &provider()).await;
    let (idp, project) = (provider(), app.project.id);
    app.put(&another.path(), json!({ "x509_certificate": idp.key().unwrap().certificate_pem() })).await.ok();
    let (id, real) = message(&idp, &another);
    let mark =
        replays::claim(project, ENTITY, TokenHash::of(id.as_bytes()).as_str(), NOW.plus(Span::days(1)));
    app.app.store.commit(vec![mark]).await.unwrap();
    let refused = Browser::new(&app).post(&another.acs(), &real).await;
    refused.refusal_page("saml_response");
    assert!(refused.text().contains("used"), "{}", refused.text());
}

/// A server whose clock is ahead forgets; one whose clock is behind would take the message again.
async fn a_message_is_remembered_for_slow_clocks(app: TestApp) {
    let at: At = connect_in(&app, &app.organization("acme", json!({})).await, json!({})).await;
    let back = Browser::new(&app).begin_saml(&at, "ada@example.com", &[]).await;
    Browser::new(&app).bring(&back).await.location();
    for ahead in [360, 600, 1800, 3600] {
        app.pass(ahead);
        app.app.store.cleanup(app.app.clock.now(), Retention::default()).await.unwrap();
        app.pass(1 - ahead);
        Browser::new(&app).bring(&back).await.refusal_page("saml_response");
        let last = app.traces().await[0]["steps"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["check"], "replay", "{ahead} s ahead: {last}");
    }
}

/// The switch for gateways gives up the cookie for nobody whose answer comes from somewhere else.
async fn a_gateway_speaks_for_the_address_that_began_alone(app: TestApp) {
    let at = connect(&app, "acme", json!({ "allow_gateway_callback": true })).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::default());
    let serving =
        serve(listener, routes::router(app.app.clone()), ListenOptions::default(), shutdown.clone());
    let serving = tokio::spawn(serving);
    // A thief begins, has the victim approve, and the victim's browser brings the answer.
    let thief = Browser::new(&app);
    let mut victim = thief.clone();
    let to = victim.start(&at.connection, &[]).await;
    let back = victim.answer_saml(&to, "ada@example.com", &[]).await;
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&back.fields).finish();
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        at.acs().strip_prefix(BASE_URL).unwrap(),
        form.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("missing_saml_csrf_cookie"), "{answer}");
    // From where it began it is brought without the cookie.
    victim.cookies.clear();
    victim.bring(&back).await.location();
    shutdown.start();
    serving.await.unwrap().unwrap();
}
