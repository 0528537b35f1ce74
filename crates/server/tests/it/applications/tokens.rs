//! A token of one kind, shown to the readers of the others.

use http::Method;
use serde_json::json;
use vestibule_domain::application::ApplicationKind;

use super::{HERE, ask, made, management_token, named};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(no_token_passes_for_another_kind);

async fn no_token_passes_for_another_kind(app: TestApp) {
    let machine = made(&app, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
    let access = management_token(&app, &machine).await;
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let session = app.session(&connection, "ada@acme.example.com").await;
    let jwt = text(&session["session_jwt"]);
    // A session is no token of an application.
    for token in [jwt.as_str(), &text(&session["session_token"]), "", "a.b.c", &app.secret] {
        assert_eq!(ask(&app, HERE, token, "/api/v2/connections").await.status, 401);
    }
    // A token of an application is no session.
    let shown = app.post("/v1/b2b/sessions/authenticate", json!({ "session_jwt": access })).await;
    assert_eq!(shown.status, 400, "{}", shown.text());
    let member = app.as_member(&access, Method::GET, "/v1/b2b/organizations/acme", json!({})).await;
    assert!(member.status.is_client_error());
    // A token of which a letter is another is nobody's.
    let mut letters: Vec<char> = access.chars().collect();
    let last = letters.len() - 5;
    letters[last] = if letters[last] == 'A' { 'B' } else { 'A' };
    let forged: String = letters.into_iter().collect();
    let refused = ask(&app, HERE, &forged, "/api/v2/connections").await;
    assert_eq!(refused.json()["message"], "Invalid signature received for JSON Web Token validation");
}
