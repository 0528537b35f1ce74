//! What browsers and phones may ask a project for.

use url::Url;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::{FrontendPatch, FrontendSettings};
use vestibule_domain::rbac::ProjectGrant;
use vestibule_domain::rbac::asks::{ChangeFrontend, ReadFrontend};
use vestibule_domain::redirect::LoopbackHttp;
use vestibule_store::tables::frontend_settings;
use vestibule_store::{Store, Write};

use super::change::{Patience, is_race};
use super::events::Scene;
use super::meaning::meaning;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A change of a project's settings that was decided.
#[derive(Debug)]
pub(crate) struct Planned {
    /// As they were.
    pub before: FrontendSettings,
    /// As they are to be.
    pub after: FrontendSettings,
    version: i64,
}

impl Planned {
    /// Whether nothing is different.
    #[must_use]
    pub(crate) fn is_nothing(&self) -> bool {
        self.before == self.after
    }

    /// The write that keeps them, if nobody has changed them meanwhile.
    #[must_use]
    pub(crate) fn write(&self, project: ProjectId) -> Write {
        frontend_settings::set(project, &self.after, self.version)
    }
}

/// Decides a change against the settings as they are.
///
/// # Errors
/// What [`FrontendSettings::changed`] refuses.
pub(crate) async fn plan(
    store: &Store,
    project: ProjectId,
    patch: FrontendPatch,
    loopback: LoopbackHttp,
    host: Option<&str>,
) -> Result<Planned, Failure> {
    let (before, version) = store.frontend_settings(project).await?;
    let after = before.changed(patch, loopback, host)?;
    Ok(Planned { before, after, version })
}

/// The settings as they are.
///
/// # Errors
/// The store's.
pub(crate) async fn current(
    app: &App,
    grant: &ProjectGrant<ReadFrontend>,
) -> Result<FrontendSettings, Failure> {
    Ok(app.store.frontend_settings(grant.project_id()).await?.0)
}

/// Changes what is given.
///
/// # Errors
/// What [`plan`] refuses.
pub(crate) async fn change(
    app: &App,
    ctx: &Ctx,
    grant: &ProjectGrant<ChangeFrontend>,
    patch: FrontendPatch,
) -> Result<FrontendSettings, Failure> {
    let project = grant.project_id();
    let base = Url::parse(&app.base_url).ok();
    let host = base.as_ref().and_then(Url::host_str);
    let loopback = app.loopback_policy(project.environment());
    let mut patience = Patience::default();
    loop {
        let planned = plan(&app.store, project, patch.clone(), loopback, host).await?;
        if planned.is_nothing() {
            return Ok(planned.after);
        }
        let event = Scene::of_project(ctx, grant)
            .event(app, EventKind::FrontendChanged, Object::Project(project))
            .changed(&planned.before, &planned.after);
        match app.store.commit([planned.write(project), event.write()]).await {
            Ok(()) => return Ok(planned.after),
            Err(error) if is_race(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}
