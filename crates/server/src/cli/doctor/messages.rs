//! Whether messages can leave: the mail server as far as it goes without a recipient, and the webhook's address.

use url::Url;

use super::Check;
use crate::cli::post::post;
use crate::world::config::Config;
use crate::world::fetch::{FetchRequest, Fetcher};
use crate::world::post::{MailTls, Mailer, Post, Step, is_here};

const MAIL: &str = "mail";
const SMS: &str = "sms";

/// Nobody is sent anything by this.
pub(super) async fn messages(config: &Config) -> Vec<Check> {
    // A fetcher that cannot be made is told with the settings.
    let Ok(fetcher) = Fetcher::new(&config.outbound) else { return Vec::new() };
    let (mail, sms) = match post(config, &fetcher) {
        Ok(Post::Sent { mail, sms }) => (mail, sms),
        Ok(Post::Kept) => (None, None),
        Err(error) => return vec![Check::fail("messages", error.to_string(), "")],
    };
    let mut checks = vec![match mail {
        Some(mailer) => mail_server(&mailer).await,
        None => Check::ok(MAIL, "not set up: magic links, codes by mail and invitations are refused"),
    }];
    checks.extend(clear_text(config));
    checks.push(match (sms, &config.sms) {
        (Some(_), Some(sms)) => webhook(&fetcher, &sms.url).await,
        _ => Check::ok(SMS, "not set up: codes by text message are refused"),
    });
    checks
}

async fn mail_server(mailer: &Mailer) -> Check {
    let Err(ended) = mailer.try_out().await else {
        return Check::ok(MAIL, format!("{mailer:?} takes mail from this server"));
    };
    let (what, advice) = match ended.at {
        None => ("is too slow", "correct mail.host and mail.port, or raise mail.timeout_seconds"),
        Some(Step::Connection) => (
            "cannot be reached",
            "correct mail.host, mail.port and mail.tls (implicit on 465, starttls on 587), or give its authority in mail.ca_file",
        ),
        Some(Step::Protection) => {
            ("protects nothing", "correct mail.tls, or give the authority of its certificate in mail.ca_file")
        }
        Some(Step::Credentials) => {
            ("does not know these credentials", "correct mail.username and mail.password_file")
        }
        Some(Step::Sender) => {
            ("takes no mail from this sender", "correct mail.from, or allow it at the mail server")
        }
    };
    Check::fail(MAIL, format!("{mailer:?} {what}: {}", ended.said), advice)
}

/// Whoever reads along signs in in somebody's place.
fn clear_text(config: &Config) -> Option<Check> {
    let server =
        config.mail.as_ref().filter(|server| server.tls == MailTls::None && !is_here(&server.host))?;
    let found = format!("links and codes travel in the clear to {}", server.host);
    Some(Check::warn(
        MAIL,
        found,
        "mail.tls = \"starttls\" or \"implicit\", unless that network is yours alone",
    ))
}

/// Any answer shows that the way is open: what is asked is no message, and the webhook need not like it.
async fn webhook(fetcher: &Fetcher, url: &Url) -> Check {
    let host = url.host_str().unwrap_or_default();
    match fetcher.for_operator().send(FetchRequest::get(url.clone())).await {
        Ok(answer) => {
            Check::ok(SMS, format!("the webhook at {host} can be reached ({})", answer.status.as_u16()))
        }
        Err(error) => Check::fail(SMS, format!("sms.webhook_url: {error}"), "correct it, or the way there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;
    use crate::world::fetch::FetchPolicy;

    #[tokio::test]
    async fn whatever_a_webhook_answers_it_is_there() {
        let policy = FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() };
        let fetcher = Fetcher::new(&policy).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/send", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await });
        let reached = webhook(&fetcher, &url).await;
        assert_eq!((reached.verdict, reached.subject), (Verdict::Ok, SMS), "{reached}");
        assert!(reached.found.ends_with("can be reached (404)"), "{reached}");
        let away = webhook(&fetcher, &"http://127.0.0.1:1/send".parse().unwrap()).await;
        assert_eq!(away.verdict, Verdict::Fail, "{away}");
    }
}
