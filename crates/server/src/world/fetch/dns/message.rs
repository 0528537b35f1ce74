//! Messages of DNS: one question, and what of an answer is about it. Pure. Whoever answers may lie, and what an answer says beside
//! the question is not listened to.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use vestibule_domain::domain_proof::{Answer, Unanswered};

/// What fits into one datagram on every way (DNS flag day 2020).
const DATAGRAM: u16 = 1232;
/// How many names may point to the next one.
const MOST_ALIASES: usize = 8;
/// How many texts are looked at, and how long one may be.
const MOST_TEXTS: usize = 64;
const MOST_TEXT_BYTES: usize = 1024;

/// A question for the texts at a name.
pub(super) struct Question {
    id: u16,
    name: Name,
}

/// What a message is, to whoever has asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Not the answer to the question: somebody else's, or a guess. The answer may still come.
    NotOurs,
    /// The answer is too long for a datagram.
    Truncated,
    /// The answer.
    Answer(Answer),
    /// The server gives none.
    Unanswered(Unanswered),
}

impl Question {
    /// A question for a name in ASCII. The number is chance: who cannot see the question has to guess it.
    pub(super) fn texts(name: &str, id: u16) -> Option<Self> {
        let mut name = Name::from_ascii(name).ok()?;
        name.set_fqdn(true);
        Some(Self { id, name })
    }

    /// As it is sent.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let mut message = Message::new(self.id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), RecordType::TXT));
        let mut edns = Edns::new();
        edns.set_max_payload(DATAGRAM);
        message.set_edns(edns);
        message.to_vec().ok()
    }

    /// Reads what came back.
    pub(super) fn read(&self, bytes: &[u8]) -> Reading {
        // Who has the number has seen the question or is lucky: what cannot be read then is the server's own.
        let is_ours = bytes.get(..2).is_some_and(|id| id == self.id.to_be_bytes());
        let Ok(message) = Message::from_vec(bytes) else {
            return if is_ours { Reading::Unanswered(Unanswered::Unusable) } else { Reading::NotOurs };
        };
        if !self.is_answered_by(&message) {
            return Reading::NotOurs;
        }
        if message.metadata.truncation {
            return Reading::Truncated;
        }
        let exists = match message.metadata.response_code {
            ResponseCode::NoError => true,
            ResponseCode::NXDomain => false,
            ResponseCode::ServFail => return Reading::Unanswered(Unanswered::ServerFailure),
            ResponseCode::Refused => return Reading::Unanswered(Unanswered::Refused),
            _ => return Reading::Unanswered(Unanswered::Unusable),
        };
        match self.followed(&message.answers) {
            Some((end, alias)) => {
                Reading::Answer(Answer { texts: texts(&message.answers, &end), alias, exists })
            }
            None => Reading::Unanswered(Unanswered::Unusable),
        }
    }

    fn is_answered_by(&self, message: &Message) -> bool {
        let about = |query: &Query| {
            query.name().eq_ignore_root(&self.name)
                && query.query_type() == RecordType::TXT
                && query.query_class() == DNSClass::IN
        };
        message.metadata.id == self.id
            && message.metadata.message_type == MessageType::Response
            && message.metadata.op_code == OpCode::Query
            && matches!(message.queries.as_slice(), [only] if about(only))
    }

    /// The name at the end of all aliases, and the first of these; `None` where they go in a circle or on and on.
    fn followed(&self, answers: &[Record]) -> Option<(Name, Option<String>)> {
        let (mut name, mut first) = (self.name.clone(), None);
        for _ in 0..=MOST_ALIASES {
            let next = of_name(answers, &name).find_map(|record| match &record.data {
                RData::CNAME(alias) => Some(alias.0.clone()),
                _ => None,
            });
            let Some(next) = next else { return Some((name, first)) };
            first.get_or_insert_with(|| next.to_ascii().trim_end_matches('.').to_owned());
            name = next;
        }
        None
    }
}

fn of_name<'a>(answers: &'a [Record], name: &'a Name) -> impl Iterator<Item = &'a Record> {
    answers.iter().filter(move |record| record.dns_class == DNSClass::IN && record.name.eq_ignore_root(name))
}

/// The texts at a name. The pieces of one are one text (RFC 1035 section 3.3.14, as everybody reads it).
fn texts(answers: &[Record], name: &Name) -> Vec<String> {
    let text = |record: &Record| match &record.data {
        RData::TXT(text) => {
            let whole: Vec<u8> = text
                .txt_data
                .iter()
                .flat_map(|piece| piece.iter().copied())
                .take(MOST_TEXT_BYTES + 1)
                .collect();
            (whole.len() <= MOST_TEXT_BYTES).then(|| String::from_utf8_lossy(&whole).into_owned())
        }
        _ => None,
    };
    of_name(answers, name).filter_map(text).take(MOST_TEXTS).collect()
}
