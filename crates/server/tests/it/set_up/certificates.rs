//! What ends when: the pages, the API and the mails about certificates and secrets, and what takes the place of one.

use serde_json::{Value, json};
use vestibule_server::certificate_expiry::{Reminders, announce};

use super::{Link, Visitor};
use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::saml_connections::certificate;
use crate::saml_idp::{At, certificate as signing_certificate, connect_in};

on_both_engines!(
    the_next_certificate_stands_beside_the_old_one_until_it_was_seen,
    what_ends_is_told_by_page_and_by_the_api,
    a_client_secret_has_an_end_if_somebody_says_so,
    contacts_are_told_once_and_each_has_a_link_of_their_own,
    nobody_is_told_of_what_has_a_successor_or_when_mails_are_off,
    a_link_renews_what_it_is_for_and_nothing_else,
    what_was_changed_is_listed,
);

const DAY: i64 = 86_400;

fn renewing() -> Value {
    json!({ "intents": ["certificates"] })
}

fn cards(page: &str) -> Vec<String> {
    let cards = page.split("data-testid=\"certificate\"").skip(1);
    cards.map(|card| card.split("</form>").next().unwrap().to_owned()).collect()
}

/// The id by which a card's certificate is removed.
fn id_of(card: &str) -> String {
    let rest = card.split("name=\"certificate_id\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn acting(visitor: &mut Visitor, below: &str, given: &[(&str, &str)]) -> crate::reply::Reply {
    let token = super::fields(&visitor.get(below).await);
    let token = token.into_iter().filter(|(name, _)| name == "form_token").take(1).collect();
    visitor.post(below, token, given).await
}

async fn the_next_certificate_stands_beside_the_old_one_until_it_was_seen(app: TestApp) {
    let link = Link::made(&app, "acme", renewing()).await;
    let settings = json!({ "x509_certificate": certificate("old", 2027) });
    let at: At = connect_in(&app, &link.organization, settings).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let below = format!("/certificates/{}", at.connection);
    let page = visitor.get(&below).await.text();
    assert_eq!(cards(&page).len(), 1, "{page}");
    assert!(
        page.contains("Waiting for the first sign-in with it.") && !page.contains("data-testid=\"remove\"")
    );

    assert_eq!(acting(&mut visitor, &below, &[("do", "add")]).await.status, 422);
    let wrong = acting(&mut visitor, &below, &[("do", "add"), ("certificate", "nonsense")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("data-testid=\"trouble\""), "{}", wrong.text());
    let next = signing_certificate(&app);
    let added = acting(&mut visitor, &below, &[("do", "add"), ("certificate", &next)]).await;
    assert_eq!(visitor.leads_to(&added), below);
    let page = visitor.get(&below).await.text();
    assert_eq!(cards(&page).len(), 2, "{page}");
    assert_eq!(page.matches("Waiting for the first sign-in with it.").count(), 2);
    // Adding it again adds nothing.
    acting(&mut visitor, &below, &[("do", "add"), ("certificate", &next)]).await;
    assert_eq!(cards(&visitor.get(&below).await.text()).len(), 2);

    app.pass(60);
    Browser::new(&app).saml_token(&at, "ada@example.com").await;
    let page = visitor.get(&below).await.text();
    let seen: Vec<bool> =
        cards(&page).iter().map(|card| card.contains("Seen in a sign-in, last on")).collect();
    assert_eq!(seen, [false, true], "{page}");

    // The one in use is asked about, the old one is not, and the last stays.
    let all = cards(&page);
    let (old, new) = (id_of(&all[0]), id_of(&all[1]));
    let asked = acting(&mut visitor, &below, &[("do", "remove"), ("certificate_id", &new)]).await;
    assert!(asked.status == 422 && asked.text().contains("Somebody signed in by it"), "{}", asked.text());
    let removed = acting(&mut visitor, &below, &[("do", "remove"), ("certificate_id", &old)]).await;
    assert_eq!(visitor.leads_to(&removed), below);
    let last =
        acting(&mut visitor, &below, &[("do", "remove"), ("certificate_id", &new), ("sure", "yes")]).await;
    assert!(last.status == 422 && last.text().contains("It is the only one."), "{}", last.text());
    Browser::new(&app).saml_token(&at, "grace@example.com").await;
    let seen = link.seen(&app).await;
    assert_eq!(
        (seen["status"].as_str(), super::steps(&seen)),
        (Some("completed"), vec!["certificate_added".to_owned()])
    );
}

async fn expirations(app: &TestApp, organization: &str) -> Vec<Value> {
    let found = app.get(&format!("/v1/vestibule/organizations/{organization}/expirations")).await.ok();
    found["expirations"].as_array().unwrap().clone()
}

async fn what_ends_is_told_by_page_and_by_the_api(app: TestApp) {
    let link = Link::made(&app, "acme", renewing()).await;
    assert_eq!(expirations(&app, &link.organization).await, Vec::<Value>::new());
    let mut visitor = Visitor::with(&app, &link).await;
    assert!(visitor.get("/certificates").await.text().contains("Nothing is known to end."));
    let settings = json!({ "x509_certificate": certificate("soon", 2027) });
    let at = connect_in(&app, &link.organization, settings).await;
    let found = expirations(&app, &link.organization).await;
    let types: Vec<&str> = found.iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["provider_certificate", "signing_certificate"]);
    assert_eq!((&found[0]["state"], &found[0]["has_successor"]), (&json!("later"), &json!(false)));
    assert_eq!(found[0]["connection_id"], at.connection.as_str());
    app.pass(320 * DAY);
    let link = Link::made_in(&app, &link.organization, renewing()).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let page = visitor.get("/certificates").await.text();
    assert!(page.contains("It ends soon. Give us the next one."), "{page}");
    assert!(page.contains(&format!("{}/certificates/{}", link.home(), at.connection)), "{page}");
    assert_eq!(expirations(&app, &link.organization).await[0]["state"], "due");
    // Somebody else's ends are not told.
    let other = app.organization("globex", json!({})).await;
    assert_eq!(expirations(&app, &other).await, Vec::<Value>::new());
}

async fn a_client_secret_has_an_end_if_somebody_says_so(app: TestApp) {
    let link = Link::made(&app, "acme", renewing()).await;
    let connection = app.connection(&link.organization).await;
    let below = format!("/certificates/{connection}");
    let mut visitor = Visitor::with(&app, &link).await;
    assert!(visitor.get(&below).await.text().contains("Nobody has told us when it ends."));
    let wrong = acting(&mut visitor, &below, &[("do", "secret"), ("ends_on", "31.12.2027")]).await;
    assert_eq!(wrong.status, 422);
    let said = acting(&mut visitor, &below, &[("do", "secret"), ("ends_on", "2027-02-01")]).await;
    assert_eq!(visitor.leads_to(&said), below);
    assert!(visitor.get(&below).await.text().contains("2027-02-01"));
    let found = expirations(&app, &link.organization).await;
    assert_eq!(
        (found.len(), &found[0]["type"], &found[0]["state"]),
        (1, &json!("client_secret"), &json!("due"))
    );
    app.session(&connection, "ada@example.com").await;
    // Another secret has no end until somebody says it, and is never shown.
    acting(&mut visitor, &below, &[("do", "secret"), ("client_secret", "the-next-secret-0001")]).await;
    assert_eq!(expirations(&app, &link.organization).await, Vec::<Value>::new());
    assert!(!visitor.get(&below).await.text().contains("the-next-secret-0001"));
}

async fn contacts_are_told_once_and_each_has_a_link_of_their_own(app: TestApp) {
    let vendor = json!({ "contacts": ["it@acme.example", "second@acme.example"], "locale": "de" });
    let link = Link::made(&app, "acme", vendor).await;
    let revoked = json!({ "contacts": ["gone@acme.example"] });
    let revoked = Link::made_in(&app, &link.organization, revoked).await;
    app.post(&format!("{}/{}/revoke", super::LINKS, revoked.id), json!({})).await.ok();
    let at =
        connect_in(&app, &link.organization, json!({ "x509_certificate": certificate("soon", 2027) })).await;
    app.pass(261 * DAY);
    let second = app.second_node().await;
    for (days, mails) in [(0, 1), (1, 1), (58, 2), (1, 2), (23, 3), (6, 4), (1, 4)] {
        app.pass(days * DAY);
        let nodes = (announce(&app.app, Reminders::Mailed), announce(&second.app, Reminders::Mailed));
        let (one, other) = tokio::join!(nodes.0, nodes.1);
        one.unwrap();
        other.unwrap();
        // And after a restart.
        announce(&app.app, Reminders::Mailed).await.unwrap();
        for who in ["it@acme.example", "second@acme.example"] {
            let told = app.messages_to(who).await;
            assert_eq!(told.len(), mails, "{who} after {days} more days");
        }
    }
    assert!(app.messages_to("gone@acme.example").await.is_empty());
    let told = app.messages_to("it@acme.example").await;
    assert!(told[3].subject.contains("endet am 2027-12-31"), "{}", told[3].subject);
    let path = |text: &str| {
        let url = text.lines().find(|line| line.starts_with(BASE_URL)).unwrap();
        url.strip_prefix(BASE_URL).unwrap().to_owned()
    };
    let other = app.messages_to("second@acme.example").await;
    assert_ne!(path(&told[3].text), path(&other[3].text));
    let mut browser = Browser::new(&app);
    let opened = browser.post(&path(&told[3].text), &[]).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let home = opened.headers["location"].to_str().unwrap().to_owned();
    let page = browser.get(&format!("{home}/certificates/{}", at.connection)).await;
    assert!(page.status == 200 && page.text().contains("<html lang=\"de\">"), "{}", page.text());
    assert_eq!(browser.get(&format!("{home}/providers")).await.status, 404);
}

async fn nobody_is_told_of_what_has_a_successor_or_when_mails_are_off(app: TestApp) {
    let vendor = json!({ "contacts": ["it@acme.example"] });
    let link = Link::made(&app, "acme", vendor).await;
    let both = format!("{}\n{}", certificate("soon", 2027), certificate("late", 2040));
    connect_in(&app, &link.organization, json!({ "x509_certificate": both })).await;
    app.pass(261 * DAY);
    assert_eq!(announce(&app.app, Reminders::Mailed).await.unwrap(), 1, "the audit trail has it");
    assert!(app.messages_to("it@acme.example").await.is_empty());
    let off = Link::made(&app, "globex", json!({ "contacts": ["it@globex.example"] })).await;
    connect_in(&app, &off.organization, json!({ "x509_certificate": certificate("soon", 2027) })).await;
    assert_eq!(announce(&app.app, Reminders::Off).await.unwrap(), 1);
    assert_eq!(announce(&app.app, Reminders::Mailed).await.unwrap(), 0);
    assert!(app.messages_to("it@globex.example").await.is_empty());
}

async fn a_link_renews_what_it_is_for_and_nothing_else(app: TestApp) {
    let acme = Link::made(&app, "acme", renewing()).await;
    let globex = Link::made(&app, "globex", renewing()).await;
    let soon = || json!({ "x509_certificate": certificate("soon", 2027) });
    let ours = connect_in(&app, &acme.organization, soon()).await;
    let oidc = app.connection(&acme.organization).await;
    let theirs = connect_in(&app, &globex.organization, soon()).await;
    let mut visitor = Visitor::with(&app, &acme).await;
    for id in
        [theirs.connection.as_str(), "nonsense", "saml-connection-test-00000000-0000-4000-8000-000000000000"]
    {
        assert_eq!(visitor.get(&format!("/certificates/{id}")).await.status, 404, "{id}");
        let token = super::fields(&visitor.get(&format!("/certificates/{}", ours.connection)).await);
        let posted = visitor.post(&format!("/certificates/{id}"), token, &[("do", "read")]).await;
        assert_eq!(posted.status, 404, "{id}");
    }
    let only = json!({ "intents": ["certificates"], "connection_id": oidc });
    let mut narrow = Visitor::with(&app, &Link::made_in(&app, &acme.organization, only).await).await;
    assert_eq!(narrow.get(&format!("/certificates/{}", ours.connection)).await.status, 404);
    assert_eq!(narrow.get(&format!("/certificates/{oidc}")).await.status, 200);
    // Nothing but what ends is changed with it, and what it is not for cannot be reached.
    for below in [
        "/providers".to_owned(),
        "/sign-ins".to_owned(),
        "/changes".to_owned(),
        format!("/connections/{}/theirs", ours.connection),
    ] {
        assert_eq!(visitor.get(&below).await.status, 404, "{below}");
    }
    let mut without = Visitor::with(&app, &Link::made_in(&app, &acme.organization, json!({})).await).await;
    assert_eq!(without.get("/certificates").await.status, 404);
    let metadata = app.provider.saml().metadata().unwrap();
    let other = metadata.replace(app.provider.saml().entity_id(), "https://somebody-else.example");
    let below = format!("/certificates/{}", ours.connection);
    let token = super::fields(&visitor.get(&below).await);
    let foreign = visitor.post(&below, token, &[("do", "add"), ("metadata_file", &other)]).await;
    assert!(
        foreign.status == 422 && foreign.text().contains("data-testid=\"trouble\""),
        "{}",
        foreign.text()
    );
}

async fn what_was_changed_is_listed(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "intents": ["sso", "audit_log"] })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let at = visitor.choose("okta", "oidc").await;
    let given =
        [("domain", "acme.okta.com"), ("client_id", "a-client"), ("client_secret", "a-secret-of-twenty-ch")];
    visitor.submit(&format!("{at}/theirs"), &given).await;
    app.member(&link.organization, "ada@example.com", json!({})).await;
    let page = visitor.get("/changes").await.text();
    assert!(page.contains("<code>connection.create</code>") && page.contains("with a set-up link"), "{page}");
    assert!(page.contains("<code>client_id</code>") && page.contains("[secret]"), "{page}");
    assert!(!page.contains("a-secret-of-twenty-ch") && !page.contains("ada@example.com"), "{page}");
    let connection = at.rsplit('/').next().unwrap();
    let settings = format!("/v1/b2b/sso/oidc/{}/connections/{connection}", link.organization);
    for number in 0..30 {
        app.pass(1);
        app.put(&settings, json!({ "display_name": format!("Name {number}") })).await.ok();
    }
    let page = visitor.get("/changes").await.text();
    assert_eq!(page.matches("data-testid=\"change\"").count(), 25);
    let older = page.split("data-testid=\"older\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let older = older.split('"').next().unwrap();
    let rest = visitor.browser.get(older).await.text();
    assert!(rest.contains("<code>connection.create</code>") && !rest.contains("Name 29"), "{rest}");
    // Another organization's is its own.
    let other = Link::made(&app, "globex", json!({ "intents": ["audit_log"] })).await;
    let mut other = Visitor::with(&app, &other).await;
    assert!(!other.get("/changes").await.text().contains("Name 1"));
}
