//! Directories through the front door: what their clients send, what becomes of members, who may what, and what happens at the
//! same moment.

mod attacks;
mod connections;
mod management;
mod mapped;
mod members;
mod random;
mod roles;
mod same_time;
mod sequences;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{BASE_URL, TestApp, text};
use crate::reply::Reply;

/// A directory of an organization, with its token.
#[derive(Clone)]
pub(crate) struct Directory {
    app: TestApp,
    pub(crate) organization: String,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Directory {
    /// Makes an organization with a directory.
    pub(crate) async fn connect(app: &TestApp, slug: &str, policy: Value) -> Self {
        let organization = app.organization(slug, policy).await;
        Self::of(app, &organization).await
    }

    /// Connects a directory of an organization.
    pub(crate) async fn of(app: &TestApp, organization: &str) -> Self {
        let path = format!("/v1/b2b/scim/{organization}/connection");
        let made =
            app.post(&path, json!({ "display_name": "People", "identity_provider": "okta" })).await.ok();
        let connection = &made["connection"];
        let (id, token) = (text(&connection["connection_id"]), text(&connection["bearer_token"]));
        Self::existing(app, organization, &id, &token)
    }

    /// One that is there.
    pub(crate) fn existing(app: &TestApp, organization: &str, id: &str, token: &str) -> Self {
        Self {
            app: app.clone(),
            organization: organization.to_owned(),
            id: id.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The address of the directory, as a path.
    pub(crate) fn path(&self) -> String {
        format!("/v1/b2b/scim/{}", self.id)
    }

    /// The address of the directory.
    pub(crate) fn address(&self) -> String {
        format!("{BASE_URL}{}", self.path())
    }

    /// The same directory with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Sends a request of the directory. What is remembered of it is in the order of time.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        self.app.pass(1);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.path()))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/scim+json");
        self.app.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: &Value) -> Reply {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({ "schemas": [schema], "Operations": operations });
        self.send(Method::PATCH, path, body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, "").await
    }

    /// Makes somebody, and gives the id that the directory knows them by.
    pub(crate) async fn user(&self, user_name: &str, more: &Value) -> String {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "active": true,
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = self.post("/Users", &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        text(&made.json()["id"])
    }

    /// Makes a group, and gives its id.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members,
        });
        let made = self.post("/Groups", &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        text(&made.json()["id"])
    }

    /// Says whether somebody may sign in.
    pub(crate) async fn set_active(&self, user: &str, active: bool) -> Reply {
        let operation = json!([{ "op": "replace", "path": "active", "value": active }]);
        self.patch(&format!("/Users/{user}"), &operation).await
    }

    /// The member of an address, also a deleted one, as the backend sees them.
    pub(crate) async fn member(&self, address: &str) -> Option<Value> {
        let body = json!({
            "organization_ids": [self.organization],
            "query": { "operator": "AND", "operands": [
                { "filter_name": "member_emails", "filter_value": [address] },
                { "filter_name": "statuses", "filter_value": ["active", "pending", "invited", "deleted"] },
            ] },
        });
        let found = self.app.post("/v1/b2b/organizations/members/search", body).await.ok();
        found["members"].as_array().unwrap().last().cloned()
    }

    /// What became of the requests, the newest first.
    pub(crate) async fn requests(&self) -> Vec<Value> {
        let path =
            format!("/v1/vestibule/organizations/{}/directories/{}/requests", self.organization, self.id);
        self.app.get(&path).await.ok()["directory_requests"].as_array().unwrap().clone()
    }
}

/// The status and the word for programs of a refusal, after its document was found to be one.
#[track_caller]
pub(crate) fn refused(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert_eq!(reply.headers[CONTENT_TYPE], "application/scim+json", "{body}");
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{body}");
    assert_eq!(body["status"], reply.status.as_u16().to_string(), "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    (reply.status.as_u16(), body["scimType"].as_str().unwrap_or_default().to_owned())
}
