//! Connections on the wire (contract 4.2).

use std::collections::BTreeMap;

use serde::Serialize;
use vestibule_domain::connection::{Channel, Connection, OidcSettings};

use crate::world::App;

/// An OpenID Connect connection. `client_secret` is shown to authorised callers, as the contract says.
/// `type`, `token_endpoint_auth_method` and `allow_hs256` are our own extensions.
#[derive(Debug, Serialize)]
pub struct OidcConnectionOut {
    organization_id: String,
    connection_id: String,
    status: &'static str,
    display_name: String,
    identity_provider: &'static str,
    redirect_url: String,
    client_id: String,
    client_secret: String,
    issuer: String,
    authorization_url: String,
    token_url: String,
    userinfo_url: String,
    jwks_url: String,
    custom_scopes: String,
    attribute_mapping: BTreeMap<String, String>,
    #[serde(rename = "type")]
    channel: Channel,
    token_endpoint_auth_method: &'static str,
    allow_hs256: bool,
}

/// An OpenID Connect connection as the contract shows it.
#[must_use]
pub fn oidc(app: &App, connection: &Connection, settings: &OidcSettings) -> OidcConnectionOut {
    OidcConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        status: connection.status().as_str(),
        display_name: connection.display_name.clone(),
        identity_provider: connection.identity_provider.as_str(),
        redirect_url: app.callback_url(connection.id),
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret.expose().to_owned(),
        issuer: settings.issuer.clone(),
        authorization_url: settings.authorization_url.clone(),
        token_url: settings.token_url.clone(),
        userinfo_url: settings.userinfo_url.clone(),
        jwks_url: settings.jwks_url.clone(),
        custom_scopes: settings.custom_scopes.clone(),
        attribute_mapping: settings.attribute_mapping.clone(),
        channel: settings.channel,
        token_endpoint_auth_method: settings.effective_authentication().as_str(),
        allow_hs256: settings.allow_hs256,
    }
}

/// All OpenID Connect connections of a list.
#[must_use]
pub fn oidc_connections(app: &App, connections: &[Connection]) -> Vec<OidcConnectionOut> {
    connections.iter().filter_map(|connection| Some(oidc(app, connection, connection.oidc()?))).collect()
}
