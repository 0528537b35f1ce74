//! Coming back from the identity provider: only the browser that left, only once, only in time.

use serde_json::json;

use crate::app::{BASE_URL, TestApp, on_both_engines};
use crate::browser::Browser;
use crate::provider::CLIENT_SECRET;

on_both_engines!(
    a_state_must_be_one_that_is_waited_for,
    a_state_is_used_once,
    a_state_expires,
    only_the_browser_that_started_may_finish,
    a_state_belongs_to_its_connection,
    a_connection_that_is_gone_signs_nobody_in,
    two_tabs_do_not_disturb_each_other,
    a_repeated_parameter_is_refused,
    a_callback_that_is_garbage_is_a_page,
    unknown_keys_are_fetched_once_and_then_cool_down,
    old_keys_serve_while_the_provider_is_down,
    a_provider_that_is_down_signs_nobody_in,
    a_head_uses_nothing_up,
    a_slash_at_the_end_is_no_other_address,
    late_is_told_as_late,
    a_lost_cookie_names_both_hosts,
    unfinished_sign_ins_do_not_pile_up,
    an_answer_without_a_state_is_told_as_what_it_is,
    a_tile_may_start_by_post,
    a_code_in_a_form_was_not_asked_for,
    messages_of_other_protocols_are_named,
    invented_cookies_are_not_all_answered,
);

/// A connection, and a browser at its provider with everything it would bring back.
struct Under {
    connection: String,
    organization: String,
}

async fn under_way(app: &TestApp) -> Under {
    let organization = app.organization("acme", json!({})).await;
    Under { connection: app.connection(&organization).await, organization }
}

async fn a_state_must_be_one_that_is_waited_for(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    for missing in [None, Some("")] {
        browser.bring(&back.clone().with("state", missing)).await.refusal_page("missing_oidc_state_param");
    }
    for foreign in ["nobody-waits-for-this", "\0", &"x".repeat(43)] {
        browser
            .bring(&back.clone().with("state", Some(foreign)))
            .await
            .refusal_page("unsolicited_oidc_response");
    }
    let nothing = browser.get(back.url.as_str()).await;
    nothing.refusal_page("missing_oidc_state_param");
    assert_eq!(app.provider.hits("/token"), 0);
    browser.bring(&back).await.location();
}

async fn a_state_is_used_once(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    let cookies = browser.cookies.clone();
    browser.bring(&back).await.location();
    // The browser's cookie is gone by now; a thief who kept it fares no better.
    browser.bring(&back).await.refusal_page("missing_oidc_csrf_cookie");
    browser.cookies = cookies;
    browser.bring(&back).await.refusal_page("unsolicited_oidc_response");
    let again = browser.approve(&to, "ada@example.com", None).await;
    browser.bring(&again).await.refusal_page("unsolicited_oidc_response");
    assert_eq!(app.provider.hits("/token"), 1);
}

async fn a_state_expires(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let in_time = browser.start(&at.connection, &[]).await;
    let mut late = browser.clone();
    app.pass(599);
    let back = browser.approve(&in_time, "ada@example.com", None).await;
    browser.bring(&back).await.location();

    let to = late.start(&at.connection, &[]).await;
    app.pass(600);
    let back = late.approve(&to, "ada@example.com", None).await;
    late.bring(&back).await.refusal_page("expired_oidc_response");
}

async fn only_the_browser_that_started_may_finish(app: TestApp) {
    let at = under_way(&app).await;
    let (mut victim, mut attacker) = (Browser::new(&app), Browser::new(&app));
    // The attacker signs in as themselves and gives the victim the link back.
    let to = attacker.start(&at.connection, &[]).await;
    let back = attacker.approve(&to, "alan@example.com", None).await;
    victim.bring(&back).await.refusal_page("missing_oidc_csrf_cookie");
    victim.start(&at.connection, &[]).await;
    victim.bring(&back).await.refusal_page("missing_oidc_csrf_cookie");
    // Even with a cookie of the right name: the value is what counts.
    let (own, foreign) = (victim.cookies.values().next().unwrap(), attacker.cookies.keys().next().unwrap());
    victim.cookies = [(foreign.clone(), own.clone())].into();
    victim.bring(&back).await.refusal_page("oidc_csrf_cookie_mismatch");
    assert_eq!(app.member_count(&at.organization).await, 0);
    // None of this spent the attempt of the browser it belongs to.
    attacker.bring(&back).await.location();
}

async fn a_state_belongs_to_its_connection(app: TestApp) {
    let at = under_way(&app).await;
    let same_organization = app.connection(&at.organization).await;
    let elsewhere = app.connection(&app.organization("globex", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    for other in [same_organization, elsewhere] {
        let mut astray = back.clone();
        astray.url = format!("{BASE_URL}/v1/b2b/sso/callback/{other}").parse().unwrap();
        browser.bring(&astray).await.refusal_page("unsolicited_oidc_response");
    }
    for nobody in ["oidc-connection-test-00000000-0000-4000-8000-000000000000", "nonsense", "%00", "%ff"] {
        let mut astray = back.clone();
        astray.url = format!("{BASE_URL}/v1/b2b/sso/callback/{nobody}").parse().unwrap();
        let answer = browser.bring(&astray).await;
        assert!(answer.status.is_client_error(), "{nobody}: {}", answer.text());
    }
    browser.bring(&back).await.location();
}

async fn a_connection_that_is_gone_signs_nobody_in(app: TestApp) {
    let at = under_way(&app).await;
    let path = format!("/v1/b2b/sso/oidc/{}/connections/{}", at.organization, at.connection);
    let mut browser = Browser::new(&app);
    let token = browser.token(&at.connection, "ada@example.com").await;
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;

    app.put(&path, json!({ "client_secret": "" })).await.ok();
    browser.clone().bring(&back).await.refusal_page("requires_active_sso_connection");
    app.redeem(&token).await.refused(400, "requires_active_sso_connection");
    app.put(&path, json!({ "client_secret": CLIENT_SECRET })).await.ok();

    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    app.delete(&format!("/v1/b2b/sso/{}/connections/{}", at.organization, at.connection)).await.ok();
    browser.bring(&back).await.refusal_page("invalid_callback_id");
    app.redeem(&token).await.refused(404, "sso_token_not_found");
    browser.start_reply(&at.connection, &[]).await.refused(404, "sso_connection_not_found");
}

async fn two_tabs_do_not_disturb_each_other(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let (first, second) =
        (browser.start(&at.connection, &[]).await, browser.start(&at.connection, &[]).await);
    assert_eq!(browser.cookies.len(), 2);
    let second = browser.approve(&second, "ada@example.com", None).await;
    let first = browser.approve(&first, "ada@example.com", None).await;
    browser.bring(&second).await.location();
    assert_eq!(browser.cookies.len(), 1);
    browser.bring(&first).await.location();
    assert_eq!(browser.cookies.len(), 0);
}

async fn a_repeated_parameter_is_refused(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    for name in ["state", "code"] {
        let to = browser.start(&at.connection, &[]).await;
        let mut back = browser.approve(&to, "ada@example.com", None).await;
        back.fields.push((name.to_owned(), back.field(name)));
        browser.bring(&back).await.refusal_page("oidc_invalid_callback_request");
    }
    assert_eq!(app.provider.hits("/token"), 0);
}

async fn a_callback_that_is_garbage_is_a_page(app: TestApp) {
    let at = under_way(&app).await;
    let path = format!("/v1/b2b/sso/callback/{}", at.connection);
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    let strange = [
        back.clone().with("code", None),
        back.clone().with("code", Some("")),
        back.clone().with("code", Some(&"c".repeat(20_000))),
        back.clone().with("error", Some("<script>alert(1)</script>")),
        back.clone().with("iss", Some("https://evil.example")),
    ];
    for (number, back) in strange.iter().enumerate() {
        let answer = browser.clone().bring(back).await;
        assert!(answer.status.is_client_error(), "{number}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("<script>alert"), "{}", answer.text());
    }
    let not_a_form = http::Request::post(&path).header("content-type", "application/json");
    let not_a_form = app.send(not_a_form.body("{}".into()).unwrap()).await;
    not_a_form.refusal_page("oidc_invalid_callback_request");
    let huge = vec![("state".to_owned(), "s".repeat(300_000))];
    assert_eq!(browser.post(&path, &huge).await.status, 413);
    for method in [http::Method::PUT, http::Method::DELETE, http::Method::TRACE] {
        let request = http::Request::builder().method(method).uri(&path).body("".into()).unwrap();
        app.send(request).await.refused(405, "method_not_allowed");
    }
    assert_eq!(app.provider.hits("/token"), 0);
}

async fn unknown_keys_are_fetched_once_and_then_cool_down(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&at.connection, "ada@example.com").await.location();
    browser.sign_in(&at.connection, "ada@example.com").await.location();
    assert_eq!(app.provider.hits("/jwks"), 1, "keys are kept");

    app.provider.rotate_keys();
    // Within a minute of the last fetch an unknown key is not worth another one.
    browser.sign_in(&at.connection, "ada@example.com").await.refusal_page("oidc_invalid_id_token");
    assert_eq!(app.provider.hits("/jwks"), 1);
    app.pass(61);
    browser.sign_in(&at.connection, "ada@example.com").await.location();
    assert_eq!(app.provider.hits("/jwks"), 2, "the new key was fetched");
    for _ in 0..3 {
        let fault = Some(vestibule_testidp::Fault::UnknownKid);
        let refused = browser.sign_in_with(&at.connection, "ada@example.com", fault).await;
        refused.refusal_page("oidc_invalid_id_token");
    }
    assert_eq!(app.provider.hits("/jwks"), 2, "invented keys make us ask nobody");
    app.pass(601);
    browser.sign_in(&at.connection, "ada@example.com").await.location();
    assert_eq!(app.provider.hits("/jwks"), 3, "old keys are asked for again");
}

async fn old_keys_serve_while_the_provider_is_down(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    // Only the keys are out of reach: without token endpoint there is no sign-in to look at.
    let connection = app
        .connection_with(&organization, json!({ "jwks_url": format!("{}/jwks?down", app.provider.issuer) }))
        .await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&connection, "ada@example.com").await.location();
    app.provider.set_path_down(Some("/jwks"));
    app.pass(3600);
    browser.sign_in(&connection, "ada@example.com").await.location();
    app.pass(24 * 3600);
    browser.sign_in(&connection, "ada@example.com").await.refusal_page("oidc_provider_unreachable");
    app.provider.set_path_down(None);
    app.pass(61);
    browser.sign_in(&connection, "ada@example.com").await.location();
}

async fn a_provider_that_is_down_signs_nobody_in(app: TestApp) {
    let at = under_way(&app).await;
    for path in ["/token", "/jwks"] {
        let mut browser = Browser::new(&app);
        let to = browser.start(&at.connection, &[]).await;
        let back = browser.approve(&to, "ada@example.com", None).await;
        app.provider.set_path_down(Some(path));
        let answer = browser.bring(&back).await;
        // An outage is nobody's fault here, and there is a way to begin anew.
        assert_eq!(answer.status.as_u16(), 502, "{}", answer.text());
        let page = answer.text();
        let again = page.split("data-testid=\"refusal-again\"").next().unwrap();
        let again = again.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        let again = again.replace("&#38;", "&").replace("&amp;", "&");
        let path = again.strip_prefix(BASE_URL).unwrap();
        let begun = app.send(http::Request::get(path).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(begun.status.as_u16(), 302, "{}", begun.text());
        answer.refusal_page("oidc_provider_unreachable");
        app.provider.set_path_down(None);
    }
    assert_eq!(app.member_count(&at.organization).await, 0);
}

async fn a_head_uses_nothing_up(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let back = browser.approve(&to, "ada@example.com", None).await;
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&back.fields).finish();
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for slash in ["", "/"] {
        let path = format!("/v1/b2b/sso/callback/{}{slash}?{query}", at.connection);
        let head = http::Request::head(path).header("cookie", cookies.join("; "));
        let answer = app.send(head.body("".into()).unwrap()).await;
        assert_eq!(answer.status, 405);
        assert!(!answer.headers.contains_key("location") && answer.headers.contains_key("allow"));
    }
    assert_eq!(app.provider.hits("/token"), 0);
    browser.bring(&back).await.location();
}

async fn a_slash_at_the_end_is_no_other_address(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let mut back = browser.approve(&to, "ada@example.com", None).await;
    back.url = format!("{}/", back.url).parse().unwrap();
    browser.bring(&back).await.location();
    let posted = browser.post(&format!("/v1/b2b/sso/callback/{}/", at.connection), &[]).await;
    posted.refusal_page("missing_oidc_state_param");
}

async fn late_is_told_as_late(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let reply = browser.start_reply(&at.connection, &[]).await;
    // A browser that drops cookies when they end has this one for as long as the store can explain the attempt.
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=4200"), "{cookie}");
    let back = browser.approve(&reply.location(), "ada@example.com", None).await;
    app.pass(630);
    let mut without = browser.clone();
    without.cookies.clear();
    for late in [&mut browser, &mut without] {
        let answer = late.bring(&back).await;
        answer.refusal_page("expired_oidc_response");
        assert!(answer.text().contains("10 minutes"), "{}", answer.text());
    }
    assert_eq!(app.provider.hits("/token"), 0);
}

async fn a_lost_cookie_names_both_hosts(app: TestApp) {
    let at = under_way(&app).await;
    for (host, words) in [
        // Beginning again there ends the same way: it is the application's to change.
        ("localhost:4000", &["localhost:4000", "127.0.0.1:4000", "Your software vendor"][..]),
        ("[::1]:4000", &["[::1]:4000", "127.0.0.1:4000", "Your software vendor"]),
        ("<b>evil", &["same browser"]),
        ("evil.test, call 555", &["same browser"]),
        ("127.0.0.1:4000", &["same browser", "Nobody has to change anything"]),
    ] {
        let path = format!(
            "/v1/public/sso/start?connection_id={}&public_token={}",
            at.connection, app.project.public_token
        );
        let request = http::Request::get(path).header("host", host).body("".into()).unwrap();
        let to = app.send(request).await.location();
        let mut browser = Browser::new(&app);
        let back = browser.approve(&to, "ada@example.com", None).await;
        let answer = browser.bring(&back).await;
        answer.refusal_page("missing_oidc_csrf_cookie");
        for word in words {
            assert!(answer.text().contains(word), "{word}: {}", answer.text());
        }
        assert!(!answer.text().contains("evil"), "{}", answer.text());
    }
}

async fn invented_cookies_are_not_all_answered(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    for number in 0..600 {
        browser.cookies.insert(format!("vestibule-login-{number:012}"), "x".to_owned());
    }
    let reply = browser.start_reply(&at.connection, &[]).await;
    reply.location();
    let set: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(set.len(), 11, "ten taken away and one given");
}

async fn unfinished_sign_ins_do_not_pile_up(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let mut last = None;
    for _ in 0..120 {
        last = Some(browser.start(&at.connection, &[]).await);
        assert!(browser.cookies.len() <= 10, "{}", browser.cookies.len());
    }
    let bytes: usize = browser.cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
    assert!(bytes < 1600, "{bytes} bytes of header");
    // Cookies of others at this host are left alone, and the newest sign-in can be finished.
    browser.cookies.insert("session".to_owned(), "of-another-application".to_owned());
    let back = browser.approve(&last.unwrap(), "ada@example.com", None).await;
    browser.start(&at.connection, &[]).await;
    assert!(browser.cookies.contains_key("session"));
    // The scripted browser sends cookies by name, so any of the others may have gone, not only the oldest.
    let answer = browser.bring(&back).await;
    assert!(answer.status == 302 || answer.text().contains("missing_oidc_csrf_cookie"), "{}", answer.text());
}

async fn an_answer_without_a_state_is_told_as_what_it_is(app: TestApp) {
    let at = under_way(&app).await;
    let path = format!("/v1/b2b/sso/callback/{}", at.connection);
    let mut browser = Browser::new(&app);
    let refused = browser
        .get(&format!("{path}?error=invalid_scope&error_description=%E2%80%9Eprofile%E2%80%9C+is+bad."))
        .await;
    refused.refusal_page("missing_oidc_state_param");
    assert!(refused.text().contains("„profile“ is bad. It does not say"), "{}", refused.text());
    let start = format!(
        "/v1/public/sso/start?connection_id={}&#38;public_token={}",
        at.connection, app.project.public_token
    );
    let tile = vec![("iss".to_owned(), app.provider.issuer.clone())];
    let answers = [
        browser.get(&format!("{path}?iss={}", app.provider.issuer)).await,
        browser.get(&format!("{path}?login_hint=ada")).await,
        browser.post(&path, &tile).await,
    ];
    for answer in answers {
        answer.refusal_page("missing_oidc_state_param");
        assert!(answer.text().contains("begins at the identity provider"), "{}", answer.text());
        assert!(answer.text().contains(&start), "{start}: {}", answer.text());
    }
}

async fn a_tile_may_start_by_post(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let query = format!("connection_id={}&public_token={}", at.connection, app.project.public_token);
    let hint = vec![
        ("iss".to_owned(), app.provider.issuer.clone()),
        ("login_hint".to_owned(), "ada@example.com".to_owned()),
    ];
    let to = browser.post(&format!("/v1/public/sso/start?{query}"), &hint).await.location();
    assert_eq!(crate::reply::parameter(&to, "login_hint"), "ada@example.com");
    let back = browser.approve(&to, "ada@example.com", None).await;
    browser.bring(&back).await.location();
    let other = http::Request::post(format!("/v1/public/sso/start?{query}"))
        .header("content-type", "application/json");
    app.send(other.body("{}".into()).unwrap()).await.refused(400, "bad_request");
}

async fn a_code_in_a_form_was_not_asked_for(app: TestApp) {
    let at = under_way(&app).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&at.connection, &[]).await;
    let mut back = browser.approve(&to, "ada@example.com", None).await;
    back.is_form = true;
    let refused = browser.bring(&back).await;
    refused.refusal_page("oidc_invalid_callback_request");
    assert!(refused.text().contains("response_mode"), "{}", refused.text());
    assert_eq!(app.provider.hits("/token"), 0);
}

async fn messages_of_other_protocols_are_named(app: TestApp) {
    let at = under_way(&app).await;
    let path = format!("/v1/b2b/sso/callback/{}", at.connection);
    let mut browser = Browser::new(&app);
    for (name, value, words) in [
        ("SAMLRequest", "PHg+", ["a SAML message (SAMLRequest)", "use a SAML connection"]),
        ("SAMLResponse", "PHg+", ["a SAML message (SAMLResponse)", "choose OpenID Connect"]),
        ("SAMLart", "AAQ", ["a SAML message (SAMLart)", "choose OpenID Connect"]),
        ("wa", "wsignin1.0", ["a WS-Federation message (wsignin1.0)", "choose OpenID Connect"]),
        ("logout_token", "e.e.e", ["a logout token (logout_token)", "logout URI"]),
        ("sid", "1", ["a front-channel logout (sid)", "logout URI"]),
    ] {
        let fields =
            vec![(name.to_owned(), value.to_owned()), ("iss".to_owned(), app.provider.issuer.clone())];
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        for (answer, way) in [
            (browser.get(&format!("{path}?{query}")).await, "in the query of a GET"),
            (browser.post(&path, &fields).await, "in a posted form"),
        ] {
            answer.refusal_page("missing_oidc_state_param");
            for word in [words[0], words[1], way] {
                assert!(answer.text().contains(word), "{name}: {word}: {}", answer.text());
            }
            let found = format!("{} {way}", words[0]);
            let traces = app.traces().await;
            assert!(
                traces.iter().any(|trace| trace["steps"][0]["found"] == found.as_str()),
                "{found}: {traces:?}"
            );
        }
    }
    let with_state = browser.get(&format!("{path}?SAMLResponse=PHg%2B&state=s")).await;
    with_state.refusal_page("oidc_invalid_callback_request");
    assert!(with_state.text().contains("a SAML message"), "{}", with_state.text());
}
