//! The part of the API that this application uses.

use axum::http::StatusCode;
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Api {
    pub base: String,
    pub project: String,
    pub secret: String,
    pub http: reqwest::Client,
}

/// What the server refused, as it said it; or what went wrong here, which is not for the visitor.
pub struct Refused {
    pub status: StatusCode,
    pub sentence: String,
}

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Self {
        eprintln!("{error}");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, sentence: "Please try again.".to_owned() }
    }
}

#[derive(Deserialize)]
struct Sentence {
    error_message: String,
}

#[derive(Deserialize)]
pub struct Organization {
    pub organization_name: String,
    sso_default_connection_id: Option<String>,
    sso_active_connections: Vec<ActiveConnection>,
}

#[derive(Deserialize)]
struct ActiveConnection {
    connection_id: String,
}

#[derive(Deserialize)]
pub struct Connection {
    pub connection_id: String,
    pub display_name: String,
    pub status: String,
    pub redirect_url: String,
    pub issuer: String,
    pub client_id: String,
}

#[derive(Deserialize)]
pub struct Session {
    pub organization_id: String,
    pub member_id: String,
    pub roles: Vec<String>,
}

#[derive(Deserialize)]
pub struct SignedIn {
    pub session_token: String,
    pub session_jwt: String,
    pub member_session: Session,
}

#[derive(Deserialize)]
struct Organizations {
    organizations: Vec<Organization>,
}

impl Organization {
    /// The connection by which its people sign in.
    pub fn connection(&self) -> Option<&str> {
        let default = self.sso_default_connection_id.as_deref().filter(|id| !id.is_empty());
        default.or_else(|| self.sso_active_connections.first().map(|one| one.connection_id.as_str()))
    }
}

impl Api {
    /// Asks the server. With a member's session token it does what that member may do, else all that the project may.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        member: Option<&str>,
        body: &Value,
    ) -> Result<T, Refused> {
        let request = self.http.request(method, format!("{}{path}", self.base)).json(body);
        let request = request.basic_auth(&self.project, Some(&self.secret));
        let request = match member {
            Some(token) => request.header("X-Stytch-Member-Session", token),
            None => request,
        };
        let answer = request.send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        let Sentence { error_message: sentence } = answer.json().await?;
        Err(Refused { status, sentence })
    }

    /// The organization that signs people with this address in: theirs if they are a member, else the one that has proved the
    /// domain. The filter `allowed_domains` would be wrong here: an organization's own administrators set it, to any domain they
    /// like.
    pub async fn organization_of(&self, email: &str) -> Result<Option<Organization>, Refused> {
        let domain = email.rsplit('@').next().unwrap_or_default();
        match self.only_one("member_emails", email).await? {
            Some(found) => Ok(Some(found)),
            None => self.only_one("claimed_email_domains", domain).await,
        }
    }

    /// Several: do not list them, anybody can type any address. Give such people a link that names their organization.
    async fn only_one(&self, filter: &str, value: &str) -> Result<Option<Organization>, Refused> {
        let operand = json!({ "filter_name": filter, "filter_value": [value] });
        let query = json!({ "query": { "operator": "AND", "operands": [operand] } });
        let found: Organizations =
            self.call(Method::POST, "/v1/b2b/organizations/search", None, &query).await?;
        let mut ready = found.organizations.into_iter().filter(|one| one.connection().is_some());
        Ok(ready.next().filter(|_| ready.next().is_none()))
    }
}
