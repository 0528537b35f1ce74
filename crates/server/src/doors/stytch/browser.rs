//! The start of a sign-in: an application sends the browser here, and it goes on to the identity provider.
//! All spellings of the path are known to clients. A tile in a provider's portal may post here as well (OpenID Connect Core
//! section 4).

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use url::form_urlencoded;
use vestibule_domain::connection::Way;
use vestibule_domain::login::{Purpose, ReturnTo};
use vestibule_domain::project::{FrontendSettings, Project};
use vestibule_domain::refusal::{Choice, Field, Refusal, Thing, What};

use super::Stytch;
use super::redirect::to_provider;
use super::whereabouts;
use crate::engine::start::{ProviderHints, Started, begin};
use crate::failure::Failure;
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::BODY_LIMIT;
use crate::http::refused::Whereabouts;
use crate::http::shape::Shape;
use crate::http::takes::{Taken, Takes};
use crate::operations::connections::choice;
use crate::operations::redirects;
use crate::world::App;

const MOST_QUERY_BYTES: usize = 8192;

/// The start endpoint.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    ["/v1/public/sso/start", "/b2b/public/sso/start", "/v1/b2b/public/sso/start"].into_iter().fold(
        Endpoints::new(),
        |all, path| {
            all.visit(path, Needs::Nothing, "GET, POST", start).post(path, Needs::Nothing, start_posted)
        },
    )
}

/// The parameters that a start knows. One that begins with `provider_` is passed on.
const PARAMETERS: [&str; 8] = [
    "public_token",
    "connection_id",
    "organization_id",
    "login_redirect_url",
    "signup_redirect_url",
    "pkce_code_challenge",
    "custom_scopes",
    "login_hint",
];

/// The query of a start as it came.
struct StartQuery(String);

impl<S: Sync> FromRequestParts<S> for StartQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl Takes for StartQuery {
    fn takes(taken: &mut Taken) {
        taken.query = Some(Shape::Object(PARAMETERS.map(|name| (name, Shape::Text)).to_vec()));
    }
}

/// What the application asks for.
#[derive(Default)]
struct StartRequest {
    public_token: Option<String>,
    connection_id: Option<String>,
    organization_id: Option<String>,
    pkce_code_challenge: Option<String>,
    login_redirect_url: Option<String>,
    signup_redirect_url: Option<String>,
    hints: ProviderHints,
}

impl StartRequest {
    /// Reads the query; a parameter given twice is refused, an unknown one is ignored.
    fn read(query: &str) -> Result<Self, Refusal> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(Refusal::new(What::Unreadable).because("The query is longer than 8192 bytes."));
        }
        let mut request = Self::default();
        let mut forwarded_hint = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            match name.strip_prefix("provider_") {
                Some("login_hint") => {
                    forwarded_hint.get_or_insert(value);
                }
                Some(name) => request.hints.parameters.push((name.to_owned(), value)),
                None => request.take(&name, value)?,
            }
        }
        request.hints.login_hint = request.hints.login_hint.or(forwarded_hint);
        Ok(request)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        let field = match name {
            "public_token" => &mut self.public_token,
            "connection_id" => &mut self.connection_id,
            "organization_id" => &mut self.organization_id,
            "pkce_code_challenge" => &mut self.pkce_code_challenge,
            "login_redirect_url" => &mut self.login_redirect_url,
            "signup_redirect_url" => &mut self.signup_redirect_url,
            "custom_scopes" => &mut self.hints.scopes,
            "login_hint" => &mut self.hints.login_hint,
            _ => return Ok(()),
        };
        match field.replace(value) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(What::Unreadable).because(format!("{name} is given twice."))),
        }
    }
}

/// Its refusals are JSON to an application that asks first, and a page to a browser that was sent here.
async fn start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    StartQuery(query): StartQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    Ok(begun(&app, &ctx, &headers, &query).await)
}

/// The parameters may stand in the query, in the form, or some in each.
async fn start_posted(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    StartQuery(query): StartQuery,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let unreadable = |why: &str| Failure::from(Refusal::new(What::Unreadable).because(why.to_owned()));
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = media.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    let body = body::read(request.into_body(), BODY_LIMIT, &app.bodies, ctx.ip).await?;
    if !body.bytes().is_empty() && !is_form {
        return Err(unreadable("A POST here is a form: application/x-www-form-urlencoded."));
    }
    let form = std::str::from_utf8(body.bytes()).map_err(|_| unreadable("The form is not readable text."))?;
    Ok(begun(&app, &ctx, &headers, &format!("{query}&{form}")).await)
}

async fn begun(app: &Arc<App>, ctx: &Ctx, headers: &HeaderMap, parameters: &str) -> Response {
    let request = match StartRequest::read(parameters) {
        Ok(request) => request,
        Err(refusal) => return Failure::from(refusal).into_response(),
    };
    let whose = (request.public_token.as_deref(), request.connection_id.as_deref());
    match to_begin(app, ctx, &request).await {
        Ok(started) => to_provider(app, ctx, headers, &started),
        Err(failure) => not_begun(app, ctx, whose, failure).await,
    }
}

/// A start that is refused. A person is told in front of which product, and how to go back to it; `whose` are the public
/// token and the connection of the request.
pub(super) async fn not_begun(
    app: &App,
    ctx: &Ctx,
    whose: (Option<&str>, Option<&str>),
    failure: Failure,
) -> Response {
    let at = match ctx.is_read_by_person {
        true => whereabouts::at_start(app, whose.0, whose.1, &failure).await,
        false => Whereabouts::default(),
    };
    (Extension(at), failure).into_response()
}

async fn to_begin(app: &Arc<App>, ctx: &Ctx, request: &StartRequest) -> Result<Started, Failure> {
    let (project, settings) = frontend(app, request.public_token.as_deref()).await?;
    let way = way(app, &project, request).await?;
    let return_to = return_to(app, &project, &settings, request).await?;
    begin(app, ctx, way.as_route(), Purpose::Token(return_to), &request.hints).await
}

/// The project of a public token.
pub(super) async fn project(app: &App, public_token: Option<&str>) -> Result<Project, Failure> {
    Ok(frontend(app, public_token).await?.0)
}

/// The same with what it asks of browsers.
async fn frontend(app: &App, public_token: Option<&str>) -> Result<(Project, FrontendSettings), Failure> {
    let token = public_token.ok_or(What::Invalid(Field::PublicToken))?;
    let token = token.parse().map_err(|_| Failure::from(What::Invalid(Field::PublicToken)))?;
    Ok(app.store.frontend(token).await?.ok_or(What::NotFound(Thing::PublicToken))?)
}

async fn way(app: &Arc<App>, project: &Project, request: &StartRequest) -> Result<Way, Failure> {
    match (&request.connection_id, &request.organization_id) {
        (None, None) => Err(What::NoneGiven(Choice::Connection).into()),
        (Some(_), Some(_)) => Err(What::SeveralGiven(Choice::Connection).into()),
        (Some(id), None) => choice::by_id(app, project, id).await,
        (None, Some(locator)) => choice::of_organization(app, project, locator).await,
    }
}

async fn return_to(
    app: &App,
    project: &Project,
    settings: &FrontendSettings,
    request: &StartRequest,
) -> Result<ReturnTo, Failure> {
    let (login, signup) = (request.login_redirect_url.as_deref(), request.signup_redirect_url.as_deref());
    let code_challenge = request.pkce_code_challenge.as_deref().map(checked_challenge).transpose()?;
    // A client that could not ask what the project requires goes on without.
    if settings.pkce_required_for_sso && code_challenge.is_none() {
        return Err(Refusal::new(What::Invalid(Field::PkceChallenge))
            .because("The project requires pkce_code_challenge (pkce_required_for_sso).")
            .into());
    }
    redirects::return_to(app, project, (login, signup), code_challenge).await
}

/// A challenge is base64url of a SHA-256 without padding (RFC 7636 section 4.2).
pub(crate) fn checked_challenge(challenge: &str) -> Result<String, Refusal> {
    let fits =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fits { Ok(challenge.to_owned()) } else { Err(What::Invalid(Field::PkceChallenge).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_read() {
        for name in PARAMETERS {
            assert!(StartRequest::read(&format!("{name}=a")).is_ok(), "{name}");
            assert!(StartRequest::read(&format!("{name}=a&{name}=a")).is_err(), "{name} is read as unknown");
        }
        assert!(StartRequest::read("colour=a&colour=a").is_ok());
    }
}
