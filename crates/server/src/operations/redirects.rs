//! Redirect URLs: where an application may be come back to. Only what is registered, word for word.

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
async fn registered(
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
    // The command is to be copied into a shell.
    let quoted = url.replace('\'', "%27");
    let refusal = Refusal::new(What::RedirectNotRegistered).because(format!(
        "Register it: vestibule redirect-url add {} '{quoted}' --kind {}",
        project.id,
        kind.as_str()
    ));
    Err(refusal.into())
}

/// Where a sign-in leads: to the URLs that were asked for, when they are registered, else to the project's own. Without a
/// challenge.
///
/// # Errors
/// As for [`registered`].
pub(crate) async fn return_to(
    app: &App,
    project: &Project,
    login: Option<&str>,
    signup: Option<&str>,
) -> Result<ReturnTo, Failure> {
    let asks = |url: Option<&str>| url.is_some_and(|url| !url.is_empty());
    if !asks(login) && !asks(signup) {
        return defaults(app, project.id).await;
    }
    Ok(ReturnTo {
        login_redirect_url: registered(app, project, RedirectKind::Login, login).await?,
        signup_redirect_url: registered(app, project, RedirectKind::Signup, signup).await?,
        code_challenge: None,
    })
}

/// The project's default URL of a kind.
async fn default_url(app: &App, project: ProjectId, kind: RedirectKind) -> Result<String, Failure> {
    let default = app.store.default_redirect_url(project, kind).await?;
    Ok(default.map(|default| default.url).ok_or_else(|| no_default(kind))?)
}

fn no_default(kind: RedirectKind) -> Refusal {
    let missing = if kind == RedirectKind::Login {
        What::NoDefaultRedirect(DefaultRedirect::Login)
    } else {
        What::NoDefaultRedirect(DefaultRedirect::Signup)
    };
    Refusal::new(missing)
        .because(format!("The project has no default redirect URL of the kind {}.", kind.as_str()))
}

/// Where a sign-in leads that no application asked for: the project's own URLs, and no PKCE challenge.
///
/// # Errors
/// The project has no default.
pub(crate) async fn defaults(app: &App, project: ProjectId) -> Result<ReturnTo, Failure> {
    let defaults = app.store.default_redirect_urls(project).await?;
    let of = |kind: RedirectKind| {
        let found = defaults.iter().find(|default| default.kind == kind);
        found.map(|default| default.url.clone()).ok_or_else(|| no_default(kind))
    };
    Ok(ReturnTo {
        login_redirect_url: of(RedirectKind::Login)?,
        signup_redirect_url: of(RedirectKind::Signup)?,
        code_challenge: None,
    })
}
