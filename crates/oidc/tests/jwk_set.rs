//! Key sets: good keys are used, bad ones are left out with a reason and spoil nothing.

#![expect(clippy::indexing_slicing, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::{Forger, base64url, claims, key_set, with};
use serde_json::{Value, json};
use vestibule_oidc::jose::{AlgorithmSet, JwkSet, JwkSetError, KeyRefusal, jws};
use vestibule_oidc::{Excerpt, JsonError};

/// The reason why a key is left out, checked to leave a good neighbour in.
fn reason(key: Value) -> KeyRefusal {
    let good = with(Forger::new("ES256").jwk(), "kid", json!("good"));
    let set = key_set(&[key, good]);
    assert_eq!(set.keys().len(), 1);
    assert_eq!(set.keys()[0].kid(), Some("good"));
    set.skipped()[0].reason.clone()
}

fn rsa() -> Value {
    Forger::new("RS256").jwk()
}

fn member(name: &str, value: Value) -> KeyRefusal {
    reason(with(rsa(), name, value))
}

#[test]
fn each_kind_of_key_serves_its_algorithms() {
    let served = |name: &'static str| Forger::new(name).keys().keys()[0].algorithms().to_string();
    assert_eq!(served("RS256"), "RS256 RS384 RS512 PS256 PS384 PS512");
    assert_eq!(served("ES256"), "ES256");
    assert_eq!(served("ES384"), "ES384");
    assert_eq!(served("ES512"), "ES512");
    assert_eq!(served("EdDSA"), "EdDSA");
    let restricted = key_set(&[with(rsa(), "alg", json!("PS384"))]);
    assert_eq!(restricted.keys()[0].algorithms().to_string(), "PS384");
}

#[test]
fn purposes_other_than_verifying_are_left_out() {
    assert_eq!(member("use", json!("enc")), KeyRefusal::Use(Excerpt::of("enc")));
    assert_eq!(member("key_ops", json!(["encrypt"])), KeyRefusal::Operations);
    assert_eq!(member("key_ops", json!("verify")), KeyRefusal::Operations);
    for key in [with(rsa(), "use", Value::Null), with(rsa(), "key_ops", json!(["sign", "verify"]))] {
        assert_eq!(key_set(&[key]).keys().len(), 1);
    }
}

#[test]
fn algorithms_that_do_not_fit_are_left_out() {
    for alg in ["ES256", "RSA-OAEP", "HS256", "none", "rs256", ""] {
        assert_eq!(member("alg", json!(alg)), KeyRefusal::Algorithm(Excerpt::of(alg)));
    }
    assert_eq!(member("alg", json!(7)), KeyRefusal::Member("alg"));
    let p256_for_es384 = with(Forger::new("ES256").jwk(), "alg", json!("ES384"));
    assert_eq!(reason(p256_for_es384), KeyRefusal::Algorithm(Excerpt::of("ES384")));
}

#[test]
fn symmetric_and_unknown_kinds_are_left_out() {
    for (kty, secret) in [("oct", "k"), ("RSA1", "n"), ("rsa", "n"), ("AKP", "pub")] {
        let key = json!({ "kty": kty, secret: base64url(&[1; 64]), "kid": "x" });
        assert_eq!(reason(key), KeyRefusal::KeyType(Excerpt::of(kty)));
    }
    assert_eq!(member("kty", Value::Null), KeyRefusal::Member("kty"));
    assert_eq!(reason(json!("text")), KeyRefusal::NotAnObject);
    assert_eq!(reason(json!(null)), KeyRefusal::NotAnObject);
}

#[test]
fn weak_and_malformed_rsa_keys_are_left_out() {
    let modulus = |octets: Vec<u8>| member("n", json!(base64url(&octets)));
    let of_bits = |bits: usize| {
        let mut octets = vec![0xff; bits.div_ceil(8)];
        octets[0] >>= (8 - bits % 8) % 8;
        octets
    };
    for bits in [0, 8, 512, 1024, 2047, 8193, 16384] {
        let octets = if bits == 0 { vec![] } else { of_bits(bits) };
        assert_eq!(modulus(octets), KeyRefusal::ModulusBits { bits });
    }
    // Zeros before the number do not make it larger.
    assert_eq!(modulus([vec![0; 128], of_bits(1024)].concat()), KeyRefusal::ModulusBits { bits: 1024 });
    let mut even = of_bits(2048);
    even[255] = 0xfe;
    assert_eq!(modulus(even), KeyRefusal::ModulusEven);
    for exponent in [&[][..], &[0], &[1], &[2], &[0, 1], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
        assert_eq!(member("e", json!(base64url(exponent))), KeyRefusal::Exponent, "{exponent:?}");
    }
    assert_eq!(member("n", json!("not base64!")), KeyRefusal::Member("n"));
    assert_eq!(member("n", json!(rsa()["n"].as_str().unwrap().to_owned() + "é")), KeyRefusal::Member("n"));
    assert_eq!(member("e", Value::Null), KeyRefusal::Member("e"));
    assert_eq!(member("e", json!(65537)), KeyRefusal::Member("e"));
}

#[test]
fn leading_zeros_in_an_rsa_key_are_tolerated() {
    let forger = Forger::new("RS256");
    let n = forger.jwk()["n"].as_str().unwrap().to_owned();
    let octets = vestibule_oidc::jose::b64::decode(&n).unwrap();
    let padded = with(forger.jwk(), "n", json!(base64url(&[vec![0], octets].concat())));
    let verified = jws::verify(&forger.token(&claims()), &key_set(&[padded]), AlgorithmSet::all());
    assert!(verified.is_ok());
}

#[test]
fn the_exponent_three_is_taken_and_one_is_not() {
    assert_eq!(key_set(&[with(rsa(), "e", json!("Aw"))]).keys().len(), 1);
    assert_eq!(member("e", json!("AQ")), KeyRefusal::Exponent);
}

#[test]
fn points_that_are_not_on_the_curve_are_left_out() {
    let key = Forger::new("ES256").jwk();
    let other = Forger::new("ES384").jwk();
    assert_eq!(reason(with(key.clone(), "x", key["y"].clone())), KeyRefusal::Point);
    assert_eq!(reason(with(key.clone(), "x", other["x"].clone())), KeyRefusal::Point);
    assert_eq!(reason(with(key.clone(), "x", json!(base64url(&[0; 32])))), KeyRefusal::Point);
    assert_eq!(reason(with(key.clone(), "crv", json!("P-384"))), KeyRefusal::Point);
    for curve in ["secp256k1", "p-256", "Ed25519", ""] {
        assert_eq!(reason(with(key.clone(), "crv", json!(curve))), KeyRefusal::Curve(Excerpt::of(curve)));
    }
    assert_eq!(reason(with(key.clone(), "crv", Value::Null)), KeyRefusal::Member("crv"));
    assert_eq!(reason(with(key, "y", Value::Null)), KeyRefusal::Member("y"));
    let ed = Forger::new("EdDSA").jwk();
    assert_eq!(reason(with(ed.clone(), "x", json!(base64url(&[1; 31])))), KeyRefusal::Point);
    assert_eq!(reason(with(ed.clone(), "crv", json!("Ed448"))), KeyRefusal::Curve(Excerpt::of("Ed448")));
    assert_eq!(reason(with(ed, "crv", json!("X25519"))), KeyRefusal::Curve(Excerpt::of("X25519")));
}

#[test]
fn a_published_private_key_is_left_out() {
    assert_eq!(member("d", json!("AQAB")), KeyRefusal::PrivateHalf);
}

#[test]
fn names_are_text_and_may_repeat() {
    assert_eq!(member("kid", json!(7)), KeyRefusal::Member("kid"));
    let set = key_set(&[rsa(), rsa(), with(rsa(), "kid", Value::Null)]);
    assert_eq!(set.keys().len(), 3);
    assert!(set.knows("key-1") && !set.knows("key-2"));
}

#[test]
fn skipped_keys_say_where_they_stood() {
    let set = key_set(&[rsa(), json!({ "kty": "oct", "k": "AQ", "kid": "secret" })]);
    assert_eq!((set.skipped()[0].index, set.skipped()[0].kid.clone()), (1, Some(Excerpt::of("secret"))));
}

#[test]
fn documents_that_are_no_key_sets_are_refused() {
    let refused = |text: &str| JwkSet::parse(text.as_bytes()).unwrap_err();
    for text in ["{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"KEYS":[]}"#] {
        assert_eq!(refused(text), JwkSetError::NoKeys, "{text}");
    }
    assert_eq!(refused("[]"), JwkSetError::Json(JsonError::NotAnObject));
    assert!(matches!(refused("<html>"), JwkSetError::Json(JsonError::Malformed { .. })));
    let twice = r#"{"keys":[],"keys":[]}"#;
    assert_eq!(refused(twice), JwkSetError::Json(JsonError::DuplicateMember(Excerpt::of("keys"))));
    assert!(JwkSet::parse(br#"{"keys":[]}"#).unwrap().keys().is_empty());
}

#[test]
fn size_and_number_are_bounded() {
    let hundred = json!({ "keys": vec![Forger::new("EdDSA").jwk(); 100] }).to_string();
    assert_eq!(JwkSet::parse(hundred.as_bytes()).unwrap().keys().len(), 100);
    let more = json!({ "keys": vec![json!({}); 101] }).to_string();
    assert_eq!(JwkSet::parse(more.as_bytes()).unwrap_err(), JwkSetError::TooManyKeys { found: 101 });
    let large = format!(r#"{{"keys":[]{}}}"#, " ".repeat(256 * 1024));
    assert_eq!(
        JwkSet::parse(large.as_bytes()).unwrap_err(),
        JwkSetError::Json(JsonError::TooLarge { limit: 262_144 })
    );
}

#[test]
fn numbers_of_keys_are_read_as_servers_write_them() {
    let octets = |value: &Value| vestibule_oidc::jose::b64::decode(value.as_str().unwrap()).unwrap();
    let forger = Forger::new("RS256");
    let n =
        base64url(&[vec![0], octets(&forger.jwk()["n"])].concat()).replace('-', "+").replace('_', "/") + "==";
    let keys = key_set(&[with(forger.jwk(), "n", json!(n))]);
    assert!(jws::verify(&forger.token(&claims()), &keys, AlgorithmSet::all()).is_ok());
    let forger = Forger::new("ES256");
    let x = base64url(&[vec![0], octets(&forger.jwk()["x"])].concat());
    let keys = key_set(&[with(forger.jwk(), "x", json!(x))]);
    assert!(jws::verify(&forger.token(&claims()), &keys, AlgorithmSet::all()).is_ok());
    let longer = base64url(&[vec![0, 0], octets(&forger.jwk()["x"])].concat());
    let other = base64url(&[vec![1], octets(&forger.jwk()["x"])].concat());
    for wrong in [longer, other, String::new()] {
        assert!(key_set(&[with(forger.jwk(), "x", json!(wrong))]).keys().is_empty(), "{wrong}");
    }
}

#[test]
fn ed25519_points_of_small_order_are_left_out() {
    let ed = Forger::new("EdDSA").jwk();
    let hex = |text: &str| -> Vec<u8> {
        (0..32).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
    };
    let points = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for point in points {
        for sign in [0x00, 0x80] {
            let mut octets = hex(point);
            octets[31] |= sign;
            let refused = reason(with(ed.clone(), "x", json!(base64url(&octets))));
            assert_eq!(refused, KeyRefusal::SmallOrder, "{point} {sign}");
        }
    }
    assert_eq!(key_set(&[ed]).keys().len(), 1);
}
