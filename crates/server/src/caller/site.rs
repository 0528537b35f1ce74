//! Which project is meant by a request that names none (ADR 43): the name of the host that was asked says it. An installation
//! with one project needs no names.

use vestibule_domain::project::{LoginHost, Project};
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_refusal::Excerpt;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// A project under the origin by which it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The project.
    pub project: Project,
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
}

impl Site {
    /// What its tokens say who made them: the origin with a slash at its end.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/", self.origin)
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host)
    }

    /// What stands behind the origin in an address, with either scheme: clients write https also where plain http is served.
    pub(crate) fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let behind = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        behind.strip_prefix(self.host()).filter(|path| path.is_empty() || path.starts_with('/'))
    }
}

/// The project that a request is for.
///
/// # Errors
/// [`Thing::LoginHost`] where there are several projects and none of them has this name.
pub(crate) async fn asked(app: &App, ctx: &Ctx) -> Result<Site, Failure> {
    if let Ok(host) = ctx.host.parse::<LoginHost>()
        && let Some(project) = app.store.project_at(&host).await?
    {
        let scheme = if app.is_https() { "https" } else { "http" };
        return Ok(Site { project, origin: format!("{scheme}://{host}") });
    }
    match app.store.only_project().await? {
        Some(project) => Ok(Site { project, origin: app.base_url.clone() }),
        None => Err(Refusal::new(What::NotFound(Thing::LoginHost))
            .because(format!(
                "No project signs people in at {}. Its operator gives it the name: vestibule login-host add PROJECT HOST.",
                Excerpt::of(&ctx.host)
            ))
            .into()),
    }
}
