//! The sample application: one page with a button that goes the whole way, and one that shows who came
//! back. It does what an application's backend does, with the operations behind the API.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_testidp::{self as idp, SamlFault};

use super::provider;
use super::saml::SamlSample;
use super::setup::Credentials;
use crate::doors::stytch::page::{self, Beside};
use crate::doors::stytch::session_jwt;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::http::languages::Language;
use crate::http::refused::Whereabouts;
use crate::operations::authentication::{Authenticated, SessionRequest};
use crate::operations::sso_tokens::{self, Redemption};
use crate::operations::views::SessionView;
use crate::world::App;

/// The routes of the sample application.
pub(super) fn router(credentials: Credentials, saml: Arc<SamlSample>) -> Router<Arc<App>> {
    let (credentials, saml_too) = (Arc::new(credentials), saml.clone());
    let (first, second) = (credentials.clone(), credentials.clone());
    Router::new()
        .route("/", get(async move |State(app): State<Arc<App>>| home(&app, &credentials, &saml)))
        .route(
            "/sample/start",
            get(async move |State(app): State<Arc<App>>, RawQuery(query): RawQuery| {
                start(&app, &first, &saml_too, query.as_deref().unwrap_or_default()).await
            }),
        )
        .route(
            "/sample/authenticate",
            get(async move |State(app): State<Arc<App>>, ctx: Ctx, RawQuery(query): RawQuery| {
                authenticate(&app, &ctx, &second, query.as_deref().unwrap_or_default()).await
            }),
        )
}

/// Where the sample application takes browsers back.
#[must_use]
pub(super) fn authenticate_url(app: &App) -> String {
    format!("{}/sample/authenticate", app.base_url)
}

#[derive(Template)]
#[template(path = "sample_home.html")]
struct Home<'a> {
    frame: Frame<'static>,
    base_url: &'a str,
    project_id: &'a str,
    organization_id: String,
    connection_id: String,
    saml_connection_id: String,
    oidc_faults: Vec<Choice>,
    saml_faults: Vec<Choice>,
    idp_initiated_url: String,
}

/// A way in which the built-in provider can be made to misbehave.
struct Choice {
    name: &'static str,
    label: &'static str,
}

#[derive(Template)]
#[template(path = "sample_member.html")]
struct Member<'a> {
    frame: Frame<'static>,
    email: &'a str,
    name: &'a str,
    member_id: String,
    organization: &'a str,
    organization_id: String,
    session_id: String,
    expires_at: String,
    roles: String,
    claims: String,
}

/// Forms and links lead to this origin only; `form-action` also guards the redirects that follow.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

const PRODUCT: &str = "Sample application";
const FRAME: Frame<'static> = Frame { language: Language::English, product: PRODUCT, organization: "" };

fn home(app: &App, credentials: &Credentials, saml: &SamlSample) -> Response {
    let saml_connection_id = saml.ready().map(|id| id.to_string());
    let page = Home {
        frame: FRAME,
        base_url: &app.base_url,
        project_id: &credentials.project_id,
        organization_id: credentials.organization_id.to_string(),
        connection_id: credentials.connection_id.to_string(),
        saml_connection_id: saml_connection_id.unwrap_or_else(|| "being prepared, a moment".to_owned()),
        oidc_faults: idp::Fault::ALL.map(|fault| Choice { name: fault.name(), label: fault.label() }).into(),
        saml_faults: SamlFault::ALL.map(|fault| Choice { name: fault.name(), label: fault.label() }).into(),
        idp_initiated_url: format!("{}/saml/idp-initiated", provider::issuer(app)),
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

/// Sends the browser to the start endpoint, as an application's own sign-in button would. A `fault` has the
/// built-in provider misbehave once.
async fn start(app: &App, credentials: &Credentials, saml: &SamlSample, query: &str) -> Response {
    let by_saml = parameter(query, "protocol").as_deref() == Some("saml");
    let own = match by_saml {
        true => match saml.connection().await {
            Ok(connection) => connection,
            Err(error) => return Failure::Internal(error.to_string()).into_response(),
        },
        false => credentials.connection_id,
    };
    if let Some(fault) = parameter(query, "fault") {
        arm(saml, by_saml, &fault);
    }
    let connection = parameter(query, "connection_id").unwrap_or_else(|| own.to_string());
    let back = authenticate_url(app);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("public_token", &credentials.public_token)
        .append_pair("connection_id", &connection)
        .append_pair("login_redirect_url", &back)
        .append_pair("signup_redirect_url", &back)
        .finish();
    Redirect::to(&format!("{}/v1/public/sso/start?{query}", app.base_url)).into_response()
}

fn arm(saml: &SamlSample, by_saml: bool, fault: &str) {
    if by_saml {
        saml.idp().saml().arm(SamlFault::from_name(fault));
    } else {
        saml.idp().arm(idp::Fault::from_name(fault));
    }
}

/// Whoever comes without a token was not sent here by a sign-in: perhaps by the way back out of a refused one.
async fn authenticate(app: &App, ctx: &Ctx, credentials: &Credentials, query: &str) -> Response {
    if parameter(query, "token").is_none() {
        return Redirect::to("/").into_response();
    }
    match redeem(app, ctx, credentials, query).await {
        Ok((view, jwt)) => html(StatusCode::OK, member_page(&view, &jwt), POLICY),
        Err(failure) => {
            failure.log();
            let at = Whereabouts {
                product: PRODUCT.to_owned(),
                back: format!("{}/", app.base_url),
                ..Whereabouts::default()
            };
            page::refusal(app, ctx, &failure.refusal(), &Beside { at, ..Beside::default() })
        }
    }
}

async fn redeem(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    query: &str,
) -> Result<(Box<SessionView>, String), Failure> {
    let token = parameter(query, "token").ok_or(What::NotFound(Thing::SsoToken))?;
    let id = credentials.project_id.parse().map_err(|_| Failure::from(What::NotFound(Thing::SsoToken)))?;
    let project = app.store.project(id).await?.ok_or(What::NotFound(Thing::SsoToken))?;
    let ask = Redemption {
        sso_token: Token::presented(&token),
        code_verifier: None,
        session: SessionRequest::default(),
    };
    match sso_tokens::redeem(app, ctx, &project, ask).await? {
        Authenticated::Session(view) => {
            let jwt = session_jwt::mint(app, ctx, &project, &view).await?;
            Ok((view, jwt))
        }
        Authenticated::Intermediate(_) => Err(Refusal::new(What::ActiveMembersOnly)
            .because("The organization asks for a second factor, which the sample application does not show.")
            .into()),
    }
}

fn member_page(view: &SessionView, jwt: &str) -> String {
    let member = &view.member.member;
    let page = Member {
        frame: FRAME,
        email: member.email.as_str(),
        name: &member.name,
        member_id: member.id.to_string(),
        organization: &view.organization.organization.name,
        organization_id: view.organization.organization.id.to_string(),
        session_id: view.session.id.to_string(),
        expires_at: view.session.expires_at.to_string(),
        roles: view.roles.join(", "),
        claims: decoded(jwt),
    };
    page.render().unwrap_or_default()
}

/// The payload of a token, for reading.
fn decoded(jwt: &str) -> String {
    let payload = jwt.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    claims.and_then(|claims| serde_json::to_string_pretty(&claims).ok()).unwrap_or_default()
}

fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}
