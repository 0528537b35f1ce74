//! What applications are told of a person: the claims of ID tokens and of user information (OpenID Connect Core sections 2 and
//! 5.4), and the access token that goes with them.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use vestibule_domain::application::Application;
use vestibule_domain::authorization::SignInGrant;
use vestibule_domain::id::SignInGrantId;
use vestibule_domain::profile::Profile;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::What;
use vestibule_oidc::jose::{AlgorithmSet, SignatureAlgorithm, b64, jws};

use crate::caller::site::Site;
use crate::doors::auth0::wire::ids;
use crate::doors::auth0::wire::profile::attributes;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::sign_in_grants::Person;
use crate::world::App;
use crate::world::keyring::ApplicationClaims;

/// How long an access token of a person is good for, in seconds.
pub(super) const ACCESS_LIFETIME: i64 = 7200;
/// Where user information is, behind an origin.
const USERINFO: &str = "/userinfo";
/// What a scope opens (OpenID Connect Core section 5.4).
const SCOPES: [(&str, &[&str]); 2] = [
    ("profile", &["name", "given_name", "middle_name", "family_name", "nickname", "picture", "updated_at"]),
    ("email", &["email", "email_verified"]),
];

/// Claims that are made here and signed.
#[derive(Serialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);

impl ApplicationClaims for Claims {}

/// What is read of an access token that is shown for user information.
#[derive(Deserialize)]
struct Presented {
    iss: String,
    aud: Value,
    exp: i64,
    gid: String,
}

/// What a scope opens of a person.
pub(super) fn profile(grant: &SignInGrant, person: &Person, scopes: &[String]) -> Map<String, Value> {
    let asks = |scope: &str| scopes.iter().any(|asked| asked == scope);
    let Person { member, registration, source } = person;
    let profile = Profile::of(member, registration, source, &Map::new());
    let mut known = attributes(profile, &grant.request.origin);
    known.insert("updated_at".to_owned(), registration.last_login_at.to_string().into());
    let opened = SCOPES.iter().filter(|(scope, _)| asks(scope)).flat_map(|(_, names)| *names);
    let claims = opened.filter_map(|name| known.remove_entry(*name));
    [("sub".to_owned(), grant.subject.clone().into())].into_iter().chain(claims).collect()
}

/// The ID token of a sign-in. `code` is the one that goes the same way with it.
///
/// # Errors
/// The project's keys cannot be had.
pub(super) async fn id_token(
    app: &App,
    ctx: &Ctx,
    (project, application): (&Project, &Application),
    grant: &SignInGrant,
    person: &Person,
    access_token: Option<&str>,
) -> Result<String, Failure> {
    let request = &grant.request;
    let now = ctx.now.seconds();
    let mut claims = profile(grant, person, &request.scopes);
    let own = json!({
        "iss": format!("{}/", request.origin),
        "aud": application.client_id,
        "iat": now,
        "exp": now + application.settings.id_token_seconds,
        "sid": grant.session_id.map_or_else(|| grant.id.to_string(), |id| id.to_string()),
        "auth_time": grant.authenticated_at.seconds(),
    });
    claims.extend(own.as_object().cloned().unwrap_or_default());
    if let Some(nonce) = &request.nonce {
        claims.insert("nonce".to_owned(), nonce.clone().into());
    }
    if let Some(access_token) = access_token {
        claims.insert("at_hash".to_owned(), left_half(access_token).into());
    }
    tell_organization(grant, &mut claims);
    sign(app, ctx, project, claims).await
}

/// The access token of a person: for the API that was asked for, and for user information.
///
/// # Errors
/// The project's keys cannot be had.
pub(super) async fn access_token(
    app: &App,
    ctx: &Ctx,
    (project, application): (&Project, &Application),
    grant: &SignInGrant,
    scopes: &[String],
) -> Result<String, Failure> {
    let request = &grant.request;
    let userinfo = format!("{}{USERINFO}", request.origin);
    let audience = match &request.audience {
        Some(api) => json!([api, userinfo]),
        None => json!(userinfo),
    };
    let now = ctx.now.seconds();
    let claims = json!({
        "iss": format!("{}/", request.origin),
        "sub": grant.subject,
        "aud": audience,
        "iat": now,
        "exp": now + ACCESS_LIFETIME,
        "scope": scopes.join(" "),
        "azp": application.client_id,
        "gid": grant.id.to_string(),
    });
    let mut claims = claims.as_object().cloned().unwrap_or_default();
    tell_organization(grant, &mut claims);
    sign(app, ctx, project, claims).await
}

fn tell_organization(grant: &SignInGrant, claims: &mut Map<String, Value>) {
    let Some(asked) = &grant.request.organization else { return };
    claims.insert("org_id".to_owned(), ids::organization(asked.id).into());
    if let Some(name) = &asked.name {
        claims.insert("org_name".to_owned(), name.to_lowercase().into());
    }
}

/// The grant of an access token that is shown for user information.
///
/// # Errors
/// [`What::WrongCredentials`].
pub(super) async fn grant_of(
    app: &App,
    ctx: &Ctx,
    site: &Site,
    token: &str,
) -> Result<SignInGrantId, Failure> {
    let invalid = || Failure::from(What::WrongCredentials);
    let keys = app.keyring.keys(app, &site.project, ctx.now).await?;
    let allowed = AlgorithmSet::only(SignatureAlgorithm::Rs256);
    let verified = jws::verify(token, &keys.verifying, allowed).map_err(|_| invalid())?;
    let claims: Presented = serde_json::from_slice(verified.payload()).map_err(|_| invalid())?;
    let userinfo = Value::from(format!("{}{USERINFO}", site.origin));
    let is_for_this = match &claims.aud {
        Value::Array(several) => several.contains(&userinfo),
        one => *one == userinfo,
    };
    if claims.iss != site.issuer() || !is_for_this || claims.exp <= ctx.now.seconds() {
        return Err(invalid());
    }
    claims.gid.parse().map_err(|_| invalid())
}

/// What an ID token of ours says that somebody brings to tell whom they mean.
#[derive(Debug, Deserialize)]
pub(super) struct Hint {
    iss: String,
    /// The application that it was for.
    pub aud: String,
    /// Who it is about.
    pub sub: String,
    /// The session of the browser in which it was given.
    #[serde(default)]
    pub sid: Option<String>,
    /// Access tokens have one, ID tokens do not.
    #[serde(default)]
    gid: Option<String>,
}

/// Reads an ID token of this issuer. One that has expired is still one (OpenID Connect RP-Initiated Logout section 4). `None` for
/// what we have not signed, or what is no ID token.
///
/// # Errors
/// The project's keys cannot be had.
pub(super) async fn hinted(app: &App, ctx: &Ctx, site: &Site, token: &str) -> Result<Option<Hint>, Failure> {
    let keys = app.keyring.keys(app, &site.project, ctx.now).await?;
    let allowed = AlgorithmSet::only(SignatureAlgorithm::Rs256);
    let Ok(verified) = jws::verify(token, &keys.verifying, allowed) else { return Ok(None) };
    let hint: Option<Hint> = serde_json::from_slice(verified.payload()).ok();
    Ok(hint.filter(|hint| hint.iss == site.issuer() && hint.gid.is_none()))
}

async fn sign(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    claims: Map<String, Value>,
) -> Result<String, Failure> {
    let keys = app.keyring.keys(app, project, ctx.now).await?;
    keys.active.sign_for_application(&Claims(claims)).map_err(|error| Failure::Internal(error.to_string()))
}

/// OpenID Connect Core section 3.1.3.6.
fn left_half(token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    b64::encode(hash.as_ref().get(..16).unwrap_or_default())
}
