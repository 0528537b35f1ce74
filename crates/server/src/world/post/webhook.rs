//! Text messages, by a webhook of the operator's: there are as many ways to send one as there are providers. It is signed
//! as the Standard Webhooks specification says (id, time and body under HMAC-SHA-256), so that every language has what
//! verifies it.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;
use url::Url;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;

use super::{Parcel, PostError, Undelivered};
use crate::world::fetch::{FetchRequest, Fetcher};

const SECRET_PREFIX: &str = "whsec_";
/// The lengths of a secret that the specification allows.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// What it answers is of no interest.
const LIMIT_BYTES: usize = 64 * 1024;

/// The key that signs.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl WebhookSecret {
    /// Reads `whsec_` and 24 to 64 bytes in base64.
    #[must_use]
    pub fn parse(text: &Secret) -> Option<Self> {
        let bytes = STANDARD.decode(text.expose().strip_prefix(SECRET_PREFIX)?).ok()?;
        SECRET_BYTES.contains(&bytes.len()).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The signature of a body that is sent at a time.
    fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{seconds}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

/// Where text messages go.
#[derive(Clone, Debug)]
pub struct SmsWebhook {
    url: Url,
    secret: WebhookSecret,
}

impl SmsWebhook {
    /// Makes ready to send by a webhook.
    ///
    /// # Errors
    /// A URL that may not be reached.
    pub fn new(url: Url, secret: WebhookSecret, fetcher: &Fetcher) -> Result<Self, PostError> {
        match fetcher.check(&url) {
            Ok(()) => Ok(Self { url, secret }),
            Err(error) => Err(PostError::Webhook(format!("`sms.webhook_url` cannot be used: {error}"))),
        }
    }

    /// Tries once.
    pub(super) async fn deliver(
        &self,
        fetcher: &Fetcher,
        parcel: &Parcel<'_>,
        number: &str,
        now: Time,
    ) -> Result<(), Undelivered> {
        let (id, seconds) = (parcel.id.to_string(), now.seconds());
        let body = json!({
            "type": "sms.send",
            "timestamp": now.to_string(),
            "data": {
                "message_id": id,
                "to": number,
                "text": parcel.text,
                "purpose": parcel.purpose.as_str(),
                "expires_at": parcel.expires_at.to_string(),
            },
        });
        let body = body.to_string().into_bytes();
        let signature = self.secret.signature(&id, seconds, &body);
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        for (name, value) in
            [("webhook-id", id), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signature)]
        {
            let value = HeaderValue::try_from(value).map_err(|_| Undelivered::lasting("unwritable"))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let request = FetchRequest {
            method: Method::POST,
            headers,
            body,
            limit_bytes: LIMIT_BYTES,
            ..FetchRequest::get(self.url.clone())
        };
        let answer = fetcher.for_operator().send(request).await;
        let answer = answer.map_err(|error| Undelivered::passing(format!("webhook {}", error.code())))?;
        judge(answer.status)
    }
}

/// What a status says of the message. Credentials and addresses that do not fit are the operator's to mend; only what is
/// about this message is the last word.
fn judge(status: StatusCode) -> Result<(), Undelivered> {
    let reason = || format!("webhook_answered {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        400 | 410 | 422 => Err(Undelivered::lasting(reason())),
        _ => Err(Undelivered::passing(reason())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn it_is_signed_as_the_specification_says() {
        let secret = WebhookSecret::parse(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signed =
            secret.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for wrong in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_%"] {
            assert!(WebhookSecret::parse(&wrong.into()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_about_the_message_is_the_last_word() {
        let is_final = |status: u16| judge(StatusCode::from_u16(status).unwrap()).map_err(|no| no.is_final);
        for (status, judged) in [(200, Ok(())), (202, Ok(())), (400, Err(true)), (422, Err(true))] {
            assert_eq!(is_final(status), judged, "{status}");
        }
        for status in [401, 403, 404, 408, 429, 500, 503] {
            assert_eq!(is_final(status), Err(false), "{status}");
        }
    }
}
