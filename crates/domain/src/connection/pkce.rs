//! Proof Key for Code Exchange towards a provider (RFC 7636): what a connection asks for, and what it comes to.

use super::OidcSettings;
use crate::spelled::spelled;

spelled! {
    /// What a connection asks for. What is stored and this version does not know is read as the strictest.
    #[derive(Default)]
    pub enum PkceMode else S256 {
        /// What the provider's document announces, the stronger before the weaker.
        Auto = "auto",
        /// The hash of the verifier. Providers that know no PKCE pass it over.
        #[default]
        S256 = "S256",
        /// The verifier itself.
        Plain = "plain",
        /// None.
        Disabled = "disabled",
    }
}

/// How the challenge of a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkceMethod {
    /// By hashing the verifier.
    S256,
    /// It is the verifier.
    Plain,
}

impl PkceMode {
    /// What the mode comes to at a provider whose document announces these methods: a pure function of the document, so that
    /// no answer to a request changes it.
    #[must_use]
    pub fn method(self, announced: &[String]) -> Option<PkceMethod> {
        let has = |name: &str| announced.iter().any(|method| method == name);
        match self {
            Self::S256 => Some(PkceMethod::S256),
            Self::Plain => Some(PkceMethod::Plain),
            Self::Disabled => None,
            Self::Auto if has("S256") => Some(PkceMethod::S256),
            Self::Auto if has("plain") => Some(PkceMethod::Plain),
            Self::Auto => None,
        }
    }
}

impl OidcSettings {
    /// How the challenge of a request to this provider is made, if it has one.
    #[must_use]
    pub fn pkce_method(&self) -> Option<PkceMethod> {
        self.pkce.method(&self.discovered.code_challenge_methods_supported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_takes_the_strongest_that_is_announced_and_nothing_else_moves() {
        let lists: [&[&str]; 5] = [&[], &["plain"], &["plain", "S256"], &["S256"], &["s256", "S512"]];
        let announced = lists.map(|list| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let of = |mode: PkceMode| announced.clone().map(|list| mode.method(&list));
        let (s256, plain) = (Some(PkceMethod::S256), Some(PkceMethod::Plain));
        assert_eq!(of(PkceMode::Auto), [None, plain, s256, s256, None]);
        assert_eq!(of(PkceMode::S256), [s256; 5]);
        assert_eq!(of(PkceMode::Plain), [plain; 5]);
        assert_eq!(of(PkceMode::Disabled), [None; 5]);
        assert_eq!(PkceMode::default(), PkceMode::S256);
    }
}
