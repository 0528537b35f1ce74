//! Every way in which a SAML provider can be wrong: nobody is signed in, the page says what to do, and the trace
//! says what was found and expected, without the message, a secret or a person in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vestibule_testidp::{SamlFault, ServiceProvider};

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_idp::{connect, decryption_key};

on_both_engines!(
    every_fault_is_refused_and_traced,
    the_page_names_the_setting,
    decryption_tells_the_browser_nothing,
    a_legacy_switch_lets_sha1_in_and_is_loud,
    a_sign_in_that_succeeds_is_traced,
);

/// Fault, code on the page, the check that failed.
const FAULTS: [(SamlFault, &str, &str); 26] = [
    (SamlFault::WrongAudience, "invalid_audience_saml_response", "audience"),
    (SamlFault::NoAudience, "invalid_audience_saml_response", "audience"),
    (SamlFault::Expired, "expired_saml_response", "not_on_or_after"),
    (SamlFault::ClockAhead, "not_yet_valid_saml_response", "response_issue_instant"),
    (SamlFault::ClockBehind, "expired_saml_response", "not_on_or_after"),
    (SamlFault::Unsigned, "missing_signature_saml_response", "signed"),
    (SamlFault::EncryptedUnsigned, "undecryptable_saml_response", "signed"),
    (SamlFault::Sha1, "unsupported_algorithm_saml_response", "assertion_signature"),
    (SamlFault::WrongKey, "saml_certificate_mismatch", "assertion_signature"),
    (SamlFault::Tampered, "invalid_signature_saml_response", "assertion_signature"),
    (SamlFault::Wrapped, "invalid_saml_response", "nothing_hidden"),
    (SamlFault::TwoAssertions, "invalid_saml_response", "single_assertion"),
    (SamlFault::CommentInNameId, "invalid_xml_saml_response", "xml"),
    (SamlFault::Doctype, "invalid_xml_saml_response", "xml"),
    (SamlFault::WrongDestination, "invalid_recipient_saml_response", "destination"),
    (SamlFault::WrongRecipient, "invalid_recipient_saml_response", "recipient"),
    (SamlFault::WrongIssuer, "invalid_issuer_saml_response", "response_issuer"),
    (SamlFault::WrongInResponseTo, "unsolicited_saml_response", "response_in_response_to"),
    (SamlFault::NoInResponseTo, "unsolicited_saml_response", "response_in_response_to"),
    (SamlFault::StatusFailed, "failed_saml_response", "status"),
    (SamlFault::NoAuthnStatement, "invalid_saml_response", "authn_statement"),
    (SamlFault::NoConfirmationEnd, "invalid_saml_response", "confirmation_expiry"),
    (SamlFault::MissingEmail, "invalid_saml_response_email", "attribute_mapping"),
    (SamlFault::TransientNameId, "saml_response_subject_missing", "attribute_mapping"),
    (SamlFault::NoNameId, "saml_response_subject_missing", "attribute_mapping"),
    (SamlFault::Replay, "unsolicited_saml_response", "response_in_response_to"),
];

async fn every_fault_is_refused_and_traced(app: TestApp) {
    assert_eq!(FAULTS.len(), SamlFault::ALL.len());
    let mapping = json!({ "email": "email", "full_name": "name" });
    let at = connect(&app, "acme", json!({ "attribute_mapping": mapping })).await;
    let (key, certificate) = decryption_key();
    app.put(&at.path(), json!({ "saml_encryption_private_key": key })).await.ok();
    let sp = ServiceProvider {
        name: String::new(),
        entity_id: at.acs(),
        acs_url: at.acs(),
        certificate: Some(certificate),
    };
    app.provider.saml().register(sp);
    let mut wrong = Vec::new();
    for (fault, code, check) in FAULTS {
        let mut browser = Browser::new(&app);
        let to = browser.start(&at.connection, &[]).await;
        let cookie = browser.cookies.values().next().unwrap().clone();
        let back = browser.answer_saml(&to, "ada@example.com", &[("fault", fault.name())]).await;
        app.pass(1);
        let page = browser.bring(&back).await;
        assert!(page.status.is_client_error(), "{fault:?}: {} {}", page.status, page.text());
        let newest = app.traces().await.swap_remove(0);
        let steps = newest["steps"].as_array().unwrap();
        let failed = steps.iter().find(|step| step["passed"] == false).unwrap_or(&Value::Null);
        if newest["error_type"] != code || failed["check"] != check {
            wrong.push(format!("{fault:?}: {} by {failed}", newest["error_type"]));
            continue;
        }
        page.refusal_page(code);
        assert!(!page.text().contains("&#34;"), "{fault:?}: what is quoted is in “ ”: {}", page.text());
        assert!(page.text().contains(newest["request_id"].as_str().unwrap()), "{newest}");
        for side in ["found", "expected"] {
            assert!(
                failed[side].as_str().is_some_and(|said| !said.is_empty()),
                "{fault:?}: no {side} in {newest}"
            );
        }
        // Who has asked for this answer a moment ago has not waited too long: clocks do not agree, and go on so.
        let is_late = matches!(fault, SamlFault::Expired | SamlFault::ClockBehind);
        assert!(!is_late || !page.text().contains("This sign-in is over"), "{fault:?}: {}", page.text());
        if is_late || fault == SamlFault::NoInResponseTo {
            assert_eq!(page.shown("refusal-who"), "You, at your identity provider.", "{fault:?}");
        }

        let xml = String::from_utf8(STANDARD.decode(back.field("SAMLResponse")).unwrap()).unwrap();
        let mut secrets = vec![cookie, back.field("RelayState"), app.secret.clone()];
        // What a provider says in its status is for people, and may name one.
        secrets.extend((fault != SamlFault::StatusFailed).then(|| "ada@example.com".to_owned()));
        secrets.push(back.field("SAMLResponse").chars().take(60).collect());
        secrets
            .extend(between(&xml, "<ds:SignatureValue>", "<").map(|value| value.chars().take(40).collect()));
        secrets
            .extend(between(&xml, "<xenc:CipherValue>", "<").map(|value| value.chars().take(40).collect()));
        for secret in secrets {
            assert!(!newest.to_string().contains(&secret), "{fault:?}: {secret} in {newest}");
            assert!(!page.text().contains(&secret), "{fault:?}: {secret} on the page");
        }
        // The attempt is over: an honest answer comes too late.
        let honest = browser.answer_saml(&to, "ada@example.com", &[]).await;
        assert!(browser.bring(&honest).await.status.is_client_error(), "{fault:?}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(app.member_count(&at.organization).await, 0);
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split(after).next()
}

async fn the_page_names_the_setting(app: TestApp) {
    let page_of = async |label: &str, fault: &str| {
        let at = connect(
            &app,
            &format!("{label}-{}", fault.replace('_', "-")),
            json!({ "identity_provider": label }),
        )
        .await;
        let page = Browser::new(&app).sign_in_saml(&at, "ada@example.com", &[("fault", fault)]).await;
        (page.text(), at)
    };
    let (page, at) = page_of("okta", "wrong_audience").await;
    assert!(page.contains("“Audience URI (SP Entity ID)”") && page.contains(&at.acs()), "{page}");
    let (page, _) = page_of("microsoft-entra", "wrong_key").await;
    assert!(page.contains("“Certificate (Base64)”") && page.contains("SHA-256"), "{page}");
    let (page, at) = page_of("google-workspace", "wrong_recipient").await;
    assert!(page.contains("“ACS URL”") && page.contains(&at.acs()), "{page}");
    let (page, _) = page_of("keycloak", "unsigned").await;
    assert!(page.contains("“Sign documents”"), "{page}");
    let (page, _) = page_of("generic", "sha1").await;
    assert!(page.contains("“Secure hash algorithm”"), "{page}");
    let (page, _) = page_of("jumpcloud", "clock_ahead").await;
    assert!(page.contains("seconds ahead of our clock"), "{page}");
}

/// Whatever is wrong with what was encrypted, the browser sees one answer; only the trace tells more.
async fn decryption_tells_the_browser_nothing(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let (ours, certificate) = decryption_key();
    let (_, others) = decryption_key();
    app.put(&at.path(), json!({ "saml_encryption_private_key": ours })).await.ok();
    let mut seen = Vec::new();
    for (certificate, fault) in
        [(&certificate, "encrypted_unsigned"), (&others, ""), (&certificate, "wrong_key")]
    {
        let (entity_id, acs_url) = (at.acs(), at.acs());
        let sp = ServiceProvider {
            name: String::new(),
            entity_id,
            acs_url,
            certificate: Some(certificate.clone()),
        };
        app.provider.saml().register(sp);
        let choices = [("encrypt", "1"), ("fault", fault)];
        let page = Browser::new(&app).sign_in_saml(&at, "ada@example.com", &choices).await;
        app.pass(1);
        page.refusal_page("undecryptable_saml_response");
        let trace = app.traces().await.swap_remove(0);
        let (request, trace) = (text(&trace["request_id"]), text(&trace["trace_id"]));
        let page_text = page.text().replace(&request, "").replace(&trace, "");
        let shown: Vec<String> = page_text.lines().map(str::to_owned).collect();
        seen.push((page.status, shown.into_iter().filter(|line| !line.contains("Time")).collect::<Vec<_>>()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

async fn a_legacy_switch_lets_sha1_in_and_is_loud(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let mut browser = Browser::new(&app);
    let sha1 = [("fault", "sha1")];
    browser
        .sign_in_saml(&at, "ada@example.com", &sha1)
        .await
        .refusal_page("unsupported_algorithm_saml_response");
    let until = app.app.clock.now().plus(vestibule_domain::time::Span::days(30)).to_string();
    app.put(&at.path(), json!({ "legacy_allow_sha1_until": until })).await.ok();
    app.pass(1);
    browser.sign_in_saml(&at, "ada@example.com", &sha1).await.location();
    let steps = app.traces().await[0]["steps"].clone();
    let loud = steps.as_array().unwrap().iter().find(|step| step["check"] == "legacy").unwrap();
    assert!(text(&loud["found"]).contains("RSA-SHA1"), "{loud}");
    app.pass(30 * 86_400);
    browser
        .sign_in_saml(&at, "ada@example.com", &sha1)
        .await
        .refusal_page("unsupported_algorithm_saml_response");
}

async fn a_sign_in_that_succeeds_is_traced(app: TestApp) {
    let at = connect(&app, "acme", json!({})).await;
    let to = Browser::new(&app).sign_in_saml(&at, "ada@example.com", &[]).await.location();
    let token = parameter(&to, "token");
    let traces = app.traces().await;
    assert_eq!((traces.len(), &traces[0]["outcome"]), (1, &json!("accepted")), "{traces:?}");
    let steps = traces[0]["steps"].as_array().unwrap();
    let checks: Vec<String> = steps.iter().map(|step| text(&step["check"])).collect();
    let ends = ["certificate", "email", "groups", "admission"];
    assert_eq!(checks[0], "state");
    assert_eq!(checks[checks.len() - 4..], ends, "{checks:?}");
    assert!(
        !traces[0].to_string().contains(&token) && !traces[0].to_string().contains("Lovelace"),
        "{traces:?}"
    );
    assert_eq!(traces[0]["member_id"], app.redeem(&token).await.ok()["member_id"]);
}
