//! Any bytes as a discovery document: what is accepted is about the configured issuer and leads to https only.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use vestibule_oidc::discovery;
use vestibule_oidc::{Issuer, UrlPolicy};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fuzz_target!(|data: &[u8]| {
    judge(data, "https://idp.example/tenant");
    judge(data, "https://login.example/11111111-2222-3333-4444-555555555555/v2.0");
});

fn judge(data: &[u8], configured: &str) {
    let issuer = Issuer::parse(configured, UrlPolicy::HttpsOnly).expect("a good issuer");
    let Ok(metadata) = discovery::parse(200, data, &issuer, UrlPolicy::HttpsOnly) else { return };
    // Some servers write a byte order mark in front, which is read over.
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let document: Value = serde_json::from_slice(text).expect("it was read as JSON before");
    assert_eq!(metadata.issuer.issuer().as_str(), configured);
    match metadata.issuer.tenant() {
        None => assert_eq!(document["issuer"], configured),
        Some(tenant) => {
            assert_eq!(tenant.as_str(), TENANT);
            let template = document["issuer"].as_str().expect("a template is text");
            assert_eq!(template.replacen("{tenantid}", TENANT, 1), configured);
        }
    }
    let optional = [metadata.token_endpoint, metadata.userinfo_endpoint].into_iter().flatten();
    for url in [metadata.authorization_endpoint, metadata.jwks_uri].into_iter().chain(optional) {
        assert_eq!(url.scheme(), "https");
        assert!(url.host_str().is_some_and(|host| !host.is_empty()));
        assert!(url.username().is_empty() && url.password().is_none());
    }
}
