//! Links: made, looked at, opened once, taken back.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_domain::outbox::Recipient;

use super::{LINKS, Link, Visitor, steps};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;

on_both_engines!(
    looking_at_a_link_spends_nothing_and_opening_it_is_once,
    of_many_who_open_a_link_at_once_one_does,
    a_link_that_is_over_says_so_and_tells_nobody_whose_it_is,
    a_link_is_taken_back_at_once,
    a_session_ends_by_itself_and_a_link_that_may_is_opened_again,
    a_contact_shows_that_mail_reaches_them,
    links_are_listed_by_what_became_of_them,
    what_no_link_can_be_is_refused,
    another_link_is_asked_for_and_not_for_ever,
);

async fn looking_at_a_link_spends_nothing_and_opening_it_is_once(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    assert_eq!(link.seen(&app).await["status"], "created");
    for _ in 0..10 {
        let page = Browser::new(&app).get(&link.path).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("<b translate=\"no\">acme</b>"), "{}", page.text());
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(page.headers[name], value);
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.headers.contains_key("set-cookie"));
    }
    assert_eq!(link.seen(&app).await["status"], "created");

    let mut visitor = Visitor::with(&app, &link).await;
    let overview = visitor.get("").await;
    assert!(overview.text().contains("No identity provider is connected yet."), "{}", overview.text());
    let seen = link.seen(&app).await;
    assert_eq!(
        (&seen["status"], &seen["opened_from"]["user_agent"]),
        (&json!("opened"), &json!("Test Browser 1.0"))
    );
    // Whoever has opened it goes on by it; anybody else is told, with a status of its own.
    let again = visitor.browser.get(&link.path).await;
    assert!(
        again.status == 200 && again.text().contains(&format!("href=\"{}\"", link.home())),
        "{}",
        again.text()
    );
    let mut other = Browser::new(&app);
    for reply in [other.get(&link.path).await, link.open(&mut other).await] {
        assert_eq!(reply.status, 410, "{}", reply.text());
        assert!(reply.text().contains("This link is already in use") && !reply.text().contains("acme"));
    }
    assert_eq!(other.get(&link.home()).await.status, 401);
}

async fn of_many_who_open_a_link_at_once_one_does(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let other = app.second_node().await;
    let mut tries = JoinSet::new();
    for number in 0..8 {
        let node = if number % 2 == 0 { app.clone() } else { other.clone() };
        let path = link.path.clone();
        tries.spawn(async move { Browser::new(&node).post(&path, &[]).await.status.as_u16() });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410, 410, 410, 410, 410]);
}

async fn a_link_that_is_over_says_so_and_tells_nobody_whose_it_is(app: TestApp) {
    let mut browser = Browser::new(&app);
    let nobody = browser.get("/setup/start/nothing-like-a-token").await;
    assert!(nobody.status == 404 && nobody.text().contains("There is no such link"), "{}", nobody.text());
    let link = Link::made(&app, "acme", json!({ "expires_in_minutes": 5 })).await;
    app.pass(5 * 60);
    for reply in [browser.get(&link.path).await, link.open(&mut browser).await] {
        assert!(reply.status == 410 && reply.text().contains("This link has ended"), "{}", reply.text());
        assert!(
            !reply.text().contains("acme") && !reply.text().contains("Acme Software"),
            "{}",
            reply.text()
        );
    }
    assert_eq!(link.seen(&app).await["status"], "expired");
}

async fn a_link_is_taken_back_at_once(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let mut visitor = Visitor::with(&app, &link).await;
    assert_eq!(visitor.get("/providers").await.status, 200);
    let revoked = app.post(&format!("{LINKS}/{}/revoke", link.id), json!({})).await.ok();
    assert_eq!(revoked["setup_link"]["status"], "revoked");
    for below in ["", "/providers"] {
        assert_eq!(visitor.get(below).await.status, 401, "what was begun has ended");
    }
    let page = Browser::new(&app).get(&link.path).await;
    assert!(page.status == 410 && page.text().contains("This link was taken back"), "{}", page.text());
    // Once more changes nothing.
    let again = app.post(&format!("{LINKS}/{}/revoke", link.id), json!({})).await.ok();
    assert_eq!(again["setup_link"]["revoked_at"], revoked["setup_link"]["revoked_at"]);
    app.post(&format!("{LINKS}/nonsense/revoke"), json!({})).await.refused(404, "setup_link_not_found");
}

async fn a_session_ends_by_itself_and_a_link_that_may_is_opened_again(app: TestApp) {
    let link = Link::made(&app, "acme", json!({ "session_minutes": 90, "reopen": true })).await;
    let mut visitor = Visitor::with(&app, &link).await;
    app.pass(59 * 60);
    assert_eq!(visitor.get("").await.status, 200);
    app.pass(30 * 60);
    assert_eq!(visitor.get("").await.status, 200, "it was used meanwhile");
    app.pass(60);
    let over = visitor.get("").await;
    assert!(over.status == 401 && over.text().contains("Your session has ended"), "{}", over.text());
    assert_eq!(link.open(&mut visitor.browser).await.status, 303);
    assert_eq!(visitor.get("").await.status, 200);
}

async fn a_contact_shows_that_mail_reaches_them(app: TestApp) {
    let contacts = json!({ "contacts": ["grace@acme.example.com", "ada@acme.example.com"] });
    let link = Link::made(&app, "acme", contacts).await;
    let mut browser = Browser::new(&app);
    let page = browser.get(&link.path).await.text();
    assert!(page.contains("g…@acme.example.com") && !page.contains("grace@"), "{page}");
    assert_eq!(link.open(&mut browser).await.status, 422, "nobody has shown anything");

    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let send = format!("{}/code", link.path);
    let sent = browser.post(&send, &[field("contact", "1")]).await;
    assert!(sent.status == 200 && sent.text().contains("a…@acme.example.com"), "{}", sent.text());
    assert_eq!(browser.post(&send, &[field("contact", "7")]).await.status, 422);
    let messages = app.messages_to("ada@acme.example.com").await;
    assert!(matches!(messages[0].to, Recipient::Email(_)) && messages[0].subject.contains("acme"));
    let code: String = messages[0].text.lines().find(|line| line.len() == 6).unwrap().to_owned();

    let wrong = if code == "000000" { "111111" } else { "000000" };
    let tried = browser.post(&link.path, &[field("contact", "1"), field("code", wrong)]).await;
    assert!(tried.status == 422 && tried.text().contains("This is not the code"), "{}", tried.text());
    // A code that was sent to one is nothing of another.
    let tried = browser.post(&link.path, &[field("contact", "0"), field("code", &code)]).await;
    assert_eq!(tried.status, 422);
    let opened = browser.post(&link.path, &[field("contact", "1"), field("code", &code)]).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    assert_eq!(link.seen(&app).await["opened_from"]["contact"], "ada@acme.example.com");

    // Guessing ends after five tries of a code, whoever tries.
    let link = Link::made_in(&app, &link.organization, json!({ "contacts": ["ada@acme.example.com"] })).await;
    let send = format!("{}/code", link.path);
    browser.post(&send, &[field("contact", "0")]).await;
    let messages = app.messages_to("ada@acme.example.com").await;
    let code: String = messages.last().unwrap().text.lines().find(|line| line.len() == 6).unwrap().to_owned();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        browser.post(&link.path, &[field("contact", "0"), field("code", wrong)]).await;
    }
    let late = browser.post(&link.path, &[field("contact", "0"), field("code", &code)]).await;
    assert_eq!(late.status, 422, "{}", late.text());
}

async fn links_are_listed_by_what_became_of_them(app: TestApp) {
    let made = Link::made(&app, "acme", json!({})).await;
    let opened = Link::made_in(&app, &made.organization, json!({})).await;
    Visitor::with(&app, &opened).await;
    let revoked = Link::made(&app, "globex", json!({})).await;
    app.post(&format!("{LINKS}/{}/revoke", revoked.id), json!({})).await.ok();
    let ids = async |query: &str| -> Vec<String> {
        let listed = app.get(&format!("{LINKS}?{query}")).await.ok();
        listed["setup_links"].as_array().unwrap().iter().map(|link| text(&link["setup_link_id"])).collect()
    };
    assert_eq!(ids("status=created").await, std::slice::from_ref(&made.id));
    assert_eq!(ids("status=opened").await, std::slice::from_ref(&opened.id));
    assert_eq!(ids("status=revoked").await, std::slice::from_ref(&revoked.id));
    assert_eq!(ids("organization_id=globex").await, std::slice::from_ref(&revoked.id));
    assert_eq!(ids("").await.len(), 3);
    // A page after the other.
    let first = app.get(&format!("{LINKS}?limit=2")).await.ok();
    let rest = app.get(&format!("{LINKS}?limit=2&cursor={}", text(&first["next_cursor"]))).await.ok();
    assert_eq!((rest["setup_links"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    app.get(&format!("{LINKS}?status=lost")).await.refused(400, "invalid_field");
    app.get(&format!("{LINKS}?organization_id=nobody")).await.refused(404, "organization_not_found");
    assert!(app.other_project().await.get(LINKS).await.ok()["setup_links"].as_array().unwrap().is_empty());
    let actions = app.get("/v1/vestibule/events").await.ok()["events"].to_string();
    for action in ["setup_link.create", "setup_link.open", "setup_link.revoke"] {
        assert!(actions.contains(action), "{action}: {actions}");
    }
    assert!(!actions.contains(made.path.rsplit('/').next().unwrap()), "the token stands in no event");
}

async fn what_no_link_can_be_is_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let others = app.organization("globex", json!({})).await;
    for wrong in [
        json!({ "intents": [] }),
        json!({ "intents": ["everything"] }),
        json!({ "protocols": ["kerberos"] }),
        json!({ "identity_providers": ["nobody"] }),
        json!({ "expires_in_minutes": 1 }),
        json!({ "session_minutes": 100_000 }),
        json!({ "contacts": ["no address"] }),
        json!({ "require_test": "perhaps" }),
        json!({ "locale": "de; drop" }),
        json!({ "required_attributes": ["<script>"] }),
        json!({ "return_url": "https://evil.example.com/" }),
    ] {
        let mut body = json!({ "organization_id": organization, "intents": ["sso"] });
        for (name, value) in wrong.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = app.post(LINKS, body).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text());
    }
    let foreign = json!({ "organization_id": others, "intents": ["sso"], "connection_id": connection });
    app.post(LINKS, foreign).await.refused(404, "sso_connection_not_found");
    let own = json!({ "organization_id": organization, "intents": ["sso"], "connection_id": connection });
    app.post(LINKS, own).await.ok();
}

async fn another_link_is_asked_for_and_not_for_ever(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    Visitor::with(&app, &link).await;
    let mut other = Browser::new(&app);
    let renewal = format!("{}/renewal", link.path);
    for _ in 0..3 {
        let asked = other.post(&renewal, &[]).await;
        assert!(
            asked.status == 200 && asked.text().contains("You have asked for a new link"),
            "{}",
            asked.text()
        );
    }
    assert_eq!(other.post(&renewal, &[]).await.status, 429);
    let events = app.get("/v1/vestibule/events?action=setup_link.request_renewal").await.ok();
    assert_eq!(events["events"].as_array().unwrap().len(), 3);
    assert_eq!(events["events"][0]["actor"]["type"], "setup_link");
    assert!(steps(&link.seen(&app).await).is_empty());
}
