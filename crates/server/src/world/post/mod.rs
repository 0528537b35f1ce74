//! How messages leave this server: mail by the operator's mail server, text messages by the operator's webhook. One try
//! each; when to try again is the outbox's to decide.
//!
//! What the other side says to a message may quote it. Only words of ours and status numbers leave this module.

mod smtp;
mod webhook;

use vestibule_domain::id::MessageId;
use vestibule_domain::outbox::{Purpose, Recipient};
use vestibule_domain::refusal::{Channel, Refusal, What};
use vestibule_domain::time::Time;

use super::fetch::Fetcher;

pub use smtp::{MailServer, MailTls, Mailer};
pub(crate) use smtp::{Step, is_here};
pub use webhook::{SmsWebhook, WebhookSecret};

/// A message in its words.
pub(crate) struct Parcel<'a> {
    /// The id, the same at every try.
    pub(crate) id: MessageId,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// To whom.
    pub(crate) to: &'a Recipient,
    /// Mail alone has one.
    pub(crate) subject: &'a str,
    /// As plain text.
    pub(crate) text: &'a str,
    /// The same as a page; mail alone has one.
    pub(crate) html: &'a str,
    /// When it was asked for.
    pub(crate) created_at: Time,
    /// When it ends.
    pub(crate) expires_at: Time,
}

/// What became of a message that nobody has to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// It is the other side's now.
    Left,
    /// It stays here, for a developer to read.
    Kept,
}

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undelivered {
    /// Whether the other side will not take this message, however often it is tried.
    pub(crate) is_final: bool,
    /// A word of ours, with the other side's status where it gave one.
    pub(crate) reason: String,
}

impl Undelivered {
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self { is_final: false, reason: reason.into() }
    }

    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self { is_final: true, reason: reason.into() }
    }
}

/// Why messages cannot be sent as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A setting of the mail server.
    #[error("the mail server cannot be used: {0}")]
    Mail(String),
    /// A setting of the webhook.
    #[error("{0}")]
    Webhook(String),
}

/// How messages leave.
#[expect(clippy::large_enum_variant, reason = "a server has one of them")]
#[derive(Debug, Default)]
pub enum Post {
    /// They do not: they are kept, for a developer to read.
    #[default]
    Kept,
    /// By what is configured.
    Sent {
        /// Mail.
        mail: Option<Mailer>,
        /// Text messages.
        sms: Option<SmsWebhook>,
    },
}

impl Post {
    /// Whether messages can be sent in this way: nobody is promised a message that nobody can send.
    ///
    /// # Errors
    /// [`What::CannotSend`].
    pub(crate) fn require(&self, channel: Channel) -> Result<(), Refusal> {
        let can = match (self, channel) {
            (Self::Kept, _) => true,
            (Self::Sent { mail, .. }, Channel::Email) => mail.is_some(),
            (Self::Sent { sms, .. }, Channel::Sms) => sms.is_some(),
        };
        if can { Ok(()) } else { Err(What::CannotSend(channel).into()) }
    }

    /// Tries once to deliver a message.
    ///
    /// # Errors
    /// [`Undelivered`].
    pub(crate) async fn deliver(
        &self,
        fetcher: &Fetcher,
        parcel: &Parcel<'_>,
        now: Time,
    ) -> Result<Delivered, Undelivered> {
        let unset = || Undelivered::passing("not_configured");
        match (self, parcel.to) {
            (Self::Kept, _) => return Ok(Delivered::Kept),
            (Self::Sent { mail, .. }, Recipient::Email(address)) => {
                mail.as_ref().ok_or_else(unset)?.deliver(parcel, address).await?;
            }
            (Self::Sent { sms, .. }, Recipient::Sms(number)) => {
                sms.as_ref().ok_or_else(unset)?.deliver(fetcher, parcel, number, now).await?;
            }
        }
        Ok(Delivered::Left)
    }
}
