//! What a body or a query must have. The types know only members that may be left away, because who leaves one away is told by name; what
//! each call asks for is held against the server by `tests/it/endpoints/required.rs`.

use serde_json::Value;

/// The members that a call's body or query must have, by the way to them: `policy.roles[].role_id` is asked of each role that is given.
pub(super) fn members(call: &str) -> &'static [&'static str] {
    match call {
        "POST /v1/vestibule/organizations/{organization_id}/domains" => &["domain"],
        "POST /v1/vestibule/setup_links" => &["organization_id", "intents"],
        "POST /v1/b2b/organizations" => &["organization_name", DOMAIN, DOMAIN_ROLE],
        "PUT /v1/b2b/organizations/{organization_id}" => &[DOMAIN, DOMAIN_ROLE],
        "POST /v1/b2b/organizations/{organization_id}/members"
        | "POST /v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update"
        | "POST /v1/b2b/magic_links/email/discovery/send"
        | "POST /v1/b2b/otps/email/discovery/send"
        | "POST /sdk/v1/b2b/organizations/members"
        | "POST /sdk/v1/b2b/organizations/members/{member_id}/start_email_update"
        | "POST /sdk/v1/b2b/organizations/members/start_email_update"
        | "POST /sdk/v1/b2b/magic_links/email/invite"
        | "POST /sdk/v1/b2b/magic_links/email/discovery/send"
        | "POST /sdk/v1/b2b/otps/email/discovery/send" => &["email_address"],
        "POST /sdk/v1/b2b/organizations/search" => &["organization_slug"],
        "PUT /sdk/v1/b2b/organizations/me" | "POST /sdk/v1/b2b/discovery/organizations/create" => {
            &[DOMAIN, DOMAIN_ROLE]
        }
        "POST /sdk/v1/b2b/discovery/intermediate_sessions/exchange" => &["organization_id"],
        "POST /sdk/v1/b2b/magic_links/email/login_or_signup"
        | "POST /sdk/v1/b2b/otps/email/login_or_signup" => &["organization_id", "email_address"],
        "POST /sdk/v1/b2b/magic_links/authenticate" => &["magic_links_token"],
        "POST /sdk/v1/b2b/magic_links/discovery/authenticate" => &["discovery_magic_links_token"],
        "POST /sdk/v1/b2b/otps/email/authenticate" => &["organization_id", "email_address", "code"],
        "POST /sdk/v1/b2b/otps/email/discovery/authenticate" => &["email_address", "code"],
        "POST /sdk/v1/b2b/otps/sms/authenticate" | "POST /sdk/v1/b2b/totp/authenticate" => &["code"],
        "POST /sdk/v1/b2b/recovery_codes/recover" => &["recovery_code"],
        "GET /v1/b2b/sessions" => &["organization_id", "member_id"],
        "POST /v1/b2b/sso/authenticate" | "POST /sdk/v1/b2b/sso/authenticate" => &["sso_token"],
        "POST /sdk/v1/b2b/oauth/authenticate" => &["oauth_token"],
        "PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url"
        | "PUT /sdk/v1/b2b/sso/saml/{connection_id}/url" => &["metadata_url"],
        "POST /v1/b2b/sso/external/{organization_id}" => {
            &["external_organization_id", "external_connection_id"]
        }
        "POST /v1/b2b/sessions/authenticate" => &[
            "authorization_check.organization_id",
            "authorization_check.resource_id",
            "authorization_check.action",
        ],
        "POST /v1/b2b/sessions/exchange" | "POST /sdk/v1/b2b/sessions/exchange" => &["organization_id"],
        "POST /v1/b2b/sessions/migrate" => &["session_token", "organization_id"],
        "POST /v1/b2b/sessions/attest" => &["profile_id", "token"],
        "POST /v1/b2b/sessions/exchange_access_token" => &["access_token"],
        "POST /v1/b2b/discovery/organizations/create" => &["intermediate_session_token", DOMAIN, DOMAIN_ROLE],
        "POST /v1/b2b/discovery/intermediate_sessions/exchange" => {
            &["intermediate_session_token", "organization_id"]
        }
        "POST /v1/b2b/magic_links/email/login_or_signup"
        | "POST /v1/b2b/magic_links/email/invite"
        | "POST /v1/b2b/otps/email/login_or_signup" => &["organization_id", "email_address"],
        "POST /v1/b2b/magic_links/authenticate" => &["magic_links_token"],
        "POST /v1/b2b/magic_links/discovery/authenticate" => &["discovery_magic_links_token"],
        "POST /v1/b2b/otps/email/authenticate" => &["organization_id", "email_address", "code"],
        "POST /v1/b2b/otps/email/discovery/authenticate" => &["email_address", "code"],
        "POST /v1/b2b/otps/sms/send" | "POST /v1/b2b/totp" | "POST /v1/b2b/recovery_codes/rotate" => {
            &["organization_id", "member_id"]
        }
        "POST /v1/b2b/otps/sms/authenticate" | "POST /v1/b2b/totp/authenticate" => {
            &["organization_id", "member_id", "code"]
        }
        "POST /v1/b2b/totp/migrate" => &["organization_id", "member_id", "secret"],
        "POST /v1/b2b/recovery_codes/recover" => &["organization_id", "member_id", "recovery_code"],
        "PUT /v1/b2b/rbac/organizations/{organization_id}" => &[
            "org_policy",
            "org_policy.roles",
            "org_policy.roles[].role_id",
            "org_policy.roles[].permissions[].resource_id",
        ],
        "PUT /v1/vestibule/rbac/policy" | "POST /v1/vestibule/rbac/policy/diff" => &[
            "policy",
            "policy.roles[].role_id",
            "policy.roles[].permissions[].resource_id",
            "policy.resources[].resource_id",
            "policy.scopes[].scope",
            "policy.scopes[].permissions[].resource_id",
        ],
        "PUT /v1/b2b/scim/{organization_id}/connection/{connection_id}"
        | "PUT /sdk/v1/b2b/scim/{connection_id}" => &[
            "scim_group_implicit_role_assignments[].role_id",
            "scim_group_implicit_role_assignments[].group_id",
        ],
        "POST /sdk/v1/b2b/scim/rotate/start"
        | "POST /sdk/v1/b2b/scim/rotate/complete"
        | "POST /sdk/v1/b2b/scim/rotate/cancel" => &["connection_id"],
        "POST /api/v2/connections" => &["name", "strategy"],
        "PATCH /api/v2/connections/{id}/clients" => &["[].client_id", "[].status"],
        "POST /api/v2/clients" | "POST /api/v2/organizations" => &["name"],
        "POST /api/v2/client-grants" => &["client_id", "audience"],
        "PATCH /api/v2/connections/{id}/scim-configuration" => &["user_id_attribute", "mapping"],
        "POST /api/v2/organizations/{id}/enabled_connections"
        | "POST /api/v2/organizations/{id}/connections" => &["connection_id"],
        "POST /api/v2/organizations/{id}/members" | "DELETE /api/v2/organizations/{id}/members" => {
            &["members"]
        }
        "POST /api/v2/organizations/{id}/members/{user_id}/roles"
        | "DELETE /api/v2/organizations/{id}/members/{user_id}/roles" => &["roles"],
        "GET /api/v2/users-by-email" => &["email"],
        "GET /authorize" => &["client_id", "redirect_uri"],
        "POST /oauth/token" => &["grant_type"],
        "POST /v1/vestibule/project/secrets" => &["name"],
        "PUT /v1/vestibule/project/session_migration" => &["userinfo_url"],
        _ => &[],
    }
}

const DOMAIN: &str = "rbac_email_implicit_role_assignments[].domain";
const DOMAIN_ROLE: &str = "rbac_email_implicit_role_assignments[].role_id";

/// Says so in the schema of a body, in which members may be null that may be left away.
pub(super) fn demand(schema: &mut Value, way: &str) {
    let (first, rest) = way.split_once('.').map_or((way, None), |(first, rest)| (first, Some(rest)));
    let (name, is_list) = first.strip_suffix("[]").map_or((first, false), |name| (name, true));
    if let (Some(rest), "") = (rest, name) {
        // The body itself is the list.
        return demand(&mut schema["items"], rest);
    }
    if let Some(rest) = rest {
        let member = &mut schema["properties"][name];
        return demand(if is_list { &mut member["items"] } else { member }, rest);
    }
    let member = &mut schema["properties"][name];
    assert!(member.is_object(), "{way} is no member of the body");
    match member.get_mut("type") {
        Some(Value::Array(kinds)) if kinds.len() == 2 => member["type"] = kinds[0].take(),
        Some(Value::Array(kinds)) => kinds.retain(|kind| kind != "null"),
        _ => {}
    }
    match schema.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.push(name.into()),
        None => schema["required"] = Value::from(vec![name]),
    }
}
