//! What identity providers are called, for advice that names their own settings.

use vestibule_domain::connection::ProviderLabel;

/// The end of a refusal's detail: what a provider calls the setting that is to blame. `""` where no name of it is known.
#[must_use]
pub(super) fn called(provider: ProviderLabel, name: Option<&str>) -> String {
    name.map(|name| format!(" {} calls this setting {name}.", product(provider))).unwrap_or_default()
}

const fn product(provider: ProviderLabel) -> &'static str {
    match provider {
        ProviderLabel::MicrosoftEntra => "Microsoft Entra ID",
        ProviderLabel::Okta => "Okta",
        ProviderLabel::GoogleWorkspace => "Google Workspace",
        ProviderLabel::OneLogin => "OneLogin",
        ProviderLabel::JumpCloud => "JumpCloud",
        ProviderLabel::Keycloak => "Keycloak",
        ProviderLabel::PingFederate => "PingFederate",
        // AD FS has no label of its own.
        _ => "AD FS, for example,",
    }
}
