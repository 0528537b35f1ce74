//! Hostile text in everything that a page of the portal shows, and each page that can be reached: it stays text.

use std::collections::BTreeSet;

use http::Request;
use http::header::USER_AGENT;
use serde_json::json;
use vestibule_testidp::Fault;

use super::{Link, Visitor};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::saml_connections::certificate;
use crate::saml_idp::connect_in;

on_both_engines!(hostile_text_in_everything_stays_text_on_every_page);

const HOSTILE: &str = "</code></textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}";

/// Where a page leads, below the pages of the link.
fn leads(page: &str, home: &str) -> Vec<String> {
    let all = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let inside = all.filter(|path| path.starts_with(home) && !path.ends_with("/begin"));
    inside.map(|path| path.replace("&#38;", "&")).collect()
}

async fn hostile_text_in_everything_stays_text_on_every_page(app: TestApp) {
    let made = json!({ "organization_name": HOSTILE, "organization_slug": "hostile" });
    let made = app.post("/v1/b2b/organizations", made).await.ok();
    let organization = text(&made["organization"]["organization_id"]);
    let intents = json!({ "intents": ["sso", "certificates", "sign_ins", "audit_log"],
        "required_attributes": ["department"] });
    let link = Link::made_in(&app, &organization, intents).await;
    let mut visitor = Visitor::with(&app, &link).await;

    // Connections, by the API and by pages, with what a provider and an administrator can say.
    let named = json!({ "display_name": HOSTILE, "x509_certificate": certificate(HOSTILE, 2027) });
    connect_in(&app, &organization, named).await;
    let oidc = app.connection_with(&organization, json!({ "display_name": HOSTILE })).await;
    for protocol in ["saml", "oidc"] {
        let at = visitor.choose("generic", protocol).await;
        let name = at.rsplit('/').next().unwrap();
        let path = format!("/v1/b2b/sso/{protocol}/{organization}/connections/{name}");
        app.put(&path, json!({ "display_name": HOSTILE })).await.ok();
        let given = [
            ("entity_id", HOSTILE),
            ("client_id", HOSTILE),
            ("client_secret", HOSTILE),
            ("issuer", "https://a.example"),
        ];
        let saved = visitor.submit(&format!("{at}/theirs"), &given).await.text();
        assert!(!saved.contains("<script>alert") && !saved.contains("<img"), "{saved}");
        visitor.submit(&format!("{at}/attributes"), &[("email", HOSTILE), ("groups", HOSTILE)]).await;
    }
    // Sign-ins, with what a provider and a browser say.
    let start =
        format!("/v1/public/sso/start?connection_id={oidc}&public_token={}", app.project.public_token);
    let request = Request::get(&start).header(USER_AGENT, HOSTILE).body(axum::body::Body::empty()).unwrap();
    app.send(request).await;
    // The provider takes nobody whose address is none.
    let hostile = format!("{}@example.com", HOSTILE.replace(' ', "/"));
    for (person, fault) in [
        (hostile.as_str(), None),
        ("ada@example.com", Some(Fault::AccessDenied)),
        ("ada@example.com", Some(Fault::TokenError)),
    ] {
        app.pass(1);
        Browser::new(&app).sign_in_with(&oidc, person, fault).await;
    }

    let mut waiting = vec![visitor.home.clone()];
    let (mut seen, mut escaped) = (BTreeSet::new(), 0);
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let page = visitor.browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let page = page.text();
        for raw in ["<script>alert", "<img", "</textarea><script"] {
            assert!(!page.contains(raw), "{path}: {raw} in {page}");
        }
        escaped += usize::from(page.contains("&#60;script&#62;alert"));
        waiting.extend(leads(&page, &link.home()));
    }
    let hostile = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    for below in [
        "sign-ins?person=",
        "sign-ins?connection=",
        "sign-ins?before=",
        "changes?before=",
        "sign-ins?language=",
    ] {
        let page = visitor.get(&format!("/{below}{hostile}")).await.text();
        assert!(!page.contains("<script>alert") && !page.contains("<img"), "{below}: {page}");
    }
    for page in ["/certificates", "/sign-ins", "/changes"] {
        assert!(seen.contains(&format!("{}{page}", link.home())), "{page} was not reached: {seen:?}");
    }
    assert!(seen.len() >= 30, "{} pages were reached: {seen:?}", seen.len());
    assert!(escaped >= 25, "hostile text stood on {escaped} pages");
}
