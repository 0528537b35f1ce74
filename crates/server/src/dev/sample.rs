//! The sample application: one page with a button that goes the whole way, and behind the sign-in the page of whoever came back
//! (`account.rs`).

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use url::form_urlencoded;
use vestibule_testidp::{self as idp, SamlFault};

use super::provider;
use super::saml::{Made, SamlSample};
use super::setup::Credentials;
use super::{account, admin};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::world::App;

/// What the application has to know.
#[derive(Clone)]
struct Sample {
    credentials: Arc<Credentials>,
    saml: Arc<SamlSample>,
}

/// The routes of the sample application.
pub(super) fn router(credentials: Credentials, saml: Arc<SamlSample>) -> Router<Arc<App>> {
    let sample = Sample { credentials: Arc::new(credentials), saml };
    let [first, second, third, fourth, fifth, sixth, seventh] = [(); 7].map(|()| sample.clone());
    Router::new()
        .route(
            "/",
            get(
                async move |State(app): State<Arc<App>>,
                            ctx: Ctx,
                            headers: HeaderMap,
                            RawQuery(query): RawQuery| {
                    home(&app, &ctx, &first, &headers, &query.unwrap_or_default()).await
                },
            ),
        )
        .route(
            "/sample/start",
            get(async move |State(app): State<Arc<App>>, RawQuery(query): RawQuery| {
                start(&app, &second.credentials, &second.saml, &query.unwrap_or_default()).await
            }),
        )
        .route(
            account::AUTHENTICATE,
            get(
                async move |State(app): State<Arc<App>>,
                            ctx: Ctx,
                            headers: HeaderMap,
                            RawQuery(query): RawQuery| {
                    let query = query.unwrap_or_default();
                    let token = parameter(&query, "token");
                    let kind = parameter(&query, "stytch_token_type").unwrap_or_default();
                    let token = token.as_deref().map(|token| (kind.as_str(), token));
                    account::authenticate(&app, &ctx, &third.credentials, &headers, token).await
                },
            ),
        )
        .route(
            account::ACCOUNT,
            get(async move |State(app): State<Arc<App>>, ctx: Ctx, headers: HeaderMap| {
                account::show(&app, &ctx, &fourth.credentials, &headers).await
            }),
        )
        .route(
            account::SIGN_OUT,
            post(async move |State(app): State<Arc<App>>, ctx: Ctx, headers: HeaderMap| {
                account::sign_out(&app, &ctx, &fifth.credentials, &headers).await
            }),
        )
        .route(
            admin::PAGE,
            get(async move |State(app): State<Arc<App>>| admin::page(&app, &sixth.credentials)),
        )
        .route(admin::PROGRAM, get(async || admin::program()))
        .route(
            admin::ROLE,
            post(async move |State(app): State<Arc<App>>, ctx: Ctx, headers: HeaderMap| {
                admin::promote(&app, &ctx, &seventh.credentials, &headers).await
            }),
        )
}

/// Where the sample application takes browsers back.
#[must_use]
pub(super) fn authenticate_url(app: &App) -> String {
    format!("{}{}", app.base_url, account::AUTHENTICATE)
}

/// Where its page for administrators does.
#[must_use]
pub(super) fn admin_url(app: &App) -> String {
    format!("{}{}", app.base_url, admin::PAGE)
}

#[derive(Template)]
#[template(path = "sample_home.html")]
struct Home<'a> {
    frame: Frame<'static>,
    /// The address of whoever is signed in, `""` for nobody.
    email: &'a str,
    notice: &'a str,
    base_url: &'a str,
    project_id: &'a str,
    running: Vec<Running>,
    oidc_faults: Vec<Choice>,
    saml_faults: Vec<Choice>,
    idp_initiated_url: String,
}

/// A connection of a sample company, each of which has one.
#[derive(Default)]
struct Running {
    protocol: &'static str,
    /// `""` until it is made.
    connection_id: String,
    organization: String,
    organization_id: String,
}

/// A way in which the built-in provider can be made to misbehave.
struct Choice {
    name: &'static str,
    label: &'static str,
}

async fn home(app: &App, ctx: &Ctx, sample: &Sample, headers: &HeaderMap, query: &str) -> Response {
    let Sample { credentials, saml } = sample;
    let visitor = account::visitor(app, ctx, credentials, headers).await;
    let notice = match parameter(query, "session").as_deref() {
        Some("ended") => "Your session has ended. Sign in again.",
        Some("signed-out") => "You are signed out.",
        _ => "",
    };
    let Credentials { organization_id, connection_id, .. } = **credentials;
    let oidc = Made { organization_id, connection_id };
    let page = Home {
        frame: account::FRAME,
        email: visitor.as_ref().map_or("", |view| view.member.member.email.as_str()),
        notice: if visitor.is_some() { "" } else { notice },
        base_url: &app.base_url,
        project_id: &credentials.project_id,
        running: vec![
            running(app, credentials, "OpenID Connect", Some(oidc)).await,
            running(app, credentials, "SAML", saml.ready()).await,
        ],
        oidc_faults: idp::Fault::ALL.map(|fault| Choice { name: fault.name(), label: fault.label() }).into(),
        saml_faults: SamlFault::ALL.map(|fault| Choice { name: fault.name(), label: fault.label() }).into(),
        idp_initiated_url: format!("{}/saml/idp-initiated", provider::issuer(app)),
    };
    html(StatusCode::OK, page.render().unwrap_or_default(), account::POLICY)
}

async fn running(
    app: &App,
    credentials: &Credentials,
    protocol: &'static str,
    made: Option<Made>,
) -> Running {
    let Some(Made { organization_id, connection_id }) = made else {
        return Running { protocol, ..Running::default() };
    };
    let organization_id = organization_id.to_string();
    let found = match credentials.project_id.parse() {
        Ok(project) => app.store.organization(project, &organization_id).await.ok().flatten(),
        Err(_) => None,
    };
    let organization = found.map(|organization| organization.name).unwrap_or_default();
    Running { protocol, connection_id: connection_id.to_string(), organization, organization_id }
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

fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}
