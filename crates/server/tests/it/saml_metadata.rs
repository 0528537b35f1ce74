//! Metadata of SAML providers: by address and pasted, read again on a schedule and when a key is unknown, and
//! warnings before certificates end.

use std::sync::{Arc, Mutex};
use vestibule_store::tables::events::EventFilter;

use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::ConnectionId;
use vestibule_server::Shutdown;
use vestibule_server::certificate_expiry;
use vestibule_server::{ListenOptions, serve};
use vestibule_server::{Refreshed, refresh};

use crate::app::{TestApp, on_both_engines};
use crate::saml_connections::{Api, certificate};

on_both_engines!(
    metadata_by_address_fills_a_connection,
    metadata_may_be_pasted,
    an_aggregate_needs_a_choice,
    what_is_no_metadata_is_refused_by_name,
    the_entity_id_is_pinned,
    explicit_values_win_over_metadata,
    metadata_is_read_again_by_one_node,
    a_document_of_somebody_else_changes_nothing,
    an_unknown_key_asks_once_in_ten_minutes,
    certificates_that_end_are_warned_about_once,
);

const ENTITY: &str = "https://idp.example.com/entity";

/// A provider that publishes whatever a test says.
#[derive(Clone)]
struct Publisher {
    url: String,
    document: Arc<Mutex<(StatusCode, String)>>,
    hits: Arc<Mutex<u32>>,
    shutdown: Shutdown,
}

impl Publisher {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/metadata", listener.local_addr().unwrap());
        let document = Arc::new(Mutex::new((StatusCode::NOT_FOUND, String::new())));
        let (hits, shutdown) = (Arc::new(Mutex::new(0)), Shutdown::default());
        let (answer, count) = (document.clone(), hits.clone());
        let router = Router::new().fallback(move || {
            *count.lock().unwrap() += 1;
            let answer = answer.lock().unwrap().clone();
            async move { answer }
        });
        tokio::spawn(serve(listener, router, ListenOptions::default(), shutdown.clone()));
        Self { url, document, hits, shutdown }
    }

    fn publish(&self, document: &str) {
        *self.document.lock().unwrap() = (StatusCode::OK, document.to_owned());
    }

    fn fail(&self) {
        *self.document.lock().unwrap() = (StatusCode::BAD_GATEWAY, String::new());
    }

    fn hits(&self) -> u32 {
        *self.hits.lock().unwrap()
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.shutdown.start();
    }
}

/// The body of a certificate in PEM.
fn base64(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn entity(id: &str, attributes: &str, certificates: &[&str]) -> String {
    let key = |pem: &&str| {
        let body = base64(pem);
        format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    let keys: String = certificates.iter().map(key).collect();
    let binding = "urn:oasis:names:tc:SAML:2.0:bindings";
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{id}\" {attributes}><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"{binding}:HTTP-POST\" Location=\"https://idp.example.com/post\"/>\
         <md:SingleSignOnService Binding=\"{binding}:HTTP-Redirect\" Location=\"https://idp.example.com/sso\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

fn subjects(connection: &Value) -> Vec<&str> {
    let certificates = connection["verification_certificates"].as_array().unwrap();
    certificates.iter().map(|certificate| certificate["subject"].as_str().unwrap()).collect()
}

async fn new_api(app: &TestApp) -> Api<'_> {
    let organization = app.organization("acme", json!({})).await;
    Api::new(app, &organization).await
}

async fn by_url(app: &TestApp, api: &Api<'_>, publisher: &Publisher) -> Value {
    let put = app.put(&format!("{}/url", api.path), json!({ "metadata_url": publisher.url })).await;
    put.ok()["connection"].clone()
}

async fn stored(app: &TestApp, api: &Api<'_>) -> Connection {
    let id: ConnectionId = api.id.parse().unwrap();
    app.app.store.connection_at_callback(&app.app.vault, id).await.unwrap().unwrap()
}

async fn audited(app: &TestApp, action: &str) -> Vec<Value> {
    let events =
        app.app.store.events(app.project.id, &EventFilter::default(), None, 100).await.unwrap().items;
    events
        .into_iter()
        .filter(|event| event.kind.as_str() == action)
        .map(|event| Value::Object(event.detail))
        .collect()
}

async fn metadata_by_address_fills_a_connection(app: TestApp) {
    let (api, publisher) = (new_api(&app).await, Publisher::start().await);
    publisher.publish(&entity(ENTITY, "", &[&certificate("one", 2040), &certificate("two", 2041)]));
    let filled = by_url(&app, &api, &publisher).await;
    assert_eq!(filled["status"], "active");
    assert_eq!((&filled["idp_entity_id"], &filled["metadata_url"]), (&json!(ENTITY), &json!(publisher.url)));
    assert_eq!(filled["idp_sso_url"], "https://idp.example.com/sso");
    assert_eq!(filled["idp_sso_binding"], "redirect");
    assert_eq!(subjects(&filled), ["CN=one", "CN=two"]);
    // The same document once more changes nothing, ids included.
    let again = by_url(&app, &api, &publisher).await;
    assert_eq!(again["verification_certificates"], filled["verification_certificates"]);

    publisher.fail();
    let refused = app.put(&format!("{}/url", api.path), json!({ "metadata_url": publisher.url })).await;
    let message = refused.refused(400, "invalid_saml_metadata_url")["error_message"].to_string();
    assert!(message.contains("502"), "{message}");
    app.put(&format!("{}/url", api.path), json!({})).await.refused(400, "missing_required_field");
    for url in ["ftp://idp.example.com", "http://10.0.0.1/metadata", "nonsense"] {
        let refused = app.put(&format!("{}/url", api.path), json!({ "metadata_url": url })).await;
        refused.refused(400, "invalid_saml_metadata_url");
    }
    assert_eq!(api.put(json!({ "metadata_url": "" })).await["metadata_url"], "");
}

async fn metadata_may_be_pasted(app: TestApp) {
    let (api, publisher) = (new_api(&app).await, Publisher::start().await);
    let (one, two) = (certificate("one", 2040), certificate("two", 2040));
    publisher.publish(&entity(ENTITY, "", &[&one]));
    by_url(&app, &api, &publisher).await;
    let pasted = entity(ENTITY, "", &[&two]);
    let filled = api.put(json!({ "metadata_xml": pasted })).await;
    assert_eq!((subjects(&filled), &filled["metadata_url"]), (vec!["CN=two"], &json!("")));
    let both = json!({ "metadata_xml": pasted, "metadata_url": publisher.url });
    api.refused(both, "invalid_field").await;
}

async fn an_aggregate_needs_a_choice(app: TestApp) {
    let api = new_api(&app).await;
    let (one, two) = (certificate("one", 2040), certificate("two", 2040));
    let aggregate = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{}{}</md:EntitiesDescriptor>",
        entity("https://one.example.com", "", &[&one]),
        entity("https://two.example.com", "", &[&two]),
    );
    let message =
        api.refused(json!({ "metadata_xml": aggregate }), "saml_connection_metadata_invalid_format").await;
    assert!(
        message.contains("metadata_entity_id") && message.contains("https://two.example.com"),
        "{message}"
    );
    let chosen = json!({ "metadata_xml": aggregate, "metadata_entity_id": "https://two.example.com" });
    let filled = api.put(chosen).await;
    assert_eq!(
        (subjects(&filled), &filled["idp_entity_id"]),
        (vec!["CN=two"], &json!("https://two.example.com"))
    );
    // Whose connection it is chooses from now on.
    assert_eq!(subjects(&api.put(json!({ "metadata_xml": aggregate })).await), ["CN=two"]);
}

async fn what_is_no_metadata_is_refused_by_name(app: TestApp) {
    let api = new_api(&app).await;
    let no_key = entity(ENTITY, "", &[]);
    let expired = entity(ENTITY, "validUntil=\"2020-01-01T00:00:00Z\"", &[&certificate("one", 2040)]);
    for (document, error_type) in [
        ("<html><body>Sign in</body></html>", "invalid_xml_from_saml_metadata_url"),
        ("{\"issuer\":\"https://idp.example.com\"}", "invalid_xml_from_saml_metadata_url"),
        ("<a/>", "invalid_xml_from_saml_metadata_url"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "invalid_xml_from_saml_metadata_url"),
        (&no_key, "saml_connection_metadata_invalid_format"),
        (&expired, "saml_connection_metadata_invalid_format"),
    ] {
        api.refused(json!({ "metadata_xml": document }), error_type).await;
    }
    assert_eq!(api.put(json!({})).await["status"], "pending");
}

async fn the_entity_id_is_pinned(app: TestApp) {
    let api = new_api(&app).await;
    let (one, two) = (certificate("one", 2040), certificate("two", 2040));
    api.put(json!({ "metadata_xml": entity(ENTITY, "", &[&one]) })).await;
    let other = entity("https://other.example.com", "", &[&two]);
    let message = api.refused(json!({ "metadata_xml": other }), "invalid_idp_entity_id").await;
    assert!(message.contains(ENTITY) && message.contains("https://other.example.com"), "{message}");
    let moved = json!({ "metadata_xml": other, "idp_entity_id": "https://other.example.com" });
    assert_eq!(subjects(&api.put(moved).await), ["CN=two"]);
}

async fn explicit_values_win_over_metadata(app: TestApp) {
    let api = new_api(&app).await;
    let attributes = "xmlns:x=\"urn:x\" x:y=\"z\"";
    let document = entity(ENTITY, attributes, &[&certificate("one", 2040)])
        .replace("protocolSupport", "WantAuthnRequestsSigned=\"true\" protocolSupport");
    let filled = api.put(json!({ "metadata_xml": document })).await;
    assert_eq!(filled["authn_requests_signed"], true);
    let own = json!({
        "metadata_xml": document,
        "authn_requests_signed": false,
        "idp_sso_url": "https://idp.example.com/mine",
        "x509_certificate": certificate("mine", 2040),
    });
    let filled = api.put(own).await;
    assert_eq!(filled["authn_requests_signed"], false);
    assert_eq!(filled["idp_sso_url"], "https://idp.example.com/mine");
    assert_eq!(subjects(&filled), ["CN=one", "CN=mine"]);
}

async fn metadata_is_read_again_by_one_node(app: TestApp) {
    let (api, publisher) = (new_api(&app).await, Publisher::start().await);
    let (one, two) = (certificate("one", 2040), certificate("two", 2040));
    publisher.publish(&entity(ENTITY, "cacheDuration=\"PT4H\"", &[&one]));
    by_url(&app, &api, &publisher).await;
    api.put(json!({ "x509_certificate": certificate("by hand", 2040) })).await;
    assert_eq!(refresh::due(&app.app).await.unwrap(), 0, "not before three hours");
    app.pass(4 * 3600);
    publisher.publish(&entity(ENTITY, "cacheDuration=\"PT4H\"", &[&two]).replace("/sso\"", "/new\""));
    let nodes = (refresh::due(&app.app), refresh::due(&app.app), refresh::due(&app.app));
    let (a, b, c) = tokio::join!(nodes.0, nodes.1, nodes.2);
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 1);
    assert_eq!(publisher.hits(), 2);
    let refreshed = api.put(json!({})).await;
    assert_eq!(subjects(&refreshed), ["CN=by hand", "CN=two"]);
    assert_eq!(refreshed["idp_sso_url"], "https://idp.example.com/new");
    let noted = audited(&app, "connection.metadata.change").await;
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!(noted[0]["certificates_added"].as_array().unwrap().len(), 1);
    assert_eq!(noted[0]["certificates_removed"].as_array().unwrap().len(), 1);
    assert_eq!(noted[0]["idp_sso_url"]["to"], "https://idp.example.com/new");

    // A provider that is down changes nothing and is asked again after an hour.
    publisher.fail();
    app.pass(4 * 3600);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 0);
    assert_eq!(subjects(&api.put(json!({})).await), ["CN=by hand", "CN=two"]);
    app.pass(3600);
    publisher.publish(&entity(ENTITY, "", &[&two]));
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);

    let organization = api.path.split('/').nth(5).unwrap();
    app.delete(&format!("/v1/b2b/sso/{organization}/connections/{}", api.id)).await.ok();
    app.pass(48 * 3600);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 0, "what is deleted is not read");
}

async fn a_document_of_somebody_else_changes_nothing(app: TestApp) {
    let (api, publisher) = (new_api(&app).await, Publisher::start().await);
    publisher.publish(&entity(ENTITY, "", &[&certificate("one", 2040)]));
    by_url(&app, &api, &publisher).await;
    let evil = certificate("evil", 2040);
    publisher.publish(&entity("https://evil.example.com", "", &[&evil]));
    app.pass(24 * 3600);
    assert_eq!(refresh::due(&app.app).await.unwrap(), 1);
    assert_eq!(subjects(&api.put(json!({})).await), ["CN=one"]);
    let noted = audited(&app, "connection.metadata.refuse").await;
    assert!(noted[0]["reason"].as_str().unwrap().contains("https://evil.example.com"), "{noted:?}");
    // Without any key nothing is taken over either.
    publisher.publish(&entity(ENTITY, "", &[]));
    app.pass(24 * 3600);
    refresh::due(&app.app).await.unwrap();
    assert_eq!(subjects(&api.put(json!({})).await), ["CN=one"]);
}

async fn an_unknown_key_asks_once_in_ten_minutes(app: TestApp) {
    let (api, publisher) = (new_api(&app).await, Publisher::start().await);
    let (one, two) = (certificate("one", 2040), certificate("two", 2040));
    publisher.publish(&entity(ENTITY, "", &[&one]));
    by_url(&app, &api, &publisher).await;
    let known = stored(&app, &api).await;
    publisher.publish(&entity(ENTITY, "", &[&one, &two]));
    // Many sign-ins meet the new key at once: one reads, the others see what it brought.
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (app, known) = (app.app.clone(), known.clone());
            tokio::spawn(async move { refresh::refresh_now(&app, &known).await.unwrap() })
        })
        .collect();
    for answer in asked {
        let Refreshed::Changed(current) = answer.await.unwrap() else { panic!("the new key was not seen") };
        assert_eq!(current.saml().unwrap().verification_certificates.len(), 2);
    }
    assert_eq!(publisher.hits(), 2);
    let known = stored(&app, &api).await;
    app.pass(599);
    assert!(matches!(refresh::refresh_now(&app.app, &known).await.unwrap(), Refreshed::NotNow));
    app.pass(1);
    assert!(matches!(refresh::refresh_now(&app.app, &known).await.unwrap(), Refreshed::Unchanged));
    publisher.fail();
    app.pass(600);
    assert!(matches!(refresh::refresh_now(&app.app, &known).await.unwrap(), Refreshed::NotNow));
    // The one that failed was tried once more.
    assert_eq!(publisher.hits(), 5);
    api.put(json!({ "metadata_url": "" })).await;
    let known = stored(&app, &api).await;
    app.pass(600);
    assert!(matches!(refresh::refresh_now(&app.app, &known).await.unwrap(), Refreshed::NotNow));
    assert_eq!(publisher.hits(), 5);
}

async fn certificates_that_end_are_warned_about_once(app: TestApp) {
    let api = new_api(&app).await;
    // The tests' clock begins on 2027-01-15; this one ends on 2027-12-31.
    let filled = api
        .put(json!({ "x509_certificate": format!("{}{}", certificate("soon", 2027), certificate("late", 2040)) }))
        .await;
    let id = &filled["verification_certificates"][0]["certificate_id"];
    let day = 86_400;
    assert_eq!(certificate_expiry::announce(&app.app, Default::default()).await.unwrap(), 0);
    app.pass(261 * day);
    let nodes = (
        certificate_expiry::announce(&app.app, Default::default()),
        certificate_expiry::announce(&app.app, Default::default()),
    );
    let (a, b) = tokio::join!(nodes.0, nodes.1);
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    for (days, given) in [(1, 0), (58, 1), (1, 0), (23, 1), (6, 1), (1, 0), (400, 0)] {
        app.pass(days * day);
        assert_eq!(
            certificate_expiry::announce(&app.app, Default::default()).await.unwrap(),
            given,
            "after {days} more days"
        );
    }
    let noted = audited(&app, "connection.certificate.expiring").await;
    let mut days: Vec<i64> = noted.iter().map(|detail| detail["days"].as_i64().unwrap()).collect();
    days.sort_unstable();
    assert_eq!(days, [1, 7, 30, 90]);
    assert!(noted.iter().all(|detail| &detail["certificate_id"] == id), "{noted:?}");
}
