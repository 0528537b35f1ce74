//! Below which origin a sign-in has its address, where several names lead here.

use vestibule_domain::connection::{CallbackAddress, Connection};
use vestibule_domain::project::LoginHost;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The origin that answers come to: for the shared address the one under which the browser is here, where that is the project's.
///
/// # Errors
/// The store's.
pub(super) async fn of(
    app: &App,
    ctx: &Ctx,
    connection: &Connection,
    callback: CallbackAddress,
) -> Result<String, Failure> {
    if callback == CallbackAddress::Shared
        && let Ok(host) = ctx.host.parse::<LoginHost>()
        && let Some(project) = app.store.project_at(&host).await?
        && project.id == connection.project_id
    {
        let scheme = if app.is_https() { "https" } else { "http" };
        return Ok(format!("{scheme}://{host}"));
    }
    Ok(app.base_url.clone())
}
