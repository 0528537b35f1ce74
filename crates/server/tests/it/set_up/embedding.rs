//! The portal in a frame of the vendor's application: of one origin, opened at once, without a cookie.

use serde_json::{Value, json};

use super::{LINKS, Link, Visitor, fields};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    a_frame_of_the_one_origin_goes_on_without_a_cookie,
    looking_at_a_link_for_a_frame_spends_nothing_and_a_frame_opens_it_once,
    a_link_for_a_frame_is_good_for_one_minute,
    a_secret_in_the_path_is_none_of_an_ordinary_link,
    a_frame_is_told_that_it_is_over,
    the_secret_of_a_frame_is_kept_nowhere,
    what_no_frame_can_be_is_refused,
);

const ORIGIN: &str = "https://app.example.com";

async fn link(app: &TestApp, more: Value) -> Link {
    let mut body = json!({ "embed_origin": ORIGIN });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    Link::made(app, "acme", body).await
}

/// A browser that asks for what it puts into a frame.
fn framing(app: &TestApp) -> Browser {
    let mut browser = Browser::new(app);
    (browser.dest, browser.site) = ("iframe", "cross-site");
    browser
}

/// Whoever goes on in a frame.
async fn framed(app: &TestApp, link: &Link) -> Visitor {
    let opened = framing(app).get(&link.path).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    assert!(opened.headers.get("set-cookie").is_none());
    let home = opened.headers["location"].to_str().unwrap().to_owned();
    assert!(home.starts_with(&format!("{}.", link.home())), "{home}");
    let mut browser = Browser::new(app);
    browser.dest = "iframe";
    Visitor { browser, home }
}

fn may_be_framed_by(page: &Reply) -> String {
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let found: Vec<&str> =
        policy.split("; ").filter_map(|part| part.strip_prefix("frame-ancestors ")).collect();
    let [only] = found[..] else { panic!("{policy}") };
    assert_eq!(page.headers.get("x-frame-options").is_none(), only != "'none'", "{only}");
    only.to_owned()
}

async fn a_frame_of_the_one_origin_goes_on_without_a_cookie(app: TestApp) {
    let link = link(&app, json!({})).await;
    assert_eq!(link.seen(&app).await["embed_origin"], ORIGIN);
    let mut visitor = framed(&app, &link).await;
    let at = visitor.choose("okta", "saml").await;
    for below in ["".to_owned(), "/providers".to_owned(), format!("{at}/ours"), format!("{at}/test")] {
        let page = visitor.get(&below).await;
        assert_eq!((page.status.as_u16(), may_be_framed_by(&page).as_str()), (200, ORIGIN), "{below}");
        assert!(page.headers.get("set-cookie").is_none() && visitor.browser.cookies.is_empty());
        let text = page.text();
        assert!(
            text.contains(&format!("data-embed=\"{ORIGIN}\"")) && text.contains("data-testid=\"new-tab\""),
            "{text}"
        );
    }
    // Forms are the session's own there, too.
    let page = visitor.get(&format!("{at}/create")).await;
    visitor.browser.site = "cross-site";
    assert_eq!(visitor.post(&format!("{at}/create"), fields(&page), &[]).await.status, 403);
}

async fn looking_at_a_link_for_a_frame_spends_nothing_and_a_frame_opens_it_once(app: TestApp) {
    let link = link(&app, json!({})).await;
    for _ in 0..3 {
        let page = Browser::new(&app).get(&link.path).await;
        assert_eq!((page.status.as_u16(), may_be_framed_by(&page).as_str()), (200, ORIGIN));
    }
    assert_eq!(link.seen(&app).await["status"], "created");
    framed(&app, &link).await;
    let again = framing(&app).get(&link.path).await;
    assert_eq!(
        (again.status.as_u16(), may_be_framed_by(&again).as_str()),
        (410, ORIGIN),
        "it says so in the frame"
    );
    assert_eq!(link.seen(&app).await["status"], "opened");
}

async fn a_link_for_a_frame_is_good_for_one_minute(app: TestApp) {
    let link = link(&app, json!({})).await;
    app.pass(60);
    assert_eq!(framing(&app).get(&link.path).await.status, 410);
    assert_eq!(link.seen(&app).await["status"], "expired");
}

async fn a_secret_in_the_path_is_none_of_an_ordinary_link(app: TestApp) {
    let link = Link::made(&app, "acme", json!({})).await;
    let looked = framing(&app).get(&link.path).await;
    assert_eq!((looked.status.as_u16(), may_be_framed_by(&looked).as_str()), (200, "'none'"));
    assert_eq!(link.seen(&app).await["status"], "created", "a frame opens none that is not for one");
    let mut visitor = Visitor::with(&app, &link).await;
    assert_eq!(may_be_framed_by(&visitor.get("").await), "'none'");
    let [secret] = visitor.browser.cookies.values().cloned().collect::<Vec<_>>().try_into().unwrap();
    let page = Browser::new(&app).get(&format!("{}.{secret}", link.home())).await;
    assert_eq!((page.status.as_u16(), may_be_framed_by(&page).as_str()), (401, "'none'"));
}

async fn a_frame_is_told_that_it_is_over(app: TestApp) {
    let link = link(&app, json!({ "session_minutes": 15 })).await;
    let mut visitor = framed(&app, &link).await;
    let mut guessed = Browser::new(&app);
    let page = guessed.get(&format!("{}.guessed", link.home())).await;
    assert_eq!((page.status.as_u16(), may_be_framed_by(&page).as_str()), (401, "'none'"));
    app.post(&format!("{LINKS}/{}/revoke", link.id), json!({})).await.ok();
    let over = visitor.get("/providers").await;
    assert_eq!((over.status.as_u16(), may_be_framed_by(&over).as_str()), (401, ORIGIN));
    assert!(over.text().contains("data-state=\"ended\""), "{}", over.text());

    let other =
        Link::made_in(&app, &link.organization, json!({ "embed_origin": ORIGIN, "session_minutes": 15 }))
            .await;
    let mut visitor = framed(&app, &other).await;
    app.pass(15 * 60);
    let over = visitor.get("").await;
    assert_eq!((over.status.as_u16(), may_be_framed_by(&over).as_str()), (401, ORIGIN));
}

/// A test goes through other tabs and rows of its own: none of them leads back by the secret.
async fn the_secret_of_a_frame_is_kept_nowhere(app: TestApp) {
    let link = link(&app, json!({})).await;
    let mut visitor = framed(&app, &link).await;
    let secret = visitor.home.split_once('.').unwrap().1.to_owned();
    let at = visitor.choose("microsoft-entra", "saml").await;
    let metadata = format!("{}/saml/metadata", app.provider.issuer);
    let preview = visitor.submit(&format!("{at}/theirs"), &[("metadata_url", &metadata)]).await;
    visitor.post(&format!("{at}/theirs"), fields(&preview), &[]).await;
    let begun = visitor.get(&format!("{at}/test/begin")).await;
    assert_eq!(begun.status, 302, "{}", begun.text());
    assert!(!begun.location_path().contains(&secret));
    let mut tab = Browser::new(&app);
    let to = tab.get(&begun.location_path()).await.location();
    let back = tab.answer_saml(&to, "ada@example.com", &[("fault", "wrong_audience")]).await;
    let page = tab.bring(&back).await;
    assert!(!page.text().contains(&secret) && !page.text().contains("test-back"), "{}", page.text());
    let shown = visitor.get(&format!("{at}/test")).await.text();
    assert!(shown.contains("data-testid=\"remedy\""), "{shown}");
    let actions = app.get("/v1/vestibule/events?limit=100").await.text();
    assert!(!actions.contains(&secret));
}

async fn what_no_frame_can_be_is_refused(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    for wrong in [
        json!({ "embed_origin": "*" }),
        json!({ "embed_origin": "https://*.example.com" }),
        json!({ "embed_origin": "https://app.example.com/path" }),
        json!({ "embed_origin": "https://app.example.com; script-src *" }),
        json!({ "embed_origin": "https://app.example.com;script-src" }),
        json!({ "embed_origin": "http://app.example.com" }),
        json!({ "embed_origin": "null" }),
        json!({ "embed_origin": ORIGIN, "reopen": true }),
        json!({ "embed_origin": ORIGIN, "contacts": ["it@example.com"] }),
        json!({ "embed_origin": ORIGIN, "expires_in_minutes": 60 }),
    ] {
        let mut body = json!({ "organization_id": organization, "intents": ["sso"] });
        for (name, value) in wrong.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = app.post(LINKS, body).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text());
    }
    let made = app.post(LINKS, json!({ "organization_id": organization, "intents": ["sso"], "embed_origin": "http://127.0.0.1:3000" }));
    assert_eq!(text(&made.await.ok()["setup_link"]["embed_origin"]), "http://127.0.0.1:3000");
}
