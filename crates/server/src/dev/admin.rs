//! The sample application's page for administrators. All of it runs in the browser, by our own JavaScript package and the frontend
//! API, with a session of its own; here is the page, its program, and the one thing that only a sample may do: give somebody the
//! role that they want to try.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use vestibule_domain::Patch;
use vestibule_domain::member::MemberPatch;
use vestibule_domain::rbac::ADMIN_ROLE;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;

use super::account::FRAME;
use super::setup::{self, Credentials};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::operations::members;
use crate::operations::sessions::{self, Presented};
use crate::world::App;

/// The page, where browsers come back with a token too.
pub(super) const PAGE: &str = "/sample/admin";
/// What it runs.
pub(super) const PROGRAM: &str = "/sample/admin.js";
/// Makes whoever shows a session an administrator.
pub(super) const ROLE: &str = "/sample/admin/role";

/// Built from `sdks/`, whose tests say whether it is what the sources there build.
const SCRIPT: &str = include_str!("../../assets/sample_admin.js");

/// Scripts and requests of this origin only.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:; \
                      frame-ancestors 'none'; base-uri 'none'";

#[derive(Template)]
#[template(path = "sample_admin.html")]
struct Page<'a> {
    frame: Frame<'static>,
    public_token: &'a str,
    base_url: &'a str,
    connection_id: String,
    program: &'static str,
    role: &'static str,
}

pub(super) fn page(app: &App, credentials: &Credentials) -> Response {
    let page = Page {
        frame: FRAME,
        public_token: &credentials.public_token,
        base_url: &app.base_url,
        connection_id: credentials.connection_id.to_string(),
        program: PROGRAM,
        role: ROLE,
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

pub(super) fn program() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")], SCRIPT).into_response()
}

/// Gives the role to the member of the session in the header. A page of another site has no session to show.
pub(super) async fn promote(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
) -> Response {
    match promoted(app, ctx, credentials, headers).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => failure.into_response(),
    }
}

async fn promoted(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    headers: &HeaderMap,
) -> Result<(), Failure> {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = Token::presented(shown.ok_or(What::NotFound(Thing::Session))?);
    let internal = |error: crate::cli::CliError| Failure::Internal(error.to_string());
    let project = setup::project(app, credentials).await.map_err(internal)?;
    let view = sessions::live(app, ctx, &project, &Presented::Token(token)).await?;
    let member = &view.member.member;
    let organization = view.organization.organization.id;
    let entry = setup::entry_in(app, &project, organization).await.map_err(internal)?;
    let mut roles = member.roles.clone();
    if !roles.iter().any(|role| role == ADMIN_ROLE) {
        roles.push(ADMIN_ROLE.to_owned());
    }
    let patch =
        MemberPatch { roles: Patch::Set(roles), preserve_existing_sessions: true, ..MemberPatch::default() };
    let grant = entry.change_member(member.id, &patch)?;
    members::update(app, ctx, &grant, member.id, patch).await?;
    Ok(())
}
