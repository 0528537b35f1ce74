//! Every way in which the provider can be wrong: nobody is signed in, and the project can read what was
//! found and what was expected, without any secret in it.

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::CLIENT_SECRET;

on_both_engines!(
    every_fault_is_refused_and_traced,
    a_sign_in_that_succeeds_is_traced,
    traces_are_filtered_and_paged,
    traces_belong_to_the_project,
);

/// Fault, code on the page, the check that failed.
const FAULTS: [(Fault, &str, &str); 17] = [
    (Fault::WrongIssuer, "oidc_invalid_id_token", "id_token"),
    (Fault::WrongAudience, "oidc_invalid_id_token", "id_token"),
    (Fault::Expired, "expired_oidc_response", "id_token"),
    (Fault::WrongNonce, "oidc_invalid_id_token", "id_token"),
    (Fault::BadSignature, "oidc_invalid_id_token", "id_token"),
    (Fault::UnknownKid, "oidc_invalid_id_token", "id_token"),
    (Fault::AlgNone, "oidc_invalid_id_token", "id_token"),
    (Fault::Hs256WithPublicKey, "oidc_invalid_id_token", "id_token"),
    (Fault::MissingSub, "oidc_response_subject_missing", "id_token"),
    (Fault::MissingEmail, "oidc_response_email_missing", "email"),
    (Fault::UnverifiedEmail, "oidc_response_unverified_email", "admission"),
    (Fault::UserinfoOtherSub, "oidc_response_subject_mismatch", "userinfo"),
    (Fault::TokenError, "oidc_auth_code_error", "token_exchange"),
    (Fault::AccessDenied, "oidc_user_not_assigned_to_app_in_idp", "callback"),
    (Fault::ClockAhead, "oidc_invalid_id_token", "id_token"),
    (Fault::IatMissing, "oidc_invalid_id_token", "id_token"),
    (Fault::ForeignState, "unsolicited_oidc_response", "state"),
];

async fn every_fault_is_refused_and_traced(app: TestApp) {
    assert_eq!(FAULTS.len() + 1, Fault::ALL.len(), "one of them is not a fault");
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    for (fault, code, check) in FAULTS {
        let mut browser = Browser::new(&app);
        let to = browser.start(&connection, &[]).await;
        let cookie = browser.cookies.values().next().unwrap().clone();
        let back = browser.approve(&to, "ada@example.com", Some(fault)).await;
        app.pass(1);
        let page = browser.bring(&back).await;
        page.refusal_page(code);

        let newest = app.traces().await.swap_remove(0);
        assert_eq!(newest["outcome"], "refused", "{newest}");
        assert_eq!(newest["error_type"], code, "{fault:?}: {newest}");
        assert_eq!(newest["connection_id"], connection.as_str());
        assert_eq!(newest["organization_id"], organization.as_str());
        assert_eq!(newest["user_agent"], "Test Browser 1.0");
        assert!(page.text().contains(newest["request_id"].as_str().unwrap()), "{newest}");
        let steps = newest["steps"].as_array().unwrap();
        let failed = steps.iter().find(|step| step["passed"] == false).unwrap_or_else(|| panic!("{newest}"));
        assert_eq!(failed["check"], check, "{fault:?}: {newest}");
        assert_ne!(failed["found"], "", "{fault:?}: {newest}");

        let secrets = back.fields.iter().filter(|(name, _)| name == "code" || name == "state");
        let mut secrets: Vec<String> = secrets.map(|(_, value)| value.clone()).collect();
        secrets.extend([cookie, CLIENT_SECRET.to_owned(), "eyJ".to_owned(), app.secret.clone()]);
        for secret in secrets {
            assert!(!newest.to_string().contains(&secret), "{fault:?}: {secret} in {newest}");
            assert!(!page.text().contains(&secret), "{fault:?}: {secret} on the page");
        }
        // The attempt is over: an honest answer comes too late.
        if fault != Fault::ForeignState {
            let honest = browser.approve(&to, "ada@example.com", None).await;
            assert!(browser.bring(&honest).await.status.is_client_error(), "{fault:?}");
        }
    }
    assert_eq!(app.member_count(&organization).await, 0);
}

async fn a_sign_in_that_succeeds_is_traced(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let token = browser.token(&connection, "ada@example.com").await;
    let traces = app.traces().await;
    assert_eq!((traces.len(), &traces[0]["outcome"]), (1, &json!("accepted")), "{traces:?}");
    assert_eq!(traces[0]["error_type"], Value::Null);
    let checks: Vec<String> =
        traces[0]["steps"].as_array().unwrap().iter().map(|s| text(&s["check"])).collect();
    assert_eq!(checks, ["state", "token_exchange", "id_token", "email", "admission"]);
    for secret in [token.as_str(), CLIENT_SECRET, "eyJ"] {
        assert!(!traces[0].to_string().contains(secret), "{secret} in {}", traces[0]);
    }
    let id = text(&traces[0]["trace_id"]);
    let one = app.get(&format!("/v1/vestibule/sign_in_traces/{id}")).await.ok();
    assert_eq!(one["sign_in_trace"], traces[0]);
    let member = app.redeem(&token).await.ok();
    assert_eq!(one["sign_in_trace"]["member_id"], member["member_id"]);
}

async fn traces_are_filtered_and_paged(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let (of_acme, of_globex) = (app.connection(&acme).await, app.connection(&globex).await);
    for (connection, fault) in [
        (&of_acme, None),
        (&of_acme, Some(Fault::TokenError)),
        (&of_acme, Some(Fault::WrongNonce)),
        (&of_globex, Some(Fault::TokenError)),
        (&of_globex, None),
    ] {
        app.pass(1);
        Browser::new(&app).sign_in_with(connection, "ada@example.com", fault).await;
    }
    let count = async |query: &str| {
        let found = app.get(&format!("/v1/vestibule/sign_in_traces?{query}")).await.ok();
        found["sign_in_traces"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 5);
    assert_eq!(count("outcome=refused").await, 3);
    assert_eq!(count("organization_id=acme").await, 3);
    assert_eq!(count(&format!("connection_id={of_globex}&outcome=accepted")).await, 1);

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/vestibule/sign_in_traces?limit=2&cursor={cursor}")).await.ok();
        seen.extend(page["sign_in_traces"].as_array().unwrap().iter().map(|trace| text(&trace["trace_id"])));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    let all: Vec<String> = app.traces().await.iter().map(|trace| text(&trace["trace_id"])).collect();
    assert_eq!(seen, all);
    for (query, error) in [
        ("limit=0", "organization_search_invalid_limit"),
        ("limit=1001", "organization_search_invalid_limit"),
        ("limit=many", "bad_request"),
        ("outcome=perhaps", "invalid_field"),
        ("cursor=nonsense", "organization_search_invalid_cursor"),
    ] {
        app.get(&format!("/v1/vestibule/sign_in_traces?{query}")).await.refused(400, error);
    }
}

async fn traces_belong_to_the_project(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let session = text(&app.session(&connection, "ada@example.com").await["session_token"]);
    let id = text(&app.traces().await[0]["trace_id"]);
    let path = format!("/v1/vestibule/sign_in_traces/{id}");
    let other = app.other_project().await;
    assert_eq!(other.traces().await, Vec::<Value>::new());
    other.get(&path).await.refused(404, "sign_in_trace_not_found");
    app.get("/v1/vestibule/sign_in_traces/nonsense").await.refused(404, "sign_in_trace_not_found");
    for path in ["/v1/vestibule/sign_in_traces", &path] {
        let asked = app.as_member(&session, http::Method::GET, path, json!({})).await;
        asked.refused(403, "session_authorization_error");
    }
}
