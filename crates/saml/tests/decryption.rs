//! Encrypted assertions, made by an encrypter that shares nothing with the reader.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part is a failed test")]

mod encrypter;

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512};
use aws_lc_rs::rsa::OAEP_SHA1_MGF1SHA1;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encrypter::{
    CONTENT, Pair, XENC, XENC11, cbc, content_method, encrypted_data, encrypted_key, gcm, oaep, padded, seal,
    transports, wrapper,
};
use vestibule_saml::Refusal as _;
use vestibule_saml::key::DecryptionKeys;
use vestibule_saml::xml::{Document, Limits};
use vestibule_saml::xmlenc::{DecryptionRefusal, Plaintext, decrypt};

const ASSERTION: &[u8] =
    b"<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">secret</a:Assertion>";
const AES_128_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
const AES_128_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const KEY: [u8; 16] = [0x77; 16];

static PAIR: LazyLock<Pair> = LazyLock::new(Pair::generate);
static OTHER: LazyLock<Pair> = LazyLock::new(Pair::generate);
static KEYS: LazyLock<DecryptionKeys> = LazyLock::new(|| DecryptionKeys::new([&PAIR.private]).unwrap());

fn read(xml: &str, keys: &DecryptionKeys) -> Result<Plaintext, DecryptionRefusal> {
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).unwrap();
    decrypt(document.root(), keys)
}

fn refused(xml: &str) -> DecryptionRefusal {
    read(xml, &KEYS).unwrap_err()
}

fn mgf1p() -> String {
    format!("<x:EncryptionMethod Algorithm=\"{XENC}rsa-oaep-mgf1p\"/>")
}

fn wrapped() -> Vec<u8> {
    PAIR.wrap(&OAEP_SHA1_MGF1SHA1, &KEY, None)
}

fn usual_key(id: &str) -> String {
    encrypted_key(id, &mgf1p(), &wrapped())
}

/// An encrypted assertion with the content `sealed`, its key inside.
fn with_content(algorithm: &str, sealed: &[u8]) -> String {
    wrapper(&encrypted_data(&content_method(algorithm), &usual_key("k"), sealed))
}

#[test]
fn every_pair_of_algorithms_decrypts() {
    for (algorithm, octets) in CONTENT {
        for transport in transports() {
            let key = vec![0x42; octets];
            let wrapped = PAIR.wrap(transport.algorithm, &key, None);
            let inside = encrypted_key("k", &transport.method, &wrapped);
            let sealed = seal(algorithm, &key, ASSERTION);
            let xml = wrapper(&encrypted_data(&content_method(algorithm), &inside, &sealed));
            let plain =
                read(&xml, &KEYS).unwrap_or_else(|error| panic!("{algorithm} {}: {error}", transport.method));
            assert_eq!(plain.as_bytes(), ASSERTION, "{algorithm} {}", transport.method);
        }
    }
}

#[test]
fn the_digests_of_the_key_transport_may_differ() {
    let (sha1, sha256) = (&SHA1_FOR_LEGACY_USE_ONLY, &SHA256);
    let sha256_uri = "http://www.w3.org/2001/04/xmlenc#sha256";
    let digest = |uri: &str| format!("<d:DigestMethod Algorithm=\"{uri}\"/>");
    let mgf1p = mgf1p().replace("/>", &format!(">{}</x:EncryptionMethod>", digest(sha256_uri)));
    let unnamed_mask = mgf1p.replace(&format!("{XENC}rsa-oaep-mgf1p"), &format!("{XENC11}rsa-oaep"));
    let sha512 = mgf1p.replace(sha256_uri, "http://www.w3.org/2001/04/xmlenc#sha512");
    let sha1_first = oaep("http://www.w3.org/2000/09/xmldsig#sha1", &format!("{XENC11}mgf1sha256"));
    for (digest, mask, method) in [
        (sha256, sha1, mgf1p),
        (sha256, sha1, unnamed_mask),
        (&SHA512, sha1, sha512),
        (sha1, sha256, sha1_first),
    ] {
        let xml = |wrapped: &[u8]| {
            let key = encrypted_key("k", &method, wrapped);
            wrapper(&encrypted_data(&content_method(AES_128_GCM), &key, &gcm(&KEY, ASSERTION)))
        };
        let mut wrapped = PAIR.wrap_mixed(digest, mask, &KEY);
        assert_eq!(read(&xml(&wrapped), &KEYS).unwrap().as_bytes(), ASSERTION, "{method}");
        for wrong in
            [PAIR.wrap_mixed(mask, digest, &KEY), PAIR.wrap_mixed(digest, mask, &KEY[1..]), vec![0xff; 256]]
        {
            assert_eq!(refused(&xml(&wrong)), DecryptionRefusal::Failed, "{method}");
        }
        wrapped[7] ^= 1;
        assert_eq!(refused(&xml(&wrapped)), DecryptionRefusal::Failed, "{method}");
    }
}

#[test]
fn the_encrypted_key_may_be_inside_beside_or_pointed_to() {
    let sealed = gcm(&KEY, ASSERTION);
    let data = |info: &str| encrypted_data(&content_method(AES_128_GCM), info, &sealed);
    let retrieval = |uri: &str| format!("<d:RetrievalMethod Type=\"{XENC}EncryptedKey\" URI=\"{uri}\"/>");
    let decoy = encrypted_key("other", &mgf1p(), &[1; 256]);
    let foreign = decoy.replace("rsa-oaep-mgf1p", "rsa-1_5");
    for children in [
        data(&format!("<d:KeyName>sp</d:KeyName>{}", usual_key("k"))),
        format!("{}{}", data(""), usual_key("k")),
        format!("{}{}", data("<d:KeyName>sp</d:KeyName>"), usual_key("k")),
        format!("{}{}", data(&retrieval("#k")), usual_key("k")),
        format!("{}{decoy}{}", data(&retrieval("#k")), usual_key("k")),
        data(&usual_key("k")).replace(&format!(" Type=\"{XENC}Element\""), ""),
        // One key that is written twice, and keys for other recipients before and after ours.
        format!("{}{}", data(&usual_key("k")), usual_key("b")),
        format!("{}{}", data(&retrieval("#k")), usual_key("k").repeat(2)),
        format!("{}{}{decoy}", data(""), usual_key("k")),
        format!("{}{decoy}{}", data(""), usual_key("k")),
        format!("{}{foreign}{}", data(""), usual_key("k")),
        format!("{}{decoy}{}", data(&format!("{}{}", retrieval("#other"), retrieval("#k"))), usual_key("k")),
    ] {
        assert_eq!(read(&wrapper(&children), &KEYS).unwrap().as_bytes(), ASSERTION, "{children}");
    }
    let many = format!("{}{}{}", data(""), decoy.repeat(8), usual_key("k"));
    assert_eq!(refused(&wrapper(&many)), DecryptionRefusal::EncryptedKeys { found: 9, most: 8 });
    // Nobody else's key is looked at where one is named, and a key by an algorithm of theirs alone is refused by name.
    let named = format!("{}{decoy}{}", data(&retrieval("#other")), usual_key("k"));
    assert_eq!(refused(&wrapper(&named)), DecryptionRefusal::Failed);
    let theirs = format!("{}{foreign}", data(""));
    assert_eq!(refused(&wrapper(&theirs)).code(), "encryption_algorithm");
    for (info, beside) in [
        (retrieval("#absent"), usual_key("k")),
        (retrieval("https://keys.example/#k"), usual_key("k")),
        (retrieval(""), usual_key("")),
        (retrieval("#k").replace("/>", "><d:Transforms/></d:RetrievalMethod>"), usual_key("k")),
        (retrieval("#k").replace("EncryptedKey", "DerivedKey"), usual_key("k")),
        (String::new(), String::new()),
    ] {
        let xml = wrapper(&format!("{}{beside}", data(&info)));
        assert_eq!(refused(&xml).code(), "encrypted_assertion_malformed", "{info}");
    }
}

#[test]
fn every_key_of_the_connection_is_tried() {
    let xml = with_content(AES_128_GCM, &gcm(&KEY, ASSERTION));
    let both = DecryptionKeys::new([&OTHER.private, &PAIR.private]).unwrap();
    assert_eq!(read(&xml, &both).unwrap().as_bytes(), ASSERTION);
    let wrong = DecryptionKeys::new([&OTHER.private]).unwrap();
    assert_eq!(read(&xml, &wrong).unwrap_err(), DecryptionRefusal::Failed);
    assert_eq!(read(&xml, &DecryptionKeys::none()).unwrap_err(), DecryptionRefusal::NoKey);
}

#[test]
fn a_label_is_part_of_the_key_transport() {
    let wrapped = PAIR.wrap(&OAEP_SHA1_MGF1SHA1, &KEY, Some(b"label"));
    let method = |label: &str| {
        format!(
            "<x:EncryptionMethod Algorithm=\"{XENC}rsa-oaep-mgf1p\"><x:OAEPparams>{label}</x:OAEPparams></x:EncryptionMethod>"
        )
    };
    let xml = |label: &str| {
        let key = encrypted_key("k", &method(label), &wrapped);
        wrapper(&encrypted_data(&content_method(AES_128_GCM), &key, &gcm(&KEY, ASSERTION)))
    };
    assert_eq!(read(&xml(" bGFi\nZWw= "), &KEYS).unwrap().as_bytes(), ASSERTION);
    assert_eq!(refused(&xml("bGFiZWx=")), DecryptionRefusal::Malformed("OAEPparams is not base64"));
    assert_eq!(refused(&xml("")), DecryptionRefusal::Failed);
}

#[test]
fn unsafe_and_unknown_algorithms_are_refused_by_name() {
    let usual = with_content(AES_128_GCM, &gcm(&KEY, ASSERTION));
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let with_method = |method: &str| usual.replace(&mgf1p(), method);
    for (xml, found) in [
        (usual.replace("rsa-oaep-mgf1p", "rsa-1_5"), "RSA PKCS#1 v1.5"),
        (usual.replace("rsa-oaep-mgf1p", "kw-aes128"), "AES-128 key wrap"),
        (usual.replace(AES_128_GCM, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"), "Triple DES"),
        (usual.replace(AES_128_GCM, "urn:rot13"), "urn:rot13"),
        (with_method(&oaep("urn:md5", "http://www.w3.org/2009/xmlenc11#mgf1sha1")), "urn:md5"),
        (with_method(&oaep(sha256, "urn:mask")), "urn:mask"),
    ] {
        let refusal = refused(&xml);
        assert_eq!((refusal.code(), refusal.found().as_deref()), ("encryption_algorithm", Some(found)));
        // What is refused by name is refused before any key is touched.
        assert_eq!(read(&xml, &DecryptionKeys::none()).unwrap_err(), refusal);
    }
    let message = refused(&usual.replace("rsa-oaep-mgf1p", "rsa-1_5")).to_string();
    assert_eq!(message, "the key transport algorithm RSA PKCS#1 v1.5 is not accepted; expected RSA-OAEP");
}

#[test]
fn other_shapes_are_malformed() {
    let usual = with_content(AES_128_GCM, &gcm(&KEY, ASSERTION));
    let content = content_method(AES_128_GCM);
    for (from, to) in [
        ("<x:EncryptedData ", "<a:Other/><x:EncryptedData "),
        ("</x:EncryptedData>", "</x:EncryptedData><a:Other/>"),
        ("xmlenc#Element", "xmlenc#Content"),
        (content.as_str(), ""),
        (&content, &content.repeat(2)),
        (&content, "<x:EncryptionMethod/>"),
        (&content, &content.replace("/>", "><x:KeySize>256</x:KeySize></x:EncryptionMethod>")),
        ("<x:CipherValue>", "<x:CipherReference URI=\"https://e.example/\"/><x:CipherValue>"),
        ("<x:CipherValue>", "<x:CipherValue>AA==</x:CipherValue><x:CipherValue>"),
        ("<x:CipherValue>", "<x:CipherValue><a:Other/>"),
        (&mgf1p(), &mgf1p().replace("/>", "><m:MGF xmlns:m=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/></x:EncryptionMethod>")),
    ] {
        let changed = usual.replacen(from, to, 1);
        assert_ne!(changed, usual);
        assert_eq!(refused(&changed).code(), "encrypted_assertion_malformed", "{from} {to}");
    }
    assert_eq!(refused(&wrapper("")).code(), "encrypted_assertion_malformed");
    let sized =
        usual.replace(&content, &content.replace("/>", "><x:KeySize> 128 </x:KeySize></x:EncryptionMethod>"));
    assert_eq!(read(&sized, &KEYS).unwrap().as_bytes(), ASSERTION);
}

#[test]
fn everything_that_fails_later_is_one_refusal() {
    let good = gcm(&KEY, ASSERTION);
    let mut altered = good.clone();
    altered[20] ^= 1;
    let mut tag = good.clone();
    *tag.last_mut().unwrap() ^= 0x80;
    let blocks = cbc(&KEY, &padded(ASSERTION));
    for (algorithm, sealed) in [
        (AES_128_GCM, altered),
        (AES_128_GCM, tag),
        (AES_128_GCM, good[..good.len() - 1].to_vec()),
        (AES_128_GCM, good[..27].to_vec()),
        (AES_128_GCM, good[..11].to_vec()),
        (AES_128_GCM, Vec::new()),
        (AES_128_CBC, blocks[..16].to_vec()),
        (AES_128_CBC, blocks[..15].to_vec()),
        (AES_128_CBC, blocks[..blocks.len() - 1].to_vec()),
        (AES_128_CBC, cbc(&KEY, &[[0x41; 15].as_slice(), &[0]].concat())),
        (AES_128_CBC, cbc(&KEY, &[[0x41; 15].as_slice(), &[17]].concat())),
        (AES_128_CBC, cbc(&KEY, &[[0x41; 15].as_slice(), &[255]].concat())),
        // The key is one of 128 bits.
        ("http://www.w3.org/2009/xmlenc11#aes256-gcm", good.clone()),
        ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", blocks),
    ] {
        assert_eq!(refused(&with_content(algorithm, &sealed)), DecryptionRefusal::Failed, "{algorithm}");
    }
    let mut flipped = wrapped();
    flipped[100] ^= 4;
    let short = wrapped()[..255].to_vec();
    let pkcs1 = PAIR.wrap(&aws_lc_rs::rsa::OAEP_SHA256_MGF1SHA256, &KEY, None);
    for wrapped in [flipped, short, pkcs1, vec![0; 256], vec![0xff; 256], vec![0; 512], Vec::new()] {
        let data =
            encrypted_data(&content_method(AES_128_GCM), &encrypted_key("k", &mgf1p(), &wrapped), &good);
        assert_eq!(refused(&wrapper(&data)), DecryptionRefusal::Failed);
    }
    let not_base64 = with_content(AES_128_GCM, &good).replace("<x:CipherValue>\n", "<x:CipherValue>*");
    assert_eq!(refused(&not_base64), DecryptionRefusal::Failed);
}

#[test]
fn cbc_padding_is_one_to_sixteen_octets_of_anything() {
    for length in 0..=33 {
        let content = vec![b'c'; length];
        let xml = with_content(AES_128_CBC, &cbc(&KEY, &padded(&content)));
        assert_eq!(read(&xml, &KEYS).unwrap().as_bytes(), content);
    }
}

#[test]
fn what_was_decrypted_does_not_print() {
    let plain = read(&with_content(AES_128_GCM, &gcm(&KEY, ASSERTION)), &KEYS).unwrap();
    let printed = format!("{plain:?} {:?}", *KEYS);
    assert_eq!(printed, format!("Plaintext {{ octets: {}, .. }} DecryptionKeys(1)", ASSERTION.len()));
}

/// Anybody can send ciphertexts. What one message causes is bounded, and ours is found all the same.
#[test]
fn the_work_that_a_message_causes_is_bounded() {
    let mixed = mgf1p().replace(
        "/>",
        "><d:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/></x:EncryptionMethod>",
    );
    let sealed = encrypted_data(&content_method(AES_128_GCM), "", &gcm(&KEY, ASSERTION));
    let others: Vec<_> = (0..2).map(|_| Pair::generate()).collect();
    let three = DecryptionKeys::new(others.iter().chain([&*PAIR]).map(|pair| &pair.private)).unwrap();
    let decoys = |method: &str, count: u8| -> String {
        (0..count).map(|number| encrypted_key(&format!("d{number}"), method, &[number + 1; 256])).collect()
    };
    let ours_mixed = encrypted_key("k", &mixed, &PAIR.wrap_mixed(&SHA256, &SHA1_FOR_LEGACY_USE_ONLY, &KEY));
    // For each key of ours two attempts, or one whose padding is taken off in the dear way.
    for (keys, beside, found) in [
        (&*KEYS, decoys(&mgf1p(), 1) + &usual_key("k"), true),
        (&*KEYS, decoys(&mgf1p(), 2) + &usual_key("k"), false),
        (&*KEYS, ours_mixed.clone(), true),
        (&*KEYS, decoys(&mixed, 1) + &ours_mixed, false),
        (&*KEYS, decoys(&mgf1p(), 1) + &ours_mixed, false),
        (&three, ours_mixed.clone(), true),
        (&three, decoys(&mixed, 1) + &ours_mixed, false),
        (&three, usual_key("k"), true),
        (&three, usual_key("k") + &decoys(&mgf1p(), 7), true),
        (&three, decoys(&mgf1p(), 1) + &usual_key("k"), true),
        (&three, decoys(&mgf1p(), 2) + &usual_key("k"), false),
        // What is too short or too long for a key of ours is for nobody here, and is not counted.
        (
            &*KEYS,
            encrypted_key("s", &mgf1p(), &[1; 255])
                + &encrypted_key("l", &mgf1p(), &[1; 512])
                + &decoys(&mgf1p(), 1)
                + &usual_key("k"),
            true,
        ),
    ] {
        let verdict = read(&wrapper(&format!("{sealed}{beside}")), keys);
        assert_eq!(verdict.is_ok(), found, "{beside}");
        assert!(found || verdict.unwrap_err() == DecryptionRefusal::Failed);
    }
    // What anybody sees to be no ciphertext causes no work at all: with a key that is ours it fails alike.
    for content in [&[0_u8; 27][..], &[0; 1]] {
        let data = encrypted_data(&content_method(AES_128_GCM), "", content);
        assert_eq!(refused(&wrapper(&format!("{data}{}", usual_key("k")))), DecryptionRefusal::Failed);
    }
}

/// A recipient that is named needs no attempts with others, and a name that is wrong costs no more than its turn.
#[test]
fn the_key_that_is_named_is_tried_first() {
    let sealed = encrypted_data(&content_method(AES_128_GCM), "", &gcm(&KEY, ASSERTION));
    let others: Vec<_> = (0..2).map(|_| Pair::generate()).collect();
    let three = DecryptionKeys::new(others.iter().chain([&*PAIR]).map(|pair| &pair.private)).unwrap();
    let unnamed = "<d:KeyName>sp</d:KeyName>";
    let decoys = |info: &str| -> String {
        let decoy =
            |number| encrypted_key(&format!("d{number}"), &mgf1p(), &[number; 256]).replace(unnamed, info);
        (1..8).map(decoy).collect()
    };
    let ours = |info: &str| usual_key("k").replace(unnamed, info);
    let certificate = |pair: &Pair| {
        let around = [&[0x30; 40][..], &pair.modulus(), &[5; 300]].concat();
        let around = STANDARD.encode(around);
        format!("<d:X509Data><d:X509Certificate>\n{around}\n</d:X509Certificate></d:X509Data>")
    };
    let numbers = |pair: &Pair| {
        let modulus = STANDARD.encode(pair.modulus());
        let value = format!("<d:Modulus>{modulus}</d:Modulus><d:Exponent>AQAB</d:Exponent>");
        format!("<d:KeyValue><d:RSAKeyValue>{value}</d:RSAKeyValue></d:KeyValue>")
    };
    for (beside, found) in [
        (decoys(unnamed) + &ours(unnamed), false),
        (decoys(unnamed) + &ours(&certificate(&PAIR)), true),
        (decoys(unnamed) + &ours(&numbers(&PAIR)), true),
        (decoys(&certificate(&OTHER)) + &ours(unnamed), true),
        (decoys(&certificate(&OTHER)) + &ours(&numbers(&OTHER)), false),
        // Nobody else is one of many: a careless provider's message is read.
        (ours(&certificate(&OTHER)), true),
        (ours("<d:X509Data><d:X509Certificate>*</d:X509Certificate></d:X509Data>"), true),
        (ours("<d:X509Data><d:X509Certificate><d:a/></d:X509Certificate></d:X509Data><d:KeyValue/>"), true),
    ] {
        let verdict = read(&wrapper(&format!("{sealed}{beside}")), &three);
        assert_eq!(verdict.is_ok(), found, "{beside}");
    }
}
