//! Mail, by a mail server that takes it from us (RFC 6409). One connection for each message: a mail server may be restarted
//! at any time, and a kept connection would learn of it in the middle of a message.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::secret::Secret;

use super::{Parcel, PostError, Undelivered};

/// What is said at the end is of no interest, and not waited for.
const FAREWELL: Duration = Duration::from_secs(1);
/// It did not say that it has the message in time.
const TOO_SLOW: &str = "server_too_slow";

/// How the way to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the beginning (RFC 8314 section 3.3), on port 465.
    Implicit,
    /// TLS after `STARTTLS`, which the server must offer, on port 587.
    StartTls,
    /// Not at all, on port 25: for a relay on this machine or in a network of one's own.
    None,
}

/// A mail server, and as whom it is asked.
#[derive(Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub tls: MailTls,
    /// Name and password.
    pub credentials: Option<(String, Secret)>,
    /// Whom mail is from: `no-reply@example.com` or `Example <no-reply@example.com>`.
    pub from: String,
    /// The time for one message, from the connection to the server's word that it has it.
    pub timeout: Duration,
    /// Certificate authorities of the server in PEM, beside the public ones.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[mail server {}:{}]", self.host, self.port)
    }
}

/// Whether a host is this machine, so that nobody can read along on the way there.
#[must_use]
pub(crate) fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Sends mail.
pub struct Mailer {
    server: MailServer,
    from: Mailbox,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl Mailer {
    /// Makes ready to send by a server. `own_host` is how this machine greets it.
    ///
    /// # Errors
    /// A sender that is no address, a file without certificates.
    pub fn new(server: MailServer, own_host: &str) -> Result<Self, PostError> {
        let from: Mailbox = server.from.parse().map_err(|_| {
            PostError::Mail(format!(
                "`mail.from` is {:?}: expected an address such as no-reply@example.com or Example <no-reply@example.com>",
                server.from
            ))
        })?;
        let tls = if server.tls == MailTls::None { None } else { Some(tls(&server)?) };
        let hello = match own_host.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(own_host.to_owned()),
        };
        Ok(Self { server, from, tls, hello })
    }

    /// Tries once.
    pub(super) async fn deliver(
        &self,
        parcel: &Parcel<'_>,
        address: &EmailAddress,
    ) -> Result<(), Undelivered> {
        // Ours and the library's ideas of an address differ at the edges.
        let to: Address =
            address.as_str().parse().map_err(|_| Undelivered::lasting("address_not_deliverable"))?;
        let mail = self.mail(parcel, to.clone()).ok_or_else(|| Undelivered::lasting("unwritable"))?;
        let late = |_| Undelivered::passing(TOO_SLOW);
        let handed_over = tokio::time::timeout(self.server.timeout, self.hand_over(to, &mail)).await;
        let mut connection = handed_over.map_err(late)??;
        // The message is the server's now, whatever it says to this.
        let _farewell = tokio::time::timeout(FAREWELL, connection.quit()).await;
        Ok(())
    }

    /// The message as it is sent, the same at every try.
    fn mail(&self, parcel: &Parcel<'_>, to: Address) -> Option<Vec<u8>> {
        let millis = u64::try_from(parcel.created_at.millis()).unwrap_or_default();
        // RFC 3834: no machine is to answer.
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let mail = lettre::Message::builder()
            .message_id(Some(format!("<{}@{}>", parcel.id, self.from.email.domain())))
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(parcel.subject)
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(parcel.text.to_owned(), parcel.html.to_owned()));
        mail.ok().map(|mail| mail.formatted())
    }

    /// Goes as far as it can without a recipient, and says how far it came: whether the server is there, protects the way, knows
    /// these credentials and takes mail from this sender.
    ///
    /// # Errors
    /// Where it ended, and what the other side said. Nothing of a message is in it.
    pub(crate) async fn try_out(&self) -> Result<(), Ended> {
        let late = |_| Ended {
            at: None,
            said: format!("no answer in {} s", self.server.timeout.as_secs()),
            reason: TOO_SLOW.to_owned(),
        };
        let tried = tokio::time::timeout(self.server.timeout, self.introduced()).await;
        let mut connection = tried.map_err(late)??;
        let _farewell = tokio::time::timeout(FAREWELL, connection.quit()).await;
        Ok(())
    }

    /// A connection on which the server expects a recipient.
    async fn introduced(&self) -> Result<AsyncSmtpConnection, Ended> {
        let server = &self.server;
        let implicit = self.tls.clone().filter(|_| server.tls == MailTls::Implicit);
        let at = (server.host.as_str(), server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(at, Some(server.timeout), &self.hello, implicit, None)
                .await
                .map_err(|error| Ended::of(Step::Connection, &error))?;
        if let Some(tls) = self.tls.clone().filter(|_| server.tls == MailTls::StartTls) {
            let upgraded = connection.starttls(tls, &self.hello).await;
            upgraded.map_err(|error| Ended::of(Step::Protection, &error))?;
        }
        if let Some((name, password)) = &server.credentials {
            let credentials = Credentials::new(name.clone(), password.expose().to_owned());
            let known = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            known.map_err(|error| Ended::of(Step::Credentials, &error))?;
        }
        let from = Mail::new(Some(self.from.email.clone()), Vec::new());
        connection.command(from).await.map_err(|error| Ended::of(Step::Sender, &error))?;
        Ok(connection)
    }

    /// Goes through the exchange step by step: whether a refusal is about this message or about us is told by its place.
    async fn hand_over(&self, to: Address, mail: &[u8]) -> Result<AsyncSmtpConnection, Undelivered> {
        let mut connection = self.introduced().await.map_err(Ended::undelivered)?;
        let to = Rcpt::new(to, Vec::new());
        connection.command(to).await.map_err(|error| by_status("recipient_refused", &error))?;
        connection.command(Data).await.map_err(|error| passing("message_refused", &error))?;
        connection.message(mail).await.map_err(|error| by_status("message_refused", &error))?;
        Ok(connection)
    }
}

/// The steps of an exchange that are about us and not about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To reach the server, and TLS from the beginning.
    Connection,
    /// TLS after `STARTTLS`.
    Protection,
    /// Name and password.
    Credentials,
    /// Whom mail is from.
    Sender,
}

impl Step {
    /// What it is called when it fails.
    const fn failed(self) -> &'static str {
        match self {
            Self::Connection => "server_unreachable",
            Self::Protection => "tls_refused",
            Self::Credentials => "credentials_refused",
            Self::Sender => "sender_refused",
        }
    }
}

/// Where an exchange ended before there was a recipient.
#[derive(Debug)]
pub(crate) struct Ended {
    /// At which step; none when the time was over.
    pub(crate) at: Option<Step>,
    /// What was heard, for the operator alone.
    pub(crate) said: String,
    reason: String,
}

impl Ended {
    fn of(step: Step, error: &Error) -> Self {
        Self { at: Some(step), said: error.to_string(), reason: with_status(step.failed(), error) }
    }

    /// The operator or time mends it.
    fn undelivered(self) -> Undelivered {
        Undelivered::passing(self.reason)
    }
}

/// Something that the operator or time mends.
fn passing(word: &str, error: &Error) -> Undelivered {
    Undelivered::passing(with_status(word, error))
}

/// Something about this very message: 5xx is the server's last word (RFC 5321 section 4.2.1).
fn by_status(word: &str, error: &Error) -> Undelivered {
    let reason = with_status(word, error);
    if error.is_permanent() { Undelivered::lasting(reason) } else { Undelivered::passing(reason) }
}

fn with_status(word: &str, error: &Error) -> String {
    match error.status() {
        Some(status) => format!("{word} {status}"),
        None if error.is_tls() => format!("{word} (tls)"),
        None => word.to_owned(),
    }
}

fn tls(server: &MailServer) -> Result<TlsParameters, PostError> {
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca_file {
        let refuse = |reason: String| {
            PostError::Mail(format!(
                "`mail.ca_file` {}: expected certificates in PEM: {reason}",
                path.display()
            ))
        };
        let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| refuse(error.to_string()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| PostError::Mail(error.to_string()))
}
