//! Whom people ask for help who have met a page that does not let them on.

use std::str::FromStr;

use url::Url;
use vestibule_domain::email::EmailAddress;

/// A contact as a link: an e-mail address, or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Where the link leads: `mailto:` or `https:`, nothing else.
    pub(crate) href: String,
    /// What it says.
    pub(crate) shown: String,
}

/// What an operator is told who gave something else.
pub(crate) const EXPECTED_CONTACT: &str =
    "an e-mail address such as help@example.com, or a page such as https://example.com/help";

/// The text is neither an address nor a page.
#[derive(Debug, thiserror::Error)]
#[error("expected {EXPECTED_CONTACT}")]
pub struct NoContact;

impl FromStr for Contact {
    type Err = NoContact;

    /// Reads `help@example.com`, `mailto:help@example.com` or `https://example.com/help`.
    ///
    /// # Errors
    /// Anything else, such as a script.
    fn from_str(text: &str) -> Result<Self, NoContact> {
        let text = text.trim();
        if let Some(page) = Url::parse(text).ok().filter(|url| url.scheme() == "https") {
            let is_bare = page.username().is_empty() && page.password().is_none();
            return if is_bare { Ok(Self::page(&page)) } else { Err(NoContact) };
        }
        let address = text.strip_prefix("mailto:").unwrap_or(text);
        let address = EmailAddress::parse(address).map_err(|_| NoContact)?;
        Ok(Self { href: format!("mailto:{}", address.as_str()), shown: address.as_str().to_owned() })
    }
}

impl Contact {
    fn page(url: &Url) -> Self {
        let shown = url.as_str().trim_start_matches("https://").trim_end_matches('/').to_owned();
        Self { href: url.to_string(), shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_address_or_a_page() {
        for (text, href, shown) in [
            ("help@example.com", "mailto:help@example.com", "help@example.com"),
            (" mailto:help@example.com ", "mailto:help@example.com", "help@example.com"),
            ("https://example.com/help", "https://example.com/help", "example.com/help"),
            ("https://help.example.com", "https://help.example.com/", "help.example.com"),
        ] {
            let contact: Contact = text.parse().unwrap();
            assert_eq!((contact.href.as_str(), contact.shown.as_str()), (href, shown), "{text}");
        }
        for text in [
            "",
            "help",
            "javascript:alert(1)",
            "http://example.com/help",
            "https://user:secret@example.com/",
            "mailto:help@example.com?body=x",
            "data:text/html,x",
        ] {
            assert!(text.parse::<Contact>().is_err(), "{text}");
        }
    }
}
