//! Connections: how an organization's members reach their identity provider.

mod addresses;
mod assertion_keys;
mod common;
mod external;
mod former_client;
mod kept;
mod learnt;
mod name;
mod oidc;
pub mod pasted;
mod pkce;
mod provider;
mod ready;
mod roles;
mod route;
mod saml;
mod shared_issuer;
mod strategy;
mod upstream;
mod url;

pub use addresses::AddressRules;
pub use assertion_keys::{ClientAssertionKey, NextClientAssertionKey};
pub use common::{CallbackAddress, Common, CommonPatch, MAX_HOME_DOMAINS, ProfileSync};
pub use external::{ExternalPatch, ExternalSettings, MAX_LENT, MAX_LENT_OF_HOME};
pub use former_client::{AssertionSigner, FormerClient};
pub use kept::{KeptOptions, MOST_KEPT_BYTES};
pub use learnt::Discovered;
pub use name::ConnectionName;
pub use oidc::{
    AssertionAudience, Channel, ClientAuthentication, IncompleteOidc, OidcPatch, OidcSettings, ReadyOidc,
};
pub use pkce::{PkceMethod, PkceMode};
pub use provider::ProviderLabel;
pub use ready::Ready;
pub use roles::{GroupRole, RoleAssignments};
pub use route::{Route, Way};
pub use saml::{
    EXPIRY_WARNINGS, IdpDescription, IncompleteSaml, LEGACY_MOST, LegacySwitches, MAX_SAML_KEYS,
    MetadataChange, NameIdFormat, ReadySaml, SamlPatch, SamlSettings, SpEncryptionKey, SpSigningKey,
    SsoBinding, VerificationCertificate, expiry_warning, next_metadata_reading,
};
pub use shared_issuer::SharedIssuer;
pub use strategy::Strategy;
pub use upstream::{Forwarded, UpstreamParam, UpstreamParams, sent_params};
pub use url::UrlPolicy;
pub(crate) use url::checked_url;

use crate::id::{
    ConnectionId, ConnectionKind, OrganizationId, ProjectId, SamlEncryptionKeyId, SamlVerificationKeyId,
};
use crate::refusal::{Field, Refusal, Thing, What};
use crate::spelled::spelled;
use crate::time::Time;

/// The most connections one organization may have.
pub const MAX_CONNECTIONS: usize = 100;
/// The most connections that a project may have of its own: those of its home organization.
pub const MAX_HOME_CONNECTIONS: usize = 20_000;

/// A connection to an identity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The id; its kind names the protocol.
    pub id: ConnectionId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What applications ask for it by: unique in its project. It never changes.
    pub name: ConnectionName,
    /// What people call it.
    pub display_name: String,
    /// A label; it changes no validation.
    pub identity_provider: ProviderLabel,
    /// What the protocol needs.
    pub protocol: Protocol,
    /// What every connection is set to.
    pub common: Common,
    /// Options that nobody here interprets.
    pub kept: KeptOptions,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts changes; an update names the version it was decided on.
    pub version: i64,
}

/// What a connection's protocol needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Protocol {
    /// OpenID Connect.
    Oidc(Box<OidcSettings>),
    /// SAML 2.0.
    Saml(Box<SamlSettings>),
    /// None of its own: the connection is borrowed from another organization ([`Route`]).
    External(Box<ExternalSettings>),
}

impl Protocol {
    /// The stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Saml(_) => "saml",
            Self::External(_) => "external",
        }
    }
}

spelled! {
    /// Whether members can sign in through a connection.
    pub enum ConnectionStatus {
        /// Something is still missing.
        Pending = "pending",
        /// Ready.
        Active = "active",
    }
}

/// What every connection is made of, whatever its protocol.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    /// The id; its kind names the protocol.
    pub id: ConnectionId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub display_name: &'a str,
    /// Whose product the provider is.
    pub identity_provider: ProviderLabel,
}

impl Connection {
    /// A new OpenID Connect connection with nothing set.
    ///
    /// # Errors
    /// A display name that is too long.
    pub fn new_oidc(new: &NewConnection<'_>, now: Time) -> Result<Self, Refusal> {
        let settings = OidcSettings { asks_for_pin: true, ..OidcSettings::default() };
        Self::new(new, Protocol::Oidc(Box::new(settings)), now)
    }

    /// A new SAML connection with nothing set but the key that signs our messages.
    ///
    /// # Errors
    /// A display name that is too long.
    pub fn new_saml(new: &NewConnection<'_>, signing_key: SpSigningKey, now: Time) -> Result<Self, Refusal> {
        let settings = SamlSettings { signing_keys: vec![signing_key], ..SamlSettings::default() };
        Self::new(new, Protocol::Saml(Box::new(settings)), now)
    }

    fn new(new: &NewConnection<'_>, protocol: Protocol, now: Time) -> Result<Self, Refusal> {
        Ok(Self {
            id: new.id,
            project_id: new.project_id,
            organization_id: new.organization_id,
            name: ConnectionName::of_id(new.id),
            display_name: checked_display_name(new.display_name.to_owned())?,
            identity_provider: new.identity_provider,
            protocol,
            common: Common::default(),
            kept: KeptOptions::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// The settings of an OpenID Connect connection.
    #[must_use]
    pub fn oidc(&self) -> Option<&OidcSettings> {
        match &self.protocol {
            Protocol::Oidc(settings) => Some(settings),
            Protocol::Saml(_) | Protocol::External(_) => None,
        }
    }

    /// The settings of a SAML connection.
    #[must_use]
    pub fn saml(&self) -> Option<&SamlSettings> {
        match &self.protocol {
            Protocol::Saml(settings) => Some(settings),
            Protocol::Oidc(_) | Protocol::External(_) => None,
        }
    }

    /// Which identity provider it leads to: what was proved by one is nothing to another. `""` for one that is borrowed:
    /// that is asked of [`Route::source`].
    #[must_use]
    pub fn provider(&self) -> &str {
        match &self.protocol {
            Protocol::Oidc(settings) => &settings.issuer,
            Protocol::Saml(settings) => &settings.idp_entity_id,
            Protocol::External(_) => "",
        }
    }

    /// How its word about addresses is taken.
    #[must_use]
    pub fn address_rules(&self) -> AddressRules {
        match &self.protocol {
            Protocol::Oidc(settings) => settings.addresses,
            Protocol::Saml(settings) => settings.addresses,
            Protocol::External(_) => AddressRules::default(),
        }
    }

    /// The shared issuer, if it leads to one that nothing pins to one customer: it then serves only those who are
    /// members already.
    #[must_use]
    pub fn unpinned(&self) -> Option<SharedIssuer> {
        self.oidc().and_then(OidcSettings::unpinned)
    }

    /// The names of the settings that are still missing before it counts as active; none when it does. A sign-in needs
    /// all of them but a pin ([`Connection::unpinned`]).
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        match &self.protocol {
            Protocol::Oidc(settings) => {
                let missing = settings.ready().err().map(|incomplete| incomplete.missing);
                let pin = settings.missing_pin();
                missing.unwrap_or_default().into_iter().chain(pin).collect()
            }
            Protocol::Saml(settings) => {
                settings.ready().err().map(|incomplete| incomplete.missing).unwrap_or_default()
            }
            // What the lent one lacks is for whoever has that.
            Protocol::External(_) => Vec::new(),
        }
    }

    /// Whether members can sign in through it.
    #[must_use]
    pub fn status(&self) -> ConnectionStatus {
        let is_usable = self.missing().is_empty() && !self.common.is_switched_off;
        if is_usable { ConnectionStatus::Active } else { ConnectionStatus::Pending }
    }

    /// Applies a change to what every connection is set to, as a whole or not at all. That of a protocol's settings brings one
    /// along ([`OidcPatch::common`], [`SamlPatch::common`], [`ExternalPatch::common`]).
    ///
    /// # Errors
    /// A value that is not usable.
    pub fn apply_common(&mut self, patch: CommonPatch, urls: UrlPolicy, now: Time) -> Result<(), Refusal> {
        self.change_common(patch, urls)?;
        self.updated_at = now;
        self.version += 1;
        Ok(())
    }

    fn change_common(&mut self, patch: CommonPatch, urls: UrlPolicy) -> Result<(), Refusal> {
        self.common = self.common.changed(&patch, urls)?;
        patch.kept.onto(&mut self.kept);
        Ok(())
    }

    /// Applies a change to an OpenID Connect connection as a whole or not at all. `discovered` is what
    /// the provider's document says, when it was asked.
    ///
    /// # Errors
    /// A value that is not usable, or a connection of another protocol.
    pub fn apply_oidc(
        &mut self,
        patch: OidcPatch,
        discovered: Option<Discovered>,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.clone();
        patch.display_name.clone().try_map(checked_display_name)?.onto(&mut next.display_name);
        patch.identity_provider.clone().onto(&mut next.identity_provider);
        next.change_common(patch.common.clone(), urls)?;
        let settings = self.oidc().ok_or(What::NotFound(Thing::OidcConnection))?;
        next.set(Protocol::Oidc(Box::new(settings.changed(patch, discovered, urls, now)?)), now);
        *self = next;
        Ok(())
    }

    /// Takes over what the provider's document says now, without anybody having asked for it. Whether that changed anything.
    ///
    /// # Errors
    /// A connection of another protocol.
    pub fn learn_oidc_again(&mut self, found: Discovered, now: Time) -> Result<bool, Refusal> {
        let mut next = self.oidc().ok_or(What::NotFound(Thing::OidcConnection))?.clone();
        next.learn_again(found);
        let changed = self.oidc() != Some(&next);
        if changed {
            self.set(Protocol::Oidc(Box::new(next)), now);
        }
        Ok(changed)
    }

    /// Takes over what a response has proved that the provider calls itself. Whether that was not known.
    ///
    /// # Errors
    /// A connection of another protocol, or a text that is no entity id.
    pub fn learn_saml_provider(&mut self, entity_id: &str, now: Time) -> Result<bool, Refusal> {
        let next = self.saml().ok_or(What::NotFound(Thing::SamlConnection))?.of_provider(entity_id)?;
        let changed = self.saml() != Some(&next);
        if changed {
            self.set(Protocol::Saml(Box::new(next)), now);
        }
        Ok(changed)
    }

    /// Applies a change to a SAML connection as a whole or not at all. `described` is what the provider's
    /// metadata says, when it was read for this change.
    ///
    /// # Errors
    /// A value that is not usable, or a connection of another protocol.
    pub fn apply_saml(
        &mut self,
        patch: SamlPatch,
        described: Option<IdpDescription>,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<(), Refusal> {
        let mut next = self.clone();
        patch.display_name.clone().try_map(checked_display_name)?.onto(&mut next.display_name);
        patch.identity_provider.clone().onto(&mut next.identity_provider);
        next.change_common(patch.common.clone(), urls)?;
        let settings = self.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
        let settings = settings.changed(patch, described, next.identity_provider, urls, now)?;
        next.set(Protocol::Saml(Box::new(settings)), now);
        *self = next;
        Ok(())
    }

    /// Takes over what the provider's metadata says now, without anybody having asked for it, and tells what
    /// that changed. The entity id is pinned, and certificates that somebody added by hand stay.
    ///
    /// # Errors
    /// A description that cannot be used; the connection is then unchanged.
    pub fn refresh_saml(
        &mut self,
        described: IdpDescription,
        urls: UrlPolicy,
        now: Time,
    ) -> Result<MetadataChange, Refusal> {
        let settings = self.saml().ok_or(What::NotFound(Thing::SamlConnection))?;
        let next = settings.refreshed(described, urls)?;
        let change = settings.difference(&next);
        if !change.is_empty() {
            self.set(Protocol::Saml(Box::new(next)), now);
        }
        Ok(change)
    }

    /// Removes a verification certificate.
    ///
    /// # Errors
    /// There is none with this id, or it is the only one of an active connection.
    pub fn remove_verification_certificate(
        &mut self,
        id: SamlVerificationKeyId,
        now: Time,
    ) -> Result<(), Refusal> {
        let settings = self.saml().ok_or(What::NotFound(Thing::SamlConnection))?.without_certificate(id)?;
        self.set(Protocol::Saml(Box::new(settings)), now);
        Ok(())
    }

    /// Removes an encryption key.
    ///
    /// # Errors
    /// There is none with this id.
    pub fn remove_encryption_key(&mut self, id: SamlEncryptionKeyId, now: Time) -> Result<(), Refusal> {
        let settings =
            self.saml().ok_or(What::NotFound(Thing::SamlConnection))?.without_encryption_key(id)?;
        self.set(Protocol::Saml(Box::new(settings)), now);
        Ok(())
    }

    /// Checks that every role the connection assigns exists.
    ///
    /// # Errors
    /// `invalid_rbac_role` with the role's name.
    pub fn check_roles(&self, role_exists: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        match self.role_assignments().roles().find(|role| !role_exists(role)) {
            Some(unknown) => {
                Err(Refusal::new(What::UnknownRole).found(format!("{unknown:?} in a role assignment")))
            }
            None => Ok(()),
        }
    }

    /// The roles that signing in through this connection gives. OpenID Connect connections give none, borrowed or not.
    #[must_use]
    pub fn role_assignments(&self) -> RoleAssignments {
        match &self.protocol {
            Protocol::Saml(settings) => RoleAssignments {
                everybody: settings.connection_roles.clone(),
                groups: settings.group_roles.clone(),
            },
            Protocol::External(settings) if settings.lent_id.kind() == ConnectionKind::Saml => {
                RoleAssignments {
                    everybody: settings.connection_roles.clone(),
                    groups: settings.group_roles.clone(),
                }
            }
            Protocol::Oidc(_) | Protocol::External(_) => RoleAssignments::default(),
        }
    }

    fn set(&mut self, protocol: Protocol, now: Time) {
        self.protocol = protocol;
        self.updated_at = now;
        self.version += 1;
    }
}

fn checked_display_name(name: String) -> Result<String, Refusal> {
    if name.chars().count() > 128 || name.chars().any(char::is_control) {
        return Err(What::Invalid(Field::DisplayName).into());
    }
    Ok(name)
}
