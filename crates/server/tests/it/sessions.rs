//! Sessions: used by token or JWT, bounded, checked, ended, and never another project's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use vestibule_domain::id::{Environment, SessionId};
use vestibule_domain::project::SecretRecord;
use vestibule_domain::secret::{Token, TokenHash};
use vestibule_domain::time::Span;
use vestibule_store::tables::{projects, sessions};

use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    a_session_is_used_by_token_or_jwt,
    the_jwt_says_what_the_contract_says,
    a_jwt_that_was_changed_is_refused,
    sessions_end,
    a_session_can_be_revoked_in_four_ways,
    a_list_of_sessions_ends,
    another_projects_session_is_nobodys,
    durations_have_bounds,
    claims_are_merged_and_bounded,
    an_authorization_check_decides,
    a_members_session_narrows_what_a_backend_may_do,
    a_required_second_factor_is_waited_for,
    a_sign_in_can_join_a_session,
    what_ends_on_one_node_is_refused_by_the_other_at_once,
);

/// An organization with one member who is signed in.
struct Signed {
    organization: String,
    connection: String,
    member: String,
    token: String,
    jwt: String,
}

async fn signed_in(app: &TestApp, slug: &str) -> Signed {
    let organization = app.organization(slug, json!({})).await;
    let connection = app.connection(&organization).await;
    let answer = app.session(&connection, "ada@example.com").await;
    Signed {
        organization,
        connection,
        member: text(&answer["member_id"]),
        token: text(&answer["session_token"]),
        jwt: text(&answer["session_jwt"]),
    }
}

async fn authenticate(app: &TestApp, body: Value) -> Reply {
    app.post("/v1/b2b/sessions/authenticate", body).await
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn a_session_is_used_by_token_or_jwt(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    app.pass(10);
    let by_token = authenticate(&app, json!({ "session_token": ada.token })).await.ok();
    assert_eq!(by_token["session_token"], ada.token.as_str());
    assert_eq!(by_token["member"]["member_id"], ada.member.as_str());
    assert_eq!(by_token["organization"]["organization_id"], ada.organization.as_str());
    assert_eq!(by_token["verdict"], Value::Null);
    assert_ne!(by_token["session_jwt"], ada.jwt.as_str(), "a fresh JWT");
    let session = &by_token["member_session"];
    assert_ne!(session["last_accessed_at"], session["started_at"]);
    let by_jwt = authenticate(&app, json!({ "session_jwt": ada.jwt })).await.ok();
    assert_eq!(by_jwt["session_token"], ada.token.as_str());
    // The JWT ran out, the session did not.
    app.pass(600);
    let by_expired = authenticate(&app, json!({ "session_jwt": ada.jwt })).await.ok();
    assert_eq!(by_expired["member_session"]["member_session_id"], session["member_session_id"]);

    let both = json!({ "session_token": ada.token, "session_jwt": ada.jwt });
    authenticate(&app, both).await.refused(400, "too_many_session_arguments");
    for nothing in
        [json!({}), json!({ "session_token": null }), json!({ "session_token": "", "session_jwt": "" })]
    {
        authenticate(&app, nothing).await.refused(400, "no_session_arguments");
    }
    authenticate(&app, json!({ "session_token": "nonsense" })).await.refused(404, "session_not_found");
}

async fn the_jwt_says_what_the_contract_says(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let parts: Vec<&str> = ada.jwt.split('.').collect();
    let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let project = app.project.id.to_string();
    assert_eq!(claims["iss"], format!("stytch.com/{project}"));
    assert_eq!(claims["aud"], json!([project]));
    assert_eq!(claims["sub"], ada.member.as_str());
    let now = app.app.clock.now().seconds();
    assert_eq!(
        (&claims["iat"], &claims["nbf"], &claims["exp"]),
        (&json!(now), &json!(now), &json!(now + 300))
    );
    let session = &claims["https://stytch.com/session"];
    assert_eq!(session["roles"], json!(["stytch_member"]));
    assert_eq!(
        session["authentication_factors"][0]["oidc_sso_factor"]["provider_id"],
        ada.connection.as_str()
    );
    let organization = &claims["https://stytch.com/organization"];
    assert_eq!(*organization, json!({ "organization_id": ada.organization, "slug": "acme" }));

    // Anybody may fetch the keys; the one that signed is among them.
    let path = format!("/v1/b2b/sessions/jwks/{project}");
    let keys = app.send(http::Request::get(&path).body("".into()).unwrap()).await.ok();
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    for (name, value) in [("kty", "RSA"), ("use", "sig"), ("alg", "RS256"), ("e", "AQAB"), ("x5tS256", "")] {
        assert_eq!(key[name], value, "{key}");
    }
    assert_eq!((&key["key_ops"], &key["x5c"]), (&json!(["verify"]), &json!([])));
    assert!(key.get("d").is_none() && key.get("p").is_none(), "a private member in {key}");
}

async fn a_jwt_that_was_changed_is_refused(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let alan = text(&app.session(&ada.connection, "alan@example.com").await["session_jwt"]);
    let [ours, theirs] = [&ada.jwt, &alan].map(|jwt| jwt.split('.').map(str::to_owned).collect::<Vec<_>>());
    let mut claims = decoded(&ours[1]);
    claims["sub"] = json!("member-test-00000000-0000-4000-8000-000000000000");
    let mut header = decoded(&ours[0]);
    let with =
        |header: &Value, payload: &str, signature: &str| format!("{}.{payload}.{signature}", encoded(header));
    let mut changed = vec![
        format!("{}.{}.{}", ours[0], encoded(&claims), ours[2]),
        format!("{}.{}.{}", ours[0], theirs[1], ours[2]),
        format!("{}.{}.", ours[0], ours[1]),
        format!("{}.{}", ours[0], ours[1]),
        format!("{} ", ada.jwt),
        ada.jwt.replace('.', ".."),
        "..".to_owned(),
        "nonsense".to_owned(),
        "\0".to_owned(),
        "x".repeat(20_000),
    ];
    for algorithm in ["none", "None", "HS256", "RS384", "PS256", "ES256"] {
        header["alg"] = json!(algorithm);
        changed.push(with(&header, &ours[1], ""));
        changed.push(with(&header, &ours[1], &ours[2]));
    }
    header["alg"] = json!("RS256");
    header["kid"] = json!("jwk-test-00000000-0000-4000-8000-000000000000");
    changed.push(with(&header, &ours[1], &ours[2]));
    for jwt in changed {
        let answer = authenticate(&app, json!({ "session_jwt": jwt })).await;
        answer.refused(400, "unable_to_parse_session_jwt");
    }
    authenticate(&app, json!({ "session_jwt": ada.jwt })).await.ok();
}

async fn sessions_end(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let body = json!({ "session_token": ada.token });
    app.pass(3599);
    authenticate(&app, body.clone()).await.ok();
    app.pass(1);
    authenticate(&app, body).await.refused(404, "session_not_found");
    authenticate(&app, json!({ "session_jwt": ada.jwt })).await.refused(404, "session_not_found");

    // A member or a connection that goes takes the sessions with it.
    let again = text(&app.session(&ada.connection, "ada@example.com").await["session_token"]);
    app.delete(&format!("/v1/b2b/sso/{}/connections/{}", ada.organization, ada.connection)).await.ok();
    authenticate(&app, json!({ "session_token": again })).await.refused(404, "session_not_found");
    let other = signed_in(&app, "globex").await;
    app.delete(&format!("/v1/b2b/organizations/{}/members/{}", other.organization, other.member)).await.ok();
    authenticate(&app, json!({ "session_token": other.token })).await.refused(404, "session_not_found");
    let third = signed_in(&app, "initech").await;
    app.delete(&format!("/v1/b2b/organizations/{}", third.organization)).await.ok();
    authenticate(&app, json!({ "session_token": third.token })).await.refused(404, "session_not_found");
}

async fn a_session_can_be_revoked_in_four_ways(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let list = format!("/v1/b2b/sessions?organization_id=acme&member_id={}", ada.member);
    for way in ["session_token", "session_jwt", "member_session_id", "member_id"] {
        let session = app.session(&ada.connection, "ada@example.com").await;
        let kept = app.session(&ada.connection, "ada@example.com").await;
        let what = match way {
            "member_session_id" => &session["member_session"][way],
            _ => &session[way],
        };
        app.post("/v1/b2b/sessions/revoke", json!({ way: what })).await.ok();
        for by in ["session_token", "session_jwt"] {
            authenticate(&app, json!({ by: session[by] })).await.refused(404, "session_not_found");
        }
        let other = authenticate(&app, json!({ "session_token": kept["session_token"] })).await;
        let all_ended = way == "member_id";
        assert_eq!(other.status == 404, all_ended, "{way}: {}", other.text());
        if way != "member_id" {
            let again = app.post("/v1/b2b/sessions/revoke", json!({ way: what })).await;
            again.refused(404, "session_not_found");
        }
    }
    assert_eq!(app.get(&list).await.ok()["member_sessions"], json!([]));
    app.post("/v1/b2b/sessions/revoke", json!({})).await.refused(400, "no_session_revoke_arguments");
    let two = json!({ "session_token": ada.token, "member_id": ada.member });
    app.post("/v1/b2b/sessions/revoke", two).await.refused(400, "too_many_session_revoke_arguments");
}

async fn a_list_of_sessions_ends(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let path = format!("/v1/b2b/sessions?organization_id={}&member_id={}", ada.organization, ada.member);
    let first = text(&app.get(&path).await.ok()["member_sessions"][0]["member_session_id"]);
    let kept = app.app.store.session(&app.app.vault, app.project.id, first.parse().unwrap()).await;
    let kept = kept.unwrap().unwrap();
    let entropy = app.app.entropy.as_ref();
    let later = (1..=1000).map(|number| {
        let (mut session, token) = (kept.clone(), Token::generate(entropy));
        session.started_at = kept.started_at.plus(Span::seconds(number));
        session.id = SessionId::generate(Environment::Test, entropy);
        (session.token_hash, session.token) = (token.hash(), token.expose().into());
        sessions::insert(&session, &app.app.vault, entropy).unwrap()
    });
    app.app.store.commit(later.collect::<Vec<_>>()).await.unwrap();
    let listed = app.get(&path).await.ok();
    let listed = listed["member_sessions"].as_array().unwrap();
    assert_eq!(listed.len(), 1000);
    assert!(
        listed.iter().all(|session| session["member_session_id"] != first.as_str()),
        "the newest are listed"
    );
    assert!(
        listed[0]["started_at"].as_str() < listed[999]["started_at"].as_str(),
        "the oldest of them first"
    );
    // All of them end, listed or not.
    app.post("/v1/b2b/sessions/revoke", json!({ "member_id": ada.member })).await.ok();
    let spent = json!({ "session_token": ada.token });
    app.post("/v1/b2b/sessions/authenticate", spent).await.refused(404, "session_not_found");
}

async fn another_projects_session_is_nobodys(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let session = authenticate(&app, json!({ "session_token": ada.token })).await.ok();
    let session = text(&session["member_session"]["member_session_id"]);
    let other = app.other_project().await;
    authenticate(&other, json!({ "session_token": ada.token })).await.refused(404, "session_not_found");
    authenticate(&other, json!({ "session_jwt": ada.jwt })).await.refused(400, "unable_to_parse_session_jwt");
    let revoke = "/v1/b2b/sessions/revoke";
    other.post(revoke, json!({ "session_token": ada.token })).await.refused(404, "session_not_found");
    other.post(revoke, json!({ "session_jwt": ada.jwt })).await.refused(400, "unable_to_parse_session_jwt");
    other.post(revoke, json!({ "member_session_id": session })).await.refused(404, "session_not_found");
    other.post(revoke, json!({ "member_id": ada.member })).await.refused(404, "member_not_found");
    let list = format!("/v1/b2b/sessions?organization_id={}&member_id={}", ada.organization, ada.member);
    other.get(&list).await.refused(404, "organization_not_found");
    let header = other.as_member(&ada.token, Method::GET, "/v1/b2b/sso/acme", json!({})).await;
    header.refused(404, "session_not_found");
    authenticate(&app, json!({ "session_token": ada.token })).await.ok();
}

async fn durations_have_bounds(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    for minutes in [-1, 0, 4, 527_041, i64::MAX] {
        let body = json!({ "session_token": ada.token, "session_duration_minutes": minutes });
        authenticate(&app, body).await.refused(400, "invalid_session_duration_minutes");
        let token = Browser::new(&app).token(&ada.connection, "ada@example.com").await;
        let body = json!({ "sso_token": token, "session_duration_minutes": minutes });
        app.post("/v1/b2b/sso/authenticate", body).await.refused(400, "invalid_session_duration_minutes");
        // The token was not used up by the mistake.
        app.redeem(&token).await.ok();
    }
    app.pass(100);
    let end = async |body: Value| text(&authenticate(&app, body).await.ok()["member_session"]["expires_at"]);
    let unchanged = end(json!({ "session_token": ada.token })).await;
    app.pass(100);
    assert_eq!(end(json!({ "session_token": ada.token })).await, unchanged);
    let shorter = end(json!({ "session_token": ada.token, "session_duration_minutes": 5 })).await;
    assert!(shorter < unchanged, "{shorter} {unchanged}");
    let longest = end(json!({ "session_token": ada.token, "session_duration_minutes": 527_040 })).await;
    assert!(longest > unchanged, "{longest} {unchanged}");
    app.pass(527_040 * 60);
    authenticate(&app, json!({ "session_token": ada.token })).await.refused(404, "session_not_found");
}

async fn claims_are_merged_and_bounded(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let set = async |claims: Value| {
        authenticate(&app, json!({ "session_token": ada.token, "session_custom_claims": claims })).await
    };
    let kept = |answer: &Reply| answer.ok()["member_session"]["custom_claims"].clone();
    assert_eq!(
        kept(&set(json!({ "plan": "gold", "seats": 3 })).await),
        json!({ "plan": "gold", "seats": 3 })
    );
    let merged = set(json!({ "plan": null, "team": { "name": null } })).await;
    assert_eq!(kept(&merged), json!({ "seats": 3, "team": { "name": null } }));
    let jwt = text(&merged.ok()["session_jwt"]);
    assert_eq!(decoded(jwt.split('.').nth(1).unwrap())["seats"], 3, "claims stand at the top");
    for reserved in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        set(json!({ reserved: "mine" })).await.refused(400, "reserved_claims_in_custom_claims");
    }
    set(json!({ "https://stytch.com/session": {} })).await.refused(400, "stytch_claims_in_custom_claims");
    set(json!({ "big": "x".repeat(4096) })).await.refused(400, "custom_claims_too_large");
    assert_eq!(kept(&set(json!({})).await), json!({ "seats": 3, "team": { "name": null } }));
    let token = Browser::new(&app).token(&ada.connection, "ada@example.com").await;
    let body = json!({ "sso_token": token, "session_custom_claims": { "sub": "somebody" } });
    app.post("/v1/b2b/sso/authenticate", body).await.refused(400, "reserved_claims_in_custom_claims");
}

async fn an_authorization_check_decides(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let globex = app.organization("globex", json!({})).await;
    let check = async |organization: &str, resource: &str, action: &str| {
        let check = json!({ "organization_id": organization, "resource_id": resource, "action": action });
        authenticate(&app, json!({ "session_token": ada.token, "authorization_check": check })).await
    };
    for organization in [ada.organization.as_str(), "acme"] {
        let verdict = check(organization, "stytch.self", "update.info.name").await.ok()["verdict"].clone();
        assert_eq!(verdict, json!({ "authorized": true, "granting_roles": ["stytch_member"] }));
    }
    for organization in [globex.as_str(), "globex", "nobody", ""] {
        let answer = check(organization, "stytch.self", "update.info.name").await;
        answer.refused(403, "session_authorization_tenancy_error");
    }
    for (resource, action) in [("stytch.sso", "create"), ("unknown", "read"), ("", ""), ("stytch.sso", "*")] {
        check("acme", resource, action).await.refused(403, "session_authorization_error");
    }
    let body = json!({ "session_token": ada.token, "authorization_check": { "organization_id": "acme" } });
    authenticate(&app, body).await.refused(400, "missing_required_field");
    let member = format!("/v1/b2b/organizations/acme/members/{}", ada.member);
    app.put(&member, json!({ "roles": ["stytch_admin"] })).await.ok();
    let verdict = check("acme", "stytch.sso", "create").await.ok()["verdict"].clone();
    assert_eq!(verdict, json!({ "authorized": true, "granting_roles": ["stytch_admin"] }));
}

async fn a_members_session_narrows_what_a_backend_may_do(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let globex = app.organization("globex", json!({})).await;
    let connections = "/v1/b2b/sso/acme";
    let get = async |path: &str| app.as_member(&ada.token, Method::GET, path, json!({})).await;
    get(connections).await.refused(403, "session_authorization_error");
    for foreign in [globex.as_str(), "globex", "nobody"] {
        let answer = get(&format!("/v1/b2b/sso/{foreign}")).await;
        answer.refused(403, "session_authorization_tenancy_error");
    }
    let member = format!("/v1/b2b/organizations/acme/members/{}", ada.member);
    app.put(&member, json!({ "roles": ["stytch_admin"] })).await.ok();
    get(connections).await.ok();
    get("/v1/b2b/sso/globex").await.refused(403, "session_authorization_tenancy_error");
    let made = app.as_member(&ada.token, Method::POST, "/v1/b2b/sso/oidc/acme", json!({})).await.ok();
    assert_eq!(made["connection"]["status"], "pending");

    let with = async |headers: &[(&str, &str)]| {
        let mut request = app.request(Method::GET, connections);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(request.body("".into()).unwrap()).await
    };
    let (token, jwt) = ("X-Stytch-Member-Session", "X-Stytch-Member-SessionJWT");
    with(&[(jwt, &ada.jwt)]).await.ok();
    with(&[(token, &ada.token), (jwt, &ada.jwt)]).await.refused(400, "too_many_session_arguments");
    with(&[(token, "nonsense")]).await.refused(404, "session_not_found");
    with(&[(jwt, "nonsense")]).await.refused(400, "unable_to_parse_session_jwt");
    app.post("/v1/b2b/sessions/revoke", json!({ "session_token": ada.token })).await.ok();
    with(&[(token, &ada.token)]).await.refused(404, "session_not_found");
    with(&[(jwt, &ada.jwt)]).await.refused(404, "session_not_found");
    // Without the header the backend itself asks; an empty one counts as none.
    with(&[]).await.ok();
    with(&[(token, "")]).await.ok();
}

async fn a_required_second_factor_is_waited_for(app: TestApp) {
    let organization = app.organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let connection = app.connection(&organization).await;
    let waiting = app.session(&connection, "ada@example.com").await;
    assert_eq!(waiting["member_authenticated"], false);
    assert_eq!((&waiting["session_token"], &waiting["session_jwt"]), (&json!(""), &json!("")));
    assert_eq!(waiting["member_session"], Value::Null);
    let expected = json!({ "member_options": null, "secondary_auth_initiated": null });
    assert_eq!(waiting["mfa_required"], expected);
    assert_eq!(waiting["member"]["email_address"], "ada@example.com");
    let token = text(&waiting["intermediate_session_token"]);
    assert!(token.len() >= 43, "{token}");
    assert!(waiting["intermediate_session_token_expires_at"].as_str().unwrap().ends_with('Z'));
    // What waits is no session yet.
    authenticate(&app, json!({ "session_token": token })).await.refused(404, "session_not_found");
    let list = format!("/v1/b2b/sessions?organization_id=acme&member_id={}", text(&waiting["member_id"]));
    assert_eq!(app.get(&list).await.ok()["member_sessions"], json!([]));
}

async fn a_sign_in_can_join_a_session(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let own = json!({ "claimed_email_domains": ["example.com"] });
    app.put(&format!("/v1/b2b/organizations/{}", ada.organization), own).await.ok();
    let second = app.connection(&ada.organization).await;
    let join = async |connection: &str, email: &str, session: Value| {
        let mut body = json!({ "sso_token": Browser::new(&app).token(connection, email).await });
        for (name, value) in session.as_object().unwrap() {
            body[name] = value.clone();
        }
        app.post("/v1/b2b/sso/authenticate", body).await
    };
    let joined = join(&second, "ada@example.com", json!({ "session_token": ada.token })).await.ok();
    assert_eq!(joined["session_token"], ada.token.as_str());
    assert_eq!(joined["member_session"]["authentication_factors"].as_array().unwrap().len(), 2);
    join(&second, "ada@example.com", json!({ "session_jwt": ada.jwt })).await.ok();
    let other = join(&second, "alan@example.com", json!({ "session_token": ada.token })).await;
    other.refused(400, "session_member_mismatch");
    let both = json!({ "session_token": ada.token, "session_jwt": ada.jwt });
    join(&second, "ada@example.com", both).await.refused(400, "too_many_session_arguments");
    app.post("/v1/b2b/sessions/revoke", json!({ "session_token": ada.token })).await.ok();
    let ended = join(&second, "ada@example.com", json!({ "session_token": ada.token })).await;
    ended.refused(404, "session_not_found");
}

/// Nothing is remembered that somebody else could have ended: every node reads with every request.
async fn what_ends_on_one_node_is_refused_by_the_other_at_once(app: TestApp) {
    let ada = signed_in(&app, "acme").await;
    let other = app.second_node().await;
    let list = |by: &str| format!("/v1/b2b/sessions?organization_id={by}&member_id={}", ada.member);
    let count = |listed: Value| listed["member_sessions"].as_array().unwrap().len();
    for _ in 0..2 {
        authenticate(&other, json!({ "session_token": ada.token })).await.ok();
        assert_eq!(count(other.get(&list(&ada.organization)).await.ok()), 1);
        assert_eq!(count(other.get(&list("acme")).await.ok()), 1);
    }
    authenticate(&app, json!({ "session_token": ada.token, "session_custom_claims": { "seat": 7 } }))
        .await
        .ok();
    let listed = other.get(&list(&ada.organization)).await.ok();
    assert_eq!(listed["member_sessions"][0]["custom_claims"]["seat"], 7);
    let renamed = json!({ "organization_slug": "acme-two" });
    app.put(&format!("/v1/b2b/organizations/{}", ada.organization), renamed).await.ok();
    let listed = other.get(&list(&ada.organization)).await.ok();
    assert_eq!(listed["member_sessions"][0]["organization_slug"], "acme-two");

    app.post("/v1/b2b/sessions/revoke", json!({ "session_token": ada.token })).await.ok();
    assert_eq!(count(other.get(&list(&ada.organization)).await.ok()), 0);
    authenticate(&other, json!({ "session_token": ada.token })).await.refused(404, "session_not_found");

    let now = app.app.clock.now();
    let another = TokenHash::of(b"another secret");
    let secrets = [
        projects::insert_secret(app.project.id, &SecretRecord::new(another, String::new(), None, now)),
        projects::end_secret(app.project.id, &TokenHash::of(app.secret.as_bytes()), now),
    ];
    app.app.store.commit(secrets).await.unwrap();
    for path in [&list(&ada.organization), &list("acme-two"), "/v1/b2b/organizations/acme-two"] {
        other.get(path).await.refused(401, "unauthorized_credentials");
    }
}
