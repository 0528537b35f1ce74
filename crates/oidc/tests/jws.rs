//! Compact tokens: each algorithm verifies, and everything around a token that could deceive is refused.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::{Forger, NAMES, base64url, claims, key_set, with};
use proptest::prelude::*;
use serde_json::json;
use vestibule_oidc::jose::{
    AlgorithmSet, HmacAlgorithm, HmacKey, JwsError, SignatureAlgorithm, VerifiedJws, jws,
};
use vestibule_oidc::{JsonError, Refusal as _};

fn verify(forger: &Forger, token: &str) -> Result<VerifiedJws, JwsError> {
    jws::verify(token, &forger.keys(), AlgorithmSet::all())
}

fn refusal(forger: &Forger, header: &str) -> JwsError {
    verify(forger, &forger.raw(header, b"{}")).unwrap_err()
}

#[test]
fn every_algorithm_verifies_and_hands_out_what_was_signed() {
    for name in NAMES {
        let forger = Forger::new(name);
        let verified = verify(&forger, &forger.raw(&forger.header(), b"\x00any octets")).unwrap();
        assert_eq!(verified.payload(), b"\x00any octets", "{name}");
        assert_eq!(verified.header().algorithm_name(), name);
        assert_eq!(verified.header().kid(), Some("key-1"));
    }
}

#[test]
fn the_fully_specified_name_of_ed25519_is_the_same_algorithm() {
    let forger = Forger::new("EdDSA");
    let token = forger.raw(r#"{"alg":"Ed25519","kid":"key-1"}"#, b"{}");
    assert_eq!(verify(&forger, &token).unwrap().header().algorithm_name(), "EdDSA");
}

#[test]
fn none_and_unknown_names_are_never_an_algorithm() {
    let forger = Forger::new("RS256");
    for alg in ["none", "None", "NONE", "nOnE", "", "rs256", "HS256", "RS256\\u0000", "ES256K"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"key-1"}}"#);
        assert!(matches!(refusal(&forger, &header), JwsError::Algorithm { .. }), "{alg}");
        let unsigned = format!("{}.{}.", base64url(header.as_bytes()), base64url(b"{}"));
        assert!(matches!(verify(&forger, &unsigned), Err(JwsError::Algorithm { .. })), "{alg}");
    }
}

#[test]
fn the_allow_list_decides_and_says_so() {
    let forger = Forger::new("RS512");
    let allowed = AlgorithmSet::only(SignatureAlgorithm::Rs256);
    let token = forger.token(&claims());
    let error = jws::verify(&token, &forger.keys(), allowed).unwrap_err();
    assert_eq!(error.found().as_deref(), Some("RS512"));
    assert_eq!(error.expected().as_deref(), Some("RS256"));
    let nothing = jws::verify(&token, &forger.keys(), AlgorithmSet::EMPTY).unwrap_err();
    assert_eq!(nothing.expected().as_deref(), Some("no algorithm"));
}

#[test]
fn a_public_key_is_never_an_hmac_secret() {
    let forger = Forger::new("RS256");
    let jwk = forger.jwk();
    for secret in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned(), String::new()] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
        let signed = format!(
            "{}.{}",
            base64url(br#"{"alg":"HS256","kid":"key-1"}"#),
            base64url(claims().to_string().as_bytes())
        );
        let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
        let token = format!("{signed}.{}", base64url(tag.as_ref()));
        assert!(matches!(verify(&forger, &token), Err(JwsError::Algorithm { .. })));
    }
}

#[test]
fn an_algorithm_fits_its_key_only() {
    // The same RSA key, published for RS256 alone, does not serve PS256 or RS512.
    let keys = key_set(&[with(Forger::new("RS256").jwk(), "alg", json!("RS256"))]);
    for name in ["PS256", "RS512"] {
        let error = jws::verify(&Forger::new(name).token(&claims()), &keys, AlgorithmSet::all()).unwrap_err();
        assert!(matches!(error, JwsError::KeyUnfit { .. }), "{name}");
    }
    // A token that names another kind of key than it was signed for.
    for (claimed, real) in [("ES256", "RS256"), ("RS256", "EdDSA"), ("ES384", "ES256"), ("EdDSA", "ES256")] {
        let forger = Forger::new(real);
        let header = format!(r#"{{"alg":"{claimed}","kid":"key-1"}}"#);
        assert!(matches!(refusal(&forger, &header), JwsError::KeyUnfit { .. }), "{claimed} with {real}");
    }
    // The right key, the wrong padding or hash under the claimed name.
    for (claimed, real) in [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512"), ("PS384", "PS512")] {
        let forger = Forger::new(real);
        let header = format!(r#"{{"alg":"{claimed}","kid":"key-1"}}"#);
        assert_eq!(refusal(&forger, &header), JwsError::Signature, "{claimed} with {real}");
    }
}

#[test]
fn a_token_has_exactly_three_parts_of_strict_base64url() {
    let forger = Forger::new("ES256");
    let token = forger.token(&claims());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for text in [
        String::new(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}..{payload}.{signature}"),
    ] {
        assert_eq!(verify(&forger, &text).unwrap_err(), JwsError::Parts, "{text}");
    }
    for text in [
        format!("{header}=.{payload}.{signature}"),
        format!(" {token}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}\n"),
        format!("{header}.{payload}.{signature}é"),
    ] {
        assert!(matches!(verify(&forger, &text), Err(JwsError::Base64(_))), "{text}");
    }
    // The payload is only decoded after the signature held, so a broken one is signed here.
    let signed = format!("{header}.{payload}=");
    let broken = format!("{signed}.{}", base64url(&forger.signature(signed.as_bytes())));
    assert_eq!(verify(&forger, &broken).unwrap_err(), JwsError::Base64("payload"));
}

#[test]
fn long_tokens_are_refused_before_they_are_read() {
    let forger = Forger::new("ES256");
    let fits = forger.raw(&forger.header(), &vec![b'a'; 48_000]);
    assert!(fits.len() <= jws::MOST_BYTES && verify(&forger, &fits).is_ok());
    let long = forger.raw(&forger.header(), &vec![b'a'; 50_000]);
    assert_eq!(verify(&forger, &long).unwrap_err(), JwsError::TooLong);
}

#[test]
fn headers_are_unambiguous_and_ask_for_nothing_special() {
    let forger = Forger::new("RS256");
    let twice = refusal(&forger, r#"{"alg":"RS256","kid":"key-1","alg":"none"}"#);
    assert!(matches!(twice, JwsError::Header(JsonError::DuplicateMember(_))));
    for (header, extension) in [
        (r#"{"alg":"RS256","kid":"key-1","crit":[]}"#, "crit"),
        (r#"{"alg":"RS256","kid":"key-1","crit":["exp"],"exp":1}"#, "crit"),
        (r#"{"alg":"RS256","kid":"key-1","b64":false}"#, "b64"),
        (r#"{"alg":"RS256","kid":"key-1","b64":true}"#, "b64"),
        (r#"{"alg":"RS256","kid":"key-1","zip":"DEF"}"#, "zip"),
    ] {
        assert_eq!(refusal(&forger, header), JwsError::Extension(extension), "{header}");
    }
    for (header, member) in [
        (r#"{"kid":"key-1"}"#, "alg"),
        (r#"{"alg":null,"kid":"key-1"}"#, "alg"),
        (r#"{"alg":["RS256"],"kid":"key-1"}"#, "alg"),
        (r#"{"alg":"RS256","kid":1}"#, "kid"),
        (r#"{"alg":"RS256","kid":null}"#, "kid"),
    ] {
        assert_eq!(refusal(&forger, header), JwsError::HeaderMember(member), "{header}");
    }
    for header in ["", "[]", "null", r#"{"alg":"RS256"}{}"#] {
        assert!(matches!(refusal(&forger, header), JwsError::Header(_)), "{header}");
    }
}

#[test]
fn other_types_of_tokens_are_refused() {
    let forger = Forger::new("RS256");
    for typ in ["JWT", "jwt", "Jwt"] {
        let header = format!(r#"{{"alg":"RS256","kid":"key-1","typ":"{typ}"}}"#);
        assert!(verify(&forger, &forger.raw(&header, b"{}")).is_ok(), "{typ}");
    }
    for typ in
        [r#""at+jwt""#, r#""logout+jwt""#, r#""application/at+jwt""#, r#""JWT ""#, r#""""#, "null", "7"]
    {
        let header = format!(r#"{{"alg":"RS256","kid":"key-1","typ":{typ}}}"#);
        assert!(matches!(refusal(&forger, &header), JwsError::Type { .. }), "{typ}");
    }
}

#[test]
fn keys_in_the_header_are_not_looked_at() {
    // An attacker signs with a key of their own and brings it along under the name of the real one.
    let attacker = Forger::new("ES256");
    let real = with(Forger::new("RS256").jwk(), "kid", json!("real"));
    for member in [
        format!(r#""jwk":{}"#, attacker.jwk()),
        r#""jku":"https://evil.example/keys""#.to_owned(),
        r#""x5u":"https://evil.example/cert""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"ES256","kid":"real",{member}}}"#);
        let error = jws::verify(
            &attacker.raw(&header, b"{}"),
            &key_set(std::slice::from_ref(&real)),
            AlgorithmSet::all(),
        );
        assert!(matches!(error, Err(JwsError::KeyUnfit { .. })), "{member}");
        // And they do no harm beside a signature of the real key.
        let header = format!(r#"{{"alg":"ES256","kid":"key-1",{member}}}"#);
        assert!(verify(&attacker, &attacker.raw(&header, b"{}")).is_ok(), "{member}");
    }
}

#[test]
fn a_name_that_no_key_has_calls_for_new_keys() {
    let forger = Forger::new("RS256");
    for kid in ["key-2", "KEY-1", "key-1 ", "", "../../key-1", "key-1' OR '1'='1"] {
        let error = refusal(&forger, &format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#));
        assert!(matches!(error, JwsError::UnknownKey { kid: Some(_), .. }), "{kid}");
    }
    let empty = key_set(&[]);
    let error = jws::verify(&forger.token(&claims()), &empty, AlgorithmSet::all()).unwrap_err();
    assert!(matches!(error, JwsError::UnknownKey { kid: Some(_), .. }));
}

#[test]
fn only_the_named_key_is_tried() {
    let (forger, other) = (Forger::new("RS512"), Forger::new("RS384"));
    let keys = key_set(&[with(other.jwk(), "kid", json!("key-2")), forger.jwk()]);
    let naming = |kid: &str| forger.raw(&format!(r#"{{"alg":"RS512","kid":"{kid}"}}"#), b"{}");
    assert!(jws::verify(&naming("key-1"), &keys, AlgorithmSet::all()).is_ok());
    let error = jws::verify(&naming("key-2"), &keys, AlgorithmSet::all()).unwrap_err();
    assert_eq!(error, JwsError::SignatureLength { found: 256, expected: 384 });
    let same_size =
        key_set(&[with(Forger::new("ES256").jwk(), "kid", json!("key-2")), stranger(), forger.jwk()]);
    let error = jws::verify(&naming("stranger"), &same_size, AlgorithmSet::all()).unwrap_err();
    assert_eq!(error, JwsError::Signature);
}

/// Another RSA key of 2048 bits, whose private half nobody here uses.
fn stranger() -> serde_json::Value {
    let modulus = [0xab; 255].iter().chain(&[0x01]).copied().collect::<Vec<u8>>();
    json!({ "kty": "RSA", "kid": "stranger", "n": base64url(&modulus), "e": "AQAB" })
}

#[test]
fn without_a_name_every_fitting_key_is_tried() {
    let forger = Forger::new("PS512");
    let others = ["ES256", "RS384", "EdDSA"].map(|name| Forger::new(name).jwk());
    let mut all = others.to_vec();
    all.push(forger.jwk());
    let token = forger.raw(r#"{"alg":"PS512"}"#, b"{}");
    assert!(jws::verify(&token, &key_set(&all), AlgorithmSet::all()).is_ok());
    let is_unknown = |error: JwsError| matches!(error, JwsError::UnknownKey { kid: None, .. });
    assert!(is_unknown(jws::verify(&token, &key_set(&others), AlgorithmSet::all()).unwrap_err()));
    // At most sixteen are tried: the seventeenth is not reached.
    let mut crowd = vec![Forger::new("RS384").jwk(); 16];
    crowd.push(forger.jwk());
    assert!(is_unknown(jws::verify(&token, &key_set(&crowd), AlgorithmSet::all()).unwrap_err()));
}

#[test]
fn keys_that_share_a_name_are_all_tried() {
    let forger = Forger::new("RS256");
    let keys = key_set(&[Forger::new("RS384").jwk(), Forger::new("ES256").jwk(), forger.jwk()]);
    assert!(jws::verify(&forger.token(&claims()), &keys, AlgorithmSet::all()).is_ok());
}

#[test]
fn signatures_have_exactly_their_length() {
    for name in NAMES {
        let forger = Forger::new(name);
        let signed = format!("{}.{}", base64url(forger.header().as_bytes()), base64url(b"{}"));
        let signature = forger.signature(signed.as_bytes());
        let mut longer = signature.clone();
        longer.push(0);
        let leading = [&[0], signature.as_slice()].concat();
        for wrong in [&signature[1..], &signature[..signature.len() - 1], &longer, &leading, &[]] {
            let error = verify(&forger, &format!("{signed}.{}", base64url(wrong))).unwrap_err();
            let expected = signature.len();
            assert_eq!(error, JwsError::SignatureLength { found: wrong.len(), expected }, "{name}");
        }
        let zeros = vec![0; signature.len()];
        assert_eq!(
            verify(&forger, &format!("{signed}.{}", base64url(&zeros))).unwrap_err(),
            JwsError::Signature
        );
    }
}

#[test]
fn a_der_encoded_ecdsa_signature_is_refused() {
    let document =
        aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING)
            .unwrap();
    let point = aws_lc_rs::signature::KeyPair::public_key(&document).as_ref().to_vec();
    let jwk =
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..]) });
    let signed = format!("{}.{}", base64url(br#"{"alg":"ES256"}"#), base64url(b"{}"));
    let der = document.sign(&aws_lc_rs::rand::SystemRandom::new(), signed.as_bytes()).unwrap();
    let token = format!("{signed}.{}", base64url(der.as_ref()));
    assert!(jws::verify(&token, &key_set(&[jwk]), AlgorithmSet::all()).is_err());
}

#[test]
fn hmac_works_with_the_one_algorithm_and_the_one_secret() {
    let secret = [7; 64];
    let mac = |alg: &str, algorithm, secret: &[u8]| {
        let signed =
            format!("{}.{}", base64url(format!(r#"{{"alg":"{alg}"}}"#).as_bytes()), base64url(b"{}"));
        let tag = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(algorithm, secret), signed.as_bytes());
        format!("{signed}.{}", base64url(tag.as_ref()))
    };
    for (name, algorithm, primitive) in [
        ("HS256", HmacAlgorithm::Hs256, aws_lc_rs::hmac::HMAC_SHA256),
        ("HS384", HmacAlgorithm::Hs384, aws_lc_rs::hmac::HMAC_SHA384),
        ("HS512", HmacAlgorithm::Hs512, aws_lc_rs::hmac::HMAC_SHA512),
    ] {
        let key = HmacKey::from_client_secret(&secret, algorithm).unwrap();
        let verified = jws::verify_hmac(&mac(name, primitive, &secret), &key).unwrap();
        assert_eq!(verified.header().algorithm_name(), name);
        assert_eq!(jws::verify_hmac(&mac(name, primitive, &[8; 64]), &key).unwrap_err(), JwsError::Signature);
        let other = if name == "HS256" { "HS512" } else { "HS256" };
        assert!(matches!(
            jws::verify_hmac(&mac(other, primitive, &secret), &key),
            Err(JwsError::Algorithm { .. })
        ));
    }
    let key = HmacKey::from_client_secret(&secret, HmacAlgorithm::Hs256).unwrap();
    let truncated = mac("HS256", aws_lc_rs::hmac::HMAC_SHA256, &secret);
    let truncated = &truncated[..truncated.len() - 4];
    assert!(matches!(jws::verify_hmac(truncated, &key), Err(JwsError::SignatureLength { .. })));
    let rsa = Forger::new("RS256").token(&claims());
    assert!(matches!(jws::verify_hmac(&rsa, &key), Err(JwsError::Algorithm { .. })));
}

#[test]
fn short_client_secrets_are_no_hmac_keys() {
    for (algorithm, needed) in
        [(HmacAlgorithm::Hs256, 32), (HmacAlgorithm::Hs384, 48), (HmacAlgorithm::Hs512, 64)]
    {
        let error = HmacKey::from_client_secret(&vec![1; needed - 1], algorithm).unwrap_err();
        assert_eq!((error.found, error.needed), (needed - 1, needed));
        assert!(HmacKey::from_client_secret(&vec![1; needed], algorithm).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any change of any character of a token is noticed, in the header, the payload and the signature alike.
    #[test]
    fn no_changed_token_verifies(which in 0..NAMES.len(), position in any::<prop::sample::Index>(), bit in 0u8..7) {
        let forger = Forger::new(NAMES[which]);
        let mut bytes = forger.token(&claims()).into_bytes();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(verify(&forger, &changed).is_err());
    }

    /// Any change of the signature's octets is noticed, however it is encoded.
    #[test]
    fn no_changed_signature_verifies(which in 0..NAMES.len(), position in any::<prop::sample::Index>(), change in 1u8..) {
        let forger = Forger::new(NAMES[which]);
        let signed = format!("{}.{}", base64url(forger.header().as_bytes()), base64url(b"{}"));
        let mut signature = forger.signature(signed.as_bytes());
        let position = position.index(signature.len());
        signature[position] ^= change;
        let token = format!("{signed}.{}", base64url(&signature));
        prop_assert!(verify(&forger, &token).is_err());
    }

    /// Foreign text never panics and never verifies.
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}", dots in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        let forger = Forger::new("ES256");
        prop_assert!(verify(&forger, &text).is_err());
        prop_assert!(verify(&forger, &dots).is_err());
    }
}

#[test]
fn the_only_key_may_be_nameless_and_what_is_published_is_told() {
    let (forger, other) = (Forger::new("RS256"), Forger::new("ES256"));
    let nameless = key_set(&[with(forger.jwk(), "kid", serde_json::Value::Null)]);
    assert!(jws::verify(&forger.token(&claims()), &nameless, AlgorithmSet::all()).is_ok());
    // One without a name that did not sign it does not do.
    let of_another = key_set(&[with(Forger::new("RS384").jwk(), "kid", serde_json::Value::Null)]);
    let error = jws::verify(&forger.token(&claims()), &of_another, AlgorithmSet::all()).unwrap_err();
    assert!(error.to_string().contains("a key without kid"), "{error}");
    let listed = key_set(&[with(other.jwk(), "kid", json!("other"))]);
    let error = jws::verify(&forger.token(&claims()), &listed, AlgorithmSet::all()).unwrap_err();
    assert!(error.to_string().contains("published are: other"), "{error}");
    let broken = key_set(&[with(forger.jwk(), "n", json!("AQAB"))]);
    let error = jws::verify(&forger.token(&claims()), &broken, AlgorithmSet::all()).unwrap_err();
    assert!(matches!(&error, JwsError::LeftOut { .. }) && error.to_string().contains("bits"), "{error}");
}

#[test]
fn a_type_may_be_written_as_a_media_type_and_is_still_the_type_of_an_id_token() {
    let forger = Forger::new("ES256");
    for typ in ["JWT", "jwt", "application/JWT", "application/jwt"] {
        assert!(
            verify(&forger, &forger.raw(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#), b"{}")).is_ok(),
            "{typ}"
        );
    }
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "client-authentication+jwt",
        "logout+jwt",
        "application/",
        "text/jwt",
    ] {
        assert!(
            verify(&forger, &forger.raw(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#), b"{}")).is_err(),
            "{typ}"
        );
    }
}
