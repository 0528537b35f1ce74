//! Connections on the wire: what those of every protocol share, and OpenID Connect.

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::{
    AssertionAudience, AssertionSigner, Channel, ClientAuthentication, Connection, ConnectionStatus,
    OidcPatch, OidcSettings, ProviderLabel,
};
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::secret::Secret;
use vestibule_domain::spelled::names;

use super::mapping::MappingIn;
use super::settings::{Choice, Flag, Kind, Text, Until, kinds, settings, shown};
use crate::operations::connections::assertion_key;
use crate::world::App;

/// What a connection of any protocol is made of.
#[derive(Deserialize)]
pub(crate) struct CreateIn {
    display_name: Option<String>,
    identity_provider: Option<String>,
}

impl CreateIn {
    /// The name and whose product the provider is.
    ///
    /// # Errors
    /// A label that is not one of the contract's.
    pub(crate) fn read(self) -> Result<(String, ProviderLabel), Refusal> {
        let provider = self.identity_provider.filter(|name| !name.is_empty());
        let provider = provider.map_or(Ok(ProviderLabel::Generic), |name| label(&name))?;
        Ok((self.display_name.unwrap_or_default(), provider))
    }
}

settings! {
    /// The update body. `type` and what follows it are our own extensions.
    in OidcConnectionIn => OidcPatch;
    /// The settings of a connection. `client_secret` is shown to authorised callers, as the contract says.
    out OidcConnectionSettings of connection: Connection, settings: OidcSettings;

    shown from connection => {
        display_name: Text,
        identity_provider: Label,
    }
    shown from settings => {
        client_id: Text,
        client_secret: ClientSecret = settings.client_secret.expose().to_owned(),
        issuer: Text,
        authorization_url: Text,
        token_url: Text,
        userinfo_url: Text,
        jwks_url: Text,
        custom_scopes: Text,
        attribute_mapping: Mapping,
        channel as "type": ChannelName,
        client_authentication as "token_endpoint_auth_method": Authentication = settings.effective_authentication(),
        allow_hs256: Flag,
        no_userinfo_endpoint: Flag,
        custom_scopes_only: Flag,
        client_assertion_audience: Choice<AssertionAudience>,
        hosted_domain: Text,
        tenant_id: Text,
        trust_unverified_addresses: Flag = settings.addresses.trust_unverified_addresses,
        relink_changed_subjects: Flag = settings.addresses.relink_changed_subjects,
        link_existing_members_until: Until = shown(settings.addresses.link_existing_members_until),
        client_assertion_signer: Choice<AssertionSigner> = settings.client_assertion_signer(),
    }
    later { client_secret_ends_at, pkce, no_back_channel_nonce, attribute_map, common, }
}

kinds! {
    /// The empty text unsets it, as an empty object does not in every body.
    Mapping: MappingIn => AttributeMapping, shown as AttributeMapping, |given| {
        let nested = |refusal: Refusal| Refusal { what: What::Invalid(Field::AttributeMapping), ..refusal };
        given.try_map(|mapping| mapping.mapping().map_err(nested))
    };
    ClientSecret: Secret => Secret, shown as String, Ok;
    ChannelName: String => Channel, shown as Channel, |given| {
        let read = |name: String| Channel::from_name(&name).ok_or(What::Invalid(Field::Channel).into());
        given.clear_as(String::new()).try_map(read)
    };
    /// The empty text leaves the choice to the discovery document.
    Authentication: String => ClientAuthentication, shown as ClientAuthentication, |given| {
        given.try_map(|name| authentication(&name))
    };
}

fn authentication(name: &str) -> Result<ClientAuthentication, Refusal> {
    ClientAuthentication::from_name(name).ok_or_else(|| {
        Refusal::new(What::Invalid(Field::Setting)).because(
            "token_endpoint_auth_method must be client_secret_basic, client_secret_post, private_key_jwt or none.",
        )
    })
}

/// The provider's label; the empty text is the generic one.
pub(super) enum Label {}

impl Kind for Label {
    type In = String;
    type Value = ProviderLabel;
    type Out = ProviderLabel;

    fn read(_: &str, given: Patch<String>) -> Result<Patch<ProviderLabel>, Refusal> {
        given.try_map(|name| label(&name))
    }
}

/// Reads a label. The compact spelling without hyphens that one client sends is fine too.
pub(super) fn label(name: &str) -> Result<ProviderLabel, Refusal> {
    let compact = |text: &str| text.chars().filter(|c| *c != '-').collect::<String>();
    let is_meant = |label: &ProviderLabel| label.as_str() == name || compact(label.as_str()) == name;
    ProviderLabel::ALL.into_iter().find(is_meant).ok_or_else(|| {
        let found: String = name.chars().take(64).collect();
        Refusal::new(What::Invalid(Field::IdentityProvider))
            .found(format!("{found:?} in identity_provider"))
            .expected(format!("one of {}", names::<ProviderLabel>()))
    })
}

/// An OpenID Connect connection.
#[derive(Debug, Serialize)]
pub(crate) struct OidcConnectionOut {
    organization_id: String,
    connection_id: String,
    status: ConnectionStatus,
    redirect_url: String,
    /// Where the keys are by which the provider knows this client, for `private_key_jwt`. Our own extension.
    client_jwks_url: String,
    /// What is to be done about whose key signs for this client, `""` mostly. Our own extension.
    client_assertion_warning: String,
    #[serde(flatten)]
    settings: OidcConnectionSettings,
}

/// An OpenID Connect connection as the contract shows it.
#[must_use]
pub(crate) fn oidc(app: &App, connection: &Connection, settings: &OidcSettings) -> OidcConnectionOut {
    OidcConnectionOut {
        organization_id: connection.organization_id.to_string(),
        connection_id: connection.id.to_string(),
        status: connection.status(),
        redirect_url: app.known_now(connection).callback,
        client_jwks_url: app.client_jwks_url(connection.id),
        client_assertion_warning: assertion_key::warning(app, connection).unwrap_or_default(),
        settings: OidcConnectionSettings::of(connection, settings),
    }
}

/// All OpenID Connect connections of a list.
#[must_use]
pub(crate) fn oidc_connections(app: &App, connections: &[Connection]) -> Vec<OidcConnectionOut> {
    connections.iter().filter_map(|connection| Some(oidc(app, connection, connection.oidc()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_label_are_read() {
        for name in ["microsoft-entra", "microsoftentra"] {
            assert_eq!(label(name).map(ProviderLabel::as_str), Ok("microsoft-entra"));
        }
        assert_eq!(label("acme").unwrap_err().what, What::Invalid(Field::IdentityProvider));
    }
}
