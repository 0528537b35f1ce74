//! The names of domains that an organization can show to be its own: one spelling for each, and none that is everybody's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::email::{is_domain, is_public_mail_domain};
use crate::refusal::{Field, Refusal, What};

/// The label at which the record is looked for.
const LABEL: &str = "_vestibule-challenge";
/// The most characters of a name of DNS, without the root's dot (RFC 1035 section 2.3.4).
const MOST_CHARS: usize = 253;

/// A domain in its ASCII form: lower case, no trailing dot, below a public suffix, and no public mail host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

impl DomainName {
    /// Reads a domain as people write it: in any case and script, behind an `@`, with the root's dot. What is spelled otherwise
    /// and means the same domain becomes the same text.
    ///
    /// # Errors
    /// [`Field::EmailDomain`] for what is no domain, a whole suffix such as `co.uk`, and a name that leaves no room for the
    /// record; [`What::PublicMailDomain`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let wrong =
            || Refusal::new(What::Invalid(Field::EmailDomain)).found(format!("{:?}", shortened(text)));
        let given = text.trim();
        let given = given.strip_prefix('@').unwrap_or(given);
        // The host of a URL is read with the very rules by which browsers and mail read it (UTS 46).
        let Ok(url::Host::Domain(ascii)) = url::Host::parse(given) else {
            return Err(wrong().expected("a domain, such as acme.com"));
        };
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        if !is_domain(ascii) {
            return Err(wrong().expected("a domain, such as acme.com"));
        }
        if is_public_mail_domain(ascii) {
            return Err(Refusal::new(What::PublicMailDomain).found(format!("{ascii:?}")));
        }
        if psl::domain_str(ascii).is_none() {
            return Err(wrong().expected("a domain below a public suffix: acme.com, not com"));
        }
        let name = Self(ascii.to_owned());
        if name.challenge_host().len() > MOST_CHARS {
            return Err(wrong().expected(format!("a domain short enough for {LABEL} in front of it")));
        }
        Ok(name)
    }

    /// The ASCII form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which people of its country write it.
    #[must_use]
    pub fn unicode(&self) -> String {
        url::quirks::domain_to_unicode(&self.0)
    }

    /// Where the record is looked for, as DNS knows the place.
    #[must_use]
    pub fn challenge_host(&self) -> String {
        format!("{LABEL}.{}", self.0)
    }

    /// The domain of which this is a part and which one registers: `acme.co.uk` of `mail.acme.co.uk`.
    #[must_use]
    pub fn zone(&self) -> &str {
        psl::domain_str(&self.0).unwrap_or(&self.0)
    }

    /// What is entered in a console that adds the registered domain itself: `_vestibule-challenge.mail` for `mail.acme.com`.
    #[must_use]
    pub fn relative_host(&self) -> String {
        let host = self.challenge_host();
        let relative = host.strip_suffix(self.zone()).and_then(|rest| rest.strip_suffix('.'));
        relative.unwrap_or(&host).to_owned()
    }

    /// The domains of which it is a part, the nearest first, as far as somebody can own them.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        let zone = self.zone();
        let rests = self.0.match_indices('.').filter_map(|(at, _)| self.0.get(at + 1..));
        rests.take_while(move |rest| rest.len() >= zone.len())
    }
}

/// What is quoted of something that is no domain.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DomainName {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DomainName {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::parse(&text)
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        DomainName::parse(text).unwrap().to_string()
    }

    fn refused(text: &str) -> What {
        DomainName::parse(text).unwrap_err().what
    }

    #[test]
    fn one_domain_has_one_spelling() {
        for text in ["acme.com", "ACME.com", "acme.com.", " @Acme.Com ", "ａｃｍｅ。com"] {
            assert_eq!(read(text), "acme.com", "{text:?}");
        }
        for text in ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE."]
        {
            assert_eq!(read(text), "xn--bcher-kva.example", "{text:?}");
        }
        assert_eq!(DomainName::parse("xn--bcher-kva.example").unwrap().unicode(), "bücher.example");
    }

    #[test]
    fn what_is_everybodys_is_refused() {
        for text in ["com", "co.uk", "github.io", "localhost", "uk.", "香港"] {
            assert_eq!(refused(text), What::Invalid(Field::EmailDomain), "{text:?}");
        }
        for text in ["gmail.com", "GMAIL.com.", "yahoo.co.uk", "outlook.de"] {
            assert_eq!(refused(text), What::PublicMailDomain, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long =
            format!("{}.com", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(52)].join("."));
        for text in [
            "",
            ".",
            "acme..com",
            "a_b.com",
            "-a.com",
            "10.0.0.1",
            "0x7f.1",
            "[::1]",
            "a b.com",
            "acme.com/x",
            "u@acme.com",
            "acme.com:53",
            "*.acme.com",
            "xn--a.com",
            &long,
        ] {
            assert_eq!(refused(text), What::Invalid(Field::EmailDomain), "{text:?}");
        }
    }

    #[test]
    fn where_the_record_goes_is_said_in_both_forms() {
        let apex = DomainName::parse("acme.co.uk").unwrap();
        assert_eq!(apex.challenge_host(), "_vestibule-challenge.acme.co.uk");
        assert_eq!(apex.relative_host(), "_vestibule-challenge");
        let part = DomainName::parse("mail.eu.acme.co.uk").unwrap();
        assert_eq!(part.relative_host(), "_vestibule-challenge.mail.eu");
        assert_eq!(part.parents().collect::<Vec<_>>(), ["eu.acme.co.uk", "acme.co.uk"]);
        assert_eq!(apex.parents().count(), 0);
    }
}
