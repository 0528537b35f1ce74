//! A page that plays a customer's directory: the requests of Okta's and Entra's provisioning at the sample company's directory, one
//! after the other through the front door, each with what was answered. What they send is the test provider's to say.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawForm, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;
use url::form_urlencoded;
use vestibule_domain::directory::DirectoryPatch;
use vestibule_domain::entropy::bytes;
use vestibule_domain::id::DirectoryId;
use vestibule_domain::patch::Patch;
use vestibule_domain::rbac::asks::{ChangeDirectory, CreateDirectory, ReadDirectory};
use vestibule_testidp::{Directory, DirectoryClient, DirectoryFault, DirectoryRequest};

use super::account::{FRAME, POLICY};
use super::setup::{self, Credentials};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::html::{Frame, html};
use crate::operations::directories;
use crate::routes;
use crate::world::App;

/// The page.
pub(super) const PAGE: &str = "/sample/directory";
/// The most octets of an answer that are read.
const ANSWER: usize = 1024 * 1024;
/// The most characters of one that are shown.
const SHOWN: usize = 4_000;
/// Nobody knows this one.
const WRONG: &str = "a-token-of-nobody";

/// What the page knows from one run to the next: the token, which the server has shown once.
#[derive(Default)]
struct Held(Mutex<Option<(DirectoryId, String)>>);

/// The routes of the page.
pub(super) fn router(credentials: Credentials) -> Router<Arc<App>> {
    let (credentials, held) = (Arc::new(credentials), Arc::new(Held::default()));
    let run = async move |State(app): State<Arc<App>>, ctx: Ctx, RawForm(form): RawForm| {
        played(&app, &ctx, &credentials, &held, &form).await
    };
    Router::new().route(PAGE, get(async || page(&Page::default())).post(run)).layer(from_fn(asked_here))
}

/// A run changes the sample company: no other site's page may begin one.
async fn asked_here(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let is_ours = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    if is_ours || request.method() == Method::GET {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "A run begins on its own page.\n").into_response()
}

#[derive(Template)]
#[template(path = "sample_directory.html")]
struct Page {
    frame: Frame<'static>,
    clients: Vec<Choice>,
    faults: Vec<Choice>,
    /// What has been played, `""` before.
    title: String,
    steps: Vec<Step>,
    address: String,
}

impl Default for Page {
    fn default() -> Self {
        Self::of(DirectoryClient::Okta, None)
    }
}

impl Page {
    fn of(client: DirectoryClient, fault: Option<DirectoryFault>) -> Self {
        let clients = DirectoryClient::ALL.map(|one| Choice::of(one.name(), one.label(), one == client));
        let faults = DirectoryFault::ALL.map(|one| Choice::of(one.name(), one.label(), Some(one) == fault));
        Self {
            frame: FRAME,
            clients: clients.into(),
            faults: faults.into(),
            title: String::new(),
            steps: Vec::new(),
            address: String::new(),
        }
    }
}

struct Choice {
    name: &'static str,
    label: &'static str,
    is_chosen: bool,
}

impl Choice {
    const fn of(name: &'static str, label: &'static str, is_chosen: bool) -> Self {
        Self { name, label, is_chosen }
    }
}

/// A request and its answer.
struct Step {
    what: &'static str,
    method: &'static str,
    path: String,
    body: String,
    status: u16,
    expected: u16,
    answer: String,
}

fn page(page: &Page) -> Response {
    html(StatusCode::OK, page.render().unwrap_or_default(), POLICY)
}

async fn played(app: &Arc<App>, ctx: &Ctx, credentials: &Credentials, held: &Held, form: &[u8]) -> Response {
    let field = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(form);
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (client, fault) = (field("client"), field("fault"));
    let client = DirectoryClient::ALL.into_iter().find(|one| one.name() == client);
    let client = client.unwrap_or(DirectoryClient::Okta);
    let fault = DirectoryFault::ALL.into_iter().find(|one| one.name() == fault);
    match steps(app, ctx, credentials, held, client, fault).await {
        Ok((address, steps)) => {
            let with = fault.map_or_else(String::new, |fault| format!(", with {}", fault.label()));
            page(&Page {
                title: format!("{}{with}", client.label()),
                steps,
                address,
                ..Page::of(client, fault)
            })
        }
        Err(failure) => failure.into_response(),
    }
}

async fn steps(
    app: &Arc<App>,
    ctx: &Ctx,
    credentials: &Credentials,
    held: &Held,
    client: DirectoryClient,
    fault: Option<DirectoryFault>,
) -> Result<(String, Vec<Step>), Failure> {
    let (id, token) = connected(app, ctx, credentials, held).await?;
    let base = format!("/v1/b2b/scim/{id}");
    let mark =
        bytes::<4>(app.entropy.as_ref()).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let mut run = Directory::new(client, fault, &mark);
    let mut steps = Vec::new();
    let mut next = run.next(None);
    while let Some(asked) = next {
        let (status, answer) = sent(app, &base, &token, client, &asked).await?;
        next = run.next(Some((status, &answer)));
        steps.push(Step {
            what: asked.what,
            method: asked.method,
            path: asked.path,
            body: pretty(asked.body.as_deref().unwrap_or_default()),
            status,
            expected: asked.expects,
            answer: pretty(&answer),
        });
    }
    Ok((format!("{}{base}", app.base_url), steps))
}

/// The sample company's directory, with a token: the one that is known here, or another in its place.
async fn connected(
    app: &App,
    ctx: &Ctx,
    credentials: &Credentials,
    held: &Held,
) -> Result<(DirectoryId, String), Failure> {
    let internal = |error: crate::cli::CliError| Failure::Internal(error.to_string());
    let project = setup::project(app, credentials).await.map_err(internal)?;
    let entry = setup::entry_in(app, &project, credentials.organization_id).await.map_err(internal)?;
    let known = held.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (id, token) = match directories::get(app, &entry.clone().grant::<ReadDirectory>()?).await? {
        Some(view) => {
            let is_good = |(id, token): &(DirectoryId, String)| {
                let mut tokens = view.directory.tokens.iter();
                *id == view.directory.id && tokens.any(|known| token.ends_with(&known.last_four))
            };
            if let Some(open) = known.filter(is_good) {
                return Ok(open);
            }
            let (grant, id) = (entry.grant::<ChangeDirectory>()?, view.directory.id);
            if view.directory.current_and_next().1.is_some() {
                directories::cancel_rotation(app, ctx, &grant, id).await?;
            }
            let (_, token) = directories::start_rotation(app, ctx, &grant, id).await?;
            directories::complete_rotation(app, ctx, &grant, id).await?;
            (id, token)
        }
        None => {
            let display_name = Patch::Set("Built-in directory".to_owned());
            let patch = DirectoryPatch { display_name, ..DirectoryPatch::default() };
            let grant = entry.grant::<CreateDirectory>()?;
            let (directory, token) = directories::create(app, ctx, &grant, patch).await?;
            (directory.id, token)
        }
    };
    let open = (id, token.secret.expose().to_owned());
    *held.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
    Ok(open)
}

/// Sends a request to the front door, and gives the status and the body of the answer.
async fn sent(
    app: &Arc<App>,
    base: &str,
    token: &str,
    client: DirectoryClient,
    asked: &DirectoryRequest,
) -> Result<(u16, String), Failure> {
    let unsent = |error: String| Failure::Internal(format!("a request of the built-in directory: {error}"));
    let token = if asked.has_token { token } else { WRONG };
    let request = Request::builder()
        .method(asked.method)
        .uri(format!("{base}{}", asked.path))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/scim+json")
        .header(USER_AGENT, format!("Built-in directory, as {}", client.label()))
        .body(asked.body.clone().map_or_else(Body::empty, Body::from))
        .map_err(|error| unsent(error.to_string()))?;
    let response = match routes::router(app.clone()).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), ANSWER).await.map_err(|error| unsent(error.to_string()))?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// A JSON text over several lines, cut where it is very long.
fn pretty(text: &str) -> String {
    let spaced = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    let spaced = spaced.unwrap_or_else(|_| text.to_owned());
    if spaced.chars().count() <= SHOWN {
        return spaced;
    }
    let mut cut: String = spaced.chars().take(SHOWN).collect();
    cut.push('…');
    cut
}
