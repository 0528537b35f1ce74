//! What a directory must not do: to another organization, to whoever is kept for bad days, and to us.

use http::Method;
use serde_json::{Value, json};

use super::{Directory, refused};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    a_token_opens_one_directory,
    other_organizations_people_are_nobody,
    nobody_is_taken_over_by_an_address,
    who_is_kept_for_bad_days_stays,
    what_a_group_takes_is_what_it_gave,
    a_filter_is_a_value,
    a_request_costs_what_it_may,
);

async fn pair(app: &TestApp) -> (Directory, Directory) {
    (Directory::connect(app, "acme", json!({})).await, Directory::connect(app, "globex", json!({})).await)
}

async fn a_token_opens_one_directory(app: TestApp) {
    let (acme, globex) = pair(&app).await;
    let crossed = acme.with_token(&globex.token);
    let user = acme.user("ada@acme.example.com", &json!({})).await;
    for (method, path) in [
        (Method::GET, "/Users".to_owned()),
        (Method::POST, "/Users".to_owned()),
        (Method::GET, format!("/Users/{user}")),
        (Method::DELETE, format!("/Users/{user}")),
        (Method::PATCH, format!("/Users/{user}")),
        (Method::GET, "/ServiceProviderConfig".to_owned()),
    ] {
        let body = json!({ "userName": "mallory" }).to_string();
        assert_eq!(refused(&crossed.send(method.clone(), &path, body).await).0, 401, "{method} {path}");
    }
    // Neither do the project's own credentials, nor a session's.
    let basic = acme.with_token(&app.secret);
    assert_eq!(refused(&basic.get("/Users").await).0, 401);
    assert_eq!(acme.get("/Users").await.json()["totalResults"], 1);
    assert_eq!(globex.get("/Users").await.json()["totalResults"], 0);
    // The management of one directory is not reached through another organization.
    let path = |organization: &str, id: &str| format!("/v1/b2b/scim/{organization}/connection/{id}");
    let foreign = path(&globex.organization, &acme.id);
    app.put(&foreign, json!({ "display_name": "mine" })).await.refused(404, "scim_connection_not_found");
    app.delete(&foreign).await.refused(404, "scim_connection_not_found");
    app.get(&foreign).await.refused(404, "scim_connection_not_found");
    for step in ["start", "complete", "cancel"] {
        let answer = app.post(&format!("{foreign}/rotate/{step}"), json!({})).await;
        answer.refused(404, "scim_connection_not_found");
    }
    let traces =
        format!("/v1/vestibule/organizations/{}/directories/{}/requests", globex.organization, acme.id);
    app.get(&traces).await.refused(404, "scim_connection_not_found");
}

async fn other_organizations_people_are_nobody(app: TestApp) {
    let (acme, globex) = pair(&app).await;
    let foreign = acme.user("ada@acme.example.com", &json!({})).await;
    let group = acme.group("Staff", &[&foreign]).await;
    let member = text(&acme.member("ada@acme.example.com").await.unwrap()["member_id"]);
    let lock_out = json!([{ "op": "replace", "path": "active", "value": false }]);
    for id in [foreign.as_str(), member.as_str(), "nobody", "..", "%2e%2e%2fUsers"] {
        assert_eq!(globex.get(&format!("/Users/{id}")).await.status, 404, "{id}");
        assert_eq!(globex.patch(&format!("/Users/{id}"), &lock_out).await.status, 404, "{id}");
        assert_eq!(
            globex.put(&format!("/Users/{id}"), &json!({ "userName": "x" })).await.status,
            404,
            "{id}"
        );
        assert_eq!(globex.delete(&format!("/Users/{id}")).await.status, 404, "{id}");
    }
    let rename = json!([{ "op": "replace", "value": { "displayName": "Mine" } }]);
    assert_eq!(globex.patch(&format!("/Groups/{group}"), &rename).await.status, 404);
    assert_eq!(globex.delete(&format!("/Groups/{group}")).await.status, 404);
    assert_eq!(acme.member("ada@acme.example.com").await.unwrap()["status"], "active");
    assert_eq!(acme.get(&format!("/Groups/{group}")).await.json()["displayName"], "Staff");
    // The same person may be in both companies, and is two members.
    globex.user("ada@acme.example.com", &json!({})).await;
    assert_ne!(globex.member("ada@acme.example.com").await.unwrap()["member_id"], member.as_str());
}

async fn nobody_is_taken_over_by_an_address(app: TestApp) {
    let (acme, globex) = pair(&app).await;
    let claims = json!({ "claimed_email_domains": ["globex.example.com"] });
    app.put(&format!("/v1/b2b/organizations/{}", globex.organization), claims).await.ok();
    let body = json!({ "userName": "x", "emails": [{ "value": "boss@globex.example.com" }] });
    assert_eq!(refused(&acme.post("/Users", &body).await), (400, "invalidValue".to_owned()));
    assert!(acme.member("boss@globex.example.com").await.is_none());
    // Within the organization, one person of the directory is not another's member.
    let ada = acme.user("ada@acme.example.com", &json!({})).await;
    acme.user("bob@acme.example.com", &json!({})).await;
    let victim = json!([{ "op": "add", "path": "emails", "value": [{ "value": "bob@acme.example.com", "primary": true }] }]);
    assert_eq!(refused(&acme.patch(&format!("/Users/{ada}"), &victim).await).0, 409);
    let name = json!([{ "op": "replace", "path": "userName", "value": "BOB@acme.example.com" }]);
    assert_eq!(refused(&acme.patch(&format!("/Users/{ada}"), &name).await), (409, "uniqueness".to_owned()));
}

async fn who_is_kept_for_bad_days_stays(app: TestApp) {
    let acme = Directory::connect(&app, "acme", json!({})).await;
    app.member(&acme.organization, "root@acme.example.com", json!({ "is_breakglass": true })).await;
    let user = acme.user("root@acme.example.com", &json!({})).await;
    assert_eq!(refused(&acme.set_active(&user, false).await).0, 403);
    assert_eq!(refused(&acme.delete(&format!("/Users/{user}")).await).0, 403);
    let whole = json!({ "userName": "root@acme.example.com", "active": false });
    assert_eq!(refused(&acme.put(&format!("/Users/{user}"), &whole).await).0, 403);
    let member = acme.member("root@acme.example.com").await.unwrap();
    assert_eq!((&member["status"], &member["is_breakglass"]), (&json!("active"), &json!(true)));
    assert_eq!(acme.requests().await[0]["reason"], "breakglass_stays");
}

/// A role that somebody was given by name is not a group's to take.
async fn what_a_group_takes_is_what_it_gave(app: TestApp) {
    let acme = Directory::connect(&app, "acme", json!({})).await;
    app.member(&acme.organization, "first@acme.example.com", json!({ "roles": ["stytch_admin"] })).await;
    let first = acme.user("first@acme.example.com", &json!({})).await;
    let group = acme.group("Admins", &[&first]).await;
    let path = format!("/v1/b2b/scim/{}/connection/{}", acme.organization, acme.id);
    let roles = json!([{ "role_id": "stytch_admin", "group_id": group }]);
    app.put(&path, json!({ "scim_group_implicit_role_assignments": roles })).await.ok();
    let empty = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(acme.patch(&format!("/Groups/{group}"), &empty).await.status, 204);
    assert_eq!(acme.member("first@acme.example.com").await.unwrap()["is_admin"], true);
}

async fn a_filter_is_a_value(app: TestApp) {
    let acme = Directory::connect(&app, "acme", json!({})).await;
    acme.user("ada", &json!({ "emails": [{ "value": "ada@acme.example.com" }] })).await;
    let asked = async |filter: &str| {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
        acme.get(&format!("/Users?{query}")).await
    };
    for value in ["' OR '1'='1", "ada' --", "%", "_da", "ada\\\" or \\\"a", "\\u0000", "?1", "$1"] {
        for attribute in ["userName", "externalId", "emails", "id", "emails.value"] {
            let answer = asked(&format!("{attribute} eq \"{value}\"")).await;
            let found =
                if answer.status == 200 { answer.json()["totalResults"].clone() } else { Value::Null };
            assert!(matches!(answer.status.as_u16(), 200 | 400), "{attribute} {value}: {}", answer.text());
            assert!(found == 0 || found.is_null(), "{attribute} {value}: {}", answer.text());
        }
    }
    assert_eq!(asked("emails eq \"ADA@acme.example.com\"").await.json()["totalResults"], 1);
    assert_eq!(
        asked("emails[type eq \"work\" and value eq \"ada@acme.example.com\"]").await.json()["totalResults"],
        0
    );
    assert_eq!(asked("title pr or userName sw \"a\"").await.json()["totalResults"], 1);
}

async fn a_request_costs_what_it_may(app: TestApp) {
    let acme = Directory::connect(&app, "acme", json!({})).await;
    acme.user("ada", &json!({})).await;
    let deep = format!("/Users?filter={}userName%20pr{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(refused(&acme.get(&deep).await), (400, "invalidFilter".to_owned()));
    let wide = vec!["userName+eq+%22a%22"; 400].join("+or+");
    assert_eq!(refused(&acme.get(&format!("/Users?filter={wide}")).await).0, 400);
    let most = acme.get("/Users?count=1000000&startIndex=-1").await.json();
    assert_eq!((&most["itemsPerPage"], &most["startIndex"]), (&json!(1), &json!(1)));
    let far = acme.get("/Users?startIndex=9223372036854775807").await.json();
    assert_eq!((&far["totalResults"], &far["Resources"]), (&json!(1), &json!([])));
    let nested = format!("{{\"userName\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(refused(&acme.send(Method::POST, "/Users", nested).await).0, 400);
    for body in ["", "[]", "null", "{", "\"a\"", "{\"userName\":\"a\",\"USERNAME\":\"b\"}", "\u{0}"] {
        assert_eq!(refused(&acme.send(Method::POST, "/Users", body).await).0, 400, "{body}");
    }
}
