//! In front of every handler of the frontend API: whose frontend it is, whether the page that asks is one of its own, and who
//! may read the answer. A handler behind it knows that all of this was asked.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use vestibule_domain::id::PublicToken;
use vestibule_domain::project::FrontendSettings;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Token;

use super::caller::Visitor;
use super::cookies::{self, Kept};
use super::{Sdk, bootstrap, events};
use crate::failure::Failure;
use crate::http::cors;
use crate::http::ctx::Ctx;
use crate::http::door::say_into;
use crate::world::App;

/// The most bytes of credentials that are read.
const MOST_BYTES: usize = 2048;

/// The layer around all routes of the frontend API, outside of its door, so that what the door refuses can be read too.
pub(crate) async fn gate(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = cors::origin(request.headers());
    if cors::is_preflight(request.method(), request.headers()) {
        return cors::preflight(origin);
    }
    let mut response = match arrive(&app, &ctx, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(failure) => {
            let mut refused = failure.into_response();
            say_into::<Sdk>(&mut refused, &ctx, &app);
            refused
        }
    };
    cors::readable(&mut response, origin);
    response
}

/// Finds out whose frontend is asked, and from where.
async fn arrive(app: &App, ctx: &Ctx, request: &mut Request) -> Result<(), Failure> {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if route == events::PATH {
        return Ok(());
    }
    let shown = if route == bootstrap::PATH {
        Shown { public_token: bootstrap::named(request.uri().path()).to_owned(), session: None }
    } else {
        shown(request.headers()).ok_or(What::UnreadableCredentials)?
    };
    let found = match shown.public_token.parse::<PublicToken>() {
        Ok(token) => app.store.frontend(token).await?,
        Err(_) => None,
    };
    let Some((project, settings)) = found else {
        app.limits.check_api_failure(ctx.ip)?;
        return Err(Refusal::new(What::WrongCredentials).because("No project has this public token.").into());
    };
    app.limits.check_api(project.id, ctx.ip)?;
    let page = page(app, request.headers());
    require_served(&settings, page.as_ref())?;
    let keeps_cookies = settings.http_only_cookies && page.is_some();
    let mut kept = Kept::default();
    if keeps_cookies {
        kept = cookies::brought(request.method(), request.headers());
    }
    kept.session = shown.session.or(kept.session);
    request.extensions_mut().insert(Visitor::new(project, settings, kept, keeps_cookies));
    Ok(())
}

/// The origin of the page that asks; `None` for a caller that is no page. What no origin is is one that nobody allows.
fn page(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let own = || HeaderValue::from_str(&app.base_url).ok().filter(|_| cors::is_same_origin(headers));
    cors::origin(headers).or_else(own)
}

fn require_served(settings: &FrontendSettings, page: Option<&HeaderValue>) -> Result<(), Refusal> {
    let origin = page.map(|page| page.to_str().unwrap_or_default());
    if settings.serves(origin) {
        return Ok(());
    }
    Err(match origin {
        Some(origin) => Refusal::new(What::OriginNotAllowed)
            .found(format!("{:?} as the origin of the page", origin.chars().take(128).collect::<String>()))
            .expected("one of the project's allowed_origins"),
        None => Refusal::new(What::OriginNotAllowed).because(
            "The request names no origin, and native_apps, by which such callers are served, is off.",
        ),
    })
}

/// What a caller shows of who it is.
struct Shown {
    public_token: String,
    session: Option<Token>,
}

/// Reads `Basic public_token:session_token`. A client without a session writes the public token twice.
fn shown(headers: &HeaderMap) -> Option<Shown> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > MOST_BYTES {
        return None;
    }
    let encoded = encoded.trim();
    let decoded = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    let (public_token, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let is_session = !password.is_empty() && password != public_token;
    Some(Shown {
        public_token: public_token.to_owned(),
        session: is_session.then(|| Token::presented(password)),
    })
}
