//! Where a person stands whose sign-in is refused: the product, the organization, and the ways on from there. They are
//! looked up for a refusal alone, and what cannot be had is left out: the page must come.

use vestibule_domain::connection::Connection;
use vestibule_domain::id::{ConnectionId, OrganizationId, PublicToken};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::tenant::Tenant;

use super::redirect;
use crate::engine::outcome::Refused;
use crate::failure::Failure;
use crate::http::refused::Whereabouts;
use crate::world::App;

/// At the callback of a connection. Anybody can send a browser there, with anything: the organization is named to a browser
/// that brings the sign-in it began, or what it was told of how that ended; and a sign-in begins anew only where it is known
/// where it is to end.
pub(crate) async fn at_callback(
    app: &App,
    connection: &Connection,
    refused: &Refused,
    failure: &Failure,
) -> Whereabouts {
    if is_ours(failure) {
        return Whereabouts::default();
    }
    let project = app.store.project(connection.project_id).await.ok().flatten();
    let Some(project) = project else { return Whereabouts::default() };
    let return_to = refused.return_to.as_ref();
    let again = return_to.map(|to| redirect::anew(app, &project, connection.id, to)).unwrap_or_default();
    let is_its_own = return_to.is_some() || refused.is_test || refused.before.is_some();
    let organization = is_its_own.then_some(connection.organization_id);
    let asked = return_to.map(|to| to.login_redirect_url.as_str());
    Whereabouts { again, is_test: refused.is_test, ..within(app, &project, organization, asked).await }
}

/// The product that the people of a connection sign in to.
pub(crate) async fn product(app: &App, connection: &Connection) -> String {
    let project = app.store.project(connection.project_id).await.ok().flatten();
    project.map(|project| project.name).unwrap_or_default()
}

/// At the start, of which `public_token` and `connection` say whose it is. Whoever names an organization by its slug may
/// have guessed it, and is not told what it is called.
pub(crate) async fn at_start(
    app: &App,
    public_token: Option<&str>,
    connection: Option<&str>,
    failure: &Failure,
) -> Whereabouts {
    let token =
        public_token.and_then(|token| token.parse::<PublicToken>().ok()).filter(|_| !is_ours(failure));
    let Some(token) = token else { return Whereabouts::default() };
    let project = app.store.project_by_public_token(token).await.ok().flatten();
    let Some(project) = project else { return Whereabouts::default() };
    let organization = match connection.and_then(|id| id.parse::<ConnectionId>().ok()) {
        Some(id) => app.store.connection(&app.vault, project.id, id).await.ok().flatten(),
        None => None,
    };
    let organization = organization.map(|connection| connection.organization_id);
    within(app, &project, organization, None).await
}

/// Who has trouble of our own making or asks too much is answered without asking the store for more.
const fn is_ours(failure: &Failure) -> bool {
    !matches!(failure, Failure::Refused(_))
}

async fn within(
    app: &App,
    project: &Project,
    organization: Option<OrganizationId>,
    asked: Option<&str>,
) -> Whereabouts {
    let organization = match organization {
        Some(id) => app.store.organization_of(Tenant::stored(project.id, id)).await.ok().flatten(),
        None => None,
    };
    let defaults = app.store.default_redirect_urls(project.id).await.unwrap_or_default();
    Whereabouts {
        product: project.name.clone(),
        organization: organization.map(|Organization { name, .. }| name).unwrap_or_default(),
        back: way_back(&defaults, asked).to_owned(),
        again: String::new(),
        is_test: false,
    }
}

/// The application's page for whoever is not signed in, if its project has registered one; else where this sign-in was to
/// end, else where sign-ins end. All of them are registered: no request says where a link leads.
fn way_back<'a>(defaults: &'a [RedirectUrl], asked: Option<&'a str>) -> &'a str {
    let of = |kind| defaults.iter().find(|default| default.kind == kind).map(|default| default.url.as_str());
    let back = of(RedirectKind::Logout).or(asked).or_else(|| of(RedirectKind::Login)).unwrap_or_default();
    // What is stored was judged when it was registered. A link in a page is worth a second look.
    if ["https://", "http://"].iter().any(|scheme| back.starts_with(scheme)) { back } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(kind: RedirectKind, url: &str) -> RedirectUrl {
        RedirectUrl { kind, url: url.to_owned(), is_default: true }
    }

    #[test]
    fn the_way_back_is_registered_and_for_people() {
        let login = default(RedirectKind::Login, "https://app.test/authenticate");
        let signup = default(RedirectKind::Signup, "https://app.test/welcome");
        let logout = default(RedirectKind::Logout, "https://app.test/");
        let all = [signup.clone(), login.clone(), logout];
        let asked = Some("https://two.test/authenticate");
        assert_eq!(way_back(&all, asked), "https://app.test/");
        assert_eq!(way_back(&[signup.clone(), login.clone()], asked), "https://two.test/authenticate");
        assert_eq!(way_back(&[signup.clone(), login], None), "https://app.test/authenticate");
        assert_eq!(way_back(&[signup], None), "");
        assert_eq!(way_back(&[], Some("javascript:alert(1)")), "");
    }
}
