//! A database of before names had one owner and subjects an issuer: it is brought to order with a report, and nobody is
//! signed out or locked out.

use std::pin::Pin;

use serde_json::{Value, json};
use vestibule_store::{Param, Read, Store, Write};

use crate::app::text;
use crate::browser::Browser;
use crate::reply::parameter;
use crate::saml_idp::At;
use crate::upgrade::{Before, NAMELESS, Old, on_postgres_after, on_sqlite_after};

const TESTS: (Before, Before) = (collide, register_twice);

mod sqlite {
    use super::{NAMELESS, TESTS, on_sqlite_after};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn names_that_two_have_go_to_the_older_with_a_report() {
        on_sqlite_after(NAMELESS, TESTS.0, super::names_that_two_have_go_to_the_older_with_a_report).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn registrations_are_bound_to_the_issuer_of_their_connection() {
        on_sqlite_after(NAMELESS, TESTS.1, super::registrations_are_bound_to_the_issuer_of_their_connection)
            .await;
    }
}

mod postgres {
    use super::{NAMELESS, TESTS, on_postgres_after};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn names_that_two_have_go_to_the_older_with_a_report() {
        on_postgres_after(NAMELESS, TESTS.0, super::names_that_two_have_go_to_the_older_with_a_report).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn registrations_are_bound_to_the_issuer_of_their_connection() {
        on_postgres_after(
            NAMELESS,
            TESTS.1,
            super::registrations_are_bound_to_the_issuer_of_their_connection,
        )
        .await;
    }
}

async fn doc_of(store: &Store, id: &str) -> Value {
    let sql = "SELECT id, doc FROM organizations WHERE id = ?1".to_owned();
    let read = Read::composed("organizations", sql, vec![Param::from(id)]);
    let doc = store.query_opt(read, |row| row.text(1)).await.unwrap().unwrap();
    serde_json::from_str(&doc).unwrap()
}

/// The second organization is called by an external id as the first is by its slug, and the third has a slug that reads as
/// the id of the first, in other letters.
fn collide<'a>(store: &'a Store, facts: &'a Value) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {
        let id = |name: &str| text(&facts["organizations"][name]);
        let mut plain = doc_of(store, &id("plain")).await;
        plain["external_id"] = json!("FULL~1");
        let sql = "UPDATE organizations SET external_id = ?2, doc = ?3 WHERE id = ?1";
        let params = vec![id("plain").into(), "FULL~1".into(), plain.to_string().into()];
        store.commit(Write::any(sql, params)).await.unwrap();
        let (mut strict, slug) = (doc_of(store, &id("strict")).await, id("full").to_uppercase());
        strict["slug"] = json!(slug);
        let sql = "UPDATE organizations SET slug = ?2, slug_key = ?3, doc = ?4 WHERE id = ?1";
        let params = vec![
            id("strict").into(),
            slug.clone().into(),
            slug.to_lowercase().into(),
            strict.to_string().into(),
        ];
        store.commit(Write::any(sql, params)).await.unwrap();
    })
}

async fn names_that_two_have_go_to_the_older_with_a_report(old: Old) {
    let app = &old.app;
    let (full, plain) = (old.fact("/organizations/full"), old.fact("/organizations/plain"));
    let strict = old.fact("/organizations/strict");
    let found = async |name: &str| app.get(&format!("/v1/b2b/organizations/{name}")).await;
    for name in ["FULL~1", "full~1", "crm%7C7", full.as_str()] {
        assert_eq!(found(name).await.ok()["organization"]["organization_id"], full.as_str(), "{name}");
    }
    found(&full.to_uppercase()).await.refused(404, "organization_not_found");
    let shown = found(&plain).await.ok()["organization"].clone();
    assert_eq!(shown["organization_external_id"], Value::Null);
    let slug = text(&found(&strict).await.ok()["organization"]["organization_slug"]);
    assert!(slug.starts_with("org-"), "{slug}");
    assert_eq!(found(&slug).await.ok()["organization"]["organization_id"], strict.as_str());

    let events = app.get("/v1/vestibule/events?action=organization.name.lose").await.ok();
    let events = events["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), 2, "{events:?}");
    for (id, field, lost) in
        [(&plain, "external_id", "FULL~1".to_owned()), (&strict, "slug", full.to_uppercase())]
    {
        let event = events.iter().find(|event| event["object"]["id"] == id.as_str()).unwrap();
        let change = event["changes"].as_array().unwrap().iter().find(|one| one["field"] == field).unwrap();
        assert_eq!(change["before"], lost.as_str(), "{event}");
        assert_eq!(event["actor"]["type"], "server");
    }
    // All of them can be changed, and a lost name can be given up for another.
    for name in ["full", "plain", "strict"] {
        app.put(&old.company(name), json!({ "organization_name": "Renamed" })).await.ok();
    }
    app.put(&old.company("plain"), json!({ "organization_external_id": "another" })).await.ok();
    let taken = app.put(&old.company("plain"), json!({ "organization_slug": "fulL~1" })).await;
    taken.refused(400, "organization_slug_already_used");
    for name in ["ada", "grace"] {
        let token = old.fact(&format!("/live/{name}/session_token"));
        app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await.ok();
    }
    // Brought up to date once more, nothing happens.
    let applied = app.app.store.migrate(app.app.clock.now(), app.app.entropy.as_ref()).await.unwrap();
    assert!(applied.is_empty(), "{applied:?}");
}

/// One member has two subjects of one connection, as four at once could make it.
fn register_twice<'a>(store: &'a Store, facts: &'a Value) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {
        let sql = "INSERT INTO identities
             (id, project_id, organization_id, member_id, connection_id, external_id, created_at, last_login_at,
              attributes, idp_groups)
             SELECT ?1, project_id, organization_id, member_id, connection_id, ?2, created_at + 1, last_login_at,
              attributes, idp_groups FROM identities WHERE member_id = ?3 AND connection_id = ?4";
        let params = vec![
            "oidc-member-registration-test-00000000-0000-4000-8000-000000000000".into(),
            "subject-of-a-twin".into(),
            text(&facts["live"]["ada"]["member_id"]).into(),
            text(&facts["connections"]["oidc"]).into(),
        ];
        store.commit(Write::any(sql, params)).await.unwrap();
    })
}

async fn registrations_are_bound_to_the_issuer_of_their_connection(old: Old) {
    let (app, ada) = (&old.app, old.fact("/live/ada/member_id"));
    let full = old.fact("/organizations/full");
    let connections = app.get(&format!("/v1/b2b/sso/{full}")).await.ok();
    let of = |kind: &str, id: &str| {
        let all = connections[kind].as_array().unwrap();
        all.iter().find(|one| one["connection_id"] == id).unwrap().clone()
    };
    let oidc = text(&of("oidc_connections", &old.fact("/connections/oidc"))["issuer"]);
    let saml = text(&of("saml_connections", &old.fact("/connections/saml"))["idp_entity_id"]);
    let bound = async |member: &str| {
        let path = format!("/v1/vestibule/organizations/{full}/members/{member}/registrations");
        app.get(&path).await.ok()["registrations"].as_array().unwrap().clone()
    };
    let of_ada = bound(&ada).await;
    assert_eq!(of_ada.iter().filter(|one| one["issuer"] == oidc.as_str()).count(), 2, "{of_ada:?}");
    let grace = old.fact("/live/grace/member_id");
    let of_grace = bound(&grace).await;
    assert!(of_grace.iter().all(|one| one["issuer"] == saml.as_str()), "{of_grace:?}");

    // The connections move to another provider: both come back, and the same sub is nobody's by itself.
    let (oidc, saml) = (old.move_here("oidc").await, old.move_here("saml").await);
    let signed_in = app.session(&oidc, "ada@example.com").await;
    assert_eq!(signed_in["member_id"], ada.as_str());
    let at = At { organization: full.clone(), connection: saml };
    let back = Browser::new(app).sign_in_saml(&at, "grace@example.com", &[]).await.location();
    let redeemed = app.redeem(&parameter(&back, "token")).await.ok();
    assert_eq!(redeemed["member_id"], grace.as_str());
    for name in ["ada", "grace"] {
        let token = old.fact(&format!("/live/{name}/session_token"));
        app.post("/v1/b2b/sessions/authenticate", json!({ "session_token": token })).await.ok();
    }
}
