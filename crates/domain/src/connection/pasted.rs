//! Input as people paste it: with white space around it, and with an address in place of the name in it.

/// Drops what comes along when a text is copied: white space, line ends, marks that nobody sees.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
    })
}

/// Where a discovery document is, below its issuer: OpenID Connect, and RFC 8414 in the form that servers give people.
const DOCUMENTS: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// The issuer in what somebody gave for one: the address of its discovery document is cut to the issuer.
#[must_use]
pub fn issuer(text: &str) -> &str {
    let text = trimmed(text);
    let without_slash = text.strip_suffix('/').unwrap_or(text);
    DOCUMENTS.iter().find_map(|document| without_slash.strip_suffix(document)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_what_the_address_of_its_document_is_below() {
        for (pasted, meant) in [
            ("https://idp.test", "https://idp.test"),
            (" https://idp.test/t/\r\n", "https://idp.test/t/"),
            ("\u{feff}https://idp.test\u{a0}", "https://idp.test"),
            ("https://idp.test/.well-known/openid-configuration", "https://idp.test"),
            ("https://idp.test/t/.well-known/openid-configuration/\n", "https://idp.test/t"),
            ("https://idp.test/.well-known/oauth-authorization-server", "https://idp.test"),
            (
                "https://idp.test/.well-known/openid-configuration/x",
                "https://idp.test/.well-known/openid-configuration/x",
            ),
            ("", ""),
        ] {
            assert_eq!(issuer(pasted), meant, "{pasted:?}");
        }
    }
}
