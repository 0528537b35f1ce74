//! A token of one kind where another is expected, one of another project, one that was changed: nobody gets anywhere with it,
//! hears more than of a token that never was, or uses anything up.

use serde_json::{Value, json};

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::by_mail::token;
use crate::discovery::shown;

on_both_engines!(a_token_is_good_where_it_belongs_and_nowhere_else);

const ADA: &str = "ada@acme.test";
/// Of the form that most kinds have.
const NOBODYS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const SESSION: &[&str] = &["session_token", "session_jwt"];
const JOINED: &[&str] = &["session_token", "session_jwt", "intermediate_session_token"];

/// Where tokens are shown: the call, and the members of its body that take one.
const PLACES: [(&str, &[&str]); 12] = [
    ("/v1/b2b/sso/authenticate", &["sso_token"]),
    ("/v1/b2b/magic_links/authenticate", &["magic_links_token"]),
    ("/v1/b2b/magic_links/discovery/authenticate", &["discovery_magic_links_token"]),
    ("/v1/b2b/sessions/authenticate", SESSION),
    ("/v1/b2b/sessions/exchange", SESSION),
    ("/v1/b2b/sessions/revoke", &["session_token", "session_jwt", "member_session_id"]),
    ("/v1/b2b/discovery/organizations", JOINED),
    ("/v1/b2b/discovery/organizations/create", &["intermediate_session_token"]),
    ("/v1/b2b/discovery/intermediate_sessions/exchange", &["intermediate_session_token"]),
    ("/v1/b2b/totp", JOINED),
    ("/v1/b2b/totp/authenticate", JOINED),
    ("/v1/b2b/otps/sms/send", JOINED),
];

async fn a_token_is_good_where_it_belongs_and_nowhere_else(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let member = app.member(&organization, ADA, json!({})).await;
    let tokens = tokens(&app, &organization).await;
    let other = app.other_project().await;
    let there = other.organization("acme", json!({})).await;
    let more = |organization: &str| json!({ "organization_id": organization, "member_id": member, "code": "123456", "mfa_phone_number": "+15555550123" });
    for (path, names) in PLACES {
        for name in names {
            let ask = async |app: &TestApp, organization: &str, token: &str| {
                let mut body = more(organization);
                body[*name] = json!(token);
                let answer = app.post(path, body).await;
                assert!(answer.status.is_client_error(), "{path} {name}: {}", answer.text());
                (answer.status, answer.envelope())
            };
            let unknown = ask(&app, &organization, NOBODYS).await;
            for (kind, token) in tokens.iter().filter(|(kind, _)| kind != name) {
                let answer = ask(&app, &organization, token).await;
                // A JWT is read before it is looked for.
                assert!(answer == unknown || *name == "session_jwt", "{path}: {kind} as {name}: {answer:?}");
            }
            let Some((_, own)) = tokens.iter().find(|(kind, _)| kind == name) else { continue };
            let changed = ask(&app, &organization, &changed(own)).await;
            assert!(changed == unknown || *name == "session_jwt", "{path}: a changed {name}: {changed:?}");
            let foreign = ask(&other, &there, own).await;
            let unknown = ask(&other, &there, NOBODYS).await;
            assert!(foreign == unknown || *name == "session_jwt", "{path}: a foreign {name}: {foreign:?}");
        }
    }
    // Each is as good as before.
    for (path, name) in [
        ("/v1/b2b/sso/authenticate", "sso_token"),
        ("/v1/b2b/magic_links/authenticate", "magic_links_token"),
        ("/v1/b2b/magic_links/discovery/authenticate", "discovery_magic_links_token"),
        ("/v1/b2b/sessions/authenticate", "session_token"),
        ("/v1/b2b/sessions/authenticate", "session_jwt"),
        ("/v1/b2b/discovery/intermediate_sessions/exchange", "intermediate_session_token"),
    ] {
        let (_, token) = tokens.iter().find(|(kind, _)| *kind == name).unwrap();
        let mut body = json!({ "organization_id": organization });
        body[name] = json!(token);
        app.post(path, body).await.ok();
    }
}

/// A good token of each kind, by the member of a body that takes it. Some are taken by none.
async fn tokens(app: &TestApp, organization: &str) -> Vec<(&'static str, String)> {
    let connection = app.connection(organization).await;
    let sso = Browser::new(app).token(&connection, "grace@acme.test").await;
    let to = |address: &str| json!({ "organization_id": organization, "email_address": address });
    let ask = async |path: &str, body: Value| {
        app.app.clock.advance(1);
        app.post(path, body).await.ok()
    };
    ask("/v1/b2b/magic_links/email/login_or_signup", to(ADA)).await;
    let followed = json!({ "magic_links_token": token(app, ADA).await });
    let session = ask("/v1/b2b/magic_links/authenticate", followed).await;
    ask("/v1/b2b/magic_links/email/login_or_signup", to(ADA)).await;
    let link = token(app, ADA).await;
    ask("/v1/b2b/magic_links/email/discovery/send", json!({ "email_address": ADA })).await;
    let seek = token(app, ADA).await;
    vec![
        ("sso_token", sso),
        ("magic_links_token", link),
        ("discovery_magic_links_token", seek),
        ("session_token", text(&session["session_token"])),
        ("session_jwt", text(&session["session_jwt"])),
        ("intermediate_session_token", shown(app, ADA).await),
        ("secret", app.secret.clone()),
        ("public_token", app.project.public_token.to_string()),
    ]
}

/// The same with another character in its middle.
fn changed(token: &str) -> String {
    let at = token.len() / 2;
    let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}
