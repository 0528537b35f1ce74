//! What one organization's slow or broken provider costs the others: nothing.

use http::header::RETRY_AFTER;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use vestibule_testidp::Whims;

use crate::app::{TestApp, on_both_engines};
use crate::browser::Browser;
use crate::reply::Reply;

on_both_engines!(
    a_hanging_provider_costs_its_own_organization_alone,
    sixteen_hanging_providers_cost_their_own_project_alone,
    whoever_hangs_up_cancels_nobodys_keys,
    a_provider_that_does_not_answer_is_left_alone,
    a_busy_server_says_so_when_a_connection_is_saved,
    what_a_provider_says_is_kept_in_measure,
);

const SLOW: &str = "/moved/token";

/// An organization whose provider redeems its codes at `path` of the test provider.
async fn slow(app: &TestApp, slug: &str) -> (String, String) {
    let organization = app.organization(slug, json!({})).await;
    let slow = format!("{}{SLOW}", app.provider.issuer);
    let connection = app.connection_with(&organization, json!({ "token_url": slow })).await;
    (organization, connection)
}

fn signing_in(app: &TestApp, connection: &str, email: &'static str, count: usize) -> JoinSet<Reply> {
    let mut all = JoinSet::new();
    for _ in 0..count {
        let (app, connection) = (app.clone(), connection.to_owned());
        all.spawn(async move { Browser::new(&app).sign_in(&connection, email).await });
    }
    all
}

async fn a_hanging_provider_costs_its_own_organization_alone(app: TestApp) {
    let (_, hanging) = slow(&app, "acme").await;
    let neighbour = app.organization("globex", json!({})).await;
    let neighbour = app.connection(&neighbour).await;
    app.provider.hold(Some(SLOW));
    let mut all = signing_in(&app, &hanging, "ada@example.com", 200);
    app.provider.asked(SLOW, 8).await;
    // All of its places are taken, and nobody else's.
    app.session(&neighbour, "grace@example.com").await;
    // Those without a place are told so, while the others still wait.
    for _ in 0..192 {
        let busy = all.join_next().await.unwrap().unwrap();
        busy.refusal_page("server_busy");
        assert_eq!((busy.status.as_u16(), busy.headers.contains_key(RETRY_AFTER)), (503, true));
    }
    assert_eq!(app.provider.hits(SLOW), 8);
    let traces = app.traces().await;
    let told = traces[0].to_string();
    assert!(told.contains("token_exchange") && told.contains("as it may have at once"), "{told}");
    app.provider.hold(None);
    while let Some(served) = all.join_next().await {
        served.unwrap().location();
    }
}

async fn sixteen_hanging_providers_cost_their_own_project_alone(app: TestApp) {
    let other = app.other_project().await;
    let neighbour = other.organization("globex", json!({})).await;
    let neighbour = other.connection(&neighbour).await;
    let mut hanging = Vec::new();
    for number in 0..16 {
        hanging.push(slow(&app, &format!("acme-{number}")).await.1);
    }
    app.provider.hold(Some(SLOW));
    let mut all = JoinSet::new();
    for connection in &hanging {
        for _ in 0..8 {
            let (app, connection) = (app.clone(), connection.clone());
            all.spawn(async move { Browser::new(&app).sign_in(&connection, "ada@example.com").await });
        }
    }
    // Half of the places of the process are the project's.
    app.provider.asked(SLOW, 64).await;
    other.session(&neighbour, "grace@example.com").await;
    for _ in 0..64 {
        all.join_next().await.unwrap().unwrap().refusal_page("server_busy");
    }
    assert_eq!(app.provider.hits(SLOW), 64);
    app.provider.hold(None);
    while let Some(served) = all.join_next().await {
        served.unwrap();
    }
}

async fn whoever_hangs_up_cancels_nobodys_keys(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    app.provider.hold(Some("/jwks"));
    let mut gone = signing_in(&app, &connection, "ada@example.com", 1);
    app.provider.asked("/jwks", 1).await;
    let mut waiting = signing_in(&app, &connection, "grace@example.com", 5);
    app.provider.asked("/token", 6).await;
    gone.shutdown().await;
    app.provider.hold(None);
    while let Some(signed_in) = waiting.join_next().await {
        signed_in.unwrap().location();
    }
    assert_eq!(app.provider.hits("/jwks"), 1);
}

async fn a_provider_that_does_not_answer_is_left_alone(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token_url = format!("http://{}/token", deaf.local_addr().unwrap());
    let connection = app.connection_with(&organization, json!({ "token_url": token_url })).await;
    let mut asked = 0;
    // It takes connections and hangs up, until nobody comes any more.
    loop {
        let mut one = signing_in(&app, &connection, "ada@example.com", 1);
        let refused = loop {
            tokio::select! {
                taken = deaf.accept() => { drop(taken.unwrap()); asked += 1; }
                refused = one.join_next() => break refused.unwrap().unwrap(),
            }
        };
        refused.refusal_page("oidc_provider_unreachable");
        if refused.text().contains("it is asked again in") {
            break;
        }
    }
    assert!((5..=10).contains(&asked), "{asked}");
    // Another organization asks it for itself.
    let other = app.organization("globex", json!({})).await;
    let other = app.connection_with(&other, json!({ "token_url": token_url })).await;
    let mut one = signing_in(&app, &other, "ada@example.com", 1);
    drop(deaf.accept().await.unwrap());
    one.shutdown().await;
}

async fn a_busy_server_says_so_when_a_connection_is_saved(app: TestApp) {
    let (organization, hanging) = slow(&app, "acme").await;
    app.provider.hold(Some(SLOW));
    let mut all = signing_in(&app, &hanging, "ada@example.com", 8);
    app.provider.asked(SLOW, 8).await;
    let path = format!("/v1/b2b/sso/oidc/{organization}/connections/{hanging}");
    let busy = app.put(&path, json!({ "display_name": "Busy" })).await;
    busy.refused(503, "server_busy");
    assert!(busy.headers.contains_key(RETRY_AFTER));
    app.provider.hold(None);
    while let Some(served) = all.join_next().await {
        served.unwrap().location();
    }
    app.put(&path, json!({ "display_name": "Idle" })).await.ok();
}

async fn what_a_provider_says_is_kept_in_measure(app: TestApp) {
    let organization = app.organization("acme", json!({})).await;
    let connection = app.connection(&organization).await;
    let groups: Vec<String> = (0..600).map(|n| format!("a-group-with-a-long-name-{n}")).collect();
    let claims = json!({ "department": "math", "groups": groups, "photo": "x".repeat(18_000) });
    let claims = claims.as_object().unwrap().clone();
    app.provider.set_whims(Whims { claims, ..Whims::default() });
    let signed_in = app.session(&connection, "ada@example.com").await;
    assert!(signed_in.to_string().len() < 16 * 1024, "{} bytes", signed_in.to_string().len());
    let kept = &signed_in["member"]["sso_registrations"][0]["sso_attributes"];
    assert_eq!((&kept["department"], kept.get("groups"), kept.get("photo")), (&json!("math"), None, None));
    let traces = app.traces().await;
    let said = traces[0]["steps"].as_array().unwrap().iter().find(|step| step["check"] == "attributes");
    assert!(said.unwrap().to_string().contains("groups, photo"), "{said:?}");
}
