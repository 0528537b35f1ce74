//! E-mail addresses: compared in one canonical form, refused rather than repaired when they could be
//! mistaken for another address.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An address in canonical form: ASCII, lower case, one `@`, no white space or control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is not taken as an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmailError {
    /// Longer than 254 characters or with an empty or over-long part.
    #[error("an e-mail address has 1 to 64 characters before the @ and a domain after it")]
    Length,
    /// Not exactly one `@`.
    #[error("an e-mail address has exactly one @")]
    At,
    /// Characters outside printable ASCII, or quoting. Look-alike characters are refused, never mapped.
    #[error("an e-mail address here is printable ASCII without spaces, quotes or angle brackets")]
    Characters,
    /// The part after the `@` is not a domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl EmailAddress {
    /// Reads an address: surrounding white space and a `mailto:` in front, as a copied link has it, are dropped, and ASCII
    /// letters are lowered; everything else must already be as it should.
    ///
    /// # Errors
    /// [`EmailError`] when the text is not a plain address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = without_scheme(text.trim_matches([' ', '\t', '\r', '\n']));
        if text.len() > 254 {
            return Err(EmailError::Length);
        }
        let forbidden =
            |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '(' | ')' | ',' | ';' | '\\');
        if text.contains(forbidden) {
            return Err(EmailError::Characters);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::At)?;
        if domain.contains('@') {
            return Err(EmailError::At);
        }
        if local.is_empty() || local.len() > 64 || domain.is_empty() {
            return Err(EmailError::Length);
        }
        if !is_domain(domain) {
            return Err(EmailError::Domain);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

fn without_scheme(text: &str) -> &str {
    const SCHEME: &str = "mailto:";
    match text.split_at_checked(SCHEME.len()) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case(SCHEME) => address,
        _ => text,
    }
}

/// Whether `text` is a host name of letters, digits and hyphens with at least one label
/// (RFC 1123 section 2.1; international names in their ASCII form).
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label_ok)
}

/// Second-level names of public mail hosts: nobody's company owns them, so an organization may not claim
/// them or let everybody there in.
const PUBLIC_MAIL: [&str; 30] = [
    "gmail",
    "aol",
    "yahoo",
    "icloud",
    "hotmail",
    "msn",
    "comcast",
    "live",
    "outlook",
    "att",
    "earthlink",
    "me",
    "mac",
    "sbcglobal",
    "verizon",
    "ig",
    "mail",
    "hey",
    "laposte",
    "wanadoo",
    "googlemail",
    "orange",
    "rediffmail",
    "uol",
    "bol",
    "free",
    "gmx",
    "yandex",
    "ymail",
    "libero",
];

/// Whether a domain is a public mail host under any top-level domain (`yahoo.com`, `yahoo.co.uk`).
#[must_use]
pub fn is_public_mail_domain(domain: &str) -> bool {
    let lower = domain.to_ascii_lowercase();
    let mut labels = lower.split('.');
    let Some(first) = labels.next() else { return false };
    let rest: Vec<&str> = labels.collect();
    let top_level = match rest.as_slice() {
        [_] => true,
        [second, top] => top.len() == 2 && matches!(*second, "co" | "com" | "net" | "org" | "ne" | "or"),
        _ => false,
    };
    top_level && PUBLIC_MAIL.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_and_refusals() {
        assert_eq!(EmailAddress::parse(" Ada@ACME.test ").map(String::from), Ok("ada@acme.test".into()));
        for (text, error) in [
            ("ada", EmailError::At),
            ("a@b@c", EmailError::At),
            ("ada@", EmailError::Length),
            ("ada@-x.test", EmailError::Domain),
            ("ad\u{0430}@acme.test", EmailError::Characters),
            ("a da@acme.test", EmailError::Characters),
            ("ada\0@acme.test", EmailError::Characters),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn public_mail_is_known_under_any_top_level() {
        assert!(is_public_mail_domain("gmail.com"));
        assert!(is_public_mail_domain("Yahoo.co.uk"));
        assert!(!is_public_mail_domain("mail.acme.test"));
        assert!(!is_public_mail_domain("acme.com"));
    }
}
