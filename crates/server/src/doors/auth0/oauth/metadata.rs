//! What there is to know about the authorization server (OpenID Connect Discovery 1.0, RFC 8414), and its keys.

use std::sync::Arc;

use axum::extract::State;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use vestibule_domain::application::GrantType;
use vestibule_domain::authorization::{ChallengeMethod, ResponseKind, ResponseMode};
use vestibule_oidc::client_assertion::ALGORITHMS;
use vestibule_oidc::jose::PublicJwk;

use super::OAuth;
use crate::caller::site;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Reply;
use crate::http::endpoint::{Endpoints, Needs};
use crate::world::App;

/// How long clients may keep either document: less than a new key is published before it signs.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<OAuth> {
    Endpoints::new()
        .get("/.well-known/openid-configuration", Needs::Nothing, metadata)
        .get("/.well-known/oauth-authorization-server", Needs::Nothing, metadata)
        .get("/.well-known/jwks.json", Needs::Nothing, keys)
}

#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: String,
    end_session_endpoint: String,
    scopes_supported: [&'static str; 4],
    response_types_supported: [&'static str; 2],
    response_modes_supported: [&'static str; 4],
    grant_types_supported: [&'static str; 4],
    code_challenge_methods_supported: [&'static str; 2],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    claims_supported: [&'static str; 17],
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: [&'static str; 4],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 6],
    request_uri_parameter_supported: bool,
    request_parameter_supported: bool,
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<PublicJwk>,
}

fn kept() -> HeaderMap {
    HeaderMap::from_iter([(CACHE_CONTROL, KEPT)])
}

async fn metadata(State(app): State<Arc<App>>, ctx: Ctx) -> Result<Reply<OAuth, Metadata>, Failure> {
    let site = site::asked(&app, &ctx).await?;
    let at = |path: &str| format!("{}{path}", site.origin);
    let metadata = Metadata {
        issuer: site.issuer(),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/oauth/token"),
        userinfo_endpoint: at("/userinfo"),
        jwks_uri: at("/.well-known/jwks.json"),
        revocation_endpoint: at("/oauth/revoke"),
        end_session_endpoint: at("/oidc/logout"),
        scopes_supported: ["openid", "profile", "email", "offline_access"],
        response_types_supported: ResponseKind::ALL.map(ResponseKind::as_str),
        response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str),
        grant_types_supported: GrantType::ALL.map(GrantType::as_str),
        code_challenge_methods_supported: ChallengeMethod::ALL.map(ChallengeMethod::as_str),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        claims_supported: [
            "aud",
            "auth_time",
            "email",
            "email_verified",
            "exp",
            "family_name",
            "given_name",
            "iat",
            "iss",
            "middle_name",
            "name",
            "nickname",
            "picture",
            "sid",
            "sub",
            "updated_at",
            "org_id",
        ],
        authorization_response_iss_parameter_supported: true,
        token_endpoint_auth_methods_supported: [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        request_uri_parameter_supported: false,
        request_parameter_supported: false,
    };
    Ok(Reply::new(&ctx, metadata).with_headers(kept()))
}

async fn keys(State(app): State<Arc<App>>, ctx: Ctx) -> Result<Reply<OAuth, Keys>, Failure> {
    let site = site::asked(&app, &ctx).await?;
    let keys = app.keyring.keys(&app, &site.project, ctx.now).await?;
    Ok(Reply::new(&ctx, Keys { keys: keys.published.clone() }).with_headers(kept()))
}
