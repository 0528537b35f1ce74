//! A session of another system becomes one here (contract 3.4).

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::MemberId;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::secret::Secret;
use vestibule_domain::session::SessionDuration;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::session_jwt::mint;
use crate::doors::stytch::wire::session::SessionOut;
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Stytch, ok};
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, required};
use crate::operations::authentication::SessionRequest;
use crate::operations::migrated_sessions;
use crate::world::App;

/// The endpoint of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    Endpoints::new().post("/v1/b2b/sessions/migrate", Needs::Project, migrate)
}

#[derive(Deserialize)]
struct MigrateIn {
    /// The other system's.
    session_token: Option<Secret>,
    organization_id: Option<String>,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Metadata>,
}

#[derive(Serialize)]
struct MigratedOut {
    member_id: MemberId,
    session_token: String,
    session_jwt: String,
    member: MemberOut,
    organization: OrganizationOut,
    member_session: SessionOut,
}

async fn migrate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Input(body): Input<MigrateIn>,
) -> Answer<MigratedOut> {
    let token = required(body.session_token, "session_token")?;
    let organization = required(body.organization_id, "organization_id")?;
    let wanted = SessionRequest {
        joins: None,
        locale: None,
        duration: body.session_duration_minutes.map(SessionDuration::minutes).transpose()?,
        custom_claims: body.session_custom_claims.unwrap_or_default(),
    };
    let tenant = caller.enter(&app, &organization).await?.tenant();
    let view = migrated_sessions::migrate(&app, &ctx, &caller.project, tenant, &token, &wanted).await?;
    let session_jwt = mint(&app, &ctx, &caller.project, &view).await?;
    ok(
        &ctx,
        MigratedOut {
            member_id: view.session.member_id,
            session_token: view.session.token.expose().to_owned(),
            session_jwt,
            member: MemberOut::from(&view.member),
            organization: OrganizationOut::from(&view.organization),
            member_session: SessionOut::from(&view),
        },
    )
}
