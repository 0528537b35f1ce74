//! The session token (JWT) of this dialect: made for applications to verify on their own, and taken back
//! here.

use serde::Serialize;
use serde_json::{Map, Value};
use vestibule_domain::id::SessionId;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Choice, Field, Refusal, What, sentence};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{JWT_LIFETIME, Origin};
use vestibule_oidc::jose::{AlgorithmSet, SignatureAlgorithm, jws};

use super::wire::session::FactorOut;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::sessions::Presented;
use crate::operations::views::SessionView;
use crate::world::App;
use crate::world::keyring::SessionClaims;

const SESSION_CLAIM: &str = "https://stytch.com/session";

#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    aud: [String; 1],
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(rename = "https://stytch.com/session")]
    session: SessionClaim<'a>,
    #[serde(rename = "https://stytch.com/organization")]
    organization: OrganizationClaim<'a>,
    #[serde(flatten)]
    custom: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct SessionClaim<'a> {
    id: String,
    started_at: String,
    last_accessed_at: String,
    expires_at: String,
    attributes: &'a Origin,
    authentication_factors: Vec<FactorOut>,
    roles: &'a [String],
}

#[derive(Serialize)]
struct OrganizationClaim<'a> {
    organization_id: String,
    slug: &'a str,
}

impl SessionClaims for Claims<'_> {}

/// Signs the token of a session, good for five minutes.
///
/// # Errors
/// The project's keys cannot be had.
pub(crate) async fn mint(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    view: &SessionView,
) -> Result<String, Failure> {
    let keys = app.keyring.keys(app, project, ctx.now).await?;
    let session = &view.session;
    let claims = Claims {
        iss: project.issuer(),
        aud: [project.id.to_string()],
        sub: session.member_id.to_string(),
        iat: ctx.now.seconds(),
        nbf: ctx.now.seconds(),
        exp: ctx.now.plus(JWT_LIFETIME).seconds(),
        session: SessionClaim {
            id: session.id.to_string(),
            started_at: session.started_at.to_string(),
            last_accessed_at: session.last_accessed_at.to_string(),
            expires_at: session.expires_at.to_string(),
            attributes: &session.origin,
            authentication_factors: session
                .factors
                .iter()
                .map(|factor| FactorOut::of(project.id, factor))
                .collect(),
            roles: &view.roles,
        },
        organization: OrganizationClaim {
            organization_id: session.organization_id.to_string(),
            slug: &view.organization.organization.slug,
        },
        custom: &session.custom_claims,
    };
    keys.active.sign(&claims).map_err(|error| Failure::Internal(error.to_string()))
}

/// Takes a session as a client shows it: exactly one of the opaque token and the JWT. An expired JWT of a
/// session that still lives is fine; a wrong signature, issuer or audience is not.
///
/// # Errors
/// `no_session_arguments`, `too_many_session_arguments`, `unable_to_parse_session_jwt`.
pub(crate) async fn presented(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    token: Option<String>,
    jwt: Option<String>,
) -> Result<Presented, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(token), given(jwt)) {
        (None, None) => Err(What::NoneGiven(Choice::Session).into()),
        (Some(_), Some(_)) => Err(What::SeveralGiven(Choice::Session).into()),
        (Some(token), None) => Ok(Presented::Token(Token::presented(&token))),
        (None, Some(jwt)) => Ok(Presented::Verified(session_of(app, ctx, project, &jwt).await?)),
    }
}

async fn session_of(app: &App, ctx: &Ctx, project: &Project, jwt: &str) -> Result<SessionId, Failure> {
    let keys = app.keyring.keys(app, project, ctx.now).await?;
    let allowed = AlgorithmSet::only(SignatureAlgorithm::Rs256);
    let refuse = |why: &str| Refusal::new(What::Invalid(Field::SessionJwt)).because(why.to_owned());
    let verified = jws::verify(jwt, &keys.verifying, allowed).map_err(|error| refuse(&sentence(error)))?;
    let claims: Map<String, Value> =
        serde_json::from_slice(verified.payload()).map_err(|_| refuse("The claims are not an object."))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let ours = project.id.to_string();
    let audience = claims.get("aud").and_then(Value::as_array);
    let is_for_us = audience.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(&ours)));
    if text("iss") != Some(&project.issuer()) || !is_for_us {
        return Err(refuse("The token is of another issuer or for another audience.").into());
    }
    let id = claims.get(SESSION_CLAIM).and_then(|session| session.get("id")).and_then(Value::as_str);
    Ok(id.and_then(|id| id.parse().ok()).ok_or_else(|| refuse("The token names no session."))?)
}
