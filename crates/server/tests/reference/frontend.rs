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
    ("POST /sdk/v1/b2b/scim", "scim_connection_made"),
    ("GET /sdk/v1/b2b/scim", "scim_connection"),
    ("PUT /sdk/v1/b2b/scim/{connection_id}", "scim_connection"),
    ("DELETE /sdk/v1/b2b/scim/{connection_id}", "scim_connection_deleted"),
    ("POST /sdk/v1/b2b/scim/groups", "scim_groups"),
    ("POST /sdk/v1/b2b/scim/rotate/start", "scim_connection_rotating"),
    ("POST /sdk/v1/b2b/scim/rotate/complete", "scim_connection"),
    ("POST /sdk/v1/b2b/scim/rotate/cancel", "scim_connection"),
    ("POST /sdk/v1/b2b/sso/external", "external_connection"),
    ("PUT /sdk/v1/b2b/sso/external/{connection_id}", "external_connection"),
    ("GET /sdk/v1/b2b/admin_portal_config", "admin_portal_config"),
    ("GET /sdk/v1/b2b/organizations/me", "organization"),
    ("PUT /sdk/v1/b2b/organizations/me", "organization"),
    ("DELETE /sdk/v1/b2b/organizations/me", "organization_deleted"),
    ("POST /sdk/v1/b2b/organizations/search", "organization_found"),
    ("GET /sdk/v1/b2b/organizations/connected_apps", "connected_apps"),
    ("GET /sdk/v1/b2b/organizations/connected_apps/{connected_app_id}", "nothing"),
    ("POST /sdk/v1/b2b/organizations/members", "member"),
    ("POST /sdk/v1/b2b/organizations/me/members/search", "members"),
    ("PUT /sdk/v1/b2b/organizations/members/{member_id}", "member"),
    ("DELETE /sdk/v1/b2b/organizations/members/{member_id}", "member_deleted"),
    ("PUT /sdk/v1/b2b/organizations/members/{member_id}/reactivate", "member"),
    ("DELETE /sdk/v1/b2b/organizations/members/passwords/{member_password_id}", "nothing"),
    ("DELETE /sdk/v1/b2b/organizations/members/mfa_phone_numbers/{member_id}", "member"),
    ("DELETE /sdk/v1/b2b/organizations/members/totp/{member_id}", "member"),
    ("POST /sdk/v1/b2b/organizations/members/{member_id}/unlink_retired_email", "retired_email_unlinked"),
    ("POST /sdk/v1/b2b/organizations/members/{member_id}/start_email_update", "member"),
    ("GET /sdk/v1/b2b/organizations/members/{member_id}/connected_apps", "connected_apps"),
    ("GET /sdk/v1b2b/organizations/members/{member_id}/connected_apps", "connected_apps"),
    (
        "POST /sdk/v1/b2b/organizations/members/{member_id}/connected_apps/{connected_app_id}/revoke",
        "nothing",
    ),
    ("POST /sdk/v1/b2b/organizations/members/search", "member_looked_up"),
    ("GET /sdk/v1/b2b/organizations/members/me", "member"),
    ("PUT /sdk/v1/b2b/organizations/members/update", "member"),
    ("DELETE /sdk/v1/b2b/organizations/members/deletePhoneNumber", "member"),
    ("DELETE /sdk/v1/b2b/organizations/members/deleteTOTP", "member"),
    ("POST /sdk/v1/b2b/organizations/members/unlink_retired_email", "retired_email_unlinked"),
    ("POST /sdk/v1/b2b/organizations/members/start_email_update", "member"),
    ("GET /sdk/v1/b2b/organizations/members/connected_apps", "connected_apps"),
    ("POST /sdk/v1/b2b/organizations/members/connected_apps/{connected_app_id}/revoke", "nothing"),
    ("POST /sdk/v1/b2b/discovery/organizations", "discovered"),
    ("POST /sdk/v1/b2b/discovery/organizations/create", "sso_authenticated"),
    ("POST /sdk/v1/b2b/discovery/intermediate_sessions/exchange", "sso_authenticated"),
    ("POST /sdk/v1/b2b/magic_links/email/login_or_signup", "nothing"),
    ("POST /sdk/v1/b2b/magic_links/email/invite", "member"),
    ("POST /sdk/v1/b2b/magic_links/email/discovery/send", "nothing"),
    ("POST /sdk/v1/b2b/magic_links/authenticate", "magic_link_authenticated"),
    ("POST /sdk/v1/b2b/magic_links/discovery/authenticate", "found_by_mail"),
    ("POST /sdk/v1/b2b/otps/email/login_or_signup", "nothing"),
    ("POST /sdk/v1/b2b/otps/email/authenticate", "code_authenticated"),
    ("POST /sdk/v1/b2b/otps/email/discovery/send", "nothing"),
    ("POST /sdk/v1/b2b/otps/email/discovery/authenticate", "found_by_mail"),
    ("POST /sdk/v1/b2b/totp", "totp_created"),
    ("POST /sdk/v1/b2b/totp/authenticate", "second_factor_authenticated"),
    ("POST /sdk/v1/b2b/otps/sms/send", "member"),
    ("POST /sdk/v1/b2b/otps/sms/authenticate", "second_factor_authenticated"),
    ("POST /sdk/v1/b2b/recovery_codes/recover", "recovered"),
    ("GET /sdk/v1/b2b/recovery_codes", "recovery_codes"),
    ("POST /sdk/v1/b2b/recovery_codes/rotate", "recovery_codes"),
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
