//! What is written in DNS, asked of the operator's own name servers: over UDP, and over TCP where that is too little. Nobody else
//! names a server, so none has to be judged; what is asked and answered is foreign, bounded, and taken for what it is (ADR 59).

mod message;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use vestibule_domain::domain_proof::{Looked, Unanswered};
use vestibule_domain::entropy::{Entropy, bytes};

use message::{Question, Reading};

/// Where the operating system says which servers there are.
const SYSTEM: &str = "/etc/resolv.conf";
const PORT: u16 = 53;
/// How many servers are asked before nobody has answered.
const MOST_SERVERS: usize = 3;
/// How long one server is waited for.
const ONE_SERVER: Duration = Duration::from_secs(3);
/// More than an honest answer with texts has.
const MOST_BYTES: usize = 16 * 1024;
/// How many messages that are no answer are looked at while one is waited for.
const MOST_STRAY: usize = 16;

/// The name servers.
#[derive(Clone, Debug)]
pub(super) struct NameServers {
    /// As the operator has set them; those of the operating system when there are none.
    set: Vec<SocketAddr>,
}

impl NameServers {
    pub(super) const fn new(set: Vec<SocketAddr>) -> Self {
        Self { set }
    }

    /// The texts at a name. A server that is silent or in trouble is followed by the next one.
    pub(super) async fn texts(&self, name: &str, entropy: &dyn Entropy) -> Looked {
        let servers = if self.set.is_empty() { system(Path::new(SYSTEM)).await } else { self.set.clone() };
        let mut looked = Err(Unanswered::Silent);
        for server in servers.into_iter().take(MOST_SERVERS) {
            let id = u16::from_be_bytes(bytes::<2>(entropy));
            let question = Question::texts(name, id).ok_or(Unanswered::Unusable)?;
            looked = timeout(ONE_SERVER, asked(server, &question)).await.unwrap_or(Err(Unanswered::Silent));
            if looked.is_ok() {
                break;
            }
        }
        looked
    }
}

/// Asks one server.
async fn asked(server: SocketAddr, question: &Question) -> Looked {
    let sent = question.bytes().ok_or(Unanswered::Unusable)?;
    let reading = match by_datagram(server, question, &sent).await? {
        Reading::Truncated => by_stream(server, question, &sent).await?,
        reading => reading,
    };
    match reading {
        Reading::Answer(answer) => Ok(answer),
        Reading::Unanswered(why) => Err(why),
        // On a stream there is one answer, and it is whole.
        Reading::NotOurs | Reading::Truncated => Err(Unanswered::Unusable),
    }
}

async fn by_datagram(server: SocketAddr, question: &Question, sent: &[u8]) -> Result<Reading, Unanswered> {
    // A port of its own for each question, drawn by the operating system; connected, so that nobody else is heard.
    let here: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let silent = |_| Unanswered::Silent;
    let socket = UdpSocket::bind((here, 0)).await.map_err(silent)?;
    socket.connect(server).await.map_err(silent)?;
    socket.send(sent).await.map_err(silent)?;
    let mut room = vec![0; MOST_BYTES];
    for _ in 0..MOST_STRAY {
        let length = socket.recv(&mut room).await.map_err(silent)?;
        match question.read(room.get(..length).unwrap_or_default()) {
            Reading::NotOurs => {}
            reading => return Ok(reading),
        }
    }
    Err(Unanswered::Unusable)
}

async fn by_stream(server: SocketAddr, question: &Question, sent: &[u8]) -> Result<Reading, Unanswered> {
    let silent = |_| Unanswered::Silent;
    let mut stream = TcpStream::connect(server).await.map_err(silent)?;
    let length = u16::try_from(sent.len()).map_err(|_| Unanswered::Unusable)?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(sent);
    stream.write_all(&framed).await.map_err(silent)?;
    let length = usize::from(stream.read_u16().await.map_err(silent)?);
    if length > MOST_BYTES {
        return Err(Unanswered::Unusable);
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.map_err(silent)?;
    Ok(question.read(&answer))
}

/// The servers that the operating system asks. Read at each question: they change with the network.
async fn system(file: &Path) -> Vec<SocketAddr> {
    let text = tokio::fs::read_to_string(file).await.unwrap_or_default();
    listed(&text)
}

fn listed(text: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        let address = (words.next() == Some("nameserver")).then(|| words.next()).flatten()?;
        // A zone is of this machine alone, and no address of a server that others are told.
        Some(SocketAddr::new(address.parse().ok()?, PORT))
    };
    text.lines().filter_map(server).collect()
}

#[cfg(test)]
mod tests;
