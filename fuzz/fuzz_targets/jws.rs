//! Any text against a fixed key set: only the seeds' tokens verify, nothing panics.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vestibule_oidc::jose::{AlgorithmSet, HmacAlgorithm, HmacKey, JwkSet, b64, jws};

/// The public keys of RFC 7520 section 3.1 and 3.3, RFC 7515 A.3 and RFC 8037 A.2.
const KEYS: &[u8] = include_bytes!("../seeds/jwk_set/examples.json");
/// The examples that those keys signed.
const TOKENS: [&str; 5] = [
    include_str!("../seeds/jws/rs256"),
    include_str!("../seeds/jws/ps384"),
    include_str!("../seeds/jws/es512"),
    include_str!("../seeds/jws/es256"),
    include_str!("../seeds/jws/eddsa"),
];
/// RFC 7520 section 4.4.
const HMAC_TOKEN: &str = include_str!("../seeds/jws/hs256");
const HMAC_SECRET: &str = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg";

static SET: LazyLock<JwkSet> = LazyLock::new(|| {
    let set = JwkSet::parse(KEYS).expect("the example keys parse");
    for token in TOKENS {
        jws::verify(token, &set, AlgorithmSet::all()).expect("the examples verify");
    }
    set
});

static SECRET: LazyLock<HmacKey> = LazyLock::new(|| {
    let secret = b64::decode(HMAC_SECRET).expect("the example secret decodes");
    let key = HmacKey::from_client_secret(&secret, HmacAlgorithm::Hs256).expect("it is long enough");
    jws::verify_hmac(HMAC_TOKEN, &key).expect("the example verifies");
    key
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if jws::verify(text, &SET, AlgorithmSet::all()).is_ok() {
        assert!(TOKENS.contains(&text), "a token that nobody signed verifies");
    }
    if jws::verify_hmac(text, &SECRET).is_ok() {
        assert_eq!(text, HMAC_TOKEN, "a token that nobody signed verifies");
    }
});
