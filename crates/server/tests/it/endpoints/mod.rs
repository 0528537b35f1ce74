//! What holds of every endpoint, walked over the list from which the router is made (`routes::endpoints`): credentials,
//! tenancy, rights, the refusals of the door, and garbage. An endpoint that is added is tested by being listed; what it
//! says that it needs is held against what it answers.

pub(crate) mod bounds;
mod garbage;
pub(crate) mod required;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::header::{ALLOW, AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Method, Request};
use serde_json::json;
use vestibule_server::routes;
use vestibule_server::{Endpoint, Needs};

use self::scene::{Ids, all, ask, ask_unknown, names, refusal};
use crate::app::{TestApp, basic, on_both_engines};
use crate::reply::Reply;

on_both_engines!(
    a_change_of_nothing_is_no_change,
    nothing_is_answered_without_credentials,
    other_tenants_ids_are_unknown_ids,
    members_may_what_their_roles_allow,
    members_of_other_organizations_learn_nothing,
    wrong_paths_and_methods_are_refused_by_their_door,
    garbage_is_never_our_mistake,
    no_field_takes_without_bound,
    what_is_required_is_documented,
);

use bounds::no_field_takes_without_bound;
use garbage::garbage_is_never_our_mistake;
use required::what_is_required_is_documented;

#[test]
fn the_list() {
    let lines = routes::endpoints().iter().map(line).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(lines);
}

fn line(endpoint: &Endpoint) -> String {
    let Endpoint { door, method, path, query, needs, .. } = endpoint;
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{door} {method:<6} {path}{query}  {needs:?}")
}

/// Credentials that are none, and what the first dialect says to them.
fn wrong_credentials(app: &TestApp, other: &TestApp) -> Vec<(Option<String>, &'static str)> {
    let (id, secret) = (app.project.id.to_string(), app.secret.clone());
    let public = app.project.public_token.to_string();
    let nobody = "project-test-00000000-0000-4000-8000-000000000000";
    let unreadable =
        [None, Some("Basic".to_owned()), Some("Basic !!!".to_owned()), Some(format!("Bearer {secret}"))];
    let wrong = [
        basic(&id, ""),
        basic(&id, "wrong"),
        basic(&id, &public),
        basic(&public, &secret),
        basic("", &secret),
        basic(&id, &other.secret),
        basic(&other.project.id.to_string(), &secret),
        basic(&id, &secret.to_uppercase()),
        basic(&id, &format!("{secret}\0")),
        basic(nobody, &secret),
    ];
    let unreadable = unreadable.into_iter().map(|header| (header, "invalid_secret_authentication"));
    unreadable.chain(wrong.map(|header| (Some(header), "unauthorized_credentials"))).collect()
}

async fn nothing_is_answered_without_credentials(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let other = app.other_project().await;
    for endpoint in all() {
        let address = ids.fill(&endpoint);
        for (header, error) in wrong_credentials(&app, &other) {
            let mut request = Request::builder().method(endpoint.method.clone()).uri(&address);
            if let Some(header) = header {
                request = request.header(AUTHORIZATION, header);
            }
            let answer = app.send(request.body(Body::from("{}")).unwrap()).await;
            match endpoint.needs {
                Needs::Nothing => assert_ne!(answer.status, 401, "{}", line(&endpoint)),
                Needs::SignIn => assert_eq!(refused(&endpoint, &answer, 401), "invalid_token"),
                Needs::Directory(_) => assert_eq!(refused(&endpoint, &answer, 401), ""),
                needs if needs.scoped() => assert_eq!(refused(&endpoint, &answer, 401), "Unauthorized"),
                _ => assert_eq!(refused(&endpoint, &answer, 401), error),
            }
            let challenged = answer.headers.contains_key(WWW_AUTHENTICATE);
            assert_eq!(challenged, endpoint.needs != Needs::Nothing, "{}", line(&endpoint));
        }
    }
    app.get("/v1/b2b/organizations/acme").await.ok();
}

async fn other_tenants_ids_are_unknown_ids(app: TestApp) {
    let (acme, globex) = (Ids::of(&app, "acme").await, Ids::of(&app, "globex").await);
    let nobodys = Ids::nobodys();
    let other = app.other_project().await;
    for endpoint in all() {
        // `directories/attacks.rs` asks with tokens of other directories.
        if matches!(endpoint.needs, Needs::Nothing | Needs::SignIn | Needs::Directory(_))
            || endpoint.needs.scoped()
        {
            unknown_ids_of_everybody(&app, &endpoint, &nobodys).await;
            continue;
        }
        if names(&endpoint).is_empty() && !endpoint.needs.organization() {
            nothing_is_given_away(&other, &endpoint, &acme).await;
            continue;
        }
        let unknown = ask(&app, &endpoint, &nobodys.fill(&endpoint), &nobodys.body()).await;
        let kind = refused(&endpoint, &unknown, 404);
        for ids in [&acme, &globex] {
            let foreign = ask(&other, &endpoint, &ids.fill(&endpoint), &ids.body()).await;
            assert_eq!(refused(&endpoint, &foreign, 404), kind, "{}", line(&endpoint));
        }
        let mixed = acme.mixed();
        let mixed = ask(&app, &endpoint, &mixed.fill(&endpoint), &mixed.body()).await;
        assert!(matches!(mixed.status.as_u16(), 400 | 404), "{}: {}", line(&endpoint), mixed.text());
        crossed(&app, &endpoint, &acme, &globex).await;
    }
    // All is as it was.
    for ids in [&acme, &globex] {
        let place = format!("/v1/b2b/organizations/{}/member?member_id={}", ids.organization, ids.member);
        assert_eq!(app.get(&place).await.ok()["member"]["name"], "");
        let connections = app.get(&format!("/v1/b2b/sso/{}", ids.organization)).await.ok();
        assert_eq!(connections["oidc_connections"][0]["connection_id"], ids.oidc_connection.as_str());
        let saml = &connections["saml_connections"][0];
        assert_eq!(saml["connection_id"], ids.saml_connection.as_str());
        assert_eq!(saml["verification_certificates"].as_array().unwrap().len(), 2);
        assert_eq!(saml["encryption_private_keys"].as_array().unwrap().len(), 1);
    }
}

/// One organization's path with another's thing is answered as if that were nobody's, whichever of its parameters it is.
async fn crossed(app: &TestApp, endpoint: &Endpoint, acme: &Ids, globex: &Ids) {
    let names = names(endpoint);
    if !names.iter().any(|name| name == "organization_id") {
        return;
    }
    for name in names.iter().filter(|name| *name != "organization_id") {
        let nobodys = acme.fill_crossed(endpoint, name, &Ids::nobodys());
        let kind = refused(endpoint, &ask(app, endpoint, &nobodys, &acme.body()).await, 404);
        let foreign = acme.fill_crossed(endpoint, name, globex);
        let foreign = ask(app, endpoint, &foreign, &acme.body()).await;
        assert_eq!(refused(endpoint, &foreign, 404), kind, "{} with another's {name}", line(endpoint));
    }
}

/// Who needs no project gets nothing for an id that is nobody's.
async fn unknown_ids_of_everybody(app: &TestApp, endpoint: &Endpoint, nobodys: &Ids) {
    let answer = ask_unknown(app, endpoint, &nobodys.fill(endpoint)).await;
    if !names(endpoint).is_empty() || endpoint.needs.scoped() {
        assert!(answer.status.is_client_error(), "{}: {}", line(endpoint), answer.text());
    }
}

/// An endpoint that names nothing tells another project nothing of this one.
async fn nothing_is_given_away(other: &TestApp, endpoint: &Endpoint, ids: &Ids) {
    let answer = ask(other, endpoint, &ids.fill(endpoint), &ids.body()).await;
    for id in [&ids.organization, &ids.member, &ids.oidc_connection, &ids.saml_connection] {
        assert!(!answer.text().contains(id.as_str()), "{} tells of {id}: {}", line(endpoint), answer.text());
    }
}

/// A member whom no role was given: what needs a right is refused, and the refusal names the right.
async fn members_may_what_their_roles_allow(app: TestApp) {
    let acme = Ids::of(&app, "acme").await;
    for endpoint in all() {
        let (method, address) = (endpoint.method.clone(), acme.fill(&endpoint));
        let answer = app.as_member(&acme.session, method, &address, acme.body()).await;
        match endpoint.needs {
            // An application proves itself in what it posts there, whoever else asks.
            Needs::Nothing if endpoint.path == "/oauth/revoke" => {
                assert_eq!(refused(&endpoint, &answer, 401), "invalid_client");
            }
            Needs::Nothing | Needs::Project => {
                assert!(
                    !matches!(answer.status.as_u16(), 401 | 403),
                    "{}: {}",
                    line(&endpoint),
                    answer.text()
                );
            }
            Needs::SignIn => assert_eq!(refused(&endpoint, &answer, 401), "invalid_token"),
            Needs::Directory(_) => assert_eq!(refused(&endpoint, &answer, 401), ""),
            Needs::AnyScope(_) | Needs::EveryScope(_) => {
                assert_eq!(refused(&endpoint, &answer, 401), "Unauthorized");
            }
            Needs::OpenedLink => panic!("{}: pages have walls of their own", line(&endpoint)),
            Needs::Session => panic!("{}: a backend has no session of its own", line(&endpoint)),
            Needs::Belonging => assert_eq!(answer.status, 200, "{}: {}", line(&endpoint), answer.text()),
            Needs::ProjectAlone | Needs::ProjectAloneIn => {
                not_allowed(&endpoint, &answer, "Only the project's own credentials allow this");
            }
            Needs::Right(action) => {
                not_allowed(
                    &endpoint,
                    &answer,
                    &format!("Needed on {}: {}", action.resource().id(), action.verb()),
                );
            }
            Needs::RightsOfFields => not_allowed(&endpoint, &answer, "Needed on "),
        }
    }
}

/// What names no setting changes nothing: there is no right to ask for, so there is nothing to write.
async fn a_change_of_nothing_is_no_change(app: TestApp) {
    let (acme, globex) = (Ids::of(&app, "acme").await, Ids::of(&app, "globex").await);
    let paths = [
        format!("/v1/b2b/organizations/{}", acme.organization),
        format!("/v1/b2b/organizations/{}/members/{}", acme.organization, acme.member),
    ];
    let before = app.get(&format!("/v1/vestibule/events?organization_id={}", acme.organization)).await.ok();
    for path in paths {
        for body in
            [json!({}), json!({ "unknown": 1 }), json!({ "name": null }), json!({ "unlink_email": true })]
        {
            app.as_member(&acme.session, Method::PUT, &path, body.clone()).await.ok();
            app.put(&path, body).await.ok();
        }
        assert_eq!(app.as_member(&globex.session, Method::PUT, &path, json!({})).await.status, 403);
    }
    let after = app.get(&format!("/v1/vestibule/events?organization_id={}", acme.organization)).await.ok();
    assert_eq!(before["events"], after["events"]);
}

/// A member of another organization learns nothing, not even whether there is such an organization.
async fn members_of_other_organizations_learn_nothing(app: TestApp) {
    let (acme, globex) = (Ids::of(&app, "acme").await, Ids::of(&app, "globex").await);
    for endpoint in all() {
        let asked = async |ids: &Ids| {
            let (method, address) = (endpoint.method.clone(), ids.fill(&endpoint));
            app.as_member(&globex.session, method, &address, ids.body()).await
        };
        let (foreign, nobodys) = (asked(&acme).await, asked(&Ids::nobodys()).await);
        if !endpoint.needs.organization() {
            assert!(!foreign.text().contains(&acme.organization), "{}: {}", line(&endpoint), foreign.text());
            continue;
        }
        assert_eq!(refused(&endpoint, &foreign, 403), "session_authorization_tenancy_error");
        assert_eq!(refused(&endpoint, &nobodys, 403), "session_authorization_tenancy_error");
    }
}

#[track_caller]
fn not_allowed(endpoint: &Endpoint, answer: &Reply, why: &str) {
    assert_eq!(refused(endpoint, answer, 403), "session_authorization_error", "{}", line(endpoint));
    assert!(answer.text().contains(why), "{} expects {why}: {}", line(endpoint), answer.text());
}

/// The name of the refusal that this answer has to be, in the envelope of the endpoint's door.
#[track_caller]
fn refused(endpoint: &Endpoint, answer: &Reply, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}: {}", line(endpoint), answer.text());
    refusal(endpoint.door, answer)
}

async fn wrong_paths_and_methods_are_refused_by_their_door(app: TestApp) {
    let ids = Ids::of(&app, "acme").await;
    let mut paths: BTreeMap<String, (Endpoint, BTreeSet<String>)> = BTreeMap::new();
    for endpoint in all() {
        let (_, methods) = paths.entry(endpoint.path.clone()).or_insert((endpoint.clone(), BTreeSet::new()));
        methods.insert(endpoint.method.to_string());
        if endpoint.method == Method::GET {
            methods.insert("HEAD".to_owned());
        }
    }
    let tried = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"];
    for (endpoint, methods) in paths.values() {
        let address = ids.fill(endpoint);
        for method in tried.iter().filter(|method| !methods.contains(**method)) {
            let mut wrong = endpoint.clone();
            wrong.method = method.parse().unwrap();
            let answer = ask(&app, &wrong, &address, &json!({})).await;
            refused(&wrong, &answer, 405);
            let allowed =
                answer.headers[ALLOW].to_str().unwrap().split(',').map(|name| name.trim().to_owned());
            assert_eq!(&allowed.collect::<BTreeSet<_>>(), methods, "{}", line(&wrong));
        }
        let path = address.split('?').next().unwrap();
        let answer = ask(&app, endpoint, &format!("{path}/no/such/path/at/all"), &json!({})).await;
        refused(endpoint, &answer, 404);
    }
}
