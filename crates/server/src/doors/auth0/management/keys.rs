//! The keys by which a connection proves itself to its provider: the one that signs, and the one that will after it.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_domain::connection::{ClientAuthentication, Connection};
use vestibule_domain::id::ConnectionKind;
use vestibule_domain::rbac::Entry;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::{Refusal, What};

use super::needs::*;
use super::{Answer, IdPath, Manager, ok, with};
use crate::doors::auth0::Auth0;
use crate::doors::auth0::wire::body::{Body, invalid};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::operations::connections::key_pairs::{self, Shown};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let keys = "/api/v2/connections/{id}/keys";
    Endpoints::new().get(keys, READ_CONNECTION_KEYS, list).post(keys, CREATE_CONNECTION_KEYS, create).post(
        &format!("{keys}/rotate"),
        ROTATE_CONNECTION_KEYS,
        rotate,
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AlgorithmIn {
    signing_alg: Option<String>,
}

impl AlgorithmIn {
    fn check(&self) -> Result<(), Refusal> {
        match self.signing_alg.as_deref() {
            None | Some("RS256") => Ok(()),
            Some(_) => Err(invalid("this server signs client assertions with RS256", "signing_alg")),
        }
    }
}

/// The connection, if it is one that has keys.
async fn keyed(app: &App, manager: &Manager, id: &str) -> Result<(Connection, Entry), Failure> {
    let (connection, entry) = manager.connection(app, id).await?;
    let refused = |why: &str| Err(Refusal::new(What::NotOffered).because(why).into());
    let Some(settings) = connection.oidc().filter(|_| connection.id.kind() == ConnectionKind::Oidc) else {
        return refused("Key rotation is not supported on this connection");
    };
    if settings.effective_authentication() != ClientAuthentication::PrivateKeyJwt {
        return refused("Connection is not configured to use JWT Client Authentication");
    }
    Ok((connection, entry))
}

fn show(connection: &Connection, key: &Shown) -> Value {
    let mut shown = json!({
        "kid": key.id.to_string(),
        "algorithm": "RS256",
        "key_use": "signing",
        "subject_dn": format!("/CN={}", connection.name),
        "cert": key.certificate,
        "fingerprint": key.fingerprint,
        "thumbprint": key.thumbprint,
    });
    if let Value::Object(members) = &mut shown {
        if key.signs {
            members.insert("current".to_owned(), json!(true));
            members.insert("current_since".to_owned(), json!(key.since.to_string()));
        } else {
            members.insert("next".to_owned(), json!(true));
        }
    }
    shown
}

async fn list(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Value> {
    let (connection, entry) = keyed(&app, &manager, &path.id).await?;
    let keys = key_pairs::both(&app, &ctx, &entry.grant::<ChangeConnection>()?, connection.id).await?;
    ok(&ctx, keys.iter().map(|key| show(&connection, key)).collect())
}

/// There are two from the start.
async fn create(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<AlgorithmIn>,
) -> Answer<Value> {
    body.check()?;
    let (connection, entry) = keyed(&app, &manager, &path.id).await?;
    let grant = entry.grant::<ChangeConnection>()?;
    let keys = key_pairs::first(&app, &ctx, &grant, connection.id).await?;
    with(StatusCode::CREATED, &ctx, keys.iter().map(|key| show(&connection, key)).collect())
}

async fn rotate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    manager: Manager,
    Path(path): Path<IdPath>,
    Body(body): Body<AlgorithmIn>,
) -> Answer<Value> {
    body.check()?;
    let (connection, entry) = keyed(&app, &manager, &path.id).await?;
    let grant = entry.grant::<ChangeConnection>()?;
    let next = key_pairs::rotate(&app, &ctx, &grant, connection.id).await?;
    with(StatusCode::CREATED, &ctx, show(&connection, &next))
}
