//! Id tokens, in three ways that the first byte chooses:
//!
//! * 0: a validly signed token, mutated. Accepted means that the claims are the ones that were signed.
//! * 1: any claims, validly signed. Accepted means that every rule holds, checked here a second time.
//! * 2: any header and any claims, validly signed. The same, and the header asks for nothing.
//! * else: any text.
#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use vestibule_oidc::id_token::{IdTokenExpectations, TokenKeys, VerifiedIdToken, verify};
use vestibule_oidc::jose::{AlgorithmSet, JwkSet, b64};
use vestibule_oidc::{Issuer, IssuerRule, UnixSeconds, UrlPolicy};

const ISSUER: &str = "https://idp.example";
const CLIENT: &str = "client";
const NONCE: &str = "nonce-nonce-nonce";
const NOW: i64 = 1_700_000_000;
const HEADER: &[u8] = br#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#;
const CLAIMS: &[u8] = include_bytes!("../seeds/id_token/claims.json");

struct Provider {
    pair: Ed25519KeyPair,
    keys: JwkSet,
    issuer: IssuerRule,
    /// The one token that was signed.
    token: String,
    claims: Value,
}

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).expect("a seed of 32 octets");
    let x = b64::encode(pair.public_key().as_ref());
    let document = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x }] });
    let keys = JwkSet::parse(document.to_string().as_bytes()).expect("a good key");
    let issuer = IssuerRule::Exact(Issuer::parse(ISSUER, UrlPolicy::HttpsOnly).expect("a good issuer"));
    // The first byte of the seed says how it is used; the claims are the rest.
    let claims = &CLAIMS[1..];
    let token = sign(&pair, HEADER, claims);
    let claims = serde_json::from_slice(claims).expect("the claims are JSON");
    Provider { pair, keys, issuer, token, claims }
});

fuzz_target!(|data: &[u8]| {
    let provider = &*PROVIDER;
    assert!(judge(provider, &provider.token).is_some(), "the signed token is good");
    match data.split_first() {
        Some((0, changes)) => {
            let Ok(token) = String::from_utf8(mutated(provider.token.as_bytes(), changes)) else { return };
            if let Some(verified) = judge(provider, &token) {
                assert_eq!(Value::Object(verified.claims().clone()), provider.claims);
                assert_eq!(verified.subject(), provider.claims["sub"]);
            }
        }
        Some((1, claims)) => signed_claims(provider, HEADER, claims),
        Some((2, rest)) => {
            let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let (header, claims) = rest.split_at(at);
            signed_claims(provider, header, claims);
        }
        _ => {
            let Ok(text) = std::str::from_utf8(data) else { return };
            if judge(provider, text).is_some() {
                assert_eq!(text, provider.token);
            }
        }
    }
});

fn judge(provider: &Provider, token: &str) -> Option<VerifiedIdToken> {
    let expectations = IdTokenExpectations {
        keys: TokenKeys::Published { keys: &provider.keys, allowed: AlgorithmSet::all() },
        issuer: &provider.issuer,
        client_id: CLIENT,
        nonce: NONCE,
        now: UnixSeconds(NOW),
        skew_seconds: 60,
        max_age_seconds: None,
        access_token: Some("access token"),
        code: None,
    };
    verify(token, &expectations).ok()
}

fn sign(pair: &Ed25519KeyPair, header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", b64::encode(header), b64::encode(claims));
    format!("{signed}.{}", b64::encode(pair.sign(signed.as_bytes()).as_ref()))
}

/// Each four bytes are one change: what, where (two), with which byte.
fn mutated(token: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = token.to_vec();
    for change in changes.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % (bytes.len() + 1);
        match change[0] % 4 {
            0 if at < bytes.len() => bytes[at] = change[3],
            1 => bytes.insert(at, change[3]),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

fn signed_claims(provider: &Provider, header: &[u8], claims: &[u8]) {
    let Some(verified) = judge(provider, &sign(&provider.pair, header, claims)) else { return };
    let header: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
    assert!(header["alg"] == "EdDSA" || header["alg"] == "Ed25519");
    for extension in ["crit", "b64", "zip"] {
        assert!(header.get(extension).is_none());
    }
    let read: Value = serde_json::from_slice(claims).expect("accepted claims are JSON");
    assert_eq!(Value::Object(verified.claims().clone()), read);
    assert_eq!((&read["iss"], &read["nonce"]), (&json!(ISSUER), &json!(NONCE)));
    let others = match &read["aud"] {
        Value::String(one) => one != CLIENT,
        Value::Array(many) => {
            assert!(many.contains(&json!(CLIENT)));
            many.iter().any(|one| one != CLIENT)
        }
        other => panic!("an audience of {other}"),
    };
    assert!(!others || read["azp"] == CLIENT);
    assert!(read.get("azp").is_none_or(|azp| azp == CLIENT));
    let seconds = |name: &str| read[name].as_f64().expect("a required time is a number");
    assert!(seconds("exp") >= (NOW - 60) as f64);
    assert!(seconds("iat") < (NOW + 61) as f64 && seconds("iat") >= (NOW - 86_400) as f64);
    let subject = read["sub"].as_str().expect("a subject is text");
    assert!((1..=255).contains(&subject.len()));
    assert_eq!(subject, verified.subject());
}
