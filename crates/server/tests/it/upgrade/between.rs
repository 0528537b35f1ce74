//! What came between the first version whose database is kept and this one, used after an upgrade.

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::Old;
use crate::app::basic;
use crate::second_factors::last_code;

/// Borrowed connections, sign-ins by mail, second factors and named secrets, of versions that had them.
pub(super) async fn what_came_between_is_used(old: Old) {
    let app = &old.app;
    if old.facts.get("guarded").is_none() {
        return;
    }
    for place in ["/lent/session", "/mailed/session", "/guarded/session"] {
        let session =
            old.authenticate(json!({ "session_token": old.fact(&format!("{place}/session_token")) }));
        assert_eq!(
            session.await.ok()["member"]["member_id"],
            old.fact(&format!("{place}/member_id")),
            "{place}"
        );
    }
    let followed = json!({ "magic_links_token": old.fact("/mailed/link") });
    let by_mail = app.post("/v1/b2b/magic_links/authenticate", followed.clone()).await.ok();
    assert_eq!(by_mail["member_id"], old.fact("/members/plain"));
    assert!(app.post("/v1/b2b/magic_links/authenticate", followed).await.status.is_client_error());
    let accepted = json!({ "magic_links_token": old.fact("/mailed/invitation") });
    app.post("/v1/b2b/magic_links/authenticate", accepted).await.ok();
    let seeking = json!({ "intermediate_session_token": old.fact("/mailed/intermediate") });
    app.post("/v1/b2b/discovery/organizations", seeking).await.ok();

    let person = |name: &str, code: (&str, Value)| {
        let mut body = json!({
            "organization_id": old.fact("/guarded/organization"),
            "member_id": old.fact(&format!("/guarded/members/{name}")),
        });
        body[code.0] = code.1;
        body
    };
    // The code that was sent has ended; whoever waits for one is sent another.
    let waiting = json!(old.fact("/guarded/intermediate"));
    let again = person("grace", ("intermediate_session_token", waiting.clone()));
    app.post("/v1/b2b/otps/sms/send", again).await.ok();
    let code = last_code(app, &old.fact("/guarded/number")).await;
    let mut by_text = person("grace", ("code", json!(code)));
    by_text["intermediate_session_token"] = waiting;
    app.post("/v1/b2b/otps/sms/authenticate", by_text).await.ok();
    let mut by_recovery = person("ada", ("recovery_code", old.facts["guarded"]["recovery_codes"][0].clone()));
    by_recovery["session_token"] = json!(old.fact("/guarded/session/session_token"));
    app.post("/v1/b2b/recovery_codes/recover", by_recovery.clone()).await.ok();
    assert!(app.post("/v1/b2b/recovery_codes/recover", by_recovery).await.status.is_client_error());

    let credentials = basic(&app.project.id.to_string(), &old.fact("/keys/api_secret"));
    let request = Request::get(old.company("guarded")).header(AUTHORIZATION, credentials);
    app.send(request.body(Body::empty()).unwrap()).await.ok();
}
