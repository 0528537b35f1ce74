//! The back channel: discovery, keys, token and userinfo.

use std::sync::{Arc, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::grants::Grant;
use crate::token::{self, Said};
use crate::whims::amend;
use crate::{Fault, Inner, KeyError};

/// How long an access token holds, in seconds.
const ACCESS_LIFETIME: i64 = 300;

/// `GET /.well-known/openid-configuration`.
pub(crate) async fn discovery(State(idp): State<Arc<Inner>>) -> Json<Value> {
    let issuer = &idp.config.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code", "id_token"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "implicit"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [idp.config.algorithm.name()],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "email", "email_verified", "name", "given_name", "family_name", "groups"],
    });
    amend(&mut document, &idp.whims().document);
    Json(document)
}

/// `GET /jwks`; makes the key when it is not there yet.
pub(crate) async fn jwks(State(idp): State<Arc<Inner>>) -> Response {
    match idp.signer() {
        Ok(signer) => {
            let (mut key, whims) = (signer.jwk(), idp.whims());
            amend(&mut key, &whims.key);
            let body = format!("{}{}", whims.before_keys, json!({"keys": [key]}));
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Err(error) => key_error(error),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct TokenRequest {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// `POST /token`, RFC 6749 section 4.1.3 and RFC 7636.
pub(crate) async fn token(
    State(idp): State<Arc<Inner>>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    if let Some((status, media, body)) = idp.whims().token_answer {
        return said(status, media, body);
    }
    let Ok(Form(request)) = form else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "the form could not be read");
    };
    if !is_client(&idp, &headers, &request) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client or wrong secret");
    }
    if request.grant_type.as_deref() != Some("authorization_code") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "authorization_code is expected");
    }
    let code = request.code.as_deref().unwrap_or_default();
    let grant = idp.codes.lock().unwrap_or_else(PoisonError::into_inner).take(code, idp.now());
    let Some(grant) = grant else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", "the code is unknown, used or expired");
    };
    if let Some(why) = mismatch(&grant, &request) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", why);
    }
    issue(&idp, grant)
}

fn mismatch(grant: &Grant, request: &TokenRequest) -> Option<&'static str> {
    if grant.fault == Some(Fault::TokenError) {
        return Some("the code is refused because that was asked for");
    }
    if request.redirect_uri.as_deref() != Some(grant.redirect_uri.as_str()) {
        return Some("the redirect_uri is not the one of the authorization request");
    }
    match (&grant.challenge, &request.code_verifier) {
        (None, None) => None,
        (Some(challenge), Some(verifier)) if grant.is_plain && challenge == verifier => None,
        (Some(challenge), Some(verifier)) if !grant.is_plain && *challenge == challenge_of(verifier) => None,
        (None, Some(_)) => Some("a code_verifier came without a code_challenge"),
        (Some(_), _) => Some("the code_verifier does not match the code_challenge"),
    }
}

fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

fn issue(idp: &Inner, grant: Grant) -> Response {
    let access_token = idp.nonce();
    let now = idp.now();
    let whims = idp.whims();
    let said = Said { nonce: grant.nonce.as_deref(), access_token: Some(&access_token), now };
    let made = idp
        .signer()
        .and_then(|signer| token::id_token(&idp.config, signer, &grant.user, grant.fault, &said, &whims));
    let id_token = match made {
        Ok(id_token) => id_token,
        Err(error) => return key_error(error),
    };
    let mut answer = json!({"access_token": access_token, "token_type": "Bearer", "expires_in": ACCESS_LIFETIME,
                        "scope": "openid email profile", "id_token": id_token});
    amend(&mut answer, &whims.token);
    let kept = Grant { expires_at: now + ACCESS_LIFETIME, ..grant };
    idp.access_tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(access_token, kept);
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// `GET` or `POST /userinfo` with a bearer token.
pub(crate) async fn userinfo(State(idp): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let bearer = authorization(&headers).and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let tokens = idp.access_tokens.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(grant) = tokens.peek(bearer, idp.now()) else {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    let whims = idp.whims();
    if let Some((status, media, body)) = whims.userinfo_answer {
        return said(status, media, body);
    }
    let mut answer = token::userinfo(&grant.user, grant.fault);
    amend(&mut answer, &whims.userinfo);
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn is_client(idp: &Inner, headers: &HeaderMap, request: &TokenRequest) -> bool {
    let posted = request.client_id.clone().zip(request.client_secret.clone());
    // RFC 6749 section 2.3: one way of authenticating at a time.
    let presented = match (basic(headers), posted) {
        (Some(_), Some(_)) | (None, None) => return false,
        (Some(pair), None) | (None, Some(pair)) => pair,
    };
    let same_secret = verify_slices_are_equal(presented.1.as_bytes(), idp.config.client_secret.as_bytes());
    presented.0 == idp.config.client_id && same_secret.is_ok()
}

/// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = authorization(headers)?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

fn said(status: u16, media: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, media)], body).into_response()
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let body = Json(json!({"error": error, "error_description": description}));
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

fn key_error(error: KeyError) -> Response {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &error.to_string())
}
