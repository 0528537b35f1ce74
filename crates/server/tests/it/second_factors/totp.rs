//! An authenticator application: begun, proved, used, brought along, taken away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;

use super::{Authenticator, Person};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    an_authenticator_finishes_a_sign_in,
    a_wrong_code_leaves_the_sign_in_and_five_bring_a_wait,
    a_step_is_used_once_and_none_before_it,
    a_registration_waits_as_long_as_it_was_told,
    there_is_one_authenticator,
    a_factor_joins_a_session,
    what_is_chosen_with_a_proof_is_kept,
    an_authenticator_is_brought_along,
    a_deleted_authenticator_takes_its_sessions_along,
    an_organization_may_take_other_factors_only,
    tokens_and_members_have_to_fit,
    a_data_key_that_is_rotated_seals_authenticators_too,
);

async fn an_authenticator_finishes_a_sign_in(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let token = ada.intermediate().await;
    let with = json!({ "intermediate_session_token": token });
    let begun = ada.begin(with.clone()).await;
    let authenticator = Authenticator::of(&begun);
    assert!(authenticator.id.starts_with("member-totp-test-"), "{begun}");
    assert_eq!(text(&begun["secret"]).len(), 32);
    let picture = text(&begun["qr_code"]);
    let picture = STANDARD.decode(picture.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
    assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(authenticator.recovery_codes.len(), 10);
    assert_eq!(begun["member"]["totp_registration_id"], "", "it is not proved yet");
    assert_eq!(
        (&begun["member_id"], &begun["organization"]["organization_id"]),
        (&json!(ada.member), &json!(ada.organization))
    );

    let proved = ada.prove(&authenticator.code(&app), with.clone()).await.ok();
    assert_eq!(proved["member"]["totp_registration_id"], authenticator.id.as_str());
    assert_eq!(proved["member"]["default_mfa_method"], "totp");
    assert_eq!(proved["member_device"], json!(null));
    let factors = proved["member_session"]["authentication_factors"].as_array().unwrap();
    assert_eq!((&factors[0]["type"], &factors[0]["sequence_order"]), (&json!("sso"), &json!("PRIMARY")));
    assert_eq!(factors[1]["type"], "totp");
    assert_eq!(factors[1]["delivery_method"], "authenticator_app");
    assert_eq!(factors[1]["sequence_order"], "SECONDARY");
    assert_eq!(factors[1]["authenticator_app_factor"]["totp_id"], authenticator.id.as_str());
    let body = json!({ "session_token": proved["session_token"] });
    app.post("/v1/b2b/sessions/authenticate", body).await.ok();
    // The sign-in that waited is finished: it finishes nothing else.
    app.pass(30);
    ada.prove(&authenticator.code(&app), with).await.refused(404, "intermediate_session_not_found");
    // From now on it is what is asked for.
    let waiting = ada.first_factor().await;
    assert_eq!(waiting["mfa_required"]["secondary_auth_initiated"], json!(null));
    let token = json!({ "intermediate_session_token": waiting["intermediate_session_token"], "session_duration_minutes": 30 });
    app.pass(30);
    let again = ada.prove(&authenticator.code(&app), token).await.ok();
    assert_eq!(again["member_session"]["authentication_factors"].as_array().unwrap().len(), 2);
}

async fn a_wrong_code_leaves_the_sign_in_and_five_bring_a_wait(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    for odd in ["", "12345", "1234567", "abcdef", "12 34 5"] {
        ada.prove(odd, with.clone()).await.refused(400, "invalid_totp_code");
    }
    for _ in 0..5 {
        let code = authenticator.wrong_code(&app);
        ada.prove(&code, with.clone()).await.refused(401, "unable_to_authenticate_totp");
    }
    let locked = ada.prove(&authenticator.code(&app), with.clone()).await;
    locked.refused(429, "too_many_requests");
    assert_eq!(locked.headers["retry-after"], "60");
    // Other ways in wait too, and other members do not.
    let recovery = json!({ "intermediate_session_token": with["intermediate_session_token"], "recovery_code": authenticator.recovery_codes[0] });
    ada.ask("/v1/b2b/recovery_codes/recover", recovery).await.refused(429, "too_many_requests");
    ada.colleague("grace@acme.example.com").await.enrolled().await;
    let events = app.get(&format!("/v1/vestibule/events?organization_id={}", ada.organization)).await.ok();
    assert!(events.to_string().contains("member.second_factor.lock"));
    app.pass(30);
    ada.prove(&authenticator.code(&app), with.clone()).await.ok();
    // A success forgets what was wrong before.
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    let code = authenticator.wrong_code(&app);
    ada.prove(&code, with.clone()).await.refused(401, "unable_to_authenticate_totp");
}

async fn a_step_is_used_once_and_none_before_it(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let with = |token: String| json!({ "intermediate_session_token": token });
    let (before, next) = (authenticator.code_of(&app, 0), authenticator.code_of(&app, 1));
    ada.prove(&next, with(ada.intermediate().await)).await.ok();
    let token = ada.intermediate().await;
    for code in [&next, &before] {
        ada.prove(code, with(token.clone())).await.refused(400, "totp_code_already_authenticated");
    }
    // Those were no guesses: many of them bring no wait.
    for _ in 0..10 {
        ada.prove(&next, with(token.clone())).await.refused(400, "totp_code_already_authenticated");
    }
    let late = authenticator.code_of(&app, 2);
    ada.prove(&late, with(token.clone())).await.refused(401, "unable_to_authenticate_totp");
    app.pass(30);
    ada.prove(&late, with(token)).await.ok();
}

async fn a_registration_waits_as_long_as_it_was_told(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = json!({ "session_token": ada.session().await });
    for minutes in [-1, 0, 4, 1441, i64::MAX] {
        ada.ask("/v1/b2b/totp", json!({ "expiration_minutes": minutes }))
            .await
            .refused(400, "invalid_expiration");
    }
    let authenticator = Authenticator::of(&ada.begin(json!({ "expiration_minutes": 5 })).await);
    app.pass(300);
    let late = ada.prove(&authenticator.code(&app), session.clone()).await;
    late.refused(404, "totp_not_found");
    let authenticator = Authenticator::of(&ada.begin(json!({ "expiration_minutes": 5 })).await);
    app.pass(299);
    ada.prove(&authenticator.code(&app), session.clone()).await.ok();
    app.pass(2000);
    ada.prove(&authenticator.code(&app), session).await.ok();
    app.app
        .store
        .cleanup(app.app.clock.now().plus(vestibule_domain::time::Span::days(3)), Default::default())
        .await
        .unwrap();
    assert_eq!(ada.shown().await["totp_registration_id"], authenticator.id.as_str());
    let codes = app.get(&ada.codes_path()).await.ok();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10, "what was proved waits for nothing");
}

async fn there_is_one_authenticator(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = json!({ "session_token": ada.session().await });
    let first = Authenticator::of(&ada.begin(session.clone()).await);
    let second = Authenticator::of(&ada.begin(session.clone()).await);
    assert_ne!(first.id, second.id);
    ada.prove(&first.code(&app), session.clone()).await.refused(401, "unable_to_authenticate_totp");
    let proved = ada.prove(&second.code(&app), session).await.ok();
    for with in [json!({}), json!({ "session_token": proved["session_token"] })] {
        ada.ask("/v1/b2b/totp", with).await.refused(400, "active_totp_exists");
    }
    let body = json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" });
    ada.ask("/v1/b2b/totp/migrate", body).await.refused(400, "active_totp_exists");
    app.pass(30);
    ada.prove(&second.code(&app), json!({ "session_token": proved["session_token"] })).await.ok();
}

async fn a_factor_joins_a_session(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let signed_in = ada.first_factor().await;
    let session = json!({ "session_token": signed_in["session_token"] });
    let authenticator = Authenticator::of(&ada.begin(session.clone()).await);
    let body = json!({
        "session_jwt": signed_in["session_jwt"], "session_custom_claims": { "level": 2 }, "session_duration_minutes": 120,
    });
    let proved = ada.prove(&authenticator.code(&app), body).await.ok();
    assert_eq!(proved["session_token"], signed_in["session_token"]);
    assert_eq!(
        proved["member_session"]["member_session_id"],
        signed_in["member_session"]["member_session_id"]
    );
    assert_eq!(proved["member_session"]["custom_claims"], json!({ "level": 2 }));
    assert_eq!(proved["member_session"]["authentication_factors"].as_array().unwrap().len(), 2);
    app.pass(30);
    // Proved again it is one factor still, with another time.
    let again = ada.prove(&authenticator.code(&app), session).await.ok();
    let factors = again["member_session"]["authentication_factors"].as_array().unwrap();
    assert_eq!(factors.len(), 2);
    assert_ne!(factors[1]["last_authenticated_at"], factors[1]["created_at"]);
    // Without either there is nothing to join.
    app.pass(30);
    ada.prove(&authenticator.code(&app), json!({})).await.refused(400, "no_session_arguments");
    let both = json!({ "session_token": "a", "intermediate_session_token": "b" });
    ada.prove(&authenticator.code(&app), both).await.refused(400, "too_many_session_arguments");
}

async fn what_is_chosen_with_a_proof_is_kept(app: TestApp) {
    let ada = Person::optional(&app, "acme").await;
    let session = ada.session().await;
    let with = |more: serde_json::Value| {
        let mut body = json!({ "session_token": session });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let authenticator = Authenticator::of(&ada.begin(with(json!({}))).await);
    let odd = with(json!({ "set_mfa_enrollment": "perhaps" }));
    ada.prove(&authenticator.code(&app), odd).await.refused(400, "invalid_field");
    let enrolled =
        ada.prove(&authenticator.code(&app), with(json!({ "set_mfa_enrollment": "enroll" }))).await.ok();
    assert_eq!(enrolled["member"]["mfa_enrolled"], true);
    let waiting = ada.first_factor().await;
    assert_eq!(
        waiting["mfa_required"]["member_options"],
        json!({ "mfa_phone_number": "", "totp_registration_id": authenticator.id })
    );
    app.pass(30);
    let left = with(json!({ "set_mfa_enrollment": "unenroll" }));
    let left = ada.prove(&authenticator.code(&app), left).await.ok();
    assert_eq!(left["member"]["mfa_enrolled"], false);
    ada.session().await;
    // Where everybody needs one there is no choice.
    let path = format!("/v1/b2b/organizations/{}", ada.organization);
    app.put(&path, json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await.ok();
    app.pass(30);
    let ignored = with(json!({ "set_mfa_enrollment": "enroll" }));
    let ignored = ada.prove(&authenticator.code(&app), ignored).await.ok();
    assert_eq!(ignored["member"]["mfa_enrolled"], false);
    // What they have is shown all the same: it is what they are to use.
    assert_eq!(
        ada.first_factor().await["mfa_required"]["member_options"],
        json!({ "mfa_phone_number": "", "totp_registration_id": authenticator.id })
    );
}

async fn an_authenticator_is_brought_along(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let secret = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";
    for odd in ["", "GEZDGNBV", "not base32!", "1".repeat(32).as_str()] {
        ada.ask("/v1/b2b/totp/migrate", json!({ "secret": odd })).await.refused(400, "invalid_totp_secret");
    }
    let many: Vec<_> = (0..51).map(|n| format!("old-code-{n:04}")).collect();
    let body = |codes: serde_json::Value| json!({ "secret": secret, "recovery_codes": codes });
    ada.ask("/v1/b2b/totp/migrate", body(json!(many))).await.refused(400, "too_many_recovery_codes");
    ada.ask("/v1/b2b/totp/migrate", body(json!(["short"]))).await.refused(400, "invalid_recovery_code");
    ada.ask("/v1/b2b/totp/migrate", json!({})).await.refused(400, "missing_required_field");
    let brought = ada.ask("/v1/b2b/totp/migrate", body(json!(["old-code-1", "old-code-2"]))).await.ok();
    assert_eq!(brought["recovery_codes"], json!(["old-code-1", "old-code-2"]));
    assert_eq!(brought["member"]["totp_registration_id"], brought["totp_registration_id"]);
    let authenticator = Authenticator::with_secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    ada.prove(&authenticator.code(&app), with).await.ok();
    let grace = ada.colleague("grace@acme.example.com").await;
    let minted = grace.ask("/v1/b2b/totp/migrate", body(json!([]))).await.ok();
    assert_eq!(minted["recovery_codes"].as_array().unwrap().len(), 10);
}

async fn a_deleted_authenticator_takes_its_sessions_along(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    let proved = ada.prove(&authenticator.code(&app), with).await.ok();
    let session = json!({ "session_token": proved["session_token"] });
    app.post("/v1/b2b/sessions/authenticate", session.clone()).await.ok();
    let deleted = app.delete(&ada.path("/totp")).await.ok();
    assert_eq!(deleted["member"]["totp_registration_id"], "");
    assert_eq!(deleted["member"]["default_mfa_method"], "");
    app.post("/v1/b2b/sessions/authenticate", session).await.refused(404, "session_not_found");
    app.delete(&ada.path("/totp")).await.refused(404, "totp_not_found");
    app.get(&ada.codes_path()).await.refused(404, "recovery_codes_not_found");
    // They begin anew, with another one.
    let next = ada.enrolled().await;
    assert_ne!(next.id, authenticator.id);
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    ada.prove(&authenticator.code(&app), with).await.refused(401, "unable_to_authenticate_totp");
    // Who leaves leaves it behind, and has none when they come back.
    app.delete(&ada.path("")).await.ok();
    ada.ask("/v1/b2b/totp", json!({})).await.refused(404, "member_not_found");
    let gone = format!("/v1/b2b/organizations/members/dangerously_get/{}?include_deleted=true", ada.member);
    assert_eq!(app.get(&gone).await.ok()["member"]["totp_registration_id"], "");
}

async fn an_organization_may_take_other_factors_only(app: TestApp) {
    let policy = json!({ "mfa_policy": "REQUIRED_FOR_ALL", "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["sms_otp"] });
    let ada = Person::with(&app, "acme", policy).await;
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    let error = "operation_restricted_by_organization_mfa_methods";
    ada.ask("/v1/b2b/totp", with.clone()).await.refused(400, error);
    ada.prove("123456", with.clone()).await.refused(400, error);
    let mut recovery = with.clone();
    recovery["recovery_code"] = json!("aaaa-bbbb-cccc");
    ada.ask("/v1/b2b/recovery_codes/recover", recovery).await.refused(400, error);
    ada.with_number().await;
    let path = format!("/v1/b2b/organizations/{}", ada.organization);
    app.put(&path, json!({ "allowed_mfa_methods": ["totp"] })).await.ok();
    ada.send(json!({})).await.refused(400, error);
    let proof = json!({ "intermediate_session_token": ada.intermediate().await });
    ada.prove_sms("123456", proof).await.refused(400, error);
}

/// A member, an organization and a token of each kind are one's own, or as good as nobody's.
async fn tokens_and_members_have_to_fit(app: TestApp) {
    let (ada, mallory) = (Person::required(&app, "acme").await, Person::required(&app, "globex").await);
    let grace = ada.colleague("grace@acme.example.com").await;
    let authenticator = ada.enrolled().await;
    let code = authenticator.code(&app);
    let hers = ada.intermediate().await;
    for token in
        [mallory.intermediate().await, grace.intermediate().await, "nonsense".into(), "x".repeat(5000)]
    {
        let with = json!({ "intermediate_session_token": token });
        for answer in [
            ada.prove(&code, with.clone()).await,
            ada.ask("/v1/b2b/totp", with.clone()).await,
            ada.send(with.clone()).await,
        ] {
            answer.refused(404, "intermediate_session_not_found");
        }
    }
    // A token of one kind shown as another.
    ada.prove(&code, json!({ "session_token": hers })).await.refused(404, "session_not_found");
    let session = ada.prove(&code, json!({ "intermediate_session_token": hers })).await.ok();
    app.pass(30);
    let with = json!({ "intermediate_session_token": session["session_token"] });
    ada.prove(&authenticator.code(&app), with).await.refused(404, "intermediate_session_not_found");
    grace.enrolled().await;
    let with = json!({ "session_token": session["session_token"] });
    grace.prove(&authenticator.code(&app), with).await.refused(400, "session_member_mismatch");
    // Ids of other organizations and projects are nobody's.
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (organization, member, error) in [
        (mallory.organization.clone(), ada.member.clone(), "member_not_found"),
        (ada.organization.clone(), mallory.member.clone(), "member_not_found"),
        (ada.organization.clone(), format!("member-test-{nobody}"), "member_not_found"),
        (format!("organization-test-{nobody}"), ada.member.clone(), "organization_not_found"),
    ] {
        let crossed = Person { organization, member, ..ada.clone() };
        for path in PATHS {
            crossed
                .ask(path, json!({ "code": "123456", "secret": "x", "recovery_code": "x" }))
                .await
                .refused(404, error);
        }
        app.get(&crossed.codes_path()).await.refused(404, error);
        app.delete(&crossed.path("/totp")).await.refused(404, error);
    }
    let elsewhere = Person { app: app.other_project().await, ..ada.clone() };
    for path in PATHS {
        elsewhere.ask(path, json!({ "code": "123456" })).await.refused(404, "organization_not_found");
        let missing = app.post(path, json!({ "member_id": ada.member })).await;
        missing.refused(400, "missing_required_field");
        let missing = app.post(path, json!({ "organization_id": ada.organization })).await;
        missing.refused(400, "missing_required_field");
        // The project's backend asks; a member's session beside it is refused and not passed over.
        let session = text(&session["session_token"]);
        let body = ada.body(json!({ "code": "123456" }));
        let passed_on = app.as_member(&session, Method::POST, path, body).await;
        passed_on.refused(403, "session_authorization_error");
    }
    // Somebody who has not come in yet has no factors.
    let pending = app
        .member(&ada.organization, "linus@acme.example.com", json!({ "create_member_as_pending": true }))
        .await;
    let linus = Person { member: pending, ..ada.clone() };
    linus.ask("/v1/b2b/totp", json!({})).await.refused(400, "action_available_only_for_active_members");
}

const PATHS: [&str; 7] = [
    "/v1/b2b/totp",
    "/v1/b2b/totp/authenticate",
    "/v1/b2b/totp/migrate",
    "/v1/b2b/recovery_codes/recover",
    "/v1/b2b/recovery_codes/rotate",
    "/v1/b2b/otps/sms/send",
    "/v1/b2b/otps/sms/authenticate",
];

async fn a_data_key_that_is_rotated_seals_authenticators_too(app: TestApp) {
    let ada = Person::required(&app, "acme").await;
    let authenticator = ada.enrolled().await;
    let (vault, entropy, now) = (&app.app.vault, app.app.entropy.as_ref(), app.app.clock.now());
    let before = vault.active_key();
    vault.rotate_data_key(entropy, now).await.unwrap();
    assert_ne!(vault.active_key(), before);
    let (forgotten, waiting) = vault.forget_data_keys(true, entropy, now).await.unwrap();
    assert_eq!((forgotten, waiting), (1, 0));
    let with = json!({ "intermediate_session_token": ada.intermediate().await });
    ada.prove(&authenticator.code(&app), with).await.ok();
}
