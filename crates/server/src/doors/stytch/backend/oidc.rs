//! OpenID Connect connections (contract 3.1 and 3.1.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{post, put};
use serde::{Deserialize, Serialize};
use vestibule_domain::connection::{Channel, ClientAuthentication, Connection, OidcPatch, ProviderLabel};
use vestibule_domain::rbac::asks::{ChangeConnection, CreateConnection};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::secret::Secret;

use super::sso::ConnectionPath;

use crate::doors::stytch::caller::Granted;
use crate::doors::stytch::wire::connection::{self as wire, OidcConnectionOut};
use crate::doors::stytch::{Answer, ok};
use crate::http::ctx::Ctx;
use crate::http::input::{Input, Path};
use crate::operations::connections::oidc;
use crate::world::App;

/// The routes.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/b2b/sso/oidc/{organization_id}", post(create))
        .route("/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}", put(update))
}

/// What a connection of any protocol is made of.
#[derive(Deserialize)]
pub(super) struct CreateIn {
    pub(super) display_name: Option<String>,
    pub(super) identity_provider: Option<String>,
}

impl CreateIn {
    pub(super) fn label(&self) -> Result<ProviderLabel, Refusal> {
        self.identity_provider.as_deref().map_or(Ok(ProviderLabel::Generic), label)
    }
}

#[derive(Serialize)]
struct ConnectionOut {
    connection: OidcConnectionOut,
}

async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<CreateConnection>,
    Input(body): Input<CreateIn>,
) -> Answer<ConnectionOut> {
    let label = body.label()?;
    let connection = oidc::create(&app, &ctx, &grant, &body.display_name.unwrap_or_default(), label).await?;
    ok(&ctx, ConnectionOut { connection: out(&app, &connection)? })
}

fn out(app: &App, connection: &Connection) -> Result<OidcConnectionOut, Refusal> {
    let settings = connection.oidc().ok_or(What::NotFound(Thing::OidcConnection))?;
    Ok(wire::oidc(app, connection, settings))
}

pub(super) fn label(name: &str) -> Result<ProviderLabel, Refusal> {
    ProviderLabel::from_name(name).ok_or_else(|| {
        let found: String = name.chars().take(64).collect();
        Refusal::new(What::Invalid(Field::IdentityProvider)).found(format!("{found:?}"))
    })
}

/// The update body. `type`, `token_endpoint_auth_method` and `allow_hs256` are our own extensions.
#[derive(Deserialize)]
struct UpdateIn {
    display_name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    issuer: Option<String>,
    authorization_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    jwks_url: Option<String>,
    identity_provider: Option<String>,
    custom_scopes: Option<String>,
    attribute_mapping: Option<BTreeMap<String, String>>,
    #[serde(rename = "type")]
    channel: Option<String>,
    token_endpoint_auth_method: Option<String>,
    allow_hs256: Option<bool>,
}

impl UpdateIn {
    fn patch(self) -> Result<OidcPatch, Refusal> {
        Ok(OidcPatch {
            display_name: self.display_name,
            identity_provider: self.identity_provider.as_deref().map(label).transpose()?,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: self.client_secret.map(Secret::new),
            authorization_url: self.authorization_url,
            token_url: self.token_url,
            userinfo_url: self.userinfo_url,
            jwks_url: self.jwks_url,
            custom_scopes: self.custom_scopes,
            attribute_mapping: self.attribute_mapping,
            channel: self.channel.as_deref().map(channel).transpose()?,
            client_authentication: self
                .token_endpoint_auth_method
                .as_deref()
                .map(authentication)
                .transpose()?,
            allow_hs256: self.allow_hs256,
        })
    }
}

fn channel(name: &str) -> Result<Channel, Refusal> {
    match name {
        "back_channel" => Ok(Channel::BackChannel),
        "front_channel" => Ok(Channel::FrontChannel),
        _ => Err(What::Invalid(Field::Channel).into()),
    }
}

fn authentication(name: &str) -> Result<ClientAuthentication, Refusal> {
    ClientAuthentication::from_name(name).ok_or_else(|| {
        Refusal::new(What::Invalid(Field::Setting)).because(
            "token_endpoint_auth_method must be client_secret_basic, client_secret_post, private_key_jwt or none.",
        )
    })
}

#[derive(Serialize)]
struct UpdatedOut {
    connection: OidcConnectionOut,
    warning: String,
}

async fn update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Granted(grant): Granted<ChangeConnection>,
    Path(at): Path<ConnectionPath>,
    Input(body): Input<UpdateIn>,
) -> Answer<UpdatedOut> {
    let id = at.id(Thing::OidcConnection)?;
    let updated = oidc::update(&app, &ctx, &grant, id, body.patch()?).await?;
    ok(&ctx, UpdatedOut { connection: out(&app, &updated.connection)?, warning: updated.warning })
}
