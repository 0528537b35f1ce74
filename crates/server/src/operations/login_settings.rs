//! What a project decides for the pages where its people sign in and out: reading and changing it.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::project::{LoginPatch, LoginSettings};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeLoginSettings, ReadLoginSettings};
use vestibule_store::tables::login_settings;

use super::change::{Patience, is_race};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The settings as they are.
///
/// # Errors
/// The store's.
pub(crate) async fn current(
    app: &App,
    grant: &ProjectGrant<ReadLoginSettings>,
) -> Result<LoginSettings, Failure> {
    Ok(app.store.login_settings(grant.project_id()).await?.0)
}

/// Changes what is given.
///
/// # Errors
/// What [`LoginSettings::changed`] refuses.
pub(crate) async fn change(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeLoginSettings>,
    patch: LoginPatch,
) -> Result<LoginSettings, Failure> {
    let project = grant.project_id();
    let loopback = app.loopback_policy(project.environment());
    let mut patience = Patience::default();
    loop {
        let (before, version) = app.store.login_settings(project).await?;
        let after = before.changed(patch.clone(), loopback)?;
        if before == after {
            return Ok(after);
        }
        let event = Scene::of_project(ctx, grant)
            .event(app, EventKind::LoginSettingsChanged, Object::Project(project))
            .changed(&before, &after);
        match app.store.commit([login_settings::set(project, &after, version), event.write()]).await {
            Ok(()) => return Ok(after),
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}
