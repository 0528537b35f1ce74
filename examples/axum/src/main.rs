//! Company sign-in for an axum application: e-mail address, identity provider, session, sign-out, and the page on which a
//! customer's administrator connects their identity provider.

mod api;
mod pages;
mod session;

use std::collections::HashMap;
use std::env;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{digest, rand};
use axum::Router;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::form_urlencoded::Serializer;

use api::{Api, Connection, Organization, Refused, Session, SignedIn};
use pages::{Account, Connections, SignIn, away, page, sentence};
use session::{Keys, Visitor, VisitorNow, cookie, forget, gone, keep, value};

struct App {
    api: Api,
    url: String,
    public_token: String,
    keys: Mutex<Keys>,
}

type Fields = HashMap<String, String>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let needed = |name: &str| {
        env::var(name).map_err(|_| format!("{name} is not set: paste what vestibule dev printed"))
    };
    let port: u16 = env::var("PORT").ok().map_or(Ok(3000), |port| port.parse())?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let app = Arc::new(App {
        api: Api { base: needed("BASE")?, project: needed("PROJECT_ID")?, secret: needed("SECRET")?, http },
        url: env::var("APP_URL").unwrap_or_else(|_| format!("http://localhost:{port}")),
        public_token: needed("PUBLIC_TOKEN")?,
        keys: Mutex::new(Keys::none()),
    });
    println!("Open {}", app.url);
    let routes = Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/authenticate", get(authenticate))
        .route("/account", get(account))
        .route("/logout", post(logout))
        .route("/admin/connections", get(connections).post(create_connection))
        .route("/admin/connections/{connection_id}", post(update_connection))
        .layer(middleware::from_fn(own_forms))
        .layer(middleware::from_fn(private))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(("localhost", port)).await?;
    Ok(axum::serve(listener, routes).await?)
}

/// Pages about a person are in no cache, and an address with a token is told to nobody.
async fn private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// What changes something is taken from our own pages alone: another site could sign visitors in as somebody else, or out. A `Lax`
/// cookie does not stop that: signing in needs none, and another port or subdomain counts as the same site. Browsers say where a
/// request comes from; very old ones, and tools, do not, and are let through.
async fn own_forms(request: Request, next: Next) -> Response {
    let site = request.headers().get("Sec-Fetch-Site");
    if request.method().is_safe() || site.is_none_or(|site| site == "same-origin") {
        return next.run(request).await;
    }
    let why = "This was sent from a page of another site.".to_owned();
    Refused { status: StatusCode::FORBIDDEN, sentence: why }.into_response()
}

// --- sign-in ---------------------------------------------------------------------------------------------------------

async fn home(Query(query): Query<Fields>) -> Result<Response, Refused> {
    page(StatusCode::OK, &SignIn { notice: sentence(given(&query, "notice")) })
}

async fn login(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    Form(form): Form<Fields>,
) -> Result<Response, Refused> {
    let email = given(&form, "email").trim().to_lowercase();
    let found = app.api.organization_of(&email).await?;
    let Some(connection) = found.as_ref().and_then(Organization::connection) else {
        return page(StatusCode::NOT_FOUND, &SignIn { notice: sentence("unknown") });
    };
    // PKCE: only the browser that began can finish, because only it has the verifier.
    let mut random = [0; 32];
    rand::fill(&mut random)?;
    let verifier = URL_SAFE_NO_PAD.encode(random);
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let back = format!("{}/authenticate", app.url);
    let query = Serializer::new(String::new())
        .append_pair("public_token", &app.public_token)
        .append_pair("connection_id", connection)
        .append_pair("pkce_code_challenge", &challenge)
        .append_pair("login_redirect_url", &back)
        .append_pair("signup_redirect_url", &back)
        .append_pair("login_hint", &email)
        .finish();
    let start = Redirect::to(&format!("{}/v1/public/sso/start?{query}", app.api.base));
    Ok((jar.add(cookie(&app, "pkce_verifier", &verifier)), start).into_response())
}

async fn authenticate(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    Query(query): Query<Fields>,
) -> Result<Response, Refused> {
    let (verifier, token) = (value(&jar, "pkce_verifier"), given(&query, "token"));
    // A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
    if verifier.is_empty() || token.is_empty() {
        return Ok(away("/", "begin").into_response());
    }
    let body =
        json!({ "sso_token": token, "pkce_code_verifier": verifier, "session_duration_minutes": 8 * 60 });
    let Came { session_token, session_jwt, member_session } =
        app.api.call(Method::POST, "/v1/b2b/sso/authenticate", None, &body).await?;
    let jar = gone(jar, "pkce_verifier");
    // What the company asks for beside: go on with `intermediate_session_token` (docs/guides/second-factors.md).
    let Some(member_session) = member_session else {
        return Ok((jar, away("/", "second-factor")).into_response());
    };
    let found = SignedIn { session_token, session_jwt, member_session };
    // Away from the address with the token, which is spent: a reload must not send it again.
    Ok((keep(&app, jar, &found), Redirect::to("/account")).into_response())
}

/// What a sign-in comes to; no session while a second factor is missing.
#[derive(Deserialize)]
struct Came {
    session_token: String,
    session_jwt: String,
    member_session: Option<Session>,
}

async fn account(
    State(app): State<Arc<App>>,
    Visitor(session, jar): Visitor,
) -> Result<(CookieJar, Response), Refused> {
    let (organization, member) = (&session.organization_id, &session.member_id);
    let path = format!("/v1/b2b/organizations/{organization}/member?member_id={member}");
    let found: Membership = app.api.call(Method::GET, &path, None, &json!({})).await?;
    let roles = session.roles.join(", ");
    let shown =
        Account { email: &found.member.email_address, organization: &found.organization, roles: &roles };
    Ok((jar, page(StatusCode::OK, &shown)?))
}

#[derive(Deserialize)]
struct Membership {
    member: Member,
    organization: Organization,
}

#[derive(Deserialize)]
struct Member {
    email_address: String,
}

async fn logout(State(app): State<Arc<App>>, jar: CookieJar) -> (CookieJar, Redirect) {
    let body = json!({ "session_token": value(&jar, "session_token") });
    // A session that had ended already is as good as one that ends now.
    let _ended = app.api.call::<Value>(Method::POST, "/v1/b2b/sessions/revoke", None, &body).await;
    (forget(jar), away("/", "signed-out"))
}

// --- the customer's administrator connects their identity provider. With the member's own session beside our credentials, the
// server checks what this member may do.

async fn connections(
    State(app): State<Arc<App>>,
    VisitorNow(session, jar): VisitorNow,
    Query(query): Query<Fields>,
) -> Result<(CookieJar, Response), Refused> {
    let shown = show_connections(&app, &session, &jar, sentence(given(&query, "notice"))).await?;
    Ok((jar, shown))
}

async fn show_connections(
    app: &App,
    session: &Session,
    jar: &CookieJar,
    notice: &str,
) -> Result<Response, Refused> {
    let path = format!("/v1/b2b/sso/{}", session.organization_id);
    let found: Found =
        app.api.call(Method::GET, &path, Some(value(jar, "session_token")), &json!({})).await?;
    page(StatusCode::OK, &Connections { notice, connections: &found.oidc_connections })
}

#[derive(Deserialize)]
struct Found {
    oidc_connections: Vec<Connection>,
}

/// SAML is the same at `/v1/b2b/sso/saml`: show `acs_url` and `audience_uri`, take `metadata_url`.
async fn create_connection(
    State(app): State<Arc<App>>,
    VisitorNow(session, jar): VisitorNow,
    Form(form): Form<Fields>,
) -> Result<(CookieJar, Redirect), Refused> {
    let path = format!("/v1/b2b/sso/oidc/{}", session.organization_id);
    let body = json!({ "display_name": given(&form, "display_name") });
    app.api.call::<Value>(Method::POST, &path, Some(value(&jar, "session_token")), &body).await?;
    Ok((jar, away("/admin/connections", "created")))
}

async fn update_connection(
    State(app): State<Arc<App>>,
    VisitorNow(session, jar): VisitorNow,
    Path(connection_id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<(CookieJar, Response), Refused> {
    let connection_id: String = Serializer::new(String::new()).append_key_only(&connection_id).finish();
    let path = format!("/v1/b2b/sso/oidc/{}/connections/{connection_id}", session.organization_id);
    let [issuer, client_id, client_secret] =
        ["issuer", "client_id", "client_secret"].map(|name| given(&form, name));
    let body = json!({ "issuer": issuer, "client_id": client_id, "client_secret": client_secret });
    let changed: Changed =
        app.api.call(Method::PUT, &path, Some(value(&jar, "session_token")), &body).await?;
    if changed.warning.is_empty() {
        return Ok((jar, away("/admin/connections", "saved").into_response()));
    }
    // The server's own words go into the answer itself, not into an address.
    let notice = format!("{} {}", sentence("saved"), changed.warning);
    let shown = show_connections(&app, &session, &jar, &notice).await?;
    Ok((jar, shown))
}

#[derive(Deserialize)]
struct Changed {
    warning: String,
}

fn given<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}
