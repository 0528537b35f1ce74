//! What came after the first golden database: borrowed connections, signing in by mail, second factors, and the project's keys
//! with names and ends.

use serde_json::{Value, json};
use vestibule_domain::time::Span;

use super::{LONG, session};
use crate::app::{TestApp, text};
use crate::browser::Browser;
use crate::by_mail::{code, token};
use crate::external::borrowed;
use crate::second_factors::{Authenticator, NUMBER, Person, last_code};

/// What one organization borrows of another, over both protocols, and who came in by it.
pub(super) async fn lent(app: &TestApp, companies: &Value, connections: &Value) -> Value {
    let (full, plain) = (text(&companies["full"]), text(&companies["plain"]));
    let named = json!({ "display_name": "Of Full & Sons" });
    let oidc = borrowed(app, &plain, &full, &text(&connections["oidc"]), named).await;
    let roles = json!({
        "connection_implicit_role_assignments": [{ "role_id": "editor" }],
        "group_implicit_role_assignments": [{ "role_id": "stytch_admin", "group": "engineering" }],
        "speaks_for_claimed_domains": true,
    });
    let saml = borrowed(app, &plain, &full, &text(&connections["saml"]), roles).await;
    let token = Browser::new(app).token(&oidc, "katherine@example.com").await;
    let body = json!({ "sso_token": token, "session_duration_minutes": LONG });
    let came = app.post("/v1/b2b/sso/authenticate", body).await.ok();
    json!({ "oidc": oidc, "saml": saml, "session": session(&came) })
}

/// What was mailed and waits, and what came of what was brought back.
pub(super) async fn mailed(app: &TestApp, companies: &Value) -> Value {
    let plain = text(&companies["plain"]);
    let to = |address: &str| json!({ "organization_id": plain, "email_address": address });
    let ask = async |path: &str, body: Value| {
        app.pass(1);
        app.post(path, body).await.ok()
    };
    ask("/v1/b2b/magic_links/email/login_or_signup", to("plain@plain.test")).await;
    let followed = json!({
        "magic_links_token": token(app, "plain@plain.test").await, "session_duration_minutes": LONG,
    });
    let came = ask("/v1/b2b/magic_links/authenticate", followed).await;
    let mut long = to("plain@plain.test");
    long["login_expiration_minutes"] = json!(10_080);
    ask("/v1/b2b/magic_links/email/login_or_signup", long).await;
    let link = token(app, "plain@plain.test").await;
    ask("/v1/b2b/magic_links/email/invite", to("guest@plain.test")).await;
    ask("/v1/b2b/otps/email/login_or_signup", to("plain@plain.test")).await;
    let entered = code(app, "plain@plain.test").await;
    ask("/v1/b2b/magic_links/email/discovery/send", json!({ "email_address": "seeker@seek.test" })).await;
    let found = json!({ "discovery_magic_links_token": token(app, "seeker@seek.test").await });
    let found = ask("/v1/b2b/magic_links/discovery/authenticate", found).await;
    json!({
        "session": session(&came), "link": link, "invitation": token(app, "guest@plain.test").await,
        "code": entered, "intermediate": found["intermediate_session_token"],
    })
}

/// Members with an authenticator, with a number, and with one that was only begun.
pub(super) async fn guarded(app: &TestApp) -> Value {
    let ada = Person::required(app, "guarded").await;
    let authenticator = ada.enrolled().await;
    let with = json!({
        "code": authenticator.code(app), "intermediate_session_token": ada.intermediate().await,
        "session_duration_minutes": LONG,
    });
    let proved = ada.ask("/v1/b2b/totp/authenticate", with).await.ok();
    let grace = ada.colleague("grace@guarded.example.com").await;
    grace.with_number().await;
    let alan = ada.colleague("alan@guarded.example.com").await;
    let begun =
        json!({ "intermediate_session_token": alan.intermediate().await, "expiration_minutes": 1440 });
    let begun = alan.begin(begun).await;
    let waiting = grace.intermediate().await;
    json!({
        "organization": ada.organization, "connection": ada.connection, "session": session(&proved),
        "recovery_codes": authenticator.recovery_codes, "begun": Authenticator::of(&begun).id,
        "number": NUMBER, "text_code": last_code(app, NUMBER).await, "intermediate": waiting,
        "members": { "ada": ada.member, "grace": grace.member, "alan": alan.member },
    })
}

/// A secret with a name and an end, and another system whose sessions are taken.
pub(super) async fn project(app: &TestApp) -> Value {
    let ends = app.app.clock.now().plus(Span::days(3650)).to_string();
    let named = json!({ "name": "billing", "expires_at": ends });
    let made = app.post("/v1/vestibule/project/secrets", named).await.ok();
    let userinfo = json!({ "userinfo_url": "https://old.example.com/userinfo" });
    app.put("/v1/vestibule/project/session_migration", userinfo).await.ok();
    json!({ "api_secret": made["api_secret"], "secret": made["secret"]["secret_id"] })
}
