//! The words of a message, in the language that was asked for.

use askama::Template;
use vestibule_domain::outbox::{Letter, Means, Purpose, Recipient, name_in_message};
use vestibule_domain::time::Time;

use crate::http::languages::{Language, Texts, filled_with};

/// A message as people read it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// What it is about.
    pub(crate) subject: String,
    /// All of it.
    pub(crate) text: String,
    /// The same as a page; `""` for a text message.
    pub(crate) html: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Page<'a> {
    language: &'static str,
    subject: &'a str,
    lead: &'static str,
    link: Option<&'a str>,
    code: Option<&'a str>,
    button: &'static str,
    once: &'a str,
    private: &'static str,
    unasked: &'static str,
}

/// Finds the words of a message.
#[must_use]
pub(crate) fn words(purpose: Purpose, letter: &Letter, expires_at: Time) -> Words {
    let language = Language::of(&letter.language).unwrap_or_default();
    let texts = language.texts();
    let subject = subject(texts, purpose, letter, expires_at);
    if let (Recipient::Sms(_), Means::Code(code)) = (&letter.to, &letter.means) {
        let place = name_in_message(&letter.place);
        let text = filled_with(texts.message_sms, &[("code", code), ("place", &place)]);
        return Words { subject, text, html: String::new() };
    }
    let once = filled_with(texts.message_once, &[("time", &shown(expires_at))]);
    let (lead, means) = match &letter.means {
        Means::Link(link) if purpose == Purpose::Ending => (texts.message_ending_follow, link.as_str()),
        Means::Link(link) => (texts.message_follow, link.as_str()),
        Means::Code(code) => (texts.message_code, code.as_str()),
    };
    // Nobody asked for this one, and nobody is signed in by it.
    let (private, unasked) = match purpose {
        Purpose::Ending => (texts.message_ending_private, texts.message_ending_why),
        _ => (texts.message_private, texts.message_unasked),
    };
    let text = format!("{subject}\n\n{lead}\n\n{means}\n\n{once} {private}\n\n{unasked}\n");
    let page = Page {
        language: language.tag(),
        subject: &subject,
        lead,
        link: matches!(letter.means, Means::Link(_)).then_some(means),
        code: matches!(letter.means, Means::Code(_)).then_some(means),
        button: texts.leaving_button,
        once: &once,
        private,
        unasked,
    };
    let html = page.render().unwrap_or_default();
    Words { subject, text, html }
}

fn subject(texts: &Texts, purpose: Purpose, letter: &Letter, expires_at: Time) -> String {
    let text = match purpose {
        Purpose::Login | Purpose::Discovery | Purpose::SecondFactor => texts.message_login,
        Purpose::Signup => texts.message_signup,
        Purpose::Invite if letter.invited_by.is_empty() => texts.message_invite,
        Purpose::Invite => texts.message_invite_by,
        Purpose::Address => texts.message_address,
        Purpose::SetUp => texts.message_setup,
        Purpose::Ending => texts.message_ending,
    };
    let (place, person) = (name_in_message(&letter.place), name_in_message(&letter.invited_by));
    let time = shown(letter.ends_at.unwrap_or(expires_at));
    filled_with(text, &[("place", &place), ("person", &person), ("time", &time)])
}

/// A time as people everywhere read it: `2026-11-29 18:50 UTC`.
fn shown(time: Time) -> String {
    let text = time.to_string();
    let (day, rest) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", rest.get(..5).unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::email::EmailAddress;

    fn letter(means: Means, invited_by: &str, language: &str) -> Letter {
        Letter {
            to: Recipient::Email(EmailAddress::parse("ada@acme.test").unwrap()),
            means,
            place: "Acme <b>&</b> Co".to_owned(),
            invited_by: invited_by.to_owned(),
            ends_at: None,
            language: language.to_owned(),
        }
    }

    #[test]
    fn a_message_says_what_it_is_for_and_until_when() {
        let link = Means::Link("https://app.test/in?token=abc&x=1".to_owned());
        let words =
            words(Purpose::Invite, &letter(link, "Grace Hopper", "en"), Time::from_seconds(1_800_000_000));
        assert_eq!(words.subject, "Grace Hopper invites you to join Acme <b>&</b> Co");
        assert!(words.text.contains("\nhttps://app.test/in?token=abc&x=1\n"), "{}", words.text);
        assert!(words.text.contains("It works once, until 2027-01-15 08:00 UTC."), "{}", words.text);
        assert!(words.html.contains("href=\"https://app.test/in?token=abc&#38;x=1\""), "{}", words.html);
        assert!(!words.html.contains("<b>&</b>"), "{}", words.html);
    }

    #[test]
    fn every_purpose_has_words_in_every_language() {
        for language in ["en", "de-DE", "es", "fr", "ja", "pt-br", "nonsense", ""] {
            for purpose in Purpose::ALL {
                let code = letter(Means::Code("042042".to_owned()), "", language);
                let mail = words(purpose, &code, Time::default());
                assert!(mail.text.contains("\n042042\n") && mail.html.contains("<b>042042</b>"));
                assert!(mail.subject.contains("Acme") && !mail.text.contains(['{', '}']), "{}", mail.text);
                let sms = Letter { to: Recipient::Sms("+15555550123".to_owned()), ..code };
                let sms = words(purpose, &sms, Time::default());
                assert!(sms.text.contains("042042") && sms.html.is_empty() && !sms.text.contains('\n'));
            }
        }
        let german = letter(Means::Code("1".to_owned()), "", "de-DE");
        assert_eq!(words(Purpose::Login, &german, Time::default()).subject, "Bei Acme <b>&</b> Co anmelden");
    }
}
