//! How messages leave: `[mail]` and `[sms]`. Without either nothing is sent, and what would have to send says so.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_domain::secret::Secret;

use super::masked::masked;
use super::master_key::master_key;
use super::{ConfigError, value};
use crate::world::post::{MailServer, MailTls, WebhookSecret, is_here};

/// The time for one message; far below the time for which a node claims one.
const TIMEOUT_SECONDS: u64 = 30;
const MOST_TIMEOUT_SECONDS: u64 = 120;

/// `[mail]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The mail server that takes mail from this server; no mail when absent
    #[arg(long = "mail-host", id = "mail-host", env = "VESTIBULE_MAIL_HOST", value_name = "HOST")]
    pub host: Option<String>,
    /// Its port; 465, 587 or 25 by mail.tls when absent
    #[arg(long = "mail-port", id = "mail-port", env = "VESTIBULE_MAIL_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// How the way to it is protected: implicit, starttls or none
    #[arg(long = "mail-tls", id = "mail-tls", env = "VESTIBULE_MAIL_TLS", value_name = "MODE")]
    pub tls: Option<String>,
    /// The name by which it knows this server
    #[arg(
        long = "mail-username",
        id = "mail-username",
        env = "VESTIBULE_MAIL_USERNAME",
        value_name = "NAME"
    )]
    pub username: Option<String>,
    /// The password (a flag can be seen by other users: prefer the file or the variable)
    #[arg(
        long = "mail-password",
        id = "mail-password",
        env = "VESTIBULE_MAIL_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    #[serde(serialize_with = "masked")]
    pub password: Option<Secret>,
    /// A file that holds the password
    #[arg(
        long = "mail-password-file",
        id = "mail-password-file",
        env = "VESTIBULE_MAIL_PASSWORD_FILE",
        value_name = "FILE"
    )]
    pub password_file: Option<PathBuf>,
    /// Whom mail is from, such as Example <no-reply@example.com>
    #[arg(long = "mail-from", id = "mail-from", env = "VESTIBULE_MAIL_FROM", value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Seconds for one message; 30 when absent
    #[arg(
        long = "mail-timeout-seconds",
        id = "mail-timeout-seconds",
        env = "VESTIBULE_MAIL_TIMEOUT_SECONDS",
        value_name = "SECONDS"
    )]
    pub timeout_seconds: Option<u64>,
    /// Certificate authorities of the mail server, in PEM, beside the public ones
    #[arg(long = "mail-ca-file", id = "mail-ca-file", env = "VESTIBULE_MAIL_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Tell customers by mail before a certificate or a secret of their sign-in ends; true when absent
    #[arg(
        long = "mail-reminders",
        id = "mail-reminders",
        env = "VESTIBULE_MAIL_REMINDERS",
        num_args = 0..=1,
        default_missing_value = "true"
    )]
    pub reminders: Option<bool>,
}

/// `[sms]`
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmsSettings {
    /// Where text messages are posted to; none are sent when absent
    #[arg(
        long = "sms-webhook-url",
        id = "sms-webhook-url",
        env = "VESTIBULE_SMS_WEBHOOK_URL",
        value_name = "URL"
    )]
    pub webhook_url: Option<String>,
    /// The key that signs them: whsec_ and 24 to 64 bytes in base64
    #[arg(
        long = "sms-webhook-secret",
        id = "sms-webhook-secret",
        env = "VESTIBULE_SMS_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "KEY"
    )]
    #[serde(serialize_with = "masked")]
    pub webhook_secret: Option<Secret>,
    /// A file that holds it
    #[arg(
        long = "sms-webhook-secret-file",
        id = "sms-webhook-secret-file",
        env = "VESTIBULE_SMS_WEBHOOK_SECRET_FILE",
        value_name = "FILE"
    )]
    pub webhook_secret_file: Option<PathBuf>,
}

impl MailSettings {
    pub(super) fn over(self, below: Self) -> Self {
        let own_password = self.password.is_some() || self.password_file.is_some();
        Self {
            host: self.host.or(below.host),
            port: self.port.or(below.port),
            tls: self.tls.or(below.tls),
            username: self.username.or(below.username),
            password: self.password.or(below.password.filter(|_| !own_password)),
            password_file: self.password_file.or(below.password_file.filter(|_| !own_password)),
            from: self.from.or(below.from),
            timeout_seconds: self.timeout_seconds.or(below.timeout_seconds),
            ca_file: self.ca_file.or(below.ca_file),
            reminders: self.reminders.or(below.reminders),
        }
    }
}

impl SmsSettings {
    pub(super) fn over(self, below: Self) -> Self {
        let own_secret = self.webhook_secret.is_some() || self.webhook_secret_file.is_some();
        Self {
            webhook_url: self.webhook_url.or(below.webhook_url),
            webhook_secret: self.webhook_secret.or(below.webhook_secret.filter(|_| !own_secret)),
            webhook_secret_file: self
                .webhook_secret_file
                .or(below.webhook_secret_file.filter(|_| !own_secret)),
        }
    }
}

/// Where text messages go.
#[derive(Clone, Debug)]
pub struct Sms {
    /// The address.
    pub url: Url,
    /// The key that signs.
    pub secret: WebhookSecret,
}

/// The mail server, if one is named.
pub(super) fn mail(given: &MailSettings) -> Result<Option<MailServer>, ConfigError> {
    let Some(host) = given.host.clone() else { return Ok(None) };
    let tls = match given.tls.as_deref() {
        None | Some("implicit") => MailTls::Implicit,
        Some("starttls") => MailTls::StartTls,
        Some("none") => MailTls::None,
        Some(found) => return Err(value("mail.tls", found, "implicit, starttls or none")),
    };
    let usual = match tls {
        MailTls::Implicit => 465,
        MailTls::StartTls => 587,
        MailTls::None => 25,
    };
    let password =
        master_key("mail.password", &given.password, "mail.password_file", given.password_file.as_deref())?;
    let credentials = match (given.username.clone(), password) {
        (None, None) => None,
        (Some(name), Some(password)) => Some((name, password)),
        (Some(_), None) => {
            return Err(ConfigError::Half { present: "mail.username", absent: "mail.password_file" });
        }
        (None, Some(_)) => {
            return Err(ConfigError::Half { present: "mail.password", absent: "mail.username" });
        }
    };
    if tls == MailTls::None && credentials.is_some() && !is_here(&host) {
        return Err(value(
            "mail.tls",
            "none",
            "implicit or starttls, because a password would travel in the clear to another machine",
        ));
    }
    let seconds = given.timeout_seconds.unwrap_or(TIMEOUT_SECONDS);
    if !(1..=MOST_TIMEOUT_SECONDS).contains(&seconds) {
        let expected = format!("1 to {MOST_TIMEOUT_SECONDS}");
        return Err(value("mail.timeout_seconds", &seconds.to_string(), expected));
    }
    let expected = "whom mail is from, such as Example <no-reply@example.com>";
    let from = given.from.clone().ok_or(ConfigError::Missing { key: "mail.from", expected })?;
    Ok(Some(MailServer {
        host,
        port: given.port.unwrap_or(usual),
        tls,
        credentials,
        from,
        timeout: Duration::from_secs(seconds),
        ca_file: given.ca_file.clone(),
    }))
}

/// The webhook for text messages, if one is named.
pub(super) fn sms(given: &SmsSettings) -> Result<Option<Sms>, ConfigError> {
    let Some(text) = given.webhook_url.as_deref() else { return Ok(None) };
    let url = text.parse().map_err(|_| {
        value("sms.webhook_url", text, "an absolute URL such as https://sms.example.com/send")
    })?;
    let secret = master_key(
        "sms.webhook_secret",
        &given.webhook_secret,
        "sms.webhook_secret_file",
        given.webhook_secret_file.as_deref(),
    )?;
    let secret =
        secret.ok_or(ConfigError::Half { present: "sms.webhook_url", absent: "sms.webhook_secret_file" })?;
    let expected = "whsec_ and 24 to 64 bytes in base64, as from: echo whsec_$(openssl rand -base64 32)";
    match WebhookSecret::parse(&secret) {
        Some(secret) => Ok(Some(Sms { url, secret })),
        None => Err(value("sms.webhook_secret", "(not shown)", expected)),
    }
}
