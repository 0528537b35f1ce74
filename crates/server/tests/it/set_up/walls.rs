//! What must not go through the portal: foreign forms and frames, foreign links and organizations, and hostile text.

use axum::body::Body;
use http::{Method, Request};
use serde_json::json;
use vestibule_server::routes;

use super::{Link, Visitor, fields};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::provider::CLIENT_ID;

on_both_engines!(
    a_form_of_another_site_does_nothing,
    a_session_is_not_given_to_a_browser,
    two_links_in_one_browser_do_not_disturb_each_other,
    another_organizations_connection_is_not_there,
    hostile_text_is_text,
    no_page_may_be_framed_and_none_runs_what_stands_in_it,
    every_page_asks_who_is_there,
);

async fn a_form_of_another_site_does_nothing(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    for site in ["cross-site", "same-site", "none"] {
        let mut browser = Browser::new(&app);
        browser.site = site;
        let refused = link.open(&mut browser).await;
        assert!(refused.status == 403 && browser.cookies.is_empty(), "{site}: {}", refused.text());
    }
    let mut visitor = Visitor::with(&app, &link).await;
    let form = fields(&visitor.get("/providers/okta").await);
    let chosen = [("protocol", "saml")];
    for site in ["cross-site", "same-site", "none"] {
        visitor.browser.site = site;
        assert_eq!(visitor.post("/providers/okta", form.clone(), &chosen).await.status, 403, "{site}");
    }
    visitor.browser.site = "same-origin";
    for token in ["", "wrong"] {
        let given = [("protocol", "saml"), ("form_token", token)];
        assert_eq!(visitor.post("/providers/okta", form.clone(), &given).await.status, 403);
    }
    assert!(link.seen(&app).await["connection_ids"].as_array().unwrap().is_empty());
    // A browser that does not say whose page it was says its origin; who says neither is none.
    let post = async |name: Option<(&'static str, &'static str)>| {
        let path = Link::made_in(&app, &link.organization, json!({})).await.path;
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some((name, value)) = name {
            request = request.header(name, value);
        }
        app.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    assert_eq!(post(Some(("origin", crate::app::BASE_URL))).await, 303);
    assert_eq!(post(Some(("origin", "https://evil.example.com"))).await, 403);
    assert_eq!(post(Some(("origin", "null"))).await, 403);
    assert_eq!(post(None).await, 403);
}

/// A cookie that somebody has planted is no session, and opening makes a new one.
async fn a_session_is_not_given_to_a_browser(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let name = format!("vestibule-setup-{}", link.home().rsplit('/').next().unwrap());
    let mut browser = Browser::new(&app);
    browser.cookies.insert(name.clone(), "planted".to_owned());
    assert_eq!(browser.get(&link.home()).await.status, 401);
    let opened = link.open(&mut browser).await;
    let cookie = opened.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert_ne!(browser.cookies[&name], "planted");
    let mut planted = Browser::new(&app);
    planted.cookies.insert(name, "planted".to_owned());
    assert_eq!(planted.get(&link.home()).await.status, 401);
}

async fn two_links_in_one_browser_do_not_disturb_each_other(app: TestApp) {
    let (acme, globex) =
        (Link::made(&app, "acme", json!({})).await, Link::made(&app, "globex", json!({})).await);
    let mut browser = Browser::new(&app);
    assert_eq!(acme.open(&mut browser).await.status, 303);
    assert_eq!(globex.open(&mut browser).await.status, 303);
    assert_eq!(browser.cookies.len(), 2);
    for (link, name) in [(&acme, "acme"), (&globex, "globex")] {
        let page = browser.get(&link.home()).await;
        assert!(page.status == 200 && page.text().contains(name), "{}", page.text());
    }
    // One's secret under the other's name opens nothing.
    let names: Vec<String> = browser.cookies.keys().cloned().collect();
    let (one, other) = (browser.cookies[&names[0]].clone(), browser.cookies[&names[1]].clone());
    browser.cookies.insert(names[0].clone(), other);
    browser.cookies.insert(names[1].clone(), one);
    for link in [&acme, &globex] {
        assert_eq!(browser.get(&link.home()).await.status, 401);
    }
}

async fn another_organizations_connection_is_not_there(app: TestApp) {
    let (acme, globex) =
        (Link::made(&app, "acme", json!({})).await, Link::made(&app, "globex", json!({})).await);
    let mut theirs = Visitor::with(&app, &globex).await;
    let at = theirs.choose("okta", "saml").await;
    let made_by_api = app.connection(&acme.organization).await;
    let mut visitor = Visitor::with(&app, &acme).await;
    for place in [at, format!("/connections/{made_by_api}"), "/connections/nonsense".to_owned()] {
        for page in
            ["create", "ours", "theirs", "attributes", "assign", "test", "enable", "nothing", "test/begin"]
        {
            let reply = visitor.get(&format!("{place}/{page}")).await;
            assert_eq!(reply.status, 404, "{place}/{page}: {}", reply.text());
        }
        let form = fields(&visitor.get("/providers/okta").await);
        assert_eq!(visitor.post(&format!("{place}/enable"), form, &[]).await.status, 404);
    }
}

async fn hostile_text_is_text(app: TestApp) {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let made = json!({ "organization_name": hostile, "organization_slug": "hostile" });
    app.post("/v1/b2b/organizations", made).await.ok();
    let link = Link::made_in(&app, "hostile", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let saml = visitor.choose("generic", "saml").await;
    let given =
        [("entity_id", hostile), ("sso_url", hostile), ("metadata_url", hostile), ("metadata_xml", hostile)];
    let mut pages = vec![Browser::new(&app).get(&link.path).await, visitor.get("").await];
    pages.push(visitor.submit(&format!("{saml}/theirs"), &given).await);
    pages.push(visitor.submit(&format!("{saml}/attributes"), &[("email", hostile)]).await);
    pages.push(visitor.get(&format!("{saml}/attributes")).await);
    let oidc = visitor.choose("generic", "oidc").await;
    let issuer = app.provider.issuer.clone();
    let given = [("issuer", issuer.as_str()), ("client_id", hostile), ("client_secret", CLIENT_ID)];
    pages.push(visitor.submit(&format!("{oidc}/theirs"), &given).await);
    for page in ["theirs", "attributes", "test", "enable"] {
        pages.push(visitor.get(&format!("{oidc}/{page}")).await);
    }
    let mut seen = 0;
    for page in pages {
        let text = page.text();
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{text}");
        seen += usize::from(text.contains("&#60;script&#62;alert"));
    }
    assert!(seen >= 5, "hostile text stood on {seen} pages");
}

async fn no_page_may_be_framed_and_none_runs_what_stands_in_it(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("okta", "saml").await;
    let pages = ["", "/providers", "/providers/okta", "/no/such/page"].map(str::to_owned).into_iter();
    let steps = ["create", "ours", "theirs", "attributes", "assign", "test", "enable"];
    for below in pages.chain(steps.iter().map(|step| format!("{at}/{step}"))) {
        let page = visitor.get(&below).await;
        if page.status == 404 {
            continue;
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert_eq!(page.headers["x-frame-options"], "DENY", "{below}");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"]
        {
            assert!(policy.contains(part) && !policy.contains("unsafe"), "{below}: {policy}");
        }
        let text = page.text();
        for inline in [" style=", "<style", " onclick", " onload", "javascript:", "<script>"] {
            assert!(!text.contains(inline), "{below} has {inline}");
        }
        let loaded = text.split("src=\"").skip(1).chain(text.split("rel=\"stylesheet\" href=\"").skip(1));
        for address in loaded {
            assert!(address.starts_with("/setup/assets/"), "{below} loads {address}");
        }
        assert!(text.len() < 20_000, "{below} has {} bytes", text.len());
    }
    // What pages load says what it is, and is kept.
    let page = visitor.get("").await.text();
    for mark in ["stylesheet\" href=\"", "script src=\""] {
        let address = page.split_once(mark).unwrap().1.split('"').next().unwrap();
        let asset = visitor.browser.get(address).await;
        assert!(
            asset.status == 200 && asset.headers["cache-control"].to_str().unwrap().contains("immutable")
        );
        assert!(asset.text().len() < 20_000);
    }
    assert_eq!(visitor.browser.get("/setup/assets/another.js").await.status, 404);
}

/// Each page in the list of endpoints: without a session it says so and shows nothing.
async fn every_page_asks_who_is_there(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut walked = 0;
    for endpoint in routes::endpoints().into_iter().filter(|endpoint| endpoint.door == "pages") {
        if !endpoint.path.contains("{setup_handle}") {
            continue;
        }
        walked += 1;
        let path = endpoint.path.replace("/setup/{setup_handle}", &link.home());
        let path = path
            .replace("{connection_id}", "saml-connection-test-00000000-0000-4000-8000-000000000000")
            .replace("{setup_provider}", "okta")
            .replace("{setup_page}", "theirs")
            .replace("{trace_id}", "sign-in-trace-test-00000000-0000-4000-8000-000000000000");
        let mut browser = Browser::new(&app);
        let reply = match endpoint.method {
            Method::GET => browser.get(&path).await,
            _ => browser.post(&path, &[]).await,
        };
        assert_eq!(reply.status, 401, "{} {path}: {}", endpoint.method, reply.text());
        assert!(
            !reply.text().contains("acme") && !reply.text().contains("Acme Software"),
            "{}",
            reply.text()
        );
    }
    assert!(walked >= 7, "{walked} pages");
}
