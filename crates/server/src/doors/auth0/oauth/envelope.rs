//! The envelope of the authorization server's refusals (RFC 6749 section 5.2).

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use vestibule_domain::id::RequestId;
use vestibule_domain::refusal::{Field, Refusal, Thing, What};

use crate::doors::auth0::meanings::{Sentence, row};
use crate::http::ctx::Ctx;
use crate::http::door::{Door, Said};
use crate::http::refused::Named;

/// The authorization server.
pub struct OAuth;

/// One refusal, in the words of the protocol.
pub(super) struct Word {
    /// The status.
    pub status: StatusCode,
    /// The `error`.
    pub error: &'static str,
    /// The `error_description` when nothing else is known.
    pub sentence: &'static str,
}

/// What a meaning is called here. What the protocol has no word for is called by its status in the dialect's other table, which
/// is exhaustive.
pub(super) const fn word(what: What) -> Word {
    let (status, error, sentence) = match what {
        What::WrongCredentials | What::UnreadableCredentials => {
            (StatusCode::UNAUTHORIZED, "invalid_client", "Unauthorized")
        }
        What::WrongToken => (StatusCode::UNAUTHORIZED, "invalid_token", "Unauthorized"),
        What::NotSignedIn => (StatusCode::FORBIDDEN, "login_required", "Login required"),
        What::InteractionNeeded => (StatusCode::FORBIDDEN, "interaction_required", "Interaction required"),
        What::NotAskedAgain => {
            (StatusCode::FORBIDDEN, "login_required", "The identity provider did not ask the person again")
        }
        What::NoSuchRoute => (StatusCode::NOT_FOUND, "not_found", "Not Found"),
        What::Invalid(Field::ResponseType) => {
            (StatusCode::BAD_REQUEST, "unsupported_response_type", "Unsupported response type")
        }
        What::GrantTypeNotAllowed => {
            (StatusCode::FORBIDDEN, "unauthorized_client", "Grant type not allowed for the client.")
        }
        What::ScopeNotGranted | What::AudienceNotGranted => {
            (StatusCode::FORBIDDEN, "access_denied", "Client has not been granted scopes.")
        }
        What::Invalid(Field::GrantType) => {
            (StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type")
        }
        What::NotFound(Thing::AuthorizationCode) => {
            (StatusCode::FORBIDDEN, "invalid_grant", "Invalid authorization code")
        }
        What::NotFound(Thing::RefreshToken) => {
            (StatusCode::FORBIDDEN, "invalid_grant", "Unknown or invalid refresh token.")
        }
        What::Pkce(_) => (StatusCode::FORBIDDEN, "invalid_grant", "Failed to verify code verifier"),
        What::NotFound(Thing::LoginHost) => {
            (StatusCode::NOT_FOUND, "invalid_request", "No project signs people in at this host.")
        }
        other => other_word(other),
    };
    Word { status, error, sentence }
}

const fn other_word(what: What) -> (StatusCode, &'static str, &'static str) {
    let row = row(what);
    let (Sentence::Fixed(sentence) | Sentence::Told(sentence)) = row.sentence;
    let error = match row.status {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "access_denied",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::INTERNAL_SERVER_ERROR => "server_error",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            "temporarily_unavailable"
        }
        _ => "invalid_request",
    };
    (row.status, error, sentence)
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
    error_description: String,
}

impl Door for OAuth {
    const NAME: &'static str = "auth0-oauth";

    type Success<T: Serialize> = T;

    fn success<T: Serialize>(_: RequestId, _: Vec<String>, body: T) -> T {
        body
    }

    fn refuse(refusal: &Refusal, _: &Ctx, _: &str) -> Said {
        let word = word(refusal.what);
        let description = refusal.detail().unwrap_or_else(|| word.sentence.to_owned());
        let mut said =
            Said::json(word.status.as_u16(), &Envelope { error: word.error, error_description: description });
        if word.status == StatusCode::UNAUTHORIZED {
            let challenge = match word.error {
                "invalid_token" => "Bearer error=\"invalid_token\"",
                _ => "Basic realm=\"oauth\"",
            };
            said.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        said
    }

    fn named(what: What) -> Named {
        let word = word(what);
        Named { code: word.error, sentence: word.sentence }
    }
}
