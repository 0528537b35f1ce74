//! What a browser keeps of its sign-in: good at every node, for its state alone, once.

use serde_json::json;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::time::Time;
use vestibule_store::Read;
use vestibule_store::tables::redirects;

use crate::app::{TestApp, on_both_engines};
use crate::browser::{Browser, Return};

on_both_engines!(
    a_start_leaves_nothing_in_the_store,
    a_ticket_is_good_at_every_node,
    a_ticket_that_was_altered_is_another_browsers,
    a_ticket_is_good_for_its_state_alone,
    an_answer_brought_many_times_at_once_signs_in_once,
    a_refusal_uses_the_ticket_up,
    urls_too_long_for_a_cookie_are_stored,
    a_browser_that_came_by_another_name_is_kept_by_itself_too,
);

async fn connection(app: &TestApp) -> String {
    let organization = app.organization("acme", json!({})).await;
    app.connection(&organization).await
}

async fn under_way(browser: &mut Browser, connection: &str) -> Return {
    let to = browser.start(connection, &[]).await;
    browser.approve(&to, "ada@example.com", None).await
}

async fn attempts(app: &TestApp) -> i64 {
    let read = Read::new("login_attempts", "SELECT 'count', COUNT(*) FROM login_attempts", Vec::new());
    app.app.store.query_opt(read, |row| row.int(1)).await.unwrap().unwrap()
}

async fn a_start_leaves_nothing_in_the_store(app: TestApp) {
    let connection = connection(&app).await;
    let mut browser = Browser::new(&app);
    for _ in 0..20 {
        browser.start(&connection, &[]).await;
    }
    assert_eq!(attempts(&app).await, 0);
    let back = under_way(&mut browser, &connection).await;
    browser.bring(&back).await.location();
    assert_eq!(attempts(&app).await, 1, "that it is used up");
}

async fn a_ticket_is_good_at_every_node(app: TestApp) {
    let connection = connection(&app).await;
    let other = app.second_node().await;
    // The other node has not heard of the new data key.
    let now = Time::from_millis(1_800_000_000_000);
    app.app.vault.rotate_data_key(app.app.entropy.as_ref(), now).await.unwrap();
    let mut browser = Browser::new(&app);
    let back = under_way(&mut browser, &connection).await;
    let mut there = Browser::new(&other);
    there.cookies.clone_from(&browser.cookies);
    there.bring(&back).await.location();
    browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
}

async fn a_ticket_that_was_altered_is_another_browsers(app: TestApp) {
    let connection = connection(&app).await;
    let mut browser = Browser::new(&app);
    let back = under_way(&mut browser, &connection).await;
    let (name, ticket) = browser.cookies.first_key_value().map(|(n, t)| (n.clone(), t.clone())).unwrap();
    let mut others: Vec<String> = (0..ticket.len() - 1)
        .map(|at| {
            let other = if &ticket[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &ticket[..at], &ticket[at + 1..])
        })
        .collect();
    others.extend([
        ticket[1..].to_owned(),
        ticket[..ticket.len() - 4].to_owned(),
        format!("{ticket}AAAA"),
        String::new(),
    ]);
    others.extend(["A".repeat(22), "A".repeat(43), "not base64!".to_owned()]);
    for other in others {
        browser.cookies.insert(name.clone(), other.clone());
        let answer = browser.bring(&back).await;
        answer.refusal_page("oidc_csrf_cookie_mismatch");
    }
    assert_eq!(app.provider.hits("/token"), 0);
    browser.cookies.insert(name, ticket);
    browser.bring(&back).await.location();
}

async fn a_ticket_is_good_for_its_state_alone(app: TestApp) {
    let connection = connection(&app).await;
    let (mut first, mut second) = (Browser::new(&app), Browser::new(&app));
    let back = under_way(&mut first, &connection).await;
    under_way(&mut second, &connection).await;
    let name = first.cookies.keys().next().unwrap().clone();
    let foreign = second.cookies.values().next().unwrap().clone();
    let own = first.cookies.insert(name.clone(), foreign).unwrap();
    first.bring(&back).await.refusal_page("oidc_csrf_cookie_mismatch");
    first.cookies.insert(name, own);
    // A state with one character changed is nobody's.
    let state = back.field("state");
    let other = if state.starts_with('A') { "B" } else { "A" };
    let invented = format!("{other}{}", &state[1..]);
    first.bring(&back.clone().with("state", Some(&invented))).await.refusal_page("unsolicited_oidc_response");
    first.bring(&back).await.location();
}

async fn an_answer_brought_many_times_at_once_signs_in_once(app: TestApp) {
    let connection = connection(&app).await;
    let other = app.second_node().await;
    let mut browser = Browser::new(&app);
    let back = under_way(&mut browser, &connection).await;
    let mut brought = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut again = Browser::new(if number % 2 == 0 { &app } else { &other });
        again.cookies.clone_from(&browser.cookies);
        let back = back.clone();
        brought.spawn(async move { again.bring(&back).await.status.as_u16() });
    }
    let statuses = brought.join_all().await;
    let signed_in = statuses.iter().filter(|status| **status == 302).count();
    assert_eq!(signed_in, 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| *status == 302 || (400..500).contains(status)), "{statuses:?}");
    assert_eq!(app.provider.hits("/token"), 1, "the code is sent once");
    assert_eq!(attempts(&app).await, 1);
}

async fn a_refusal_uses_the_ticket_up(app: TestApp) {
    let connection = connection(&app).await;
    let mut browser = Browser::new(&app);
    let back = under_way(&mut browser, &connection).await;
    let cookies = browser.cookies.clone();
    let spoilt = back.clone().with("code", Some("nobody gave this code"));
    assert!(browser.bring(&spoilt).await.status.is_client_error());
    browser.cookies = cookies;
    browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
}

async fn urls_too_long_for_a_cookie_are_stored(app: TestApp) {
    let connection = connection(&app).await;
    let long = format!("https://app.example.com/{}", "a".repeat(1900));
    let (login, signup) = (format!("{long}/login"), format!("{long}/signup"));
    for (kind, url) in [(RedirectKind::Login, &login), (RedirectKind::Signup, &signup)] {
        let registered = RedirectUrl { kind, url: url.clone(), is_default: false };
        app.app.store.commit(redirects::add(app.project.id, &registered)).await.unwrap();
    }
    let mut browser = Browser::new(&app);
    let to =
        browser.start(&connection, &[("login_redirect_url", &login), ("signup_redirect_url", &signup)]).await;
    assert_eq!(attempts(&app).await, 1);
    let back = browser.approve(&to, "ada@example.com", None).await;
    let target = browser.bring(&back).await.location();
    assert!(target.as_str().starts_with(&signup), "{target}");
}

async fn a_browser_that_came_by_another_name_is_kept_by_itself_too(app: TestApp) {
    let connection = connection(&app).await;
    let path =
        format!("/v1/public/sso/start?connection_id={connection}&public_token={}", app.project.public_token);
    let request = http::Request::get(path).header("host", "localhost:4000").body("".into()).unwrap();
    let reply = app.send(request).await;
    assert_eq!(attempts(&app).await, 0);
    let mut browser = Browser::new(&app);
    let back = browser.approve(&reply.location(), "ada@example.com", None).await;
    // As behind a proxy that names its own host: the cookie comes all the same.
    let set = reply.headers["set-cookie"].to_str().unwrap();
    let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
    browser.cookies.insert(name.to_owned(), value.to_owned());
    browser.bring(&back).await.location();
}
