//! What the values of members and parameters are bounded by, beside their types: whoever goes beyond is refused. Bounds are
//! told by name; a text of which nothing is said here is bounded by the body that it stands in.

use serde_json::{Value, json};
use vestibule_domain::connection::{
    AssertionAudience, AssertionSigner, Channel, ClientAuthentication, NameIdFormat, ProviderLabel,
};
use vestibule_domain::mfa::Enrollment;
use vestibule_domain::organization::{Access, MfaPolicy};
use vestibule_domain::spelled::Spelled;
use vestibule_domain::trace::TraceOutcome;

use super::auth0::bounds as auth0;

/// The most bytes of a JSON body (`http/input.rs`).
pub(super) const MOST_BODY_BYTES: u64 = 256 * 1024;
/// The most items of a list, and bytes of each text in it (`domain/bounds.rs`).
const MOST_ITEMS: u64 = 500;
const MOST_TEXT_BYTES: u64 = 1024;

/// The bounds of a text.
pub(super) fn text(path: &str, name: &str) -> Value {
    if auth0::owns(path) {
        return auth0::text(path, name);
    }
    match name {
        "organization_name" => json!({ "minLength": 1, "maxLength": 128 }),
        "organization_slug" => json!({ "pattern": "^[A-Za-z0-9._~-]{2,128}$" }),
        // The subject at a provider has the same name.
        "external_id" if path.contains("/registrations/") => json!({ "minLength": 1, "maxLength": 512 }),
        "organization_external_id" | "external_id" => json!({ "pattern": "^[A-Za-z0-9._|-]{1,128}$" }),
        "email_address" => json!({ "maxLength": 254 }),
        "name" => json!({ "maxLength": 256 }),
        "display_name" => json!({ "maxLength": 128 }),
        "mfa_phone_number" => json!({ "pattern": "^(\\+[1-9][0-9]{6,14})?$" }),
        "default_mfa_method" => json!({ "enum": ["", "sms_otp", "totp"] }),
        "client_id" | "client_secret" | "custom_scopes" | "idp_entity_id" => json!({ "maxLength": 1024 }),
        "identity_provider" if path.contains("/scim") => json!({
            "enum": ["", "generic", "okta", "microsoft-entra", "cyberark", "jumpcloud", "onelogin", "pingfederate", "rippling"],
        }),
        "identity_provider" => names::<ProviderLabel>(true),
        "nameid_format" => names::<NameIdFormat>(true),
        "token_endpoint_auth_method" => names::<ClientAuthentication>(true),
        "client_assertion_audience" => names::<AssertionAudience>(false),
        "client_assertion_signer" => names::<AssertionSigner>(false),
        "type" if path.contains("/oidc/") => names::<Channel>(false),
        "mfa_policy" => names::<MfaPolicy>(false),
        "set_mfa_enrollment" => names::<Enrollment>(true),
        "operator" => json!({ "enum": ["AND", "OR"] }),
        "outcome" if path.contains("sign_in_traces") => {
            let names = [&[""][..], &TraceOutcome::NAMES].concat();
            json!({ "enum": names })
        }
        access if is_access(access) => names::<Access>(false),
        url if url.ends_with("_url") || url == "issuer" => json!({ "maxLength": 2048 }),
        _ => json!({}),
    }
}

fn is_access(name: &str) -> bool {
    matches!(
        name,
        "sso_jit_provisioning"
            | "email_jit_provisioning"
            | "email_invites"
            | "auth_methods"
            | "mfa_methods"
            | "oauth_tenant_jit_provisioning"
            | "first_party_connected_apps_allowed_type"
            | "third_party_connected_apps_allowed_type"
    )
}

/// The bounds of a number.
pub(super) fn number(path: &str, name: &str) -> Value {
    match name {
        "token_lifetime" if auth0::owns(path) => json!({ "minimum": 900, "maximum": 3_155_760_000_i64 }),
        "limit" => json!({ "minimum": 1, "maximum": 1000 }),
        "session_duration_minutes" | "max_session_duration_minutes" => {
            json!({ "minimum": 5, "maximum": 527_040 })
        }
        _ => json!({}),
    }
}

/// The bounds of a list, and those of a text in it.
pub(super) fn list(path: &str, name: &str) -> (Value, Value) {
    if auth0::owns(path) {
        return (auth0::list(path, name), json!({}));
    }
    match name {
        "organization_ids" => (json!({ "minItems": 1, "maxItems": 1000 }), json!({})),
        "intents" => {
            (json!({ "minItems": 1, "maxItems": MOST_ITEMS }), json!({ "maxLength": MOST_TEXT_BYTES }))
        }
        "operands" => (json!({ "maxItems": 50 }), json!({})),
        "allowed_origins" => (json!({ "maxItems": 100 }), json!({ "maxLength": 253 })),
        _ => (json!({ "maxItems": MOST_ITEMS }), json!({ "maxLength": MOST_TEXT_BYTES })),
    }
}

/// What an object of the caller's own is bounded by, in words.
pub(super) fn map(path: &str, name: &str) -> Value {
    if auth0::owns(path) {
        return json!({});
    }
    match name {
        "trusted_metadata" | "untrusted_metadata" | "session_custom_claims" => {
            json!({ "description": "At most 4096 bytes of JSON." })
        }
        "attribute_mapping" => {
            json!({ "description": "At most 100 names, each with the name of a claim or attribute." })
        }
        _ => json!({ "maxProperties": MOST_ITEMS }),
    }
}

/// The names of an enum. Where a setting can be unset, the empty text does.
fn names<E: Spelled>(unsets: bool) -> Value {
    let names = E::VALUES.iter().map(|value| value.name());
    json!({ "enum": unsets.then_some("").into_iter().chain(names).collect::<Vec<_>>() })
}
