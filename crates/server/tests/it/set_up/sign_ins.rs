//! The pages of sign-ins: what became of each attempt, for the administrator of one organization.

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use super::{Link, Visitor};
use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::provider::CLIENT_SECRET;

on_both_engines!(
    sign_ins_are_listed_narrowed_and_paged,
    one_sign_in_is_told_step_by_step,
    a_link_shows_the_sign_ins_that_it_is_for,
    pages_are_in_the_language_that_was_chosen,
);

fn seeing() -> Value {
    json!({ "intents": ["sign_ins"] })
}

/// The rows of the list.
fn rows(page: &str) -> Vec<String> {
    let rows = page.split("data-testid=\"sign-in\"").skip(1);
    rows.map(|row| row.split("</tr>").next().unwrap().to_owned()).collect()
}

/// Where something on a page leads.
fn leads(part: &str, mark: &str) -> String {
    let (before, _) = part.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {part}"));
    before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&#38;", "&")
}

fn first(row: &str) -> String {
    row.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn sign_ins_are_listed_narrowed_and_paged(app: TestApp) {
    let link = Link::made(&app, "acme", seeing()).await;
    let mut visitor = Visitor::with(&app, &link).await;
    let empty = visitor.get("/sign-ins").await.text();
    assert!(empty.contains("Nobody has tried yet."), "{empty}");
    let connection = app.connection(&link.organization).await;
    let other = app.connection(&link.organization).await;
    for number in 0..27 {
        app.pass(60);
        app.session(&connection, &format!("person-{number}@example.com")).await;
    }
    app.pass(60);
    Browser::new(&app).sign_in_with(&other, "grace@example.com", Some(Fault::WrongAudience)).await;
    let page = visitor.get("/sign-ins").await.text();
    assert_eq!(rows(&page).len(), 25);
    assert!(rows(&page)[0].contains("Refused") && rows(&page)[0].contains("issuer"), "{page}");
    assert!(rows(&page)[1].contains("p…@example.com"), "{page}");
    assert!(!page.contains("person-26"), "nobody's address stands in the list: {page}");

    let older = leads(&page, "data-testid=\"older\"");
    let rest = visitor.browser.get(&older).await.text();
    assert_eq!(rows(&rest).len(), 3, "{rest}");
    assert!(!rest.contains("data-testid=\"older\""));
    let newest = leads(&rest, "data-testid=\"newest\"");
    assert_eq!(rows(&visitor.browser.get(&newest).await.text()), rows(&page));

    let count = async |visitor: &mut Visitor, query: &str| {
        rows(&visitor.get(&format!("/sign-ins?{query}")).await.text()).len()
    };
    assert_eq!(count(&mut visitor, "result=refused").await, 1);
    assert_eq!(count(&mut visitor, "result=tested").await, 0);
    assert_eq!(count(&mut visitor, &format!("connection={other}")).await, 1);
    assert_eq!(count(&mut visitor, &format!("connection={connection}&result=refused")).await, 0);
    assert_eq!(count(&mut visitor, "person=PERSON-3%40example.com").await, 1);
    assert_eq!(count(&mut visitor, "days=1").await, 25);
    app.pass(2 * 24 * 3600);
    let link = Link::made_in(&app, &link.organization, seeing()).await;
    let mut visitor = Visitor::with(&app, &link).await;
    assert_eq!(count(&mut visitor, "days=1").await, 0);
    assert_eq!(count(&mut visitor, "days=7").await, 25);
    // What no list says narrows nothing, and is no trouble.
    let page = visitor.get("/sign-ins?result=nonsense&connection=%27%3B&days=x&before=%00").await;
    assert!(page.status == 200 && rows(&page.text()).len() == 25, "{}", page.text());
}

async fn one_sign_in_is_told_step_by_step(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "intents": ["sign_ins"] })).await;
    let connection = app.connection_with(&link.organization, json!({ "identity_provider": "okta" })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    app.pass(60);
    app.session(&connection, "ada@example.com").await;
    app.pass(60);
    let settings = format!("/v1/b2b/sso/oidc/{}/connections/{connection}", link.organization);
    for secret in ["changed-secret-0001", CLIENT_SECRET] {
        let change = json!({ "display_name": "Another name", "client_secret": secret });
        app.put(&settings, change).await.ok();
    }
    app.pass(60);
    Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::WrongAudience)).await;
    let list = visitor.get("/sign-ins").await.text();
    let all = rows(&list);
    assert_eq!(all.len(), 2);

    let refused = visitor.browser.get(&first(&all[0])).await;
    assert_eq!(refused.status, 200, "{}", refused.text());
    let page = refused.text();
    assert!(page.contains("data-testid=\"remedy\"") && page.contains("<b>Refused</b>"), "{page}");
    assert!(page.contains("data-testid=\"setting\""), "in the words of the console: {page}");
    assert!(page.contains("The code was exchanged for tokens"), "{page}");
    assert!(page.contains("Somebody had signed in through this connection before"), "{page}");
    assert!(
        page.contains("<code>display_name</code>") && page.contains("<code>Another name</code>"),
        "{page}"
    );
    assert!(page.contains("[secret]") && !page.contains("changed-secret-0001"), "{page}");
    assert!(page.contains("Acme Software"), "whoever changed it: {page}");
    assert!(page.contains("is not kept, so it cannot be judged again"), "{page}");
    assert!(page.contains("Test Browser 1.0") && !page.contains("127.0.0.1"), "{page}");
    assert!(!page.contains("data-testid=\"test\""), "the link is not for tests: {page}");

    let accepted = visitor.browser.get(&first(&all[1])).await.text();
    assert!(accepted.contains("ada@example.com") && accepted.contains("nobody had signed in"), "{accepted}");
    assert!(accepted.contains("The connection was changed since then"), "{accepted}");
    assert!(!accepted.contains("data-testid=\"remedy\""), "{accepted}");
}

async fn a_link_shows_the_sign_ins_that_it_is_for(app: TestApp) {
    let acme = Link::made(&app, "acme", seeing()).await;
    let globex = Link::made(&app, "globex", seeing()).await;
    let [ours, second] = [app.connection(&acme.organization).await, app.connection(&acme.organization).await];
    let theirs = app.connection(&globex.organization).await;
    for (number, connection) in [&ours, &second, &theirs].into_iter().enumerate() {
        app.session(connection, &format!("person-{number}@example.com")).await;
        app.pass(1);
    }
    let mut visitor = Visitor::with(&app, &acme).await;
    let mut other = Visitor::with(&app, &globex).await;
    assert_eq!(rows(&visitor.get("/sign-ins").await.text()).len(), 2);
    let foreign = rows(&other.get("/sign-ins").await.text());
    assert_eq!(foreign.len(), 1);
    let trace = first(&foreign[0]).rsplit('/').next().unwrap().to_owned();
    for id in [trace.as_str(), "nonsense", "sign-in-trace-test-00000000-0000-4000-8000-000000000000"] {
        assert_eq!(visitor.get(&format!("/sign-ins/{id}")).await.status, 404, "{id}");
    }
    // A link for one connection shows that one's.
    let only = json!({ "intents": ["sign_ins"], "connection_id": ours });
    let mut narrow = Visitor::with(&app, &Link::made_in(&app, &acme.organization, only).await).await;
    assert_eq!(rows(&narrow.get("/sign-ins").await.text()).len(), 1);
    assert_eq!(rows(&narrow.get(&format!("/sign-ins?connection={second}")).await.text()).len(), 1);
    let all = rows(&visitor.get("/sign-ins").await.text());
    let hidden = first(&all[0]).rsplit('/').next().unwrap().to_owned();
    assert_eq!(narrow.get(&format!("/sign-ins/{hidden}")).await.status, 404);
    // And one for something else shows none, nor lets anything be changed.
    let mut without = Visitor::with(&app, &Link::made_in(&app, &acme.organization, json!({})).await).await;
    assert_eq!(without.get("/sign-ins").await.status, 404);
    assert_eq!(visitor.get("/providers").await.status, 404);
    assert_eq!(visitor.get(&format!("/connections/{ours}/theirs")).await.status, 404);
}

async fn pages_are_in_the_language_that_was_chosen(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "intents": ["sso", "sign_ins"], "locale": "fr" })).await;
    let mut browser = Browser::new(&app);
    let landing = browser.get(&link.path).await.text();
    assert!(landing.contains("<html lang=\"fr\">"), "{landing}");
    let chosen = browser.get(&format!("{}?language=de", link.path)).await;
    let cookie = chosen.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(chosen.text().contains("<html lang=\"de\">"), "{}", chosen.text());
    assert!(cookie.starts_with("vestibule-language=de;") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(
        !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "kept until the browser closes: {cookie}"
    );
    link.open(&mut browser).await;
    let home = link.home();
    for (query, language) in [
        ("", "de"),
        ("?language=ja", "ja"),
        ("", "ja"),
        ("?language=xx", "ja"),
        ("?language=en-GB", "en"),
        ("", "en"),
    ] {
        let page = browser.get(&format!("{home}/sign-ins{query}")).await.text();
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{query}: {page}");
    }
    // What was checked is said in the language too.
    let connection = app.connection(&link.organization).await;
    Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::TokenError)).await;
    let list = browser.get(&format!("{home}/sign-ins?language=de")).await.text();
    let one = browser.get(&first(&rows(&list)[0])).await.text();
    assert!(one.contains("Der Code wurde gegen Token getauscht") && one.contains("Abgelehnt"), "{one}");
    for (tag, name) in [("fr", "Français"), ("es", "Español"), ("ja", "日本語")] {
        assert!(
            one.contains(&format!("href=\"?language={tag}\" lang=\"{tag}\"")) && one.contains(name),
            "{one}"
        );
    }
}
