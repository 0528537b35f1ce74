//! Every way in which the provider can be wrong: nobody is signed in, and the project can read what was
//! found and what was expected, without any secret in it.

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::CLIENT_SECRET;
use vestibule_server::abandoned;

on_both_engines!(
    every_fault_is_refused_and_traced,
    a_sign_in_that_succeeds_is_traced,
    traces_are_filtered_and_paged,
    traces_belong_to_the_project,
    a_page_leads_to_its_trace,
    traces_are_found_by_time_reason_and_person,
    a_start_that_nobody_finishes_leaves_a_trace,
    strangers_who_start_push_nothing_out,
    members_with_the_role_read_their_own_organizations_traces,
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
        for side in ["found", "expected"] {
            assert!(
                failed[side].as_str().is_some_and(|said| !said.is_empty()),
                "{fault:?}: no {side} in {newest}"
            );
        }

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

/// The traces that a query finds, by their ids.
async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let listed = app.get(&format!("/v1/vestibule/sign_in_traces?{query}")).await.ok();
    listed["sign_in_traces"].as_array().unwrap().iter().map(|trace| text(&trace["trace_id"])).collect()
}

async fn a_page_leads_to_its_trace(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let page = Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::WrongNonce)).await;
    Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    let (request, trace) = (page.shown("refusal-request"), page.shown("refusal-trace"));
    assert_eq!(found(&app, &format!("request_id={request}")).await, std::slice::from_ref(&trace));
    let one = app.get(&format!("/v1/vestibule/sign_in_traces/{trace}")).await.ok();
    assert_eq!(one["sign_in_trace"]["request_id"], request.as_str());
    assert_eq!(one["sign_in_trace"]["error_type"], "oidc_invalid_id_token");
    // Of another project, and with another outcome, it is none.
    let other = app.other_project().await;
    assert_eq!(found(&other, &format!("request_id={request}")).await, Vec::<String>::new());
    assert_eq!(found(&app, &format!("request_id={request}&outcome=accepted")).await, Vec::<String>::new());
    let wrong = app.get("/v1/vestibule/sign_in_traces?request_id=nonsense").await;
    wrong.refused(404, "sign_in_trace_not_found");
    // A test says it too.
    let mut browser = Browser::new(&app);
    let public = app.project.public_token.to_string();
    let start = format!("/v1/public/sso/test?connection_id={connection}&public_token={public}");
    let to = browser.get(&start).await.location();
    let back = browser.approve(&to, "ada@example.com", None).await;
    let trace = browser.bring(&back).await.shown("test-trace");
    assert_eq!(found(&app, "outcome=tested").await, [trace]);
}

async fn traces_are_found_by_time_reason_and_person(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    for (email, fault) in [
        ("ada@example.com", None),
        ("grace@example.com", Some(Fault::UnverifiedEmail)),
        ("grace@example.com", Some(Fault::TokenError)),
        ("ada@example.com", Some(Fault::WrongNonce)),
    ] {
        Browser::new(&app).sign_in_with(&connection, email, fault).await;
        app.pass(60);
    }
    let all: Vec<String> = app.traces().await.iter().map(|trace| text(&trace["trace_id"])).collect();
    let [nonce, token, unverified, accepted] = [0, 1, 2, 3].map(|at: usize| all[at].clone());
    for (query, expected) in [
        ("reason=oidc_invalid_id_token", vec![&nonce]),
        ("reason=oidc_auth_code_error", vec![&token]),
        ("reason=no_such_reason", vec![]),
        ("person=Grace@Example.com", vec![&unverified]),
        ("person=ada@example.com", vec![&accepted]),
        ("person=ada@example.com&outcome=refused", vec![]),
        ("since=2027-01-15T08:01:00Z", vec![&nonce, &token, &unverified]),
        ("until=2027-01-15T08:01:00Z", vec![&accepted]),
        ("since=2027-01-15T08:01:00Z&until=2027-01-15T08:03:00Z", vec![&token, &unverified]),
        ("since=2027-01-15T08:01:00Z&reason=oidc_auth_code_error", vec![&token]),
    ] {
        assert_eq!(found(&app, query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let member = text(&app.traces().await[3]["member_id"]);
    assert_eq!(found(&app, &format!("person={member}")).await, [accepted]);
    for wrong in ["since=yesterday", "until=2027"] {
        app.get(&format!("/v1/vestibule/sign_in_traces?{wrong}")).await.refused(400, "bad_request");
    }
    // Page by page, also where each holds fewer than were looked through.
    let first = app.get("/v1/vestibule/sign_in_traces?reason=oidc_invalid_id_token&limit=1").await.ok();
    assert_eq!((first["sign_in_traces"].as_array().unwrap().len(), &first["next_cursor"]), (1, &Value::Null));
}

async fn a_start_that_nobody_finishes_leaves_a_trace(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let elsewhere = app.second_node().await;
    // One is finished here, one is refused here, one is finished at another node, and one by nobody.
    Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    Browser::new(&app).sign_in_with(&connection, "ada@example.com", Some(Fault::WrongNonce)).await;
    let (mut browser, mut moves) = (Browser::new(&app), Browser::new(&elsewhere));
    let to = browser.start(&connection, &[]).await;
    moves.cookies = browser.cookies.clone();
    let back = browser.approve(&to, "ada@example.com", None).await;
    assert!(moves.bring(&back).await.status.is_redirection());
    app.pass(2);
    let left = Browser::new(&app).start(&connection, &[]).await;

    let before = app.traces().await.len();
    app.pass(600);
    assert_eq!(abandoned::keep(&app.app).await.unwrap(), 0);
    app.pass(61);
    assert_eq!(abandoned::keep(&app.app).await.unwrap(), 1);
    assert_eq!(abandoned::keep(&app.app).await.unwrap(), 0);
    let traces = app.traces().await;
    assert_eq!(traces.len(), before + 1);
    let trace = &traces[0];
    assert_eq!((&trace["outcome"], &trace["error_type"]), (&json!("abandoned"), &Value::Null), "{trace}");
    assert_eq!(trace["connection_id"], connection.as_str());
    assert_eq!(trace["user_agent"], "Test Browser 1.0");
    assert!(trace.to_string().contains(left.host_str().unwrap()), "{trace}");
    assert!(trace.to_string().contains("none within 10 minutes"), "{trace}");
    let request = text(&trace["request_id"]);
    assert_eq!(found(&app, &format!("request_id={request}")).await, [text(&trace["trace_id"])]);
    assert_eq!(found(&app, "outcome=abandoned").await.len(), 1);
    // A connection that is gone has none.
    Browser::new(&app).start(&connection, &[]).await;
    app.delete(&format!("/v1/b2b/sso/acme/connections/{connection}")).await.ok();
    app.pass(661);
    assert_eq!(abandoned::keep(&app.app).await.unwrap(), 0);
}

async fn strangers_who_start_push_nothing_out(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    for kept in [32, 64, 96, 100] {
        for _ in 0..50 {
            Browser::new(&app).start(&connection, &[]).await;
        }
        app.pass(661);
        // No more wait than are remembered of one client, and no more are kept than there is room for at a connection.
        assert_eq!(abandoned::keep(&app.app).await.unwrap(), 32);
        assert_eq!(found(&app, "outcome=abandoned&limit=1000").await.len(), kept);
    }
    assert_eq!(found(&app, "outcome=accepted").await.len(), 1);
}

async fn members_with_the_role_read_their_own_organizations_traces(app: TestApp) {
    let (acme, globex) =
        (app.organization("acme", json!({})).await, app.organization("globex", json!({})).await);
    let (of_acme, of_globex) = (app.connection(&acme).await, app.connection(&globex).await);
    app.member(&acme, "admin@example.com", json!({ "roles": ["stytch_admin"] })).await;
    let admin = text(&app.session(&of_acme, "admin@example.com").await["session_token"]);
    let member = text(&app.session(&of_acme, "ada@example.com").await["session_token"]);
    app.pass(1);
    app.session(&of_globex, "grace@example.com").await;
    let (foreign, own) = (text(&app.traces().await[0]["trace_id"]), text(&app.traces().await[1]["trace_id"]));
    let get = async |session: &str, path: &str| {
        let path = format!("/v1/vestibule/organizations/{path}");
        app.as_member(session, http::Method::GET, &path, json!({})).await
    };
    let listed = get(&admin, "acme/sign_in_traces?organization_id=globex").await.ok();
    let of: Vec<&Value> =
        listed["sign_in_traces"].as_array().unwrap().iter().map(|trace| &trace["organization_id"]).collect();
    assert_eq!(of, [&json!(acme), &json!(acme)]);
    get(&admin, &format!("acme/sign_in_traces/{own}")).await.ok();
    get(&admin, &format!("acme/sign_in_traces/{foreign}")).await.refused(404, "sign_in_trace_not_found");
    let elsewhere = get(&admin, "globex/sign_in_traces").await;
    elsewhere.refused(403, "session_authorization_tenancy_error");
    get(&member, "acme/sign_in_traces").await.refused(403, "session_authorization_error");
    app.get("/v1/vestibule/organizations/acme/sign_in_traces").await.ok();
}
