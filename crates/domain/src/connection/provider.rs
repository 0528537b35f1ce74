//! The label that says whose product an identity provider is.

use crate::spelled::spelled;

spelled! {
    /// Whose product an identity provider is: a label for people.
    #[derive(Default)]
    pub enum ProviderLabel {
        /// ClassLink
        ClassLink = "classlink",
        /// CyberArk
        CyberArk = "cyberark",
        /// Duo
        Duo = "duo",
        /// Google Workspace
        GoogleWorkspace = "google-workspace",
        /// JumpCloud
        JumpCloud = "jumpcloud",
        /// Keycloak
        Keycloak = "keycloak",
        /// miniOrange
        MiniOrange = "miniorange",
        /// Microsoft Entra ID
        MicrosoftEntra = "microsoft-entra",
        /// Okta
        Okta = "okta",
        /// OneLogin
        OneLogin = "onelogin",
        /// PingFederate
        PingFederate = "pingfederate",
        /// Rippling
        Rippling = "rippling",
        /// Salesforce
        Salesforce = "salesforce",
        /// Shibboleth
        Shibboleth = "shibboleth",
        /// None of these, or nobody said.
        #[default]
        Generic = "generic",
    }
}
