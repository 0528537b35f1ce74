//! Certificates and keys as people paste them, and the set of keys of a provider.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part is a failed test")]

use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
};
use vestibule_saml::algorithm::SignatureAlgorithm;
use vestibule_saml::key::{
    Certificate, CertificateError, Curve, DecryptionKeys, Found, KeyKind, KeyRefusal, PrivateKeyError,
    RsaPrivateKey, SelfSignError, SigningKey, VerificationKeys, certificates_from_pem,
};
use vestibule_saml::{Refusal as _, UnixMillis};

const FROM: UnixMillis = UnixMillis(1_700_000_000_000);
const UNTIL: UnixMillis = UnixMillis(2_015_360_000_000);

fn certificate_of(key: &KeyPair) -> String {
    CertificateParams::new(vec!["idp.example".to_owned()]).unwrap().self_signed(key).unwrap().pem()
}

fn rsa() -> (RsaPrivateKey, Certificate) {
    let key = RsaPrivateKey::generate().unwrap();
    let signing = SigningKey::new(&key).unwrap();
    let certificate = signing.self_signed_certificate("idp.example", FROM, UNTIL, [7; 16]).unwrap();
    (key, certificate)
}

fn ec(algorithm: &'static rcgen::SignatureAlgorithm) -> String {
    certificate_of(&KeyPair::generate_for(algorithm).unwrap())
}

fn refused(text: &str) -> CertificateError {
    certificates_from_pem(text).unwrap_err()
}

#[test]
fn a_certificate_tells_whose_it_is_and_until_when() {
    let (_, certificate) = rsa();
    assert_eq!(certificate.subject(), "CN=idp.example");
    assert_eq!(certificate.issuer(), "CN=idp.example");
    assert_eq!((certificate.not_before(), certificate.not_after()), (FROM, UNTIL));
    assert_eq!(certificate.key_kind(), KeyKind::Rsa { bits: 2048 });
    assert_eq!(certificate.key_kind().to_string(), "RSA of 2048 bits");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.der());
    assert_eq!(certificate.fingerprint_sha256().as_slice(), digest.as_ref());
    assert_eq!(Certificate::from_pem(&certificate.pem()).unwrap(), certificate);
    assert_eq!(Certificate::from_pem(&certificate.base64()).unwrap(), certificate);
}

#[test]
fn several_certificates_may_be_pasted_at_once() {
    let (_, rsa) = rsa();
    let p384 = ec(&PKCS_ECDSA_P384_SHA384);
    let pasted = format!("# old\n{}subject=CN = new\n{}\n", rsa.pem(), p384.replace('\n', "\r\n"));
    let certificates = certificates_from_pem(&pasted).unwrap();
    assert_eq!(certificates.len(), 2);
    assert_eq!(certificates[1].key_kind(), KeyKind::Ec(Curve::P384));
    assert_eq!(Certificate::from_pem(&pasted), Err(CertificateError::Found(Found::SeveralCertificates)));
    let one_line = rsa.pem().replace('\n', " ");
    assert_eq!(certificates_from_pem(&one_line).unwrap(), std::slice::from_ref(&rsa));
    let metadata = rsa
        .base64()
        .as_bytes()
        .chunks(76)
        .map(|line| format!("\t {}\n", line.escape_ascii()))
        .collect::<String>();
    assert_eq!(certificates_from_pem(&metadata).unwrap(), [rsa]);
}

#[test]
fn what_is_pasted_instead_of_a_certificate_is_named() {
    let (key, certificate) = rsa();
    let ec_key = KeyPair::generate().unwrap();
    let request = include_str!("certificates/request.pem");
    let bundle = include_str!("certificates/bundle.pem");
    let bare = |pem: &str| pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    for (text, found) in [
        (key.to_pkcs1_pem().as_str(), Found::PrivateKey),
        (&bare(&key.to_pkcs1_pem()), Found::PrivateKey),
        (&format!("{}{}", certificate.pem(), key.to_pkcs1_pem().as_str()), Found::PrivateKey),
        (&ec_key.serialize_pem(), Found::PrivateKey),
        (&bare(&ec_key.serialize_pem()), Found::EcPrivateKey),
        (&ec_key.public_key_pem(), Found::PublicKey),
        (&bare(&ec_key.public_key_pem()), Found::PublicKey),
        (request, Found::CertificateRequest),
        (&bare(request), Found::CertificateRequest),
        (bundle, Found::Pkcs7),
        (&bare(bundle), Found::Pkcs7),
        ("\u{20}<EntityDescriptor/>", Found::Xml),
    ] {
        assert_eq!(refused(text), CertificateError::Found(found), "{text}");
    }
    let message = refused(request).to_string();
    assert_eq!(message, "expected an X.509 certificate, found a certificate signing request (CSR)");
}

#[test]
fn damaged_certificates_are_refused() {
    let (_, certificate) = rsa();
    let pem = certificate.pem();
    assert_eq!(refused(""), CertificateError::Empty);
    assert_eq!(refused(&pem.replace('\n', "\\n")), CertificateError::EscapedLineBreaks);
    assert!(matches!(refused(&pem[..pem.len() - 30]), CertificateError::Unclosed(_)));
    let mut lines: Vec<&str> = pem.lines().collect();
    lines[4] = "… and so on";
    assert_eq!(refused(&lines.join("\n")), CertificateError::NotBase64 { line: 5 });
    assert_eq!(refused("AAECAwQF"), CertificateError::NotX509);
    let longer = [certificate.der(), &[0, 0]].concat();
    assert_eq!(Certificate::from_der(&longer), Err(CertificateError::TrailingOctets { octets: 2 }));
    for cut in 0..certificate.der().len() {
        assert!(Certificate::from_der(&certificate.der()[..cut]).is_err());
    }
}

#[test]
fn keys_that_must_not_verify_are_refused_with_their_name() {
    let excerpt = |error: &CertificateError| error.found().unwrap_or_else(|| panic!("{error}"));
    let rsa_1024 = refused(include_str!("certificates/rsa-1024.pem"));
    assert_eq!(rsa_1024, CertificateError::RsaBits { bits: 1024 });
    assert_eq!(excerpt(&refused(include_str!("certificates/dsa.pem"))), "DSA");
    assert_eq!(excerpt(&refused(include_str!("certificates/rsassa-pss.pem"))), "RSASSA-PSS");
    assert_eq!(excerpt(&refused(&ec(&PKCS_ED25519))), "Ed25519");
    let unusual = refused(include_str!("certificates/ec-secp256k1.pem"));
    assert_eq!((unusual.code(), excerpt(&unusual).as_str()), ("certificate_curve", "1.3.132.0.10"));
    assert_eq!(refused(include_str!("certificates/ec-explicit-parameters.pem")).code(), "certificate_curve");
}

#[test]
fn private_keys_are_read_in_both_envelopes_and_written_in_one() {
    let (key, _) = rsa();
    let pem = key.to_pkcs1_pem();
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_eq!(*RsaPrivateKey::from_pem(&pem).unwrap().to_pkcs1_pem(), *pem);
    let pkcs8 = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let read = RsaPrivateKey::from_pem(&pkcs8.serialize_pem()).unwrap();
    assert_eq!(read.bits(), 2048);
    assert_eq!(
        *RsaPrivateKey::from_der(pkcs8.serialized_der()).unwrap().to_pkcs1_pem(),
        *read.to_pkcs1_pem()
    );
    assert_eq!(DecryptionKeys::new([&key, &read]).unwrap().len(), 2);
    assert_eq!(DecryptionKeys::from_pem([pem.as_str(), &read.to_pkcs1_pem()]).unwrap().len(), 2);
    let signature = |signing: SigningKey| signing.sign(b"message").unwrap();
    assert_eq!(signature(SigningKey::from_pem(&pem).unwrap()), signature(SigningKey::new(&key).unwrap()));
    assert_eq!(format!("{key:?}"), "RsaPrivateKey { bits: 2048, .. }");
}

#[test]
fn what_is_pasted_instead_of_an_rsa_private_key_is_named() {
    let (key, certificate) = rsa();
    let ec_key = KeyPair::generate().unwrap().serialize_pem();
    let encrypted =
        key.to_pkcs1_pem().replacen("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x,00\n\n", 1);
    let refused = |text: &str| RsaPrivateKey::from_pem(text).unwrap_err();
    for (text, found) in [
        (certificate.pem().as_str(), Found::Certificate),
        (&certificate.base64(), Found::Certificate),
        (&ec_key, Found::EcPrivateKey),
        (&ec_key.replace("PRIVATE", "EC PRIVATE"), Found::EcPrivateKey),
        (&ec_key.replace("PRIVATE", "ENCRYPTED PRIVATE"), Found::EncryptedPrivateKey),
        (&encrypted, Found::EncryptedPrivateKey),
        (&ec_key.replace("PRIVATE", "OPENSSH PRIVATE"), Found::OtherPrivateKey),
        (&KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_pem(), Found::OtherPrivateKey),
        (include_str!("certificates/request.pem"), Found::CertificateRequest),
    ] {
        assert_eq!(refused(text), PrivateKeyError::Found(found), "{text}");
    }
    for text in [certificate.pem().as_str(), &ec_key, &encrypted, ""] {
        assert_eq!(SigningKey::from_pem(text).unwrap_err(), refused(text));
        assert_eq!(DecryptionKeys::from_pem([text]).unwrap_err(), refused(text));
    }
    let twice = key.to_pkcs1_pem().repeat(2);
    assert_eq!(refused(&twice), PrivateKeyError::Several { blocks: 2 });
    assert_eq!(refused("AAEC"), PrivateKeyError::Malformed);
    assert_eq!(
        refused("-----BEGIN RSA PRIVATE KEY-----\nA*=="),
        refused("-----BEGIN RSA PRIVATE KEY-----\n")
    );
}

/// `RSAPrivateKey` with a modulus of `octets` and eight other numbers.
fn shape_of_a_key(octets: usize) -> Vec<u8> {
    let integer = |content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[2, 0x82], length.as_slice(), content].concat()
    };
    let modulus = [vec![0x00, 0xc1], vec![0x55; octets - 1]].concat();
    let fields = [integer(&[0]), integer(&modulus), integer(&[1, 0, 1]).repeat(7)].concat();
    [&[0x30, 0x82], u16::try_from(fields.len()).unwrap().to_be_bytes().as_slice(), &fields].concat()
}

fn pem_of(der: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der)
}

#[test]
fn private_keys_that_are_too_small_too_large_or_inconsistent_are_refused() {
    let refused = |octets: &[u8]| RsaPrivateKey::from_der(octets).unwrap_err();
    assert_eq!(refused(&shape_of_a_key(128)), PrivateKeyError::Bits { bits: 1024 });
    assert_eq!(refused(&shape_of_a_key(1024)), PrivateKeyError::Bits { bits: 8192 });
    assert_eq!(refused(&shape_of_a_key(256)), PrivateKeyError::Malformed);
    let (key, _) = rsa();
    let pem = key.to_pkcs1_pem();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap();
    der.push(0);
    assert_eq!(refused(&der), PrivateKeyError::Malformed);
    der.pop();
    assert_eq!(
        DecryptionKeys::from_pem([pem_of(&shape_of_a_key(256)).as_str()]).unwrap_err(),
        PrivateKeyError::Malformed
    );
    let small = pem_of(&shape_of_a_key(128));
    assert_eq!(DecryptionKeys::from_pem([small.as_str()]).unwrap_err(), PrivateKeyError::Bits { bits: 1024 });
    assert_eq!(SigningKey::from_pem(&small).unwrap_err(), PrivateKeyError::Bits { bits: 1024 });
    let last = der.len() - 1;
    der[last] ^= 1;
    assert_eq!(refused(&der), PrivateKeyError::Malformed);
    der.pop();
    assert_eq!(refused(&der), PrivateKeyError::Malformed);
}

#[test]
fn a_self_signed_certificate_is_a_function_of_its_arguments() {
    let (key, certificate) = rsa();
    let signing = SigningKey::new(&key).unwrap();
    let again = |serial| signing.self_signed_certificate("idp.example", FROM, UNTIL, serial);
    assert_eq!(again([7; 16]).unwrap(), certificate);
    assert_ne!(again([8; 16]).unwrap(), certificate);
    assert!(again([0; 16]).is_ok() && again([0xff; 16]).is_ok());
    let refused =
        |name: &str, from, until| signing.self_signed_certificate(name, from, until, [1; 16]).unwrap_err();
    assert_eq!(refused("", FROM, UNTIL), SelfSignError::Name);
    assert_eq!(refused(&"n".repeat(65), FROM, UNTIL), SelfSignError::Name);
    assert_eq!(refused("n", UNTIL, FROM), SelfSignError::Dates);
    assert_eq!(refused("n", UnixMillis(-1), UNTIL), SelfSignError::Dates);
    assert_eq!(refused("n", FROM, UnixMillis(i64::MAX)), SelfSignError::Dates);
}

#[test]
fn each_key_that_fits_is_tried_and_the_one_that_verified_is_named() {
    let (first_key, first) = rsa();
    let (second_key, second) = rsa();
    let p256 = Certificate::from_pem(&ec(&PKCS_ECDSA_P256_SHA256)).unwrap();
    let keys = VerificationKeys::new(p256.clone(), vec![first.clone(), second.clone()]);
    assert_eq!(keys.len(), 3);
    let sign = |key: &RsaPrivateKey| SigningKey::new(key).unwrap().sign(b"message").unwrap();
    let verify = |message: &[u8], signature: &[u8]| keys.verify(SigningKey::ALGORITHM, message, signature);
    let index = verify(b"message", &sign(&second_key)).unwrap();
    assert_eq!((index.position(), keys.certificate(index)), (2, &second));
    assert_eq!(keys.certificate(verify(b"message", &sign(&first_key)).unwrap()), &first);
    let invalid = KeyRefusal::NoKeyVerifies { algorithm: SignatureAlgorithm::RsaSha256, tried: 2 };
    assert_eq!(verify(b"massage", &sign(&first_key)), Err(invalid.clone()));
    assert_eq!(verify(b"message", &[]), Err(invalid));
    // A good signature is not good under the name of another algorithm.
    for algorithm in SignatureAlgorithm::ALL {
        let verdict = keys.verify(algorithm, b"message", &sign(&first_key));
        assert_eq!(verdict.is_ok(), algorithm == SignatureAlgorithm::RsaSha256, "{algorithm}");
    }
}

#[test]
fn a_key_of_another_type_or_curve_is_not_a_wrong_signature() {
    let p256 = Certificate::from_pem(&ec(&PKCS_ECDSA_P256_SHA256)).unwrap();
    let keys = VerificationKeys::from_certificates(&[p256]).unwrap();
    for algorithm in SignatureAlgorithm::ALL {
        let refusal = keys.verify(algorithm, b"message", &[1; 64]).unwrap_err();
        let fits = algorithm == SignatureAlgorithm::EcdsaSha256;
        assert_eq!(refusal.code(), if fits { "signature_invalid" } else { "no_key_for_algorithm" });
    }
    let refusal = keys.verify(SignatureAlgorithm::RsaSha256, b"", b"").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the signature is RSA-SHA256, but the configured certificates hold EC P-256"
    );
    assert!(VerificationKeys::from_certificates(&[]).is_err());
}

#[test]
fn keys_are_shared_by_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<VerificationKeys>();
    is_shared::<DecryptionKeys>();
    is_shared::<SigningKey>();
}
