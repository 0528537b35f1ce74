//! Encrypted assertions, good ones that were altered and anything else: decryption never panics, and what AES-GCM lets
//! through is what was encrypted.
//!
//! The first octet chooses an assertion by its algorithms and by where its key is; every four octets after it are one
//! alteration. With the first octet 255 the rest is the document itself.
#![no_main]

#[allow(dead_code)]
#[path = "../../crates/saml/tests/encrypter/mod.rs"]
mod encrypter;

use std::sync::LazyLock;

use encrypter::{CONTENT, Pair, content_method, encrypted_data, encrypted_key, seal, transports, wrapper};
use libfuzzer_sys::fuzz_target;
use vestibule_saml::key::DecryptionKeys;
use vestibule_saml::xml::{Document, Element, Limits, ns};
use vestibule_saml::xmlenc::decrypt;

const ASSERTION: &[u8] =
    b"<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">identity</a:Assertion>";
const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// What whole words are exchanged for.
const WORDS: [&str; 12] = [
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2009/xmlenc11#mgf1sha1",
    "http://www.w3.org/2009/xmlenc11#mgf1sha256",
    "<x:CipherValue>",
    "</x:CipherValue>",
];

static PAIR: LazyLock<Pair> = LazyLock::new(Pair::generate);
static KEYS: LazyLock<DecryptionKeys> = LazyLock::new(|| DecryptionKeys::new([&PAIR.private]).unwrap());
static DOCUMENTS: LazyLock<Vec<String>> = LazyLock::new(documents);

fn documents() -> Vec<String> {
    let retrieval = format!("<d:RetrievalMethod Type=\"{XENC}EncryptedKey\" URI=\"#k\"/>");
    let mut documents = Vec::new();
    for (algorithm, octets) in CONTENT {
        for transport in transports() {
            let secret = vec![0x42; octets];
            let key = encrypted_key("k", &transport.method, &PAIR.wrap(transport.algorithm, &secret, None));
            let sealed = seal(algorithm, &secret, ASSERTION);
            let data = |info: &str| encrypted_data(&content_method(algorithm), info, &sealed);
            documents.push(wrapper(&data(&key)));
            documents.push(wrapper(&format!("{}{key}", data(""))));
            documents.push(wrapper(&format!("{}{key}", data(&retrieval))));
        }
    }
    documents
}

fn altered(document: &str, alterations: &[u8]) -> Vec<u8> {
    let mut octets = document.as_bytes().to_vec();
    for alteration in alterations.chunks_exact(4) {
        let &[kind, high, low, value] = alteration else { break };
        let place = usize::from(u16::from_be_bytes([high, low])) % octets.len().max(1);
        match kind % 4 {
            0 => octets[place] = value,
            1 => drop(octets.drain(place..(place + usize::from(value)).min(octets.len()))),
            2 => octets.insert(place, value),
            _ => octets = exchanged(&octets, usize::from(high), usize::from(low)),
        }
        if octets.is_empty() {
            break;
        }
    }
    octets
}

fn exchanged(octets: &[u8], from: usize, to: usize) -> Vec<u8> {
    let (from, to) = (WORDS[from % WORDS.len()], WORDS[to % WORDS.len()]);
    String::from_utf8_lossy(octets).replacen(from, to, 1).into_bytes()
}

fn is_gcm(encrypted: Element<'_>) -> bool {
    let data = encrypted.elements().next().unwrap();
    let method = data.only_child(ns::XENC, "EncryptionMethod").unwrap().unwrap();
    method.attribute("Algorithm").unwrap().ends_with("-gcm")
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, rest)) = input.split_first() else { return };
    let documents = &*DOCUMENTS;
    let octets = match choice {
        255 => rest.to_vec(),
        choice => altered(&documents[usize::from(choice) % documents.len()], rest),
    };
    let Ok(document) = Document::parse(&octets, &Limits::MESSAGE) else { return };
    let decided = decrypt(document.root(), &KEYS);
    if choice != 255 && rest.len() < 4 {
        assert_eq!(decided.as_ref().unwrap().as_bytes(), ASSERTION);
    }
    if let Ok(plain) = decided
        && is_gcm(document.root())
    {
        assert_eq!(plain.as_bytes(), ASSERTION);
    }
});
