//! Directories as organizations set them up: connect, change, replace the token, disconnect.

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::{Directory, refused};
use crate::app::{TestApp, on_both_engines, text};

on_both_engines!(
    an_organization_has_one,
    a_token_is_replaced_while_both_are_good,
    a_token_ends,
    what_is_asked_in_another_way_is_understood,
    an_address_may_end_with_a_slash,
    what_is_offered_is_told,
    groups_are_listed_page_by_page,
    versions_are_told_and_asked_for,
    a_trace_says_why,
);

async fn an_organization_has_one(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let path = format!("/v1/b2b/scim/{organization}/connection");
    assert_eq!(app.get(&path).await.ok()["connection"], json!(null));
    app.post(&path, json!({ "identity_provider": "keycloak" })).await.refused(400, "invalid_scim_idp");
    app.post(&path, json!({ "identity_provider": "nobody" })).await.refused(400, "invalid_scim_idp");
    let body = json!({ "display_name": "Entra", "identity_provider": "microsoftentra" });
    let made = app.post(&path, body).await.ok()["connection"].clone();
    let id = text(&made["connection_id"]);
    assert_eq!(text(&made["bearer_token"]).len(), 48);
    assert!(text(&made["base_url"]).ends_with(&format!("/v1/b2b/scim/{id}?aadOptscim062020")));
    assert_eq!((&made["status"], &made["identity_provider"]), (&json!("active"), &json!("microsoft-entra")));
    app.post(&path, json!({})).await.refused(400, "active_scim_connection_exists");
    let one = format!("{path}/{id}");
    let changed = app.put(&one, json!({ "display_name": "Okta", "identity_provider": "okta" })).await.ok();
    let changed = changed["connection"].clone();
    assert_eq!((&changed["display_name"], &changed["identity_provider"]), (&json!("Okta"), &json!("okta")));
    assert!(text(&changed["base_url"]).ends_with(&id));
    let shown = app.get(&path).await.ok()["connection"].clone();
    assert_eq!(shown, changed);
    assert!(shown.get("bearer_token").is_none(), "a token is shown once: {shown}");
    assert_eq!(shown["next_bearer_token_last_four"], "");
    let nobodys = "scim-connection-test-00000000-0000-4000-8000-000000000000";
    app.put(&format!("{path}/{nobodys}"), json!({})).await.refused(404, "scim_connection_not_found");
    app.delete(&format!("{path}/{id}")).await.ok();
    app.delete(&format!("{path}/{id}")).await.refused(404, "scim_connection_not_found");
    app.post(&path, json!({})).await.ok();
}

async fn a_token_is_replaced_while_both_are_good(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let path = format!("/v1/b2b/scim/{}/connection/{}/rotate", directory.organization, directory.id);
    let rotate = async |step: &str| app.post(&format!("{path}/{step}"), json!({})).await;
    rotate("complete").await.refused(400, "scim_connection_not_rotating_token");
    rotate("cancel").await.refused(400, "scim_connection_not_rotating_token");
    let started = rotate("start").await.ok()["connection"].clone();
    let next = directory.with_token(&text(&started["next_bearer_token"]));
    rotate("start").await.refused(400, "scim_connection_already_rotating_token");
    for both in [&directory, &next] {
        assert_eq!(both.get("/Users").await.status, 200);
    }
    let done = rotate("complete").await.ok()["connection"].clone();
    assert!(next.token.ends_with(&text(&done["bearer_token_last_four"])));
    assert_eq!(refused(&directory.get("/Users").await).0, 401);
    assert_eq!(next.get("/Users").await.status, 200);
    let again = rotate("start").await.ok()["connection"].clone();
    let third = next.with_token(&text(&again["next_bearer_token"]));
    rotate("cancel").await.ok();
    assert_eq!(refused(&third.get("/Users").await).0, 401);
    assert_eq!(next.get("/Users").await.status, 200);
}

async fn a_token_ends(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let wrong = directory.with_token("wrong").get("/Users").await;
    assert_eq!(refused(&wrong).0, 401);
    assert_eq!(wrong.headers[WWW_AUTHENTICATE], "Bearer");
    app.pass(5 * 365 * 24 * 3600 + 1);
    assert_eq!(refused(&directory.get("/Users").await).0, 401);
}

/// The word before the token, the kind of the body, and the slash at the end of an address.
async fn what_is_asked_in_another_way_is_understood(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    for header in [directory.token.clone(), format!("Bearer Bearer {}", directory.token)] {
        let request = http::Request::builder()
            .uri(format!("{}/Users/", directory.path()))
            .header(AUTHORIZATION, header)
            .body(axum::body::Body::empty());
        assert_eq!(app.send(request.unwrap()).await.status, 200);
    }
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName eq \"ada\"",
    });
    directory.user("ada", &json!({})).await;
    assert_eq!(directory.post("/Users/.search", &search).await.json()["totalResults"], 1);
    assert_eq!(refused(&directory.get("/Me").await).0, 404);
    assert_eq!(refused(&directory.post("/Bulk", &json!({})).await).0, 501);
    assert_eq!(refused(&directory.send(Method::PUT, "/Users", "{}").await).0, 405);
    let unknown = directory.get("/Users?filter=shoeSize%20eq%20%2242%22").await;
    assert_eq!(refused(&unknown), (400, "invalidFilter".to_owned()));
    let too_large = directory.send(Method::POST, "/Users", " ".repeat(300 * 1024)).await;
    assert_eq!(refused(&too_large).0, 413);
}

/// Whoever was given the address with a slash at its end puts another behind it. Nobody else's paths are read so.
async fn an_address_may_end_with_a_slash(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let made = directory.post("//Users", &json!({ "userName": "ada" })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = text(&made.json()["id"]);
    let location = text(&made.json()["meta"]["location"]);
    assert_eq!(location, format!("{}/Users/{id}", directory.address()));
    let found = directory.get("//Users?filter=userName%20eq%20%22ada%22").await;
    assert_eq!(found.json()["totalResults"], 1);
    assert_eq!(directory.get(&format!("//Users/{id}")).await.status, 200);
    assert_eq!(directory.get("//ServiceProviderConfig").await.status, 200);
    assert_eq!(refused(&directory.get("//Nothing").await).0, 404);
    assert_eq!(refused(&directory.get("///Users").await).0, 404);
    assert_eq!(refused(&directory.send(Method::DELETE, "//Users", "").await).0, 405);
    assert_eq!(refused(&directory.with_token("wrong").get("//Users").await).0, 401);
    app.get("/v1//b2b/organizations").await.refused(404, "route_not_found");
    app.get(&format!("/v1/b2b/scim//{}/connection", directory.organization))
        .await
        .refused(404, "route_not_found");
}

async fn what_is_offered_is_told(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let config = directory.get("/ServiceProviderConfig").await.json();
    assert_eq!((&config["patch"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(false)));
    for (path, count) in [("/Schemas", 3), ("/ResourceTypes", 2)] {
        let all = directory.get(path).await.json();
        assert_eq!(all["totalResults"], count, "{all}");
        for document in all["Resources"].as_array().unwrap() {
            let location = text(&document["meta"]["location"]);
            let below = location.strip_prefix(&directory.address()).unwrap();
            assert_eq!(&directory.get(below).await.json(), document);
        }
    }
}

async fn groups_are_listed_page_by_page(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let mut made = Vec::new();
    for name in ["Staff", "Admins", "Guests"] {
        app.pass(1);
        made.push(directory.group(name, &[]).await);
    }
    let path = format!("/v1/b2b/scim/{}/connection/{}", directory.organization, directory.id);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}?limit=2&cursor={cursor}")).await.ok();
        found.extend(page["scim_groups"].as_array().unwrap().iter().map(|group| text(&group["group_id"])));
        match &page["next_cursor"] {
            Value::Null => break,
            next => cursor = text(next),
        }
    }
    assert_eq!(found, made);
    app.get(&format!("{path}?cursor=none")).await.refused(400, "invalid_field");
}

async fn versions_are_told_and_asked_for(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    let made = directory.post("/Users", &json!({ "userName": "ada" })).await;
    assert_eq!(made.headers[ETAG], "W/\"1\"");
    assert_eq!(made.headers[CONTENT_TYPE], "application/scim+json");
    let location = made.headers[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(location, text(&made.json()["meta"]["location"]));
    let known = http::Request::builder()
        .uri(location.strip_prefix(crate::app::BASE_URL).unwrap())
        .header(AUTHORIZATION, format!("Bearer {}", directory.token))
        .header(IF_NONE_MATCH, "W/\"1\"")
        .body(axum::body::Body::empty());
    assert_eq!(app.send(known.unwrap()).await.status, 304);
}

async fn a_trace_says_why(app: TestApp) {
    let directory = Directory::connect(&app, "acme", json!({})).await;
    directory.user("ada", &json!({ "active": "True" })).await;
    let refused = directory.post("/Users", &json!({ "userName": "ADA" })).await;
    let requests = directory.requests().await;
    let (why, made) = (&requests[0], &requests[1]);
    assert_eq!(
        (&why["outcome"], &why["reason"], &why["status"]),
        (&json!("refused"), &json!("taken"), &json!(409))
    );
    assert_eq!(why["detail"], refused.json()["detail"]);
    assert_eq!((&made["outcome"], &made["path"]), (&json!("done"), &json!("/Users")));
    assert_eq!(made["tolerated"][0]["tolerance"], "boolean_as_text");
    let path = format!(
        "/v1/vestibule/organizations/{}/directories/{}/requests",
        directory.organization, directory.id
    );
    let one = app.get(&format!("{path}/{}", text(&why["trace_id"]))).await.ok();
    assert_eq!(&one["directory_request"], why);
    let refusals = app.get(&format!("{path}?outcome=refused&limit=1")).await.ok();
    assert_eq!(refusals["directory_requests"].as_array().unwrap().len(), 1);
    let nobody = "directory-trace-test-00000000-0000-4000-8000-000000000000";
    app.get(&format!("{path}/{nobody}")).await.refused(404, "directory_trace_not_found");
}
