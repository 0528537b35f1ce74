//! Redirect URLs: where an application may be come back to (contract 5.1). Only what is registered, word for word.

use vestibule_domain::id::ProjectId;
use vestibule_domain::login::ReturnTo;
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, parse_redirect};
use vestibule_domain::refusal::{DefaultRedirect, Refusal, What};

use crate::failure::Failure;
use crate::world::App;

/// The URL to come back to: the one asked for when it is registered, else the project's default.
///
/// # Errors
/// A URL that is none or is not registered; the project has no default.
pub(crate) async fn registered(
    app: &App,
    project: &Project,
    kind: RedirectKind,
    asked: Option<&str>,
) -> Result<String, Failure> {
    let Some(asked) = asked.filter(|url| !url.is_empty()) else {
        return default_url(app, project.id, kind).await;
    };
    let url = parse_redirect(asked, app.loopback_policy(project.environment()))?.to_string();
    if app.store.redirect_url(project.id, kind, &url).await?.is_some() {
        return Ok(url);
    }
    let refusal = Refusal::new(What::RedirectNotRegistered)
        .because(format!("Register it with the kind {}: vestibule redirect-url add.", kind.as_str()));
    Err(refusal.into())
}

/// The project's default URL of a kind.
async fn default_url(app: &App, project: ProjectId, kind: RedirectKind) -> Result<String, Failure> {
    let missing = if kind == RedirectKind::Login {
        What::NoDefaultRedirect(DefaultRedirect::Login)
    } else {
        What::NoDefaultRedirect(DefaultRedirect::Signup)
    };
    let default = app.store.default_redirect_url(project, kind).await?;
    Ok(default.map(|default| default.url).ok_or_else(|| {
        Refusal::new(missing)
            .because(format!("The project has no default redirect URL of the kind {}.", kind.as_str()))
    })?)
}

/// Where a sign-in leads that no application asked for: the project's own URLs, and no PKCE challenge.
///
/// # Errors
/// The project has no default.
pub(crate) async fn defaults(app: &App, project: ProjectId) -> Result<ReturnTo, Failure> {
    Ok(ReturnTo {
        login_redirect_url: default_url(app, project, RedirectKind::Login).await?,
        signup_redirect_url: default_url(app, project, RedirectKind::Signup).await?,
        code_challenge: None,
    })
}
