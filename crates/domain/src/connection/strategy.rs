//! What kind of provider a connection was made for: the protocol, or a product with presets of its own.

use super::{Connection, ProviderLabel};
use crate::id::ConnectionKind;
use crate::session::SsoProtocol;
use crate::spelled::spelled;

spelled! {
    /// A protocol, or a product that speaks one. The ids of users begin with its name, and applications keep those: a name
    /// here never changes.
    pub enum Strategy {
        /// OpenID Connect.
        Oidc = "oidc",
        /// SAML 2.0.
        Saml = "samlp",
        /// Okta, by OpenID Connect.
        Okta = "okta",
        /// Microsoft Entra ID, by OpenID Connect.
        Entra = "waad",
        /// Google Workspace, by OpenID Connect.
        GoogleWorkspace = "google-apps",
        /// AD FS, by SAML.
        AdFs = "adfs",
        /// PingFederate, by SAML.
        PingFederate = "pingfederate",
    }
}

impl Strategy {
    /// The strategy of a connection that was made for its protocol alone.
    #[must_use]
    pub const fn of_protocol(protocol: SsoProtocol) -> Self {
        match protocol {
            SsoProtocol::Oidc => Self::Oidc,
            SsoProtocol::Saml => Self::Saml,
        }
    }

    /// The protocol that its connections speak.
    #[must_use]
    pub const fn protocol(self) -> SsoProtocol {
        match self {
            Self::Oidc | Self::Okta | Self::Entra | Self::GoogleWorkspace => SsoProtocol::Oidc,
            Self::Saml | Self::AdFs | Self::PingFederate => SsoProtocol::Saml,
        }
    }

    /// The kind of its connections.
    #[must_use]
    pub const fn kind(self) -> ConnectionKind {
        match self.protocol() {
            SsoProtocol::Oidc => ConnectionKind::Oidc,
            SsoProtocol::Saml => ConnectionKind::Saml,
        }
    }

    /// The label of the product.
    #[must_use]
    pub const fn label(self) -> ProviderLabel {
        match self {
            Self::Oidc | Self::Saml | Self::AdFs => ProviderLabel::Generic,
            Self::Okta => ProviderLabel::Okta,
            Self::Entra => ProviderLabel::MicrosoftEntra,
            Self::GoogleWorkspace => ProviderLabel::GoogleWorkspace,
            Self::PingFederate => ProviderLabel::PingFederate,
        }
    }
}

impl Connection {
    /// The connection, made for a strategy. One of another protocol is the protocol's alone.
    #[must_use]
    pub fn made_for(mut self, strategy: Strategy) -> Self {
        self.common.strategy = Some(strategy);
        self
    }

    /// What the connection was made for. A borrowed one's is that of the connection it borrows, which is asked of
    /// [`super::Route::source`].
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        let plain = match self.id.kind() {
            ConnectionKind::Oidc => Strategy::Oidc,
            ConnectionKind::Saml | ConnectionKind::External => Strategy::Saml,
        };
        self.common.strategy.filter(|chosen| chosen.kind() == self.id.kind()).unwrap_or(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_by_applications() {
        let names: Vec<_> = Strategy::ALL.iter().map(|strategy| strategy.as_str()).collect();
        assert_eq!(names, ["oidc", "samlp", "okta", "waad", "google-apps", "adfs", "pingfederate"]);
        for protocol in [SsoProtocol::Oidc, SsoProtocol::Saml] {
            assert_eq!(Strategy::of_protocol(protocol).protocol(), protocol);
        }
    }
}
