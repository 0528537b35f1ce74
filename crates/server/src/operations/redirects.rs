//! Redirect URLs: where an application may be come back to. Only what is registered, word for word.

use vestibule_domain::id::{Environment, ProjectId};
use vestibule_domain::login::ReturnTo;
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, is_private_use, parse_redirect, require_bound};
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
    allowed(app, project, kind, asked, What::RedirectNotRegistered).await
}

/// A URL that was asked for, when it is registered; `otherwise` when it is not.
async fn allowed(
    app: &App,
    project: &Project,
    kind: RedirectKind,
    asked: &str,
    otherwise: What,
) -> Result<String, Failure> {
    let url = parse_redirect(asked, app.loopback_policy(project.environment()))?.to_string();
    if app.store.redirect_url(project.id, kind, &url).await?.is_some() {
        return Ok(url);
    }
    Err(Refusal::new(otherwise).because(how_to_register(project, kind, &url)).into())
}

/// Where a link leads that is sent: as for [`registered`]. Its token is bound to `code_challenge`, if there is one.
///
/// # Errors
/// The same, in the words of links; what [`require_bound`] refuses.
pub(crate) async fn link_target(
    app: &App,
    project: &Project,
    kind: RedirectKind,
    asked: Option<&str>,
    code_challenge: Option<&str>,
) -> Result<String, Failure> {
    let target = match asked.filter(|url| !url.is_empty()) {
        Some(asked) => allowed(app, project, kind, asked, What::LinkNotRegistered).await?,
        None => default_link(app, project, kind).await?,
    };
    require_bound(&target, code_challenge)?;
    Ok(target)
}

/// Where links lead that name no URL.
async fn default_link(app: &App, project: &Project, kind: RedirectKind) -> Result<String, Failure> {
    let missing = match kind {
        RedirectKind::Signup => DefaultRedirect::SignupLink,
        RedirectKind::Invite => DefaultRedirect::Invite,
        RedirectKind::Discovery => DefaultRedirect::Discovery,
        RedirectKind::Login | RedirectKind::ResetPassword | RedirectKind::Logout => {
            DefaultRedirect::LoginLink
        }
    };
    let default = app.store.default_redirect_url(project.id, kind).await?;
    let none = || {
        let why = format!("The project has no default redirect URL of the kind {}.", kind.as_str());
        Refusal::new(What::NoDefaultRedirect(missing)).because(why)
    };
    Ok(default.map(|default| default.url).ok_or_else(none)?)
}

/// What a developer does. The page is also read by whoever follows a link that somebody made up: what is to be copied into
/// a shell is printed for projects that nobody's customers sign in to.
fn how_to_register(project: &Project, kind: RedirectKind, url: &str) -> String {
    let quoted = url.replace('\'', "%27");
    let kind = kind.as_str();
    match project.environment() {
        Environment::Test => {
            format!("Register it: vestibule redirect-url add {} '{quoted}' --kind {kind}", project.id)
        }
        Environment::Live => format!(
            "'{quoted}' is not among the project's redirect URLs of the kind {kind}. Whoever runs the application registers \
             it, if it is the application's: vestibule redirect-url add."
        ),
    }
}

/// Where a sign-in leads: to the URLs that were asked for, when they are registered, else to the project's own.
///
/// # Errors
/// As for [`registered`]; what [`require_bound`] refuses.
pub(crate) async fn return_to(
    app: &App,
    project: &Project,
    (login, signup): (Option<&str>, Option<&str>),
    code_challenge: Option<String>,
) -> Result<ReturnTo, Failure> {
    let asks = |url: Option<&str>| url.is_some_and(|url| !url.is_empty());
    let to = if asks(login) || asks(signup) {
        ReturnTo {
            login_redirect_url: registered(app, project, RedirectKind::Login, login).await?,
            signup_redirect_url: registered(app, project, RedirectKind::Signup, signup).await?,
            code_challenge,
        }
    } else {
        ReturnTo { code_challenge, ..defaults(app, project.id).await? }
    };
    for url in [&to.login_redirect_url, &to.signup_redirect_url] {
        require_bound(url, to.code_challenge.as_deref())?;
    }
    Ok(to)
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

/// Where a sign-in leads that no application asked for: the project's own URLs on the web, and no PKCE challenge. To an
/// application's own scheme it would carry a token that whoever claims the scheme can use.
///
/// # Errors
/// The project has no default, or one for applications of devices alone.
pub(crate) async fn unsolicited(app: &App, project: ProjectId) -> Result<ReturnTo, Failure> {
    let to = defaults(app, project).await?;
    for (kind, url) in
        [(RedirectKind::Login, &to.login_redirect_url), (RedirectKind::Signup, &to.signup_redirect_url)]
    {
        if is_private_use(url) {
            return Err(no_default(kind)
                .because(format!(
                    "The project's default redirect URL of the kind {} has an application's own scheme, to which only \
                     sign-ins lead that the application began. Make one with https the default: vestibule redirect-url \
                     default.",
                    kind.as_str()
                ))
                .into());
        }
    }
    Ok(to)
}

/// The project's own URLs.
async fn defaults(app: &App, project: ProjectId) -> Result<ReturnTo, Failure> {
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

#[cfg(test)]
mod tests {
    use vestibule_domain::entropy::Entropy;
    use vestibule_domain::time::Time;

    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(7);
        }
    }

    #[test]
    fn what_is_printed_for_live_projects_is_not_to_be_pasted() {
        let told = |environment| {
            let project = Project::new("Acme".to_owned(), environment, Time::default(), &Fixed);
            how_to_register(&project, RedirectKind::Login, "https://app.test/it's")
        };
        let test = told(Environment::Test);
        let command = "Register it: vestibule redirect-url add project-test-";
        assert!(
            test.starts_with(command) && test.ends_with(" 'https://app.test/it%27s' --kind login"),
            "{test}"
        );
        let live = told(Environment::Live);
        assert!(!live.contains("project-live-") && live.contains("'https://app.test/it%27s'"), "{live}");
    }
}
