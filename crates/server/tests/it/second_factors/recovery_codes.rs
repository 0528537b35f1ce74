//! Recovery codes: for the day on which the telephone is lost.

use serde_json::json;

use super::Person;
use crate::app::{TestApp, on_both_engines};

on_both_engines!(
    a_recovery_code_finishes_a_sign_in_once,
    codes_are_shown_and_made_anew_for_the_project_alone,
    codes_of_an_unproved_authenticator_are_worth_nothing,
);

async fn a_recovery_code_finishes_a_sign_in_once(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let codes = ada.enrolled().await.recovery_codes;
    let recover = async |code: &str, token: &str| {
        let body = json!({ "recovery_code": code, "intermediate_session_token": token });
        ada.ask("/v1/b2b/recovery_codes/recover", body).await
    };
    let token = ada.intermediate().await;
    let typed = codes[4].to_uppercase().replace('-', "  ");
    let recovered = recover(&typed, &token).await.ok();
    assert_eq!(recovered["recovery_codes_remaining"], 9);
    let factor = &recovered["member_session"]["authentication_factors"][1];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("recovery_codes"), &json!("recovery_code"))
    );
    assert!(
        factor["recovery_code_factor"]["totp_recovery_code_id"].as_str().is_some_and(|id| !id.is_empty()),
        "{factor}"
    );
    let token = ada.intermediate().await;
    recover(&codes[4], &token).await.refused(401, "unable_to_authenticate_recovery_code");
    for odd in ["", "-", &"x".repeat(10_000)] {
        recover(odd, &token).await.refused(401, "unable_to_authenticate_recovery_code");
    }
    assert_eq!(recover(&codes[0], &token).await.ok()["recovery_codes_remaining"], 8);
    let events = app.get(&format!("/v1/vestibule/events?organization_id={}", ada.organization)).await.ok();
    assert!(events.to_string().contains("member.recovery_codes.use"));
    assert!(codes.iter().all(|code| !events.to_string().contains(code)), "the trail tells no code");
}

async fn codes_are_shown_and_made_anew_for_the_project_alone(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    app.get(&ada.codes_path()).await.refused(404, "recovery_codes_not_found");
    ada.ask("/v1/b2b/recovery_codes/rotate", json!({})).await.refused(404, "recovery_codes_not_found");
    let codes = ada.enrolled().await.recovery_codes;
    let shown = app.get(&ada.codes_path()).await.ok();
    assert_eq!(shown["recovery_codes"], json!(codes));
    assert_eq!(shown["member_id"], ada.member.as_str());
    let rotated = ada.ask("/v1/b2b/recovery_codes/rotate", json!({})).await.ok();
    let fresh: Vec<String> =
        rotated["recovery_codes"].as_array().unwrap().iter().map(crate::app::text).collect();
    assert_eq!(fresh.len(), 10);
    assert!(fresh.iter().all(|code| !codes.contains(code)));
    assert_eq!(app.get(&ada.codes_path()).await.ok()["recovery_codes"], json!(fresh));
    let with =
        |code: &str, token: String| json!({ "recovery_code": code, "intermediate_session_token": token });
    let old = with(&codes[0], ada.intermediate().await);
    let answer = ada.ask("/v1/b2b/recovery_codes/recover", old).await;
    answer.refused(401, "unable_to_authenticate_recovery_code");
    let new = with(&fresh[0], ada.intermediate().await);
    ada.ask("/v1/b2b/recovery_codes/recover", new).await.ok();
    let events = app.get(&format!("/v1/vestibule/events?organization_id={}", ada.organization)).await.ok();
    for action in ["member.recovery_codes.show", "member.recovery_codes.rotate"] {
        assert!(events.to_string().contains(action), "{action}");
    }
}

async fn codes_of_an_unproved_authenticator_are_worth_nothing(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let token = ada.intermediate().await;
    let begun = ada.begin(json!({ "intermediate_session_token": token })).await;
    let body = json!({ "recovery_code": begun["recovery_codes"][0], "intermediate_session_token": token });
    let answer = ada.ask("/v1/b2b/recovery_codes/recover", body).await;
    answer.refused(404, "recovery_codes_not_found");
    app.get(&ada.codes_path()).await.refused(404, "recovery_codes_not_found");
}
