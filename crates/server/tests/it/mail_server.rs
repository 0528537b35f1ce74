//! A mail server on loopback that does to a recipient what their name says, as real ones do on their bad days.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use vestibule_server::post::{MailServer, MailTls, Mailer, Post};

/// A mail that the server took, whatever it said about it.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) message_id: String,
    pub(crate) text: String,
}

#[derive(Clone, Default)]
struct Seen {
    mails: Vec<Mail>,
    tries: HashMap<String, usize>,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Postbox {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Postbox {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let postbox = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let served = postbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let postbox = served.clone();
                // Who hangs up in the middle is no concern of the test.
                tokio::spawn(async move { postbox.serve(stream).await.ok() });
            }
        });
        postbox
    }

    /// Where it is.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How a node sends by it.
    pub(crate) fn post(&self) -> Post {
        let server = MailServer {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            tls: MailTls::None,
            credentials: None,
            from: "Acme <no-reply@acme.example>".to_owned(),
            timeout: Duration::from_millis(1500),
            ca_file: None,
        };
        Post::Sent { mail: Some(Mailer::new(server, "sso.example.com").unwrap()), sms: None }
    }

    /// What it took for somebody, in order.
    pub(crate) fn to(&self, recipient: &str) -> Vec<Mail> {
        let seen = self.seen.lock().unwrap();
        seen.mails.iter().filter(|mail| mail.to == recipient).cloned().collect()
    }

    /// How many mails it took.
    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().mails.len()
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        writing.write_all(b"220 postbox\r\n").await?;
        let (mut to, mut tries) = (String::new(), 0);
        while let Some(line) = lines.next_line().await? {
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    tries = self.tried(&to);
                    match to.split('@').next().unwrap_or_default() {
                        "refused" => "550 5.1.1 no such user here",
                        "quoted" => {
                            "550 5.1.1 <quoted@kept-for-acme.example>: Se connecter is no subject of ours"
                        }
                        "grey" if tries == 1 => "451 4.7.1 come again",
                        "slow" if tries == 1 => {
                            tokio::time::sleep(Duration::from_secs(4)).await;
                            "250 ok"
                        }
                        _ => "250 ok",
                    }
                }
                "DATA" => {
                    writing.write_all(b"354 go on\r\n").await?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        text.push_str(&line);
                        text.push('\n');
                    }
                    self.take(&to, text);
                    if to.starts_with("half@") && tries == 1 {
                        // It has the mail, and nobody hears of it.
                        return Ok(());
                    }
                    "250 taken"
                }
                "QUIT" => {
                    writing.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                "EHLO" => "250-postbox\r\n250 AUTH PLAIN",
                "AUTH" => "535 5.7.8 who is that",
                "MAIL" if line.contains("<stranger@") => "550 5.7.1 not for that sender",
                _ => "250 ok",
            };
            writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    fn tried(&self, to: &str) -> usize {
        let mut seen = self.seen.lock().unwrap();
        let tries = seen.tries.entry(to.to_owned()).or_default();
        *tries += 1;
        *tries
    }

    fn take(&self, to: &str, text: String) {
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        let mail = Mail { to: to.to_owned(), message_id: id.unwrap_or_default().to_owned(), text };
        self.seen.lock().unwrap().mails.push(mail);
    }
}
