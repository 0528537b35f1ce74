//! Our own tokens: made once, verified by the public half, with nothing of the private half to be seen.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use common::base64url;
use serde_json::{Value, json};
use vestibule_oidc::jose::{
    AlgorithmSet, JwkSet, JwsError, SignError, SigningAlgorithm, SigningKey, SigningKeyError, jws,
};

fn rsa_pkcs8(size: rsa::KeySize) -> Vec<u8> {
    rsa::KeyPair::generate(size).unwrap().as_der().unwrap().as_ref().to_vec()
}

fn ec_pkcs8(algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm) -> Vec<u8> {
    EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap().as_ref().to_vec()
}

fn keys() -> [SigningKey; 2] {
    [
        SigningKey::from_pkcs8(&rsa_pkcs8(rsa::KeySize::Rsa2048), SigningAlgorithm::Rs256, "rsa-1").unwrap(),
        SigningKey::from_pkcs8(&ec_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING), SigningAlgorithm::Es256, "ec-1")
            .unwrap(),
    ]
}

#[test]
fn what_is_signed_verifies_with_the_public_half_only() {
    let [first, second] = keys();
    for (key, other, name) in [(&first, &second, "RS256"), (&second, &first, "ES256")] {
        let token = key.sign(&json!({ "sub": "ada", "n": 1 })).unwrap();
        let header = token.split('.').next().unwrap();
        let expected = format!(r#"{{"alg":"{name}","kid":"{}","typ":"JWT"}}"#, key.kid());
        assert_eq!(header, base64url(expected.as_bytes()));
        let set: JwkSet = key.verification_key().into_iter().collect();
        let allowed = AlgorithmSet::only(key.algorithm().verified_as());
        let verified = jws::verify(&token, &set, allowed).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(verified.payload()).unwrap(),
            json!({ "sub": "ada", "n": 1 })
        );
        let foreign: JwkSet = other.verification_key().into_iter().collect();
        assert!(matches!(
            jws::verify(&token, &foreign, AlgorithmSet::all()),
            Err(JwsError::UnknownKey { .. })
        ));
    }
}

#[test]
fn the_published_key_is_one_that_we_read_ourselves() {
    let [first, second] = keys();
    let document = json!({ "keys": [first.public_jwk(), second.public_jwk()] });
    let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(set.skipped(), []);
    for key in [&first, &second] {
        assert!(jws::verify(&key.sign(&json!({})).unwrap(), &set, AlgorithmSet::all()).is_ok());
    }
    let rsa = &document["keys"][0];
    assert_eq!(rsa["kty"], "RSA");
    assert_eq!(
        (&rsa["use"], &rsa["alg"], &rsa["kid"], &rsa["e"]),
        (&json!("sig"), &json!("RS256"), &json!("rsa-1"), &json!("AQAB"))
    );
    assert_eq!(rsa["key_ops"], json!(["verify"]));
    assert_eq!(rsa["n"].as_str().unwrap().len(), 342);
    let names: Vec<&String> = rsa.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
    let ec = &document["keys"][1];
    assert_eq!((&ec["kty"], &ec["crv"]), (&json!("EC"), &json!("P-256")));
    assert!(ec.get("d").is_none() && ec.get("n").is_none());
}

#[test]
fn rs256_signatures_repeat_and_es256_signatures_do_not() {
    let [rsa, ec] = keys();
    let claims = json!({ "sub": "ada" });
    assert_eq!(rsa.sign(&claims).unwrap(), rsa.sign(&claims).unwrap());
    assert_ne!(ec.sign(&claims).unwrap(), ec.sign(&claims).unwrap());
}

#[test]
fn another_type_is_written_and_then_not_taken_for_a_jwt() {
    let [key, _] = keys();
    let token = key.sign_typed("at+jwt", &json!({})).unwrap();
    let set: JwkSet = key.verification_key().into_iter().collect();
    assert!(matches!(jws::verify(&token, &set, AlgorithmSet::all()), Err(JwsError::Type { .. })));
}

#[test]
fn claims_are_an_object() {
    let [key, _] = keys();
    for claims in [json!([]), json!("x"), json!(7), json!(null)] {
        assert_eq!(key.sign(&claims), Err(SignError::Claims));
    }
}

#[test]
fn useless_keys_are_refused() {
    let refused = |der: &[u8], algorithm, kid: &str| SigningKey::from_pkcs8(der, algorithm, kid).unwrap_err();
    let p256 = ec_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING);
    assert_eq!(refused(&p256, SigningAlgorithm::Rs256, "k"), SigningKeyError::Unparsable);
    let p384 = ec_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING);
    assert_eq!(refused(&p384, SigningAlgorithm::Es256, "k"), SigningKeyError::Unparsable);
    assert_eq!(refused(b"", SigningAlgorithm::Rs256, "k"), SigningKeyError::Unparsable);
    let cut = p256.get(..p256.len() - 1).unwrap();
    assert_eq!(refused(cut, SigningAlgorithm::Es256, "k"), SigningKeyError::Unparsable);
    for kid in ["", &"k".repeat(257)] {
        assert_eq!(refused(&p256, SigningAlgorithm::Es256, kid), SigningKeyError::Kid);
    }
    assert!(SigningKey::from_pkcs8(&rsa_pkcs8(rsa::KeySize::Rsa3072), SigningAlgorithm::Rs256, "k").is_ok());
}

#[test]
fn a_key_does_not_print_its_private_half() {
    let der = ec_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = SigningKey::from_pkcs8(&der, SigningAlgorithm::Es256, "k").unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    let private: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
    let shown = format!("{key:?}");
    let hex: String = private.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(!shown.contains(&base64url(private.as_ref())) && !shown.contains(&hex));
}
