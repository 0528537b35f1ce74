//! What a customer's backend asks of the server to be set up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Connection, with_json};
use crate::process::Server;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::sign_in::Protocol;
use crate::{Result, clock};

/// The header line that authenticates the project.
pub(crate) fn authorization(server: &Server) -> String {
    let pair = STANDARD.encode(format!("{}:{}", server.project_id, server.secret));
    format!("authorization: Basic {pair}\r\n")
}

/// An organization that is connected to the provider.
#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) organization_id: String,
    pub(crate) slug: String,
    pub(crate) connection_id: String,
    pub(crate) protocol: Protocol,
}

/// Creates an organization and an active connection of it.
pub(crate) async fn customer(
    connection: &mut Connection,
    headers: &str,
    provider: &Provider,
    protocol: Protocol,
    number: usize,
) -> Result<Customer> {
    let word = match protocol {
        Protocol::Oidc => "oidc",
        Protocol::Saml => "saml",
    };
    // Worlds may share a database.
    let world = clock::since_epoch().as_micros();
    let slug = format!("bench-{word}-{number}-{world}");
    let name = json!({"organization_name": format!("Bench {word} {number}"), "organization_slug": slug});
    let made = call(connection, "POST", "/v1/b2b/organizations", headers, &name).await?;
    let organization_id = text(&made, "/organization/organization_id")?;
    let path = format!("/v1/b2b/sso/{word}/{organization_id}");
    let made = call(connection, "POST", &path, headers, &json!({"display_name": "Bench"})).await?;
    let connection_id = text(&made, "/connection/connection_id")?;
    let settings = match protocol {
        Protocol::Oidc => oidc_settings(provider),
        Protocol::Saml => saml_settings(provider)?,
    };
    let path = format!("{path}/connections/{connection_id}");
    let changed = call(connection, "PUT", &path, headers, &settings).await?;
    match text(&changed, "/connection/status")?.as_str() {
        "active" => Ok(Customer { organization_id, slug, connection_id, protocol }),
        other => Err(format!("found a connection that is {other}, expected active").into()),
    }
}

fn oidc_settings(provider: &Provider) -> Value {
    let issuer = &provider.issuer;
    json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "authorization_url": format!("{issuer}/authorize"),
        "token_url": format!("{issuer}/token"),
        "userinfo_url": format!("{issuer}/userinfo"),
        "jwks_url": format!("{issuer}/jwks"),
    })
}

fn saml_settings(provider: &Provider) -> Result<Value> {
    Ok(json!({
        "idp_entity_id": provider.saml.entity_id(),
        "idp_sso_url": provider.saml.sso_url(),
        "x509_certificate": provider.saml.key()?.certificate_pem(),
    }))
}

/// Asks as the project's backend, and gives the answer if it is a success.
pub(crate) async fn call(
    connection: &mut Connection,
    method: &str,
    path: &str,
    headers: &str,
    body: &Value,
) -> Result<Value> {
    let request = with_json(method, path, headers, &body.to_string());
    let answer = connection.send(&request).await?.expect(200)?;
    Ok(serde_json::from_slice(answer.body)?)
}

/// The text at a JSON pointer.
pub(crate) fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer} in the answer"))?.to_owned())
}
