//! Responses, in four ways that the first byte chooses:
//!
//! * 0: a validly signed response with bytes changed. Accepted means that the identity is the one that was signed.
//! * 1: a validly signed response with whole pieces moved, doubled, forged and cut, as signature wrapping does. The same.
//! * 2: any content of an assertion, validly signed. Accepted means that what must be in it is in it.
//! * else: any bytes. Never accepted.
#![no_main]
#![allow(dead_code)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vestibule_saml::c14n::{Method, canonical};
use vestibule_saml::response::{AcceptedAssertion, Account, Outcome, judge};
use vestibule_saml::xml::{Document, Limits};

#[path = "../../crates/saml/tests/forge/mod.rs"]
mod forge;
#[path = "../../crates/saml/tests/message/mod.rs"]
mod message;

use forge::Shape;
use message::encrypt::Content;
use message::{ACS, AUDIENCE, Message, NOW, PROVIDER, REQUEST, Sign, decrypting};

/// Good messages, and pieces that a forger would want in them.
struct World {
    messages: Vec<String>,
    pieces: Vec<String>,
    identity: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let of = |sign| Message::signed(sign);
    let messages = vec![
        of(Sign::Response).xml(),
        of(Sign::Assertion).xml(),
        of(Sign::Both).xml(),
        of(Sign::Assertion).encrypted(Content::Aes128Cbc).xml(),
        of(Sign::Response).encrypted(Content::Aes256Gcm).xml(),
    ];
    let identity = shown(&judged(messages[0].as_bytes()).expect("the signed message is good"));
    for message in &messages {
        assert_eq!(judged(message.as_bytes()).map(|accepted| shown(&accepted)), Some(identity.clone()));
    }
    let forged = of(Sign::Nothing).assertion("ada@example.com", "eve@example.com").unsigned_assertion();
    let signature = |message: &str| cut(message, "<ds:Signature", "</ds:Signature>");
    let pieces = vec![
        forged.replace("_assertion-1", "_assertion-2"),
        forged.clone(),
        cut(&messages[1], "<saml:Assertion", "</saml:Assertion>"),
        cut(&messages[3], "<saml:EncryptedAssertion", "</saml:EncryptedAssertion>"),
        signature(&messages[0]),
        signature(&messages[1]),
        message::encrypt::element(&forged, Content::Aes128Cbc),
        cut(&forged, "<saml:Subject>", "</saml:Subject>"),
        cut(&forged, "<saml:AttributeStatement>", "</saml:AttributeStatement>"),
        "<saml:NameID>eve@example.com</saml:NameID>".to_owned(),
        "<samlp:Extensions>".to_owned(),
        "</samlp:Extensions>".to_owned(),
        "<saml:Advice>".to_owned(),
        "</saml:Advice>".to_owned(),
        "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">".to_owned(),
        "</ds:Object>".to_owned(),
        "<!-- -->".to_owned(),
        "<?x?>".to_owned(),
        "<![CDATA[eve]]>".to_owned(),
        " ".to_owned(),
        "&#101;".to_owned(),
        "eve".to_owned(),
    ];
    World { messages, pieces, identity }
});

fuzz_target!(|data: &[u8]| {
    let world = &*WORLD;
    match data {
        [0, which, changes @ ..] => unchanged(world, &mutated(original(world, *which).as_bytes(), changes)),
        [1, which, changes @ ..] => unchanged(world, rearranged(world, original(world, *which), changes).as_bytes()),
        [2, content @ ..] => signed_content(content),
        _ => assert!(judged(data).is_none()),
    }
});

fn original(world: &World, which: u8) -> &str {
    &world.messages[usize::from(which) % world.messages.len()]
}

/// Judges, and listens: what is told must be as bounded as what is decided.
fn judged(xml: &[u8]) -> Option<AcceptedAssertion> {
    let mut account = Account::default();
    let verdict = judge(xml, &decrypting(), NOW, &mut account);
    assert_eq!(verdict.is_ok(), judge(xml, &decrypting(), NOW, &mut ()).is_ok());
    for (check, outcome) in account.checks() {
        match outcome {
            Outcome::Failed { sentence, .. } => assert!(sentence.chars().count() < 4_000, "{}", check.name()),
            Outcome::NotReached => assert!(verdict.is_err()),
            Outcome::Passed { .. } | Outcome::Skipped { .. } => {}
        }
    }
    assert_eq!(verdict.is_err(), account.failure().is_some());
    verdict.ok()
}

/// Everything that an application could act on.
fn shown(accepted: &AcceptedAssertion) -> String {
    format!(
        "{} {} {:?} {:?} {:?} {} {:?} {}",
        accepted.issuer(),
        accepted.assertion_id(),
        accepted.name_id(),
        accepted.attributes(),
        accepted.session_index(),
        accepted.authn_instant(),
        accepted.session_not_on_or_after(),
        accepted.replay_until(),
    )
}

fn unchanged(world: &World, xml: &[u8]) {
    if let Some(accepted) = judged(xml) {
        assert_eq!(shown(&accepted), world.identity, "{}", String::from_utf8_lossy(xml));
    }
}

/// Each four bytes are one change: what, where (two), with which byte.
fn mutated(xml: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = xml.to_vec();
    for change in changes.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % (bytes.len() + 1);
        match change[0] % 4 {
            0 if at < bytes.len() => bytes[at] = change[3],
            1 => bytes.insert(at, change[3]),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// Each four bytes are one change between tags: what, where, from where, and until where or which piece.
fn rearranged(world: &World, xml: &str, changes: &[u8]) -> String {
    let mut text = xml.to_owned();
    for change in changes.chunks_exact(4).take(12) {
        let tags: Vec<usize> = text.match_indices('<').map(|(at, _)| at).chain([text.len()]).collect();
        let tag = |byte: u8| tags[usize::from(byte) % tags.len()];
        let at = tag(change[1]);
        let (from, to) = (tag(change[2]).min(tag(change[3])), tag(change[2]).max(tag(change[3])));
        let piece = world.pieces[usize::from(change[3]) % world.pieces.len()].as_str();
        match change[0] % 6 {
            0 => text.insert_str(at, piece),
            1 => text.insert_str(at, &text[from..to].to_owned()),
            2 => text.replace_range(from..to, ""),
            3 => text.replace_range(from..to, piece),
            4 => {
                let old = &text[from..to].to_owned();
                text = text.replacen("_assertion-1", old, usize::from(change[1]) % 2);
                text = text.replacen("ada@example.com", "eve@example.com", 1);
            }
            _ => {
                let moved = text[from..to].to_owned();
                text.replace_range(from..to, "");
                let at = at.min(text.len());
                if text.is_char_boundary(at) {
                    text.insert_str(at, &moved);
                }
            }
        }
        if text.len() > 200_000 {
            break;
        }
    }
    text
}

/// Signs whatever is well-formed, as a provider would that is careless about the rest.
fn signed_content(content: &[u8]) {
    let Ok(content) = std::str::from_utf8(content) else { return };
    let good = Message::signed(Sign::Nothing);
    let assertion = good.unsigned_assertion();
    let Some((head, _)) = assertion.split_once("<saml:Subject>") else { return };
    let assertion = format!("{head}{content}</saml:Assertion>");
    let Ok(document) = Document::parse(assertion.as_bytes(), &Limits::MESSAGE) else { return };
    let octets = canonical(document.root(), None, Method::EXCLUSIVE);
    let shape = Shape { uri: "#_assertion-1".to_owned(), ..Shape::default() };
    let signature = shape.signature(&PROVIDER, std::str::from_utf8(&octets).expect("canonical octets are UTF-8"));
    let xml = good.instead_of_assertion(&format!("{head}{signature}{content}</saml:Assertion>")).xml();
    if let Some(accepted) = judged(xml.as_bytes()) {
        assert_eq!(accepted.issuer(), message::IDP);
        for needed in ["AuthnStatement", "Conditions", "AudienceRestriction", "SubjectConfirmationData"] {
            assert!(content.contains(needed), "{needed}");
        }
        // As they stand, or with character references, which the seeds do not use.
        for value in [AUDIENCE, ACS, REQUEST] {
            assert!(content.contains(value) || content.contains('&'), "{value}");
        }
        assert!(accepted.replay_until() > NOW);
    }
}

fn cut(text: &str, start: &str, end: &str) -> String {
    let from = text.find(start).expect("the start is there");
    let to = text[from..].find(end).expect("the end is there") + from + end.len();
    text[from..to].to_owned()
}
