//! What a request to sign out asks for. An address to go to is one that the application has registered, letter by letter, or the
//! request is refused on a page.

use http::HeaderMap;
use url::{Url, form_urlencoded};
use vestibule_domain::application::{AppUrl, Application, ClientId};
use vestibule_domain::id::{LoginSessionId, ProjectId};
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::redirect::with_parameters;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Secret;
use vestibule_refusal::Excerpt;

use crate::caller::site::Site;
use crate::doors::auth0::oauth::fields::Fields;
use crate::doors::auth0::oauth::person::{self, Hint};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// The longest query that is read.
const MOST_QUERY_BYTES: usize = 16 * 1024;
/// A parameter that is given by its name alone.
const FEDERATED: &str = "federated";
const GIVEN: &str = "true";

/// Which endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `/v2/logout`.
    Plain,
    /// `/oidc/logout`.
    RpInitiated,
    /// The way back from the identity provider.
    Back,
}

impl Kind {
    /// What the address to go to is called.
    const fn destination(self) -> &'static str {
        match self {
            Self::Plain => "returnTo",
            Self::RpInitiated | Self::Back => "post_logout_redirect_uri",
        }
    }
}

/// A request that was read. Its address is registered.
#[derive(Debug)]
pub(super) struct Asked {
    /// The application that asks.
    pub client_id: Option<ClientId>,
    /// Where the browser goes.
    pub leads_to: Option<String>,
    /// What the application finds its own request by.
    pub state: Option<String>,
    /// Whether the browser is signed out at its identity provider, too.
    pub federated: bool,
    /// The session that an ID token names.
    pub session: Option<LoginSessionId>,
    /// What the form of our own page brought.
    confirmation: Option<Secret>,
}

impl Asked {
    /// Where the browser goes, with the state.
    pub(super) fn destination(&self) -> Option<Url> {
        let address = self.leads_to.as_deref()?;
        match &self.state {
            Some(state) => with_parameters(address, &[("state", state)]),
            None => Url::parse(address).ok(),
        }
    }

    /// Whether an application has shown that somebody signed in to it in this session, or in one that is none any more.
    pub(super) fn is_vouched_for(&self, own: Option<&LoginSession>) -> bool {
        self.session.is_some() || own.is_none()
    }

    /// Whether the person has said so on our own page.
    pub(super) fn is_confirmed(&self, expected: &Secret) -> bool {
        self.confirmation.as_ref() == Some(expected)
    }
}

/// The parameters of a query.
///
/// # Errors
/// It is too long, or has one twice.
pub(super) fn of_query(query: Option<String>) -> Result<Fields, Failure> {
    let query = query.unwrap_or_default();
    if query.len() > MOST_QUERY_BYTES {
        return Err(Refusal::new(What::Unreadable).because("The query is longer than 16384 bytes.").into());
    }
    let bare = |name: &str, value: &str| name == FEDERATED && value.is_empty();
    let given = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| {
        let value = if bare(&name, &value) { GIVEN.into() } else { value };
        (name, value)
    });
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    Ok(Fields::of_form(query.as_bytes())?)
}

/// Signing out is for whoever goes there: a picture or a script of another page that names the address is nobody who does
/// (Fetch Metadata). Browsers that say nothing are believed.
///
/// # Errors
/// [`What::Forbidden`].
pub(super) fn require_visit(headers: &HeaderMap) -> Result<(), Refusal> {
    let mode = headers.get("sec-fetch-mode").and_then(|mode| mode.to_str().ok());
    match mode {
        None | Some("navigate") => Ok(()),
        Some(_) => {
            Err(Refusal::new(What::Forbidden).because("A browser signs out by going to this address."))
        }
    }
}

/// Reads a request.
///
/// # Errors
/// What is told to the person: an unknown application, an ID token that is none of ours, or an address that is not registered.
pub(super) async fn read(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    kind: Kind,
    mut fields: Fields,
) -> Result<Asked, Failure> {
    let hint = match fields.secret("id_token_hint") {
        Some(token) => Some(hinted(app, ctx, site, &token).await?),
        None => None,
    };
    let named = fields.text("client_id");
    let application = application(app, site.project.id, named, hint.as_ref()).await?;
    let asked = fields.text(kind.destination());
    let leads_to = match (&application, asked) {
        (Some(application), asked) => leads_to(kind, application, asked)?,
        (None, Some(asked)) => Some(of_project(app, site.project.id, asked).await?),
        (None, None) => None,
    };
    let said = hint.and_then(|hint| hint.sid).or_else(|| fields.text("logout_hint"));
    Ok(Asked {
        client_id: application.map(|application| application.client_id),
        leads_to,
        state: fields.text("state"),
        federated: fields.text(FEDERATED).is_some_and(|text| !matches!(text.as_str(), "false" | "0")),
        session: said.and_then(|sid| sid.parse().ok()),
        confirmation: fields.secret("confirmation"),
    })
}

async fn hinted(app: &App, ctx: &Ctx, site: &Site, token: &Secret) -> Result<Hint, Failure> {
    let hint = person::hinted(app, ctx, site, token.expose()).await?;
    hint.ok_or_else(|| {
        Refusal::new(What::Unreadable).because("id_token_hint is no ID token of this server.").into()
    })
}

/// The application that asks: named, or the one that the ID token was for; both are the same.
async fn application(
    app: &App,
    project: ProjectId,
    named: Option<String>,
    hint: Option<&Hint>,
) -> Result<Option<Application>, Failure> {
    let aud = hint.map(|hint| hint.aud.as_str());
    if let (Some(named), Some(aud)) = (&named, aud)
        && named != aud
    {
        return Err(Refusal::new(What::Unreadable)
            .because("client_id is not the application that the ID token was for.")
            .into());
    }
    let Some(id) = named.as_deref().or(aud) else { return Ok(None) };
    let found = match id.parse::<ClientId>() {
        Ok(id) => app.store.application(&app.vault, project, &id).await?,
        Err(_) => None,
    };
    match found {
        Some(application) => Ok(Some(application)),
        None => Err(What::NotFound(Thing::Application).into()),
    }
}

/// An address that the project itself has registered, where nobody says whose it is.
async fn of_project(app: &App, project: ProjectId, asked: String) -> Result<String, Failure> {
    let (settings, _) = app.store.login_settings(project).await?;
    if settings.is_logout_url(&asked) {
        return Ok(asked);
    }
    let why = "is not among the allowed_logout_urls of the tenant's settings, and without client_id no application's are looked at.";
    Err(not_registered(&asked, why).into())
}

fn not_registered(asked: &str, why: &str) -> Refusal {
    Refusal::new(What::LogoutNotRegistered).because(format!("{} {why}", Excerpt::of(asked)))
}

/// Where the browser goes. Without an address `/v2/logout` leads to the first that the application has.
fn leads_to(kind: Kind, application: &Application, asked: Option<String>) -> Result<Option<String>, Refusal> {
    match asked {
        Some(asked) if application.settings.is_logout_url(&asked) => Ok(Some(asked)),
        Some(asked) => {
            Err(not_registered(&asked, "is not among the allowed_logout_urls of the application."))
        }
        None if kind == Kind::Plain => {
            let mut urls = application.settings.logout_urls.iter().map(AppUrl::as_str);
            Ok(urls.find(|url| !url.contains('*')).map(str::to_owned))
        }
        None => Ok(None),
    }
}
