//! Connections of an organization, and the end of a sign-in.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::{DeleteConnection, ReadConnections};
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;

use crate::doors::stytch::authenticated::AuthenticatedOut;
use crate::doors::stytch::caller::{Caller, Surface};
use crate::doors::stytch::session_request::begins_session;
use crate::doors::stytch::wire::connection::{OidcConnectionOut, oidc_connections};
use crate::doors::stytch::wire::external_connection::{ExternalConnectionOut, external_connections};
use crate::doors::stytch::wire::saml_connection::{SamlConnectionOut, saml_connections};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Path, required};
use crate::operations::connections;
use crate::operations::sso_tokens::{Redemption, redeem};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let one = "/v1/b2b/sso/{organization_id}/connections/{connection_id}";
    Endpoints::new()
        .get("/v1/b2b/sso/{organization_id}", Needs::Right(Action::ReadConnections), connections_of::<Stytch>)
        .delete(one, Needs::Right(Action::DeleteConnection), remove::<Stytch>)
        .post("/v1/b2b/sso/authenticate", Needs::Project, authenticate)
}

/// The connection in a path.
#[derive(Deserialize)]
pub(in crate::doors::stytch) struct ConnectionPath {
    connection_id: String,
}

impl ConnectionPath {
    /// Its id; what is none is not found as a `thing`.
    pub(super) fn id(&self, thing: Thing) -> Result<ConnectionId, Failure> {
        self.connection_id.parse().map_err(|_| What::NotFound(thing).into())
    }
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct ConnectionsOut {
    saml_connections: Vec<SamlConnectionOut>,
    oidc_connections: Vec<OidcConnectionOut>,
    external_connections: Vec<ExternalConnectionOut>,
}

pub(in crate::doors::stytch) async fn connections_of<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<ReadConnections>,
) -> Answer<ConnectionsOut, S> {
    let grant = granted.into();
    let found = connections::list(&app, &grant).await?;
    ok(
        &ctx,
        ConnectionsOut {
            saml_connections: saml_connections(&app, &found),
            oidc_connections: oidc_connections(&app, &found),
            external_connections: external_connections(&found),
        },
    )
}

#[derive(Serialize)]
pub(in crate::doors::stytch) struct RemovedOut {
    connection_id: ConnectionId,
}

pub(in crate::doors::stytch) async fn remove<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    granted: S::Granted<DeleteConnection>,
    Path(at): Path<ConnectionPath>,
) -> Answer<RemovedOut, S> {
    let grant = granted.into();
    let connection_id = at.id(Thing::Connection)?;
    connections::delete(&app, &ctx, &grant, connection_id).await?;
    ok(&ctx, RemovedOut { connection_id })
}

begins_session! {
    AuthenticateIn {
        sso_token: String,
        pkce_code_verifier: String,
    }
}

async fn authenticate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<AuthenticateIn>,
) -> Answer<AuthenticatedOut> {
    let sso_token = required(body.sso_token.as_deref(), "sso_token")?;
    let redemption = Redemption {
        sso_token: Token::presented(sso_token),
        code_verifier: body.pkce_code_verifier.clone().filter(|verifier| !verifier.is_empty()),
        solicited_only: false,
        session: body.session().read(&app, &ctx, &caller.project).await?,
    };
    let came = redeem(&app, &ctx, &caller.project, redemption).await?;
    ok(&ctx, AuthenticatedOut::of(&app, &ctx, &caller.project, came).await?)
}
