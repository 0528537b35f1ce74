//! What holds after a race, whoever came first. A complaint names no ids, so that the same ones can be counted.

use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use super::deletions::Deletion;
use super::mutations::Mutation;
use super::scene::{ADA, Scene, read};
use super::{is_done, is_orderly, said};
use crate::browser::Browser;
use crate::reply::Reply;

/// A race that was run.
pub(super) struct Race {
    pub(super) scene: Scene,
    pub(super) mutation: Mutation,
    pub(super) deletion: Deletion,
    pub(super) changed: Reply,
    pub(super) deleted: Reply,
}

impl Race {
    /// Everything that is not as it must be.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (what, reply) in [("the change", &self.changed), ("the deletion", &self.deleted)] {
            if !is_orderly(reply) {
                found.push(format!("{what} answered {}", said(reply)));
            }
        }
        found.extend(self.landed().await);
        found.extend(self.organization().await);
        found.extend(self.sessions().await);
        found.extend(self.listed_sessions().await);
        found.extend(self.registrations().await);
        found
    }

    fn is_gone(&self, what: Deletion) -> bool {
        self.deletion == what && is_done(&self.deleted)
    }

    /// The organization is gone, or it can be read and changed and names only connections that there are.
    async fn organization(&self) -> Vec<String> {
        let (app, path) = (&self.scene.app, self.scene.organization_path(""));
        let shown = app.get(&path).await;
        if self.is_gone(Deletion::Organization) {
            let is_there = shown.status != StatusCode::NOT_FOUND;
            return is_there
                .then(|| format!("the deleted organization answers {}", said(&shown)))
                .into_iter()
                .collect();
        }
        let changed = app.put(&path, json!({ "organization_name": "Still here" })).await;
        let organization = match (read(&shown), read(&changed)) {
            (Ok(shown), Ok(_)) => shown["organization"].clone(),
            (Err(error), _) => return vec![format!("the organization cannot be read: {error}")],
            (_, Err(error)) => return vec![format!("the organization cannot be changed any more: {error}")],
        };
        let connections = match read(&app.get(&format!("/v1/b2b/sso/{}", self.scene.organization)).await) {
            Ok(connections) => connections,
            Err(error) => return vec![format!("the connections cannot be listed: {error}")],
        };
        self.names(&organization, &connections)
    }

    fn names(&self, organization: &Value, connections: &Value) -> Vec<String> {
        let all =
            ["oidc_connections", "saml_connections"].into_iter().flat_map(|kind| list(&connections[kind]));
        let ids: Vec<&Value> = all.map(|connection| &connection["connection_id"]).collect();
        let mut found = Vec::new();
        let default = &organization["sso_default_connection_id"];
        if !default.is_null() && !ids.contains(&default) {
            found.push("the default connection does not exist".to_owned());
        }
        let allowed = list(&organization["sso_jit_provisioning_allowed_connections"]);
        if allowed.iter().any(|id| !ids.contains(&id)) {
            found.push("the JIT list names a connection that does not exist".to_owned());
        }
        if self.is_gone(Deletion::Connection) && ids.iter().any(|id| **id == self.scene.connection) {
            found.push("the deleted connection is listed".to_owned());
        }
        found
    }

    /// No session lives longer than what it rests on.
    async fn sessions(&self) -> Vec<String> {
        let mut tokens = vec![self.scene.session.clone()];
        let gives_a_session =
            matches!(self.mutation, Mutation::Redeem | Mutation::RedeemIntoSession | Mutation::Exchange);
        if gives_a_session && is_done(&self.changed) {
            tokens.extend(self.changed.json()["session_token"].as_str().map(str::to_owned));
        }
        tokens.dedup();
        let mut found = Vec::new();
        for token in tokens {
            let path = "/v1/b2b/sessions/authenticate";
            let used = self.scene.app.post(path, json!({ "session_token": token })).await;
            if !is_orderly(&used) {
                found.push(format!("using a session answers {}", said(&used)));
            }
            if let Ok(body) = read(&used)
                && self.is_orphan(&body["member_session"])
            {
                found.push(format!("a session outlives: {}", self.whose()));
            }
        }
        found
    }

    /// Whether a session that lives should not.
    fn is_orphan(&self, session: &Value) -> bool {
        let rests_on_connection = || {
            list(&session["authentication_factors"]).iter().any(|factor| {
                ["oidc_sso_factor", "saml_sso_factor"]
                    .iter()
                    .any(|kind| factor[kind]["provider_id"] == self.scene.connection.as_str())
            })
        };
        match self.deletion {
            Deletion::Organization => is_done(&self.deleted),
            Deletion::Member => is_done(&self.deleted) && session["member_id"] == self.scene.member.as_str(),
            Deletion::Connection => is_done(&self.deleted) && rests_on_connection(),
            Deletion::Session => {
                is_done(&self.deleted) && session["member_session_id"] == self.scene.session_id.as_str()
            }
            Deletion::Sessions => {
                is_done(&self.deleted) && session["member_id"] == self.scene.member.as_str()
            }
            Deletion::Move => false,
        }
    }

    const fn whose(&self) -> &'static str {
        match self.deletion {
            Deletion::Organization => "its organization",
            Deletion::Member => "its member",
            Deletion::Connection => "its connection",
            Deletion::Session => "its revocation",
            Deletion::Sessions => "the end of all of them",
            Deletion::Move => "its provider",
        }
    }

    async fn listed_sessions(&self) -> Vec<String> {
        let (organization, member) = (&self.scene.organization, &self.scene.member);
        let path = format!("/v1/b2b/sessions?organization_id={organization}&member_id={member}");
        let reply = self.scene.app.get(&path).await;
        if !is_orderly(&reply) {
            return vec![format!("listing the sessions answers {}", said(&reply))];
        }
        let body = read(&reply).unwrap_or_default();
        let is_listed = list(&body["member_sessions"]).iter().any(|session| self.is_orphan(session));
        is_listed.then(|| format!("a session is listed that outlives {}", self.whose())).into_iter().collect()
    }

    /// Nobody is registered at a connection that is gone, and who is gone is registered nowhere.
    async fn registrations(&self) -> Vec<String> {
        let path = format!("/v1/b2b/organizations/members/dangerously_get/{}", self.scene.member);
        let reply = self.scene.app.get(&path).await;
        if !is_orderly(&reply) {
            return vec![format!("reading the member answers {}", said(&reply))];
        }
        let Ok(body) = read(&reply) else { return Vec::new() };
        let mut found = Vec::new();
        if self.is_gone(Deletion::Organization) {
            found.push("the member outlives the organization".to_owned());
        }
        let registrations = list(&body["member"]["sso_registrations"]);
        let at_connection =
            registrations.iter().any(|one| one["connection_id"] == self.scene.connection.as_str());
        if self.is_gone(Deletion::Connection) && at_connection {
            found.push("a registration outlives its connection".to_owned());
        }
        if self.is_gone(Deletion::Member) && !registrations.is_empty() {
            found.push("a registration outlives its member".to_owned());
        }
        found
    }

    /// What the change handed out is worth nothing without what it was made for.
    async fn landed(&self) -> Vec<String> {
        if !is_done(&self.changed) {
            return Vec::new();
        }
        let found = match self.mutation {
            Mutation::OidcCallback | Mutation::SamlCallback => self.landed_token().await,
            Mutation::Start => self.finished_start().await,
            Mutation::CreateMember if self.is_gone(Deletion::Organization) => {
                let id = self.changed.json()["member_id"].as_str().unwrap_or_default().to_owned();
                let path = format!("/v1/b2b/organizations/members/dangerously_get/{id}");
                let reply = self.scene.app.get(&path).await;
                is_done(&reply).then(|| "a new member outlives the organization".to_owned())
            }
            _ => None,
        };
        found.into_iter().collect()
    }

    /// The token of a callback signs nobody in whose organization, connection or member is gone. A member who was
    /// deleted first comes back as a new one, if the organization lets people in.
    async fn landed_token(&self) -> Option<String> {
        let to = self.changed.location();
        let token = to.query_pairs().find(|(name, _)| name == "token")?.1.into_owned();
        let redeemed = self.scene.app.redeem(&token).await;
        if !is_orderly(&redeemed) {
            return Some(format!("redeeming what the callback gave answers {}", said(&redeemed)));
        }
        let body = read(&redeemed).ok()?;
        let is_empty_handed = match self.deletion {
            Deletion::Organization | Deletion::Connection => is_done(&self.deleted),
            Deletion::Member => is_done(&self.deleted) && body["member_id"] == self.scene.member.as_str(),
            Deletion::Session | Deletion::Sessions | Deletion::Move => false,
        };
        is_empty_handed.then(|| "what the callback gave is redeemed after the deletion".to_owned())
    }

    /// A sign-in that was sent to the old provider cannot be finished after the deletion.
    async fn finished_start(&self) -> Option<String> {
        let stands = matches!(self.deletion, Deletion::Member | Deletion::Session | Deletion::Sessions)
            || !is_done(&self.deleted);
        let to = self.changed.location();
        if stands || !to.as_str().starts_with(&self.scene.app.provider.issuer) {
            return None;
        }
        let mut browser = Browser::new(&self.scene.app);
        for header in self.changed.headers.get_all(SET_COOKIE) {
            let pair = header.to_str().unwrap().split(';').next().unwrap_or_default();
            browser
                .cookies
                .extend(pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let back = browser.approve(&to, ADA, None).await;
        let end = browser.bring(&back).await;
        let is_refused = end.status.is_client_error() && is_orderly(&end);
        (!is_refused).then(|| format!("a sign-in at what is gone ends with {}", said(&end)))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
