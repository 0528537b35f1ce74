//! What the frontend API answers, and of whom it asks what.

use vestibule_server::{Endpoint, Needs};

/// What is answered: an entry of `answers` in `shapes.json`.
pub(super) const ANSWERS: &[(&str, &str)] = &[
    ("GET /sdk/v1/projects/bootstrap/{public_token}", "bootstrap"),
    ("POST /sdk/v1/events", "nothing"),
    ("POST /sdk/v1/b2b/sessions/authenticate", "second_factor_authenticated"),
    ("POST /sdk/v1/b2b/sessions/revoke", "nothing"),
    ("POST /sdk/v1/b2b/sessions/revoke/{member_id}", "nothing"),
    ("POST /sdk/v1/b2b/sessions/exchange", "sso_authenticated"),
    ("POST /sdk/v1/b2b/sessions/exchange_access_token", "nothing"),
    ("POST /sdk/v1/b2b/sessions/attest", "nothing"),
    ("POST /sdk/v1/b2b/sso/authenticate", "sso_authenticated"),
    ("POST /sdk/v1/b2b/oauth/authenticate", "oauth_authenticated"),
    ("GET /sdk/v1/b2b/sso/discovery/connections", "connections_found"),
    ("GET /sdk/v1/b2b/sso", "connections"),
    ("DELETE /sdk/v1/b2b/sso/{connection_id}", "connection_deleted"),
    ("POST /sdk/v1/b2b/sso/oidc", "connection"),
    ("PUT /sdk/v1/b2b/sso/oidc/{connection_id}", "connection_updated"),
    ("POST /sdk/v1/b2b/sso/saml", "saml_connection"),
    ("PUT /sdk/v1/b2b/sso/saml/{connection_id}", "saml_connection"),
    ("PUT /sdk/v1/b2b/sso/saml/{connection_id}/url", "saml_connection"),
    (
        "DELETE /sdk/v1/b2b/sso/saml/{connection_id}/verification_certificates/{certificate_id}",
        "certificate_deleted",
    ),
    (
        "DELETE /sdk/v1/b2b/sso/saml/{connection_id}/encryption_private_key/{private_key_id}",
        "private_key_deleted",
    ),
    (
        "DELETE /sdk/v1/b2b/sso/saml/{connection_id}/encryption_private_keys/{private_key_id}",
        "private_key_deleted",
    ),
    ("POST /sdk/v1/b2b/sso/external", "external_connection"),
    ("PUT /sdk/v1/b2b/sso/external/{connection_id}", "external_connection"),
    ("GET /sdk/v1/b2b/admin_portal_config", "admin_portal_config"),
];

/// Whether an endpoint is one of the frontend.
pub(super) fn is_frontend(endpoint: &Endpoint) -> bool {
    endpoint.door == "stytch-sdk"
}

/// What the frontend asks of whoever calls.
pub(super) fn needs(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "For everybody, without credentials.".to_owned(),
        Needs::Session | Needs::Belonging => "With a public token and a member's session.".to_owned(),
        Needs::ProjectAloneIn => {
            "Refused: only the project's own credentials allow this, and a browser has none.".to_owned()
        }
        Needs::Right(action) => format!(
            "With a public token and a member's session, which needs `{}` on `{}`; where the project lets members act.",
            action.verb(),
            action.resource().id()
        ),
        Needs::RightsOfFields => {
            "With a public token and a member's session, which needs the right to change each of the fields that are given; \
             where the project lets members act."
                .to_owned()
        }
        _ => "With a public token.".to_owned(),
    }
}
