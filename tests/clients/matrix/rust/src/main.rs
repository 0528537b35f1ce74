//! The official Rust client, driven by lines of JSON: one call a line, one answer a line (`../clients.mjs`).

use std::future::Future;
use std::io::{BufRead as _, Write as _, stdin, stdout};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stytch::b2b::client::Client;
use stytch::client::Vertical;

#[derive(Deserialize)]
struct Ask {
    call: String,
    arguments: Value,
    /// Whether the client has the right secret.
    known: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let (base, project, secret) = (variable("BASE"), variable("PROJECT_ID"), variable("SECRET"));
    let (known, nobody) = (client(&base, &project, &secret), client(&base, &project, "secret-test-nobody"));
    for line in stdin().lock().lines() {
        let ask: Ask = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = call(if ask.known { &known } else { &nobody }, &ask.call, ask.arguments).await;
        let mut out = stdout().lock();
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

fn client(base: &str, project: &str, secret: &str) -> Client {
    let url = url::Url::parse(&format!("{base}/")).unwrap();
    let of = |vertical| stytch::client::Client::new_with_base_url(project, secret, url.clone(), vertical).unwrap();
    Client::new_with_http_client(of(Vertical::B2B), of(Vertical::Consumer))
}

/// Every method, by its name.
macro_rules! methods {
    ($($($part:ident).+;)*) => {
        async fn call(client: &Client, name: &str, arguments: Value) -> Value {
            $(if name == stringify!($($part).+).replace(' ', "") {
                return run(arguments, |request| client.$($part).+(request)).await;
            })*
            json!({ "fault": format!("there is no method {name}") })
        }
    };
}

methods! {
    discovery.intermediate_sessions.exchange;
    discovery.organizations.create;
    discovery.organizations.list;
    magic_links.authenticate;
    magic_links.discovery.authenticate;
    magic_links.email.discovery.send;
    magic_links.email.invite;
    magic_links.email.login_or_signup;
    organizations.connected_apps;
    organizations.create;
    organizations.delete;
    organizations.delete_external_id;
    organizations.get;
    organizations.get_connected_app;
    organizations.members.create;
    organizations.members.dangerously_get;
    organizations.members.delete;
    organizations.members.delete_external_id;
    organizations.members.delete_mfa_phone_number;
    organizations.members.delete_password;
    organizations.members.delete_totp;
    organizations.members.get;
    organizations.members.get_connected_apps;
    organizations.members.oidc_providers;
    organizations.members.reactivate;
    organizations.members.search;
    organizations.members.start_email_update;
    organizations.members.unlink_retired_email;
    organizations.members.update;
    organizations.metrics;
    organizations.search;
    organizations.update;
    otps.email.authenticate;
    otps.email.discovery.authenticate;
    otps.email.discovery.send;
    otps.email.login_or_signup;
    otps.sms.authenticate;
    otps.sms.send;
    rbac.organizations.get_org_policy;
    rbac.organizations.set_org_policy;
    rbac.policy;
    recovery_codes.get;
    recovery_codes.recover;
    recovery_codes.rotate;
    scim.connection.create;
    scim.connection.delete;
    scim.connection.get;
    scim.connection.get_groups;
    scim.connection.rotate_cancel;
    scim.connection.rotate_complete;
    scim.connection.rotate_start;
    scim.connection.update;
    sessions.attest;
    sessions.authenticate;
    sessions.exchange;
    sessions.exchange_access_token;
    sessions.get;
    sessions.get_jwks;
    sessions.migrate;
    sessions.revoke;
    sso.authenticate;
    sso.delete_connection;
    sso.external.create_connection;
    sso.external.update_connection;
    sso.get_connections;
    sso.oidc.create_connection;
    sso.oidc.update_connection;
    sso.saml.create_connection;
    sso.saml.delete_encryption_private_key;
    sso.saml.delete_verification_certificate;
    sso.saml.update_by_url;
    sso.saml.update_connection;
    totps.authenticate;
    totps.create;
    totps.migrate;
}

/// Calls a method with a request whose fields are the arguments, and for the rest what the client has as defaults.
async fn run<Request, Answer, Answered>(arguments: Value, method: impl FnOnce(Request) -> Answered) -> Value
where
    Request: Default + Serialize + DeserializeOwned,
    Answer: Serialize,
    Answered: Future<Output = stytch::Result<Answer>>,
{
    let mut fields = match serde_json::to_value(Request::default()) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if let Value::Object(arguments) = arguments {
        fields.extend(arguments);
    }
    let request = match serde_json::from_value(Value::Object(fields)) {
        Ok(request) => request,
        Err(error) => return json!({ "fault": format!("not a request: {error}") }),
    };
    match method(request).await {
        Ok(answer) => json!({ "answer": answer }),
        Err(stytch::Error::Response(refusal)) => json!({ "refusal": refusal }),
        Err(error) => json!({ "fault": format!("{error:?}") }),
    }
}
