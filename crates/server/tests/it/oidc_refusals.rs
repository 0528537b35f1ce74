//! What a refusal over OpenID Connect tells the one who has to change something: what came, what the provider calls the
//! setting, and whose it is.

use serde_json::{Value, json};
use vestibule_testidp::Fault;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::Reply;

on_both_engines!(
    the_claims_that_came_are_named,
    a_refusal_names_the_setting_and_whose_it_is,
    an_issuer_that_cannot_work_is_not_active,
    the_switches_that_let_somebody_in_say_whom,
);

async fn refused(app: &TestApp, connection: &str, fault: Fault) -> (Reply, Value) {
    app.pass(1);
    let page = Browser::new(app).sign_in_with(connection, "ada@example.com", Some(fault)).await;
    (page, app.traces().await.swap_remove(0))
}

async fn the_claims_that_came_are_named(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    for (fault, missing) in [(Fault::IatMissing, "iat"), (Fault::MissingSub, "sub")] {
        let (page, trace) = refused(&app, &connection, fault).await;
        let text = page.text();
        assert!(text.contains(&format!("has no {missing}. There are: ")), "{text}");
        let steps = trace["steps"].to_string();
        for name in ["aud", "email", "nonce"] {
            assert!(steps.contains(name), "{name} in {steps}");
        }
        // Names, and nobody's values.
        assert!(!steps.contains("ada@example.com") && !text.contains("ada@example.com"), "{text} {steps}");
    }
    let (_, trace) = refused(&app, &connection, Fault::MissingEmail).await;
    assert!(trace["steps"].to_string().contains("there are: "), "{trace}");
    // Times are times.
    let (page, _) = refused(&app, &connection, Fault::Expired).await;
    assert!(page.text().contains("expired at 2027-01-15T0"), "{}", page.text());
}

async fn a_refusal_names_the_setting_and_whose_it_is(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let okta = app.connection_with(&organization, json!({ "identity_provider": "okta" })).await;
    let entra = app.connection_with(&organization, json!({ "identity_provider": "microsoft-entra" })).await;
    const YOURS: &str = "You, at your identity provider.";
    const EITHER: &str = "or your software vendor";
    for (connection, fault, names, who, changed_by) in [
        (&okta, Fault::AccessDenied, "Okta calls this setting “Assignments”", YOURS, "identity_provider"),
        (
            &okta,
            Fault::WrongAudience,
            "“Client ID” under “Client Credentials”",
            EITHER,
            "identity_provider_or_vendor",
        ),
        (&entra, Fault::TokenError, "“Redirect URIs” under “Authentication”", YOURS, "identity_provider"),
        (&entra, Fault::WrongAudience, "“Application (client) ID”", EITHER, "identity_provider_or_vendor"),
        (
            &entra,
            Fault::MissingEmail,
            "“Optional claims” under “Token configuration”",
            EITHER,
            "identity_provider_or_vendor",
        ),
        (&okta, Fault::ForeignState, "", "Nobody has to change anything", "person"),
    ] {
        let (page, trace) = refused(&app, connection, fault).await;
        assert!(page.text().contains(names), "{fault:?}: {}", page.text());
        assert!(page.shown("refusal-who").contains(who), "{fault:?}: {}", page.text());
        assert_eq!(trace["changed_by"], changed_by, "{fault:?}: {trace}");
    }
}

async fn an_issuer_that_cannot_work_is_not_active(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.pending_connection(&organization).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    let own =
        json!({ "issuer": app.provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET });
    assert_eq!(app.put(&path, own).await.ok()["connection"]["status"], "active");
    let status = async |body: Value| {
        let saved = app.put(&path, body).await.ok();
        (text(&saved["connection"]["status"]), text(&saved["warning"]))
    };
    // The document of the new issuer cannot be read, and the URLs are those of the one before.
    let (now, warning) = status(json!({ "issuer": "http://127.0.0.1:9/other" })).await;
    assert!(now == "pending" && warning.contains("so the connection is pending"), "{now}: {warning}");
    let start = Browser::new(&app).start_reply(&connection, &[]).await;
    let why = start.refused(400, "requires_active_sso_connection").to_string();
    assert!(why.contains("those of the issuer before"), "{why}");
    // Not only the change that did it says so.
    let (now, warning) = status(json!({ "display_name": "Renamed" })).await;
    assert!(now == "pending" && warning.contains("of the previous issuer were kept"), "{now}: {warning}");
    // URLs that somebody sets are theirs to know.
    let issuer = &app.provider.issuer;
    let urls = json!({ "authorization_url": format!("{issuer}/authorize?own"), "token_url": format!("{issuer}/token?own"),
        "userinfo_url": format!("{issuer}/userinfo?own"), "jwks_url": format!("{issuer}/jwks?own") });
    assert_eq!(status(urls).await.0, "active");
    // And back.
    status(
        json!({ "issuer": "http://127.0.0.1:9/third", "authorization_url": format!("{issuer}/authorize") }),
    )
    .await;
    assert_eq!(status(json!({ "issuer": issuer })).await, ("active".to_owned(), String::new()));
    Browser::new(&app).sign_in(&connection, "ada@example.com").await.location();
}

async fn the_switches_that_let_somebody_in_say_whom(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let mut browser = Browser::new(&app);
    let to = browser.start(&connection, &[]).await;
    let asked = http::Request::get(to.as_str()).body(axum::body::Body::empty()).unwrap();
    let page = browser.at_provider(asked).await.text();
    browser.sign_in(&connection, "ada@example.com").await.location();
    for fault in Fault::ALL {
        let (known, _) = refused(&app, &connection, fault).await;
        let option =
            page.split(&format!("value=\"{}\"", fault.name())).nth(1).unwrap_or_else(|| panic!("{page}"));
        let label = option.split("</option>").next().unwrap();
        let says = label.contains("(newcomers only)") || label.starts_with(">no fault: ");
        assert_eq!(known.status.is_redirection(), says, "{fault:?}: {says} and {}", known.status);
    }
}
