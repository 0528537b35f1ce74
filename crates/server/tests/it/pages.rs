//! Whoever reads an answer gets it in their form: a person a page, in two layers and in their language, a program the
//! JSON of its door.

use axum::body::Body;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, Request};
use serde_json::json;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_store::tables::redirects;
use vestibule_testidp::Fault;

use crate::app::{BASE_URL, LOGIN_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    a_browser_gets_a_page_where_a_program_gets_json,
    whoever_brings_credentials_is_a_program,
    the_address_of_the_server_is_a_page_for_people_alone,
    a_refusal_says_to_each_what_they_need,
    a_refused_start_knows_its_product_and_leads_nowhere_else,
    the_way_back_is_the_page_for_who_is_not_signed_in,
    a_slug_that_is_guessed_does_not_tell_a_name,
    pages_are_written_in_the_language_of_their_reader,
    names_on_a_page_are_text,
    a_sign_in_that_may_go_well_begins_anew,
);

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
const PROGRAMS: [&str; 3] = ["*/*", "application/json, text/plain, */*", "application/json, text/html;q=0.5"];

async fn open(app: &TestApp, path: &str, language: &str) -> Reply {
    let request = Request::get(path).header(ACCEPT, BROWSER).header(ACCEPT_LANGUAGE, language);
    app.send(request.body(Body::empty()).unwrap()).await
}

/// Checks all that every page has, whoever is refused, and gives its text.
#[track_caller]
fn page(reply: &Reply, status: u16, title: &str) -> String {
    let text = reply.text();
    assert_eq!(reply.status.as_u16(), status, "{text}");
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{text}");
    let policy = reply.headers["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["referrer-policy"], "no-referrer");
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    assert!(reply.headers["vary"].to_str().unwrap().contains("accept-language"));
    assert!(text.contains(&format!("<h1>{title}</h1>")), "{text}");
    let named = text.split("<title>").nth(1).unwrap();
    assert!(!named.starts_with(['<', ' ']), "{text}");
    assert!(text.contains("<link rel=\"icon\"") && !text.contains("<script"), "{text}");
    text
}

/// The part that everybody sees, and the part that is folded below.
fn layers(text: &str) -> (&str, &str) {
    text.split_once("<details").unwrap_or_else(|| panic!("nothing is folded: {text}"))
}

/// The address of the link with this mark.
fn link(text: &str, mark: &str) -> Option<String> {
    let tag = text.split("<a ").find(|tag| tag.contains(&format!("data-testid=\"{mark}\"")))?;
    let href = tag.split_once("href=\"")?.1.split('"').next()?;
    Some(href.replace("&#38;", "&"))
}

fn start(app: &TestApp, more: &str) -> String {
    format!("/v1/public/sso/start?public_token={}{more}", app.project.public_token)
}

async fn a_browser_gets_a_page_where_a_program_gets_json(app: TestApp) {
    let nobody = "/v1/b2b/organizations/organization-test-00000000-0000-4000-8000-000000000000";
    for (path, status, code, title) in [
        ("/no/such/page", 404, "route_not_found", "There is no page here"),
        ("/v1/b2b/sso/authenticate", 405, "method_not_allowed", "This page cannot be opened like this"),
        ("/v1/public/sso/start", 400, "invalid_public_token_id", "This link does not work"),
        ("/v1/public/sso/test", 400, "invalid_public_token_id", "This link does not work"),
        (&start(&app, ""), 400, "missing_sso_connection_locator", "This link does not work"),
        (nobody, 401, "invalid_secret_authentication", "This page is for programs"),
        ("/errors/299", 404, "route_not_found", "There is no page here"),
    ] {
        let text = page(&open(&app, path, "en").await, status, title);
        let (person, administrator) = layers(&text);
        assert!(administrator.contains(&format!("data-testid=\"refusal-code\">{code}<")), "{path}: {text}");
        assert!(!person.contains(code) && !text.contains("{\""), "{path}: {text}");
        for accept in PROGRAMS {
            let request = Request::get(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
            app.send(request).await.refused(status, code);
        }
        app.send(Request::get(path).body(Body::empty()).unwrap()).await.refused(status, code);
    }
    let other_door = open(&app, "/api/v2/no-such-thing", "en").await;
    page(&other_door, 404, "There is no page here");
    let wrong = open(&app, "/v1/b2b/sso/authenticate", "en").await;
    assert!(wrong.headers.contains_key(ALLOW), "headers of the door stay");
    let asked = open(&app, nobody, "en").await;
    let challenge = asked.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.starts_with("xBasic"), "no browser asks for a password: {challenge}");
}

async fn whoever_brings_credentials_is_a_program(app: TestApp) {
    let request = app.request(Method::GET, "/v1/b2b/organizations/nobody").header(ACCEPT, BROWSER);
    app.send(request.body(Body::empty()).unwrap()).await.refused(404, "organization_not_found");
    let request = Request::get("/v1/b2b/organizations/nobody")
        .header(ACCEPT, BROWSER)
        .header(AUTHORIZATION, crate::app::basic("nobody", "knows"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    reply.envelope();
    assert_eq!(reply.headers[WWW_AUTHENTICATE], "Basic realm=\"vestibule\"");
}

async fn the_address_of_the_server_is_a_page_for_people_alone(app: TestApp) {
    let text = page(&open(&app, "/", "en").await, 200, "Nothing to do here");
    assert!(text.contains("href=\"mailto:help@acme.example\""), "{text}");
    let head = Request::head("/").header(ACCEPT, BROWSER).body(Body::empty()).unwrap();
    assert_eq!(app.send(head).await.status, 200);
    let posted = Request::post("/").header(ACCEPT, BROWSER).body(Body::empty()).unwrap();
    page(&app.send(posted).await, 404, "There is no page here");
    for accept in PROGRAMS {
        let request = Request::get("/").header(ACCEPT, accept).body(Body::empty()).unwrap();
        app.send(request).await.refused(404, "route_not_found");
    }
}

async fn a_refusal_says_to_each_what_they_need(app: TestApp) {
    let organization = app.organization("globex", json!({ "organization_name": "Globex" })).await;
    let connection = app.connection(&organization).await;
    let refused =
        Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::WrongAudience)).await;
    let text = page(&refused, 400, "Single sign-on is not set up correctly");
    let (person, administrator) = layers(&text);
    for shown in ["<b>Acme Software</b>", "<span>Globex</span>", "Back to Acme Software", "request-id-"] {
        assert!(person.contains(shown), "{shown} is for everybody: {person}");
    }
    assert_eq!(link(person, "refusal-back").unwrap(), LOGIN_URL);
    assert_eq!(link(person, "refusal-contact").unwrap(), "mailto:help@acme.example");
    assert_eq!(link(person, "refusal-again"), None, "trying again does not help");
    for folded in
        ["oidc_invalid_id_token", "another-client", "client_id", "refusal-found", "refusal-expected"]
    {
        assert!(administrator.contains(folded) && !person.contains(folded), "{folded}: {text}");
    }
    // A callback is always in front of a person: the scripted browser has not said what it accepts.
    let nobody = Browser::new(&app).get("/v1/b2b/sso/callback/nobody").await;
    let text = page(&nobody, 400, "There is no page here");
    assert!(text.contains("Sign-in service") && link(&text, "refusal-back").is_none(), "{text}");
}

async fn a_refused_start_knows_its_product_and_leads_nowhere_else(app: TestApp) {
    let organization = app.organization("globex", json!({ "organization_name": "Globex" })).await;
    let connection = app.connection(&organization).await;
    let pending = app.pending_connection(&organization).await;
    let evil = "https%3A%2F%2Fevil.example%2F";
    for (more, code) in [
        (
            format!("&connection_id={connection}&login_redirect_url={evil}&signup_redirect_url={evil}"),
            "no_match_for_provided_sso_url",
        ),
        (format!("&connection_id={pending}&login_redirect_url={evil}"), "requires_active_sso_connection"),
    ] {
        let reply = open(&app, &start(&app, &more), "en").await;
        let text = reply.text();
        assert!(text.contains(code), "{text}");
        let (person, _) = layers(&text);
        assert!(person.contains("<b>Acme Software</b>") && person.contains("<span>Globex</span>"), "{text}");
        assert_eq!(link(&text, "refusal-back").unwrap(), LOGIN_URL);
        let links = text.split("href=\"").skip(1).filter(|rest| rest.starts_with("http"));
        assert!(links.into_iter().all(|rest| !rest.split('"').next().unwrap().contains("evil")), "{text}");
    }
    // A form that a tile posts is answered alike.
    let request = Request::post("/v1/public/sso/start")
        .header(ACCEPT, BROWSER)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("public_token={}", app.project.public_token)));
    let text = page(&app.send(request.unwrap()).await, 400, "This link does not work");
    assert_eq!(link(&text, "refusal-back").unwrap(), LOGIN_URL);
    // Another project's connection is nothing that this one knows.
    let stranger = app.other_project().await;
    let text = open(&stranger, &start(&stranger, &format!("&connection_id={connection}")), "en").await.text();
    assert!(text.contains("<b>Another Company</b>") && !text.contains("Globex"), "{text}");
}

async fn the_way_back_is_the_page_for_who_is_not_signed_in(app: TestApp) {
    let url = "https://app.example.com/signed-out".to_owned();
    let logout = RedirectUrl { kind: RedirectKind::Logout, url: url.clone(), is_default: true };
    app.app.store.commit(redirects::add(app.project.id, &logout)).await.unwrap();
    let text = open(&app, &start(&app, ""), "en").await.text();
    assert_eq!(link(&text, "refusal-back").unwrap(), url);
}

async fn a_slug_that_is_guessed_does_not_tell_a_name(app: TestApp) {
    app.organization("globex", json!({ "organization_name": "A Customer Nobody Knows" })).await;
    let reply = open(&app, &start(&app, "&organization_id=globex"), "en").await;
    let text = page(&reply, 400, "Single sign-on is not set up correctly");
    assert!(text.contains("<b>Acme Software</b>") && !text.contains("A Customer"), "{text}");
}

async fn pages_are_written_in_the_language_of_their_reader(app: TestApp) {
    for (accepted, tag, title) in [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Hier gibt es keine Seite"),
        ("fr-CA", "fr", "Il n’y a pas de page ici"),
        ("nl, es-419;q=0.7, en;q=0.1", "es", "Aquí no hay ninguna página"),
        ("ja", "ja", "ページが見つかりません"),
        ("nl", "en", "There is no page here"),
        ("*", "en", "There is no page here"),
    ] {
        let text = page(&open(&app, "/nowhere", accepted).await, 404, title);
        assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{text}");
        // What an administrator looks up is said as the API and the documentation say it.
        assert!(layers(&text).1.contains("<p lang=\"en\">There is no such endpoint"), "{text}");
    }
    let json = Request::get("/nowhere").header(ACCEPT, "*/*").header(ACCEPT_LANGUAGE, "de");
    let json = app.send(json.body(Body::empty()).unwrap()).await.refused(404, "route_not_found");
    assert!(json["error_message"].as_str().unwrap().starts_with("There is no such endpoint"), "{json}");
}

async fn names_on_a_page_are_text(app: TestApp) {
    let name = "<img src=x>\"&'";
    let organization = app.organization("tags", json!({ "organization_name": name })).await;
    let connection = app.connection(&organization).await;
    let refused =
        Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::AccessDenied)).await;
    let text = page(&refused, 400, "Your identity provider did not let you in");
    assert!(!text.contains("<img") && text.contains("&#60;img src=x&#62;&#34;&#38;&#39;"), "{text}");
}

async fn a_sign_in_that_may_go_well_begins_anew(app: TestApp) {
    let organization = app.organization("globex", json!({})).await;
    let jwks = format!("{}/jwks?down", app.provider.issuer);
    let connection = app.connection_with(&organization, json!({ "jwks_url": jwks })).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    app.provider.set_path_down(Some("/jwks"));
    let refused = browser.bring(&back).await;
    app.provider.set_path_down(None);
    let text = page(&refused, 502, "Your identity provider does not answer");
    let again = link(&text, "refusal-again").unwrap();
    assert!(again.starts_with(BASE_URL) && again.contains(&connection), "{again}");
    assert_eq!(browser.get(&again).await.status, 302);
    assert_eq!(link(&text, "refusal-back").unwrap(), LOGIN_URL);
    // Another browser has it brought: who it was for is known, where it was to end is not, so only the way back is there.
    let elsewhere = Browser::new(&app).bring(&back).await;
    let text = page(&elsewhere, 400, "This sign-in cannot be finished here");
    assert_eq!(link(&text, "refusal-again"), None);
    assert_eq!(link(&text, "refusal-back").unwrap(), LOGIN_URL);
    assert!(!elsewhere.headers.contains_key(RETRY_AFTER));
}
