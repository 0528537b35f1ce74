//! Connections whose client assertions the project's key signs, as it did for all before each had a key of its own. What
//! they were then is pinned: the same issuer, client and token endpoint, or else the connection's own key signs.

use serde::{Deserialize, Serialize};

use super::oidc::{ClientAuthentication, OidcSettings};
use crate::spelled::spelled;

spelled! {
    /// Whose key signs the client assertions of a connection. Our own extension (`client_assertion_signer`).
    #[derive(Default)]
    pub enum AssertionSigner else Connection {
        /// The connection's own.
        #[default]
        Connection = "connection",
        /// The project's, as before an upgrade. Nothing can be set to it, only be left at it.
        Project = "project",
    }
}

/// What a connection was when the project's key signed for it. It is read from the settings of that time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormerClient {
    /// The provider, which is the audience of the assertions.
    pub issuer: String,
    /// The client.
    pub client_id: String,
    /// Where the assertions went.
    pub token_url: String,
    /// How the client proved itself. Anything but `private_key_jwt` pins nothing.
    client_authentication: Option<String>,
}

impl FormerClient {
    /// Whether the settings still say what they said then. A token endpoint that the issuer itself announces counts as the
    /// same: a provider that moves it locks nobody out, and nobody else can say it.
    fn is_still(&self, now: &OidcSettings) -> bool {
        let method = ClientAuthentication::PrivateKeyJwt;
        let announced = now.discovered.token_endpoint.as_deref();
        self.client_authentication.as_deref() == Some(method.as_str())
            && now.effective_authentication() == method
            && (now.issuer == self.issuer && now.client_id == self.client_id)
            && (now.token_url == self.token_url || Some(now.token_url.as_str()) == announced)
    }
}

impl OidcSettings {
    /// What the connection was and still is, if the project's key signs for it.
    #[must_use]
    pub fn signed_as_before(&self) -> Option<&FormerClient> {
        self.former_client.as_ref().filter(|former| former.is_still(self))
    }

    /// Whose key signs the client assertions.
    #[must_use]
    pub fn client_assertion_signer(&self) -> AssertionSigner {
        self.signed_as_before().map_or(AssertionSigner::Connection, |_| AssertionSigner::Project)
    }

    /// Forgets what was when it is no more: setting it back to what it was does not bring it back.
    pub(super) fn forget_former_client(&mut self) {
        if self.signed_as_before().is_none() {
            self.former_client = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::learnt::Discovered;
    use super::super::oidc::OidcPatch;
    use super::super::url::UrlPolicy;
    use super::*;
    use crate::patch::Patch;
    use crate::time::Time;

    fn settings() -> OidcSettings {
        let text = r#"{"issuer":"https://idp.test","client_id":"client","token_url":"https://idp.test/token",
            "client_authentication":"private_key_jwt"}"#;
        let mut settings: OidcSettings = serde_json::from_str(text).unwrap();
        settings.former_client = Some(serde_json::from_str(text).unwrap());
        settings
    }

    fn after(patch: OidcPatch, found: Option<Discovered>) -> OidcSettings {
        settings().changed(patch, found, UrlPolicy::Https, Time::default()).unwrap()
    }

    #[test]
    fn what_else_changes_leaves_the_signer() {
        let patch = OidcPatch {
            custom_scopes: Patch::Set("groups".into()),
            issuer: Patch::Set(" https://idp.test/.well-known/openid-configuration".into()),
            client_id: Patch::Set("client ".into()),
            ..OidcPatch::default()
        };
        assert_eq!(after(patch, None).client_assertion_signer(), AssertionSigner::Project);
        let moved =
            Discovered { token_endpoint: Some("https://idp.test/new".into()), ..Discovered::default() };
        let patch =
            OidcPatch { token_url: Patch::Set("https://idp.test/new".into()), ..OidcPatch::default() };
        assert_eq!(after(patch, Some(moved)).client_assertion_signer(), AssertionSigner::Project);
    }

    #[test]
    fn what_was_pinned_changes_and_does_not_come_back() {
        let changes: [fn(&mut OidcPatch); 6] = [
            |patch| patch.issuer = Patch::Set("https://other.test".into()),
            |patch| patch.client_id = Patch::Set("other".into()),
            |patch| patch.token_url = Patch::Set("https://idp.test/elsewhere".into()),
            |patch| patch.client_authentication = Patch::Set(ClientAuthentication::None),
            |patch| patch.client_authentication = Patch::Clear,
            |patch| patch.client_assertion_signer = Patch::Set(AssertionSigner::Connection),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut patch = OidcPatch::default();
            change(&mut patch);
            let changed = after(patch, None);
            assert_eq!(changed.former_client, None, "{number}");
            let back = OidcPatch {
                issuer: Patch::Set("https://idp.test".into()),
                client_id: Patch::Set("client".into()),
                token_url: Patch::Set("https://idp.test/token".into()),
                client_authentication: Patch::Set(ClientAuthentication::PrivateKeyJwt),
                ..OidcPatch::default()
            };
            let back = changed.changed(back, None, UrlPolicy::Https, Time::default()).unwrap();
            assert_eq!(back.client_assertion_signer(), AssertionSigner::Connection, "{number}");
            let ask = OidcPatch {
                client_assertion_signer: Patch::Set(AssertionSigner::Project),
                ..OidcPatch::default()
            };
            assert!(back.changed(ask, None, UrlPolicy::Https, Time::default()).is_err(), "{number}");
        }
    }

    #[test]
    fn what_was_saved_by_an_older_program_meanwhile_is_compared() {
        let mut settings = settings();
        settings.token_url = "https://elsewhere.test/token".into();
        assert_eq!(settings.signed_as_before(), None);
    }
}
