//! Access tokens of applications on their own account: how they are written, and how one for the Management API is read.

use serde::{Deserialize, Serialize};
use vestibule_domain::application::{Audience, ClientId};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_oidc::jose::{AlgorithmSet, JwsError, SignatureAlgorithm, jws};

use crate::caller::site::Site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;
use crate::world::keyring::ApplicationClaims;

/// How the Management API is called behind an origin.
const MANAGEMENT: &str = "/api/v2/";
/// What the subject of such a token ends with: no person's does.
const CLIENTS: &str = "@clients";
/// The `gty` of such a token. A token of a person has none.
pub(super) const CLIENT_CREDENTIALS: &str = "client-credentials";

/// The claims.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Access {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) scope: String,
    pub(super) gty: &'static str,
    pub(super) azp: String,
}

impl ApplicationClaims for Access {}

/// What is read of a token: one of another kind lacks something, or has another audience.
#[derive(Deserialize)]
struct Presented {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    scope: String,
    gty: String,
    azp: String,
}

/// A token for the Management API that holds.
pub(super) struct Verified {
    /// Whose it is.
    pub client_id: ClientId,
    /// What was granted when it was made.
    pub scopes: Vec<String>,
}

/// Which API is meant. Its own is meant by either scheme: clients write https also where plain http is served.
///
/// # Errors
/// It is no identifier.
pub(super) fn audience(site: &Site, named: &str) -> Result<Audience, Refusal> {
    if site.path_of(named) == Some(MANAGEMENT) {
        return Ok(Audience::Management);
    }
    named.parse()
}

/// How an audience is shown.
pub(super) fn shown_audience(site: &Site, audience: &Audience) -> String {
    match audience {
        Audience::Management => format!("https://{}{MANAGEMENT}", site.host()),
        Audience::Api(identifier) => identifier.clone(),
    }
}

/// The subject of a token on an application's own account.
pub(super) fn subject_of(client_id: &ClientId) -> String {
    format!("{client_id}{CLIENTS}")
}

/// The scopes of a text (RFC 6749 section 3.3).
pub(super) fn split(scope: &str) -> Vec<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Signs a token.
///
/// # Errors
/// The project's keys cannot be had.
pub(super) async fn sign(app: &App, ctx: &Ctx, site: &Site, access: &Access) -> Result<String, Failure> {
    let keys = app.keyring.keys(app, &site.project, ctx.now).await?;
    keys.active.sign_for_application(access).map_err(|error| Failure::Internal(error.to_string()))
}

/// Reads a token for the Management API of the project. Sessions, ID tokens and tokens for other APIs are signed by the same
/// key and are none: issuer, audience, subject and `gty` have to say so.
///
/// # Errors
/// [`What::WrongCredentials`].
pub(super) async fn verify(app: &App, ctx: &Ctx, site: &Site, token: &str) -> Result<Verified, Failure> {
    let refuse = |why: &str| Failure::from(Refusal::new(What::WrongCredentials).because(why.to_owned()));
    let invalid = || refuse("Invalid token");
    let keys = app.keyring.keys(app, &site.project, ctx.now).await?;
    let allowed = AlgorithmSet::only(SignatureAlgorithm::Rs256);
    let verified = jws::verify(token, &keys.verifying, allowed).map_err(|error| match error {
        JwsError::Signature | JwsError::SignatureLength { .. } | JwsError::UnknownKey { .. } => {
            refuse("Invalid signature received for JSON Web Token validation")
        }
        _ => invalid(),
    })?;
    let claims: Presented = serde_json::from_slice(verified.payload()).map_err(|_| invalid())?;
    let client_id: ClientId = claims.azp.parse().map_err(|_| invalid())?;
    let is_ours = claims.iss == site.issuer()
        && site.path_of(&claims.aud) == Some(MANAGEMENT)
        && claims.sub == subject_of(&client_id)
        && claims.gty == CLIENT_CREDENTIALS;
    if !is_ours {
        return Err(invalid());
    }
    if claims.exp <= ctx.now.seconds() {
        return Err(refuse("Expired token received for JSON Web Token validation"));
    }
    Ok(Verified { client_id, scopes: split(&claims.scope) })
}
