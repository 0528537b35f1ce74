use serde_json::json;

use super::*;

fn read(options: Value, strategy: Strategy) -> Result<OidcIn, Refusal> {
    OidcIn::read(serde_json::from_value(options).unwrap(), strategy)
}

fn patch(options: Value) -> OidcPatch {
    read(options, Strategy::Oidc).unwrap().patch(None, true).unwrap()
}

#[test]
fn what_is_left_away_is_as_in_a_new_connection() {
    let patch = patch(json!({ "client_id": "c" }));
    assert_eq!(patch.channel, Patch::Set(Channel::FrontChannel));
    assert_eq!(patch.pkce, Patch::Set(PkceMode::Auto));
    assert_eq!(patch.custom_scopes, Patch::Set("profile email".to_owned()));
    assert_eq!(patch.client_authentication, Patch::Set(ClientAuthentication::ClientSecretPost));
    assert_eq!(patch.client_assertion_audience, Patch::Set(AssertionAudience::TokenEndpoint));
    assert_eq!((patch.issuer, patch.jwks_url), (Patch::Clear, Patch::Clear));
    assert!(patch.client_secret.is_keep(), "a secret is not lost by not being repeated");
    assert_eq!(patch.attribute_map.value().unwrap().mode, MappingMode::BindAll);
    let later = read(json!({ "client_id": "c" }), Strategy::Oidc).unwrap().patch(None, false).unwrap();
    assert!(later.pkce.is_keep(), "no change takes PKCE away by saying nothing");
}

#[test]
fn both_names_of_the_scopes_are_read() {
    let scopes = |options: Value| patch(options).custom_scopes.value().cloned().unwrap();
    assert_eq!(scopes(json!({ "client_id": "c", "scopes": "openid profile" })), "profile");
    assert_eq!(
        scopes(json!({ "client_id": "c", "scope": "profile,openid, email", "scopes": "openid x" })),
        "profile email"
    );
    assert_eq!(scopes(json!({ "client_id": "c", "scope": "openid" })), "");
    for wrong in [json!("profile"), json!(""), json!(7), json!("openid ".repeat(40))] {
        assert!(read(json!({ "client_id": "c", "scope": wrong }), Strategy::Oidc).is_err(), "{wrong}");
    }
    let kept = patch(json!({ "client_id": "c", "scopes": "openid x" })).common.kept;
    assert_eq!(kept.value().unwrap().to_map()["scopes"], "openid x");
}

#[test]
fn products_are_presets_of_the_protocol() {
    let place = |options: Value, strategy| read(options, strategy).unwrap().place;
    assert_eq!(
        place(json!({ "client_id": "c", "domain": "acme.okta.com" }), Strategy::Okta).as_deref(),
        Some("https://acme.okta.com")
    );
    assert_eq!(
        place(json!({ "client_id": "c", "tenant_domain": "acme.test" }), Strategy::Entra).as_deref(),
        Some("https://login.microsoftonline.com/acme.test/v2.0")
    );
    assert_eq!(place(json!({ "client_id": "c", "domain": "a/../b" }), Strategy::Okta), None);
    let okta = read(json!({ "client_id": "c", "domain": "acme.okta.com" }), Strategy::Okta).unwrap();
    assert_eq!(okta.channel, Channel::BackChannel);
    assert_eq!(okta.attribute_map.mode, MappingMode::BasicProfile);
    let google =
        read(json!({ "client_id": "c", "scope": ["email", "profile"] }), Strategy::GoogleWorkspace).unwrap();
    assert_eq!(google.scopes, "openid email profile");
}

#[test]
fn what_cannot_be_is_named() {
    for (options, named) in [
        (json!({}), "options.client_id is required"),
        (json!({ "client_id": "" }), "options.client_id is required"),
        (json!({ "client_id": 7 }), "options.client_id"),
        (json!({ "client_id": "c", "type": "sideways" }), "options.type"),
        (json!({ "client_id": "c", "client_secret": "x".repeat(701) }), "options.client_secret"),
        (
            json!({ "client_id": "c", "connection_settings": { "pkce": "S512" } }),
            "options.connection_settings.pkce",
        ),
        (
            json!({ "client_id": "c", "token_endpoint_auth_method": "tls" }),
            "options.token_endpoint_auth_method",
        ),
        (
            json!({ "client_id": "c", "token_endpoint_auth_signing_alg": "ES256" }),
            "token_endpoint_auth_signing_alg",
        ),
        (json!({ "client_id": "c", "dpop_signing_alg": "ES256" }), "dpop_signing_alg"),
        (
            json!({ "client_id": "c", "attribute_map": { "mapping_mode": "all" } }),
            "options.attribute_map.mapping_mode",
        ),
        (
            json!({ "client_id": "c", "attribute_map": { "attributes": { "x": [] } } }),
            "options.attribute_map.attributes.x",
        ),
        (
            json!({ "client_id": "c", "upstream_params": { "p": { "alias": "secret" } } }),
            "options.upstream_params.p",
        ),
        (json!({ "client_id": "c", "domain_aliases": "acme.test" }), "options.domain_aliases"),
        (
            json!({ "client_id": "c", "set_user_root_attributes": "sometimes" }),
            "options.set_user_root_attributes",
        ),
    ] {
        let refusal = read(options.clone(), Strategy::Oidc).unwrap_err();
        assert!(refusal.detail().unwrap().contains(named), "{options}: {refusal}");
        assert!(!refusal.detail().unwrap().contains("xxxx"), "no secret is repeated");
    }
}
