//! What clients ask for that this server has no part of, so that they hear it in words that they know: directories that are read
//! by us, and set-up pages for customers.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};
use vestibule_domain::refusal::What;

use super::needs::*;
use super::{Answer, Empty, IdPath, Manager, ok};
use crate::doors::auth0::Auth0;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Endpoints;
use crate::http::input::Path;
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    let provisioning = "/api/v2/connections/{id}/directory-provisioning";
    let profiles = "/api/v2/self-service-profiles";
    let profile = "/api/v2/self-service-profiles/{profile_id}";
    Endpoints::new()
        .get("/api/v2/connections-directory-provisionings", READ_DIRECTORIES, none)
        .get(provisioning, READ_CONNECTIONS, of_connection)
        .post(provisioning, UPDATE_CONNECTIONS, of_connection)
        .patch(provisioning, UPDATE_CONNECTIONS, of_connection)
        .delete(provisioning, UPDATE_CONNECTIONS, of_connection)
        .get(profiles, READ_SELF_SERVICE, nothing)
        .post(profiles, CREATE_SELF_SERVICE, nothing)
        .get(profile, READ_SELF_SERVICE, nothing)
        .patch(profile, UPDATE_SELF_SERVICE, nothing)
        .delete(profile, DELETE_SELF_SERVICE, nothing)
        .post(&format!("{profile}/sso-ticket"), CREATE_SELF_SERVICE_TICKETS, nothing)
        .post(&format!("{profile}/sso-ticket/{{ticket_id}}/revoke"), DELETE_SELF_SERVICE_TICKETS, nothing)
}

async fn none(ctx: Ctx, _: Manager) -> Answer<Value> {
    ok(&ctx, json!({ "directory_provisionings": [] }))
}

async fn of_connection(
    State(app): State<Arc<App>>,
    manager: Manager,
    Path(path): Path<IdPath>,
) -> Answer<Empty> {
    manager.connection(&app, &path.id).await?;
    Err(What::NoSuchRoute.into())
}

async fn nothing(_: Manager) -> Answer<Empty> {
    Err(What::NoSuchRoute.into())
}
