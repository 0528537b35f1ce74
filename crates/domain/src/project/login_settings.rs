//! What a project decides for the pages where its people sign in and out, beside what each of its applications does.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::application::{AppUrl, checked_urls, keep_others};
use crate::patch::Patch;
use crate::redirect::LoopbackHttp;
use crate::refusal::Refusal;

/// The settings. As long as nobody has made any, signing out leads nowhere that no application vouches for.
///
/// Stored as a document; a member that an older version did not write is as it was before there was such a setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginSettings {
    /// Where browsers may be sent that sign out without saying at which application.
    pub logout_urls: Vec<AppUrl>,
    /// Settings that mean nothing here, as they came.
    pub others: Map<String, Value>,
}

/// What is to be changed of [`LoginSettings`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginPatch {
    /// The whole list.
    pub logout_urls: Patch<Vec<String>>,
    /// Each member replaces the one of its name; a null takes it away.
    pub others: Patch<Map<String, Value>>,
}

impl LoginSettings {
    /// With what a change says.
    ///
    /// # Errors
    /// An address that browsers may not be sent to, or more than is kept.
    pub fn changed(&self, patch: LoginPatch, loopback: LoopbackHttp) -> Result<Self, Refusal> {
        let mut next = self.clone();
        let read = |text: &str| AppUrl::callback(text, loopback);
        let logout_urls =
            patch.logout_urls.try_map(|list| checked_urls("allowed_logout_urls", list, read))?;
        logout_urls.onto(&mut next.logout_urls);
        keep_others(patch.others, &mut next.others)?;
        Ok(next)
    }

    /// Whether a browser may be sent there after signing out.
    #[must_use]
    pub fn is_logout_url(&self, asked: &str) -> bool {
        self.logout_urls.iter().any(|url| url.takes(asked, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_a_way_out() {
        let none = LoginSettings::default();
        assert!(!none.is_logout_url("https://app.test/"));
        let patch = |urls: &[&str]| LoginPatch {
            logout_urls: Patch::Set(urls.iter().map(|url| (*url).to_owned()).collect()),
            ..LoginPatch::default()
        };
        let some = none.changed(patch(&["https://app.test/"]), LoopbackHttp::Refused).unwrap();
        assert!(some.is_logout_url("https://app.test/") && !some.is_logout_url("https://app.test/x"));
        assert!(none.changed(patch(&["javascript:alert(1)"]), LoopbackHttp::Refused).is_err());
        assert!(none.changed(patch(&["http://app.test/"]), LoopbackHttp::Refused).is_err());
        assert_eq!(some.changed(LoginPatch::default(), LoopbackHttp::Refused).unwrap(), some);
    }
}
