//! Answers that lie. They are written byte by byte here: nothing is shared with what reads them.

use vestibule_domain::domain_proof::Answer;

use super::*;

const ID: u16 = 0x4a17;
const NAME: &str = "_vestibule-challenge.acme.test";
const TXT: u16 = 16;
const CNAME: u16 = 5;
const IN: u16 = 1;

fn name(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in text.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn record(owner: &str, (kind, class): (u16, u16), data: &[u8]) -> Vec<u8> {
    let mut bytes = name(owner);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&class.to_be_bytes());
    bytes.extend_from_slice(&60_u32.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn txt(owner: &str, pieces: &[&str]) -> Vec<u8> {
    let mut data = Vec::new();
    for piece in pieces {
        data.push(u8::try_from(piece.len()).unwrap());
        data.extend_from_slice(piece.as_bytes());
    }
    record(owner, (TXT, IN), &data)
}

fn alias(owner: &str, to: &str) -> Vec<u8> {
    record(owner, (CNAME, IN), &name(to))
}

fn message(flags: u16, asked: &str, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [ID, flags, 1, u16::try_from(answers.len()).unwrap(), 0, 0] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
    bytes.extend(name(asked));
    bytes.extend_from_slice(&TXT.to_be_bytes());
    bytes.extend_from_slice(&IN.to_be_bytes());
    bytes.extend(answers.iter().flatten());
    bytes
}

const ANSWER: u16 = 0x8180;

fn read(bytes: &[u8]) -> Reading {
    Question::texts(NAME, ID).unwrap().read(bytes)
}

fn found(answers: &[Vec<u8>]) -> Answer {
    match read(&message(ANSWER, NAME, answers)) {
        Reading::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

const UNUSABLE: Reading = Reading::Unanswered(Unanswered::Unusable);

#[test]
fn the_question_is_what_a_server_expects() {
    let bytes = Question::texts("Acme.test", ID).unwrap().bytes().unwrap();
    // One question, and room for a longer answer (RFC 6891).
    assert_eq!(bytes[..12], [0x4a, 0x17, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(bytes[12..27].to_ascii_lowercase(), [name("acme.test"), vec![0, 16, 0, 1]].concat()[..15]);
}

#[test]
fn texts_are_read_whole() {
    let answer = found(&[txt(NAME, &["vestibule-", "domain=a"]), txt(&NAME.to_uppercase(), &["other"])]);
    assert_eq!(answer.texts, ["vestibule-domain=a", "other"]);
    assert_eq!((answer.alias, answer.exists), (None, true));
    assert_eq!(found(&[]), Answer { texts: Vec::new(), alias: None, exists: true });
    let gone = read(&message(0x8183, NAME, &[]));
    assert_eq!(gone, Reading::Answer(Answer::default()));
}

#[test]
fn what_was_not_asked_is_not_listened_to() {
    for (owner, class) in [("_vestibule-challenge.evil.test", IN), ("acme.test", IN), (NAME, 3), (NAME, 255)]
    {
        let data = [&[3][..], b"abc"].concat();
        let answer = found(&[record(owner, (TXT, class), &data)]);
        assert_eq!(answer.texts, Vec::<String>::new(), "{owner} {class}");
    }
    let other_kind = found(&[record(NAME, (99, IN), b"\x03abc")]);
    assert!(other_kind.texts.is_empty());
}

#[test]
fn somebody_elses_answers_are_passed_over() {
    let honest = message(ANSWER, NAME, &[txt(NAME, &["x"])]);
    let mut other_id = honest.clone();
    other_id[1] ^= 1;
    let mut two_questions = honest.clone();
    two_questions[5] = 2;
    for bytes in [
        other_id,
        message(ANSWER, "_vestibule-challenge.evil.test", &[txt(NAME, &["x"])]),
        // A question, and another operation.
        message(0x0100, NAME, &[txt(NAME, &["x"])]),
        message(ANSWER | 0x2000, NAME, &[txt(NAME, &["x"])]),
        Vec::new(),
        vec![0x4a],
    ] {
        assert_eq!(read(&bytes), Reading::NotOurs, "{bytes:?}");
    }
    assert_ne!(read(&two_questions), read(&honest));
}

#[test]
fn aliases_are_followed_to_their_end_and_in_no_circle() {
    let answer = found(&[
        alias(NAME, "a.test"),
        alias("a.test", "b.test"),
        txt("b.test", &["x"]),
        txt("c.test", &["y"]),
    ]);
    assert_eq!((answer.texts, answer.alias), (vec!["x".to_owned()], Some("a.test".to_owned())));
    let dangling = read(&message(0x8183, NAME, &[alias(NAME, "T.sso.test")]));
    assert_eq!(
        dangling,
        Reading::Answer(Answer { texts: Vec::new(), alias: Some("T.sso.test".to_owned()), exists: false })
    );
    let circle = message(ANSWER, NAME, &[alias(NAME, "a.test"), alias("a.test", NAME)]);
    assert_eq!(read(&circle), UNUSABLE);
    let chain: Vec<_> = (0..12).map(|n| alias(&format!("{n}.test"), &format!("{}.test", n + 1))).collect();
    let long = [vec![alias(NAME, "0.test")], chain].concat();
    assert_eq!(read(&message(ANSWER, NAME, &long)), UNUSABLE);
}

#[test]
fn trouble_is_told_apart() {
    assert_eq!(read(&message(0x8182, NAME, &[])), Reading::Unanswered(Unanswered::ServerFailure));
    assert_eq!(read(&message(0x8185, NAME, &[])), Reading::Unanswered(Unanswered::Refused));
    assert_eq!(read(&message(0x8184, NAME, &[])), UNUSABLE);
    assert_eq!(read(&message(ANSWER | 0x0200, NAME, &[])), Reading::Truncated);
}

#[test]
fn what_cannot_be_read_is_no_answer_and_no_panic() {
    let honest = message(ANSWER, NAME, &[txt(NAME, &["vestibule-domain=a"])]);
    for length in 0..honest.len() {
        assert!(!matches!(read(&honest[..length]), Reading::Answer(_)), "{length}");
    }
    // A name that points to itself, and one that points ahead.
    for offset in [0_u8, 200] {
        let mut bytes = message(ANSWER, NAME, &[]);
        let at = u8::try_from(bytes.len()).unwrap();
        bytes[7] = 1;
        bytes.extend_from_slice(&[0xc0, at.wrapping_add(offset), 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, b'x']);
        assert_eq!(read(&bytes), UNUSABLE, "{offset}");
    }
    let many: Vec<_> = (0..300).map(|n| txt(NAME, &[&format!("{n}")])).collect();
    assert_eq!(found(&many).texts.len(), 64);
    let long = "x".repeat(255);
    assert!(found(&[txt(NAME, &[&long, &long, &long, &long, &long])]).texts.is_empty());
}

#[test]
fn the_systems_servers_are_read_as_it_reads_them() {
    let text = "# nameserver 9.9.9.9\nsearch a.test\nnameserver 10.0.0.2\nnameserver\t2001:db8::1\nnameserver x\noptions edns0";
    let read: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
    assert_eq!(read, ["10.0.0.2:53", "[2001:db8::1]:53"]);
}
