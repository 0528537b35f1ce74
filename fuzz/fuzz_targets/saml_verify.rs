//! A signed response, edited as the input says: whatever still verifies is one of the two things that were signed.
//!
//! The input is a list of edits (delete, insert, replace, copy or move a piece, insert a fragment that attacks use), so
//! that the fuzzer moves whole elements about instead of guessing base64.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::c14n::{Method, canonical};
use vestibule_saml::dsig::signature_of;
use vestibule_saml::key::{RsaPrivateKey, SigningKey, VerificationKeys};
use vestibule_saml::xml::{Document, Element, Limits, ns};

struct World {
    keys: VerificationKeys,
    message: String,
    /// The canonical forms that were signed.
    signed: [String; 2],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = RsaPrivateKey::generate().expect("a key can be made");
    let key = SigningKey::new(&key).expect("it signs");
    let certificate = key
        .self_signed_certificate("idp", UnixMillis(0), UnixMillis(4_000_000_000_000), [7; 16])
        .expect("it has a certificate");
    let assertion = [
        r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0">"#,
        "<saml:Issuer>idp</saml:Issuer>",
        "<saml:Subject><saml:NameID>mary@example.org</saml:NameID></saml:Subject></saml:Assertion>",
    ];
    let response = [
        r##"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0">"##,
        r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">idp</saml:Issuer>"#,
        "</samlp:Response>",
    ];
    let unsigned = assertion.concat();
    let inner = [assertion[0], assertion[1], &signature(&key, "_a", &unsigned), assertion[2]].concat();
    let whole = [response[0], response[1], &inner, response[2]].concat();
    let outer = [response[0], response[1], &signature(&key, "_r", &whole), &inner, response[2]].concat();
    let world = World {
        keys: VerificationKeys::new(certificate, Vec::new()),
        message: outer,
        signed: [whole, unsigned],
    };
    assert_eq!(accepted(&world, world.message.as_bytes()), 2, "both signatures verify");
    world
});

fn signature(key: &SigningKey, id: &str, content: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content.as_bytes());
    let digest = STANDARD.encode(digest);
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{EC}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{DS}enveloped-signature\">\
         </ds:Transform><ds:Transform Algorithm=\"{EC}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{digest}\
         </ds:DigestValue></ds:Reference></ds:SignedInfo>",
        DS = ns::DS,
        EC = ns::EC,
    );
    let value = STANDARD.encode(key.sign(info.as_bytes()).expect("it signs"));
    // Where it stands, the prefix is declared already: canonical form, so that a signature around it is right too.
    let info = info.replacen(&format!(" xmlns:ds=\"{}\"", ns::DS), "", 1);
    format!(
        "<ds:Signature xmlns:ds=\"{}\">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo></ds:KeyInfo>\
         </ds:Signature>",
        ns::DS
    )
}

const FRAGMENTS: [&str; 16] = [
    "<!---->",
    "<![CDATA[x]]>",
    "<ds:Object>",
    "</ds:Object>",
    " ID=\"_a\"",
    " Id=\"_r\"",
    " xmlns:ds=\"urn:x\"",
    " xmlns:saml=\"urn:x\"",
    " xmlns=\"urn:x\"",
    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_e\">",
    "</saml:Assertion>",
    "<samlp:Extensions xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">",
    "</samlp:Extensions>",
    "&#13;",
    "\r\n",
    "<x>y</x>",
];

/// Takes numbers from the input; 0 when it is used up.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn place(&mut self, length: usize) -> usize {
        (self.byte() << 8 | self.byte()) % (length + 1)
    }

    fn piece(&mut self, text: &[u8]) -> std::ops::Range<usize> {
        let (one, other) = (self.place(text.len()), self.place(text.len()));
        one.min(other)..one.max(other)
    }
}

/// The beginning of a tag at or after `place`, so that edits often respect elements.
fn at_tag(text: &[u8], place: usize) -> usize {
    text[place..].iter().position(|byte| *byte == b'<').map_or(text.len(), |found| place + found)
}

fn edited(message: &str, data: &[u8]) -> Vec<u8> {
    let mut text = message.as_bytes().to_vec();
    let mut input = Input(data);
    while !input.0.is_empty() && text.len() < 64 * 1024 {
        let operation = input.byte();
        let mut piece = input.piece(&text);
        if operation & 0x80 != 0 {
            piece = at_tag(&text, piece.start)..at_tag(&text, piece.end);
        }
        match operation % 7 {
            0 => drop(text.drain(piece)),
            1 => text[piece].fill(b' '),
            2 => {
                let copy = text[piece].to_vec();
                let place = input.place(text.len());
                text.splice(place..place, copy);
            }
            3 => {
                let moved: Vec<u8> = text.drain(piece).collect();
                let place = input.place(text.len());
                text.splice(place..place, moved);
            }
            4 => {
                let fragment = FRAGMENTS[input.byte() % FRAGMENTS.len()];
                text.splice(piece.start..piece.start, fragment.bytes());
            }
            5 => {
                let count = (input.byte() % 16).min(input.0.len());
                let (raw, rest) = input.0.split_at(count);
                input.0 = rest;
                text.splice(piece.start..piece.start, raw.iter().copied());
            }
            _ => {
                let byte = input.byte() as u8;
                if let Some(place) = text.get_mut(piece.start) {
                    *place = byte;
                }
            }
        }
    }
    text
}

/// How many elements verify. Each must be what was signed, read back from the tree.
fn accepted(world: &World, text: &[u8]) -> usize {
    let Ok(document) = Document::parse(text, &Limits::MESSAGE) else { return 0 };
    let root = document.root();
    std::iter::once(root).chain(root.descendants()).filter(|element| verifies(world, *element)).count()
}

fn verifies(world: &World, element: Element<'_>) -> bool {
    let Ok(Some(signature)) = signature_of(element) else { return false };
    let inside = signature.element();
    let Ok(verified) = signature.verify(&world.keys, &LegacyPolicy::NONE) else { return false };
    let octets = canonical(verified.element(), Some(inside), Method::EXCLUSIVE);
    assert!(world.signed.iter().any(|signed| signed.as_bytes() == octets), "verified, and not what was signed");
    true
}

fuzz_target!(|data: &[u8]| {
    let text = edited(&WORLD.message, data);
    accepted(&WORLD, &text);
});
