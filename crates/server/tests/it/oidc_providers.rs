//! Real providers and their ways: what they leave away, write differently, or refuse stops nobody who can be known, and
//! what stops somebody says where it is changed.

use serde_json::{Value, json};
use vestibule_testidp::Whims;

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::reply::{Reply, parameter};

on_both_engines!(
    a_provider_without_userinfo_is_connected_by_saying_so,
    only_a_missing_subject_or_address_stops_a_sign_in,
    keys_are_taken_as_providers_write_them,
    trust_is_about_the_address_it_was_said_of,
    what_is_missing_or_of_the_wrong_kind_is_named,
    a_providers_own_reason_is_shown,
    scopes_can_be_all_that_is_asked_for,
    what_is_pasted_is_taken_as_it_was_meant,
    two_hundred_groups_stop_nobody,
    a_blank_or_odd_subject_is_none,
    a_pinned_connection_takes_the_accounts_of_its_company_alone,
);

fn whims(claims: &Value) -> Whims {
    Whims { claims: claims.as_object().unwrap().clone(), ..Whims::default() }
}

/// A connection of which nothing is known but what the provider's document says.
async fn discovered(app: &TestApp, organization: &str, more: Value) -> (String, Value) {
    let id = app.pending_connection(organization).await;
    let mut body =
        json!({ "issuer": app.provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let updated = app.put(&format!("/v1/b2b/sso/oidc/{organization}/connections/{id}"), body).await.ok();
    (id, updated)
}

async fn signed_in(app: &TestApp, connection: &str, email: &str) -> Value {
    let back = Browser::new(app).sign_in(connection, email).await.location();
    app.redeem(&parameter(&back, "token")).await.ok()
}

fn says(reply: &Reply, words: &[&str]) {
    let page = reply.text();
    for word in words {
        assert!(page.contains(word), "{word} is not on: {page}");
    }
}

/// People who sign in through one connection after another are the same ones in the organization's own domain alone.
fn own_domain() -> Value {
    json!({ "claimed_email_domains": ["example.com"] })
}

async fn a_provider_without_userinfo_is_connected_by_saying_so(app: TestApp) {
    let organization = app.organization("acme", own_domain()).await;
    for absent in [json!(null), json!("")] {
        let document = json!({ "userinfo_endpoint": absent }).as_object().unwrap().clone();
        app.provider.set_whims(Whims { document, ..Whims::default() });
        let (id, updated) = discovered(&app, &organization, json!({})).await;
        assert_eq!(updated["connection"]["status"], "pending");
        assert!(text(&updated["warning"]).contains("no_userinfo_endpoint"), "{updated}");
        assert_ne!(updated["connection"]["token_url"], "");
        let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{id}");
        let said = app.put(&path, json!({ "no_userinfo_endpoint": true })).await.ok();
        assert_eq!((&said["connection"]["status"], &said["warning"]), (&json!("active"), &json!("")));
        signed_in(&app, &id, "ada@example.com").await;
    }
    assert_eq!(app.provider.hits("/userinfo"), 0);
}

async fn only_a_missing_subject_or_address_stops_a_sign_in(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let no_name = json!({ "name": null });
    let jwt = (200, "application/JWT; charset=utf-8", "eyJ.e30.x".to_owned());
    let refusing = [
        (403, "application/json", "{}".to_owned()),
        (500, "text/html", "<html>".to_owned()),
        jwt.clone(),
        (200, "application/json", "{}".to_owned()),
        (200, "application/json", "[]".to_owned()),
    ];
    for answer in refusing {
        app.provider.set_whims(Whims { userinfo_answer: Some(answer.clone()), ..whims(&no_name) });
        let person = signed_in(&app, &connection, "ada@example.com").await;
        assert_eq!(person["member"]["email_address"], "ada@example.com", "{answer:?}");
        // Without the address there is nobody, and the refusal says what userinfo did.
        let nobody = whims(&json!({ "email": null, "email_verified": null }));
        app.provider.set_whims(Whims { userinfo_answer: Some(answer), ..nobody });
        let refused = Browser::new(&app).sign_in(&connection, "grace@example.com").await;
        refused.refusal_page("oidc_invalid_userinfo");
        says(&refused, &["email", "userinfo"]);
    }
    // Given names do as well as a name, and without an access token there is nothing to ask with.
    app.provider.set_whims(whims(&json!({ "name": null })));
    let hits = app.provider.hits("/userinfo");
    let token = json!({ "access_token": null, "token_type": null }).as_object().unwrap().clone();
    app.provider.set_whims(Whims { token, ..whims(&json!({ "name": null, "at_hash": null })) });
    let alan = signed_in(&app, &connection, "alan@example.com").await;
    assert_eq!(alan["member"]["name"], "Alan Turing");
    assert_eq!(app.provider.hits("/userinfo"), hits);
    // Somebody else's user information is refused even where it is not needed.
    let other = json!({ "sub": "somebody-else" }).as_object().unwrap().clone();
    app.provider.set_whims(Whims { userinfo: other, ..whims(&no_name) });
    let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
    refused.refusal_page("oidc_response_subject_mismatch");
}

async fn keys_are_taken_as_providers_write_them(app: TestApp) {
    let organization = app.organization("acme", own_domain()).await;
    let key = |members: Value| members.as_object().unwrap().clone();
    app.provider.set_whims(Whims { before_keys: "\u{feff}", ..Whims::default() });
    signed_in(&app, &app.connection(&organization).await, "ada@example.com").await;
    app.provider.set_whims(Whims { key: key(json!({ "kid": null })), ..Whims::default() });
    signed_in(&app, &app.connection(&organization).await, "ada@example.com").await;
    // A key that is left out says why, and bytes that are no key set say what they are.
    app.provider.set_whims(Whims { key: key(json!({ "use": "enc" })), ..Whims::default() });
    let refused = Browser::new(&app).sign_in(&app.connection(&organization).await, "ada@example.com").await;
    refused.refusal_page("oidc_invalid_id_token");
    says(&refused, &["left out", "enc", "jwks_url"]);
    app.provider.set_whims(Whims { before_keys: "<html>", ..Whims::default() });
    let refused = Browser::new(&app).sign_in(&app.connection(&organization).await, "ada@example.com").await;
    refused.refusal_page("oidc_provider_unreachable");
    says(&refused, &["a page or XML"]);
}

async fn trust_is_about_the_address_it_was_said_of(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let mapped = json!({ "attribute_mapping": { "email": "preferred_username" } });
    let connection = app.connection_with(&organization, mapped).await;
    let verified = |person: &Value| person["member"]["email_address_verified"].as_bool().unwrap();
    // A word about `email` is none about another address: neither does it vouch for it …
    app.provider.set_whims(whims(&json!({ "preferred_username": "ada@mapped.test" })));
    let ada = signed_in(&app, &connection, "ada@example.com").await;
    assert_eq!((ada["member"]["email_address"].as_str(), verified(&ada)), (Some("ada@mapped.test"), false));
    // … nor against it.
    let unverified =
        json!({ "email": null, "email_verified": false, "preferred_username": "grace@mapped.test" });
    app.provider.set_whims(whims(&unverified));
    signed_in(&app, &connection, "subject-grace").await;
    // The same address by two names is one.
    let same = json!({ "email_verified": false, "preferred_username": "Alan@Example.com" });
    app.provider.set_whims(whims(&same));
    let refused = Browser::new(&app).sign_in(&connection, "alan@example.com").await;
    refused.refusal_page("oidc_response_unverified_email");

    // What userinfo alone says of the address is read.
    let plain = app.connection(&app.organization("globex", json!({})).await).await;
    let said = |word: Value| {
        let userinfo = json!({ "email_verified": word }).as_object().unwrap().clone();
        Whims { userinfo, ..whims(&json!({ "email_verified": null })) }
    };
    app.provider.set_whims(said(json!(false)));
    let refused = Browser::new(&app).sign_in(&plain, "ada@example.com").await;
    refused.refusal_page("oidc_response_unverified_email");
    app.provider.set_whims(said(json!(true)));
    signed_in(&app, &plain, "ada@example.com").await;
    assert_eq!(app.provider.hits("/userinfo"), 2);
}

async fn what_is_missing_or_of_the_wrong_kind_is_named(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    for (claims, words) in [
        (json!({ "email": ["a@x.test", "b@x.test"] }), &["email is a list of 2", "attribute_mapping"][..]),
        (json!({ "email": 7 }), &["email is a number"]),
        (
            json!({ "email": "" }),
            &["the claim &#34;email&#34; with an empty text in it", "attribute_mapping"],
        ),
        (json!({ "email": " " }), &["with an empty text in it"]),
        (json!({ "email": [""] }), &["with an empty text in it"]),
        (
            json!({ "email_verified": "yes" }),
            &["email_verified: &#34;yes&#34; (text), where true or false is expected"],
        ),
        (json!({ "email_verified": 0 }), &["email_verified: 0 (a number), where"]),
        (json!({ "email_verified": [] }), &["email_verified: a list of 0, where"]),
        (json!({ "email_verified": {} }), &["email_verified: an object, where"]),
        (json!({ "email_verified": true, "xms_edov": false }), &["says xms_edov: false."]),
        (json!({ "sub": "a\nb" }), &["a text with control characters", "without control characters"]),
        (json!({ "sub": "  " }), &["an empty text"]),
        (json!({ "email": null, "upn": "x@x.test" }), &["there are:", "upn", "attribute_mapping"]),
        (json!({ "aud": [CLIENT_ID, "other"] }), &["azp"]),
        (json!({ "iat": 1_800_000_000_000_i64 }), &["milliseconds", "2027-01-15T08:00:00Z"]),
        (json!({ "exp": 1_700_000_000 }), &["2023-11-14T22:13:20Z", "clocks"]),
    ] {
        let userinfo = json!({ "email": null }).as_object().unwrap().clone();
        app.provider.set_whims(Whims { userinfo, ..whims(&claims) });
        let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
        assert!(refused.status.is_client_error(), "{claims}: {}", refused.text());
        says(&refused, words);
    }
    // One text in a list is that text.
    app.provider.set_whims(whims(&json!({ "email": ["ada@example.com"] })));
    signed_in(&app, &connection, "ada@example.com").await;
    let emails = json!({ "attribute_mapping": { "email": "emails" } });
    let b2c = app.connection_with(&app.organization("b2c", json!({})).await, emails).await;
    app.provider.set_whims(whims(&json!({ "email": null, "emails": ["ada@example.com"] })));
    signed_in(&app, &b2c, "ada@example.com").await;
}

async fn a_providers_own_reason_is_shown(app: TestApp) {
    let connection = app.connection(&app.organization("acme", json!({})).await).await;
    let json_type = "application/json";
    for (status, media, body, words) in [
        (
            401,
            json_type,
            r#"{"errorCode":"invalid_client","errorSummary":"Unknown client."}"#,
            &["Unknown client."][..],
        ),
        (
            400,
            "text/plain",
            "error=invalid_scope&error_description=no+profile",
            &["no profile", "custom_scopes"],
        ),
        (
            401,
            json_type,
            r#"{"error":"invalid_client"}"#,
            &["token_endpoint_auth_method to client_secret_post"],
        ),
        (404, "text/html", "<html>", &["status 404", "token_url"]),
        (200, json_type, r#"{"access_token":"x","token_type":"Bearer"}"#, &["id_token", "openid"]),
    ] {
        app.provider
            .set_whims(Whims { token_answer: Some((status, media, body.to_owned())), ..Whims::default() });
        let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
        refused.refusal_page("oidc_auth_code_error");
        says(&refused, words);
    }
}

async fn scopes_can_be_all_that_is_asked_for(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let scope = |to: &url::Url| parameter(to, "scope");
    let connection = app.connection_with(&organization, json!({ "custom_scopes": "groups" })).await;
    let to = Browser::new(&app).start(&connection, &[]).await;
    assert_eq!(scope(&to), "openid email profile groups");
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{connection}");
    let narrow = json!({ "custom_scopes": "email", "custom_scopes_only": true });
    assert_eq!(app.put(&path, narrow).await.ok()["connection"]["custom_scopes_only"], true);
    let to = Browser::new(&app).start(&connection, &[]).await;
    assert_eq!(scope(&to), "openid email");
    app.put(&path, json!({ "custom_scopes": "" })).await.ok();
    assert_eq!(scope(&Browser::new(&app).start(&connection, &[]).await), "openid");
}

async fn what_is_pasted_is_taken_as_it_was_meant(app: TestApp) {
    let organization = app.organization("acme", json!({ "email_allowed_domains": ["@Example.com "] })).await;
    let issuer = &app.provider.issuer;
    let pasted = json!({
        "issuer": format!("\n{issuer}/.well-known/openid-configuration "),
        "client_id": format!("{CLIENT_ID}\n"),
        "client_secret": format!(" {CLIENT_SECRET}\r\n"),
    });
    let (id, updated) = discovered(&app, &organization, pasted).await;
    let connection = &updated["connection"];
    assert_eq!(
        (&connection["issuer"], &connection["client_secret"]),
        (&json!(issuer), &json!(CLIENT_SECRET))
    );
    assert_eq!((&connection["client_id"], &connection["status"]), (&json!(CLIENT_ID), &json!("active")));
    assert!(text(&updated["warning"]).contains("address of its discovery document"), "{updated}");
    signed_in(&app, &id, "ada@example.com").await;
    let member = app.member(&organization, " mailto:Grace@example.com", json!({})).await;
    let found =
        app.get(&format!("/v1/b2b/organizations/{organization}/member?member_id={member}")).await.ok();
    assert_eq!(found["member"]["email_address"], "grace@example.com");
    // A label that nobody knows names those that are known.
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{id}");
    let refused =
        app.put(&path, json!({ "identity_provider": "acme" })).await.refused(400, "invalid_sso_idp");
    assert!(text(&refused["error_message"]).contains("okta, onelogin"), "{refused}");
    // An issuer with a slash at its end is found by the address of its document, which does not show it.
    let slashed = format!("{issuer}/");
    let document = json!({ "issuer": slashed }).as_object().unwrap().clone();
    app.provider.set_whims(Whims { document, ..Whims::default() });
    let address = json!({ "issuer": format!("{issuer}/.well-known/openid-configuration") });
    let (_, updated) = discovered(&app, &organization, address).await;
    assert_eq!(
        (&updated["connection"]["issuer"], &updated["connection"]["status"]),
        (&json!(slashed), &json!("active"))
    );
}

async fn two_hundred_groups_stop_nobody(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let mapping = json!({ "attribute_mapping": { "teams": "groups", "department": "dept" } });
    let connection = app.connection_with(&organization, mapping).await;
    let groups: Vec<String> = (0..200).map(|n| format!("{n:08}-0000-4000-8000-000000000000")).collect();
    app.provider.set_whims(whims(&json!({ "groups": groups, "dept": "math" })));
    let person = signed_in(&app, &connection, "ada@example.com").await;
    assert_eq!(person["member"]["trusted_metadata"], json!({ "department": "math" }));
    let trace = app.traces().await.swap_remove(0);
    assert!(trace["steps"].to_string().contains("not kept: teams"), "{trace}");
}

async fn a_blank_or_odd_subject_is_none(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let mapping = json!({ "attribute_mapping": { "idp_user_id": "employee" } });
    let connection = app.connection_with(&organization, mapping).await;
    for (value, words) in [
        (json!("  "), "an empty text"),
        (json!("\t"), "an empty text"),
        (json!("\u{a0}"), "an empty text"),
        (json!("a\nb"), "control characters"),
        (json!("x".repeat(256)), "more than 255 bytes"),
        (json!(["a"]), "a list"),
        (json!({}), "an object"),
        (json!(null), "nothing"),
    ] {
        app.provider.set_whims(whims(&json!({ "employee": value })));
        let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
        refused.refusal_page("oidc_response_subject_missing");
        says(&refused, &[words, "employee", "idp_user_id"]);
    }
    assert_eq!(app.member_count(&organization).await, 0);
}

/// A provider whom everybody may have an account with says whose an account is by a claim of the id token.
async fn a_pinned_connection_takes_the_accounts_of_its_company_alone(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let tenant = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    for (setting, pin, claim, own, others) in [
        ("hosted_domain", "example.com, example.de", "hd", "Example.de", json!("evil.example")),
        ("tenant_id", tenant, "tid", tenant, json!("9188040d-6c67-4c5b-b112-36a304b66dad")),
    ] {
        let connection = app.connection_with(&organization, json!({ setting: pin })).await;
        for (claims, found) in [
            (json!({}), format!("no {claim}")),
            (json!({ claim: others }), format!("{claim} ")),
            (json!({ claim: [own] }), format!("{claim} that is no text")),
        ] {
            app.provider.set_whims(whims(&claims));
            let refused = Browser::new(&app).sign_in(&connection, "ada@example.com").await;
            refused.refusal_page("id_token");
            says(&refused, &[&found, setting]);
        }
        // What user information says of it is not signed.
        let unsigned = json!({ claim: own }).as_object().unwrap().clone();
        app.provider.set_whims(Whims { userinfo: unsigned, ..Whims::default() });
        Browser::new(&app).sign_in(&connection, "ada@example.com").await.refusal_page("id_token");
        app.provider.set_whims(whims(&json!({ claim: own })));
        let email = if claim == "hd" { "ada@example.com" } else { "grace@example.com" };
        signed_in(&app, &connection, email).await;
    }
}
