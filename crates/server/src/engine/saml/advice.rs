//! Where in a provider's administration the wrong setting is: the names that its own pages use.

use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::refusal::{Judged, Via, What};

use crate::engine::products::called;

/// A setting that every provider has under a name of its own.
#[derive(Clone, Copy)]
enum Setting {
    Audience,
    Acs,
    Certificate,
    Signing,
    Algorithm,
    NameId,
    Attributes,
}

/// The end of a refusal's detail: which setting it is at this provider. `""` where none is to blame.
pub(super) fn advice(kind: What, provider: ProviderLabel) -> String {
    let Some(setting) = setting(kind) else { return String::new() };
    called(provider, name(provider, setting))
}

const fn setting(kind: What) -> Option<Setting> {
    Some(match kind {
        What::Assertion(Judged::Audience) => Setting::Audience,
        What::Assertion(Judged::Recipient) => Setting::Acs,
        What::Assertion(Judged::OtherCertificate) => Setting::Certificate,
        What::Assertion(Judged::NotSigned) => Setting::Signing,
        What::Assertion(Judged::Algorithm) => Setting::Algorithm,
        What::NoSubject(Via::Saml) => Setting::NameId,
        What::NoEmail(Via::Saml) | What::Assertion(Judged::Groups) => Setting::Attributes,
        _ => return None,
    })
}

const fn name(provider: ProviderLabel, setting: Setting) -> Option<&'static str> {
    use Setting::{Acs, Algorithm, Attributes, Audience, Certificate, NameId, Signing};
    Some(match (provider, setting) {
        (ProviderLabel::MicrosoftEntra, Audience) => "“Identifier (Entity ID)”",
        (ProviderLabel::MicrosoftEntra, Acs) => "“Reply URL (Assertion Consumer Service URL)”",
        (ProviderLabel::MicrosoftEntra, Certificate) => "“Certificate (Base64)” under “SAML Certificates”",
        (ProviderLabel::MicrosoftEntra, Signing) => "“Signing Option” under “SAML Certificates”",
        (ProviderLabel::MicrosoftEntra, Algorithm) => "“Signing Algorithm” under “SAML Certificates”",
        (ProviderLabel::MicrosoftEntra, NameId) => {
            "“Unique User Identifier (Name ID)” under “Attributes & Claims”"
        }
        (ProviderLabel::MicrosoftEntra, Attributes) => "“Attributes & Claims”",
        (ProviderLabel::Okta, Audience) => "“Audience URI (SP Entity ID)”",
        (ProviderLabel::Okta, Acs) => {
            "“Single sign-on URL”, which is also used for “Recipient URL” and “Destination URL”"
        }
        (ProviderLabel::Okta, Certificate) => "“SAML Signing Certificates”",
        (ProviderLabel::Okta, Signing) => {
            "“Response” and “Assertion Signature” under “Show Advanced Settings”"
        }
        (ProviderLabel::Okta, Algorithm) => "“Signature Algorithm” and “Digest Algorithm”",
        (ProviderLabel::Okta, NameId) => "“Name ID format” and “Application username”",
        (ProviderLabel::Okta, Attributes) => "“Attribute Statements” and “Group Attribute Statements”",
        (ProviderLabel::GoogleWorkspace, Audience) => "“Entity ID” under “Service provider details”",
        (ProviderLabel::GoogleWorkspace, Acs) => "“ACS URL” under “Service provider details”",
        (ProviderLabel::GoogleWorkspace, Certificate) => "“Certificate” under “Service provider details”",
        (ProviderLabel::GoogleWorkspace, Signing) => "“Signed response” under “Service provider details”",
        (ProviderLabel::GoogleWorkspace, NameId) => "“Name ID” under “Service provider details”",
        (ProviderLabel::GoogleWorkspace, Attributes) => "“SAML attribute mapping”",
        (ProviderLabel::OneLogin, Audience) => "“Audience (EntityID)”",
        (ProviderLabel::OneLogin, Acs) => "“ACS (Consumer) URL” and “Recipient”",
        (ProviderLabel::OneLogin, Certificate) => "“X.509 Certificate” under “SSO”",
        (ProviderLabel::OneLogin, Signing) => "“SAML signature element”",
        (ProviderLabel::OneLogin, Algorithm) => "“SAML Signature Algorithm” under “SSO”",
        (ProviderLabel::OneLogin, NameId) => "“SAML nameID format”",
        (ProviderLabel::OneLogin, Attributes) => "“Parameters”",
        (ProviderLabel::JumpCloud, Audience) => "“SP Entity ID”",
        (ProviderLabel::JumpCloud, Acs) => "“ACS URLs”",
        (ProviderLabel::JumpCloud, Certificate) => "“IDP Certificate”",
        (ProviderLabel::JumpCloud, Signing) => "“Sign” with “Assertion” or “Response”",
        (ProviderLabel::JumpCloud, Algorithm) => "“Signature Algorithm”",
        (ProviderLabel::JumpCloud, NameId) => "“SAMLSubject NameID” and its format",
        (ProviderLabel::JumpCloud, Attributes) => "“Attributes”",
        (ProviderLabel::Keycloak, Audience) => "“Client ID”",
        (ProviderLabel::Keycloak, Acs) => {
            "“Assertion Consumer Service POST Binding URL” and “Valid redirect URIs”"
        }
        (ProviderLabel::Keycloak, Certificate) => "“Keys” under “Realm settings”",
        (ProviderLabel::Keycloak, Signing) => "“Sign documents” and “Sign assertions”",
        (ProviderLabel::Keycloak, Algorithm) => "“Signature algorithm”",
        (ProviderLabel::Keycloak, NameId) => "“Name ID format”",
        (ProviderLabel::Keycloak, Attributes) => "“Mappers” under “Client scopes”",
        (ProviderLabel::PingFederate, Audience) => "“Partner's Entity ID”",
        (ProviderLabel::PingFederate, Acs) => "“Assertion Consumer Service URL”",
        (ProviderLabel::PingFederate, Certificate) => "“Digital Signature Settings”",
        (ProviderLabel::PingFederate, Signing) => "“Signature Policy”",
        (ProviderLabel::PingFederate, Attributes) => "“Attribute Contract”",
        (ProviderLabel::Generic, Audience) => "“Relying party trust identifiers”",
        (ProviderLabel::Generic, Acs) => "“SAML Assertion Consumer Endpoints”",
        (ProviderLabel::Generic, Certificate) => "“Token-signing” under “Certificates”",
        (ProviderLabel::Generic, Algorithm) => "“Secure hash algorithm” under “Advanced”",
        (ProviderLabel::Generic, NameId | Attributes) => "“Claim Issuance Policy”",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_called_as_its_provider_calls_it() {
        let audience = What::Assertion(Judged::Audience);
        let entra = advice(audience, ProviderLabel::MicrosoftEntra);
        assert_eq!(entra, " Microsoft Entra ID calls this setting “Identifier (Entity ID)”.");
        assert!(advice(audience, ProviderLabel::Okta).contains("“Audience URI (SP Entity ID)”"));
        assert!(advice(audience, ProviderLabel::Generic).contains("“Relying party trust identifiers”"));
        // Nothing is said where no name is known, or where no setting is to blame.
        assert_eq!(advice(audience, ProviderLabel::Rippling), "");
        assert_eq!(advice(What::Assertion(Judged::Replayed), ProviderLabel::Okta), "");
    }
}
