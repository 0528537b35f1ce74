//! Connections on the wire (contract 4.2).

use std::collections::BTreeMap;

use serde::Serialize;
use vestibule_domain::connection::{Channel, Connection, OidcSettings};

use crate::world::App;

/// An OpenID Connect connection. `client_secret` is shown to authorised callers, as the contract says.
/// `type`, `token_endpoint_auth_method` and `allow_hs256` are our own extensions.
#[derive(Debug, Serialize)]
pub struct OidcConnectionOut<'a> {
    organization_id: String,
    connection_id: String,
    status: &'static str,
    display_name: &'a str,
    identity_provider: &'static str,
    redirect_url: String,
    client_id: &'a str,
    client_secret: &'a str,
    issuer: &'a str,
    authorization_url: &'a str,
    token_url: &'a str,
    userinfo_url: &'a str,
    jwks_url: &'a str,
    custom_scopes: &'a str,
    attribute_mapping: &'a BTreeMap<String, String>,
    #[serde(rename = "type")]
    channel: Channel,
    token_endpoint_auth_method: &'static str,
    allow_hs256: bool,
}

/// An OpenID Connect connection as the contract shows it.
#[must_use]
pub fn oidc<'a>(app: &App, connection: &'a Connection, settings: &'a OidcSettings) -> OidcConnectionOut<'a> {
    OidcConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        status: connection.status().as_str(),
        display_name: &connection.display_name,
        identity_provider: connection.identity_provider.as_str(),
        redirect_url: app.callback_url(connection.id),
        client_id: &settings.client_id,
        client_secret: settings.client_secret.expose(),
        issuer: &settings.issuer,
        authorization_url: &settings.authorization_url,
        token_url: &settings.token_url,
        userinfo_url: &settings.userinfo_url,
        jwks_url: &settings.jwks_url,
        custom_scopes: &settings.custom_scopes,
        attribute_mapping: &settings.attribute_mapping,
        channel: settings.channel,
        token_endpoint_auth_method: settings.effective_authentication().as_str(),
        allow_hs256: settings.allow_hs256,
    }
}

/// All OpenID Connect connections of a list.
#[must_use]
pub fn oidc_connections<'a>(app: &App, connections: &'a [Connection]) -> Vec<OidcConnectionOut<'a>> {
    connections.iter().filter_map(|connection| Some(oidc(app, connection, connection.oidc()?))).collect()
}
