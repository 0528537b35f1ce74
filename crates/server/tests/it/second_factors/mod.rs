//! Second factors through the front door: an authenticator application, its recovery codes, codes by text message, and what
//! somebody must not do who has a first factor alone.

mod authenticator;
mod recovery_codes;
mod sms;
mod stolen;
mod together;
mod totp;

use http::Method;
use serde_json::{Value, json};
use vestibule_domain::outbox::{Means, Recipient};

pub(crate) use self::authenticator::Authenticator;
use crate::app::{TestApp, text};
use crate::reply::Reply;

pub(crate) const NUMBER: &str = "+15555550123";
const OTHER_NUMBER: &str = "+15555550199";

/// A member of an organization, who signs in through its connection.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) app: TestApp,
    pub(crate) organization: String,
    pub(crate) connection: String,
    pub(crate) member: String,
    pub(crate) email: String,
}

impl Person {
    /// Of an organization where everybody needs a second factor.
    pub(crate) async fn required(app: &TestApp, slug: &str) -> Self {
        Self::with(app, slug, json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await
    }

    /// Of one where a second factor is for who wants it.
    async fn optional(app: &TestApp, slug: &str) -> Self {
        Self::with(app, slug, json!({})).await
    }

    pub(crate) async fn with(app: &TestApp, slug: &str, policy: Value) -> Self {
        let organization = app.organization(slug, policy).await;
        let connection = app.connection(&organization).await;
        let email = format!("ada@{slug}.example.com");
        let first = app.session(&connection, &email).await;
        let member = text(&first["member_id"]);
        Self { app: app.clone(), organization, connection, member, email }
    }

    /// Somebody else of the same organization.
    pub(crate) async fn colleague(&self, email: &str) -> Self {
        let first = self.app.session(&self.connection, email).await;
        Self { member: text(&first["member_id"]), email: email.to_owned(), ..self.clone() }
    }

    /// What comes of a first factor.
    pub(crate) async fn first_factor(&self) -> Value {
        self.app.session(&self.connection, &self.email).await
    }

    /// The token of a sign-in that waits for a second factor.
    pub(crate) async fn intermediate(&self) -> String {
        let waiting = self.first_factor().await;
        assert_eq!(waiting["member_authenticated"], false, "{waiting}");
        text(&waiting["intermediate_session_token"])
    }

    /// The token of a session.
    async fn session(&self) -> String {
        let signed_in = self.first_factor().await;
        assert_eq!(signed_in["member_authenticated"], true, "{signed_in}");
        text(&signed_in["session_token"])
    }

    /// A body about this member, with more.
    pub(crate) fn body(&self, more: Value) -> Value {
        let mut body = json!({ "organization_id": self.organization, "member_id": self.member });
        let Value::Object(more) = more else { panic!("members are an object: {more}") };
        body.as_object_mut().unwrap().extend(more);
        body
    }

    pub(crate) async fn ask(&self, path: &str, more: Value) -> Reply {
        self.app.post(path, self.body(more)).await
    }

    /// Begins an authenticator application.
    pub(crate) async fn begin(&self, with: Value) -> Value {
        self.ask("/v1/b2b/totp", with).await.ok()
    }

    /// Proves a code of an authenticator.
    async fn prove(&self, code: &str, with: Value) -> Reply {
        let mut body = with;
        body["code"] = json!(code);
        self.ask("/v1/b2b/totp/authenticate", body).await
    }

    /// Gives them an authenticator that is proved, by a sign-in from its beginning. The code that proved it is spent, so a
    /// step passes.
    pub(crate) async fn enrolled(&self) -> Authenticator {
        let token = self.intermediate().await;
        let begun = self.begin(json!({ "intermediate_session_token": token })).await;
        let authenticator = Authenticator::of(&begun);
        let code = authenticator.code(&self.app);
        self.prove(&code, json!({ "intermediate_session_token": token })).await.ok();
        self.app.pass(30);
        authenticator
    }

    async fn send(&self, with: Value) -> Reply {
        self.ask("/v1/b2b/otps/sms/send", with).await
    }

    async fn prove_sms(&self, code: &str, with: Value) -> Reply {
        let mut body = with;
        body["code"] = json!(code);
        self.ask("/v1/b2b/otps/sms/authenticate", body).await
    }

    /// Gives them a number that is proved, by a sign-in from its beginning.
    pub(crate) async fn with_number(&self) -> Value {
        let token = self.intermediate().await;
        let with = json!({ "intermediate_session_token": token, "mfa_phone_number": NUMBER });
        self.send(with).await.ok();
        let code = last_code(&self.app, NUMBER).await;
        self.prove_sms(&code, json!({ "intermediate_session_token": token })).await.ok()
    }

    /// The member as they are.
    async fn shown(&self) -> Value {
        let path = format!("/v1/b2b/organizations/{}/member?member_id={}", self.organization, self.member);
        self.app.get(&path).await.ok()["member"].clone()
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/b2b/organizations/{}/members/{}{rest}", self.organization, self.member)
    }

    fn codes_path(&self) -> String {
        format!("/v1/b2b/recovery_codes/{}/{}", self.organization, self.member)
    }

    /// Changes the member by their own session.
    async fn change_oneself(&self, session: &str, change: Value) -> Reply {
        self.app.as_member(session, Method::PUT, &self.path(""), change).await
    }
}

/// The messages to a number, in the order in which they were asked for, and a second later.
async fn codes_to(app: &TestApp, number: &str) -> Vec<String> {
    let messages = app.app.store.messages(Some(app.project.id), None, 500).await.unwrap();
    let mut codes = Vec::new();
    for message in messages.iter().rev() {
        let letter = app.app.store.letter(&app.app.vault, message).await.unwrap().unwrap();
        if letter.to == Recipient::Sms(number.to_owned()) {
            let Means::Code(code) = letter.means else { panic!("a message without a code") };
            codes.push(code);
        }
    }
    codes
}

/// The code that was sent last. Ids of messages sort by their time, so the clock goes on before the next.
pub(crate) async fn last_code(app: &TestApp, number: &str) -> String {
    let code = codes_to(app, number).await.pop().unwrap_or_else(|| panic!("no message to {number}"));
    app.pass(1);
    code
}

/// A code of the right form that is not this one.
pub(crate) fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}
