//! A name server that says what it is told to say, lies included. Messages are written byte by byte: it shares no code with what asks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// What is said about a name. What nothing is said about is not there.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// Texts.
    Texts(Vec<String>),
    /// The same, which do not fit into a datagram.
    Long(Vec<String>),
    /// It is another name's.
    Alias(&'static str),
    /// It is another name's, which is its own.
    Circle,
    /// A response code.
    Code(u8),
    /// Nothing at all.
    Silence,
    /// The texts, as those of another name.
    OfAnother(Vec<String>),
    /// The texts, in another class.
    OtherClass(Vec<String>),
    /// The texts, in the answer to another question; then the truth, that there is nothing.
    Forged(Vec<String>),
    /// The texts behind garbage.
    Garbage,
}

/// One text.
pub(crate) fn text(value: &str) -> Said {
    Said::Texts(vec![value.to_owned()])
}

#[derive(Clone)]
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    said: Arc<Mutex<HashMap<String, Said>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// A server on a port of its own, for datagrams and streams.
    pub(crate) async fn start() -> Self {
        let (socket, listener) = loop {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(listener) = TcpListener::bind(socket.local_addr().unwrap()).await {
                break (socket, listener);
            }
        };
        let server =
            Self { address: socket.local_addr().unwrap(), said: Arc::default(), asked: Arc::default() };
        tokio::spawn(server.clone().datagrams(socket));
        tokio::spawn(server.clone().streams(listener));
        server
    }

    /// Says something about a name from now on.
    pub(crate) fn say(&self, name: &str, said: Said) {
        self.said.lock().unwrap().insert(name.to_owned(), said);
    }

    /// Says nothing about a name any more.
    pub(crate) fn forget(&self, name: &str) {
        self.said.lock().unwrap().remove(name);
    }

    /// The names that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn datagrams(self, socket: UdpSocket) {
        let mut room = vec![0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut room).await {
            for answer in self.answers(&room[..length], false) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    }

    async fn streams(self, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let server = self.clone();
            tokio::spawn(async move {
                let length = stream.read_u16().await.unwrap();
                let mut question = vec![0; usize::from(length)];
                stream.read_exact(&mut question).await.unwrap();
                for answer in server.answers(&question, true) {
                    stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                    stream.write_all(&answer).await.unwrap();
                }
            });
        }
    }

    fn answers(&self, question: &[u8], is_stream: bool) -> Vec<Vec<u8>> {
        let name = asked_name(question);
        self.asked.lock().unwrap().push(name.clone());
        let said = self.said.lock().unwrap().get(&name).cloned();
        let id = [question[0], question[1]];
        let answer = |flags: u16, records: &[Vec<u8>]| message(id, flags, &name, records);
        let texts = |owner: &str, class: u16, texts: &[String]| -> Vec<Vec<u8>> {
            texts.iter().map(|text| record(owner, 16, class, &pieces(text))).collect()
        };
        match said {
            None => vec![answer(0x8183, &[])],
            Some(Said::Silence) => Vec::new(),
            Some(Said::Code(code)) => vec![answer(0x8180 | u16::from(code), &[])],
            Some(Said::Long(_)) if !is_stream => vec![answer(0x8380, &[])],
            Some(Said::Texts(given) | Said::Long(given)) => vec![answer(0x8180, &texts(&name, 1, &given))],
            Some(Said::Alias(to)) => vec![answer(0x8183, &[record(&name, 5, 1, &labels(to))])],
            Some(Said::Circle) => {
                let there = "circle.example.com";
                let (out, back) = (record(&name, 5, 1, &labels(there)), record(there, 5, 1, &labels(&name)));
                vec![answer(0x8180, &[out, back])]
            }
            Some(Said::OfAnother(given)) => {
                vec![answer(0x8180, &texts("_vestibule-challenge.evil.example.com", 1, &given))]
            }
            Some(Said::OtherClass(given)) => vec![answer(0x8180, &texts(&name, 3, &given))],
            Some(Said::Forged(given)) => {
                let records = texts(&name, 1, &given);
                vec![
                    message([id[0], id[1] ^ 1], 0x8180, &name, &records),
                    message(id, 0x8180, "evil.example.com", &records),
                    message(id, 0x0100, &name, &records),
                    answer(0x8183, &[]),
                ]
            }
            Some(Said::Garbage) => vec![[&id[..], &[0xff; 40]].concat()],
        }
    }
}

fn asked_name(question: &[u8]) -> String {
    let (mut at, mut labels) = (12, Vec::new());
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8(question[at + 1..end].to_vec()).unwrap());
        at = end;
    }
    labels.join(".").to_ascii_lowercase()
}

fn labels(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn pieces(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in text.as_bytes().chunks(255) {
        bytes.push(u8::try_from(piece.len()).unwrap());
        bytes.extend_from_slice(piece);
    }
    bytes
}

fn record(owner: &str, kind: u16, class: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = labels(owner);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&class.to_be_bytes());
    bytes.extend_from_slice(&60_u32.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn message(id: [u8; 2], flags: u16, name: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    for word in [flags, 1, u16::try_from(records.len()).unwrap(), 0, 0] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
    bytes.extend(labels(name));
    bytes.extend_from_slice(&[0, 16, 0, 1]);
    bytes.extend(records.iter().flatten());
    bytes
}
