//! How messages leave, as the settings say: for the server, and for whoever looks whether they can.

use crate::world::config::{Config, Sms};
use crate::world::fetch::Fetcher;
use crate::world::post::{Mailer, Post, PostError, SmsWebhook};

/// Makes ready to send. Nothing is reached by it.
///
/// # Errors
/// Settings by which nothing can be sent.
pub(super) fn post(config: &Config, fetcher: &Fetcher) -> Result<Post, PostError> {
    let own_host = config.base_url.host_str().unwrap_or_default();
    let mail = config.mail.clone().map(|server| Mailer::new(server, own_host)).transpose()?;
    let sms =
        config.sms.clone().map(|Sms { url, secret }| SmsWebhook::new(url, secret, fetcher)).transpose()?;
    Ok(Post::Sent { mail, sms })
}
