//! Domains through the portal: the record to copy, what was found, and what a link may and may not do with them.

use serde_json::{Value, json};

use super::{Link, Visitor, fields, steps};
use crate::app::{TestApp, on_both_engines, text as string};
use crate::name_server::{NameServer, Said, text};

on_both_engines!(
    a_domain_is_shown_by_pages_alone,
    what_was_found_is_told_beside_what_was_expected,
    what_is_no_domain_is_told_where_it_was_entered,
    a_link_that_is_not_for_domains_has_none,
    domains_that_are_asked_for_come_before_switching_on,
    a_shown_domain_is_the_vendors_to_remove,
    every_language_says_it,
    hostile_records_are_text,
);

async fn visited(app: &TestApp, more: Value) -> (TestApp, NameServer, Link, Visitor) {
    let names = NameServer::start().await;
    let app = app.asking_node(&names).await;
    let mut terms = json!({ "intents": ["domains"] });
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    let link = Link::made(&app, "acme", terms).await;
    let visitor = Visitor::with(&app, &link).await;
    (app, names, link, visitor)
}

/// What stands in a read-only field of a page.
fn value(page: &str, id: &str) -> String {
    let tag = page.split_once(&format!("id=\"{id}\" value=\"")).unwrap_or_else(|| panic!("{id} in {page}")).1;
    tag.split('"').next().unwrap().to_owned()
}

async fn added(visitor: &mut Visitor, domain: &str) -> String {
    let added = visitor.submit("/domains", &[("domain", domain)]).await;
    visitor.leads_to(&added)
}

/// Presses the button, some time after the last look.
async fn checked(app: &TestApp, visitor: &mut Visitor, at: &str) -> String {
    app.pass(6);
    let form = fields(&visitor.get(at).await);
    let looked = visitor.post(&format!("{at}/check"), form, &[]).await;
    assert_eq!(visitor.leads_to(&looked), at);
    visitor.get(at).await.text()
}

async fn a_domain_is_shown_by_pages_alone(app: TestApp) {
    let (app, names, link, mut visitor) = visited(&app, json!({ "pending_domains": ["acme.test"] })).await;
    let overview = visitor.get("").await.text();
    assert!(overview.contains(&format!("href=\"{}/domains\"", link.home())), "{overview}");
    assert!(!overview.contains("identity provider"), "{overview}");
    let list = visitor.get("/domains").await.text();
    assert!(list.contains("acme.test") && list.contains("data-testid=\"begin\""), "{list}");

    let at = added(&mut visitor, "ACME.test.").await;
    assert_eq!(at, "/domains/acme.test");
    let page = visitor.get(&at).await.text();
    assert!(page.contains("Waiting for your DNS record"), "{page}");
    assert_eq!(value(&page, "record-type"), "TXT");
    assert_eq!(value(&page, "record-name"), "_vestibule-challenge");
    assert_eq!(value(&page, "record-full-name"), "_vestibule-challenge.acme.test");
    let record = value(&page, "record-value");
    // What the page shows is what is looked for.
    names.say("_vestibule-challenge.acme.test", text(&record));
    let page = checked(&app, &mut visitor, &at).await;
    assert!(page.contains(">Verified<") && page.contains("The record is there."), "{page}");
    let seen = link.seen(&app).await;
    assert_eq!(
        (steps(&seen), &seen["status"]),
        (vec!["domain_added".to_owned(), "domain_verified".to_owned()], &json!("completed"))
    );
    let found = app.get(&format!("/v1/b2b/organizations/{}", link.organization)).await.ok();
    assert_eq!(found["organization"]["claimed_email_domains"], json!(["acme.test"]));
    assert!(visitor.get("").await.text().contains("data-testid=\"domains-state\">Verified<"));
}

async fn what_was_found_is_told_beside_what_was_expected(app: TestApp) {
    let (app, names, _, mut visitor) = visited(&app, json!({})).await;
    let at = added(&mut visitor, "mail.acme.test").await;
    let page = visitor.get(&at).await.text();
    assert_eq!(value(&page, "record-name"), "_vestibule-challenge.mail");
    let record = value(&page, "record-value");
    let label = "_vestibule-challenge.mail.acme.test";
    for (said, told) in [
        (None, "There is nothing at this name yet."),
        (
            Some(Said::Texts(vec!["v=spf1".to_owned(), "google-site=1".to_owned()])),
            "Text records at this name: <b translate=\"no\">2</b>.",
        ),
        (
            Some(Said::Alias("pages.example.com")),
            "The name points to <b translate=\"no\">pages.example.com</b>",
        ),
        (Some(Said::Code(2)), "did not give an answer that can be used"),
        (Some(Said::Silence), "No name server answered in time."),
    ] {
        if let Some(said) = said {
            names.say(label, said);
        }
        let page = checked(&app, &mut visitor, &at).await;
        assert!(page.contains(told) && page.contains("Last checked"), "{told}: {page}");
        assert_eq!(value(&page, "record-value"), record);
    }
    names.forget(label);
    names.say("_vestibule-challenge.mail.acme.test.acme.test", text(&record));
    let page = checked(&app, &mut visitor, &at).await;
    assert!(page.contains("its name ends in <b translate=\"no\">acme.test</b> twice"), "{page}");
    // Long after, nobody looks any more, and that is said; a button looks.
    app.pass(40 * 24 * 60 * 60);
    vestibule_server::domain_checks::due(&app.app).await.unwrap();
}

async fn what_is_no_domain_is_told_where_it_was_entered(app: TestApp) {
    let (app, _, link, mut visitor) = visited(&app, json!({})).await;
    for (given, told) in [
        ("com", "That is no domain of a company."),
        ("10.0.0.1", "That is no domain of a company."),
        ("", "That is no domain of a company."),
        ("<script>alert(1)</script>", "That is no domain of a company."),
        ("gmail.com", "a public mail service"),
    ] {
        let page = visitor.submit("/domains", &[("domain", given)]).await;
        assert_eq!(page.status, 422, "{}", page.text());
        let page = page.text();
        assert!(page.contains(told) && !page.contains("<script>alert"), "{given}: {page}");
    }
    let listed = app.get(&format!("/v1/vestibule/organizations/{}/domains", link.organization)).await.ok();
    assert_eq!(listed["domains"], json!([]));
    for nothing in ["/domains/acme.test", "/domains/com", "/domains/.."] {
        assert_eq!(visitor.get(nothing).await.status, 404, "{nothing}");
    }
}

async fn a_link_that_is_not_for_domains_has_none(app: TestApp) {
    let (app, _, link, mut visitor) = visited(&app, json!({})).await;
    added(&mut visitor, "acme.test").await;
    let more = json!({ "intents": ["sso"], "domain_verification": "off" });
    let narrow = Link::made_in(&app, &link.organization, more).await;
    let mut other = Visitor::with(&app, &narrow).await;
    let form = fields(&other.get("/providers/okta").await);
    for (method, below) in [
        ("GET", "/domains"),
        ("GET", "/domains/acme.test"),
        ("POST", "/domains"),
        ("POST", "/domains/acme.test/check"),
        ("POST", "/domains/acme.test/remove"),
    ] {
        let reply = match method {
            "GET" => other.get(below).await,
            _ => other.post(below, form.clone(), &[("domain", "evil.test")]).await,
        };
        assert_eq!(reply.status, 404, "{method} {below}: {}", reply.text());
    }
    assert!(!other.get("").await.text().contains("/domains"));
    // Another organization's link does not find it either, and has a record of its own.
    let foreign = Link::made(&app, "globex", json!({ "intents": ["domains"] })).await;
    let mut foreign = Visitor::with(&app, &foreign).await;
    assert_eq!(foreign.get("/domains/acme.test").await.status, 404);
    let at = added(&mut foreign, "acme.test").await;
    let (ours, theirs) = (visitor.get(&at).await.text(), foreign.get(&at).await.text());
    assert_ne!(value(&ours, "record-value"), value(&theirs, "record-value"));
    // And no form without the session's token.
    let refused = foreign.post(&format!("{at}/check"), Vec::new(), &[("form_token", "wrong")]).await;
    assert_eq!(refused.status, 403);
}

async fn domains_that_are_asked_for_come_before_switching_on(app: TestApp) {
    let more = json!({
        "intents": ["sso"], "domain_verification": "required", "pending_domains": ["acme.test"], "require_test": "off",
    });
    let (app, names, link, mut visitor) = visited(&app, more).await;
    let at = visitor.choose("keycloak", "oidc").await;
    let issuer = app.provider.issuer.clone();
    let values = [
        ("issuer", issuer.as_str()),
        ("client_id", crate::provider::CLIENT_ID),
        ("client_secret", crate::provider::CLIENT_SECRET),
    ];
    let kept = visitor.submit(&format!("{at}/theirs"), &values).await;
    assert!(kept.status == 303 || kept.status == 200, "{}", kept.text());
    let page = visitor.get(&format!("{at}/enable")).await.text();
    assert!(
        page.contains(&format!("href=\"{}/domains\"", link.home()))
            && page.contains("data-testid=\"not-yet\""),
        "{page}"
    );
    let form = fields(&visitor.get(&format!("{at}/ours")).await);
    assert_eq!(visitor.post(&format!("{at}/enable"), form.clone(), &[]).await.status, 422);
    // Another domain than the one that is asked for is not enough.
    for (domain, status) in [("other.test", 422), ("acme.test", 303)] {
        let domain = added(&mut visitor, domain).await;
        let record = value(&visitor.get(&domain).await.text(), "record-value");
        names.say(&format!("_vestibule-challenge.{}", domain.rsplit('/').next().unwrap()), text(&record));
        checked(&app, &mut visitor, &domain).await;
        let asked = visitor.post(&format!("{at}/enable"), form.clone(), &[]).await;
        assert_eq!(asked.status, status, "{}", asked.text());
    }
    assert!(visitor.get(&format!("{at}/enable")).await.text().contains("data-testid=\"active\""));
    let wrong = json!({ "organization_id": link.organization, "intents": ["domains"], "pending_domains": ["gmail.com"] });
    app.post(super::LINKS, wrong).await.refused(400, "organization_settings_domain_too_common");
}

async fn a_shown_domain_is_the_vendors_to_remove(app: TestApp) {
    let (app, names, link, mut visitor) = visited(&app, json!({})).await;
    let at = added(&mut visitor, "mistaken.test").await;
    let form = fields(&visitor.get(&at).await);
    let removed = visitor.post(&format!("{at}/remove"), form.clone(), &[]).await;
    assert_eq!(visitor.leads_to(&removed), "/domains");
    assert_eq!(visitor.get(&at).await.status, 404);
    let at = added(&mut visitor, "acme.test").await;
    let record = value(&visitor.get(&at).await.text(), "record-value");
    names.say("_vestibule-challenge.acme.test", text(&record));
    let page = checked(&app, &mut visitor, &at).await;
    assert!(!page.contains("data-testid=\"remove\""), "{page}");
    assert_eq!(visitor.post(&format!("{at}/remove"), form, &[]).await.status, 403);
    app.delete(&format!("/v1/vestibule/organizations/{}/domains/acme.test", link.organization)).await.ok();
    assert_eq!(visitor.get(&at).await.status, 404);
}

async fn every_language_says_it(app: TestApp) {
    for (locale, title, waiting) in [
        ("en", "Domains", "Waiting for your DNS record"),
        ("de", "Domains", "Wartet auf Ihren DNS-Eintrag"),
        ("fr", "Domaines", "En attente de votre enregistrement DNS"),
        ("es", "Dominios", "A la espera de su registro DNS"),
        ("ja", "ドメイン", "DNS レコードを待っています"),
    ] {
        let link =
            Link::made(&app, &format!("acme-{locale}"), json!({ "intents": ["domains"], "locale": locale }))
                .await;
        let mut visitor = Visitor::with(&app, &link).await;
        assert!(
            visitor.get("/domains").await.text().contains(&format!("<h1 data-testid=\"title\">{title}</h1>"))
        );
        let at = added(&mut visitor, "bücher.example").await;
        assert_eq!(at, "/domains/xn--bcher-kva.example");
        let page = visitor.get(&at).await.text();
        assert!(page.contains(waiting) && page.contains("bücher.example (xn--bcher-kva.example)"), "{page}");
    }
}

async fn hostile_records_are_text(app: TestApp) {
    let (app, names, link, mut visitor) = visited(&app, json!({})).await;
    let at = added(&mut visitor, "acme.test").await;
    let hostile = "<img src=x onerror=alert(1)>\"'`{{7*7}}\u{1b}[2J";
    names.say("_vestibule-challenge.acme.test", Said::Texts(vec![hostile.to_owned(); 9]));
    let page = checked(&app, &mut visitor, &at).await;
    assert!(
        page.contains("&#60;img src=x") && !page.contains("<img src=x") && !page.contains('\u{1b}'),
        "{page}"
    );
    let seen =
        app.get(&format!("/v1/vestibule/organizations/{}/domains/acme.test", link.organization)).await.ok();
    let found = &seen["domain"]["found"];
    assert_eq!((found["texts"].as_array().unwrap().len(), &found["texts_count"]), (5, &json!(9)));
    assert!(!string(&found["texts"][0]).contains('\u{1b}'));
}
