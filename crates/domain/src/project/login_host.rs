//! A name of a host under which a project signs people in.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::refusal::{Field, Refusal, What};

/// Host and, where it is not the scheme's own, port, in small letters: what a client writes into the header `Host`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginHost(String);

impl LoginHost {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LoginHost {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refuse = || {
            Refusal::new(What::Invalid(Field::Setting))
                .found(format!("{text:?}"))
                .expected("the name of a host, with its port if it has one, such as login.example.com")
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if !(1..=255).contains(&text.len()) || !text.chars().all(is_plain) {
            return Err(refuse());
        }
        let lower = text.to_ascii_lowercase();
        let url = Url::parse(&format!("https://{lower}")).map_err(|_| refuse())?;
        let host = url.host_str().ok_or_else(refuse)?;
        let spelled = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let given = lower.strip_suffix(":443").unwrap_or(&lower);
        if spelled == given { Ok(Self(spelled)) } else { Err(refuse()) }
    }
}

impl fmt::Display for LoginHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let read = |text: &str| text.parse::<LoginHost>().map(|host| host.0).ok();
        assert_eq!(read("Login.Example.com"), Some("login.example.com".to_owned()));
        assert_eq!(read("localhost:8443"), Some("localhost:8443".to_owned()));
        assert_eq!(read("login.example.com:443"), Some("login.example.com".to_owned()));
        assert_eq!(read("[::1]:8443"), Some("[::1]:8443".to_owned()));
        for wrong in
            ["", "https://a.test", "a.test/x", "a@b.test", "a test", "a.test:99999", "2130706433", "ä.test"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
