//! Codes by text message.

use serde_json::json;
use vestibule_server::MessageLimits;

use super::{NUMBER, OTHER_NUMBER, Person, codes_to, last_code, wrong};
use crate::app::{TestApp, on_both_engines};

on_both_engines!(
    a_first_code_gives_a_number_and_finishes_a_sign_in,
    a_code_is_sent_at_once_to_who_is_asked_for_one,
    a_code_is_good_for_five_minutes_and_until_the_next,
    a_number_is_not_replaced_by_a_send,
    wrong_codes_are_few,
    messages_are_few,
    an_organization_leaves_messages_to_others,
    a_project_sends_so_many_an_hour,
    another_number_has_to_be_proved_anew,
);

async fn a_first_code_gives_a_number_and_finishes_a_sign_in(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    ada.send(with.clone()).await.refused(404, "member_phone_number_not_found");
    for odd in ["0123", "+0123456789", "+1", "15555550123", "+1555555012345678", "+1 555 555 0123", "x"] {
        let mut body = with.clone();
        body["mfa_phone_number"] = json!(odd);
        ada.send(body).await.refused(400, "invalid_phone_number");
    }
    let mut body = with.clone();
    (body["mfa_phone_number"], body["locale"]) = (json!(NUMBER), json!("pt-br"));
    let sent = ada.send(body.clone()).await.ok();
    assert_eq!(
        (&sent["member"]["mfa_phone_number"], &sent["member"]["mfa_phone_number_verified"]),
        (&json!(NUMBER), &json!(false))
    );
    body["locale"] = json!("tlh");
    ada.send(body).await.refused(400, "invalid_locale");
    let code = last_code(&app, NUMBER).await;
    assert_eq!(code.len(), 6);
    let proved = ada.prove_sms(&code, with.clone()).await.ok();
    let member = &proved["member"];
    assert_eq!(
        (&member["mfa_phone_number_verified"], &member["default_mfa_method"]),
        (&json!(true), &json!("sms_otp"))
    );
    let factor = &proved["member_session"]["authentication_factors"][1];
    assert_eq!((&factor["type"], &factor["delivery_method"]), (&json!("otp"), &json!("sms")));
    assert_eq!(factor["phone_number_factor"]["phone_number"], NUMBER);
    assert!(factor["phone_number_factor"]["phone_id"].as_str().unwrap().starts_with("phone-number-test-"));
    ada.prove_sms(&code, with).await.refused(404, "intermediate_session_not_found");
    let with = json!({ "session_token": proved["session_token"] });
    ada.prove_sms(&code, with).await.refused(401, "unable_to_auth_otp_code");
}

async fn a_code_is_sent_at_once_to_who_is_asked_for_one(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    assert_eq!(ada.first_factor().await["mfa_required"]["secondary_auth_initiated"], json!(null));
    ada.with_number().await;
    assert_eq!(codes_to(&app, NUMBER).await.len(), 1);
    let waiting = ada.first_factor().await;
    assert_eq!(waiting["mfa_required"]["secondary_auth_initiated"], "sms_otp");
    let code = last_code(&app, NUMBER).await;
    assert_eq!(codes_to(&app, NUMBER).await.len(), 2);
    let with = json!({ "intermediate_session_token": waiting["intermediate_session_token"] });
    ada.prove_sms(&code, with).await.ok();
    // Whoever signs in over and over has some sent, and then goes on without.
    let mut initiated = 0;
    for _ in 0..10 {
        let waiting = ada.first_factor().await;
        initiated += i32::from(waiting["mfa_required"]["secondary_auth_initiated"] == "sms_otp");
        app.pass(1);
    }
    assert_eq!(initiated, 3, "five in ten minutes, of which two were sent before");
}

async fn a_code_is_good_for_five_minutes_and_until_the_next(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = json!({ "session_token": ada.session().await });
    let mut first = session.clone();
    first["mfa_phone_number"] = json!(NUMBER);
    ada.send(first).await.ok();
    let replaced = last_code(&app, NUMBER).await;
    ada.send(session.clone()).await.ok();
    let code = last_code(&app, NUMBER).await;
    if replaced != code {
        ada.prove_sms(&replaced, session.clone()).await.refused(404, "otp_code_not_found");
    }
    app.pass(298);
    ada.prove_sms(&code, session.clone()).await.ok();
    ada.send(session.clone()).await.ok();
    let late = last_code(&app, NUMBER).await;
    app.pass(299);
    ada.prove_sms(&late, session).await.refused(401, "unable_to_auth_otp_code");
}

async fn a_number_is_not_replaced_by_a_send(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let proved = ada.with_number().await;
    let other = |mut with: serde_json::Value| {
        with["mfa_phone_number"] = json!(OTHER_NUMBER);
        with
    };
    for with in [
        json!({}),
        json!({ "session_token": proved["session_token"] }),
        json!({ "intermediate_session_token": ada.intermediate().await }),
    ] {
        ada.send(other(with)).await.refused(400, "invalid_phone_number");
    }
    assert!(codes_to(&app, OTHER_NUMBER).await.is_empty());
    assert_eq!(ada.shown().await["mfa_phone_number"], NUMBER);
}

async fn wrong_codes_are_few(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    ada.with_number().await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    let code = last_code(&app, NUMBER).await;
    for odd in ["", "1", "abcdef", "1234567"] {
        ada.prove_sms(odd, with.clone()).await.refused(400, "invalid_code");
    }
    for _ in 0..5 {
        ada.prove_sms(&wrong(&code), with.clone()).await.refused(404, "otp_code_not_found");
    }
    ada.prove_sms(&code, with.clone()).await.refused(429, "too_many_requests");
    app.pass(60);
    ada.prove_sms(&wrong(&code), with.clone()).await.refused(404, "otp_code_not_found");
    let locked = ada.prove_sms(&code, with.clone()).await;
    locked.refused(429, "too_many_requests");
    assert_eq!(locked.headers["retry-after"], "120");
    app.pass(120);
    ada.prove_sms(&code, with).await.ok();
}

async fn an_organization_leaves_messages_to_others(app: TestApp) {
    let limits =
        MessageLimits { to_address_per_hour: 0, of_project_per_minute: 0, texts_of_project_per_hour: 4 };
    let app = app.limited_node(limits, 6).await;
    let number = |n: usize| json!({ "mfa_phone_number": format!("+1555555010{n}") });
    let loud = Person::optional(&app, "loud").await;
    let colleagues = [
        loud.clone(),
        loud.colleague("b@loud.example.com").await,
        loud.colleague("c@loud.example.com").await,
    ];
    for (n, one) in colleagues.iter().take(2).enumerate() {
        one.send(number(n)).await.ok();
    }
    colleagues[2].send(number(2)).await.refused(429, "too_many_requests");
    Person::optional(&app, "quiet").await.send(number(3)).await.ok();
    app.pass(3600);
    colleagues[2].send(number(2)).await.ok();
}

async fn messages_are_few(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let number = json!({ "mfa_phone_number": NUMBER });
    for _ in 0..5 {
        ada.send(number.clone()).await.ok();
        app.pass(1);
    }
    let limited = ada.send(json!({})).await;
    limited.refused(429, "too_many_requests");
    let seconds: i64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=600).contains(&seconds), "{seconds}");
    // The number has its own bound, whoever's it is said to be.
    let grace = ada.colleague("grace@acme.example.com").await;
    grace.send(number.clone()).await.refused(429, "too_many_requests");
    assert_eq!(grace.shown().await["mfa_phone_number"], "", "nothing was written");
    grace.send(json!({ "mfa_phone_number": OTHER_NUMBER })).await.ok();
    app.pass(seconds);
    ada.send(json!({})).await.ok();
    // A day has one too.
    let mut sent = 6;
    while sent < 25 {
        app.pass(600);
        for _ in 0..5.min(25 - sent) {
            ada.send(json!({})).await.ok();
            sent += 1;
        }
    }
    app.pass(600);
    let limited = ada.send(json!({})).await;
    limited.refused(429, "too_many_requests");
    let seconds: i64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((600..=86_400).contains(&seconds), "{seconds}");
}

async fn a_project_sends_so_many_an_hour(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    ada.with_number().await;
    let grace = Person::required(&app, "globex").await;
    let alan = Person::optional(&app, "initech").await;
    let limits =
        MessageLimits { to_address_per_hour: 0, of_project_per_minute: 0, texts_of_project_per_hour: 2 };
    let (one, two) = (app.limited_node(limits, 6).await, app.limited_node(limits, 7).await);
    let at = |node: &TestApp, who: &Person| Person { app: node.clone(), ..who.clone() };
    at(&one, &ada).send(json!({})).await.ok();
    let number = json!({ "mfa_phone_number": OTHER_NUMBER });
    at(&two, &grace).send(number.clone()).await.ok();
    // Whoever's organization has sent none, at whichever node.
    for node in [&one, &two] {
        let limited = at(node, &alan).send(number.clone()).await;
        limited.refused(429, "too_many_requests");
        let seconds: i64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3600).contains(&seconds), "{seconds}");
    }
    // A sign-in goes on without, and another project has what is its own.
    let waiting = at(&two, &ada).first_factor().await;
    assert_eq!(waiting["mfa_required"]["secondary_auth_initiated"], json!(null));
    assert_eq!(codes_to(&app, OTHER_NUMBER).await.len(), 1);
    let elsewhere = Person::optional(&one.other_project().await, "acme").await;
    elsewhere.send(json!({ "mfa_phone_number": NUMBER })).await.ok();
    app.pass(3600);
    at(&one, &ada).send(json!({})).await.ok();
}

async fn another_number_has_to_be_proved_anew(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    ada.with_number().await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    let code = last_code(&app, NUMBER).await;
    let changed = app.put(&ada.path(""), json!({ "mfa_phone_number": OTHER_NUMBER })).await.ok();
    assert_eq!(changed["member"]["mfa_phone_number_verified"], false);
    ada.prove_sms(&code, with.clone()).await.refused(401, "unable_to_auth_otp_code");
    ada.send(with.clone()).await.ok();
    let code = last_code(&app, OTHER_NUMBER).await;
    assert_eq!(ada.prove_sms(&code, with).await.ok()["member"]["mfa_phone_number_verified"], true);
}
